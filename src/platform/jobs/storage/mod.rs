//! The storage of background-jobs over our own table: claims in small batches, records in groups.

use std::collections::HashMap;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use parking_lot::Mutex;
use tokio::sync::{Semaphore, mpsc};
use uuid::Uuid;

use self::lane::Lane;
use self::recording::{Record, record};
use super::queue::Queue;
use super::registry::Bells;
use super::runner::Ledger;
use super::store::{self, Claimed, Tally};
use crate::clock;
use crate::db::{Pool, pool};
use crate::error::{Error, Result};

mod lane;
mod library;
mod recording;

/// What no worker has started on after this long goes back, for another process.
const STALE: Duration = Duration::from_secs(2);
/// Connections that claims may take at a time.
const CLAIMERS: usize = 2;

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

impl Storage {
    /// The storage, and what its recorder has to be spawned with.
    pub fn new(
        pool: Pool,
        queues: &[Queue],
        bells: &Bells,
        ledger: Ledger,
    ) -> (Storage, impl Future<Output = ()> + use<>) {
        let (records, incoming) = mpsc::unbounded_channel();
        let lanes = queues
            .iter()
            .map(|queue| (queue.name, Lane::of(*queue, bells.of(queue.name))));
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
