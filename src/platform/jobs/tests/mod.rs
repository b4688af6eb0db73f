//! The contract of the storage, the workers and the schedules.
//!
//! What has to commit uses queues of its own, so that it meets no other test.

mod claims;
mod harness;
mod recurring;
mod running;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::schedule::{self, Cadence};
use super::store::{self, LOST_AFTER, back_off};
use super::*;
use crate::config::Config;
use crate::db::tx::Subject;
use crate::db::{Pool, Tx, pool};
use crate::records::kinds::Kinds;
use crate::schema::{event_seals, job_outcomes, job_schedules, queue_pauses, sessions, workspaces};
use crate::testing::{World, database};
use crate::web::App;
use crate::web::navigation::Navigation;

/// A connection whose transaction never commits.
fn alone() -> Pool {
    pool::for_test(database()).unwrap()
}

fn world() -> World {
    World::new(Kinds::new(Vec::new()), Navigation::default(), Vec::new)
}

/// An application whose transactions do commit.
fn app(registry: &Registry) -> Arc<App> {
    let dir = std::env::temp_dir().join(format!("nexus-test-files-{}", std::process::id()));
    let config = Config::from(|name| (name == "DATA_DIR").then(|| dir.display().to_string()));
    let pool = pool::connect(database(), 6).unwrap();
    let kinds = Kinds::new(Vec::new());
    let mut app = App::new(
        config.ok().unwrap(),
        pool,
        None,
        kinds,
        Navigation::default(),
    );
    app.readers.push(registry.reader(None));
    Arc::new(app)
}

fn acme(conn: &mut PgConnection) -> Uuid {
    workspaces::table
        .filter(workspaces::slug.eq("acme"))
        .select(workspaces::id)
        .first(conn)
        .unwrap()
}

const fn queue(name: &'static str, attempts: i32) -> Queue {
    Queue {
        name,
        concurrency: 2,
        attempts,
    }
}

fn promise(queue: Queue, name: &'static str) -> NewJob {
    NewJob {
        queue,
        name,
        payload: json!({}),
        run_at: None,
    }
}

fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 21, 12, 0, 0).unwrap()
}

/// Status, attempts and error of the only job of a queue.
fn only(conn: &mut PgConnection, queue: Queue) -> (String, i32, Option<String>) {
    jobs::table
        .filter(jobs::queue.eq(queue.name))
        .select((jobs::status, jobs::attempts, jobs::last_error))
        .get_result(conn)
        .unwrap()
}

fn left(conn: &mut PgConnection, queue: Queue) -> i64 {
    let these = jobs::table.filter(jobs::queue.eq(queue.name));
    these.count().get_result(conn).unwrap()
}

fn clear(app: &App, queue: Queue) {
    let mut conn = app.pool.get().unwrap();
    diesel::delete(jobs::table.filter(jobs::queue.eq(queue.name)))
        .execute(&mut conn)
        .unwrap();
}

async fn until(what: &str, mut there: impl FnMut() -> bool) {
    let started = Instant::now();
    while !there() {
        assert!(started.elapsed() < Duration::from_secs(15), "not {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[actix_web::test]
async fn a_promise_is_kept_if_and_only_if_its_transaction_commits() {
    const HERE: Queue = queue("test-promise", 1);
    let pool = alone();
    let workspace = acme(&mut pool.get().unwrap());
    let promised = |fail: bool| {
        Tx::run(&pool, Subject::machine(workspace, "test"), move |tx| {
            tx.enqueue(promise(HERE, "test.promise"));
            if fail { Err(Error::NotFound) } else { Ok(()) }
        })
    };
    assert!(promised(true).is_err());
    assert_eq!(left(&mut pool.get().unwrap(), HERE), 0);
    let ((), aftermath) = promised(false).unwrap();
    assert_eq!(aftermath.queues, ["test-promise"]);
    let whose: Option<Uuid> = jobs::table
        .filter(jobs::queue.eq(HERE.name))
        .select(jobs::workspace_id)
        .get_result(&mut pool.get().unwrap())
        .unwrap();
    assert_eq!(whose, Some(workspace));
}

#[actix_web::test]
async fn a_payload_that_holds_more_than_ids_is_refused() {
    let pool = alone();
    let large = NewJob {
        payload: json!("x".repeat(70_000)),
        ..promise(queue::BULK, "test.large")
    };
    let refused = NewJob::insert_all(&mut pool.get().unwrap(), None, &[large]);
    assert!(matches!(refused, Err(Error::Internal(_))));
}
