//! The order of custom fields, changed step by step.

use actix_web::HttpResponse;
use platform::web::can::Edit;
use platform::web::{Can, Form, Id};
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use validator::Validate;

use super::definition::Definition;
use super::handlers::PATH;

#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate)]
#[serde(default)]
pub struct Step {
    /// `up` or `down`.
    to: String,
}

pub async fn update(
    can: Can<Edit, Definition>,
    Id(id): Id,
    form: Form<Step>,
) -> Result<HttpResponse> {
    let up = match form.data.to.as_str() {
        "up" => true,
        "down" => false,
        _ => return Err(Error::invalid("to", "Say up or down.")),
    };
    let field = can
        .tx(move |tx| {
            Definition::find(tx, id)?.step(tx, up)?;
            Definition::find(tx, id)
        })
        .await?;
    can.app.forget_setup(can.membership.workspace_id);
    if can.asked.json() {
        return Ok(HttpResponse::Ok().json(field));
    }
    can.redirect(
        &can.url(&format!("{PATH}?kind={}", field.record_kind)),
        None,
    )
}
