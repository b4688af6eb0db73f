//! A rule of assignment: its row and its verbs. The first that fits a record gives it to somebody of its team.

use diesel::dsl::max;
use diesel::prelude::*;
use platform::db::Tx;
use platform::events::Changes;
use platform::filter::{Catalogue, Filter};
use platform::name_is_free;
use platform::order;
use platform::schema::{assignment_rules, teams};
use platform::{Error, Result, text_enum};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::form::{Columns, RuleForm};

/// More than anybody reads through, for each kind of record.
const MOST: i64 = 50;

text_enum! {
    /// How a rule chooses among the people of its team.
    pub enum Method {
        RoundRobin => "round_robin", "By turns";
        Load => "load", "To whoever has least to do";
    }
}

#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = assignment_rules, check_for_backend(diesel::pg::Pg))]
pub struct Rule {
    pub id: Uuid,
    pub kind: String,
    pub name: String,
    pub filter: Value,
    pub team_id: Uuid,
    pub method: Method,
    pub active: bool,
    pub last_person_id: Option<Uuid>,
    /// How many records it has given away.
    pub assigned: i64,
}

impl Rule {
    /// Those for a kind of record, in the order in which they are tried.
    pub fn of_kind(tx: &mut Tx, kind: &str) -> Result<Vec<Rule>> {
        Ok(assignment_rules::table
            .filter(assignment_rules::kind.eq(kind))
            .order((assignment_rules::position, assignment_rules::id))
            .limit(MOST)
            .select(Rule::as_select())
            .load(&mut **tx)?)
    }

    /// Those in force, each held until the transaction ends, so that two records at once get two turns.
    pub fn held(tx: &mut Tx, kind: &str) -> Result<Vec<Rule>> {
        let mut rules: Vec<Rule> = assignment_rules::table
            .filter(assignment_rules::kind.eq(kind))
            .filter(assignment_rules::active)
            .order(assignment_rules::id)
            .limit(MOST)
            .select(Rule::as_select())
            .for_no_key_update()
            .load(&mut **tx)?;
        if rules.len() > 1 {
            let order: Vec<Uuid> = Rule::of_kind(tx, kind)?.iter().map(|r| r.id).collect();
            rules.sort_by_key(|rule| order.iter().position(|id| *id == rule.id));
        }
        Ok(rules)
    }

    pub fn find(tx: &mut Tx, id: Uuid) -> Result<Rule> {
        let one = assignment_rules::table.filter(assignment_rules::id.eq(id));
        Ok(one.select(Rule::as_select()).first(&mut **tx)?)
    }

    /// What it is for; `None` where its condition names something that is gone.
    pub fn condition(&self, catalogue: &Catalogue) -> Option<Filter> {
        match self.filter.as_object().is_none_or(|f| f.is_empty()) {
            true => Some(Filter::default()),
            false => Filter::from_json(&self.filter, catalogue).ok(),
        }
    }

    /// After those that are there.
    pub fn create(tx: &mut Tx, form: &RuleForm) -> Result<Rule> {
        is_a_team(tx, form)?;
        free(tx, form, None)?;
        let of_kind = assignment_rules::table.filter(assignment_rules::kind.eq(&form.kind));
        let (count, last): (i64, Option<i32>) = (
            of_kind.count().get_result(&mut **tx)?,
            of_kind
                .select(max(assignment_rules::position))
                .first(&mut **tx)?,
        );
        if count >= MOST {
            let words = format!("There are {MOST} such rules already, which is all there can be.");
            return Err(Error::invalid("name", words));
        }
        let rule: Rule = diesel::insert_into(assignment_rules::table)
            .values((
                assignment_rules::id.eq(Uuid::now_v7()),
                assignment_rules::kind.eq(&form.kind),
                assignment_rules::position.eq(last.unwrap_or(0) + 1),
                Columns::from(form),
            ))
            .returning(Rule::as_returning())
            .get_result(&mut **tx)?;
        tx.note_event("assignment_rule.created", &rule.name, Changes::of_new(form));
        Ok(rule)
    }

    pub fn save(&self, tx: &mut Tx, form: &RuleForm) -> Result<Rule> {
        is_a_team(tx, form)?;
        free(tx, form, Some(self.id))?;
        let changes = Changes::between(&RuleForm::from(self), form);
        if changes.is_empty() {
            return Ok(self.clone());
        }
        let rule: Rule = diesel::update(self.row())
            .set(Columns::from(form))
            .returning(Rule::as_returning())
            .get_result(&mut **tx)?;
        tx.note_event("assignment_rule.updated", &rule.name, changes);
        Ok(rule)
    }

    pub fn remove(&self, tx: &mut Tx) -> Result<()> {
        diesel::delete(self.row()).execute(&mut **tx)?;
        let changes = Changes::between(&RuleForm::from(self), &RuleForm::default());
        tx.note_event("assignment_rule.removed", &self.name, changes);
        Ok(())
    }

    /// Tried earlier or later.
    pub fn shift(&self, tx: &mut Tx, by: i32) -> Result<()> {
        let all = Rule::of_kind(tx, &self.kind)?;
        let all = all.iter().map(|rule| rule.id).collect();
        if let Some((from, to)) = order::shift(tx, "assignment_rules", all, self.id, by)? {
            let changes = Changes::none().set("position", from, to);
            tx.note_event("assignment_rule.updated", &self.name, changes);
        }
        Ok(())
    }

    /// Remembers whose turn was the last; that it gave is told by the records.
    pub fn gave(&self, tx: &mut Tx, count: i64, last: Uuid) -> Result<()> {
        diesel::update(self.row())
            .set((
                assignment_rules::last_person_id.eq(last),
                assignment_rules::assigned.eq(assignment_rules::assigned + count),
            ))
            .execute(&mut **tx)?;
        Ok(())
    }

    fn row(
        &self,
    ) -> diesel::dsl::Filter<assignment_rules::table, diesel::dsl::Eq<assignment_rules::id, Uuid>>
    {
        assignment_rules::table.filter(assignment_rules::id.eq(self.id))
    }
}

fn is_a_team(tx: &mut Tx, form: &RuleForm) -> Result<()> {
    let known: Option<Uuid> = teams::table
        .filter(teams::id.eq(form.team_id.unwrap_or_default()))
        .select(teams::id)
        .first(&mut **tx)
        .optional()?;
    match known {
        Some(_) => Ok(()),
        None => Err(Error::invalid(
            "team_id",
            "Please choose a team from the list.",
        )),
    }
}

fn free(tx: &mut Tx, form: &RuleForm, but: Option<Uuid>) -> Result<()> {
    name_is_free!(
        tx,
        assignment_rules,
        &form.name,
        but,
        "There is a rule of this name already.",
        assignment_rules::kind.eq(&form.kind),
    )
}
