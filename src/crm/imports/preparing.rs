//! What of a plan only the database and the member's rights can tell.

use diesel::prelude::*;
use platform::Result;
use platform::db::{Scope, Tx};
use platform::schema::members;
use platform::web::{Action, Can, Form};
use uuid::Uuid;

use super::fields::Custom;
use super::import::Import;
use super::plan::{Duplicates, NEW, Plan, SKIP};
use super::reading;

/// Adds it to the form.
pub async fn prepare<A: Action>(
    can: &Can<A, Import>,
    header: &[String],
    form: &mut Form<Plan>,
) -> Result<()> {
    let scope = can.member.scope("contacts", "edit").await?;
    form.data.reach = match &scope {
        Some(Scope::Owners(owners)) => Some(owners.clone()),
        _ => None,
    };
    if scope.is_none() && form.data.duplicates == Duplicates::Update {
        form.refuse(
            "duplicates",
            "Your role does not include the right to change contacts.",
        );
    }
    form.data.columns.resize(header.len(), SKIP.to_owned());
    let makes = form.data.columns.iter().any(|key| key.starts_with(NEW));
    if makes && !can.may("custom_fields", "create") {
        form.refuse(
            "columns",
            "Your role does not include the right to add fields. Please choose other fields.",
        );
    }
    let owner = form.data.owner_id;
    let (custom, owner_is_here) = can
        .tx(move |tx| Ok((Custom::all(tx)?, is_member(tx, owner)?)))
        .await?;
    if !owner_is_here {
        form.refuse("owner_id", "Please choose one from the list.");
    }
    let known = |key: &String| key == SKIP || reading::is_field(key, &custom);
    if let Some(unknown) = form.data.columns.iter().find(|key| !known(key)).cloned() {
        form.refuse("columns", format!("There is no field “{unknown}”."));
    }
    Ok(())
}

fn is_member(tx: &mut Tx, person: Option<Uuid>) -> Result<bool> {
    let Some(person) = person else {
        return Ok(true);
    };
    let here = members::table
        .filter(members::person_id.eq(person))
        .filter(members::active);
    Ok(diesel::select(diesel::dsl::exists(here)).get_result(&mut **tx)?)
}
