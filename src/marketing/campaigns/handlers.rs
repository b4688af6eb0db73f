//! The pages of campaigns, and their API.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use diesel::prelude::*;
use platform::db::Tx;
use platform::schema::{email_templates, segments};
use platform::web::can::{Archive, Create, Edit};
use platform::web::{Action, Can, Crumb, Form, Page, Toast, View};
use platform::{Error, Result};
use serde::Serialize;
use uuid::Uuid;

use super::campaign::Campaign;
use super::form::CampaignForm;
use super::{Id, PATH};
use crate::marketing::topics;

const CHOICES: i64 = 1_000;

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
