//! A rule: whom it looks at, how long it waits, and what is to be done then.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use platform::db::Tx;
use platform::events::Changes;
use platform::filter::{Catalogue, Draft, FieldType, Filter};
use platform::records::setup::Setup;
use platform::schema::follow_up_rules as rules;
use platform::web::Resource;
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::crm::contacts;
use crate::crm::tasks::{Priority, TaskKind};

/// More rules than this are nobody's.
const MOST: i64 = 100;

#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = rules, check_for_backend(diesel::pg::Pg))]
pub struct Rule {
    pub id: Uuid,
    pub name: String,
    pub filter: Value,
    /// Of silence.
    pub days: i32,
    pub task_name: String,
    pub task_kind: TaskKind,
    pub priority: Priority,
    /// How long after it was noticed the task is due.
    pub due_days: i32,
    pub paused_at: Option<DateTime<Utc>>,
    pub last_run_at: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct RuleForm {
    #[validate(length(min = 1, max = 120))]
    pub name: String,
    /// What the editor or a program sent of it, or the tree as text.
    pub filter: Value,
    #[validate(range(min = 1, max = 3650, message = "From 1 to 3,650 days."))]
    pub days: i32,
    #[validate(length(min = 1, max = 150), custom(function = "stands_for_something"))]
    pub task_name: String,
    pub task_kind: TaskKind,
    pub priority: Priority,
    #[validate(range(min = 0, max = 365, message = "From 0 to 365 days."))]
    pub due_days: i32,
    pub paused: bool,
}

/// Mails have other merge fields; here they would be read as they are typed.
fn stands_for_something(text: &str) -> std::result::Result<(), ValidationError> {
    let words =
        "Write {name} where the contact's name belongs; other braces stand for nothing here.";
    match text.replace("{name}", "").contains(['{', '}']) {
        true => Err(ValidationError::new("braces").with_message(words.into())),
        false => Ok(()),
    }
}

impl Default for RuleForm {
    fn default() -> RuleForm {
        RuleForm {
            name: String::new(),
            filter: Value::Null,
            days: 30,
            task_name: "Follow up with {name}".into(),
            task_kind: TaskKind::FollowUp,
            priority: Priority::Normal,
            due_days: 0,
            paused: false,
        }
    }
}

impl From<&Rule> for RuleForm {
    fn from(r: &Rule) -> RuleForm {
        RuleForm {
            name: r.name.clone(),
            filter: Value::String(r.filter.to_string()),
            days: r.days,
            task_name: r.task_name.clone(),
            task_kind: r.task_kind,
            priority: r.priority,
            due_days: r.due_days,
            paused: r.paused_at.is_some(),
        }
    }
}

impl Resource for Rule {
    const NAME: &'static str = "follow_up_rules";
}

/// What contacts can be asked about here.
pub fn catalogue(tx: &mut Tx) -> Result<Catalogue> {
    let all = Setup::load(tx, &[])?.catalogue(&contacts::KIND);
    // A field that points at records is no use where none can be picked.
    let own = all.fields().iter();
    let own = own.filter(|field| !matches!(field.kind, FieldType::Record(_)));
    Ok(own.map(|field| (**field).clone()).collect())
}

/// The filter in any of the shapes in which a form holds it.
pub fn draft(filter: &Value) -> Draft {
    Draft::of("filter", filter)
}

impl Rule {
    pub fn all(tx: &mut Tx) -> Result<Vec<Rule>> {
        Ok(rules::table
            .order((rules::name, rules::id))
            .limit(MOST)
            .select(Rule::as_select())
            .load(&mut **tx)?)
    }

    pub fn find(tx: &mut Tx, id: Uuid) -> Result<Rule> {
        let rule = rules::table.filter(rules::id.eq(id));
        Ok(rule.select(Rule::as_select()).first(&mut **tx)?)
    }

    pub fn create(tx: &mut Tx, form: RuleForm) -> Result<Rule> {
        let count: i64 = rules::table.count().get_result(&mut **tx)?;
        if count >= MOST {
            let words = format!("There can be at most {MOST} rules.");
            return Err(Error::invalid("name", words));
        }
        let filter = kept(tx, &form.filter)?;
        let rule: Rule = diesel::insert_into(rules::table)
            .values((
                rules::id.eq(Uuid::now_v7()),
                rules::name.eq(&form.name),
                rules::filter.eq(filter),
                rules::days.eq(form.days),
                rules::task_name.eq(&form.task_name),
                rules::task_kind.eq(form.task_kind),
                rules::priority.eq(form.priority),
                rules::due_days.eq(form.due_days),
                rules::paused_at.eq(form.paused.then_some(tx.now)),
            ))
            .returning(Rule::as_returning())
            .get_result(&mut **tx)?;
        let changes = Changes::of_new(&RuleForm::from(&rule));
        tx.note_event("follow_up_rule.created", &rule.name, changes);
        Ok(rule)
    }

    pub fn update(&self, tx: &mut Tx, form: RuleForm) -> Result<Rule> {
        let filter = kept(tx, &form.filter)?;
        let paused_at = match form.paused {
            true => self.paused_at.or(Some(tx.now)),
            false => None,
        };
        let rule: Rule = diesel::update(rules::table.filter(rules::id.eq(self.id)))
            .set((
                rules::name.eq(&form.name),
                rules::filter.eq(filter),
                rules::days.eq(form.days),
                rules::task_name.eq(&form.task_name),
                rules::task_kind.eq(form.task_kind),
                rules::priority.eq(form.priority),
                rules::due_days.eq(form.due_days),
                rules::paused_at.eq(paused_at),
            ))
            .returning(Rule::as_returning())
            .get_result(&mut **tx)?;
        let changes = Changes::between(&RuleForm::from(self), &RuleForm::from(&rule));
        if !changes.is_empty() {
            tx.note_event("follow_up_rule.updated", &rule.name, changes);
        }
        Ok(rule)
    }

    /// Gone for good; its tasks stay.
    pub fn remove(&self, tx: &mut Tx) -> Result<()> {
        diesel::delete(rules::table.filter(rules::id.eq(self.id))).execute(&mut **tx)?;
        let changes = Changes::between(&RuleForm::from(self), &RuleForm::default());
        tx.note_event("follow_up_rule.removed", &self.name, changes);
        Ok(())
    }

    /// Whom it looks at, as far as that is still understood.
    pub fn filter(&self, catalogue: &Catalogue) -> std::result::Result<Filter, String> {
        let found = Filter::from_json(&self.filter, catalogue);
        found.map_err(|problems| {
            let first = problems.first().map(|p| p.message.clone());
            first.unwrap_or_default()
        })
    }
}

/// The filter as it is kept, if all of it is understood.
fn kept(tx: &mut Tx, filter: &Value) -> Result<Value> {
    let catalogue = catalogue(tx)?;
    let (filter, problems) = draft(filter).check(&catalogue);
    match problems.first() {
        Some(problem) => Err(Error::invalid("filter", problem.message.clone())),
        None => Ok(filter.to_json()),
    }
}
