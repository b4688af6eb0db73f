//! Logging calls, meetings and e-mails, changing and removing them. Who may write notes may do it.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Datelike, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::form::LoggedForm;
use super::logged::{Direction, Logged, LoggedKind, Outcome, Shown};
use super::telling::told;
use crate::clock;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::records::Card;
use crate::records::notes::{Note, back};
use crate::records::on::OnRecord;
use crate::records::timeline::{Part, Sought};
use crate::web::can::{Action, Archive, Can, Create, Edit, View as See};
use crate::web::{Crumb, Form, Page, Routes, Toast, View};

const SHOWN: i64 = 100;

pub fn routes(r: &mut Routes) {
    r.get("/activities", super::all::index)
        .get("/records/{kind}/{id}/activities", index)
        .post("/records/{kind}/{id}/activities", create)
        .takes::<LoggedForm>()
        .makes::<Logged>()
        .get("/records/{kind}/{id}/activities/{activity}/edit", edit)
        .patch("/records/{kind}/{id}/activities/{activity}", update)
        .takes::<LoggedForm>()
        .versions::<Logged>()
        .delete("/records/{kind}/{id}/activities/{activity}", remove)
        .does();
}

/// `/w/{workspace}/records/{kind}/{id}/activities/{activity}`.
type LoggedPath = web::Path<(String, String, Uuid, Uuid)>;

#[derive(Serialize)]
struct Index {
    items: Vec<Logged>,
    /// The moment to go on from: `?cursor=…`.
    next_cursor: Option<String>,
}

/// For programs; people have the timeline.
async fn index(can: Can<See, Note>, on: OnRecord<See>) -> Result<HttpResponse> {
    if !can.asked.json() {
        // A record that one may not see is not there.
        on.record(|_, _| Ok(())).await?;
        let path = format!("/records/{}/{}/timeline?part=calls", on.kind.name, on.id);
        return can.redirect(&can.url(&path), None);
    }
    let until = can.asked.param("cursor");
    let until = until.and_then(|at| at.parse::<DateTime<Utc>>().ok());
    let until = until.filter(|at| clock::YEARS.contains(&at.year()));
    let items = on
        .record(move |tx, card| {
            let mut all = Vec::new();
            for part in [Part::Calls, Part::Mails] {
                let sought = Sought {
                    part,
                    words: String::new(),
                };
                all.extend(told(tx, card.id, until, SHOWN + 1, &sought)?.events);
            }
            let mut logged = Logged::of_events(tx, &all)?;
            logged.sort_by_key(|one| std::cmp::Reverse((one.at, one.id)));
            Ok(logged)
        })
        .await?;
    let more = items.len() as i64 > SHOWN;
    let items: Vec<Logged> = items.into_iter().take(SHOWN as usize).collect();
    let next = items.last().filter(|_| more).map(|one| one.at.to_rfc3339());
    Ok(HttpResponse::Ok().json(Index {
        items,
        next_cursor: next,
    }))
}

async fn create(
    can: Can<Create, Note>,
    on: OnRecord<See>,
    form: Form<LoggedForm>,
) -> Result<HttpResponse> {
    if !form.is_valid() {
        return editor(&can, &on, form, None);
    }
    let (data, zone) = (form.data.clone(), can.zone);
    let made = on.record(move |tx, card| Logged::create(tx, &card, &data, zone));
    match made.await {
        Ok(logged) => {
            let words = format!("{} logged", logged.kind.label());
            let shown = Shown::of(&can, &on.kind, logged);
            match can.asked.json() {
                true => can.created(&shown.url, 1, &shown, Toast::done(words)),
                false => back(&can, &on, Toast::done(words)),
            }
        }
        Err(Error::Invalid(problems)) => {
            let mut form = form;
            form.refuse_all(problems);
            editor(&can, &on, form, None)
        }
        Err(error) => Err(error),
    }
}

/// Somebody else's on a record that one may see is not there for changing.
async fn change<T: Send + 'static>(
    can: &Can<impl Action, Note>,
    on: &OnRecord<See>,
    id: Uuid,
    work: impl FnOnce(&mut Tx, &Card, Logged) -> Result<T> + Send + 'static,
) -> Result<T> {
    let scope = can.scope.clone();
    on.record(move |tx, card| {
        tx.scope = scope;
        let logged = Logged::find(tx, &card, id)?;
        work(tx, &card, logged)
    })
    .await
}

async fn edit(can: Can<Edit, Note>, on: OnRecord<See>, path: LoggedPath) -> Result<HttpResponse> {
    let (.., id) = path.into_inner();
    let logged = change(&can, &on, id, |_, _, logged| Ok(logged)).await?;
    editor(&can, &on, Form::of(logged.form()), Some(id))
}

async fn update(
    can: Can<Edit, Note>,
    on: OnRecord<See>,
    path: LoggedPath,
    form: Form<LoggedForm>,
) -> Result<HttpResponse> {
    let (.., id) = path.into_inner();
    let known = change(&can, &on, id, |_, _, logged| Ok(logged)).await?;
    let form = form.over(&known.form());
    if !form.is_valid() {
        return editor(&can, &on, form, Some(id));
    }
    let (data, zone) = (form.data.clone(), can.zone);
    let work = change(&can, &on, id, move |tx, card, logged| {
        logged.edit(tx, card, &data, zone)
    });
    match work.await {
        Ok(logged) => {
            let shown = Shown::of(&can, &on.kind, logged);
            let version = shown.logged.version;
            match can.asked.json() {
                true => can.updated(&shown.url, version, &shown, Toast::done("Saved")),
                false => back(&can, &on, Toast::done("Saved")),
            }
        }
        Err(Error::Invalid(problems)) => {
            let mut form = form;
            form.refuse_all(problems);
            editor(&can, &on, form, Some(id))
        }
        Err(error) => Err(error),
    }
}

async fn remove(
    can: Can<Archive, Note>,
    on: OnRecord<See>,
    path: LoggedPath,
) -> Result<HttpResponse> {
    let (.., id) = path.into_inner();
    change(&can, &on, id, |tx, card, logged| logged.remove(tx, card)).await?;
    if can.asked.json() {
        return Ok(HttpResponse::NoContent().finish());
    }
    back(&can, &on, Toast::done("It is removed"))
}

/// The form, alone on a page or in the place of what it changes.
#[derive(Template, Serialize)]
#[template(path = "records/logged_form.html", blocks = ["logged"])]
struct Editor {
    form: Form<LoggedForm>,
    #[serde(skip)]
    id: String,
    #[serde(skip)]
    action: String,
    #[serde(skip)]
    record: String,
    #[serde(skip)]
    zone: chrono_tz::Tz,
}

impl Page for Editor {
    fn title(&self) -> String {
        LoggedKind::parse(&self.form.value("kind"))
            .unwrap_or(LoggedKind::Call)
            .label()
            .to_owned()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to("Back to the record", self.record.clone()),
            Crumb::here(self.title()),
        ]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        (id == self.id || id == "activity").then(|| self.as_logged().render())
    }
}

impl Editor {
    fn kinds(&self) -> Vec<(&'static str, &'static str)> {
        LoggedKind::options()
    }
    fn directions(&self) -> Vec<(&'static str, &'static str)> {
        Direction::options()
    }
    fn outcomes(&self) -> Vec<(&'static str, &'static str)> {
        Outcome::options()
    }
    /// The moment on the clock of whoever looks, or as they typed it.
    fn at(&self) -> String {
        let typed = self.form.value("at");
        match chrono::DateTime::parse_from_rfc3339(&typed) {
            Ok(at) => at
                .with_timezone(&self.zone)
                .format("%Y-%m-%dT%H:%M")
                .to_string(),
            Err(_) => typed,
        }
    }
}

fn editor<A: Action>(
    can: &Can<A, Note>,
    on: &OnRecord<See>,
    form: Form<LoggedForm>,
    id: Option<Uuid>,
) -> Result<HttpResponse> {
    if can.asked.json() {
        return Err(form.valid().err().unwrap_or(Error::NotFound));
    }
    let all = can.url(&format!("/records/{}/{}/activities", on.kind.name, on.id));
    let status = match form.is_valid() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let page = Editor {
        id: id.map_or("logged".into(), |id| format!("logged-{id}")),
        action: match id {
            Some(id) => format!("{all}/{id}?_method=PATCH"),
            None => all,
        },
        record: on.page_url(),
        zone: can.zone,
        form,
    };
    can.page_with(status, page)
}
