//! A queue as this process serves it: what is claimed and waits, and how many to claim at once.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::super::queue::Queue;
use super::super::store::Claimed;

/// A claim takes as many as the queue gets done in this time, so that quick jobs come in batches and slow ones singly.
const BATCH_TIME: Duration = Duration::from_millis(50);
const LARGEST_BATCH: u64 = 64;

pub(super) struct Lane {
    pub(super) queue: Queue,
    pub(super) bell: Arc<Notify>,
    /// Who holds it is claiming; the others wait for what comes of it.
    pub(super) claiming: tokio::sync::Mutex<()>,
    /// Claimed, and not yet started on.
    pub(super) ready: Mutex<VecDeque<(Claimed, Instant)>>,
    /// A job's usual time in microseconds; 0 as long as nothing is known.
    usual: AtomicU64,
}

impl Lane {
    pub(super) fn of(queue: Queue, bell: Arc<Notify>) -> Lane {
        Lane {
            queue,
            bell,
            claiming: Default::default(),
            ready: Default::default(),
            usual: Default::default(),
        }
    }

    /// Something claimed already; the worker that takes it wakes the next for the rest.
    pub(super) fn take(&self) -> Option<Claimed> {
        let mut ready = self.ready.lock();
        let (job, _) = ready.pop_front()?;
        if !ready.is_empty() {
            self.bell.notify_one();
        }
        Some(job)
    }

    /// How many to claim at once.
    pub(super) fn batch(&self) -> i64 {
        let usual = match self.usual.load(Ordering::Relaxed) {
            0 => return 1,
            usual => Duration::from_micros(usual),
        };
        let in_time = BATCH_TIME.as_micros() / usual.as_micros().max(1);
        let batch = (in_time as u64).saturating_mul(self.queue.concurrency);
        batch.clamp(1, LARGEST_BATCH) as i64
    }

    /// A running average that forgets half of the past in five jobs.
    pub(super) fn learn(&self, took: Duration) {
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
