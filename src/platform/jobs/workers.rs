//! The workers of this process: background-jobs over our storage, a pulse that keeps them going, and their end.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use background_jobs::tokio::{JobQueue, WorkerConfig};
use diesel::PgConnection;
use tokio::runtime::{Builder, Runtime};
use tokio::time::MissedTickBehavior;
use tracing::Instrument;
use uuid::Uuid;

use super::context::Doors;
use super::registry::{Bells, Registry};
use super::runner::{Ledger, Runner};
use super::schedule::{self, Schedule, Sweep};
use super::storage::Storage;
use super::store::{self, BEAT};
use crate::clock;
use crate::error::Result;
use crate::web::App;

/// How often other processes' promises and what has become due are looked for.
const PULSE: Duration = Duration::from_secs(1);
/// What is running gets this long to finish before it is handed back; the whole stop stays under ten seconds.
const GRACE: Duration = Duration::from_secs(8);
/// So long a stop waits for a database that doesn't answer.
const LAST_WORDS: Duration = Duration::from_millis(1_500);

/// The running workers. Dropped without `stop`, they leave their jobs to be found by their silence.
pub struct Workers {
    /// Of their own, so that a busy job never holds up a request.
    runtime: Option<Runtime>,
    storage: Storage,
    pulse: Pulse,
    _queue: JobQueue,
}

impl Workers {
    pub fn start(app: Arc<App>, registry: &Registry) -> std::io::Result<Workers> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("jobs")
            .enable_all()
            .build()?;
        let ledger = Ledger::default();
        let (storage, recorder) = Storage::new(
            app.pool.clone(),
            &registry.queues,
            &registry.bells,
            ledger.clone(),
        );
        // Requests come first: jobs have at most half of the connections for their transactions.
        let doors = Doors::limited((app.config.pool_size as usize / 2).max(1));
        let runner = Runner {
            app: app.clone(),
            ledger,
            doors: doors.clone(),
        };
        let pulse = Pulse {
            storage: storage.clone(),
            bells: registry.bells.clone(),
            schedules: Arc::new(schedule::by_name(&registry.schedules)),
            sweep: Sweep { app, doors },
            sweeping: Arc::default(),
            stopping: Arc::default(),
        };
        let _entered = runtime.enter();
        let queue = configured(&storage, registry, runner).start()?;
        runtime.spawn(recorder);
        runtime.spawn(pulse.clone().go_on(registry.schedules.clone()));
        Ok(Workers {
            storage,
            pulse,
            _queue: queue,
            runtime: Some(runtime),
        })
    }

    /// Finishes what is nearly done and hands the rest back, within ten seconds.
    pub async fn stop(self) {
        self.stop_within(GRACE).await;
    }

    pub(super) async fn stop_within(mut self, grace: Duration) {
        let Some(runtime) = self.runtime.take() else {
            return;
        };
        let (storage, pulse) = (self.storage.clone(), self.pulse.clone());
        let ended = runtime.spawn(async move { wind_up(storage, pulse, grace).await });
        if let Err(error) = ended.await {
            tracing::error!(%error, "the workers did not end in good order");
        }
        runtime.shutdown_background();
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn configured(storage: &Storage, registry: &Registry, runner: Runner) -> WorkerConfig<Runner> {
    let config = WorkerConfig::new(storage.clone(), move |_| runner.clone());
    let config = registry
        .jobs
        .values()
        .fold(config, |config, entry| (entry.join)(config));
    registry.queues.iter().fold(config, |config, queue| {
        config.set_worker_count(queue.name, queue.concurrency)
    })
}

async fn wind_up(storage: Storage, pulse: Pulse, grace: Duration) {
    let deadline = Instant::now() + grace;
    pulse.stopping.store(true, Ordering::Relaxed);
    within(LAST_WORDS, "claims", storage.stop_claiming()).await;
    while Instant::now() < deadline && !(storage.is_idle() && pulse.is_idle()) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    if let Some(n) = within(LAST_WORDS, "running jobs", storage.hand_back_running()).await
        && n > 0
    {
        tracing::info!(jobs = n, "running jobs are handed back");
    }
    let (runner, tallies) = (storage.runner(), storage.take_tallies());
    let last = storage.with_connection(move |conn| {
        schedule::release_all(conn, runner)?;
        store::tally(conn, &tallies, clock::now())
    });
    within(LAST_WORDS, "leases", last).await;
}

async fn within<T>(
    limit: Duration,
    what: &str,
    work: impl Future<Output = Result<T>>,
) -> Option<T> {
    match tokio::time::timeout(limit, work).await {
        Ok(Ok(value)) => return Some(value),
        Ok(Err(error)) => tracing::warn!(%error, "{what} could not be handed back"),
        Err(_) => tracing::warn!("{what} could not be handed back in time"),
    }
    None
}

/// What happens every second whether or not there is work.
#[derive(Clone)]
struct Pulse {
    storage: Storage,
    bells: Bells,
    schedules: Arc<HashMap<&'static str, Schedule>>,
    sweep: Sweep,
    sweeping: Arc<AtomicUsize>,
    stopping: Arc<AtomicBool>,
}

struct Found {
    queues: Vec<String>,
    schedules: Vec<String>,
}

impl Pulse {
    async fn go_on(self, schedules: Vec<Schedule>) {
        self.introduce(schedules).await;
        let mut every = tokio::time::interval(PULSE);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last_beat: Option<Instant> = None;
        let mut well = true;
        loop {
            every.tick().await;
            let beat = last_beat.is_none_or(|at| at.elapsed() >= BEAT);
            match self.once(beat).await {
                Ok(()) => {
                    if beat {
                        last_beat = Some(Instant::now());
                    }
                    if !well {
                        tracing::info!("the workers reach the database again");
                    }
                    well = true;
                }
                Err(error) => {
                    // Once, and not every second.
                    if well {
                        tracing::warn!(%error, "the workers can't reach the database");
                    }
                    well = false;
                }
            }
        }
    }

    /// Sees to it that the schedules have their rows.
    async fn introduce(&self, schedules: Vec<Schedule>) {
        loop {
            let these = schedules.clone();
            let registered = self
                .storage
                .with_connection(move |conn| schedule::register(conn, &these, clock::now()));
            match registered.await {
                Ok(()) => return,
                Err(error) => {
                    tracing::warn!(%error, "the schedules can't be written down yet");
                    tokio::time::sleep(PULSE).await;
                }
            }
        }
    }

    async fn once(&self, beat: bool) -> Result<()> {
        if beat {
            self.storage.hand_back_stale().await?;
        }
        let (runner, queues) = (self.storage.runner(), self.storage.queues());
        let tallies = self.storage.take_tallies();
        let kept = tallies.clone();
        let names: Vec<_> = if self.stopping.load(Ordering::Relaxed) {
            Vec::new()
        } else {
            self.schedules.keys().copied().collect()
        };
        let looked = self
            .storage
            .with_connection(move |conn| look(conn, runner, beat, &queues, &names, &tallies))
            .await;
        let found = match looked {
            Ok(found) => found,
            Err(error) => {
                self.storage.return_tallies(kept);
                return Err(error);
            }
        };
        for queue in &found.queues {
            self.bells.ring(queue);
        }
        for name in &found.schedules {
            if let Some(schedule) = self.schedules.get(name.as_str()) {
                self.sweeping.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(self.clone().sweep(schedule.clone()));
            }
        }
        Ok(())
    }

    async fn sweep(self, schedule: Schedule) {
        let span = tracing::info_span!("schedule", name = schedule.name);
        let started = Instant::now();
        let result = schedule
            .run(self.sweep.clone())
            .instrument(span.clone())
            .await;
        let took = started.elapsed();
        if let Err(error) = &result {
            span.in_scope(|| tracing::warn!(%error, "the run failed"));
        }
        let runner = self.storage.runner();
        let written = self.storage.with_connection(move |conn| {
            schedule::finish(conn, &schedule, runner, result, took, clock::now())
        });
        if let Err(error) = written.await {
            // The lease runs out, and the run is made again.
            span.in_scope(|| tracing::warn!(%error, "the result of the run can't be recorded"));
        }
        self.sweeping.fetch_sub(1, Ordering::Relaxed);
    }

    fn is_idle(&self) -> bool {
        self.sweeping.load(Ordering::Relaxed) == 0
    }
}

/// One connection for everything that a pulse asks and says.
fn look(
    conn: &mut PgConnection,
    runner: Uuid,
    beat: bool,
    queues: &[&str],
    schedules: &[&str],
    tallies: &[((String, Option<Uuid>), store::Tally)],
) -> Result<Found> {
    let now = clock::now();
    if beat {
        store::beat(conn, runner, now)?;
        schedule::keep(conn, runner, now)?;
        let lost = store::take_back_lost(conn, runner, now)?;
        if lost > 0 {
            tracing::warn!(jobs = lost, "jobs of a lost process are taken back");
        }
    }
    let found = Found {
        queues: store::due(conn, queues, now)?,
        schedules: if schedules.is_empty() {
            Vec::new()
        } else {
            schedule::claim_due(conn, schedules, runner, now)?
        },
    };
    store::tally(conn, tallies, now)?;
    Ok(found)
}
