//! The queues as a workspace sees them: its own part, and how busy the whole is.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz};
use platform::db::Tx;
use platform::jobs::queue::{self, WHOLE};
use platform::records::list::COUNTED;
use platform::schema::queue_pauses;
use platform::{Error, Result};
use serde::Serialize;
use uuid::Uuid;

use super::Mine;

/// The numbers of one queue; each stops counting at 10,000.
#[derive(Clone, Debug, Default, PartialEq, Serialize, QueryableByName)]
pub struct QueueRow {
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = BigInt)]
    pub waiting: i64,
    /// Of those waiting, the ones that failed before.
    #[diesel(sql_type = BigInt)]
    pub retrying: i64,
    #[diesel(sql_type = BigInt)]
    pub running: i64,
    #[diesel(sql_type = BigInt)]
    pub dead: i64,
    /// In the last 24 hours.
    #[diesel(sql_type = BigInt)]
    pub done: i64,
    #[diesel(sql_type = BigInt)]
    pub failed: i64,
    /// Of all workspaces together: why one's own have to wait.
    #[diesel(sql_type = BigInt)]
    pub waiting_everywhere: i64,
    #[diesel(sql_type = BigInt)]
    pub running_everywhere: i64,
    /// Since when the job that is due longest has been waiting.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub due_since: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    pub paused: bool,
    #[diesel(sql_type = Bool)]
    pub paused_everywhere: bool,
}

/// What people call a queue.
pub fn label(name: &str) -> String {
    let mut chars = name.chars();
    match (name, chars.next()) {
        ("ai", _) => "AI".into(),
        ("email", _) => "E-mail".into(),
        (_, Some(first)) => first.to_uppercase().chain(chars).collect(),
        (_, None) => String::new(),
    }
}

/// How many jobs of the queue `q.name` are in a state, of those that `whose` holds for; more than 10,000 are not counted.
pub fn count(status: &str, whose: &str) -> String {
    let most = COUNTED + 1;
    format!(
        "(select count(*) from (select from jobs where queue = q.name and status = '{status}' and {whose} limit {most}) c)"
    )
}

impl QueueRow {
    pub fn label(&self) -> String {
        label(&self.name)
    }

    pub(super) fn all(tx: &mut Tx, mine: Mine) -> Result<Vec<QueueRow>> {
        let names: Vec<&str> = queue::ALL.iter().map(|queue| queue.name).collect();
        let (mine, most) = (mine.condition(), COUNTED + 1);
        let rows = sql_query(format!(
            "select q.name, w.waiting, w.retrying, {} running, {} dead, {} waiting_everywhere, {} running_everywhere, \
               coalesce(o.done, 0)::bigint done, coalesce(o.failed, 0)::bigint failed, \
               (select min(run_at) from jobs where queue = q.name and status = 'new' and run_at <= $3 and {mine}) due_since, \
               exists (select from queue_pauses where queue = q.name and workspace_id = $4) paused, \
               exists (select from queue_pauses where queue = q.name and workspace_id = $5) paused_everywhere \
             from unnest($1) with ordinality as q (name, place) \
             cross join lateral (select count(*) waiting, count(*) filter (where attempts > 0) retrying from \
               (select attempts from jobs where queue = q.name and status = 'new' and {mine} limit {most}) c) w \
             left join lateral (select sum(done) done, sum(failed) failed from job_outcomes \
               where queue = q.name and workspace_id = $4 and hour >= $2) o on true \
             order by q.place",
            count("running", &mine),
            count("dead", &mine),
            count("new", "true"),
            count("running", "true"),
        ))
        .bind::<Array<Text>, _>(names)
        .bind::<Timestamptz, _>(tx.now - TimeDelta::hours(24))
        .bind::<Timestamptz, _>(tx.now)
        .bind::<diesel::sql_types::Uuid, _>(tx.workspace)
        .bind::<diesel::sql_types::Uuid, _>(WHOLE)
        .load(&mut **tx)?;
        Ok(rows)
    }
}

/// Stops a queue for this workspace, or for everybody.
pub fn pause(tx: &mut Tx, name: &str, everywhere: bool) -> Result<()> {
    known(name)?;
    let paused_by = tx.origin.name.clone();
    let row = (
        queue_pauses::queue.eq(name),
        queue_pauses::workspace_id.eq(whose(tx, everywhere)),
        queue_pauses::paused_by.eq(paused_by),
        queue_pauses::paused_at.eq(tx.now),
    );
    diesel::insert_into(queue_pauses::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(&mut **tx)?;
    tx.note_event("queue.paused", name, platform::events::Changes::none())
        .with("everywhere", everywhere);
    Ok(())
}

pub fn resume(tx: &mut Tx, name: &str, everywhere: bool) -> Result<()> {
    known(name)?;
    diesel::delete(queue_pauses::table.find((name, whose(tx, everywhere)))).execute(&mut **tx)?;
    tx.note_event("queue.resumed", name, platform::events::Changes::none())
        .with("everywhere", everywhere);
    Ok(())
}

fn whose(tx: &Tx, everywhere: bool) -> Uuid {
    if everywhere { WHOLE } else { tx.workspace }
}

fn known(name: &str) -> Result<()> {
    queue::named(name).map(|_| ()).ok_or(Error::NotFound)
}
