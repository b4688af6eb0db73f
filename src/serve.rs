//! `nexus serve`, everything in one process, and `nexus worker`, the jobs alone; both until told to stop.

use std::io::{ErrorKind, Write};
use std::net::TcpListener;

use actix_web::web;
use diesel::Connection;
use diesel::PgConnection;
use platform::config::{Config, Database};
use platform::db::pool;
use platform::jobs::{Registry, Workers};
use platform::live::{Dispatcher, Ears, Relay, Way};
use platform::web::App;
use platform::web::server;
use platform::world;

use crate::{Failure, marketing, routes};

pub fn run(config: Config, url: String, _: usize) -> Result<(), Failure> {
    if config.database == Database::Embedded && !config.production {
        PgConnection::establish(&url)?.transaction(crate::seed::demo)?;
    }
    let listener = TcpListener::bind((config.host.as_str(), config.port)).map_err(|e| {
        let variable = match e.kind() {
            ErrorKind::AddrInUse | ErrorKind::PermissionDenied => "PORT",
            _ => "HOST",
        };
        format!(
            "{variable}: {}:{} can't be listened on ({e})",
            config.host, config.port
        )
    })?;
    actix_web::rt::System::new().block_on(serve(config, url, listener))
}

async fn serve(config: Config, url: String, listener: TcpListener) -> Result<(), Failure> {
    let stop = stop_requests()?;
    let address = listener.local_addr()?;
    let demo = config.database == Database::Embedded && !config.production;
    let jobs = routes::jobs();
    let app = application(config, &url, &jobs)?;
    settle_mail(&app).await?;
    let workers = Workers::start(app.clone().into_inner(), &jobs)?;
    let live = app.live.clone();
    let server = server::start(app, routes::tables, listener)?;
    announce(address, demo);
    let handle = server.handle();
    let running = actix_web::rt::spawn(server);
    stop.await;
    live.close();
    tokio::join!(handle.stop(true), workers.stop());
    running.await??;
    Ok(())
}

/// The jobs without the web server, for a second process or a second machine.
pub fn work(config: Config, url: String, _: usize) -> Result<(), Failure> {
    actix_web::rt::System::new().block_on(async {
        let stop = stop_requests()?;
        let jobs = routes::jobs();
        let app = application(config, &url, &jobs)?;
        settle_mail(&app).await?;
        let workers = Workers::start(app.into_inner(), &jobs)?;
        tracing::info!("working");
        stop.await;
        workers.stop().await;
        Ok(())
    })
}

/// What a killed process had sent is known to its journal: the database learns it before anything is sent again.
async fn settle_mail(app: &web::Data<App>) -> Result<(), Failure> {
    let app = app.clone().into_inner();
    web::block(move || marketing::campaigns::sending::recover(&app)).await??;
    Ok(())
}

fn application(config: Config, url: &str, jobs: &Registry) -> Result<web::Data<App>, Failure> {
    let pool = pool::connect(url, config.pool_size)?;
    let redis = match &config.redis_url {
        Some(url) => Some(
            deadpool_redis::Config::from_url(url)
                .create_pool(Some(deadpool_redis::Runtime::Tokio1))?,
        ),
        None => None,
    };
    let (relay, waiting) = Relay::new();
    let way = match &config.redis_url {
        Some(url) => Way::Redis(url.clone()),
        None => Way::Postgres(url.to_owned()),
    };
    let dispatcher = Dispatcher::new(routes::live(), Some(relay.clone()));
    let mut app = App::new(config, pool, redis, routes::kinds(), routes::navigation());
    app.dispatcher = dispatcher.clone();
    app.rooms = routes::rooms();
    app.readers.push(Box::new(dispatcher.clone()));
    app.readers.push(jobs.reader(Some(relay)));
    let app = web::Data::new(app);
    dispatcher.attach(&app.clone().into_inner());
    let ears = Ears {
        pages: dispatcher,
        workers: jobs.bell(),
    };
    actix_web::rt::spawn(Relay::run(way, waiting, ears));
    Ok(app)
}

/// The one line that scripts wait for, and what a person needs to know at their first start.
fn announce(address: std::net::SocketAddr, demo: bool) {
    let mut out = std::io::stdout().lock();
    let mut say = |line: String| {
        // Nobody may be reading any more, which is no reason to stop.
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    };
    say(format!("ready http://{address}"));
    if demo {
        say(format!(
            "sign in as owner@acme.test (or manager@, advisor@, agent@, viewer@) with {}",
            world::PASSWORD
        ));
    }
}

/// Listens from now on, so that nobody who acts on 'ready' is missed; the future ends when one is asked to stop.
fn stop_requests() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
