//! What the queue's table promises, without a worker.

use super::*;

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
