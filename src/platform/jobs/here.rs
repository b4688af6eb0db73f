//! Jobs and schedules run on the spot, one by one, on a test's own connection.

use std::sync::Arc;

use diesel::prelude::*;
use uuid::Uuid;

use super::context::Doors;
use super::runner::{Ledger, Runner, unregistered};
use super::schedule::Sweep;
use super::store::{self, Claimed, Outcome};
use super::{Registry, queue};
use crate::clock;
use crate::db::pool;
use crate::error::Result;
use crate::schema::jobs;
use crate::web::App;

/// More than any test means to run; a job that promises itself again would never end.
const MOST: usize = 10_000;

/// A job that was run, and what went wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    pub name: String,
    pub error: Option<String>,
}

/// Runs everything that is due, and what comes due by it.
pub async fn run_due(app: &Arc<App>, registry: &Registry) -> Result<Vec<Ran>> {
    let mut ran = Vec::new();
    while ran.len() < MOST {
        let Some((claimed, runner)) = claim_one(app)? else {
            break;
        };
        ran.push(run(app, registry, claimed, runner).await?);
    }
    Ok(ran)
}

fn claim_one(app: &App) -> Result<Option<(Claimed, Uuid)>> {
    let mut conn = pool::get(&app.pool)?;
    let runner = Uuid::now_v7();
    for queue in queue::ALL {
        let claimed = store::claim(&mut conn, queue.name, runner, 1, clock::now())?;
        if let Some(job) = claimed.into_iter().next() {
            return Ok(Some((job, runner)));
        }
    }
    Ok(None)
}

async fn run(app: &Arc<App>, registry: &Registry, claimed: Claimed, holder: Uuid) -> Result<Ran> {
    let runner = Runner {
        app: app.clone(),
        ledger: Ledger::default(),
        doors: Doors::Here,
    };
    let (id, name) = (claimed.id, claimed.name.clone());
    runner.ledger.hold(claimed);
    let succeeded = match registry.jobs.get(name.as_str()) {
        Some(entry) => (entry.attempt)(runner.clone(), id).await.is_ok(),
        None => {
            runner.ledger.note(id, unregistered(&name));
            false
        }
    };
    let held = runner.ledger.release(id);
    let error = match held.map(|held| held.outcome(succeeded)) {
        Some(Outcome::Failed(error)) => Some((error, false)),
        Some(Outcome::Dead(error)) => Some((error, true)),
        _ => None,
    };
    let mut conn = pool::get(&app.pool)?;
    match &error {
        Some((error, for_good)) => {
            store::fail(&mut conn, holder, id, error, *for_good, clock::now())?;
        }
        None => store::finish(&mut conn, holder, &[id])?,
    }
    Ok(Ran {
        name,
        error: error.map(|(error, _)| error),
    })
}

/// One run of a schedule: its words, or what went wrong.
pub async fn run_schedule(
    app: &Arc<App>,
    registry: &Registry,
    name: &str,
) -> Option<std::result::Result<String, String>> {
    let schedule = registry.schedules.iter().find(|s| s.name == name)?;
    let sweep = Sweep {
        app: app.clone(),
        doors: Doors::Here,
    };
    Some(schedule.run(sweep).await)
}

/// The names of the jobs that are due and were not run.
pub fn unrun(conn: &mut PgConnection) -> Result<Vec<String>> {
    let names: Vec<_> = queue::ALL.iter().map(|queue| queue.name).collect();
    Ok(jobs::table
        .filter(jobs::status.eq("new"))
        .filter(jobs::attempts.eq(0))
        .filter(jobs::queue.eq_any(names))
        .filter(jobs::run_at.le(clock::now()))
        .order(jobs::created_at)
        .limit(20)
        .select(jobs::name)
        .load(conn)?)
}
