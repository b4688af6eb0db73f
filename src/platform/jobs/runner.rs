//! One attempt at one job: its time limit, its panics, and what is said about how it went.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use futures_util::FutureExt;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tracing::Instrument;
use uuid::Uuid;

use super::Job;
use super::context::{Doors, JobContext};
use super::store::{BEAT, Claimed, Outcome};
use crate::error::Error;
use crate::web::App;

#[cfg(debug_assertions)]
pub(super) type Attempt = std::pin::Pin<Box<dyn Future<Output = Result<(), Failed>> + Send>>;

/// The attempt failed; why stands in the ledger, because background-jobs passes on only that it did.
#[derive(Debug, thiserror::Error)]
#[error("the job failed")]
pub(super) struct Failed;

/// What this process is working on.
#[derive(Clone, Default)]
pub(super) struct Ledger(Arc<Mutex<HashMap<Uuid, Held>>>);

pub(super) struct Held {
    pub claimed: Claimed,
    pub since: Instant,
    outcome: Option<Outcome>,
    over: Arc<AtomicBool>,
}

impl Ledger {
    pub fn hold(&self, claimed: Claimed) {
        let held = Held {
            since: Instant::now(),
            outcome: None,
            over: Arc::default(),
            claimed,
        };
        self.0.lock().insert(held.claimed.id, held);
    }

    pub fn release(&self, id: Uuid) -> Option<Held> {
        self.0.lock().remove(&id)
    }

    pub fn is_empty(&self) -> bool {
        self.0.lock().is_empty()
    }

    /// From now on nothing that is still running can commit.
    pub fn call_off(&self) {
        for held in self.0.lock().values() {
            held.over.store(true, Ordering::Relaxed);
        }
    }

    fn open(&self, id: Uuid) -> Option<(Claimed, Arc<AtomicBool>)> {
        let ledger = self.0.lock();
        let held = ledger.get(&id)?;
        Some((held.claimed.clone(), held.over.clone()))
    }

    pub fn note(&self, id: Uuid, outcome: Outcome) {
        if let Some(held) = self.0.lock().get_mut(&id) {
            held.outcome = Some(outcome);
        }
    }
}

impl Held {
    /// What the attempt said of itself, or what its result means where it could say nothing.
    pub fn outcome(&self, succeeded: bool) -> Outcome {
        match (&self.outcome, succeeded) {
            (_, true) => Outcome::Done,
            (Some(outcome), false) => outcome.clone(),
            (None, false) => Outcome::Failed("It ended without saying why.".into()),
        }
    }
}

/// What every attempt needs.
#[derive(Clone)]
pub(super) struct Runner {
    pub app: Arc<App>,
    pub ledger: Ledger,
    pub doors: Doors,
}

impl Runner {
    /// Runs the job of this id, which is in the ledger.
    pub async fn attempt<J: Job>(self, id: Uuid) -> Result<(), Failed> {
        let Some((claimed, over)) = self.ledger.open(id) else {
            return Err(Failed);
        };
        let span = tracing::info_span!("job", name = J::NAME, %id, attempt = claimed.attempts);
        let outcome = self
            .outcome::<J>(&claimed, over)
            .instrument(span.clone())
            .await;
        let _entered = span.entered();
        match &outcome {
            Outcome::Done => return Ok(()),
            Outcome::Failed(error) => tracing::warn!(%error, "the attempt failed"),
            Outcome::Dead(error) => tracing::error!(%error, "the job is given up"),
            Outcome::HandedBack => {}
        }
        self.ledger.note(id, outcome);
        Err(Failed)
    }

    async fn outcome<J: Job>(&self, claimed: &Claimed, over: Arc<AtomicBool>) -> Outcome {
        let job: J = match serde_json::from_value(claimed.payload.clone()) {
            Ok(job) => job,
            Err(error) => return Outcome::Dead(format!("Its payload can't be read: {error}.")),
        };
        let ctx = JobContext {
            app: self.app.clone(),
            id: claimed.id,
            workspace: claimed.workspace_id,
            attempt: claimed.attempts,
            max_attempts: claimed.max_attempts,
            doors: self.doors.clone(),
            over: over.clone(),
        };
        let work = AssertUnwindSafe(async move { job.run(ctx).await }).catch_unwind();
        match tokio::time::timeout(J::TIMEOUT, work).await {
            Ok(Ok(Ok(()))) => Outcome::Done,
            Ok(Ok(Err(error))) => Outcome::Failed(told(&error)),
            Ok(Err(panic)) => Outcome::Failed(format!("It panicked: {}", said(&*panic))),
            Err(_) => {
                over.store(true, Ordering::Relaxed);
                let limit = J::TIMEOUT.as_secs_f32();
                Outcome::Failed(format!(
                    "It took longer than its limit of {limit} s and was stopped."
                ))
            }
        }
    }
}

/// The error as an administrator wants to read it: with what the page would leave to the log.
pub(super) fn told(error: &Error) -> String {
    let Error::Internal(inner) = error else {
        return error.to_string();
    };
    let mut text = inner.to_string();
    let mut source = inner.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

pub(super) fn said(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a word")
}

/// A job as background-jobs sees it: the id under which the ledger holds the rest.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Work<J> {
    id: Uuid,
    #[serde(skip)]
    kind: PhantomData<fn() -> J>,
}

impl<J: Job> background_jobs::Job for Work<J> {
    type State = Runner;
    type Error = Failed;
    const NAME: &'static str = J::NAME;
    const QUEUE: &'static str = J::QUEUE.name;
    // The storage counts attempts and spaces them; these only describe the same to the library.
    const MAX_RETRIES: background_jobs::MaxRetries =
        background_jobs::MaxRetries::Count(J::QUEUE.attempts as usize);
    const BACKOFF: background_jobs::Backoff = background_jobs::Backoff::Exponential(6);
    const HEARTBEAT_INTERVAL: u64 = BEAT.as_millis() as u64;

    async fn run(self, runner: Runner) -> Result<(), Failed> {
        runner.attempt::<J>(self.id).await
    }
}

pub(super) fn unregistered(name: &str) -> Outcome {
    Outcome::Dead(format!(
        "Nothing here is registered to run “{name}”. It may come from another version of Nexus."
    ))
}
