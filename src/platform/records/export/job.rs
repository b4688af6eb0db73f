//! The writing of a large export off the request path, and the end of files that nobody fetched.

use std::time::Duration;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::writing;
use crate::db::Tx;
use crate::error::Result;
use crate::jobs::{Job, JobContext, Queue, Sweep, queue};
use crate::records::work::{Asker, State};
use crate::schema::works;

#[derive(Serialize, Deserialize)]
pub struct WriteExport {
    pub work: Uuid,
}

impl Job for WriteExport {
    const QUEUE: Queue = queue::EXPORT;
    const NAME: &'static str = "records.write_export";
    const TIMEOUT: Duration = Duration::from_secs(3_600);

    async fn run(self, ctx: JobContext) -> Result<()> {
        let found = Asker::of(&ctx, self.work, State::Running, |_| Ok("export")).await?;
        let Some((asker, work)) = found else {
            return Ok(());
        };
        let progress = work.progress(&ctx.app, asker.subject.workspace, &asker.slug);
        let written = writing::write(&asker, work.clone()).await;
        if let Err(error) = &written
            && (ctx.is_last_attempt() || error.status().is_client_error())
        {
            let sentence = error.to_string();
            ctx.tx(move |tx| work.fail(tx, &sentence)).await?;
            asker.ring().await;
            progress.ended();
        }
        written.map(drop)
    }
}

/// Forgets work of long ago; the files of exports are found by their age.
pub async fn clean(sweep: &Sweep) -> Result<i64> {
    let swept = sweep.each(forget).await?;
    Ok(swept.total)
}

const REMEMBERED: chrono::TimeDelta = chrono::TimeDelta::days(90);

fn forget(tx: &mut Tx) -> Result<i64> {
    let before = tx.now - REMEMBERED;
    let old = works::table.filter(works::updated_at.lt(before));
    Ok(diesel::delete(old).execute(&mut **tx)? as i64)
}
