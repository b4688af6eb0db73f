//! How a campaign goes from one state to the next.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use diesel::dsl::now;
use diesel::prelude::*;
use platform::db::Tx;
use platform::events::Changes;
use platform::jobs::Job;
use platform::schema::{campaign_links, campaign_recipients, campaigns};
use platform::web::can::SendMail;
use platform::web::{Can, Form, Toast};
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use super::campaign::Campaign;
use super::form::Status;
use super::sending::SendCampaign;
use crate::marketing::brand::Brand;
use crate::marketing::templates::EmailTemplate;

type Id = web::Path<(String, Uuid)>;
type Sends = Can<SendMail, Campaign>;

/// What sending needs to know of the installation.
#[derive(Clone, Debug)]
pub struct Installation {
    pub mail_from: String,
    pub base: String,
}

impl Installation {
    pub fn of(config: &platform::config::Config) -> Installation {
        Installation {
            mail_from: config.mail_from.clone(),
            base: config.public_url.clone(),
        }
    }
}

impl Campaign {
    /// Starts sending: the content is fixed now, whom it goes to is fixed by the job.
    pub fn start(&self, tx: &mut Tx, installation: &Installation) -> Result<Campaign> {
        if !self.is_open() {
            return Err(self.in_the_way("be sent"));
        }
        let review = self.review(tx, &installation.mail_from, &installation.base)?;
        if !review.is_good() {
            return Err(Error::Conflict(review.problems.join(" ")));
        }
        let brand = Brand::of(tx)?;
        let template = self
            .template_id
            .ok_or_else(|| Error::Conflict("Choose a template.".into()))?;
        let content = self.content(&EmailTemplate::find(tx, template)?, &brand);
        let compiled = content
            .compile()
            .map_err(|e| Error::Conflict(e.to_string()))?;
        let links: Vec<_> = compiled
            .links()
            .iter()
            .map(|link| {
                (
                    campaign_links::campaign_id.eq(self.id),
                    campaign_links::number.eq(link.number as i32),
                    campaign_links::url.eq(link.target.clone()),
                )
            })
            .collect();
        diesel::insert_into(campaign_links::table)
            .values(links)
            .on_conflict_do_nothing()
            .execute(&mut **tx)?;
        diesel::update(campaigns::table.filter(campaigns::id.eq(self.id)))
            .set((
                campaigns::content.eq(serde_json::to_value(&content)?),
                campaigns::started_at.eq(tx.now),
            ))
            .execute(&mut **tx)?;
        self.become_now(tx, Status::Sending, "campaign.started")
    }

    pub fn schedule(
        &self,
        tx: &mut Tx,
        at: DateTime<Utc>,
        installation: &Installation,
    ) -> Result<Campaign> {
        if !self.is_open() {
            return Err(self.in_the_way("be scheduled"));
        }
        let review = self.review(tx, &installation.mail_from, &installation.base)?;
        if !review.is_good() {
            return Err(Error::Conflict(review.problems.join(" ")));
        }
        diesel::update(campaigns::table.filter(campaigns::id.eq(self.id)))
            .set(campaigns::scheduled_at.eq(at))
            .execute(&mut **tx)?;
        self.become_now(tx, Status::Scheduled, "campaign.scheduled")
    }

    pub fn unschedule(&self, tx: &mut Tx) -> Result<Campaign> {
        self.only(&[Status::Scheduled], "be taken back")?;
        diesel::update(campaigns::table.filter(campaigns::id.eq(self.id)))
            .set(campaigns::scheduled_at.eq(None::<DateTime<Utc>>))
            .execute(&mut **tx)?;
        self.become_now(tx, Status::Draft, "campaign.unscheduled")
    }

    pub fn pause(&self, tx: &mut Tx) -> Result<Campaign> {
        self.only(&[Status::Sending], "be paused")?;
        self.become_now(tx, Status::Paused, "campaign.paused")
    }

    pub fn resume(&self, tx: &mut Tx) -> Result<Campaign> {
        self.only(&[Status::Paused], "be resumed")?;
        self.become_now(tx, Status::Sending, "campaign.resumed")
    }

    /// Ends it where it stands; what has not left stays here.
    pub fn cancel(&self, tx: &mut Tx) -> Result<Campaign> {
        self.only(
            &[Status::Scheduled, Status::Sending, Status::Paused],
            "be cancelled",
        )?;
        diesel::update(
            campaign_recipients::table
                .filter(campaign_recipients::campaign_id.eq(self.id))
                .filter(campaign_recipients::status.eq("pending")),
        )
        .set((
            campaign_recipients::status.eq("skipped"),
            campaign_recipients::error.eq("campaign cancelled"),
        ))
        .execute(&mut **tx)?;
        diesel::update(campaigns::table.filter(campaigns::id.eq(self.id)))
            .set(campaigns::finished_at.eq(now))
            .execute(&mut **tx)?;
        self.become_now(tx, Status::Cancelled, "campaign.cancelled")
    }

    /// Decides on mails that were handed over without an answer: `again` sends them once more.
    pub fn settle_held(&self, tx: &mut Tx, again: bool) -> Result<Campaign> {
        let held = campaign_recipients::table
            .filter(campaign_recipients::campaign_id.eq(self.id))
            .filter(campaign_recipients::status.eq("held"));
        if !again {
            let settled = diesel::update(held)
                .set((
                    campaign_recipients::status.eq("sent"),
                    campaign_recipients::sent_at.eq(tx.now),
                    campaign_recipients::error.eq(""),
                ))
                .execute(&mut **tx)?;
            tx.track(self, "campaign.held_settled", Changes::none())
                .with("count", settled);
            return Ok(self.clone());
        }
        self.only(
            &[Status::Sent, Status::Sending, Status::Paused],
            "send again",
        )?;
        diesel::update(held)
            .set((
                campaign_recipients::status.eq("pending"),
                campaign_recipients::error.eq(""),
            ))
            .execute(&mut **tx)?;
        self.become_now(tx, Status::Sending, "campaign.resumed")
    }

    /// Stops with a reason that somebody has to look at.
    pub fn stop(&self, tx: &mut Tx, problem: &str) -> Result<()> {
        if self.status != Status::Sending {
            return Ok(());
        }
        let problem: String = problem.chars().take(500).collect();
        self.become_now(tx, Status::Paused, "campaign.stopped")?;
        diesel::update(campaigns::table.filter(campaigns::id.eq(self.id)))
            .set(campaigns::problem.eq(problem))
            .execute(&mut **tx)?;
        Ok(())
    }

    fn become_now(&self, tx: &mut Tx, status: Status, event: &'static str) -> Result<Campaign> {
        let row = campaigns::table
            .filter(campaigns::id.eq(self.id))
            .filter(campaigns::status.eq(self.status));
        let campaign: Option<Campaign> = diesel::update(row)
            .set((campaigns::status.eq(status), campaigns::problem.eq("")))
            .returning(Campaign::as_returning())
            .get_result(&mut **tx)
            .optional()?;
        // Somebody else changed its state since we looked.
        let campaign = campaign.ok_or_else(|| self.in_the_way("be changed"))?;
        if status == Status::Sending {
            tx.enqueue(SendCampaign { campaign: self.id }.new_job());
        }
        let changes = Changes::none().set("status", self.status, status);
        tx.track(&campaign, event, changes);
        Ok(campaign)
    }

    fn only(&self, allowed: &[Status], what: &str) -> Result<()> {
        if allowed.contains(&self.status) {
            return Ok(());
        }
        Err(self.in_the_way(what))
    }

    fn in_the_way(&self, what: &str) -> Error {
        Error::Conflict(format!(
            "The campaign is {} and can't {what}.",
            self.status.label().to_lowercase()
        ))
    }
}

/// Makes the change and shows the campaign.
async fn change(
    can: &Sends,
    id: Uuid,
    said: &'static str,
    work: impl FnOnce(&Campaign, &mut Tx, &Installation) -> Result<Campaign> + Send + 'static,
) -> Result<HttpResponse> {
    let installation = Installation::of(&can.app.config);
    let campaign = can
        .tx(move |tx| {
            let campaign = Campaign::find(tx, id)?;
            work(&campaign, tx, &installation)
        })
        .await?;
    let url = can.url(&format!("/campaigns/{id}"));
    can.updated(&url, campaign.version, &campaign, Toast::done(said))
}

pub async fn send(can: Sends, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    change(&can, id, "Sending has begun", |c, tx, i| c.start(tx, i)).await
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct ScheduleForm {
    pub scheduled_at: String,
}

pub async fn schedule(can: Sends, id: Id, form: Form<ScheduleForm>) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let at = moment(&form.data.scheduled_at, can.zone)
        .filter(|at| *at > platform::clock::now())
        .ok_or_else(|| Error::invalid("scheduled_at", "Choose a time that is still to come."))?;
    change(&can, id, "The campaign is scheduled", move |c, tx, i| {
        c.schedule(tx, at, i)
    })
    .await
}

/// A time as a program writes it, or as the field of a page does: without a zone, in that of the person.
fn moment(text: &str, zone: chrono_tz::Tz) -> Option<DateTime<Utc>> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.with_timezone(&Utc));
    }
    let local = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
        .iter()
        .find_map(|form| chrono::NaiveDateTime::parse_from_str(text, form).ok())?;
    local
        .and_local_timezone(zone)
        .earliest()
        .map(|at| at.with_timezone(&Utc))
}

pub async fn unschedule(can: Sends, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    change(&can, id, "It is a draft again", |c, tx, _| c.unschedule(tx)).await
}

pub async fn pause(can: Sends, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    change(&can, id, "Sending is paused", |c, tx, _| c.pause(tx)).await
}

pub async fn resume(can: Sends, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    change(&can, id, "Sending goes on", |c, tx, _| c.resume(tx)).await
}

pub async fn cancel(can: Sends, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    change(&can, id, "The campaign is cancelled", |c, tx, _| {
        c.cancel(tx)
    })
    .await
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct HeldForm {
    /// `again` or `sent`.
    pub decision: String,
}

pub async fn settle(can: Sends, id: Id, form: Form<HeldForm>) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let again = match form.data.decision.as_str() {
        "again" => true,
        "sent" => false,
        _ => return Err(Error::invalid("decision", "Decide for “again” or “sent”.")),
    };
    let said = if again {
        "They are sent again"
    } else {
        "They count as sent"
    };
    change(&can, id, said, move |c, tx, _| c.settle_held(tx, again)).await
}
