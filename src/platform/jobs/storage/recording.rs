//! Writing down how jobs went, in groups as they come.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use diesel::prelude::*;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::super::runner::Held;
use super::super::store::{self, Claimed, Outcome};
use super::Storage;
use crate::clock;
use crate::error::Result;

const RECORDS_A_GROUP: usize = 256;

pub(super) struct Record {
    pub(super) held: Held,
    pub(super) outcome: Outcome,
    pub(super) written: oneshot::Sender<()>,
}

/// What can't be written is tried until it can: as long as this
/// process lives, the jobs are its own.
pub(super) async fn record(storage: Storage, mut incoming: mpsc::UnboundedReceiver<Record>) {
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
