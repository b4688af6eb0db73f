//! Many deals moved at once, each by the rules of one.

use actix_web::HttpResponse;
use platform::db::Tx;
use platform::records::bulk::{self, Chosen, EachAct};
use platform::records::kinds::{AsksFor, Each};
use platform::records::{Editable, Record};
use platform::web::can::Edit;
use platform::web::{Can, Form};
use platform::{Error, Result};
use serde_json::{Value, json};
use uuid::Uuid;

use super::deal::Deal;
use super::entering;
use super::form::DealForm;

pub const MOVE: Each = Each {
    key: "move",
    label: "Move to stage",
    icon: "columns-3",
    asks: &[
        AsksFor {
            field: "stage_id",
            label: "Stage",
            list: "move.stage_id",
        },
        AsksFor {
            field: "reason_id",
            label: "Why, where they are won or lost there",
            list: "move.reason_id",
        },
    ],
    run: move_one,
    back: move_back,
};

/// `POST /w/{workspace}/deals/bulk/move`.
pub async fn move_all(can: Can<Edit, Deal>, form: Form<Chosen>) -> Result<HttpResponse> {
    let chosen = form.valid()?;
    let stage = chosen.said("stage_id").and_then(|id| id.parse().ok());
    let stage: Uuid = stage.ok_or_else(|| Error::invalid("stage_id", "Choose a stage."))?;
    let wanted = match chosen.said("reason_id").map(str::parse::<Uuid>) {
        Some(Err(_)) => return Err(Error::invalid("reason_id", "Choose a reason.")),
        Some(Ok(reason)) => Some(reason),
        None => None,
    };
    // What is wrong for all of them is said once, before any is moved.
    let checked = can.tx(move |tx| {
        let stage = entering::stage(tx, stage)?;
        let mut form = DealForm {
            reason_id: wanted,
            ..DealForm::default()
        };
        entering::settle_reason(tx, &stage, &mut form)?;
        Ok((stage, form.reason_id))
    });
    let (stage, reason) = checked.await?;
    let act = EachAct::new(
        &MOVE,
        json!({"stage_id": stage.id, "reason_id": reason}),
        format!("Move deals to {}", stage.name),
        format!("in {} now", stage.name),
    );
    bulk::each(&can, chosen, act).await
}

fn id(value: &Value) -> Option<Uuid> {
    value.as_str().and_then(|text| text.parse().ok())
}

fn move_one(tx: &mut Tx, deal: Uuid, with: &Value) -> Result<bool> {
    let stage = id(&with["stage_id"]).ok_or(Error::NotFound)?;
    let before = Deal::held(tx, deal)?;
    if before.stage_id == stage {
        return Ok(false);
    }
    let after = before.move_to(tx, stage, id(&with["reason_id"]))?;
    Ok(after.version() != before.version())
}

fn move_back(tx: &mut Tx, deal: Uuid, changes: &Value) -> Result<bool> {
    let before = Deal::held(tx, deal)?;
    let stage = &changes["stage_id"];
    let Some(old) = id(&stage[0]).filter(|_| id(&stage[1]) == Some(before.stage_id)) else {
        return Ok(false);
    };
    let reason = match changes.get("reason_id") {
        Some(pair) => id(&pair[0]),
        None => before.reason_id,
    };
    let form = DealForm {
        stage_id: Some(old),
        reason_id: reason,
        ..before.form()
    };
    let after = before.revert(tx, form)?;
    Ok(after.version() != before.version())
}
