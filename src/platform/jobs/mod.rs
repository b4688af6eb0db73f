//! Work off the request path: promised in the transaction that wants it, run at least once.
//!
//! A job is data plus one call. Its row is written by the transaction that asks for it, claimed by one worker,
//! deleted when it is done, tried again later when it fails, and kept with its error when it is given up.
//! It may run twice (a worker can be killed between the work and its record), so it must be idempotent.

mod context;
#[cfg(debug_assertions)]
pub(crate) mod here;
pub mod housekeeping;
pub mod queue;
mod registry;
mod runner;
pub mod schedule;
mod storage;
mod store;
#[cfg(test)]
mod tests;
mod workers;

use std::future::Future;
use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

pub use context::JobContext;
pub use queue::Queue;
pub use registry::Registry;
pub use schedule::{Schedule, Sweep};
pub use workers::Workers;

use crate::clock;
use crate::error::{Error, Result};
use crate::schema::jobs;

/// A payload holds ids; what is larger than this holds something else.
const LARGEST_PAYLOAD: usize = 64 * 1024;
/// PostgreSQL takes 65,535 parameters a statement.
const ROWS_AN_INSERT: usize = 2_000;

/// Something to be done off the request path. The fields are its payload: ids, never secrets.
pub trait Job: Serialize + DeserializeOwned + Send + 'static {
    const QUEUE: Queue;
    /// `domain.verb_noun`; it is what the rows in the table are called, so it stays when the type is renamed.
    const NAME: &'static str;
    /// After this long the attempt is stopped and counts as failed.
    const TIMEOUT: Duration = Duration::from_secs(60);

    fn run(self, ctx: JobContext) -> impl Future<Output = Result<()>> + Send;

    /// The promise, for `tx.enqueue(job.new_job())`.
    fn new_job(&self) -> NewJob {
        NewJob {
            queue: Self::QUEUE,
            name: Self::NAME,
            // A struct of ids always turns into JSON; one that does not would show up among the dead.
            payload: serde_json::to_value(self).unwrap_or(Value::Null),
            run_at: None,
        }
    }

    /// The promise, for later.
    fn new_job_at(&self, at: DateTime<Utc>) -> NewJob {
        NewJob {
            run_at: Some(at),
            ..self.new_job()
        }
    }
}

/// A promise of work.
#[derive(Clone, Debug)]
pub struct NewJob {
    pub queue: Queue,
    pub name: &'static str,
    pub payload: Value,
    pub run_at: Option<DateTime<Utc>>,
}

#[derive(Insertable)]
#[diesel(table_name = jobs)]
struct Row<'a> {
    id: Uuid,
    workspace_id: Option<Uuid>,
    queue: &'a str,
    name: &'a str,
    payload: &'a Value,
    max_attempts: i32,
    run_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
}

impl NewJob {
    /// Writes the promises; gives the queues that have something new. `None` is work of the installation itself.
    pub fn insert_all(
        conn: &mut PgConnection,
        workspace: Option<Uuid>,
        promises: &[NewJob],
    ) -> Result<Vec<&'static str>> {
        let now = clock::now();
        for some in promises.chunks(ROWS_AN_INSERT) {
            let rows = some
                .iter()
                .map(|job| job.row(workspace, now))
                .collect::<Result<Vec<_>>>()?;
            diesel::insert_into(jobs::table)
                .values(rows)
                .execute(conn)?;
        }
        let mut queues: Vec<_> = promises.iter().map(|job| job.queue.name).collect();
        queues.sort_unstable();
        queues.dedup();
        Ok(queues)
    }

    fn row(&self, workspace: Option<Uuid>, now: DateTime<Utc>) -> Result<Row<'_>> {
        if self.payload.to_string().len() > LARGEST_PAYLOAD {
            return Err(Error::internal(format!(
                "the payload of a {} is larger than 64 kB: keep what it is about in a table",
                self.name
            )));
        }
        Ok(Row {
            id: Uuid::now_v7(),
            workspace_id: workspace,
            queue: self.queue.name,
            name: self.name,
            payload: &self.payload,
            max_attempts: self.queue.attempts,
            run_at: self.run_at.unwrap_or(now),
            created_at: now,
        })
    }
}
