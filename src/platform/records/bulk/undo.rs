//! Takes an act on many records back, as far as nobody has built on it.

use actix_web::HttpResponse;
use serde_json::json;

use super::handlers::on_its_way;
use super::{Ask, UndoBulk};
use crate::error::{Error, Result};
use crate::jobs::Job;
use crate::records::work::{AT_ONCE, Lane, State, Work};
use crate::web::Id;
use crate::web::Toast;
use crate::web::can::{Can, Edit};
use crate::web::filters::thousands;

/// `POST /w/{workspace}/work/{id}/undo`: what one did oneself, with the right to do it still.
pub async fn undo(can: Can<Edit, Work>, Id(id): Id) -> Result<HttpResponse> {
    let me = can.me();
    let work = can.tx(move |tx| Work::find(tx, id, me)).await?;
    if work.kind != "bulk" {
        return Err(Error::NotFound);
    }
    let ask: Ask = work.ask()?;
    let kind = *can
        .app
        .kinds
        .get(&work.record_kind)
        .ok_or(Error::NotFound)?;
    if !can.may(kind.resource(), ask.act.right()) {
        return Err(Error::Forbidden(format!(
            "Your role no longer includes the right to {} {}.",
            ask.act.right(),
            kind.plural
        )));
    }
    if work.done - work.skipped > ask.act.at_once() {
        let begun = can
            .tx(move |tx| {
                let work = work.begin_undo(tx)?;
                tx.enqueue(UndoBulk { work: work.id }.new_job());
                Ok(work)
            })
            .await?;
        return on_its_way(&can, &begun);
    }
    let act = ask.act.clone();
    let done = can
        .tx(move |tx| {
            let mut work = work.begin_undo(tx)?;
            let done = act.take_back(tx, &kind, (work.id, Lane::default()), AT_ONCE + 1)?;
            (work.undone, work.kept) = (done.changed, done.seen - done.changed);
            if let Some(work) = work.went_on(tx)? {
                work.finish(tx, State::Undone, false)?;
            }
            Ok(done)
        })
        .await?;
    let workspace = can.membership.workspace_id;
    can.app
        .dispatcher
        .tell_lists(&can.app, workspace, kind.collection);
    let kept = done.seen - done.changed;
    if can.asked.json() {
        return Ok(HttpResponse::Ok().json(json!({"undone": done.changed, "kept": kept})));
    }
    let many = thousands(&done.changed.to_string());
    let toast = match (done.changed, kept) {
        (_, 0) => Toast::done("Undone"),
        (0, _) => {
            Toast::done("Everything was changed again since, and stays as it is").toned("warning")
        }
        (_, 1) => Toast::done(format!(
            "Undone for {many}; one was changed since and stays as it is"
        )),
        _ => Toast::done(format!(
            "Undone for {many}; {kept} were changed since and stay as they are"
        )),
    };
    can.redirect(
        &can.url(&format!("/{}{}", kind.collection, ask.back)),
        Some(toast),
    )
}
