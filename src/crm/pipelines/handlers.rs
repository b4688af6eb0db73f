//! The pages of pipelines, and their API.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use askama::Template;
use platform::Result;
use platform::order::Shift;
use platform::web::can::{Manage, View as See};
use platform::web::{Action, Can, Crumb, Form, Id, Page, Toast, View, filters};
use serde::Serialize;

use super::forms::{PipelineForm, ReasonForm, StageForm};
use super::pipeline::Pipeline;
use super::reason::Reason;
use super::stage::{Filled, Stage, StageKind};
use crate::workspaces::settings::{self, CURRENCIES};
use crate::workspaces::tags::Colour;

pub(super) const PATH: &str = "/settings/pipelines";

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    pipeline: Pipeline,
    stages: Vec<Stage>,
}

#[derive(Template, Serialize)]
#[template(path = "crm/pipelines/index.html")]
struct Index {
    items: Vec<Shown>,
    reasons: Vec<Reason>,
    #[serde(skip)]
    form: Form<PipelineForm>,
    #[serde(skip)]
    reason: Form<ReasonForm>,
    #[serde(skip)]
    root: String,
    #[serde(skip)]
    may_manage: bool,
}

impl Page for Index {
    fn title(&self) -> String {
        "Pipelines".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            settings::crumb(&self.base(), PATH),
            Crumb::here("Pipelines"),
        ]
    }
}

impl Index {
    fn base(&self) -> String {
        format!("{}{PATH}", self.root)
    }
    fn url(&self, pipeline: &Pipeline, path: &str) -> String {
        format!("{}{PATH}/{}{path}", self.root, pipeline.id)
    }
    fn board(&self, pipeline: &Pipeline) -> String {
        format!("{}/deals/board?pipeline={}", self.root, pipeline.id)
    }
    fn reason_url(&self, reason: &Reason, path: &str) -> String {
        format!("{}/settings/close-reasons/{}{path}", self.root, reason.id)
    }
    fn reasons_url(&self) -> String {
        format!("{}/settings/close-reasons", self.root)
    }
    fn open(&self) -> impl Iterator<Item = &Shown> {
        self.items
            .iter()
            .filter(|i| i.pipeline.archived_at.is_none())
    }
    fn archived(&self) -> Vec<&Pipeline> {
        let all = self.items.iter().map(|i| &i.pipeline);
        all.filter(|p| p.archived_at.is_some()).collect()
    }
    /// Heading and reasons of both ways in which a deal ends.
    fn endings(&self) -> [(&'static str, Vec<&Reason>); 2] {
        let of = |kind| self.reasons.iter().filter(|r| r.kind == kind).collect();
        [("Lost", of(StageKind::Lost)), ("Won", of(StageKind::Won))]
    }
    fn kinds(&self) -> [(&'static str, &'static str); 2] {
        [("lost", "Lost"), ("won", "Won")]
    }
    fn currencies(&self) -> Vec<(&'static str, &'static str)> {
        currencies()
    }
}

pub(super) fn currencies() -> Vec<(&'static str, &'static str)> {
    CURRENCIES.iter().map(|code| (*code, *code)).collect()
}

pub async fn index(can: Can<See, Pipeline>) -> Result<HttpResponse> {
    let form = PipelineForm {
        currency: can.membership.currency.clone(),
        ..PipelineForm::default()
    };
    let reason = ReasonForm::default();
    show(&can, StatusCode::OK, Form::of(form), Form::of(reason)).await
}

async fn show<A: Action>(
    can: &Can<A, Pipeline>,
    status: StatusCode,
    form: Form<PipelineForm>,
    reason: Form<ReasonForm>,
) -> Result<HttpResponse> {
    form.for_people(&can.asked)?;
    reason.for_people(&can.asked)?;
    let read = can.tx(|tx| {
        let mut items = Vec::new();
        for pipeline in Pipeline::all(tx)? {
            let stages = pipeline.stages(tx)?;
            items.push(Shown { pipeline, stages });
        }
        Ok((items, Reason::all(tx)?))
    });
    let (items, reasons) = read.await?;
    let page = Index {
        items,
        reasons,
        form,
        reason,
        root: can.url(""),
        may_manage: can.may("pipelines", "manage"),
    };
    can.page_with(status, page)
}

pub async fn create(can: Can<Manage, Pipeline>, form: Form<PipelineForm>) -> Result<HttpResponse> {
    let made = form.write(&can, |tx, data| Pipeline::create(tx, &data));
    let pipeline = match made.await? {
        Ok(pipeline) => pipeline,
        Err(form) => {
            let reason = Form::of(ReasonForm::default());
            return show(&can, form.status(), form, reason).await;
        }
    };
    can.app.forget_setup(can.membership.workspace_id);
    let url = can.url(&format!("{PATH}/{}", pipeline.id));
    if can.asked.json() {
        return Ok(made_at(&url, &pipeline));
    }
    let words = format!("{} is added. Now its stages.", pipeline.name);
    can.redirect(&url, Some(Toast::done(words)))
}

pub(super) fn made_at(url: &str, made: &impl Serialize) -> HttpResponse {
    HttpResponse::Created()
        .insert_header((header::LOCATION, format!("/api/v1{url}")))
        .json(made)
}

#[derive(Template, Serialize)]
#[template(path = "crm/pipelines/edit.html")]
struct Editor {
    #[serde(flatten)]
    pipeline: Pipeline,
    stages: Vec<Stage>,
    #[serde(skip)]
    form: Form<PipelineForm>,
    #[serde(skip)]
    stage: Form<StageForm>,
    #[serde(skip)]
    filled: Vec<Filled>,
    #[serde(skip)]
    root: String,
    #[serde(skip)]
    may_manage: bool,
}

impl Page for Editor {
    fn title(&self) -> String {
        self.pipeline.name.clone()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        let base = format!("{}{PATH}", self.root);
        vec![
            settings::crumb(&base, PATH),
            Crumb::to("Pipelines", base),
            Crumb::here(self.title()),
        ]
    }
}

impl Editor {
    fn url(&self, path: &str) -> String {
        format!("{}{PATH}/{}{path}", self.root, self.pipeline.id)
    }
    fn stage_url(&self, stage: &Stage, path: &str) -> String {
        format!("{}/settings/stages/{}{path}", self.root, stage.id)
    }
    fn deals(&self, stage: &Stage) -> i64 {
        let mut filled = self.filled.iter();
        filled
            .find(|f| f.stage_id == stage.id)
            .map_or(0, |f| f.deals)
    }
    fn currencies(&self) -> Vec<(&'static str, &'static str)> {
        currencies()
    }
}

pub async fn edit(can: Can<See, Pipeline>, Id(id): Id) -> Result<HttpResponse> {
    let pipeline = can.tx(move |tx| Pipeline::find(tx, id)).await?;
    let form = Form::of(PipelineForm::from(&pipeline));
    editor(&can, pipeline, form, Form::of(StageForm::default())).await
}

pub(super) async fn editor<A: Action>(
    can: &Can<A, Pipeline>,
    pipeline: Pipeline,
    form: Form<PipelineForm>,
    stage: Form<StageForm>,
) -> Result<HttpResponse> {
    form.for_people(&can.asked)?;
    stage.for_people(&can.asked)?;
    let id = pipeline.id;
    let read = can.tx(move |tx| Ok((Stage::of_pipeline(tx, id)?, Filled::of(tx, id)?)));
    let (stages, filled) = read.await?;
    let status = form.status().max(stage.status());
    let page = Editor {
        pipeline,
        stages,
        form,
        stage,
        filled,
        root: can.url(""),
        may_manage: can.may("pipelines", "manage"),
    };
    can.page_with(status, page)
}

pub async fn update(
    can: Can<Manage, Pipeline>,
    Id(id): Id,
    form: Form<PipelineForm>,
) -> Result<HttpResponse> {
    let pipeline = can.tx(move |tx| Pipeline::find(tx, id)).await?;
    let form = form.over(&PipelineForm::from(&pipeline));
    let before = pipeline.clone();
    let saved = form.write(&can, move |tx, data| before.save(tx, &data));
    let pipeline = match saved.await? {
        Ok(saved) => saved,
        Err(form) => {
            let stage = Form::of(StageForm::default());
            return editor(&can, pipeline, form, stage).await;
        }
    };
    can.app.forget_setup(can.membership.workspace_id);
    if can.asked.json() {
        return Ok(HttpResponse::Ok().json(pipeline));
    }
    let url = can.url(&format!("{PATH}/{id}"));
    can.redirect(&url, Some(Toast::done("Saved")))
}

pub async fn archive(can: Can<Manage, Pipeline>, Id(id): Id) -> Result<HttpResponse> {
    let work = can.tx(move |tx| {
        let pipeline = Pipeline::find(tx, id)?;
        pipeline.archive(tx)?;
        Ok(pipeline)
    });
    let pipeline = work.await?;
    can.app.forget_setup(can.membership.workspace_id);
    let undo = can.url(&format!("{PATH}/{id}/restoration"));
    let words = format!("{} is put away", pipeline.name);
    can.done(&can.url(PATH), Toast::done(words).undo(undo))
}

pub async fn restore(can: Can<Manage, Pipeline>, Id(id): Id) -> Result<HttpResponse> {
    let work = can.tx(move |tx| {
        let pipeline = Pipeline::find(tx, id)?;
        pipeline.restore(tx)?;
        Ok(pipeline)
    });
    let pipeline = work.await?;
    can.app.forget_setup(can.membership.workspace_id);
    let words = format!("{} is back", pipeline.name);
    can.done(&can.url(PATH), Toast::done(words))
}

pub async fn shift(
    can: Can<Manage, Pipeline>,
    Id(id): Id,
    form: Form<Shift>,
) -> Result<HttpResponse> {
    let by = form.valid()?.by;
    can.tx(move |tx| Pipeline::find(tx, id)?.shift(tx, by))
        .await?;
    can.app.forget_setup(can.membership.workspace_id);
    can.done(&can.url(PATH), Toast::done("The order is changed"))
}

pub async fn add_reason(
    can: Can<Manage, Pipeline>,
    mut form: Form<ReasonForm>,
) -> Result<HttpResponse> {
    if form.data.kind == StageKind::Open && form.error("kind").is_none() {
        form.refuse("kind", "A reason is why a deal is won or lost.");
    }
    let made = form.write(&can, |tx, data| Reason::create(tx, &data));
    match made.await? {
        Ok(reason) => {
            can.app.forget_setup(can.membership.workspace_id);
            if can.asked.json() {
                let url = can.url(&format!("/settings/close-reasons/{}", reason.id));
                return Ok(made_at(&url, &reason));
            }
            let words = format!("“{}” is added", reason.name);
            can.redirect(&can.url(PATH), Some(Toast::done(words)))
        }
        Err(reason) => {
            let form = Form::of(PipelineForm::default());
            show(&can, reason.status(), form, reason).await
        }
    }
}

pub async fn archive_reason(can: Can<Manage, Pipeline>, Id(id): Id) -> Result<HttpResponse> {
    let work = can.tx(move |tx| {
        let reason = Reason::find(tx, id)?;
        reason.archive(tx)?;
        Ok(reason)
    });
    let reason = work.await?;
    can.app.forget_setup(can.membership.workspace_id);
    let undo = can.url(&format!("/settings/close-reasons/{id}/restoration"));
    let words = format!("“{}” is put away", reason.name);
    can.done(&can.url(PATH), Toast::done(words).undo(undo))
}

pub async fn restore_reason(can: Can<Manage, Pipeline>, Id(id): Id) -> Result<HttpResponse> {
    can.tx(move |tx| Reason::find(tx, id)?.restore(tx)).await?;
    can.app.forget_setup(can.membership.workspace_id);
    can.done(&can.url(PATH), Toast::done("The reason is back"))
}
