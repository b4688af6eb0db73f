//! Writing, changing, pinning and removing notes.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Serialize;
use uuid::Uuid;

use super::note::{Note, NoteForm, Shown};
use crate::error::{Error, Result};
use crate::records::on::OnRecord;
use crate::web::can::{Archive, Can, Create, Edit, Member, View as See};
use crate::web::{Crumb, Form, Page, Routes, Toast, View, filters};

const NOTES: i64 = 50;

pub fn routes(r: &mut Routes) {
    r.get("/records/{kind}/{id}/notes", index)
        .post("/records/{kind}/{id}/notes", create)
        .get("/records/{kind}/{id}/notes/{note}/edit", edit)
        .patch("/records/{kind}/{id}/notes/{note}", update)
        .delete("/records/{kind}/{id}/notes/{note}", remove)
        .put("/records/{kind}/{id}/notes/{note}/pin", pin)
        .delete("/records/{kind}/{id}/notes/{note}/pin", unpin);
}

/// `/w/{workspace}/records/{kind}/{id}/notes/{note}`; workspace, kind and record are the guards' business.
type NotePath = web::Path<(String, String, Uuid, Uuid)>;

#[derive(Template, Serialize)]
#[template(path = "records/notes.html")]
struct Index {
    items: Vec<Shown>,
    next_cursor: Option<Uuid>,
    #[serde(skip)]
    title: String,
    #[serde(skip)]
    record: String,
    #[serde(skip)]
    zone: chrono_tz::Tz,
}

impl Page for Index {
    fn title(&self) -> String {
        format!("Notes on {}", self.title)
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to(self.title.clone(), self.record.clone()),
            Crumb::here("Notes"),
        ]
    }
}

async fn index(can: Can<See, Note>, on: OnRecord<See>, req: HttpRequest) -> Result<HttpResponse> {
    let mut query = url::form_urlencoded::parse(req.query_string().as_bytes());
    let before = query.find(|(key, _)| key == "cursor");
    let before = before.and_then(|(_, id)| id.parse().ok());
    let (title, mut notes) = on
        .record(move |tx, card| {
            let notes = Note::of_record(tx, card.id, before, NOTES + 1)?;
            Ok((card.title, notes))
        })
        .await?;
    let more = notes.len() as i64 > NOTES;
    notes.truncate(NOTES as usize);
    can.page(Index {
        next_cursor: notes.last().filter(|_| more).map(|note| note.id),
        items: shown(&on, notes),
        title,
        record: on.page_url(),
        zone: on.zone,
    })
}

fn shown(on: &OnRecord<See>, notes: Vec<Note>) -> Vec<Shown> {
    let notes = notes.into_iter();
    notes
        .map(|note| Shown::of(&on.member, &on.kind, note))
        .collect()
}

async fn create(
    can: Can<Create, Note>,
    on: OnRecord<See>,
    form: Form<NoteForm>,
) -> Result<HttpResponse> {
    if !form.is_valid() && !can.asked.json() {
        return editor(&can, &on, StatusCode::UNPROCESSABLE_ENTITY, form, None);
    }
    let form = form.valid()?;
    let kind = on.kind;
    let note = on
        .record(move |tx, card| Note::create(tx, &kind, &card, form))
        .await?;
    if can.asked.json() {
        let shown = Shown::of(&can, &on.kind, note);
        return can.created(&shown.url, 1, &shown, Toast::done("Noted"));
    }
    back(&can, &on, Toast::done("Noted"))
}

/// Somebody else's note on a record that one may see is not there for changing.
async fn change<T: Send + 'static>(
    can: &Can<impl crate::web::Action, Note>,
    on: &OnRecord<See>,
    note: Uuid,
    work: impl FnOnce(&mut crate::db::Tx, &crate::records::Card, Note) -> Result<T> + Send + 'static,
) -> Result<T> {
    let scope = can.scope.clone();
    on.record(move |tx, card| {
        tx.scope = scope;
        let note = Note::find(tx, &card, note)?;
        work(tx, &card, note)
    })
    .await
}

async fn edit(can: Can<Edit, Note>, on: OnRecord<See>, path: NotePath) -> Result<HttpResponse> {
    let (.., note) = path.into_inner();
    let note = change(&can, &on, note, |_, _, note| Ok(note)).await?;
    let form = Form::of(NoteForm {
        body: note.body.clone(),
        pinned: note.pinned,
    });
    editor(&can, &on, StatusCode::OK, form, Some(note.id))
}

async fn update(
    can: Can<Edit, Note>,
    on: OnRecord<See>,
    path: NotePath,
    form: Form<NoteForm>,
) -> Result<HttpResponse> {
    let (.., note) = path.into_inner();
    if !form.is_valid() && !can.asked.json() {
        return editor(
            &can,
            &on,
            StatusCode::UNPROCESSABLE_ENTITY,
            form,
            Some(note),
        );
    }
    let form = form.valid()?;
    let kind = on.kind;
    let note = change(&can, &on, note, move |tx, card, note| {
        note.edit(tx, &kind, card, form)
    })
    .await?;
    if can.asked.json() {
        let shown = Shown::of(&can, &on.kind, note);
        return can.updated(&shown.url, shown.note.version, &shown, Toast::done("Saved"));
    }
    back(&can, &on, Toast::done("Saved"))
}

async fn remove(
    can: Can<Archive, Note>,
    on: OnRecord<See>,
    path: NotePath,
) -> Result<HttpResponse> {
    let (.., note) = path.into_inner();
    change(&can, &on, note, |tx, card, note| note.remove(tx, card)).await?;
    if can.asked.json() {
        return Ok(HttpResponse::NoContent().finish());
    }
    back(&can, &on, Toast::done("The note is removed"))
}

async fn pin(can: Can<Edit, Note>, on: OnRecord<See>, path: NotePath) -> Result<HttpResponse> {
    pinned(can, on, path, true).await
}

async fn unpin(can: Can<Edit, Note>, on: OnRecord<See>, path: NotePath) -> Result<HttpResponse> {
    pinned(can, on, path, false).await
}

async fn pinned(
    can: Can<Edit, Note>,
    on: OnRecord<See>,
    path: NotePath,
    pinned: bool,
) -> Result<HttpResponse> {
    let (.., note) = path.into_inner();
    change(&can, &on, note, move |tx, card, note| {
        note.pin(tx, card, pinned)
    })
    .await?;
    if can.asked.json() {
        return Ok(HttpResponse::NoContent().finish());
    }
    let words = if pinned { "Pinned" } else { "No longer pinned" };
    back(&can, &on, Toast::done(words))
}

/// To the record, or to what stands beside it where only that is to be renewed.
pub fn back(member: &Member, on: &OnRecord<See>, toast: Toast) -> Result<HttpResponse> {
    if member.asked.htmx {
        let path = format!("/records/{}/{}/timeline", on.kind.name, on.id);
        return member.redirect(&member.url(&path), None);
    }
    member.redirect(&on.page_url(), Some(toast))
}

/// The form of a note, alone on a page or in the note's place.
#[derive(Template, Serialize)]
#[template(path = "records/note_form.html", blocks = ["note"])]
struct Editor {
    form: Form<NoteForm>,
    #[serde(skip)]
    id: String,
    #[serde(skip)]
    action: String,
    #[serde(skip)]
    record: String,
}

impl Page for Editor {
    fn title(&self) -> String {
        "Note".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to("Back to the record", self.record.clone()),
            Crumb::here("Note"),
        ]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        // A pinned note stands in two places.
        let note = self.id.strip_prefix("note").unwrap_or_default();
        (id.ends_with(note) || id == "activity").then(|| self.as_note().render())
    }
}

fn editor<A: crate::web::Action>(
    can: &Can<A, Note>,
    on: &OnRecord<See>,
    status: StatusCode,
    form: Form<NoteForm>,
    note: Option<Uuid>,
) -> Result<HttpResponse> {
    if can.asked.json() {
        return Err(form.valid().err().unwrap_or(Error::NotFound));
    }
    let notes = can.url(&format!("/records/{}/{}/notes", on.kind.name, on.id));
    can.page_with(
        status,
        Editor {
            form,
            id: note.map_or("note".into(), |id| format!("note-{id}")),
            action: match note {
                Some(id) => format!("{notes}/{id}?_method=PATCH"),
                None => notes,
            },
            record: on.page_url(),
        },
    )
}
