//! What a running job can reach.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use diesel::PgConnection;
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::db::tx::Subject;
use crate::db::{Origin, Tx};
use crate::error::{Error, Result};
use crate::web::App;

#[derive(Clone)]
pub struct JobContext {
    pub app: Arc<App>,
    pub id: Uuid,
    pub workspace: Option<Uuid>,
    /// 1 for the first.
    pub attempt: i32,
    pub max_attempts: i32,
    pub(super) doors: Doors,
    /// Set when the attempt was stopped or handed back: what it still wants to write no longer counts.
    pub(super) over: Arc<AtomicBool>,
}

impl JobContext {
    /// Runs `work` in a transaction of the job's workspace; it commits unless the attempt was stopped meanwhile.
    pub async fn tx<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.tx_as(self.subject()?, work).await
    }

    /// The same in somebody's name: what a person asked for is theirs in the timeline.
    pub async fn tx_as<T: Send + 'static>(
        &self,
        subject: Subject,
        work: impl FnOnce(&mut Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let over = self.over.clone();
        let work = move |tx: &mut Tx| work(tx).and_then(|value| unless(&over, value));
        self.doors.tx(&self.app, subject, work).await
    }

    /// For tables outside the fence.
    pub async fn directory<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut PgConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let over = self.over.clone();
        let work = move |conn: &mut PgConnection| work(conn).and_then(|value| unless(&over, value));
        self.doors.directory(&self.app, work).await
    }

    /// The workspace as the machine; its log lines carry the job's id.
    pub fn subject(&self) -> Result<Subject> {
        let workspace = self
            .workspace
            .ok_or_else(|| Error::internal("this job belongs to no workspace"))?;
        let origin = Origin {
            name: MACHINE.to_owned(),
            request_id: Some(self.id.to_string()),
            ..Origin::default()
        };
        Ok(Subject {
            origin: Arc::new(origin),
            ..Subject::machine(workspace, MACHINE)
        })
    }

    /// No other attempt follows if this one fails.
    pub fn is_last_attempt(&self) -> bool {
        self.attempt >= self.max_attempts
    }

    /// Whether the attempt was stopped; a long loop outside of transactions asks now and then.
    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }
}

/// What the timeline says did it.
pub(super) const MACHINE: &str = "Nexus";

fn unless<T>(over: &AtomicBool, value: T) -> Result<T> {
    if over.load(Ordering::Relaxed) {
        return Err(Error::internal(
            "the attempt was stopped before it could commit",
        ));
    }
    Ok(value)
}

/// The way to the database: with a limit, so that work off the request path leaves connections for requests.
#[derive(Clone)]
pub(super) enum Doors {
    Limited(Arc<Semaphore>),
    /// On this thread, in a test.
    #[cfg(debug_assertions)]
    Here,
}

impl Doors {
    pub fn limited(connections: usize) -> Doors {
        Doors::Limited(Arc::new(Semaphore::new(connections)))
    }

    pub async fn tx<T: Send + 'static>(
        &self,
        app: &Arc<App>,
        subject: Subject,
        work: impl FnOnce(&mut Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match self {
            Doors::Limited(doors) => {
                let _door = doors.acquire().await.map_err(Error::internal)?;
                app.tx(subject, work).await
            }
            #[cfg(debug_assertions)]
            Doors::Here => app.tx_now(subject, work),
        }
    }

    pub async fn directory<T: Send + 'static>(
        &self,
        app: &Arc<App>,
        work: impl FnOnce(&mut PgConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match self {
            Doors::Limited(doors) => {
                let _door = doors.acquire().await.map_err(Error::internal)?;
                app.directory(work).await
            }
            #[cfg(debug_assertions)]
            Doors::Here => {
                let mut conn = crate::db::pool::get(&app.pool)?;
                diesel::Connection::transaction(&mut *conn, work)
            }
        }
    }
}
