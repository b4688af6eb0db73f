//! The way to the database for work that is done in a request or in a job.

use std::sync::Arc;

use crate::db::Tx;
use crate::db::tx::Subject;
use crate::error::Result;
use crate::jobs::JobContext;
use crate::web::App;

#[derive(Clone)]
pub enum Door {
    Request(Arc<App>),
    Job(JobContext),
}

impl Door {
    pub fn app(&self) -> &Arc<App> {
        match self {
            Door::Request(app) => app,
            Door::Job(ctx) => &ctx.app,
        }
    }

    /// Whether the person waits for it.
    pub fn is_waited_for(&self) -> bool {
        matches!(self, Door::Request(_))
    }

    pub async fn tx<T: Send + 'static>(
        &self,
        subject: Subject,
        work: impl FnOnce(&mut Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match self {
            Door::Request(app) => app.tx(subject, work).await,
            Door::Job(ctx) => ctx.tx_as(subject, work).await,
        }
    }
}
