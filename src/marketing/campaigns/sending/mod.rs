//! Sending a campaign: its recipients fixed by one statement, claimed in batches, sent over many connections, and
//! recorded in groups; a journal on disk knows what left when the database was not told any more.

mod claim;
mod handing;
mod place;
mod recorder;
mod recovery;
mod run;
mod snapshot;

use std::time::Duration;

use diesel::prelude::*;
use platform::db::Tx;
use platform::jobs::{Job, JobContext, Queue, Schedule, Sweep, queue};
use platform::records::Editable;
use platform::schema::campaigns;
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::campaign::Campaign;
use super::form::Status;
use super::states::Installation;

pub use recovery::recover;

/// Sends what there is to send of a campaign, for a while; what is left then is promised anew.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SendCampaign {
    pub campaign: Uuid,
}

impl Job for SendCampaign {
    const QUEUE: Queue = queue::EMAIL;
    const NAME: &'static str = "marketing.send_campaign";
    const TIMEOUT: Duration = Duration::from_secs(15 * 60);

    async fn run(self, ctx: JobContext) -> Result<()> {
        let ended = run::campaign(&ctx, self.campaign).await;
        if let Err(error) = &ended
            && ctx.is_last_attempt()
        {
            // Nobody will try again by himself: say it where the campaign is.
            let (campaign, problem) = (self.campaign, error.to_string());
            ctx.tx(move |tx| Campaign::find(tx, campaign)?.stop(tx, &problem))
                .await?;
        }
        ended
    }
}

/// Starts the campaigns whose time has come.
pub fn schedule() -> Schedule {
    Schedule::every(
        "marketing.start_campaigns",
        "Start scheduled campaigns",
        60,
        start_due,
    )
}

async fn start_due(sweep: Sweep) -> Result<String> {
    let installation = Installation::of(&sweep.app.config);
    let swept = sweep.each(move |tx| due(tx, &installation)).await?;
    Ok(format!("{} campaigns started", swept.total))
}

fn due(tx: &mut Tx, installation: &Installation) -> Result<i64> {
    let due: Vec<Campaign> = campaigns::table
        .filter(campaigns::status.eq(Status::Scheduled))
        .filter(campaigns::scheduled_at.le(tx.now))
        .order(campaigns::scheduled_at)
        .limit(100)
        .select(Campaign::as_select())
        .for_update()
        .skip_locked()
        .load(&mut **tx)?;
    let mut started = 0;
    for campaign in due {
        match campaign.start(tx, installation) {
            Ok(_) => started += 1,
            // What stands in its way is a person's business; the other campaigns go on.
            Err(Error::Conflict(problem)) => {
                let campaign = campaign.unschedule(tx)?;
                diesel::update(campaigns::table.filter(campaigns::id.eq(campaign.id)))
                    .set(campaigns::problem.eq(problem.chars().take(500).collect::<String>()))
                    .execute(&mut **tx)?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(started)
}
