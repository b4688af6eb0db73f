//! A rule of scoring: its row and its verbs.

use diesel::dsl::sql;
use diesel::prelude::*;
use platform::db::Tx;
use platform::events::Changes;
use platform::filter::{Catalogue, Filter};
use platform::name_is_free;
use platform::schema::score_rules;
use platform::web::Resource;
use platform::{Error, Result, text_enum};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::form::{Columns, RuleForm};

/// More than anybody can account for.
const MOST: i64 = 100;

text_enum! {
    pub enum RuleKind {
        Field => "field", "What they are";
        Behaviour => "behaviour", "What they do";
        Decay => "decay", "Silence";
    }
}

text_enum! {
    pub enum Happening {
        Opened => "email_opened", "Opens an e-mail";
        Clicked => "email_clicked", "Clicks in an e-mail";
        Submitted => "form_submitted", "Fills in a form";
        Noted => "note_written", "Somebody writes a note about them";
    }
}

impl Happening {
    /// The kind of event that tells of it.
    pub fn event(self) -> &'static str {
        match self {
            Happening::Opened => "contact.email_opened",
            Happening::Clicked => "contact.email_clicked",
            Happening::Submitted => "form.submitted",
            Happening::Noted => "note.created",
        }
    }
}

#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = score_rules, check_for_backend(diesel::pg::Pg))]
pub struct Rule {
    pub id: Uuid,
    pub kind: RuleKind,
    pub name: String,
    /// For each time it holds or happens; below zero it takes away.
    pub points: i32,
    pub filter: Value,
    pub happening: Happening,
    /// So many times it counts at most.
    pub most: i32,
    /// What happened longer ago counts no more.
    pub within_days: Option<i32>,
    /// Silence of so many days counts once.
    pub every_days: i32,
    pub active: bool,
}

impl Resource for Rule {
    const NAME: &'static str = "scoring";
}

impl Rule {
    /// By what they are about, those that give most first.
    pub fn all(tx: &mut Tx) -> Result<Vec<Rule>> {
        let kinds = "array_position(array['field', 'behaviour', 'decay'], kind)";
        Ok(score_rules::table
            .order((
                sql::<diesel::sql_types::Nullable<diesel::sql_types::Integer>>(kinds),
                score_rules::points.desc(),
                score_rules::name,
            ))
            .limit(MOST)
            .select(Rule::as_select())
            .load(&mut **tx)?)
    }

    /// Those that count.
    pub fn active(tx: &mut Tx) -> Result<Vec<Rule>> {
        let mut all = Rule::all(tx)?;
        all.retain(|rule| rule.active);
        Ok(all)
    }

    pub fn find(tx: &mut Tx, id: Uuid) -> Result<Rule> {
        let one = score_rules::table.filter(score_rules::id.eq(id));
        Ok(one.select(Rule::as_select()).first(&mut **tx)?)
    }

    /// What must hold of a contact; `None` where it names something that is gone.
    pub fn condition(&self, catalogue: &Catalogue) -> Option<Filter> {
        let filter = Filter::from_json(&self.filter, catalogue).ok();
        filter.filter(|filter| !filter.is_empty())
    }

    /// `+10`, `−5`.
    pub fn signed(&self) -> String {
        signed(self.points)
    }

    pub fn create(tx: &mut Tx, form: &RuleForm) -> Result<Rule> {
        free(tx, &form.name, None)?;
        let count: i64 = score_rules::table.count().get_result(&mut **tx)?;
        if count >= MOST {
            let words = format!("There are {MOST} rules already, which is all there can be.");
            return Err(Error::invalid("name", words));
        }
        let rule: Rule = diesel::insert_into(score_rules::table)
            .values((score_rules::id.eq(Uuid::now_v7()), Columns::from(form)))
            .returning(Rule::as_returning())
            .get_result(&mut **tx)?;
        tx.note_event("score_rule.created", &rule.name, Changes::of_new(form));
        Ok(rule)
    }

    pub fn save(&self, tx: &mut Tx, form: &RuleForm) -> Result<Rule> {
        free(tx, &form.name, Some(self.id))?;
        let changes = Changes::between(&RuleForm::from(self), form);
        if changes.is_empty() {
            return Ok(self.clone());
        }
        let rule: Rule = diesel::update(score_rules::table.filter(score_rules::id.eq(self.id)))
            .set(Columns::from(form))
            .returning(Rule::as_returning())
            .get_result(&mut **tx)?;
        tx.note_event("score_rule.updated", &rule.name, changes);
        Ok(rule)
    }

    pub fn remove(&self, tx: &mut Tx) -> Result<()> {
        diesel::delete(score_rules::table.filter(score_rules::id.eq(self.id)))
            .execute(&mut **tx)?;
        let changes = Changes::between(&RuleForm::from(self), &RuleForm::default());
        tx.note_event("score_rule.removed", &self.name, changes);
        Ok(())
    }
}

/// Points with their sign, as people write it.
pub fn signed(points: i32) -> String {
    match points {
        0.. => format!("+{points}"),
        _ => format!("−{}", points.unsigned_abs()),
    }
}

fn free(tx: &mut Tx, name: &str, but: Option<Uuid>) -> Result<()> {
    name_is_free!(
        tx,
        score_rules,
        name,
        but,
        "There is a rule of this name already."
    )
}
