//! The statements behind the workers. All of them blocking, all of them safe beside other processes.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz};
use serde_json::Value;
use uuid::Uuid;

use super::queue;
use crate::error::Result;
use crate::schema::jobs;

/// A worker says this often that it lives …
pub const BEAT: std::time::Duration = std::time::Duration::from_secs(5);
/// … and after this long without a word its jobs go to others.
pub const LOST_AFTER: TimeDelta = TimeDelta::seconds(20);

/// Jobs are at-least-once, so a claim or a record of done that a crash of the database forgets only costs a repeat.
const FAST: &str = "set_config('synchronous_commit', 'off', true) = 'off'";

/// Neither this workspace's part of the queue nor the whole of it is paused.
const NOT_PAUSED: &str = "not exists (select from queue_pauses p where p.queue = j.queue \
     and (p.workspace_id = j.workspace_id or p.workspace_id = '00000000-0000-0000-0000-000000000000'))";

/// A job that a worker holds.
#[derive(Clone, Debug, QueryableByName)]
pub struct Claimed {
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    pub id: Uuid,
    #[diesel(sql_type = Nullable<diesel::sql_types::Uuid>)]
    pub workspace_id: Option<Uuid>,
    #[diesel(sql_type = Text)]
    pub queue: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Jsonb)]
    pub payload: Value,
    #[diesel(sql_type = Integer)]
    pub attempts: i32,
    #[diesel(sql_type = Integer)]
    pub max_attempts: i32,
    #[diesel(sql_type = Timestamptz)]
    pub run_at: DateTime<Utc>,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// Try again later, as long as attempts are left.
    Failed(String),
    /// Trying again would not help.
    Dead(String),
    /// It never ran.
    HandedBack,
}

/// Takes up to `limit` due jobs of a queue that nobody else is taking.
pub fn claim(
    conn: &mut PgConnection,
    queue: &str,
    runner: Uuid,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<Vec<Claimed>> {
    let mut claimed: Vec<Claimed> = sql_query(format!(
        "with due as materialized ( \
           select j.id from jobs j \
           where j.queue = $1 and j.status = 'new' and j.run_at <= $2 and {NOT_PAUSED} \
           order by j.run_at, j.id limit $3 for update of j skip locked) \
         update jobs j set status = 'running', runner_id = $4, heartbeat_at = $2, attempts = j.attempts + 1 \
         from due where j.id = due.id and {FAST} \
         returning j.id, j.workspace_id, j.queue, j.name, j.payload, j.attempts, j.max_attempts, j.run_at"
    ))
    .bind::<Text, _>(queue)
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(limit)
    .bind::<diesel::sql_types::Uuid, _>(runner)
    .load(conn)?;
    claimed.sort_by_key(|job| (job.run_at, job.id));
    Ok(claimed)
}

/// Which of these queues have something due.
pub fn due(conn: &mut PgConnection, queues: &[&str], now: DateTime<Utc>) -> Result<Vec<String>> {
    #[derive(QueryableByName)]
    struct Named {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let due: Vec<Named> = sql_query(format!(
        "select due.name from unnest($1) as due (name) where exists ( \
           select from jobs j where j.queue = due.name and j.status = 'new' and j.run_at <= $2 and {NOT_PAUSED})"
    ))
    .bind::<Array<Text>, _>(queues)
    .bind::<Timestamptz, _>(now)
    .load(conn)?;
    Ok(due.into_iter().map(|queue| queue.name).collect())
}

/// Deletes what is done, unless it went to somebody else meanwhile.
pub fn finish(conn: &mut PgConnection, runner: Uuid, ids: &[Uuid]) -> Result<()> {
    let mine = jobs::table
        .filter(jobs::id.eq_any(ids))
        .filter(jobs::runner_id.eq(runner))
        .filter(set_config("synchronous_commit", "off", true).eq("off"));
    diesel::delete(mine).execute(conn)?;
    Ok(())
}

/// Puts a failed job back for later, or among the dead. Gives whether it is dead now.
pub fn fail(
    conn: &mut PgConnection,
    runner: Uuid,
    id: Uuid,
    error: &str,
    for_good: bool,
    now: DateTime<Utc>,
) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Failed {
        #[diesel(sql_type = Bool)]
        dead: bool,
    }
    let attempts: Option<i32> = jobs::table
        .filter(jobs::id.eq(id))
        .filter(jobs::runner_id.eq(runner))
        .select(jobs::attempts)
        .first(conn)
        .optional()?;
    let Some(attempts) = attempts else {
        return Ok(false);
    };
    let failed: Option<Failed> = sql_query(
        "update jobs set status = case when $1 or attempts >= max_attempts then 'dead' else 'new' end, \
           died_at = case when $1 or attempts >= max_attempts then $2 end, \
           run_at = $3, last_error = $4, runner_id = null, heartbeat_at = null \
         where id = $5 and runner_id = $6 returning status = 'dead' as dead",
    )
    .bind::<Bool, _>(for_good)
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(now + back_off(attempts, rand::random()))
    .bind::<Text, _>(shortened(error))
    .bind::<diesel::sql_types::Uuid, _>(id)
    .bind::<diesel::sql_types::Uuid, _>(runner)
    .get_result(conn)
    .optional()?;
    Ok(failed.is_some_and(|f| f.dead))
}

/// Gives these back untried.
pub fn hand_back(conn: &mut PgConnection, runner: Uuid, ids: &[Uuid]) -> Result<usize> {
    let these = jobs::table.filter(jobs::id.eq_any(ids));
    Ok(diesel::update(these.filter(jobs::runner_id.eq(runner)))
        .set(untried())
        .execute(conn)?)
}

/// Gives back everything that this runner holds.
pub fn hand_back_all(conn: &mut PgConnection, runner: Uuid) -> Result<usize> {
    let mine = jobs::table
        .filter(jobs::runner_id.eq(runner))
        .filter(jobs::status.eq("running"));
    Ok(diesel::update(mine).set(untried()).execute(conn)?)
}

type Untried = (
    diesel::dsl::Eq<jobs::status, &'static str>,
    diesel::dsl::Eq<jobs::runner_id, Option<Uuid>>,
    diesel::dsl::Eq<jobs::heartbeat_at, Option<DateTime<Utc>>>,
    diesel::dsl::Eq<jobs::attempts, diesel::dsl::Sub<jobs::attempts, i32>>,
);

/// As if it had never been claimed.
fn untried() -> Untried {
    (
        jobs::status.eq("new"),
        jobs::runner_id.eq(None),
        jobs::heartbeat_at.eq(None),
        jobs::attempts.eq(jobs::attempts - 1),
    )
}

/// Says that this runner lives, and with it everything it holds.
pub fn beat(conn: &mut PgConnection, runner: Uuid, now: DateTime<Utc>) -> Result<()> {
    let mine = jobs::table
        .filter(jobs::runner_id.eq(runner))
        .filter(jobs::status.eq("running"));
    diesel::update(mine)
        .set(jobs::heartbeat_at.eq(now))
        .execute(conn)?;
    Ok(())
}

/// Takes back what other runners hold but have not spoken for in a while. A job that takes its process down with it
/// each time runs out of attempts like any other.
pub fn take_back_lost(conn: &mut PgConnection, runner: Uuid, now: DateTime<Utc>) -> Result<usize> {
    Ok(sql_query(
        "update jobs set status = case when attempts >= max_attempts then 'dead' else 'new' end, \
           died_at = case when attempts >= max_attempts then $1 end, \
           last_error = 'The process that ran it was lost.', runner_id = null, heartbeat_at = null \
         where status = 'running' and runner_id <> $2 and heartbeat_at < $3",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<diesel::sql_types::Uuid, _>(runner)
    .bind::<Timestamptz, _>(now - LOST_AFTER)
    .execute(conn)?)
}

/// 10 s, 1 min, 6 min, 36 min, then hourly; a fifth of it is left to chance, so that what failed together comes back apart.
pub fn back_off(attempts: i32, chance: f64) -> TimeDelta {
    let exponent = attempts.saturating_sub(1).clamp(0, 6) as u32;
    let seconds = 10 * 6_i64.pow(exponent);
    let seconds = seconds.min(3_600) as f64;
    TimeDelta::milliseconds((seconds * (900.0 + 200.0 * chance)) as i64)
}

const LONGEST_ERROR: usize = 2_000;

fn shortened(error: &str) -> String {
    // PostgreSQL keeps no NUL in text.
    let mut chars = error.chars().filter(|c| *c != '\0');
    let mut text: String = chars.by_ref().take(LONGEST_ERROR).collect();
    if chars.next().is_some() {
        text.push('…');
    }
    text
}

/// What went how since the last time it was written down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub done: i64,
    pub failed: i64,
    pub dead: i64,
}

/// Adds to the counters of this hour.
pub fn tally(
    conn: &mut PgConnection,
    tallies: &[((String, Option<Uuid>), Tally)],
    now: DateTime<Utc>,
) -> Result<()> {
    if tallies.is_empty() {
        return Ok(());
    }
    let queues: Vec<&str> = tallies.iter().map(|((q, _), _)| q.as_str()).collect();
    let workspaces: Vec<Uuid> = tallies
        .iter()
        .map(|((_, w), _)| w.unwrap_or(queue::WHOLE))
        .collect();
    let numbers = |of: fn(&Tally) -> i64| tallies.iter().map(|(_, t)| of(t)).collect::<Vec<_>>();
    sql_query(
        "insert into job_outcomes as o (queue, hour, workspace_id, done, failed, dead) \
         select queue, date_trunc('hour', $1 at time zone 'UTC') at time zone 'UTC', workspace_id, done, failed, dead \
         from unnest($2, $3, $4, $5, $6) as n (queue, workspace_id, done, failed, dead) order by queue, workspace_id \
         on conflict (queue, hour, workspace_id) do update \
         set done = o.done + excluded.done, failed = o.failed + excluded.failed, dead = o.dead + excluded.dead",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<Array<Text>, _>(queues)
    .bind::<Array<diesel::sql_types::Uuid>, _>(workspaces)
    .bind::<Array<BigInt>, _>(numbers(|t| t.done))
    .bind::<Array<BigInt>, _>(numbers(|t| t.failed))
    .bind::<Array<BigInt>, _>(numbers(|t| t.dead))
    .execute(conn)?;
    Ok(())
}

diesel::define_sql_function! {
    fn set_config(name: Text, value: Text, is_local: Bool) -> Text;
}
