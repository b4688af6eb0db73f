//! The list of suppressed addresses, and its API.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono_tz::Tz;
use platform::Result;
use platform::records::list::{List, ListParams};
use platform::records::setup::Setup;
use platform::web::can::{Archive, Create, View as See};
use platform::web::{Can, Crumb, Form, Page, Toast, View, filters};
use serde::Serialize;
use uuid::Uuid;

use super::form::{Added, SuppressForm};
use super::suppression::{Reason, Suppression};

type Id = web::Path<(String, Uuid)>;

const PATH: &str = "/suppressions";

#[derive(Template, Serialize)]
#[template(path = "marketing/suppressions/index.html", blocks = ["results"])]
struct Index {
    #[serde(flatten)]
    list: List<Suppression>,
    #[serde(skip)]
    params: ListParams,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    zone: Tz,
    #[serde(skip)]
    setup: Arc<Setup>,
    #[serde(skip)]
    may_create: bool,
    #[serde(skip)]
    may_archive: bool,
}

impl Page for Index {
    fn title(&self) -> String {
        "Suppressions".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![Crumb::here("Suppressions")]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        (id == "results").then(|| self.as_results().render())
    }
}

impl Index {
    fn new_url(&self) -> String {
        format!("{}/new", self.base)
    }
    fn url(&self, row: &Suppression) -> String {
        format!("{}/{}", self.base, row.id)
    }
    fn page_url(&self, cursor: &Option<String>) -> String {
        let url = |c: &String| format!("{}{}", self.base, self.params.url(&[("cursor", c)]));
        cursor.as_ref().map(url).unwrap_or_default()
    }
    fn lift_label(&self, row: &Suppression) -> String {
        format!("Let {} be written to again", row.email)
    }
    /// By what or whom.
    fn by(&self, row: &Suppression) -> String {
        let person = row.created_by.and_then(|id| self.setup.person(id));
        match person {
            Some(person) => format!("{}, {}", row.source, person.name),
            None => row.source.clone(),
        }
    }
}

pub async fn index(can: Can<See, Suppression>) -> Result<HttpResponse> {
    let mut params = ListParams::read(&can.asked.query)?;
    params.counted = true;
    let asked = params.clone();
    let list = can.tx(move |tx| Suppression::list(tx, &asked)).await?;
    can.page(Index {
        list,
        params,
        base: can.url(PATH),
        zone: can.zone,
        setup: can.setup.clone(),
        may_create: can.may("suppressions", "create"),
        may_archive: can.may("suppressions", "archive"),
    })
}

/// For programs; people have the list.
pub async fn show(can: Can<See, Suppression>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let found = can.tx(move |tx| Suppression::find(tx, id)).await?;
    if can.asked.json() {
        return Ok(HttpResponse::Ok().json(found));
    }
    let query = url::form_urlencoded::byte_serialize(found.email.as_bytes());
    let search: String = query.collect();
    can.redirect(&can.url(&format!("{PATH}?search={search}")), None)
}

#[derive(Template, Serialize)]
#[template(path = "marketing/suppressions/form.html")]
struct Editor {
    form: Form<SuppressForm>,
    #[serde(skip)]
    base: String,
}

impl Page for Editor {
    fn title(&self) -> String {
        "Suppress addresses".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to("Suppressions", &self.base),
            Crumb::here("Suppress addresses"),
        ]
    }
}

impl Editor {
    fn reasons(&self) -> Vec<(&'static str, &'static str)> {
        let all = Reason::CHOICES.iter();
        all.map(|reason| (reason.key, reason.label)).collect()
    }
}

pub async fn new(can: Can<Create, Suppression>) -> Result<HttpResponse> {
    editor(&can, Form::of(SuppressForm::default()))
}

fn editor(can: &Can<Create, Suppression>, form: Form<SuppressForm>) -> Result<HttpResponse> {
    form.for_people(&can.asked)?;
    let base = can.url(PATH);
    can.page_with(form.status(), Editor { form, base })
}

pub async fn create(
    can: Can<Create, Suppression>,
    form: Form<SuppressForm>,
) -> Result<HttpResponse> {
    match form.write(&can, |tx, wanted| wanted.suppress(tx)).await? {
        Ok(added) => answer(&can, added),
        Err(form) => editor(&can, form),
    }
}

fn answer(can: &Can<Create, Suppression>, done: Added) -> Result<HttpResponse> {
    if can.asked.json() {
        return Ok(HttpResponse::Created().json(done));
    }
    let addresses = |n: usize| match n {
        1 => "1 address".to_owned(),
        n => format!("{} addresses", filters::thousands(&n.to_string())),
    };
    let text = match done {
        Added { added, known: 0 } => format!("{} suppressed", addresses(added)),
        Added { added: 0, .. } => "On the list already".to_owned(),
        Added { added, known } => format!(
            "{} suppressed, {} on the list already",
            addresses(added),
            addresses(known)
        ),
    };
    can.redirect(&can.url(PATH), Some(Toast::done(text)))
}

pub async fn lift(can: Can<Archive, Suppression>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let lifted = can.tx(move |tx| {
        let found = Suppression::find(tx, id)?;
        found.lift(tx)?;
        Ok(found)
    });
    let lifted = lifted.await?;
    let text = format!("{} may be written to again", lifted.email);
    can.done(&can.url(PATH), Toast::done(text))
}
