//! The storage of background-jobs over our own table: claims in small batches, records in groups.

use std::collections::{HashMap, VecDeque};
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use background_jobs::dev::{JobInfo, NewJobInfo, ReturnJobInfo};
use background_jobs::{Backoff, MaxRetries};
use diesel::prelude::*;
use parking_lot::Mutex;
use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio::sync::{Notify, Semaphore, mpsc, oneshot};
use uuid::Uuid;

use super::queue::{self, Queue};
use super::registry::Bells;
use super::runner::{Held, Ledger, unregistered};
use super::store::{self, BEAT, Claimed, Outcome, Tally};
use crate::clock;
use crate::db::{Pool, pool};
use crate::error::{Error, Result};
use crate::schema::jobs;

/// A claim takes as many as the queue gets done in this time, so that quick jobs come in batches and slow ones singly.
const BATCH_TIME: Duration = Duration::from_millis(50);
const LARGEST_BATCH: u64 = 64;
/// What no worker has started on after this long goes back, for another process.
const STALE: Duration = Duration::from_secs(2);
/// Connections that claims may take at a time.
const CLAIMERS: usize = 2;
const RECORDS_A_GROUP: usize = 256;

#[derive(Clone)]
pub struct Storage(Arc<Inner>);

struct Inner {
    pool: Pool,
    /// This process, as the rows know it.
    runner: Uuid,
    lanes: HashMap<&'static str, Lane>,
    ledger: Ledger,
    /// Ended, and not yet written down.
    unrecorded: AtomicU64,
    claimers: Semaphore,
    stopping: AtomicBool,
    records: mpsc::UnboundedSender<Record>,
    tallies: Mutex<HashMap<(String, Option<Uuid>), Tally>>,
}

/// A queue as this process serves it.
struct Lane {
    queue: Queue,
    bell: Arc<Notify>,
    /// Who holds it is claiming; the others wait for what comes of it.
    claiming: tokio::sync::Mutex<()>,
    /// Claimed, and not yet started on.
    ready: Mutex<VecDeque<(Claimed, Instant)>>,
    /// A job's usual time in microseconds; 0 as long as nothing is known.
    usual: AtomicU64,
}

struct Record {
    held: Held,
    outcome: Outcome,
    written: oneshot::Sender<()>,
}

impl Storage {
    /// The storage, and what its recorder has to be spawned with.
    pub fn new(
        pool: Pool,
        queues: &[Queue],
        bells: &Bells,
        ledger: Ledger,
    ) -> (Storage, impl Future<Output = ()> + use<>) {
        let (records, incoming) = mpsc::unbounded_channel();
        let lanes = queues.iter().map(|queue| {
            let lane = Lane {
                queue: *queue,
                bell: bells.of(queue.name),
                claiming: Default::default(),
                ready: Default::default(),
                usual: Default::default(),
            };
            (queue.name, lane)
        });
        let storage = Storage(Arc::new(Inner {
            pool,
            runner: Uuid::now_v7(),
            lanes: lanes.collect(),
            ledger,
            unrecorded: AtomicU64::new(0),
            claimers: Semaphore::new(CLAIMERS),
            stopping: AtomicBool::new(false),
            records,
            tallies: Default::default(),
        }));
        let recorder = record(storage.clone(), incoming);
        (storage, recorder)
    }

    pub fn runner(&self) -> Uuid {
        self.0.runner
    }

    pub fn queues(&self) -> Vec<&'static str> {
        self.0.lanes.keys().copied().collect()
    }

    /// Runs `work` with a connection, off this thread.
    pub async fn with_connection<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut PgConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let pool = self.0.pool.clone();
        let done = tokio::task::spawn_blocking(move || work(&mut *pool::get(&pool)?));
        done.await.map_err(Error::internal)?
    }

    /// The next job of the lane, now or when there is one.
    async fn next(&self, lane: &Lane) -> Claimed {
        loop {
            if self.0.stopping.load(Ordering::Relaxed) {
                return pending().await;
            }
            if let Some(job) = lane.take() {
                return job;
            }
            let claiming = lane.claiming.lock().await;
            let served = !lane.ready.lock().is_empty();
            if served || self.0.stopping.load(Ordering::Relaxed) {
                continue;
            }
            let limit = lane.batch();
            match self.claim(lane.queue.name, limit).await {
                Ok(jobs) if jobs.is_empty() => {
                    drop(claiming);
                    lane.bell.notified().await;
                }
                Ok(jobs) => {
                    // There may be more in the table.
                    if jobs.len() as i64 == limit {
                        lane.bell.notify_one();
                    }
                    let now = Instant::now();
                    lane.ready
                        .lock()
                        .extend(jobs.into_iter().map(|job| (job, now)));
                }
                Err(error) => {
                    drop(claiming);
                    tracing::warn!(%error, queue = lane.queue.name, "no jobs can be claimed");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }

    async fn claim(&self, queue: &'static str, limit: i64) -> Result<Vec<Claimed>> {
        let _slot = self.0.claimers.acquire().await.map_err(Error::internal)?;
        let runner = self.0.runner;
        self.with_connection(move |conn| store::claim(conn, queue, runner, limit, clock::now()))
            .await
    }

    /// Gives back what waits behind slow jobs, and all of it at the end.
    pub async fn hand_back_waiting(&self, at_least: Duration) -> Result<usize> {
        let mut ids = Vec::new();
        for lane in self.0.lanes.values() {
            let mut ready = lane.ready.lock();
            ready.retain(|(job, since)| {
                let keep = since.elapsed() < at_least;
                if !keep {
                    ids.push(job.id);
                }
                keep
            });
        }
        if ids.is_empty() {
            return Ok(0);
        }
        let runner = self.0.runner;
        self.with_connection(move |conn| store::hand_back(conn, runner, &ids))
            .await
    }

    pub async fn hand_back_stale(&self) -> Result<usize> {
        self.hand_back_waiting(STALE).await
    }

    /// Takes nothing new any more, and gives back what has not been started.
    pub async fn stop_claiming(&self) -> Result<()> {
        self.0.stopping.store(true, Ordering::Relaxed);
        for lane in self.0.lanes.values() {
            // Whoever is claiming right now has its answer before the lock is ours.
            drop(lane.claiming.lock().await);
        }
        self.hand_back_waiting(Duration::ZERO).await?;
        Ok(())
    }

    /// Gives back what is still running; it can't commit any more.
    pub async fn hand_back_running(&self) -> Result<usize> {
        self.0.ledger.call_off();
        let runner = self.0.runner;
        self.with_connection(move |conn| store::hand_back_all(conn, runner))
            .await
    }

    pub fn is_idle(&self) -> bool {
        self.0.ledger.is_empty() && self.0.unrecorded.load(Ordering::Acquire) == 0
    }

    /// The counters since the last time they were asked for.
    pub fn take_tallies(&self) -> Vec<((String, Option<Uuid>), Tally)> {
        std::mem::take(&mut *self.0.tallies.lock())
            .into_iter()
            .collect()
    }

    /// Counters that could not be written down, for the next time.
    pub fn return_tallies(&self, tallies: Vec<((String, Option<Uuid>), Tally)>) {
        let mut all = self.0.tallies.lock();
        for (key, tally) in tallies {
            let sum = all.entry(key).or_default();
            sum.done += tally.done;
            sum.failed += tally.failed;
            sum.dead += tally.dead;
        }
    }

    fn count(&self, claimed: &Claimed, of: fn(&mut Tally) -> &mut i64) {
        let key = (claimed.queue.clone(), claimed.workspace_id);
        *of(self.0.tallies.lock().entry(key).or_default()) += 1;
    }
}

impl Lane {
    /// Something claimed already; the worker that takes it wakes the next for the rest.
    fn take(&self) -> Option<Claimed> {
        let mut ready = self.ready.lock();
        let (job, _) = ready.pop_front()?;
        if !ready.is_empty() {
            self.bell.notify_one();
        }
        Some(job)
    }

    /// How many to claim at once.
    fn batch(&self) -> i64 {
        let usual = match self.usual.load(Ordering::Relaxed) {
            0 => return 1,
            usual => Duration::from_micros(usual),
        };
        let in_time = BATCH_TIME.as_micros() / usual.as_micros().max(1);
        let batch = (in_time as u64).saturating_mul(self.queue.concurrency);
        batch.clamp(1, LARGEST_BATCH) as i64
    }

    /// A running average that forgets half of the past in five jobs.
    fn learn(&self, took: Duration) {
        let took = (took.as_micros() as u64).max(1);
        let usual = self.usual.load(Ordering::Relaxed);
        let usual = if usual == 0 {
            took
        } else {
            (usual * 7 + took) / 8
        };
        self.usual.store(usual.max(1), Ordering::Relaxed);
    }
}

/// Writes down how jobs went, in groups as they come. What can't be written is tried until it can: as long as this
/// process lives, the jobs are its own.
async fn record(storage: Storage, mut incoming: mpsc::UnboundedReceiver<Record>) {
    let mut group = Vec::with_capacity(RECORDS_A_GROUP);
    while incoming.recv_many(&mut group, RECORDS_A_GROUP).await > 0 {
        let mut rest: Vec<Written> = Vec::with_capacity(group.len());
        let mut written = Vec::with_capacity(group.len());
        for record in group.drain(..) {
            rest.push((record.held.claimed, record.outcome));
            written.push(record.written);
        }
        let rest = Arc::new(rest);
        loop {
            let (runner, these) = (storage.0.runner, rest.clone());
            let wrote = storage.with_connection(move |conn| write(conn, runner, &these));
            match wrote.await {
                Ok(dead) => {
                    storage.tally(&rest, &dead);
                    break;
                }
                Err(error) => {
                    tracing::warn!(%error, jobs = rest.len(), "how jobs went can't be recorded yet");
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
            }
        }
        let recorded = rest.len() as u64;
        storage.0.unrecorded.fetch_sub(recorded, Ordering::Release);
        for written in written {
            // A worker that was called off no longer waits.
            let _ = written.send(());
        }
    }
}

type Written = (Claimed, Outcome);

/// Gives the ids of those that are dead now.
fn write(conn: &mut PgConnection, runner: Uuid, group: &[Written]) -> Result<Vec<Uuid>> {
    let ids = |wanted: Outcome| -> Vec<Uuid> {
        let these = group.iter().filter(|(_, outcome)| *outcome == wanted);
        these.map(|(job, _)| job.id).collect()
    };
    let done = ids(Outcome::Done);
    if !done.is_empty() {
        store::finish(conn, runner, &done)?;
    }
    let untried = ids(Outcome::HandedBack);
    if !untried.is_empty() {
        store::hand_back(conn, runner, &untried)?;
    }
    let mut dead = Vec::new();
    for (job, outcome) in group {
        let (error, for_good) = match outcome {
            Outcome::Failed(error) => (error, false),
            Outcome::Dead(error) => (error, true),
            Outcome::Done | Outcome::HandedBack => continue,
        };
        if store::fail(conn, runner, job.id, error, for_good, clock::now())? {
            dead.push(job.id);
        }
    }
    Ok(dead)
}

impl Storage {
    fn tally(&self, group: &[Written], dead: &[Uuid]) {
        for (job, outcome) in group {
            match outcome {
                Outcome::Done => self.count(job, |t| &mut t.done),
                Outcome::Failed(_) | Outcome::Dead(_) => {
                    self.count(job, |t| &mut t.failed);
                    if dead.contains(&job.id) {
                        self.count(job, |t| &mut t.dead);
                    }
                }
                Outcome::HandedBack => {}
            }
        }
    }
}

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
