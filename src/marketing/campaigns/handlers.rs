//! The pages of campaigns, and their API.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono_tz::Tz;
use diesel::prelude::*;
use platform::db::Tx;
use platform::records::list::List;
use platform::records::listing::Listing;
use platform::schema::{email_templates, segments};
use platform::web::can::{Archive, Create, Edit, View as See};
use platform::web::{Action, Can, Crumb, Form, Page, Toast, View, filters};
use platform::{Error, Result};
use serde::Serialize;
use uuid::Uuid;

use super::campaign::Campaign;
use super::form::{CampaignForm, Status};
use super::recipients::Recipient;
use super::results::{Counts, LinkResult};
use super::review::Review;
use super::states::Installation;
use crate::marketing::topics;

type Id = web::Path<(String, Uuid)>;

const PATH: &str = "/campaigns";
/// Recipients of whom something is to be said, on the page.
const AMISS: i64 = 100;
const CHOICES: i64 = 1_000;

#[derive(Template, Serialize)]
#[template(path = "marketing/campaigns/index.html", blocks = ["results"])]
struct Index {
    #[serde(flatten)]
    list: List<Campaign>,
    #[serde(skip)]
    listing: Listing,
}

impl Page for Index {
    fn title(&self) -> String {
        self.listing.title()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![Crumb::here(self.title())]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        match id {
            "results" => Some(self.as_results().render()),
            _ => self.listing.block(id, &self.list),
        }
    }
}

pub async fn index(can: Can<See, Campaign>) -> Result<HttpResponse> {
    Listing::page(&can, |list, listing| Index { list, listing }).await
}

#[derive(Template, Serialize)]
#[template(path = "marketing/campaigns/show.html", blocks = ["progress"])]
struct Show {
    #[serde(flatten)]
    campaign: Campaign,
    counts: Counts,
    links: Vec<LinkResult>,
    /// Only while there is something to decide.
    review: Option<Review>,
    #[serde(skip)]
    amiss: Vec<Recipient>,
    #[serde(skip)]
    names: Names,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    root: String,
    #[serde(skip)]
    zone: Tz,
    #[serde(skip)]
    may_edit: bool,
    #[serde(skip)]
    may_send: bool,
    #[serde(skip)]
    may_archive: bool,
}

impl Page for Show {
    fn title(&self) -> String {
        self.campaign.name.clone()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to("Campaigns", &self.base),
            Crumb::here(&self.campaign.name),
        ]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        (id == "progress").then(|| self.as_progress().render())
    }
}

impl Show {
    fn url(&self, path: &str) -> String {
        format!("{}/{}{path}", self.base, self.campaign.id)
    }
    fn template_url(&self, id: &Uuid) -> String {
        format!("{}/email-templates/{id}", self.root)
    }
    fn preview_url(&self) -> Option<String> {
        let id = self.campaign.template_id?;
        Some(format!("{}/preview", self.template_url(&id)))
    }
    fn segment_url(&self, id: &Uuid) -> String {
        format!("{}/segments/{id}", self.root)
    }
    fn is_sending(&self) -> bool {
        self.campaign.status == Status::Sending
    }
    fn is_paused(&self) -> bool {
        self.campaign.status == Status::Paused
    }
    fn is_scheduled(&self) -> bool {
        self.campaign.status == Status::Scheduled
    }
    fn is_draft(&self) -> bool {
        self.campaign.status == Status::Draft
    }
    fn has_started(&self) -> bool {
        self.campaign.started_at.is_some()
    }
    fn can_go(&self) -> bool {
        self.may_send && self.review.as_ref().is_some_and(Review::is_good)
    }
    fn progress_text(&self) -> String {
        match self.campaign.snapshot_at {
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
}

impl Names {
    fn of(tx: &mut Tx, campaign: &Campaign) -> Result<Names> {
        let mut names = Names::default();
        if let Some(id) = campaign.template_id {
            names.template = email_templates::table
                .filter(email_templates::id.eq(id))
                .select(email_templates::name)
                .first(&mut **tx)
                .optional()?;
        }
        if let Some(id) = campaign.segment_id {
            names.segment = segments::table
                .filter(segments::id.eq(id))
                .select(segments::name)
                .first(&mut **tx)
                .optional()?;
        }
        if let Some(id) = campaign.topic_id {
            names.topic = platform::schema::topics::table
                .filter(platform::schema::topics::id.eq(id))
                .select(platform::schema::topics::name)
                .first(&mut **tx)
                .optional()?;
        }
        Ok(names)
    }
}

pub async fn show(can: Can<See, Campaign>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let installation = Installation::of(&can.app.config);
    let page = can.tx(move |tx| {
        let campaign = Campaign::find(tx, id)?;
        let review = match campaign.is_open() {
            true => Some(campaign.review(tx, &installation.mail_from, &installation.base)?),
            false => None,
        };
        let names = Names::of(tx, &campaign)?;
        let amiss = Recipient::amiss(tx, id, AMISS)?;
        let counts = Counts::of(tx, id)?;
        Ok((
            campaign,
            counts,
            LinkResult::of(tx, id)?,
            review,
            names,
            amiss,
        ))
    });
    let (campaign, counts, links, review, names, amiss) = page.await?;
    let etag = format!("\"{}\"", campaign.version);
    let mut response = can.page(Show {
        campaign,
        counts,
        links,
        review,
        amiss,
        names,
        base: can.url(PATH),
        root: can.url(""),
        zone: can.zone,
        may_edit: can.may("campaigns", "edit"),
        may_send: can.may("campaigns", "send"),
        may_archive: can.may("campaigns", "archive"),
    })?;
    if let Ok(etag) = etag.parse() {
        response.headers_mut().insert(header::ETAG, etag);
    }
    Ok(response)
}

type Options = Vec<(String, String)>;

#[derive(Template, Serialize)]
#[template(path = "marketing/campaigns/form.html")]
struct Editor {
    form: Form<CampaignForm>,
    #[serde(skip)]
    campaign: Option<Campaign>,
    #[serde(skip)]
    templates: Options,
    #[serde(skip)]
    segments: Options,
    #[serde(skip)]
    topics: Options,
    #[serde(skip)]
    base: String,
}

impl Page for Editor {
    fn title(&self) -> String {
        self.campaign
            .as_ref()
            .map_or("New campaign".into(), |c| format!("Edit {}", c.name))
    }
    fn crumbs(&self) -> Vec<Crumb> {
        let mut crumbs = vec![Crumb::to("Campaigns", &self.base)];
        if let Some(c) = &self.campaign {
            crumbs.push(Crumb::to(&c.name, format!("{}/{}", self.base, c.id)));
        }
        crumbs.push(Crumb::here(if self.campaign.is_some() {
            "Edit"
        } else {
            "New"
        }));
        crumbs
    }
}

impl Editor {
    fn action(&self) -> String {
        match &self.campaign {
            Some(c) => format!("{}/{}?_method=PATCH", self.base, c.id),
            None => self.base.clone(),
        }
    }
    fn cancel(&self) -> String {
        self.campaign
            .as_ref()
            .map_or(self.base.clone(), |c| format!("{}/{}", self.base, c.id))
    }
}

fn options(tx: &mut Tx, topic: Option<Uuid>) -> Result<[Options; 3]> {
    let named = |rows: Vec<(Uuid, String)>| {
        rows.into_iter()
            .map(|(id, name)| (id.to_string(), name))
            .collect()
    };
    Ok([
        named(
            email_templates::table
                .filter(email_templates::archived_at.is_null())
                .order(email_templates::name)
                .limit(CHOICES)
                .select((email_templates::id, email_templates::name))
                .load(&mut **tx)?,
        ),
        named(
            segments::table
                .filter(segments::archived_at.is_null())
                .order(segments::name)
                .limit(CHOICES)
                .select((segments::id, segments::name))
                .load(&mut **tx)?,
        ),
        topics::choices(tx, topic)?,
    ])
}

pub async fn new(can: Can<Create, Campaign>) -> Result<HttpResponse> {
    let form = Form::of(CampaignForm::default());
    editor(&can, StatusCode::OK, form, None).await
}

pub async fn edit(can: Can<Edit, Campaign>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let campaign = can.tx(move |tx| Campaign::find(tx, id)).await?;
    let form = Form::of(CampaignForm::from(&campaign));
    editor(&can, StatusCode::OK, form, Some(campaign)).await
}

async fn editor<A: Action>(
    can: &Can<A, Campaign>,
    status: StatusCode,
    form: Form<CampaignForm>,
    campaign: Option<Campaign>,
) -> Result<HttpResponse> {
    if can.asked.json() && !form.is_valid() {
        return Err(form.valid().err().unwrap_or(Error::NotFound));
    }
    let topic = form.data.topic_id;
    let [templates, segments, topics] = can.tx(move |tx| options(tx, topic)).await?;
    can.page_with(
        status,
        Editor {
            form,
            campaign,
            templates,
            segments,
            topics,
            base: can.url(PATH),
        },
    )
}

pub async fn create(can: Can<Create, Campaign>, form: Form<CampaignForm>) -> Result<HttpResponse> {
    if !form.is_valid() {
        return editor(&can, StatusCode::UNPROCESSABLE_ENTITY, form, None).await;
    }
    let campaign = can.tx(move |tx| Campaign::create(tx, form.data)).await?;
    let url = can.url(&format!("{PATH}/{}", campaign.id));
    can.created(
        &url,
        campaign.version,
        &campaign,
        Toast::done(format!("{} is a draft now", campaign.name)),
    )
}

pub async fn update(
    can: Can<Edit, Campaign>,
    id: Id,
    form: Form<CampaignForm>,
) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let campaign = can.tx(move |tx| Campaign::find(tx, id)).await?;
    let version = can
        .asked
        .version()
        .or_else(|| form.value("version").parse().ok())
        .unwrap_or(campaign.version);
    let form = form.over(&CampaignForm::from(&campaign));
    if !form.is_valid() {
        return editor(&can, StatusCode::UNPROCESSABLE_ENTITY, form, Some(campaign)).await;
    }
    let campaign = can
        .tx(move |tx| campaign.update(tx, version, form.data))
        .await?;
    let url = can.url(&format!("{PATH}/{}", campaign.id));
    can.updated(&url, campaign.version, &campaign, Toast::done("Saved"))
}

pub async fn archive(can: Can<Archive, Campaign>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let campaign = can
        .tx(move |tx| Campaign::find(tx, id)?.archive(tx))
        .await?;
    let undo = can.url(&format!("{PATH}/{}/restoration", campaign.id));
    can.done(
        &can.url(PATH),
        Toast::done(format!("{} is archived", campaign.name)).undo(undo),
    )
}

pub async fn restore(can: Can<Archive, Campaign>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let campaign = can
        .tx(move |tx| Campaign::find(tx, id)?.restore(tx))
        .await?;
    let url = can.url(&format!("{PATH}/{}", campaign.id));
    can.updated(
        &url,
        campaign.version,
        &campaign,
        Toast::done(format!("{} is back", campaign.name)),
    )
}
