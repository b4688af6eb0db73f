//! Workers: what they run, and how they end.

use super::*;

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
