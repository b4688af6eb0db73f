//! What is filled in about a rule of scoring.

use diesel::prelude::*;
use platform::filter::{Catalogue, Draft, text_of, tree_of};
use platform::schema::score_rules;
use platform::web::Form;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use validator::Validate;

use super::rule::{Happening, Rule, RuleKind};

#[derive(Clone, Debug, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct RuleForm {
    /// What it is about, which stays what it was.
    pub kind: RuleKind,
    #[validate(length(min = 1, max = 80))]
    pub name: String,
    #[validate(range(
        min = -1000,
        max = 1000,
        message = "Please enter a number from -1000 to 1000."
    ))]
    pub points: i32,
    /// What must hold: a filter in any of the shapes in which one comes.
    pub filter: Value,
    pub happening: Happening,
    #[validate(range(min = 1, max = 1000, message = "Please enter a number from 1 to 1000."))]
    pub most: i32,
    #[validate(range(
        min = 1,
        max = 3650,
        message = "Please enter a number of days from 1 to 3650."
    ))]
    pub within_days: Option<i32>,
    #[validate(range(
        min = 1,
        max = 3650,
        message = "Please enter a number of days from 1 to 3650."
    ))]
    pub every_days: i32,
    pub active: bool,
}

impl Default for RuleForm {
    fn default() -> RuleForm {
        RuleForm {
            kind: RuleKind::Field,
            name: String::new(),
            points: 0,
            filter: Value::String(String::new()),
            happening: Happening::Opened,
            most: 5,
            within_days: None,
            every_days: 30,
            active: true,
        }
    }
}

impl RuleForm {
    /// An empty one of that kind, with what most people would enter.
    pub fn of(kind: RuleKind) -> RuleForm {
        RuleForm {
            kind,
            points: match kind {
                RuleKind::Field => 10,
                RuleKind::Behaviour => 5,
                RuleKind::Decay => -5,
            },
            within_days: (kind == RuleKind::Behaviour).then_some(90),
            ..RuleForm::default()
        }
    }

    pub fn draft(&self) -> Draft {
        Draft::of("filter", &self.filter)
    }

    /// Holds the form against what contacts can be asked about, and keeps of it what its kind needs.
    pub fn settle(form: &mut Form<RuleForm>, catalogue: &Catalogue) {
        form.data.name = form.data.name.trim().to_owned();
        let data = &form.data;
        if data.points == 0 {
            form.refuse("points", "Please enter how many points it gives or takes.");
        } else if data.kind == RuleKind::Decay && data.points > 0 {
            let words = "Silence takes points away: please enter a number below zero.";
            form.refuse("points", words);
        }
        let usual = RuleForm::default();
        let data = &mut form.data;
        match data.kind {
            RuleKind::Field => (data.most, data.within_days) = (usual.most, None),
            RuleKind::Behaviour => {}
            RuleKind::Decay => data.within_days = None,
        }
        if data.kind != RuleKind::Field {
            data.filter = usual.filter;
            return;
        }
        let (filter, problems) = data.draft().check(catalogue);
        match problems.into_iter().next() {
            Some(problem) => form.refuse("filter", problem.message),
            None if filter.is_empty() => form.refuse("filter", "Please say what must hold."),
            None => form.data.filter = Value::String(filter.as_text()),
        }
    }
}

impl From<&Rule> for RuleForm {
    fn from(rule: &Rule) -> RuleForm {
        RuleForm {
            kind: rule.kind,
            name: rule.name.clone(),
            points: rule.points,
            filter: Value::String(text_of(&rule.filter)),
            happening: rule.happening,
            most: rule.most,
            within_days: rule.within_days,
            every_days: rule.every_days,
            active: rule.active,
        }
    }
}

/// The columns that a form is kept in.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = score_rules, treat_none_as_null = true)]
pub struct Columns<'a> {
    kind: RuleKind,
    name: &'a str,
    points: i32,
    filter: Value,
    happening: Happening,
    most: i32,
    within_days: Option<i32>,
    every_days: i32,
    active: bool,
}

impl<'a> From<&'a RuleForm> for Columns<'a> {
    fn from(form: &'a RuleForm) -> Columns<'a> {
        Columns {
            kind: form.kind,
            name: &form.name,
            points: form.points,
            filter: tree_of(&form.filter),
            happening: form.happening,
            most: form.most,
            within_days: form.within_days,
            every_days: form.every_days,
            active: form.active,
        }
    }
}
