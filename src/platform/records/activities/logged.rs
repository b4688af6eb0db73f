//! Something that somebody logged: its row, its verbs, and how it stands in a timeline.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::form::LoggedForm;
use crate::db::Tx;
use crate::error::Result;
use crate::events::{Changes, Event};
use crate::records::Card;
use crate::records::kinds::Kind;
use crate::schema::activities;
use crate::text_enum;
use crate::web::can::Member;

text_enum! {
    pub enum LoggedKind {
        Call => "call", "Call";
        Meeting => "meeting", "Meeting";
        Email => "email", "E-mail";
    }
}

text_enum! {
    pub enum Direction {
        Out => "out", "From us";
        In => "in", "To us";
    }
}

text_enum! {
    pub enum Outcome {
        None => "", "No outcome";
        Reached => "reached", "Reached";
        NoAnswer => "no_answer", "No answer";
        LeftMessage => "left_message", "Left a message";
        Busy => "busy", "Busy";
        WrongNumber => "wrong_number", "Wrong number";
        Held => "held", "Took place";
        Cancelled => "cancelled", "Cancelled";
        Replied => "replied", "Replied";
        NoReply => "no_reply", "No reply";
    }
}

#[derive(Clone, Debug, Queryable, Selectable, Serialize, JsonSchema)]
#[diesel(table_name = activities, check_for_backend(diesel::pg::Pg))]
pub struct Logged {
    pub id: Uuid,
    pub record_id: Uuid,
    pub kind: LoggedKind,
    pub direction: Direction,
    pub outcome: Outcome,
    pub subject: String,
    pub body: String,
    pub at: DateTime<Utc>,
    pub minutes: Option<i32>,
    pub author_id: Option<Uuid>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
}

impl Logged {
    pub fn create(tx: &mut Tx, record: &Card, form: &LoggedForm, zone: Tz) -> Result<Logged> {
        let columns = form.columns(tx.now, zone)?;
        let logged: Logged = diesel::insert_into(activities::table)
            .values((
                activities::id.eq(Uuid::now_v7()),
                activities::record_id.eq(record.id),
                activities::author_id.eq(tx.person),
                activities::created_at.eq(tx.now),
                columns,
            ))
            .returning(Logged::as_returning())
            .get_result(&mut **tx)?;
        logged.leave(tx, record, "activity.logged", Changes::of_new(form));
        Ok(logged)
    }

    /// One on this record that this transaction's member may change.
    pub fn find(tx: &mut Tx, record: &Card, id: Uuid) -> Result<Logged> {
        let mut query = activities::table
            .filter(
                activities::id
                    .eq(id)
                    .and(activities::record_id.eq(record.id)),
            )
            .into_boxed();
        if let Some(authors) = tx.scope.owners() {
            query = query.filter(activities::author_id.eq_any(authors.to_vec()));
        }
        Ok(query.select(Logged::as_select()).first(&mut **tx)?)
    }

    pub fn edit(&self, tx: &mut Tx, record: &Card, form: &LoggedForm, zone: Tz) -> Result<Logged> {
        let columns = form.columns(tx.now, zone)?;
        let logged: Logged = diesel::update(activities::table.filter(activities::id.eq(self.id)))
            .set((columns, activities::version.eq(self.version + 1)))
            .returning(Logged::as_returning())
            .get_result(&mut **tx)?;
        let changes = Changes::between(&self.form(), &logged.form());
        if !changes.is_empty() {
            logged.leave(tx, record, "activity.updated", changes);
        }
        Ok(logged)
    }

    /// Takes it away for good; the log keeps what it said.
    pub fn remove(&self, tx: &mut Tx, record: &Card) -> Result<()> {
        let row = activities::table.filter(activities::id.eq(self.id));
        diesel::delete(row).execute(&mut **tx)?;
        let gone = Changes::between(&self.form(), &LoggedForm::default());
        self.leave(tx, record, "activity.removed", gone);
        Ok(())
    }

    /// The form, with the moment as programs write it.
    pub fn form(&self) -> LoggedForm {
        LoggedForm {
            kind: self.kind,
            direction: self.direction,
            outcome: self.outcome,
            subject: self.subject.clone(),
            body: self.body.clone(),
            at: self.at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
            minutes: self.minutes,
        }
    }

    /// Its event belongs to the record that it stands on.
    fn leave(&self, tx: &mut Tx, record: &Card, kind: &'static str, changes: Changes) {
        let event = tx.note_event(kind, &record.title, changes);
        event.record_kind = Some(record.kind.clone());
        event.record_id = Some(record.id);
        event
            .with("activity", self.id)
            .with("text", self.sentence());
    }

    /// What was done, in words that go on from who did it.
    pub fn sentence(&self) -> String {
        match (self.kind, self.direction) {
            (LoggedKind::Call, Direction::Out) => "made a call",
            (LoggedKind::Call, Direction::In) => "took a call",
            (LoggedKind::Meeting, _) => "had a meeting",
            (LoggedKind::Email, Direction::Out) => "wrote an e-mail",
            (LoggedKind::Email, Direction::In) => "got an e-mail",
        }
        .to_owned()
    }

    /// Those that some events are about.
    pub fn of_events(tx: &mut Tx, events: &[Event]) -> Result<Vec<Logged>> {
        let ids = events.iter().filter_map(|event| event.data.get("activity"));
        let ids: Vec<Uuid> = ids.filter_map(|id| id.as_str()?.parse().ok()).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        Ok(activities::table
            .filter(activities::id.eq_any(ids))
            .select(Logged::as_select())
            .load(&mut **tx)?)
    }
}

/// Something logged, as its reader sees it.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    #[serde(flatten)]
    pub logged: Logged,
    #[serde(skip)]
    pub may_edit: bool,
    /// `/w/acme/records/contact/{id}/activities/{activity}`.
    #[serde(skip)]
    pub url: String,
}

impl Shown {
    pub fn of(member: &Member, kind: &Kind, logged: Logged) -> Shown {
        let path = format!(
            "/records/{}/{}/activities/{}",
            kind.name, logged.record_id, logged.id
        );
        Shown {
            may_edit: member.may_with("notes", "edit", logged.author_id),
            url: member.url(&path),
            logged,
        }
    }

    /// As somebody reads it whom nobody knows: to be looked at alone.
    pub fn to_nobody(logged: Logged) -> Shown {
        Shown {
            may_edit: false,
            url: String::new(),
            logged,
        }
    }

    /// `Reached · 12 min`.
    pub fn facts(&self) -> String {
        let outcome = match self.logged.outcome {
            Outcome::None => None,
            outcome => Some(outcome.label().to_owned()),
        };
        let minutes = self.logged.minutes.map(|minutes| format!("{minutes} min"));
        let facts: Vec<String> = outcome.into_iter().chain(minutes).collect();
        facts.join(" · ")
    }
}
