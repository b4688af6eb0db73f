//! What background-jobs asks of its storage.

use std::future::pending;
use std::sync::atomic::Ordering;

use background_jobs::dev::{JobInfo, NewJobInfo, ReturnJobInfo};
use background_jobs::{Backoff, MaxRetries};
use diesel::prelude::*;
use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::super::queue;
use super::super::runner::unregistered;
use super::super::store::{BEAT, Outcome};
use super::Storage;
use super::recording::Record;
use crate::clock;
use crate::error::{Error, Result};
use crate::schema::jobs;

impl background_jobs::dev::Storage for Storage {
    type Error = Error;

    async fn info(&self, id: Uuid) -> Result<Option<JobInfo>> {
        let row = self
            .with_connection(move |conn| {
                Ok(jobs::table
                    .find(id)
                    .select((
                        jobs::queue,
                        jobs::name,
                        jobs::attempts,
                        jobs::max_attempts,
                        jobs::run_at,
                    ))
                    .first::<(String, String, i32, i32, chrono::DateTime<chrono::Utc>)>(conn)
                    .optional()?)
            })
            .await?;
        Ok(row.map(|(queue, name, attempts, max, at)| info(id, name, queue, attempts, max, at)))
    }

    /// For work of the installation itself; a workspace's jobs are written by its transactions.
    async fn push(&self, job: NewJobInfo) -> Result<Uuid> {
        let job = job.build();
        let id = job.id;
        let payload: Value = job.args;
        let attempts = match job.max_retries {
            MaxRetries::Count(retries) => retries.clamp(1, 100) as i32,
            MaxRetries::Infinite => 100,
        };
        let attempts = queue::named(&job.queue).map_or(attempts, |queue| queue.attempts);
        let queue = job.queue.clone();
        let run_at = chrono::DateTime::from_timestamp(
            job.next_queue.unix_timestamp(),
            job.next_queue.nanosecond(),
        );
        self.with_connection(move |conn| {
            diesel::insert_into(jobs::table)
                .values((
                    jobs::id.eq(id),
                    jobs::queue.eq(job.queue),
                    jobs::name.eq(job.name),
                    jobs::payload.eq(payload),
                    jobs::max_attempts.eq(attempts),
                    jobs::run_at.eq(run_at.unwrap_or_else(clock::now)),
                ))
                .execute(conn)?;
            Ok(())
        })
        .await?;
        if let Some(lane) = self.0.lanes.get(queue.as_str()) {
            lane.bell.notify_one();
        }
        Ok(id)
    }

    /// Never fails: a worker whose storage fails would be closed and opened again without end.
    async fn pop(&self, queue: &str, _: Uuid) -> Result<JobInfo> {
        let Some(lane) = self.0.lanes.get(queue) else {
            return pending().await;
        };
        let job = self.next(lane).await;
        let (id, name, queue) = (job.id, job.name.clone(), job.queue.clone());
        let (attempts, max, at) = (job.attempts, job.max_attempts, job.run_at);
        self.0.ledger.hold(job);
        Ok(info(id, name, queue, attempts, max, at))
    }

    /// One statement every few seconds speaks for all jobs of this process at once (`store::beat`): a job that keeps
    /// its thread busy stays alive, and one that hangs meets its time limit.
    async fn heartbeat(&self, _: Uuid, _: Uuid) -> Result<()> {
        Ok(())
    }

    async fn complete(&self, returned: ReturnJobInfo) -> Result<bool> {
        // Before it leaves the ledger, or for a moment nobody would know of it.
        self.0.unrecorded.fetch_add(1, Ordering::Release);
        let Some(held) = self.0.ledger.release(returned.id) else {
            self.0.unrecorded.fetch_sub(1, Ordering::Release);
            return Ok(true);
        };
        let result = returned.result;
        let outcome = if result.is_unregistered() {
            let outcome = unregistered(&held.claimed.name);
            tracing::error!(
                name = held.claimed.name,
                "a job of an unknown kind is given up"
            );
            outcome
        } else if result.is_unexecuted() {
            Outcome::HandedBack
        } else {
            held.outcome(result.is_success())
        };
        if let Some(lane) = self.0.lanes.get(held.claimed.queue.as_str()) {
            lane.learn(held.since.elapsed());
        }
        let gone = matches!(outcome, Outcome::Done | Outcome::Dead(_));
        let (written, when_written) = oneshot::channel();
        let record = Record {
            held,
            outcome,
            written,
        };
        // The recorder ends only with the process, and the two of them together.
        let _ = self.0.records.send(record);
        let _ = when_written.await;
        Ok(gone)
    }
}

/// What the library wants to know of a job: all but its id stays in the ledger.
fn info(
    id: Uuid,
    name: String,
    queue: String,
    attempts: i32,
    max_attempts: i32,
    run_at: chrono::DateTime<chrono::Utc>,
) -> JobInfo {
    JobInfo {
        id,
        name,
        queue,
        args: json!(id),
        retry_count: attempts.max(0) as u32,
        max_retries: MaxRetries::Count(max_attempts.max(1) as usize),
        backoff_strategy: Backoff::Exponential(6),
        next_queue: OffsetDateTime::from_unix_timestamp(run_at.timestamp())
            .unwrap_or(OffsetDateTime::UNIX_EPOCH),
        heartbeat_interval: BEAT.as_millis() as u64,
    }
}
