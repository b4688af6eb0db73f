//! One run over a campaign's recipients: a feeder that claims ahead, as many mails under way as there are
//! connections, and the recorder.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Uuid as SqlUuid;
use parking_lot::Mutex;
use platform::db::Tx;
use platform::db::tx::Subject;
use platform::events::Changes;
use platform::jobs::{Job, JobContext};
use platform::mail::{Address, Campaign as Mailing};
use platform::records::Editable;
use platform::schema::{campaign_runs, campaigns};
use platform::web::App;
use platform::{Error, Result};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::claim::{Claimed, left};
use super::place::become_run;
use super::recorder::record;
use super::{SendCampaign, recovery};
use crate::marketing::brand::Brand;
use crate::marketing::campaigns::campaign::Campaign;
use crate::marketing::campaigns::form::Status;
use crate::marketing::campaigns::states::Installation;
use crate::marketing::templates::Content;

/// After so long a run hands over to another, so that no job is long and every campaign gets its turn.
const SLICE: Duration = Duration::from_secs(5 * 60);
/// Claimed batches that wait for their turn.
const AHEAD: usize = 2;

/// Tells the run to wind up when the attempt that waits for it is dropped.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

pub async fn campaign(ctx: &JobContext, id: Uuid) -> Result<()> {
    let (app, run) = (ctx.app.clone(), Uuid::now_v7());
    let node = app.mail.node()?;
    let Some(place) = become_run(ctx, id, run, node).await? else {
        // Another run is at it, and goes on for as long as there is something to send.
        return Ok(());
    };
    let campaign = ctx.tx(move |tx| Campaign::find(tx, id)).await?;
    if campaign.status != Status::Sending {
        return Ok(());
    }
    ctx.tx(move |tx| Campaign::find(tx, id)?.fix_recipients(tx))
        .await?;
    let stop = Arc::new(AtomicBool::new(false));
    let _stop = StopOnDrop(stop.clone());
    let run = Run {
        app,
        subject: ctx.subject()?,
        campaign: id,
        run,
        node,
        stop,
        unreachable: AtomicUsize::new(0),
        trouble: Mutex::new(None),
    };
    // On its own: mails under way are seen to their end even where the attempt is not.
    let ended = tokio::spawn(async move {
        let _place = place;
        run.go().await
    });
    match ended.await.map_err(Error::internal)?? {
        Ended::Finished => Ok(()),
        Ended::Later(at) => later(ctx, id, at).await,
    }
}

enum Ended {
    Finished,
    /// There is more to send, from then on.
    Later(Option<chrono::DateTime<chrono::Utc>>),
}

async fn later(
    ctx: &JobContext,
    campaign: Uuid,
    at: Option<chrono::DateTime<chrono::Utc>>,
) -> Result<()> {
    ctx.tx(move |tx| {
        let job = SendCampaign { campaign };
        tx.enqueue(match at {
            Some(at) => job.new_job_at(at),
            None => job.new_job(),
        });
        Ok(())
    })
    .await
}

pub struct Run {
    pub app: Arc<App>,
    pub subject: Subject,
    campaign: Uuid,
    run: Uuid,
    node: Uuid,
    pub stop: Arc<AtomicBool>,
    /// Mails in a row that could not even be handed over, and why not.
    pub unreachable: AtomicUsize,
    pub trouble: Mutex<Option<String>>,
}

impl Run {
    async fn go(self) -> Result<Ended> {
        let me = Arc::new(self);
        me.take_back().await?;
        let (mailing, from) = me.mailing().await?;
        let (fed, batches) = mpsc::channel(AHEAD);
        let feeder = tokio::spawn(me.clone().feed(fed));
        let (told, outcomes) = mpsc::channel(4_096);
        let recorder = tokio::spawn(record(me.app.clone(), me.subject.clone(), outcomes));
        me.send_all(&mailing, &from, batches, told).await?;
        let fed = feeder.await.map_err(Error::internal)?;
        recorder.await.map_err(Error::internal)??;
        let ended = me.wind_up().await;
        fed?;
        if let Some(trouble) = me.trouble.lock().take() {
            return Err(Error::Unavailable(trouble));
        }
        ended
    }

    async fn tx<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.app.tx(self.subject.clone(), work).await
    }

    /// What a dead run had claimed is settled where its journal knows it, held where nobody can know, and taken
    /// back where nothing had left.
    async fn take_back(&self) -> Result<()> {
        let app = self.app.clone();
        tokio::task::spawn_blocking(move || recovery::recover(&app))
            .await
            .map_err(Error::internal)??;
        let (campaign, node) = (self.campaign, self.node);
        self.tx(move |tx| {
            sql_query(
                "update campaign_recipients set claimed_by = null, \
                   status = case when claimed_by = $2 then 'pending' else 'held' end, \
                   error = case when claimed_by = $2 then '' else 'claimed by another machine that is gone' end \
                 where campaign_id = $1 and status = 'claimed'",
            )
            .bind::<SqlUuid, _>(campaign)
            .bind::<SqlUuid, _>(node)
            .execute(&mut **tx)?;
            Ok(())
        })
        .await
    }

    async fn mailing(&self) -> Result<(Mailing, Address)> {
        let id = self.campaign;
        let (campaign, brand, content) = self
            .tx(move |tx| {
                let content: Option<serde_json::Value> = campaigns::table
                    .filter(campaigns::id.eq(id))
                    .select(campaigns::content)
                    .first(&mut **tx)?;
                Ok((Campaign::find(tx, id)?, Brand::of(tx)?, content))
            })
            .await?;
        let content: Content = serde_json::from_value(content.unwrap_or_default())?;
        let installation = Installation::of(&self.app.config);
        let from = brand
            .sender(
                &campaign.sender_name,
                &campaign.sender_email,
                &installation.mail_from,
            )
            .map_err(Error::Conflict)?;
        let mailing = campaign
            .mailing(
                &content,
                &brand,
                &installation.mail_from,
                &installation.base,
            )
            .map_err(Error::Conflict)?;
        Ok((mailing, from.address().clone()))
    }

    /// Claims ahead of the senders until nothing is left, the time is up, or somebody says stop.
    async fn feed(self: Arc<Self>, batches: mpsc::Sender<Vec<Claimed>>) -> Result<()> {
        let began = Instant::now();
        let mut after = Uuid::nil();
        while !self.stop.load(Ordering::Relaxed) && began.elapsed() < SLICE {
            // Only when there is room: what is claimed should be sent soon.
            let Ok(room) = batches.reserve().await else {
                break;
            };
            let (campaign, run, node) = (self.campaign, self.run, self.node);
            let (batch, last) = self
                .tx(move |tx| Claimed::next(tx, campaign, run, node, after))
                .await?;
            let Some(last) = last else {
                break;
            };
            after = last;
            room.send(batch);
        }
        Ok(())
    }

    /// Ends the run, and the campaign where nobody is left to send to.
    async fn wind_up(&self) -> Result<Ended> {
        let (id, run) = (self.campaign, self.run);
        self.tx(move |tx| {
            let mine = campaign_runs::table
                .filter(campaign_runs::campaign_id.eq(id))
                .filter(campaign_runs::run_id.eq(run));
            if diesel::delete(mine).execute(&mut **tx)? == 0 {
                // Another run has taken over; it ends what there is to end.
                return Ok(Ended::Finished);
            }
            let campaign = Campaign::find(tx, id)?;
            if campaign.status != Status::Sending {
                return Ok(Ended::Finished);
            }
            match left(tx, id)? {
                (true, at) => Ok(Ended::Later(at.filter(|at| *at > tx.now))),
                (false, _) => campaign.finish(tx).map(|()| Ended::Finished),
            }
        })
        .await
    }
}

impl Campaign {
    fn finish(&self, tx: &mut Tx) -> Result<()> {
        let campaign: Option<Campaign> = diesel::update(
            campaigns::table
                .filter(campaigns::id.eq(self.id))
                .filter(campaigns::status.eq(Status::Sending)),
        )
        .set((
            campaigns::status.eq(Status::Sent),
            campaigns::finished_at.eq(tx.now),
        ))
        .returning(Campaign::as_returning())
        .get_result(&mut **tx)
        .optional()?;
        if let Some(campaign) = campaign {
            let counts = crate::marketing::campaigns::results::Counts::of(tx, self.id)?;
            let changes = Changes::none().set("status", Status::Sending, Status::Sent);
            tx.track(&campaign, "campaign.sent", changes)
                .with("counts", counts);
        }
        Ok(())
    }
}
