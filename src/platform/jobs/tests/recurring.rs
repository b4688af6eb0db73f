//! What recurs.

use super::*;

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
