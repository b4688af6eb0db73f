//! How a campaign goes from one state to the next.

use chrono::{DateTime, Utc};
use diesel::dsl::now;
use diesel::prelude::*;
use platform::db::Tx;
use platform::events::Changes;
use platform::jobs::Job;
use platform::records::Editable;
use platform::schema::{campaign_links, campaign_recipients, campaigns};
use platform::{Error, Result};

use super::campaign::Campaign;
use super::form::Status;
use super::sending::SendCampaign;
use crate::marketing::brand::Brand;
use crate::marketing::templates::EmailTemplate;

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
        let brand = Brand::of(tx)?;
        let review = self.review(tx, &brand, installation)?;
        if !review.is_good() {
            return Err(Error::Conflict(review.problems.join(" ")));
        }
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
        let brand = Brand::of(tx)?;
        let review = self.review(tx, &brand, installation)?;
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
        if again {
            let open = [Status::Sent, Status::Sending, Status::Paused];
            self.only(&open, "send them again")?;
        }
        let (status, at) = match again {
            true => ("pending", None),
            false => ("sent", Some(tx.now)),
        };
        let held = campaign_recipients::table
            .filter(campaign_recipients::campaign_id.eq(self.id))
            .filter(campaign_recipients::status.eq("held"));
        let settled = diesel::update(held)
            .set((
                campaign_recipients::status.eq(status),
                campaign_recipients::sent_at.eq(at),
                campaign_recipients::error.eq(""),
            ))
            .execute(&mut **tx)?;
        if settled == 0 {
            return Err(Error::Conflict("No mail is held any more.".into()));
        }
        if again {
            return self.become_now(tx, Status::Sending, "campaign.resumed");
        }
        tx.track(self, "campaign.held_settled", Changes::none())
            .with("count", settled);
        Ok(self.clone())
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
