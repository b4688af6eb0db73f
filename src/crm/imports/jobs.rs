//! The work on an import off the request path: check its rows, write them, take them back.

use std::time::Duration;

use platform::Result;
use platform::jobs::{Job, JobContext, Queue, queue};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::import::State;
use super::working::Working;

const LONGEST: Duration = Duration::from_secs(6 * 3_600);

#[derive(Serialize, Deserialize)]
pub struct CheckImport {
    pub import: Uuid,
}

#[derive(Serialize, Deserialize)]
pub struct RunImport {
    pub import: Uuid,
}

#[derive(Serialize, Deserialize)]
pub struct UndoImport {
    pub import: Uuid,
}

impl Job for CheckImport {
    const QUEUE: Queue = queue::IMPORT;
    const NAME: &'static str = "imports.check_import";
    const TIMEOUT: Duration = LONGEST;

    async fn run(self, ctx: JobContext) -> Result<()> {
        let Some(work) = Working::begin(ctx, self.import, State::Checking).await? else {
            return Ok(());
        };
        let outcome = work.check().await;
        work.end(outcome).await
    }
}

impl Job for RunImport {
    const QUEUE: Queue = queue::IMPORT;
    const NAME: &'static str = "imports.run_import";
    const TIMEOUT: Duration = LONGEST;

    async fn run(self, ctx: JobContext) -> Result<()> {
        let Some(work) = Working::begin(ctx, self.import, State::Running).await? else {
            return Ok(());
        };
        let outcome = work.run().await;
        work.end(outcome).await
    }
}

impl Job for UndoImport {
    const QUEUE: Queue = queue::IMPORT;
    const NAME: &'static str = "imports.undo_import";
    const TIMEOUT: Duration = LONGEST;

    async fn run(self, ctx: JobContext) -> Result<()> {
        let Some(work) = Working::begin(ctx, self.import, State::Undoing).await? else {
            return Ok(());
        };
        let outcome = work.undo().await;
        work.end(outcome).await
    }
}
