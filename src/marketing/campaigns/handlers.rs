//! The pages of campaigns, and their API.

use actix_web::HttpResponse;
use askama::Template;
use platform::Result;
use platform::db::Tx;
use platform::records::Editable;
use platform::records::editing::{self, Editing};
use platform::web::can::{Create, Edit};
use platform::web::{Action, Can, Crumb, Form, Id, Page, Toast};
use serde::Serialize;

use super::PATH;
use super::campaign::Campaign;
use super::form::CampaignForm;
use crate::marketing::{segments, templates, topics};

type Options = Vec<(String, String)>;

#[derive(Template, Serialize)]
#[template(path = "marketing/campaigns/form.html")]
struct Editor {
    #[serde(flatten)]
    editing: Editing<Campaign>,
    #[serde(skip)]
    templates: Options,
    #[serde(skip)]
    segments: Options,
    #[serde(skip)]
    topics: Options,
}

impl Page for Editor {
    fn title(&self) -> String {
        self.editing.title()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        self.editing.crumbs()
    }
}

fn choices(tx: &mut Tx, form: &CampaignForm) -> Result<[Options; 3]> {
    Ok([
        templates::choices(tx)?,
        segments::choices(tx)?,
        topics::choices(tx, form.topic_id)?,
    ])
}

async fn editor<A: Action>(
    can: &Can<A, Campaign>,
    editing: Editing<Campaign>,
) -> Result<HttpResponse> {
    let page = |editing, [templates, segments, topics]: [Options; 3]| Editor {
        editing,
        templates,
        segments,
        topics,
    };
    editing.show(can, choices, page).await
}

pub async fn new(can: Can<Create, Campaign>) -> Result<HttpResponse> {
    editor(&can, Editing::new(&can, CampaignForm::default())?).await
}

/// Also from a page that was opened before it was sent, so it says why there is nothing to edit.
pub async fn edit(can: Can<Edit, Campaign>, Id(id): Id) -> Result<HttpResponse> {
    let campaign = can.tx(move |tx| Campaign::find(tx, id)).await?;
    if !campaign.is_open() && !can.asked.json() {
        let gone = Toast::done("What it says is settled, now that it is on its way.");
        let url = can.url(&format!("{PATH}/{id}"));
        return can.redirect(&url, Some(gone.toned("info")));
    }
    let form = Form::of(campaign.form());
    editor(&can, Editing::with(&can, form, Some(campaign))?).await
}

pub async fn create(can: Can<Create, Campaign>, form: Form<CampaignForm>) -> Result<HttpResponse> {
    editing::create(&can, form, "is a draft now", editor).await
}

pub async fn update(
    can: Can<Edit, Campaign>,
    id: Id,
    form: Form<CampaignForm>,
) -> Result<HttpResponse> {
    editing::update(&can, id.0, form, editor).await
}
