//! What every request can reach: the configuration, the pool, and the registers that the slices filled at start.

use std::any::Any;
use std::sync::Arc;
use std::time::Instant;

use actix_web::web;
use tracing::Span;

use super::access::Access;
use super::kept::Pages;
use super::limits::Limits;
use super::meters::Meters;
use super::navigation::Navigation;
use super::session::Sessions;
use crate::clock;
use crate::config::Config;
use crate::db::tx::{Aftermath, Subject};
use crate::db::{Pool, Tx};
use crate::error::{Error, Result};
use crate::live::{Dispatcher, Hub, Room};
use crate::mail::Outbound;
use crate::records::kinds::Kinds;

/// What a transaction is for, of one type for all: what runs it is then compiled once and not for each of hundreds.
type Work = Box<dyn FnOnce(&mut Tx) -> Result<Made> + Send>;
type Made = Box<dyn Any + Send>;

pub struct App {
    pub config: Config,
    pub pool: Pool,
    pub sessions: Sessions,
    pub access: Access,
    pub limits: Limits,
    pub live: Hub,
    pub dispatcher: Dispatcher,
    /// The kinds of live rooms that are about no record.
    pub rooms: Vec<Room>,
    pub mail: Outbound,
    pub kinds: Kinds,
    pub navigation: Navigation,
    pub started: Instant,
    pub meters: Meters,
    pub pages: Pages,
    /// Who wants to know of committed transactions: live rooms, the workers.
    pub readers: Vec<Box<dyn AfterCommit>>,
}

/// A reader of what was just committed by a transaction that may write. It must not block.
pub trait AfterCommit: Send + Sync {
    fn committed(&self, workspace: uuid::Uuid, aftermath: &Aftermath);
}

impl App {
    pub fn new(
        config: Config,
        pool: Pool,
        redis: Option<deadpool_redis::Pool>,
        kinds: Kinds,
        navigation: Navigation,
    ) -> App {
        App {
            sessions: Sessions::new(pool.clone()),
            access: Access::new(),
            limits: Limits::new(redis),
            live: Hub::default(),
            dispatcher: Dispatcher::new(Vec::new(), None),
            rooms: Vec::new(),
            mail: Outbound::new(&config),
            started: Instant::now(),
            meters: Meters::default(),
            pages: Pages::default(),
            readers: Vec::new(),
            config,
            pool,
            kinds,
            navigation,
        }
    }

    /// Runs `work` in a tenant transaction on a blocking thread, and tells the readers what came of it.
    pub async fn tx<T: Send + 'static>(
        self: &Arc<Self>,
        subject: Subject,
        work: impl FnOnce(&mut Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let work = |tx: &mut Tx| Ok(Box::new(work(tx)?) as Made);
        let made = self.tx_of(subject, Box::new(work)).await?;
        let made = made.downcast::<T>();
        Ok(*made.map_err(|_| Error::internal("a work made something else than it said"))?)
    }

    async fn tx_of(self: &Arc<Self>, subject: Subject, work: Work) -> Result<Made> {
        let (app, here, stopped) = (self.clone(), Span::current(), clock::frozen());
        let work = move || {
            let _clock = stopped.map(clock::freeze);
            here.in_scope(|| app.tx_now(subject, work))
        };
        web::block(work).await?
    }

    /// The same on this thread, for those who are on a blocking thread already.
    pub fn tx_now<T>(
        &self,
        subject: Subject,
        work: impl FnOnce(&mut Tx) -> Result<T>,
    ) -> Result<T> {
        let (workspace, reads) = (subject.workspace, subject.reads);
        let _span = tracing::debug_span!(
            "transaction",
            otel.kind = "client",
            db.system.name = "postgresql"
        )
        .entered();
        let ran = Tx::run(&self.pool, subject, work);
        if ran.is_err() && !reads {
            // A commit of which no answer came may have come to pass.
            self.pages.changed(workspace);
        }
        let (value, aftermath) = ran?;
        if !reads {
            self.kinds.known.forget(workspace, &aftermath.events);
            self.pages.changed(workspace);
            for reader in &self.readers {
                reader.committed(workspace, &aftermath);
            }
        }
        Ok(value)
    }

    /// After a change of what a workspace has set up, in every process.
    pub fn forget_setup(&self, workspace: uuid::Uuid) {
        self.kinds.setups.forget(workspace);
        self.pages.changed(workspace);
        self.dispatcher.forget_setup(workspace);
    }

    /// For tables outside the fence (people, sessions): a plain connection on a blocking thread.
    pub async fn directory<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut diesel::PgConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let app = self.clone();
        web::block(move || {
            let mut conn = crate::db::pool::get(&app.pool)?;
            diesel::Connection::transaction(&mut *conn, work)
        })
        .await?
    }
}
