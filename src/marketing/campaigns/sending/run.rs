//! One run over a campaign's recipients: a feeder that claims ahead, as many mails under way as there are
//! connections, and the recorder.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Timestamptz, Uuid as SqlUuid};
use futures_util::StreamExt;
use futures_util::stream;
use parking_lot::Mutex;
use platform::db::Tx;
use platform::db::tx::Subject;
use platform::events::Changes;
use platform::jobs::{Job, JobContext};
use platform::mail::{Address, Campaign as Mailing, Envelope, Mailbox, Purpose, Recipient, Token};
use platform::schema::{campaign_runs, campaigns};
use platform::web::App;
use platform::{Error, Result, clock};
use serde_json::Value;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::claim::{Claimed, left};
use super::recorder::{Outcome, record};
use super::{SendCampaign, recovery};
use crate::marketing::brand::Brand;
use crate::marketing::campaigns::campaign::Campaign;
use crate::marketing::campaigns::form::Status;
use crate::marketing::campaigns::states::Installation;
use crate::marketing::templates::Content;

/// After so long a run hands over to another, so that no job is long and every campaign gets its turn.
const SLICE: Duration = Duration::from_secs(5 * 60);
/// A run that was not heard of for this long is dead.
const LOST: TimeDelta = TimeDelta::seconds(20);
/// The server is away when so many mails in a row could not even be handed over.
const PATIENCE: usize = 20;
/// Claimed batches that wait for their turn.
const AHEAD: usize = 2;

/// So long an attempt waits for the run before it to wind up.
const WAIT: Duration = Duration::from_secs(10);

/// The right to send a campaign from this machine: a locked file, so that it ends with the process.
struct Place(Option<File>);

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
    let Some(place) = place(ctx, id, run, node).await? else {
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

/// Becomes the run that sends this campaign; waits a little for one that is winding up.
async fn place(ctx: &JobContext, campaign: Uuid, run: Uuid, node: Uuid) -> Result<Option<Place>> {
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

struct Run {
    app: Arc<App>,
    subject: Subject,
    campaign: Uuid,
    run: Uuid,
    node: Uuid,
    stop: Arc<AtomicBool>,
    unreachable: AtomicUsize,
    trouble: Mutex<Option<String>>,
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

    async fn send_all(
        &self,
        mailing: &Mailing,
        from: &Address,
        batches: mpsc::Receiver<Vec<Claimed>>,
        told: mpsc::Sender<(Uuid, Outcome)>,
    ) -> Result<()> {
        let width = self.app.mail.transport()?.width().max(1);
        let recipients = stream::unfold(batches, |mut batches| async move {
            let batch = batches.recv().await?;
            Some((stream::iter(batch), batches))
        })
        .flatten();
        let told = &told;
        recipients
            .for_each_concurrent(width, |recipient| async move {
                let id = recipient.id;
                let outcome = if self.stop.load(Ordering::Relaxed) {
                    Outcome::Returned
                } else {
                    self.send(mailing, from, recipient).await
                };
                // The recorder is gone only when the database is: the journal has it.
                if told.send((id, outcome)).await.is_err() {
                    self.stop.store(true, Ordering::Relaxed);
                }
            })
            .await;
        Ok(())
    }

    async fn send(&self, mailing: &Mailing, from: &Address, recipient: Claimed) -> Outcome {
        let to = match Address::parse(&recipient.email) {
            Ok(address) => Mailbox::new(None, address),
            Err(problem) => return Outcome::Failed(problem.to_string()),
        };
        let token = self.app.mail.tokens.sign(&Token {
            workspace: self.subject.workspace,
            recipient: recipient.id,
            purpose: Purpose::Campaign,
        });
        let key = recipient.id.to_string();
        let contact = recipient.contact.unwrap_or_default();
        let fields = Value::Object([("contact".to_owned(), contact)].into_iter().collect());
        let reader = Recipient {
            to: &to,
            token: &token,
            key: &key,
            fields: &fields,
        };
        let mail = match mailing.mail(&reader, clock::now()) {
            Ok(mail) => mail,
            Err(problem) => return Outcome::Failed(problem.to_string()),
        };
        let envelope = Envelope {
            from: from.clone(),
            to: to.address().clone(),
        };
        self.hand_over(recipient.id, &envelope, &mail).await
    }

    async fn hand_over(&self, id: Uuid, envelope: &Envelope, mail: &[u8]) -> Outcome {
        let (Ok(transport), Ok(journal)) = (self.app.mail.transport(), self.app.mail.journal())
        else {
            return Outcome::Returned;
        };
        let delivery = transport
            .send_noting(envelope, mail, || journal.handed_over(id))
            .await;
        let accepted = delivery.is_accepted();
        if let platform::mail::Delivery::Unreachable { reason } = &delivery {
            if self.unreachable.fetch_add(1, Ordering::Relaxed) + 1 >= PATIENCE {
                let trouble = format!("The mail server can't be reached: {reason}");
                self.trouble.lock().get_or_insert(trouble);
                self.stop.store(true, Ordering::Relaxed);
            }
            return Outcome::Returned;
        }
        self.unreachable.store(0, Ordering::Relaxed);
        let answered = match &delivery {
            platform::mail::Delivery::Unanswered => Ok(()),
            _ => journal.answered(id, accepted),
        };
        if let Err(error) = answered {
            tracing::error!(%error, "the journal can't be written; sending stops");
            self.stop.store(true, Ordering::Relaxed);
        }
        Outcome::of(delivery)
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
