//! What of a plan only the database and the member's rights can tell.

use diesel::prelude::*;
use platform::Result;
use platform::db::{Scope, Tx};
use platform::schema::members;
use platform::web::{Action, Can, Form};
use uuid::Uuid;

use super::fields::{self, Custom};
use super::import::Import;
use super::plan::{Duplicates, NEW, Plan, SKIP};
use super::what::What;
use crate::crm::pipelines::Pipeline;

/// Adds it to the form.
pub async fn prepare<A: Action>(
    can: &Can<A, Import>,
    what: What,
    header: &[String],
    form: &mut Form<Plan>,
) -> Result<()> {
    let kind = what.kind();
    let scope = can.member.scope(kind.resource(), "edit").await?;
    form.data.reach = match &scope {
        Some(Scope::Owners(owners)) => Some(owners.clone()),
        _ => None,
    };
    if scope.is_none() && form.data.duplicates == Duplicates::Update {
        form.refuse(
            "duplicates",
            format!(
                "Your role does not include the right to change {}.",
                kind.plural
            ),
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
    let (owner, pipeline) = (form.data.owner_id, form.data.pipeline_id);
    let looked = can.tx(move |tx| {
        let custom = Custom::all(tx, what)?;
        Ok((custom, is_member(tx, owner)?, takes_deals(tx, pipeline)?))
    });
    let (custom, owner_is_here, pipeline_is_here) = looked.await?;
    for (field, is_here) in [
        ("owner_id", owner_is_here),
        ("pipeline_id", pipeline_is_here),
    ] {
        if !is_here {
            form.refuse(field, "Please choose one from the list.");
        }
    }
    let own = fields::own(what);
    let known = |key: &String| key == SKIP || fields::is_field(key, &own, &custom);
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

fn takes_deals(tx: &mut Tx, pipeline: Option<Uuid>) -> Result<bool> {
    let Some(pipeline) = pipeline else {
        return Ok(true);
    };
    Ok(Pipeline::open(tx)?.iter().any(|p| p.id == pipeline))
}
