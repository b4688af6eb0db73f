//! The page of a campaign: what stands before its sending, how far it is, and what came of it.

use actix_web::HttpResponse;
use askama::Template;
use diesel::prelude::*;
use platform::Result;
use platform::db::Tx;
use platform::records::open::{Opened, open};
use platform::schema::{email_templates, segments, topics};
use platform::web::can::{Action, View as See};
use platform::web::{Can, Crumb, Form, Id, Page, View, filters};
use serde::Serialize;
use uuid::Uuid;

use super::campaign::Campaign;
use super::form::Status;
use super::recipients::Recipient;
use super::results::{Counts, LinkResult};
use super::review::Review;
use super::states::Installation;
use super::transitions::ScheduleForm;
use crate::marketing::brand::Brand;

/// Recipients of whom something is to be said, on the page.
const AMISS: i64 = 100;

#[derive(Template, Serialize)]
#[template(path = "marketing/campaigns/show.html", blocks = ["progress"])]
struct Show {
    #[serde(flatten)]
    opened: Opened<Campaign>,
    counts: Counts,
    links: Vec<LinkResult>,
    /// Only while there is something to decide.
    review: Option<Review>,
    /// When to send it instead of now, as it was asked for.
    #[serde(skip)]
    schedule: Form<ScheduleForm>,
    #[serde(skip)]
    amiss: Vec<Recipient>,
    #[serde(skip)]
    names: Names,
    #[serde(skip)]
    may_send: bool,
}

impl Page for Show {
    fn title(&self) -> String {
        self.opened.title()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        self.opened.crumbs()
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        match id {
            "progress" => Some(self.as_progress().render()),
            _ => self.opened.block(id),
        }
    }
}

impl Show {
    fn template_url(&self, id: &Uuid) -> String {
        format!("{}/email-templates/{id}", self.opened.sheet.root)
    }
    fn preview_url(&self) -> Option<String> {
        let id = self.opened.row.template_id?;
        Some(format!("{}/preview", self.template_url(&id)))
    }
    fn segment_url(&self, id: &Uuid) -> String {
        format!("{}/segments/{id}", self.opened.sheet.root)
    }
    fn is_sending(&self) -> bool {
        self.opened.row.status == Status::Sending
    }
    fn is_paused(&self) -> bool {
        self.opened.row.status == Status::Paused
    }
    fn is_scheduled(&self) -> bool {
        self.opened.row.status == Status::Scheduled
    }
    fn is_draft(&self) -> bool {
        self.opened.row.status == Status::Draft
    }
    fn has_started(&self) -> bool {
        self.opened.row.started_at.is_some()
    }
    fn can_go(&self) -> bool {
        self.may_send && self.review.as_ref().is_some_and(Review::is_good)
    }
    /// It can't be taken back, so the button says what it does.
    fn send_label(&self) -> String {
        match self.review.as_ref().map(Review::recipients) {
            Some(1) => "Send to 1 contact".into(),
            Some(n) => format!("Send to {} contacts", filters::thousands(&n.to_string())),
            None => "Send".into(),
        }
    }
    /// Whose clock the field of the time goes by.
    fn zone_help(&self) -> String {
        format!(
            "By your clock ({}).",
            self.opened.sheet.zone.name().replace('_', " ")
        )
    }
    fn progress_text(&self) -> String {
        match self.opened.row.snapshot_at {
            None => "Choosing the recipients…".into(),
            Some(_) => format!(
                "{} of {}",
                filters::thousands(&self.counts.done().to_string()),
                filters::thousands(&self.counts.recipients.to_string())
            ),
        }
    }
    /// The figures with their names and, where it says something, their share of what was sent.
    fn figures(&self) -> Vec<(&'static str, String, String)> {
        let c = &self.counts;
        let figure = |n: i64| filters::thousands(&n.to_string());
        let mut figures = vec![
            ("Sent", figure(c.sent), String::new()),
            ("Opened", figure(c.opened), c.share(c.opened)),
            ("Clicked", figure(c.clicked), c.share(c.clicked)),
            (
                "Unsubscribed",
                figure(c.unsubscribed),
                c.share(c.unsubscribed),
            ),
            ("Skipped", figure(c.skipped), String::new()),
            ("Failed", figure(c.failed), String::new()),
        ];
        if c.held > 0 {
            figures.push(("Held", figure(c.held), String::new()));
        }
        figures
    }
}

/// What the ids of a campaign stand for.
#[derive(Clone, Debug, Default)]
struct Names {
    template: Option<String>,
    segment: Option<String>,
    topic: Option<String>,
    /// Whom it comes from and what it is called, also where the workspace and the template say so.
    sender: String,
    subject: String,
}

impl Names {
    fn of(tx: &mut Tx, campaign: &Campaign, brand: &Brand, mail_from: &str) -> Result<Names> {
        let mut names = Names::default();
        let sender = brand.sender(&campaign.sender_name, &campaign.sender_email, mail_from);
        names.sender = sender.map_or_else(|problem| problem.to_string(), |from| from.to_string());
        names.subject.clone_from(&campaign.subject);
        if let Some(id) = campaign.template_id {
            let template: Option<(String, String)> = email_templates::table
                .filter(email_templates::id.eq(id))
                .select((email_templates::name, email_templates::subject))
                .first(&mut **tx)
                .optional()?;
            if let Some((name, subject)) = template {
                names.template = Some(name);
                if names.subject.is_empty() {
                    names.subject = subject;
                }
            }
        }
        if let Some(id) = campaign.segment_id {
            names.segment = segments::table
                .filter(segments::id.eq(id))
                .select(segments::name)
                .first(&mut **tx)
                .optional()?;
        }
        if let Some(id) = campaign.topic_id {
            names.topic = topics::table
                .filter(topics::id.eq(id))
                .select(topics::name)
                .first(&mut **tx)
                .optional()?;
        }
        Ok(names)
    }
}

pub async fn show(can: Can<See, Campaign>, id: Id) -> Result<HttpResponse> {
    let page = page(&can, id.0, Form::of(ScheduleForm::default())).await?;
    can.versioned(page.opened.row.version, page)
}

/// The page again, with what is wrong with the time it should go out at.
pub async fn show_again<A: Action>(
    can: &Can<A, Campaign>,
    id: Uuid,
    schedule: Form<ScheduleForm>,
) -> Result<HttpResponse> {
    let status = schedule.status();
    can.page_with(status, page(can, id, schedule).await?)
}

async fn page<A: Action>(
    can: &Can<A, Campaign>,
    id: Uuid,
    schedule: Form<ScheduleForm>,
) -> Result<Show> {
    let installation = Installation::of(&can.app.config);
    let more = move |tx: &mut Tx, campaign: &Campaign| {
        let brand = Brand::of(tx)?;
        let review = match campaign.is_open() {
            true => Some(campaign.review(tx, &brand, &installation)?),
            false => None,
        };
        let names = Names::of(tx, campaign, &brand, &installation.mail_from)?;
        let amiss = Recipient::amiss(tx, id, AMISS)?;
        let results = (Counts::of(tx, id)?, LinkResult::of(tx, id)?);
        Ok((review, names, amiss, results))
    };
    let (opened, (review, names, amiss, (counts, links))) = open(can, id, more).await?;
    Ok(Show {
        opened,
        counts,
        links,
        review,
        schedule,
        amiss,
        names,
        may_send: can.may("campaigns", "send"),
    })
}
