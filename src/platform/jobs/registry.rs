//! The list of everything that can run, which `main` gives to the workers.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use background_jobs::tokio::WorkerConfig;
use tokio::sync::Notify;
use uuid::Uuid;

use super::queue::{self, Queue};
#[cfg(debug_assertions)]
use super::runner::Attempt;
use super::runner::{Runner, Work};
use super::{Job, Schedule};
use crate::db::tx::Aftermath;
use crate::live::{Message, Relay};
use crate::web::app::AfterCommit;

/// How a kind of job joins the workers, and how it is run without them.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub join: fn(WorkerConfig<Runner>) -> WorkerConfig<Runner>,
    #[cfg(debug_assertions)]
    pub attempt: fn(Runner, Uuid) -> Attempt,
}

pub struct Registry {
    pub(super) queues: Vec<Queue>,
    pub(super) jobs: BTreeMap<&'static str, Entry>,
    pub(super) schedules: Vec<Schedule>,
    pub(super) bells: Bells,
}

impl Registry {
    pub fn new() -> Registry {
        Registry::serving(&queue::ALL)
    }

    /// Serves these queues alone.
    pub fn serving(queues: &[Queue]) -> Registry {
        Registry {
            queues: queues.to_vec(),
            jobs: BTreeMap::new(),
            schedules: Vec::new(),
            bells: Bells::new(queues),
        }
    }

    pub fn job<J: Job>(mut self) -> Registry {
        let entry = Entry {
            join: WorkerConfig::register::<Work<J>>,
            #[cfg(debug_assertions)]
            attempt: |runner, id| Box::pin(async move { runner.attempt::<J>(id).await }),
        };
        let known = self.jobs.insert(J::NAME, entry);
        assert!(known.is_none(), "two kinds of job are called {}", J::NAME);
        self
    }

    pub fn schedule(mut self, schedule: Schedule) -> Registry {
        let known = self.schedules.iter().any(|s| s.name == schedule.name);
        assert!(!known, "two schedules are called {}", schedule.name);
        self.schedules.push(schedule);
        self
    }

    pub fn schedules(self, schedules: impl IntoIterator<Item = Schedule>) -> Registry {
        schedules.into_iter().fold(self, Registry::schedule)
    }

    /// What wakes the workers after a commit, those of this process and by the relay those of others; it goes among
    /// the readers of the `App`.
    pub fn reader(&self, relay: Option<Relay>) -> Box<dyn AfterCommit> {
        let bells = self.bells.clone();
        Box::new(Waker { bells, relay })
    }

    /// Wakes the workers of a queue of this process.
    pub fn bell(&self) -> Box<dyn Fn(&str)> {
        let bells = self.bells.clone();
        Box::new(move |queue| bells.ring(queue))
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}

/// One bell for each queue, rung when there is something new in it.
#[derive(Clone)]
pub(super) struct Bells(Arc<HashMap<&'static str, Arc<Notify>>>);

impl Bells {
    fn new(queues: &[Queue]) -> Bells {
        let bells = queues.iter().map(|q| (q.name, Arc::new(Notify::new())));
        Bells(Arc::new(bells.collect()))
    }

    pub fn of(&self, queue: &str) -> Arc<Notify> {
        self.0.get(queue).cloned().unwrap_or_default()
    }

    pub fn ring(&self, queue: &str) {
        if let Some(bell) = self.0.get(queue) {
            bell.notify_one();
        }
    }
}

struct Waker {
    bells: Bells,
    relay: Option<Relay>,
}

impl AfterCommit for Waker {
    fn committed(&self, _: Uuid, aftermath: &Aftermath) {
        if aftermath.queues.is_empty() {
            return;
        }
        for queue in &aftermath.queues {
            self.bells.ring(queue);
        }
        if let Some(relay) = &self.relay {
            let queues = aftermath.queues.iter().map(|q| (*q).to_owned()).collect();
            relay.send(Message::Jobs { queues });
        }
    }
}
