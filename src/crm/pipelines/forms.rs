//! What a person fills in about a pipeline, a stage and a reason.

use diesel::prelude::*;
use platform::filter::{Catalogue, Draft, text_of, tree_of};
use platform::schema::{pipelines, stages};
use platform::web::Form;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;
use validator::{Validate, ValidationError};

use super::pipeline::Pipeline;
use super::stage::{Stage, StageKind};
use crate::workspaces::settings::CURRENCIES;
use crate::workspaces::tags::Colour;

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate, Insertable, AsChangeset)]
#[diesel(table_name = pipelines)]
#[serde(default)]
pub struct PipelineForm {
    #[validate(length(min = 1, max = 80))]
    pub name: String,
    #[validate(custom(function = "is_currency"))]
    pub currency: String,
}

impl From<&Pipeline> for PipelineForm {
    fn from(p: &Pipeline) -> PipelineForm {
        PipelineForm {
            name: p.name.clone(),
            currency: p.currency.clone(),
        }
    }
}

pub fn is_currency(code: &str) -> Result<(), ValidationError> {
    match CURRENCIES.contains(&code) {
        true => Ok(()),
        false => {
            let words = "Please choose a currency, such as EUR.";
            Err(ValidationError::new("currency").with_message(words.into()))
        }
    }
}

#[derive(Clone, Debug, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct StageForm {
    #[validate(length(min = 1, max = 80))]
    pub name: String,
    pub tone: Colour,
    pub kind: StageKind,
    #[validate(range(min = 0, max = 100, message = "Please enter a number from 0 to 100."))]
    pub probability: i32,
    #[validate(range(
        min = 1,
        max = 3650,
        message = "Please enter a number of days from 1 to 3650."
    ))]
    pub rots_after: Option<i32>,
    /// How many deals may stand here before a board says that there are too many.
    #[validate(range(
        min = 1,
        max = 100_000,
        message = "Please enter a number from 1 to 100,000."
    ))]
    pub wip_limit: Option<i32>,
    /// The fields of a deal that must be filled in before it may enter.
    #[validate(length(max = 50))]
    pub required: Vec<String>,
    /// What must hold of a deal before it may enter: a filter in any of the shapes in which one comes.
    pub gate: Value,
}

impl Default for StageForm {
    fn default() -> StageForm {
        StageForm {
            name: String::new(),
            tone: Colour::Blue,
            kind: StageKind::Open,
            probability: 50,
            rots_after: None,
            wip_limit: None,
            required: Vec::new(),
            gate: Value::String(String::new()),
        }
    }
}

impl StageForm {
    pub fn draft(&self) -> Draft {
        Draft::of("gate", &self.gate)
    }

    /// Holds the form against the fields that deals have, and brings the gate into the shape in which it is kept.
    pub fn settle(form: &mut Form<StageForm>, fields: &[(String, String)], catalogue: &Catalogue) {
        form.data.name = form.data.name.trim().to_owned();
        let data = &mut form.data;
        data.required.sort();
        data.required.dedup();
        if data.kind != StageKind::Open {
            data.probability = if data.kind == StageKind::Won { 100 } else { 0 };
            data.rots_after = None;
            data.wip_limit = None;
        }
        let unknown = |key: &&String| !fields.iter().any(|(known, _)| known == *key);
        if let Some(key) = data.required.iter().find(unknown) {
            let words = format!("A deal has no field “{key}” that could be asked for.");
            form.refuse("required", words);
        }
        let (filter, problems) = form.data.draft().check(catalogue);
        match problems.into_iter().next() {
            Some(problem) => form.refuse("gate", problem.message),
            None => form.data.gate = Value::String(filter.as_text()),
        }
    }
}

impl From<&Stage> for StageForm {
    fn from(s: &Stage) -> StageForm {
        StageForm {
            name: s.name.clone(),
            tone: s.tone,
            kind: s.kind,
            probability: s.probability,
            rots_after: s.rots_after,
            wip_limit: s.wip_limit,
            required: s.required.clone(),
            gate: Value::String(text_of(&s.gate)),
        }
    }
}

/// The columns that a stage's form is kept in.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = stages, treat_none_as_null = true)]
pub struct StageColumns<'a> {
    name: &'a str,
    tone: Colour,
    kind: StageKind,
    probability: i32,
    rots_after: Option<i32>,
    wip_limit: Option<i32>,
    required: &'a [String],
    gate: Value,
}

impl<'a> From<&'a StageForm> for StageColumns<'a> {
    fn from(form: &'a StageForm) -> StageColumns<'a> {
        StageColumns {
            name: &form.name,
            tone: form.tone,
            kind: form.kind,
            probability: form.probability,
            rots_after: form.rots_after,
            wip_limit: form.wip_limit,
            required: &form.required,
            gate: tree_of(&form.gate),
        }
    }
}

#[derive(Clone, Debug, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct ReasonForm {
    pub kind: StageKind,
    #[validate(length(min = 1, max = 80))]
    pub name: String,
}

impl Default for ReasonForm {
    fn default() -> ReasonForm {
        ReasonForm {
            kind: StageKind::Lost,
            name: String::new(),
        }
    }
}

/// Where the deals of a stage go that is taken away.
#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct Removal {
    pub to: Option<Uuid>,
}
