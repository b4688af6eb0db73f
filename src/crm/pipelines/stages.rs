//! The pages of a pipeline's stages.

use actix_web::HttpResponse;
use askama::Template;
use platform::Result;
use platform::filter::FilterEditor;
use platform::order::Shift;
use platform::web::can::{Manage, View as See};
use platform::web::filters::thousands;
use platform::web::{Action, Can, Crumb, Form, Id, Page, Toast, View, filters};
use serde::Serialize;

use super::forms::{PipelineForm, Removal, StageForm};
use super::handlers::{self, PATH};
use super::pipeline::Pipeline;
use super::stage::Stage;
use crate::crm::deals;
use crate::workspaces::settings;
use crate::workspaces::tags::Colour;

#[derive(Template, Serialize)]
#[template(path = "crm/pipelines/stage.html")]
struct Editor {
    #[serde(flatten)]
    stage: Stage,
    deals: i64,
    #[serde(skip)]
    pipeline: Pipeline,
    #[serde(skip)]
    form: Form<StageForm>,
    /// Where its deals could go.
    #[serde(skip)]
    others: Vec<(String, String)>,
    #[serde(skip)]
    fields: Vec<(String, String)>,
    #[serde(skip)]
    gate: String,
    #[serde(skip)]
    root: String,
    #[serde(skip)]
    may_manage: bool,
}

impl Page for Editor {
    fn title(&self) -> String {
        self.stage.name.clone()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        let base = format!("{}{PATH}", self.root);
        vec![
            settings::crumb(&base, PATH),
            Crumb::to("Pipelines", &base),
            Crumb::to(&self.pipeline.name, self.back()),
            Crumb::here(self.title()),
        ]
    }
}

impl Editor {
    fn back(&self) -> String {
        format!("{}{PATH}/{}", self.root, self.pipeline.id)
    }
    fn url(&self, path: &str) -> String {
        format!("{}/settings/stages/{}{path}", self.root, self.stage.id)
    }
    fn colours(&self) -> Vec<(&'static str, &'static str)> {
        Colour::options()
    }
    fn kinds(&self) -> [(&'static str, &'static str); 3] {
        [
            ("open", "Open: the deal goes on"),
            ("won", "Won: the deal ends here"),
            ("lost", "Lost: the deal ends here, and somebody says why"),
        ]
    }
}

/// Holds a form against the fields that deals have in this workspace.
fn settle<A>(can: &Can<A, Pipeline>, form: &mut Form<StageForm>) {
    let catalogue = can.setup.catalogue(&deals::KIND);
    StageForm::settle(form, &deals::requirable(&can.setup), &catalogue);
}

pub async fn create(
    can: Can<Manage, Pipeline>,
    Id(id): Id,
    mut form: Form<StageForm>,
) -> Result<HttpResponse> {
    let pipeline = can.tx(move |tx| Pipeline::find(tx, id)).await?;
    settle(&can, &mut form);
    let made = form.write(&can, move |tx, data| Stage::create(tx, id, &data));
    let stage = match made.await? {
        Ok(stage) => stage,
        Err(stage) => {
            let form = Form::of(PipelineForm::from(&pipeline));
            return handlers::editor(&can, pipeline, form, stage).await;
        }
    };
    can.app.forget_setup(can.membership.workspace_id);
    if can.asked.json() {
        let url = can.url(&format!("/settings/stages/{}", stage.id));
        return Ok(handlers::made_at(&url, &stage));
    }
    let words = format!("{} is added", stage.name);
    can.redirect(&can.url(&format!("{PATH}/{id}")), Some(Toast::done(words)))
}

pub async fn edit(can: Can<See, Pipeline>, Id(id): Id) -> Result<HttpResponse> {
    let stage = can.tx(move |tx| Stage::find(tx, id)).await?;
    let form = Form::of(StageForm::from(&stage));
    editor(&can, stage, form).await
}

async fn editor<A: Action>(
    can: &Can<A, Pipeline>,
    stage: Stage,
    form: Form<StageForm>,
) -> Result<HttpResponse> {
    form.for_people(&can.asked)?;
    let of = stage.clone();
    let read = can.tx(move |tx| {
        let pipeline = Pipeline::find(tx, of.pipeline_id)?;
        Ok((
            pipeline,
            of.deals(tx)?,
            Stage::of_pipeline(tx, of.pipeline_id)?,
        ))
    });
    let (pipeline, count, all) = read.await?;
    let others = all
        .iter()
        .filter(|s| s.id != stage.id && s.kind == stage.kind);
    let catalogue = can.setup.catalogue(&deals::KIND);
    let page = Editor {
        others: others.map(|s| (s.id.to_string(), s.name.clone())).collect(),
        deals: count,
        fields: deals::requirable(&can.setup),
        gate: FilterEditor::new(&catalogue, "gate", &form.data.draft()).render()?,
        root: can.url(""),
        may_manage: can.may("pipelines", "manage"),
        pipeline,
        stage,
        form,
    };
    can.page_with(page.form.status(), page)
}

pub async fn update(
    can: Can<Manage, Pipeline>,
    Id(id): Id,
    form: Form<StageForm>,
) -> Result<HttpResponse> {
    let stage = can.tx(move |tx| Stage::find(tx, id)).await?;
    let mut form = form.over(&StageForm::from(&stage));
    // A button of the filter's editor asks for the form with another line.
    if form.data.draft().editing {
        return editor(&can, stage, form.unfinished()).await;
    }
    settle(&can, &mut form);
    let before = stage.clone();
    let saved = form.write(&can, move |tx, data| before.save(tx, &data));
    let stage = match saved.await? {
        Ok(saved) => saved,
        Err(form) => return editor(&can, stage, form).await,
    };
    can.app.forget_setup(can.membership.workspace_id);
    if can.asked.json() {
        return Ok(HttpResponse::Ok().json(stage));
    }
    let url = can.url(&format!("{PATH}/{}", stage.pipeline_id));
    can.redirect(&url, Some(Toast::done("Saved")))
}

pub async fn remove(
    can: Can<Manage, Pipeline>,
    Id(id): Id,
    form: Form<Removal>,
) -> Result<HttpResponse> {
    let stage = can.tx(move |tx| Stage::find(tx, id)).await?;
    let before = stage.clone();
    let removed = form.write(&can, move |tx, data| before.remove(tx, data.to));
    let moved = match removed.await? {
        Ok(moved) => moved,
        Err(wrong) => {
            wrong.for_people(&can.asked)?;
            let mut form = Form::of(StageForm::from(&stage));
            form.refuse_all(wrong.problems().to_vec());
            return editor(&can, stage, form).await;
        }
    };
    can.app.forget_setup(can.membership.workspace_id);
    let words = match moved {
        0 => format!("{} is gone", stage.name),
        1 => format!("{} is gone, its deal is moved", stage.name),
        n => format!(
            "{} is gone, its {} deals are moved",
            stage.name,
            thousands(&n.to_string())
        ),
    };
    let url = can.url(&format!("{PATH}/{}", stage.pipeline_id));
    can.done(&url, Toast::done(words))
}

pub async fn shift(
    can: Can<Manage, Pipeline>,
    Id(id): Id,
    form: Form<Shift>,
) -> Result<HttpResponse> {
    let by = form.valid()?.by;
    let stage = can
        .tx(move |tx| {
            let stage = Stage::find(tx, id)?;
            stage.shift(tx, by)?;
            Ok(stage)
        })
        .await?;
    can.app.forget_setup(can.membership.workspace_id);
    let url = can.url(&format!("{PATH}/{}", stage.pipeline_id));
    can.done(&url, Toast::done("The order is changed"))
}
