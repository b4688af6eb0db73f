//! The contract of the storage, the workers and the schedules.
//!
//! What has to commit uses queues of its own, so that it meets no other test.

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
use crate::web::shell::Navigation;

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

#[test]
fn a_job_is_claimed_once_however_many_ask() {
    const HERE: Queue = queue("test-once", 1);
    let pool = pool::connect(database(), 8).unwrap();
    let promises: Vec<_> = (0..200).map(|_| promise(HERE, "test.once")).collect();
    NewJob::insert_all(&mut pool.get().unwrap(), None, &promises).unwrap();
    let claims: Vec<_> = (0..8)
        .map(|_| {
            let pool = pool.clone();
            std::thread::spawn(move || {
                let (mut conn, runner) = (pool.get().unwrap(), Uuid::now_v7());
                let mut mine = Vec::new();
                loop {
                    let some = store::claim(&mut conn, HERE.name, runner, 7, clock::now()).unwrap();
                    if some.is_empty() {
                        return mine;
                    }
                    assert!(some.len() <= 7);
                    mine.extend(some.into_iter().map(|job| job.id));
                }
            })
        })
        .collect();
    let claimed: Vec<Uuid> = claims.into_iter().flat_map(|c| c.join().unwrap()).collect();
    let different: HashSet<_> = claimed.iter().collect();
    assert_eq!((claimed.len(), different.len()), (200, 200));
    diesel::delete(jobs::table.filter(jobs::queue.eq(HERE.name)))
        .execute(&mut pool.get().unwrap())
        .unwrap();
}

#[test]
fn a_failed_job_waits_longer_each_time_and_is_kept_when_given_up() {
    const HERE: Queue = queue("test-fail", 2);
    let pool = alone();
    let conn = &mut *pool.get().unwrap();
    NewJob::insert_all(conn, None, &[promise(HERE, "test.fail")]).unwrap();
    let (runner, mut now) = (Uuid::now_v7(), clock::now());
    let job = store::claim(conn, HERE.name, runner, 9, now)
        .unwrap()
        .remove(0);
    assert!(!store::fail(conn, runner, job.id, "no luck", false, now).unwrap());
    assert!(
        store::claim(conn, HERE.name, runner, 9, now)
            .unwrap()
            .is_empty()
    );
    now += TimeDelta::seconds(12);
    let job = store::claim(conn, HERE.name, runner, 9, now)
        .unwrap()
        .remove(0);
    assert_eq!(job.attempts, 2);
    assert!(store::fail(conn, runner, job.id, "no luck\0again", false, now).unwrap());
    assert_eq!(
        only(conn, HERE),
        ("dead".into(), 2, Some("no luckagain".into()))
    );
}

#[test]
fn the_pause_between_attempts_grows_to_an_hour() {
    let seconds: Vec<_> = (1..8).map(|n| back_off(n, 0.5).num_seconds()).collect();
    assert_eq!(seconds, [10, 60, 360, 2_160, 3_600, 3_600, 3_600]);
    assert!(back_off(1, 0.0) < back_off(1, 1.0));
    assert!(back_off(i32::MAX, 1.0) < TimeDelta::hours(2));
}

#[test]
fn what_a_lost_worker_held_goes_to_another() {
    const HERE: Queue = queue("test-lost", 2);
    let pool = alone();
    let conn = &mut *pool.get().unwrap();
    NewJob::insert_all(conn, None, &[promise(HERE, "test.lost")]).unwrap();
    let (lost, other, mut now) = (Uuid::now_v7(), Uuid::now_v7(), clock::now());
    store::claim(conn, HERE.name, lost, 1, now).unwrap();
    now += LOST_AFTER - TimeDelta::seconds(1);
    store::beat(conn, lost, now).unwrap();
    now += LOST_AFTER;
    store::take_back_lost(conn, other, now).unwrap();
    assert_eq!(only(conn, HERE).0, "running", "it spoke in time");
    now += TimeDelta::seconds(1);
    store::take_back_lost(conn, lost, now).unwrap();
    assert_eq!(
        only(conn, HERE).0,
        "running",
        "nobody takes from themselves"
    );
    store::take_back_lost(conn, other, now).unwrap();
    assert_eq!(only(conn, HERE).0, "new");
    // A job that takes its process down each time ends among the dead.
    let job = store::claim(conn, HERE.name, other, 1, now)
        .unwrap()
        .remove(0);
    store::take_back_lost(conn, lost, now + LOST_AFTER * 2).unwrap();
    let (status, attempts, error) = only(conn, HERE);
    assert_eq!((status.as_str(), attempts), ("dead", 2));
    assert_eq!(error.as_deref(), Some("The process that ran it was lost."));
    // Whoever was thought lost can no longer say that it is done.
    store::finish(conn, other, &[job.id]).unwrap();
    assert_eq!(left(conn, HERE), 1);
}

#[test]
fn a_paused_queue_rests_for_its_workspace_or_for_all() {
    const HERE: Queue = queue("test-pause", 2);
    let pool = alone();
    let conn = &mut *pool.get().unwrap();
    let (workspace, runner, now) = (acme(conn), Uuid::now_v7(), clock::now());
    let pause = |conn: &mut PgConnection, workspace: Uuid| {
        diesel::insert_into(queue_pauses::table)
            .values((
                queue_pauses::queue.eq(HERE.name),
                queue_pauses::workspace_id.eq(workspace),
                queue_pauses::paused_at.eq(now),
            ))
            .execute(conn)
            .unwrap()
    };
    NewJob::insert_all(conn, Some(workspace), &[promise(HERE, "test.theirs")]).unwrap();
    NewJob::insert_all(conn, None, &[promise(HERE, "test.ours")]).unwrap();
    let later = now + TimeDelta::seconds(1);
    pause(conn, workspace);
    assert_eq!(
        store::due(conn, &[HERE.name, "none"], later).unwrap(),
        [HERE.name]
    );
    let claimed = store::claim(conn, HERE.name, runner, 9, later).unwrap();
    let names: Vec<_> = claimed.iter().map(|job| job.name.as_str()).collect();
    assert_eq!(names, ["test.ours"]);
    store::hand_back_all(conn, runner).unwrap();
    pause(conn, queue::WHOLE);
    assert!(store::due(conn, &[HERE.name], later).unwrap().is_empty());
    assert!(
        store::claim(conn, HERE.name, runner, 9, later)
            .unwrap()
            .is_empty()
    );
    diesel::delete(queue_pauses::table).execute(conn).unwrap();
    assert_eq!(
        store::claim(conn, HERE.name, runner, 9, later)
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn counters_add_up_by_the_hour() {
    let pool = alone();
    let conn = &mut *pool.get().unwrap();
    let key = ("test-tally".to_owned(), None);
    let one = store::Tally {
        done: 2,
        failed: 1,
        dead: 0,
    };
    for minutes in [0, 59, 61] {
        store::tally(
            conn,
            &[(key.clone(), one)],
            noon() + TimeDelta::minutes(minutes),
        )
        .unwrap();
    }
    let done: Vec<(DateTime<Utc>, i64, i64)> = job_outcomes::table
        .filter(job_outcomes::queue.eq("test-tally"))
        .order(job_outcomes::hour)
        .select((job_outcomes::hour, job_outcomes::done, job_outcomes::failed))
        .load(conn)
        .unwrap();
    assert_eq!(done, [(noon(), 4, 2), (noon() + TimeDelta::hours(1), 2, 1)]);
}

/// Declares a job in a queue of its own.
macro_rules! job {
    ($name:ident in $queue:expr, $text:literal, within $ms:literal, |$ctx:ident| $body:expr) => {
        #[derive(Serialize, Deserialize)]
        struct $name {}
        impl Job for $name {
            const QUEUE: Queue = $queue;
            const NAME: &'static str = $text;
            const TIMEOUT: Duration = Duration::from_millis($ms);
            async fn run(self, $ctx: JobContext) -> Result<()> {
                $body
            }
        }
    };
}

#[actix_web::test]
async fn workers_run_what_a_transaction_promised() {
    const HERE: Queue = queue("test-run", 1);
    static RAN: AtomicUsize = AtomicUsize::new(0);
    job!(Count in HERE, "test.count", within 5_000, |ctx| {
        // The fence of the job's workspace stands.
        let slug: Vec<Uuid> = ctx
            .tx(|tx| Ok(crate::schema::roles::table.select(crate::schema::roles::workspace_id).distinct().load(&mut **tx)?))
            .await?;
        assert_eq!(slug, [ctx.workspace.unwrap_or_default()]);
        RAN.fetch_add(1, Ordering::Relaxed);
        Ok(())
    });
    let registry = Registry::serving(&[HERE]).job::<Count>();
    let app = app(&registry);
    let workspace = acme(&mut app.pool.get().unwrap());
    let workers = Workers::start(app.clone(), &registry).unwrap();
    for _ in 0..10 {
        app.tx(Subject::machine(workspace, "test"), |tx| {
            for _ in 0..30 {
                tx.enqueue(Count {}.new_job());
            }
            Ok(())
        })
        .await
        .unwrap();
    }
    until("all run", || RAN.load(Ordering::Relaxed) == 300).await;
    workers.stop().await;
    assert_eq!(left(&mut app.pool.get().unwrap(), HERE), 0);
    assert_eq!(RAN.load(Ordering::Relaxed), 300);
}

#[actix_web::test]
async fn a_job_that_fails_panics_or_is_unknown_leaves_its_error() {
    const FAILS: Queue = queue("test-error", 1);
    const PANICS: Queue = queue("test-panic", 1);
    const UNKNOWN: Queue = queue("test-unknown", 3);
    const UNREADABLE: Queue = queue("test-unreadable", 3);
    job!(Fail in FAILS, "test.error", within 5_000, |_ctx| Err(Error::internal("the disk is full")));
    job!(Panic in PANICS, "test.panic", within 5_000, |_ctx| panic!("out of {}", "luck"));
    #[derive(Serialize, Deserialize)]
    struct Picky {
        contact: Uuid,
    }
    impl Job for Picky {
        const QUEUE: Queue = UNREADABLE;
        const NAME: &'static str = "test.picky";
        async fn run(self, _: JobContext) -> Result<()> {
            Ok(())
        }
    }
    let queues = [FAILS, PANICS, UNKNOWN, UNREADABLE];
    let registry = Registry::serving(&queues)
        .job::<Fail>()
        .job::<Panic>()
        .job::<Picky>();
    let app = app(&registry);
    let promises = [
        Fail {}.new_job(),
        Panic {}.new_job(),
        promise(UNKNOWN, "test.from_the_future"),
        promise(UNREADABLE, "test.picky"),
    ];
    NewJob::insert_all(&mut app.pool.get().unwrap(), None, &promises).unwrap();
    let workers = Workers::start(app.clone(), &registry).unwrap();
    let errors = || {
        let rows: Vec<(String, Option<String>)> = jobs::table
            .filter(jobs::queue.eq_any(queues.map(|q| q.name)))
            .filter(jobs::status.eq("dead"))
            .order(jobs::queue)
            .select((jobs::queue, jobs::last_error))
            .load(&mut app.pool.get().unwrap())
            .unwrap();
        rows
    };
    until("all dead", || errors().len() == 4).await;
    let errors: Vec<_> = errors().into_iter().map(|(_, e)| e.unwrap()).collect();
    assert_eq!(errors[0], "the disk is full");
    assert_eq!(errors[1], "It panicked: out of luck");
    assert!(errors[2].contains("registered to run “test.from_the_future”"));
    assert!(errors[3].starts_with("Its payload can't be read: missing field `contact`"));
    workers.stop().await;
    for queue in queues {
        clear(&app, queue);
    }
}

#[actix_web::test]
async fn a_job_past_its_time_is_stopped_and_can_no_longer_commit() {
    const HERE: Queue = queue("test-slow", 1);
    job!(Slow in HERE, "test.slow", within 50, |ctx| ctx.tx(|tx| {
        tx.note_event("test.too_late", "", crate::events::Changes::none());
        // The transaction's thread can't be stopped; that it goes on is the point.
        std::thread::sleep(Duration::from_millis(300));
        Ok(())
    }).await);
    let registry = Registry::serving(&[HERE]).job::<Slow>();
    let app = app(&registry);
    let workspace = acme(&mut app.pool.get().unwrap());
    let workers = Workers::start(app.clone(), &registry).unwrap();
    app.tx(Subject::machine(workspace, "test"), |tx| {
        tx.enqueue(Slow {}.new_job());
        Ok(())
    })
    .await
    .unwrap();
    let dead = || only(&mut app.pool.get().unwrap(), HERE).0 == "dead";
    until("given up", dead).await;
    let error = only(&mut app.pool.get().unwrap(), HERE).2.unwrap();
    assert_eq!(
        error,
        "It took longer than its limit of 0.05 s and was stopped."
    );
    tokio::time::sleep(Duration::from_millis(400)).await;
    let events: i64 = app
        .tx(Subject::machine(workspace, "test"), |tx| {
            let these = crate::schema::events::table
                .filter(crate::schema::events::kind.eq("test.too_late"));
            Ok(these.count().get_result(&mut **tx)?)
        })
        .await
        .unwrap();
    assert_eq!(events, 0);
    workers.stop().await;
    clear(&app, HERE);
}

#[actix_web::test]
async fn a_stop_finishes_what_is_quick_and_hands_back_the_rest() {
    const QUICK: Queue = queue("test-stop-quick", 1);
    const LONG: Queue = queue("test-stop-long", 1);
    static BEGUN: AtomicUsize = AtomicUsize::new(0);
    job!(Quick in QUICK, "test.quick", within 60_000, |_ctx| {
        BEGUN.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(200)).await;
        Ok(())
    });
    job!(Long in LONG, "test.long", within 60_000, |_ctx| {
        BEGUN.fetch_add(1, Ordering::Relaxed);
        std::future::pending().await
    });
    let registry = Registry::serving(&[QUICK, LONG])
        .job::<Quick>()
        .job::<Long>();
    let app = app(&registry);
    let promises = [Quick {}.new_job(), Long {}.new_job()];
    NewJob::insert_all(&mut app.pool.get().unwrap(), None, &promises).unwrap();
    let workers = Workers::start(app.clone(), &registry).unwrap();
    until("begun", || BEGUN.load(Ordering::Relaxed) == 2).await;
    workers.stop_within(Duration::from_millis(600)).await;
    assert_eq!(left(&mut app.pool.get().unwrap(), QUICK), 0);
    let back = only(&mut app.pool.get().unwrap(), LONG);
    assert_eq!(back, ("new".into(), 0, None));
    clear(&app, LONG);
}

#[actix_web::test]
async fn the_library_can_push_and_look_up() {
    use background_jobs::dev::{Storage as _, new_job};
    const HERE: Queue = queue("test-push", 4);
    job!(Pushed in HERE, "test.pushed", within 1_000, |_ctx| Ok(()));
    let registry = Registry::serving(&[HERE]);
    let app = app(&registry);
    let (storage, _) = super::storage::Storage::new(
        app.pool.clone(),
        &registry.queues,
        &registry.bells,
        Default::default(),
    );
    let work: super::runner::Work<Pushed> = serde_json::from_value(json!(Uuid::nil())).unwrap();
    let id = storage.push(new_job(work).unwrap()).await.unwrap();
    let info = storage.info(id).await.unwrap().unwrap();
    assert_eq!(
        (info.name.as_str(), info.queue.as_str()),
        ("test.pushed", HERE.name)
    );
    let popped = storage.pop(HERE.name, Uuid::nil()).await.unwrap();
    assert_eq!(popped.id, id);
    assert!(storage.info(Uuid::nil()).await.unwrap().is_none());
    clear(&app, HERE);
}

#[test]
fn a_schedule_has_one_runner_at_a_time() {
    async fn nothing(_: Sweep) -> Result<String> {
        Ok("done".into())
    }
    let pool = alone();
    let conn = &mut *pool.get().unwrap();
    let every = Schedule::every("test.tick", "Tick", 60, nothing);
    let (one, two, now) = (Uuid::now_v7(), Uuid::now_v7(), noon());
    schedule::register(conn, std::slice::from_ref(&every), now).unwrap();
    let claim = |conn: &mut PgConnection, runner, now| {
        schedule::claim_due(conn, &["test.tick"], runner, now).unwrap()
    };
    assert!(claim(conn, one, now).is_empty(), "not due yet");
    let now = now + TimeDelta::seconds(60);
    assert_eq!(claim(conn, one, now), ["test.tick"]);
    assert!(claim(conn, two, now).is_empty(), "it runs already");
    schedule::keep(conn, one, now + TimeDelta::seconds(15)).unwrap();
    assert!(claim(conn, two, now + TimeDelta::seconds(30)).is_empty());
    let late = now + TimeDelta::seconds(40);
    assert_eq!(claim(conn, two, late), ["test.tick"], "the lease ran out");
    let took = Duration::from_secs(2);
    let finish = |conn: &mut PgConnection, runner| {
        schedule::finish(conn, &every, runner, Ok("fine".into()), took, late).unwrap()
    };
    finish(conn, one);
    let running: Option<Uuid> = job_schedules::table
        .find("test.tick")
        .select(job_schedules::running_by)
        .get_result(conn)
        .unwrap();
    assert_eq!(running, Some(two), "whoever lost the lease says nothing");
    finish(conn, two);
    let (next, result): (DateTime<Utc>, Option<String>) = job_schedules::table
        .find("test.tick")
        .select((job_schedules::next_run, job_schedules::last_result))
        .get_result(conn)
        .unwrap();
    assert_eq!(
        (next, result.as_deref()),
        (late + TimeDelta::seconds(58), Some("fine"))
    );
}

#[test]
fn a_daily_time_is_today_or_tomorrow() {
    let four = Cadence::DailyAt(NaiveTime::from_hms_opt(4, 0, 0).unwrap());
    let at = |hour| Utc.with_ymd_and_hms(2026, 11, 21, hour, 0, 0).unwrap();
    assert_eq!(four.next(at(3), at(3)), at(4));
    assert_eq!(four.next(at(4), at(4)), at(4) + TimeDelta::days(1));
    let minute = Cadence::Every(Duration::from_secs(60));
    assert_eq!(minute.next(at(3), at(3)), at(3) + TimeDelta::minutes(1));
    assert_eq!(minute.next(at(3), at(5)), at(5), "a run that took too long");
    assert_eq!(
        [four, minute].map(|c| c.to_string()),
        ["daily at 04:00 UTC", "every minute"]
    );
}

#[actix_web::test]
async fn workers_run_their_schedules() {
    static RAN: AtomicUsize = AtomicUsize::new(0);
    async fn count(sweep: Sweep) -> Result<String> {
        let swept = sweep.each(|_| Ok(1)).await?;
        assert!(swept.workspaces >= 2 && swept.total == swept.workspaces);
        RAN.fetch_add(1, Ordering::Relaxed);
        Ok("counted".into())
    }
    let schedule = Schedule::every("test.every_second", "Count", 1, count);
    let registry = Registry::serving(&[]).schedule(schedule);
    let app = app(&registry);
    let one = Workers::start(app.clone(), &registry).unwrap();
    let two = Workers::start(app.clone(), &registry).unwrap();
    until("run twice", || RAN.load(Ordering::Relaxed) >= 2).await;
    one.stop().await;
    two.stop().await;
    let this = job_schedules::table.find("test.every_second");
    let conn = &mut *app.pool.get().unwrap();
    let (result, running): (Option<String>, Option<Uuid>) = this
        .select((job_schedules::last_result, job_schedules::running_by))
        .get_result(conn)
        .unwrap();
    assert_eq!((result.as_deref(), running), (Some("counted"), None));
    diesel::delete(this).execute(conn).unwrap();
}

#[actix_web::test]
async fn the_house_is_kept() {
    let registry = Registry::new().schedules(housekeeping::schedules());
    let world = world().with_jobs(registry);
    world.within("acme", |tx| {
        tx.note_event("test.happened", "", crate::events::Changes::none());
        let expired = tx.now - TimeDelta::hours(1);
        for (key, expires) in [(1_u8, expired), (2, tx.now + TimeDelta::hours(1))] {
            diesel::insert_into(sessions::table)
                .values((
                    sessions::key_hash.eq(vec![key; 32]),
                    sessions::id.eq(Uuid::now_v7()),
                    sessions::expires_at.eq(expires),
                ))
                .execute(&mut **tx)?;
        }
        Ok(())
    });
    // The event's own transaction is still running in this test, so it is not sealed yet.
    assert!(
        world
            .run_schedule("events.seal")
            .await
            .ends_with("events sealed")
    );
    let words = world.run_schedule("identity.clean_sessions").await;
    assert!(words.starts_with("1 sessions"), "{words}");
    world.run_schedule("files.clean_temporary").await;
    world.run_schedule("jobs.clean_up").await;
    let seals: i64 = world.within("acme", |tx| {
        Ok(event_seals::table.count().get_result(&mut **tx)?)
    });
    assert_eq!(seals, 0);
}

#[derive(Serialize, Deserialize)]
struct Chain {
    links: u32,
}

impl Job for Chain {
    const QUEUE: Queue = queue::BULK;
    const NAME: &'static str = "test.chain";
    async fn run(self, ctx: JobContext) -> Result<()> {
        if self.links == 0 {
            return Err(Error::NotFound);
        }
        let links = self.links - 1;
        ctx.tx(move |tx| {
            tx.enqueue(Chain { links }.new_job());
            Ok(())
        })
        .await
    }
}

#[actix_web::test]
async fn a_test_runs_jobs_where_it_stands() {
    let world = world().with_jobs(Registry::new().job::<Chain>());
    world.within("acme", |tx| {
        tx.enqueue(Chain { links: 2 }.new_job());
        tx.enqueue(Chain { links: 9 }.new_job_at(tx.now + TimeDelta::hours(1)));
        Ok(())
    });
    let errors: Vec<_> = world
        .try_jobs()
        .await
        .into_iter()
        .map(|ran| ran.error)
        .collect();
    assert_eq!(errors, [None, None, Some(Error::NotFound.to_string())]);
    assert!(world.try_jobs().await.is_empty(), "the failed one waits");
}

#[actix_web::test]
#[should_panic(expected = "jobs were left unrun")]
async fn a_test_that_leaves_jobs_unrun_fails() {
    let world = world();
    world.within("acme", |tx| {
        tx.enqueue(Chain { links: 1 }.new_job());
        Ok(())
    });
}
