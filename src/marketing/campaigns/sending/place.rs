//! That one campaign is sent by one run at a time: on one machine by a locked file, among several by a row.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Timestamptz, Uuid as SqlUuid};
use platform::db::Tx;
use platform::jobs::JobContext;
use platform::web::App;
use platform::{Error, Result};
use uuid::Uuid;

/// A run that was not heard of for this long is dead.
const LOST: TimeDelta = TimeDelta::seconds(20);
/// So long an attempt waits for the run before it to wind up.
const WAIT: Duration = Duration::from_secs(10);

/// The right to send a campaign from this machine: a locked file, so that it ends with the process.
pub struct Place(Option<File>);

impl Place {
    fn take(app: &App, campaign: Uuid) -> Result<Option<Place>> {
        let folder = app.mail.folder().join("runs");
        fs::create_dir_all(&folder).map_err(Error::internal)?;
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join(campaign.simple().to_string()))
            .map_err(Error::internal)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Place(Some(file)))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(Error::internal(error)),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // After a panic nobody knows what was under way: only the next process may read the journal and go on.
        if std::thread::panicking() {
            std::mem::forget(self.0.take());
        }
    }
}

/// Becomes the run that sends this campaign; waits a little for one that is winding up.
pub async fn become_run(
    ctx: &JobContext,
    campaign: Uuid,
    run: Uuid,
    node: Uuid,
) -> Result<Option<Place>> {
    let began = Instant::now();
    loop {
        if let Some(place) = Place::take(&ctx.app, campaign)?
            && ctx.tx(move |tx| take_over(tx, campaign, run, node)).await?
        {
            return Ok(Some(place));
        }
        if began.elapsed() > WAIT {
            return Ok(None);
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

/// False while a run on another machine is alive; one on this machine is dead, since we have its place.
fn take_over(tx: &mut Tx, campaign: Uuid, run: Uuid, node: Uuid) -> Result<bool> {
    let taken = sql_query(
        "insert into campaign_runs as r (campaign_id, run_id, node_id, seen_at) values ($1, $2, $3, $4) \
         on conflict (workspace_id, campaign_id) do update set run_id = $2, node_id = $3, seen_at = $4 \
         where r.seen_at < $5 or r.node_id = $3",
    )
    .bind::<SqlUuid, _>(campaign)
    .bind::<SqlUuid, _>(run)
    .bind::<SqlUuid, _>(node)
    .bind::<Timestamptz, _>(tx.now)
    .bind::<Timestamptz, _>(tx.now - LOST)
    .execute(&mut **tx)?;
    Ok(taken > 0)
}
