//! A contact on its way through a sequence.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use platform::db::Tx;
use platform::events::Changes;
use platform::jobs::Job;
use platform::records::Card;
use platform::schema::{sequence_enrolments, sequences};
use platform::{Error, Result};
use serde::Serialize;
use uuid::Uuid;

use super::plan::Step;
use super::sending::SendStep;
use super::sequence::{Sequence, Status};

#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = sequence_enrolments, check_for_backend(diesel::pg::Pg))]
pub struct Enrolment {
    pub id: Uuid,
    pub sequence_id: Uuid,
    pub contact_id: Uuid,
    pub status: String,
    pub step: i32,
    pub next_at: Option<DateTime<Utc>>,
    pub exit_reason: String,
    pub created_at: DateTime<Utc>,
}

/// More enrolments than these are woken by the sweep that follows.
const WOKEN_AT_ONCE: i64 = 10_000;

/// Puts a contact on a sequence, unless it is on it already; its first step is promised in the same transaction.
pub fn enrol(tx: &mut Tx, sequence: Uuid, contact: Uuid, source: &str) -> Result<bool> {
    let found: Option<Sequence> = sequences::table
        .filter(
            sequences::id
                .eq(sequence)
                .and(sequences::archived_at.is_null()),
        )
        .select(Sequence::as_select())
        .first(&mut **tx)
        .optional()?;
    let Some(sequence) = found else {
        return Ok(false);
    };
    let steps = sequence.steps();
    let Some(first) = steps.first() else {
        return Ok(false);
    };
    let at = due(tx, &sequence, first)?;
    let id = Uuid::now_v7();
    let inserted = diesel::insert_into(sequence_enrolments::table)
        .values((
            sequence_enrolments::id.eq(id),
            sequence_enrolments::sequence_id.eq(sequence.id),
            sequence_enrolments::contact_id.eq(contact),
            sequence_enrolments::next_at.eq(Some(at)),
            sequence_enrolments::source.eq(source),
            sequence_enrolments::created_at.eq(tx.now),
        ))
        .on_conflict_do_nothing()
        .execute(&mut **tx)?;
    if inserted == 1 && sequence.status == Status::Active {
        tx.enqueue(
            SendStep {
                enrolment: id,
                step: 0,
            }
            .new_job_at(at),
        );
    }
    Ok(inserted == 1)
}

/// When a step that follows now goes out.
fn due(tx: &mut Tx, sequence: &Sequence, step: &Step) -> Result<DateTime<Utc>> {
    let window = sequence.window(tx)?;
    Ok(window.next(tx.now + TimeDelta::hours(step.delay_hours.into())))
}

/// Takes the contacts of these addresses off every sequence, or off those about some topics, at once.
pub fn leave(
    tx: &mut Tx,
    emails: &[String],
    topics: Option<&[Uuid]>,
    reason: &str,
) -> Result<usize> {
    let left = sql_query(
        "update sequence_enrolments e set status = 'exited', exit_reason = $3, next_at = null, finished_at = $4 \
         from contacts c, sequences s \
         where c.email = any($1) and e.contact_id = c.id and e.status = 'active' \
           and s.id = e.sequence_id and ($2 is null or s.topic_id = any($2))",
    )
    .bind::<Array<Text>, _>(emails)
    .bind::<Nullable<Array<SqlUuid>>, _>(topics)
    .bind::<Text, _>(reason)
    .bind::<Timestamptz, _>(tx.now)
    .execute(&mut **tx)?;
    Ok(left)
}

/// Promises the next steps of everybody who waited while the sequence was a draft or paused.
pub fn wake(tx: &mut Tx, sequence: &Sequence) -> Result<()> {
    let waiting: Vec<(Uuid, i32, Option<DateTime<Utc>>)> = sequence_enrolments::table
        .filter(sequence_enrolments::sequence_id.eq(sequence.id))
        .filter(sequence_enrolments::status.eq("active"))
        .order(sequence_enrolments::created_at)
        .limit(WOKEN_AT_ONCE)
        .select((
            sequence_enrolments::id,
            sequence_enrolments::step,
            sequence_enrolments::next_at,
        ))
        .load(&mut **tx)?;
    for (enrolment, step, at) in waiting {
        tx.enqueue(SendStep { enrolment, step }.new_job_at(at.unwrap_or(tx.now)));
    }
    Ok(())
}

/// Promises the next steps of contacts that came back; what was promised before and is promised again goes out once.
pub fn resume(tx: &mut Tx, contacts: &[Uuid]) -> Result<()> {
    let waiting: Vec<(Uuid, i32, Option<DateTime<Utc>>)> = sequence_enrolments::table
        .inner_join(
            sequences::table.on(sequences::id
                .eq(sequence_enrolments::sequence_id)
                .and(sequences::status.eq(Status::Active))),
        )
        .filter(sequence_enrolments::contact_id.eq_any(contacts))
        .filter(sequence_enrolments::status.eq("active"))
        .order(sequence_enrolments::created_at)
        .limit(WOKEN_AT_ONCE)
        .select((
            sequence_enrolments::id,
            sequence_enrolments::step,
            sequence_enrolments::next_at,
        ))
        .load(&mut **tx)?;
    for (enrolment, step, at) in waiting {
        tx.enqueue(SendStep { enrolment, step }.new_job_at(at.unwrap_or(tx.now)));
    }
    Ok(())
}

impl Enrolment {
    pub fn is_active(&self) -> bool {
        self.status == "active"
    }

    /// In people's words.
    pub fn state(&self) -> &'static str {
        match self.status.as_str() {
            "active" => "Under way",
            "finished" => "Finished",
            _ => "Left",
        }
    }

    pub fn tone(&self) -> &'static str {
        match self.status.as_str() {
            "active" => "info",
            "finished" => "success",
            _ => "",
        }
    }

    pub fn find(tx: &mut Tx, id: Uuid) -> Result<Option<Enrolment>> {
        Ok(sequence_enrolments::table
            .filter(sequence_enrolments::id.eq(id))
            .select(Enrolment::as_select())
            .for_update()
            .first(&mut **tx)
            .optional()?)
    }

    /// Ends it before its last step.
    pub fn exit(&self, tx: &mut Tx, sequence: &Sequence, reason: &str) -> Result<()> {
        let active = sequence_enrolments::table
            .filter(sequence_enrolments::id.eq(self.id))
            .filter(sequence_enrolments::status.eq("active"));
        let ended = diesel::update(active)
            .set((
                sequence_enrolments::status.eq("exited"),
                sequence_enrolments::exit_reason.eq(reason),
                sequence_enrolments::next_at.eq(None::<DateTime<Utc>>),
                sequence_enrolments::finished_at.eq(Some(tx.now)),
            ))
            .execute(&mut **tx)?;
        if ended == 0 {
            return Err(Error::Conflict(
                "The contact has left this sequence already.".into(),
            ));
        }
        let contact = Card::find(tx, "contact", self.contact_id)?;
        let event = tx.note_event("sequence.exited", &contact.title, Changes::none());
        event.record_kind = Some(contact.kind);
        event.record_id = Some(contact.id);
        event
            .with("sequence", &sequence.name)
            .with("reason", reason);
        Ok(())
    }

    /// On to the step after `done`, or to the end.
    pub fn advance(&self, tx: &mut Tx, sequence: &Sequence, done: i32) -> Result<()> {
        let steps = sequence.steps();
        let next = done + 1;
        let at = match steps.get(next as usize) {
            Some(step) => Some(due(tx, sequence, step)?),
            None => None,
        };
        diesel::update(sequence_enrolments::table.filter(sequence_enrolments::id.eq(self.id)))
            .set((
                sequence_enrolments::step.eq(next),
                sequence_enrolments::next_at.eq(at),
                sequence_enrolments::status.eq(if at.is_some() { "active" } else { "finished" }),
                sequence_enrolments::finished_at.eq(at.is_none().then_some(tx.now)),
            ))
            .execute(&mut **tx)?;
        if let Some(at) = at {
            tx.enqueue(
                SendStep {
                    enrolment: self.id,
                    step: next,
                }
                .new_job_at(at),
            );
        }
        Ok(())
    }
}
