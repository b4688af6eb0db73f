//! A note: its row, its verbs, and how it stands in a timeline.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use super::rich;
use crate::db::Tx;
use crate::error::Result;
use crate::events::{Changes, Event};
use crate::records::Card;
use crate::records::kinds::Kind;
use crate::records::seers;
use crate::schema::{followers, notes, notifications};
use crate::web::Resource;
use crate::web::can::Member;

/// More than anybody pins.
const MOST_PINNED: i64 = 20;
/// And than anybody names at once.
const MOST_NAMED: usize = 50;

#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = notes, check_for_backend(diesel::pg::Pg))]
pub struct Note {
    pub id: Uuid,
    pub record_id: Uuid,
    pub body: String,
    /// As it is shown; empty for notes from before notes were formatted.
    pub html: String,
    pub author_id: Option<Uuid>,
    pub pinned: bool,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct NoteForm {
    #[validate(length(
        min = 1,
        max = 50_000,
        message = "Please write something, in at most 50,000 characters."
    ))]
    pub body: String,
    pub pinned: bool,
}

impl Resource for Note {
    const NAME: &'static str = "notes";
}

impl Note {
    /// Whether it stands as it was typed, from before notes were formatted.
    pub fn is_plain(&self) -> bool {
        self.html.is_empty()
    }

    pub fn create(tx: &mut Tx, kind: &Kind, record: &Card, form: NoteForm) -> Result<Note> {
        let people = rich::colleagues(tx, &form.body)?;
        let note: Note = diesel::insert_into(notes::table)
            .values((
                notes::id.eq(Uuid::now_v7()),
                notes::record_id.eq(record.id),
                notes::html.eq(rich::rendered(&form.body, &people)),
                notes::body.eq(form.body),
                notes::pinned.eq(form.pinned),
                notes::author_id.eq(tx.person),
                notes::created_at.eq(tx.now),
                notes::updated_at.eq(tx.now),
            ))
            .returning(Note::as_returning())
            .get_result(&mut **tx)?;
        let named = rich::mentioned(&note.body, &people);
        let event = note.leave(tx, record, "note.created", Changes::none());
        tell(tx, kind, record, event, &named)?;
        Ok(note)
    }

    /// One on this record that this transaction's member may change.
    pub fn find(tx: &mut Tx, record: &Card, id: Uuid) -> Result<Note> {
        let mut query = notes::table
            .filter(notes::id.eq(id).and(notes::record_id.eq(record.id)))
            .into_boxed();
        if let Some(authors) = tx.scope.owners() {
            query = query.filter(notes::author_id.eq_any(authors.to_vec()));
        }
        Ok(query.select(Note::as_select()).first(&mut **tx)?)
    }

    pub fn edit(&self, tx: &mut Tx, kind: &Kind, record: &Card, form: NoteForm) -> Result<Note> {
        if form.body == self.body {
            return Ok(self.clone());
        }
        let people = rich::colleagues(tx, &form.body)?;
        let note: Note = diesel::update(notes::table.filter(notes::id.eq(self.id)))
            .set((
                notes::html.eq(rich::rendered(&form.body, &people)),
                notes::body.eq(&form.body),
                notes::version.eq(self.version + 1),
                notes::updated_at.eq(tx.now),
            ))
            .returning(Note::as_returning())
            .get_result(&mut **tx)?;
        let changes = Changes::none().set("body", &self.body, &form.body);
        let event = note.leave(tx, record, "note.updated", changes);
        // Who was named before has heard of it.
        let before = rich::mentioned(&self.body, &people);
        let mut named = rich::mentioned(&note.body, &people);
        named.retain(|id| !before.contains(id));
        tell(tx, kind, record, event, &named)?;
        Ok(note)
    }

    pub fn pin(&self, tx: &mut Tx, record: &Card, pinned: bool) -> Result<()> {
        if self.pinned == pinned {
            return Ok(());
        }
        diesel::update(notes::table.filter(notes::id.eq(self.id)))
            .set(notes::pinned.eq(pinned))
            .execute(&mut **tx)?;
        let kind = if pinned {
            "note.pinned"
        } else {
            "note.unpinned"
        };
        self.leave(tx, record, kind, Changes::none());
        Ok(())
    }

    /// Takes the note away for good; the log keeps what it said.
    pub fn remove(&self, tx: &mut Tx, record: &Card) -> Result<()> {
        diesel::delete(notes::table.filter(notes::id.eq(self.id))).execute(&mut **tx)?;
        let changes = Changes::none().set("body", &self.body, "");
        self.leave(tx, record, "note.removed", changes);
        Ok(())
    }

    /// A note's event belongs to the record that it stands on.
    fn leave(&self, tx: &mut Tx, record: &Card, kind: &'static str, changes: Changes) -> Uuid {
        let event = tx.note_event(kind, &record.title, changes);
        event.record_kind = Some(record.kind.clone());
        event.record_id = Some(record.id);
        event.with("note", self.id);
        event.id
    }

    pub fn pinned(tx: &mut Tx, record: Uuid) -> Result<Vec<Note>> {
        Ok(notes::table
            .filter(notes::record_id.eq(record).and(notes::pinned))
            .order((notes::created_at.desc(), notes::id.desc()))
            .limit(MOST_PINNED)
            .select(Note::as_select())
            .load(&mut **tx)?)
    }

    /// The notes that some events are about.
    pub fn of_events(tx: &mut Tx, events: &[Event]) -> Result<Vec<Note>> {
        let ids = events.iter().filter_map(|event| event.data.get("note"));
        let ids: Vec<Uuid> = ids.filter_map(|id| id.as_str()?.parse().ok()).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        Ok(notes::table
            .filter(notes::id.eq_any(ids))
            .select(Note::as_select())
            .load(&mut **tx)?)
    }

    /// The notes of a record, newest first; `before` is the last one already shown.
    pub fn of_record(
        tx: &mut Tx,
        record: Uuid,
        before: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Note>> {
        let mut query = notes::table
            .filter(notes::record_id.eq(record))
            .into_boxed();
        // The ids are made in the order of time.
        if let Some(before) = before {
            query = query.filter(notes::id.lt(before));
        }
        Ok(query
            .order(notes::id.desc())
            .limit(limit)
            .select(Note::as_select())
            .load(&mut **tx)?)
    }
}

/// Tells those who are named and may see the record, and lets them hear of what happens to it from now on.
fn tell(tx: &mut Tx, kind: &Kind, record: &Card, event: Uuid, named: &[Uuid]) -> Result<()> {
    let named = named.iter().filter(|id| Some(**id) != tx.person);
    let named: Vec<Uuid> = named.copied().take(MOST_NAMED).collect();
    if named.is_empty() {
        return Ok(());
    }
    let named = seers::among(tx, kind.resource(), record, &named)?;
    if named.is_empty() {
        return Ok(());
    }
    let (origin, now) = (tx.origin.clone(), tx.now);
    let rows: Vec<_> = named
        .iter()
        .map(|id| {
            (
                notifications::id.eq(Uuid::now_v7()),
                notifications::person_id.eq(id),
                notifications::kind.eq("note.mentioned"),
                notifications::title.eq(&record.title),
                notifications::record_id.eq(Some(record.id)),
                notifications::event_id.eq(Some(event)),
                notifications::actor_name.eq(&origin.name),
                notifications::created_at.eq(now),
            )
        })
        .collect();
    diesel::insert_into(notifications::table)
        .values(rows)
        .execute(&mut **tx)?;
    let follow = named.iter().map(|id| {
        (
            followers::record_id.eq(record.id),
            followers::person_id.eq(id),
        )
    });
    diesel::insert_into(followers::table)
        .values(follow.collect::<Vec<_>>())
        .on_conflict_do_nothing()
        .execute(&mut **tx)?;
    Ok(())
}

/// A note as its reader sees it.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    #[serde(flatten)]
    pub note: Note,
    pub author: String,
    #[serde(skip)]
    pub may_edit: bool,
    /// `/w/acme/records/contact/{id}/notes/{note}`.
    #[serde(skip)]
    pub url: String,
}

impl Shown {
    /// As somebody reads it whom nobody knows: to be looked at alone.
    pub fn to_nobody(mut note: Note, author: String) -> Shown {
        note.html = rich::clean(&note.html);
        Shown {
            author,
            may_edit: false,
            url: String::new(),
            note,
        }
    }

    pub fn of(member: &Member, kind: &Kind, mut note: Note) -> Shown {
        note.html = rich::clean(&note.html);
        let author = note.author_id.and_then(|id| member.setup.person(id));
        Shown {
            author: author.map_or("Somebody who left".into(), |p| p.name.clone()),
            may_edit: member.may_with("notes", "edit", note.author_id),
            url: member.url(&format!(
                "/records/{}/{}/notes/{}",
                kind.name, note.record_id, note.id
            )),
            note,
        }
    }
}
