//! Recurring work: a visible row for each, and a lease that lets one process at a time run it.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Text, Timestamptz};
use uuid::Uuid;

use super::context::{Doors, MACHINE};
use super::runner::told;
use crate::db::Tx;
use crate::db::tx::Subject;
use crate::error::{Error, Result};
use crate::schema::{job_schedules, workspaces};
use crate::web::App;

/// A runner that is not heard of for this long has lost its lease.
const LEASE: TimeDelta = TimeDelta::seconds(20);
/// A row that nobody has registered or run for this long belongs to a schedule that is no more.
const FORGOTTEN: TimeDelta = TimeDelta::days(1);

type Run = Arc<dyn Fn(Sweep) -> Pin<Box<dyn Future<Output = Result<String>> + Send>> + Send + Sync>;

#[derive(Clone)]
pub struct Schedule {
    /// `domain.verb_noun`.
    pub name: &'static str,
    /// What people see.
    pub label: &'static str,
    pub cadence: Cadence,
    pub timeout: Duration,
    run: Run,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cadence {
    Every(Duration),
    /// In UTC.
    DailyAt(NaiveTime),
}

impl Schedule {
    /// `run` gives a few words on what came of it, such as "3 sessions removed".
    pub fn every<F>(
        name: &'static str,
        label: &'static str,
        seconds: u64,
        run: fn(Sweep) -> F,
    ) -> Schedule
    where
        F: Future<Output = Result<String>> + Send + 'static,
    {
        let cadence = Cadence::Every(Duration::from_secs(seconds.max(1)));
        Schedule::new(name, label, cadence, run)
    }

    /// The same at an hour of the day, in UTC.
    pub fn daily_at<F>(
        name: &'static str,
        label: &'static str,
        hour: u32,
        run: fn(Sweep) -> F,
    ) -> Schedule
    where
        F: Future<Output = Result<String>> + Send + 'static,
    {
        let at = NaiveTime::from_hms_opt(hour % 24, 0, 0).unwrap_or_default();
        Schedule::new(name, label, Cadence::DailyAt(at), run)
    }

    fn new<F>(
        name: &'static str,
        label: &'static str,
        cadence: Cadence,
        run: fn(Sweep) -> F,
    ) -> Schedule
    where
        F: Future<Output = Result<String>> + Send + 'static,
    {
        Schedule {
            name,
            label,
            cadence,
            timeout: Duration::from_secs(15 * 60),
            run: Arc::new(move |sweep| Box::pin(run(sweep))),
        }
    }

    pub fn within(mut self, timeout: Duration) -> Schedule {
        self.timeout = timeout;
        self
    }

    /// One run to its end; the words for the page, or what went wrong.
    pub(super) async fn run(&self, sweep: Sweep) -> std::result::Result<String, String> {
        use futures_util::FutureExt;
        let work = std::panic::AssertUnwindSafe((self.run)(sweep)).catch_unwind();
        match tokio::time::timeout(self.timeout, work).await {
            Ok(Ok(Ok(words))) => Ok(words),
            Ok(Ok(Err(error))) => Err(told(&error)),
            Ok(Err(panic)) => Err(format!("It panicked: {}", super::runner::said(&*panic))),
            Err(_) => Err(format!(
                "It took longer than its limit of {} s and was stopped.",
                self.timeout.as_secs()
            )),
        }
    }
}

impl Cadence {
    /// The first time after a run that began at `began`.
    pub fn next(self, began: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Cadence::Every(period) => {
                let period = TimeDelta::from_std(period).unwrap_or(TimeDelta::days(1));
                (began + period).max(now)
            }
            Cadence::DailyAt(time) => {
                let today = now.date_naive().and_time(time).and_utc();
                if today > now {
                    today
                } else {
                    today + TimeDelta::days(1)
                }
            }
        }
    }
}

impl fmt::Display for Cadence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cadence::Every(period) => {
                let seconds = period.as_secs();
                match (seconds % 3_600, seconds % 60) {
                    _ if seconds == 60 => f.write_str("every minute"),
                    _ if seconds == 3_600 => f.write_str("every hour"),
                    (0, _) => write!(f, "every {} h", seconds / 3_600),
                    (_, 0) => write!(f, "every {} min", seconds / 60),
                    _ => write!(f, "every {seconds} s"),
                }
            }
            Cadence::DailyAt(time) => write!(f, "daily at {} UTC", time.format("%H:%M")),
        }
    }
}

/// What a run can reach: the installation, and each workspace in turn.
#[derive(Clone)]
pub struct Sweep {
    pub app: Arc<App>,
    pub(super) doors: Doors,
}

const WORKSPACES_A_PAGE: i64 = 500;

/// What came of a sweep over all workspaces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    pub workspaces: i64,
    pub total: i64,
}

impl Sweep {
    /// Runs `work` in one workspace.
    pub async fn tx<T: Send + 'static>(
        &self,
        workspace: Uuid,
        work: impl FnOnce(&mut Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let subject = Subject::machine(workspace, MACHINE);
        self.doors.tx(&self.app, subject, work).await
    }

    /// For tables outside the fence.
    pub async fn directory<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut PgConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.doors.directory(&self.app, work).await
    }

    /// Goes through all workspaces, each in a transaction of its own, and adds up what `work` gives. One that fails
    /// doesn't keep the others waiting; it is told at the end.
    pub async fn each(
        &self,
        work: impl Fn(&mut Tx) -> Result<i64> + Clone + Send + 'static,
    ) -> Result<Swept> {
        let mut swept = Swept::default();
        let mut failed: Vec<String> = Vec::new();
        let mut last = Uuid::nil();
        loop {
            let page = self.workspaces(last).await?;
            let Some((newest, _)) = page.last() else {
                break;
            };
            last = *newest;
            for (id, slug) in page {
                swept.workspaces += 1;
                match self.tx(id, work.clone()).await {
                    Ok(n) => swept.total += n,
                    Err(error) => failed.push(format!("{slug}: {}", told(&error))),
                }
            }
        }
        match failed.first() {
            None => Ok(swept),
            Some(first) => Err(Error::internal(format!(
                "{} of {} workspaces failed; the first was {first}",
                failed.len(),
                swept.workspaces
            ))),
        }
    }

    async fn workspaces(&self, after: Uuid) -> Result<Vec<(Uuid, String)>> {
        self.directory(move |conn| {
            Ok(workspaces::table
                .filter(workspaces::id.gt(after))
                .order(workspaces::id)
                .limit(WORKSPACES_A_PAGE)
                .select((workspaces::id, workspaces::slug))
                .load(conn)?)
        })
        .await
    }
}

/// Makes the rows of these schedules, and forgets those that are no more.
pub(super) fn register(
    conn: &mut PgConnection,
    schedules: &[Schedule],
    now: DateTime<Utc>,
) -> Result<()> {
    for schedule in schedules {
        let cadence = schedule.cadence.to_string();
        let next = schedule.cadence.next(now, now);
        // Where the cadence is another than before, the time that was planned is too.
        sql_query(
            "insert into job_schedules as s (name, label, cadence, next_run) values ($1, $2, $3, $4) \
             on conflict (name) do update set label = excluded.label, cadence = excluded.cadence, \
               next_run = case when s.cadence = excluded.cadence then s.next_run else excluded.next_run end \
             where (s.label, s.cadence) is distinct from (excluded.label, excluded.cadence)",
        )
        .bind::<Text, _>(schedule.name)
        .bind::<Text, _>(schedule.label)
        .bind::<Text, _>(cadence)
        .bind::<Timestamptz, _>(next)
        .execute(conn)?;
    }
    let names: Vec<_> = schedules.iter().map(|s| s.name).collect();
    let gone = job_schedules::table
        .filter(job_schedules::name.ne_all(names))
        .filter(job_schedules::next_run.lt(now - FORGOTTEN));
    diesel::delete(gone).execute(conn)?;
    Ok(())
}

/// Takes the lease of each of these that is due and that nobody runs.
pub(super) fn claim_due(
    conn: &mut PgConnection,
    names: &[&str],
    runner: Uuid,
    now: DateTime<Utc>,
) -> Result<Vec<String>> {
    #[derive(QueryableByName)]
    struct Named {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let due: Vec<Named> = sql_query(
        "with due as materialized ( \
           select name from job_schedules where name = any($1) and next_run <= $2 \
             and (running_by is null or lease_until < $2) for update skip locked) \
         update job_schedules s set running_by = $3, lease_until = $4, last_run = $2 \
         from due where s.name = due.name returning s.name",
    )
    .bind::<Array<Text>, _>(names)
    .bind::<Timestamptz, _>(now)
    .bind::<diesel::sql_types::Uuid, _>(runner)
    .bind::<Timestamptz, _>(now + LEASE)
    .load(conn)?;
    Ok(due.into_iter().map(|s| s.name).collect())
}

/// Keeps the leases of what this runner is running.
pub(super) fn keep(conn: &mut PgConnection, runner: Uuid, now: DateTime<Utc>) -> Result<()> {
    diesel::update(job_schedules::table.filter(job_schedules::running_by.eq(runner)))
        .set(job_schedules::lease_until.eq(now + LEASE))
        .execute(conn)?;
    Ok(())
}

/// Writes down how it went, unless the lease was lost.
pub(super) fn finish(
    conn: &mut PgConnection,
    schedule: &Schedule,
    runner: Uuid,
    result: std::result::Result<String, String>,
    took: Duration,
    now: DateTime<Utc>,
) -> Result<()> {
    let failed = result.is_err();
    let words: String = result
        .unwrap_or_else(|error| error)
        .chars()
        .take(2_000)
        .collect();
    let began = now - TimeDelta::from_std(took).unwrap_or_default();
    sql_query(
        "update job_schedules set running_by = null, lease_until = null, last_duration_ms = $1, last_result = $2, \
           last_failed = $3, next_run = $4 where name = $5 and running_by = $6",
    )
    .bind::<BigInt, _>(took.as_millis() as i64)
    .bind::<Text, _>(words)
    .bind::<Bool, _>(failed)
    .bind::<Timestamptz, _>(schedule.cadence.next(began, now))
    .bind::<Text, _>(schedule.name)
    .bind::<diesel::sql_types::Uuid, _>(runner)
    .execute(conn)?;
    Ok(())
}

/// Lets go of what this runner was running; it is still due, so another takes it up.
pub(super) fn release_all(conn: &mut PgConnection, runner: Uuid) -> Result<()> {
    diesel::update(job_schedules::table.filter(job_schedules::running_by.eq(runner)))
        .set((
            job_schedules::running_by.eq(None::<Uuid>),
            job_schedules::lease_until.eq(None::<DateTime<Utc>>),
        ))
        .execute(conn)?;
    Ok(())
}

pub(super) fn by_name(schedules: &[Schedule]) -> HashMap<&'static str, Schedule> {
    schedules.iter().map(|s| (s.name, s.clone())).collect()
}
