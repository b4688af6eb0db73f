//! What is filled in about a rule.

use diesel::prelude::*;
use platform::filter::{Catalogue, Draft, text_of, tree_of};
use platform::schema::assignment_rules;
use platform::web::Form;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;
use validator::Validate;

use super::rule::{Method, Rule};

#[derive(Clone, Debug, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct RuleForm {
    /// The kind of record, which stays what it was.
    pub kind: String,
    #[validate(length(min = 1, max = 80))]
    pub name: String,
    /// Which new records it is for: a filter in any of the shapes in which one comes; none for all.
    pub filter: Value,
    #[validate(required(message = "Please choose a team."))]
    pub team_id: Option<Uuid>,
    pub method: Method,
    pub active: bool,
}

impl Default for RuleForm {
    fn default() -> RuleForm {
        RuleForm {
            kind: String::new(),
            name: String::new(),
            filter: Value::String(String::new()),
            team_id: None,
            method: Method::RoundRobin,
            active: true,
        }
    }
}

impl RuleForm {
    pub fn draft(&self) -> Draft {
        Draft::of("filter", &self.filter)
    }

    /// Brings the filter into the shape in which it is kept, as text that changes as a whole.
    pub fn settle(form: &mut Form<RuleForm>, catalogue: &Catalogue) {
        form.data.name = form.data.name.trim().to_owned();
        let (filter, problems) = form.data.draft().check(catalogue);
        match problems.into_iter().next() {
            Some(problem) => form.refuse("filter", problem.message),
            None => form.data.filter = Value::String(filter.as_text()),
        }
    }
}

impl From<&Rule> for RuleForm {
    fn from(rule: &Rule) -> RuleForm {
        RuleForm {
            kind: rule.kind.clone(),
            name: rule.name.clone(),
            filter: Value::String(text_of(&rule.filter)),
            team_id: Some(rule.team_id),
            method: rule.method,
            active: rule.active,
        }
    }
}

/// The columns that a form is kept in.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = assignment_rules)]
pub struct Columns<'a> {
    name: &'a str,
    filter: Value,
    team_id: Uuid,
    method: Method,
    active: bool,
}

impl<'a> From<&'a RuleForm> for Columns<'a> {
    fn from(form: &'a RuleForm) -> Columns<'a> {
        Columns {
            name: &form.name,
            filter: tree_of(&form.filter),
            team_id: form.team_id.unwrap_or_default(),
            method: form.method,
            active: form.active,
        }
    }
}
