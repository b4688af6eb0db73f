//! Pooled connections that have given up the owner's rights.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::r2d2::{self, ConnectionManager, CustomizeConnection, HandleError};

use crate::error::{Error, Result};

pub type Pool = r2d2::Pool<ConnectionManager<PgConnection>>;
pub type Pooled = r2d2::PooledConnection<ConnectionManager<PgConnection>>;

/// Connections act as `nexus_app`: neither owner nor superuser, so row-level security binds them.
#[derive(Debug)]
struct AsApp {
    test: bool,
}

impl CustomizeConnection<PgConnection, r2d2::Error> for AsApp {
    fn on_acquire(&self, conn: &mut PgConnection) -> std::result::Result<(), r2d2::Error> {
        conn.batch_execute(
            "set role nexus_app; set time zone 'UTC'; set statement_timeout = '30s'; set lock_timeout = '10s'; \
             set idle_in_transaction_session_timeout = '60s'; set jit = off; set random_page_cost = 1.1; \
             set gin_pending_list_limit = '1MB'",
        )
        .map_err(r2d2::Error::QueryError)?;
        if self.test {
            diesel::Connection::begin_test_transaction(conn).map_err(r2d2::Error::QueryError)?;
        }
        Ok(())
    }
}

static CLOSING: AtomicBool = AtomicBool::new(false);

/// From now on a lost connection is no news: the server is about to be stopped.
pub fn closing() {
    CLOSING.store(true, Ordering::Relaxed);
}

/// What the pool meets while nobody waits for it: once a try, and as a warning, for it goes on trying.
#[derive(Debug)]
struct Told;

impl HandleError<r2d2::Error> for Told {
    fn handle_error(&self, error: r2d2::Error) {
        if !CLOSING.load(Ordering::Relaxed) {
            tracing::warn!(%error, "the pool can't connect to the database");
        }
    }
}

pub fn connect(url: &str, size: u32) -> std::result::Result<Pool, diesel::r2d2::PoolError> {
    r2d2::Pool::builder()
        .max_size(size)
        .min_idle(Some(2))
        // A full pool is told to the person as 'busy' rather than left to hang.
        .connection_timeout(Duration::from_secs(5))
        .test_on_check_out(false)
        .connection_customizer(Box::new(AsApp { test: false }))
        .error_handler(Box::new(Told))
        .build(ConnectionManager::new(url))
}

/// One connection in a transaction that never commits: what a test does is gone when it ends.
pub fn for_test(url: &str) -> std::result::Result<Pool, diesel::r2d2::PoolError> {
    r2d2::Pool::builder()
        .max_size(1)
        .connection_customizer(Box::new(AsApp { test: true }))
        .build(ConnectionManager::new(url))
}

/// A connection, or the sentence for 'come back in a moment'.
pub fn get(pool: &Pool) -> Result<Pooled> {
    pool.get().map_err(|error| {
        tracing::error!(%error, "no database connection");
        away()
    })
}

/// What is said where the database can't be asked.
pub fn away() -> Error {
    Error::Unavailable("The database is busy or away. Please try again in a moment.".into())
}
