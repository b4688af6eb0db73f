//! The HTTP server around the routes.

use std::net::TcpListener;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::{App as Actix, HttpServer, web};

use super::app::App;
use super::middleware::around;
use super::routes::Routes;

/// Builds the route tables; called once in each worker thread.
pub type RouteTables = fn() -> Vec<Routes>;

/// Starts the server on `listener`; await it to serve until it is told to stop.
pub fn start(
    app: web::Data<App>,
    routes: RouteTables,
    listener: TcpListener,
) -> std::io::Result<Server> {
    let blocking = app.config.pool_size as usize;
    let server = HttpServer::new(move || {
        Actix::new()
            .app_data(app.clone())
            .configure(|config| mount(config, routes))
            .wrap(app.sessions.middleware(&app.config))
            .wrap(from_fn(around))
    })
    .workers(workers())
    // More blocking threads than connections would only queue at the pool.
    .worker_max_blocking_threads(blocking.div_ceil(workers()).max(2))
    .tcp_nodelay(true)
    .shutdown_timeout(10)
    .disable_signals()
    .listen(listener)?
    .run();
    Ok(server)
}

pub fn mount(config: &mut web::ServiceConfig, routes: RouteTables) {
    for table in routes() {
        table.mount(config);
    }
    config.default_service(web::to(super::failure::lost));
}

fn workers() -> usize {
    std::thread::available_parallelism()
        .map_or(2, |n| n.get())
        .clamp(2, 16)
}
