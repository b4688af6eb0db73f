//! Moving a deal: into a stage, to its end, and back.

use actix_web::HttpResponse;
use askama::Template;
use platform::db::Tx;
use platform::records::Editable;
use platform::records::editing::Editing;
use platform::records::undo;
use platform::web::can::Edit;
use platform::web::request::Wanted;
use platform::web::{Can, Form, Id, Toast};
use platform::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use super::deal::Deal;
use super::form::DealForm;
use super::handlers::editor;
use crate::crm::pipelines::Stage;

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate, JsonSchema)]
#[serde(default)]
pub struct Move {
    pub stage_id: Option<Uuid>,
    /// Why it is won or lost, where the stage is where deals end.
    pub reason_id: Option<Uuid>,
    /// The page that leads here, to go back to.
    #[serde(skip_serializing)]
    #[validate(length(max = 4000))]
    pub back: String,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate, JsonSchema)]
#[serde(default)]
pub struct Ending {
    pub reason_id: Option<Uuid>,
}

pub async fn move_to(can: Can<Edit, Deal>, Id(id): Id, form: Form<Move>) -> Result<HttpResponse> {
    let data = form.valid()?;
    let stage = data
        .stage_id
        .ok_or_else(|| Error::invalid("stage_id", "Choose a stage."))?;
    let (reason, back) = (data.reason_id, data.back);
    let wanted = DealForm {
        stage_id: Some(stage),
        reason_id: reason,
        ..DealForm::default()
    };
    let work = move |tx: &mut Tx, deal: &Deal| deal.move_to(tx, stage, reason);
    act(&can, id, wanted, back, work).await
}

pub async fn win(can: Can<Edit, Deal>, Id(id): Id, form: Form<Ending>) -> Result<HttpResponse> {
    let reason = form.valid()?.reason_id;
    let wanted = DealForm {
        reason_id: reason,
        ..DealForm::default()
    };
    let work = move |tx: &mut Tx, deal: &Deal| deal.win(tx, reason);
    act(&can, id, wanted, String::new(), work).await
}

pub async fn lose(can: Can<Edit, Deal>, Id(id): Id, form: Form<Ending>) -> Result<HttpResponse> {
    let reason = form.valid()?.reason_id;
    let wanted = DealForm {
        reason_id: reason,
        ..DealForm::default()
    };
    let work = move |tx: &mut Tx, deal: &Deal| deal.lose(tx, reason);
    act(&can, id, wanted, String::new(), work).await
}

pub async fn reopen(can: Can<Edit, Deal>, Id(id): Id) -> Result<HttpResponse> {
    act(&can, id, DealForm::default(), String::new(), |tx, deal| {
        deal.reopen(tx)
    })
    .await
}

/// What a board adds to itself after a move of its own; the cards it fetches by itself.
#[derive(Template)]
#[template(path = "crm/deals/moved.html")]
struct Moved {
    toast: Toast,
}

/// Does it, and says so with the way back. What the stage asks for and is not there is asked for in the deal's form;
/// a program and a board are told.
async fn act(
    can: &Can<Edit, Deal>,
    id: Uuid,
    wanted: DealForm,
    back: String,
    work: impl FnOnce(&mut Tx, &Deal) -> Result<Deal> + Send + 'static,
) -> Result<HttpResponse> {
    let done = can.tx(move |tx| {
        let before = Deal::held(tx, id)?;
        let after = work(tx, &before)?;
        let stage = Stage::find(tx, after.stage_id)?;
        let event = tx.tracked().filter(|_| after.version != before.version);
        Ok((after, stage, event))
    });
    let on_board = can.asked.wanted == Wanted::Block("results".into());
    let (deal, stage, event) = match done.await {
        Ok(done) => done,
        Err(Error::Invalid(problems)) if !on_board && !can.asked.json() => {
            let deal = can.tx(move |tx| Deal::find(tx, id)).await?;
            let mut form = Form::of(DealForm {
                stage_id: wanted.stage_id.or(Some(deal.stage_id)),
                reason_id: wanted.reason_id,
                ..deal.form()
            });
            form.refuse_all(problems);
            return editor(can, Editing::with(can, form, Some(deal))?).await;
        }
        Err(error) => return Err(error),
    };
    let back = Some(back).filter(|back| back.starts_with(&can.url("/")));
    let words = format!("{} is in {} now", deal.name, stage.name);
    let undo = event.map(|event| undo::url::<Deal>(can, event));
    let toast = Toast::done(words).undone_at(undo, back.as_deref());
    if on_board {
        let html = Moved { toast }.render()?;
        return Ok(HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .body(html));
    }
    let url = back.unwrap_or_else(|| deal.url(can));
    can.updated(&url, deal.version, &deal, toast)
}
