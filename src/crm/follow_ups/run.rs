//! The rules at work: once a day, and never twice for the same silence.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Bool, Integer, Text, Timestamptz, Uuid as SqlUuid};
use platform::Result;
use platform::db::Tx;
use platform::events::Changes;
use platform::filter::{Catalogue, Context};
use platform::jobs::{Schedule, Sweep};
use platform::schema::{contacts, follow_up_rules, notifications};
use uuid::Uuid;

use super::rule::{Rule, catalogue};

/// What one rule finds in one run; the rest has its turn the next day.
const A_RULE: i64 = 500;

pub fn schedule() -> Schedule {
    Schedule::daily_at("follow_ups.run", "Follow-ups after days of silence", 5, run)
}

async fn run(sweep: Sweep) -> Result<String> {
    let swept = sweep.each(follow_up).await?;
    Ok(match swept.total {
        1 => "1 task made".into(),
        n => format!("{n} tasks made"),
    })
}

#[derive(QueryableByName)]
struct Made {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    record_id: Uuid,
}

fn follow_up(tx: &mut Tx) -> Result<i64> {
    let rules: Vec<Rule> = Rule::all(tx)?
        .into_iter()
        .filter(|rule| rule.paused_at.is_none())
        .collect();
    if rules.is_empty() {
        return Ok(0);
    }
    let catalogue = catalogue(tx)?;
    let mut made = 0;
    for rule in rules {
        made += rule.run(tx, &catalogue)?;
    }
    Ok(made)
}

impl Rule {
    /// Makes the tasks of those whom it finds; gives how many.
    fn run(&self, tx: &mut Tx, catalogue: &Catalogue) -> Result<i64> {
        let silent = match self.silent(tx, catalogue)? {
            Some(silent) => silent,
            None => return Ok(0),
        };
        let made: Vec<Made> = sql_query(
            "insert into tasks (id, name, kind, priority, due_on, owner_id, record_id, rule_id)
             select new_id(), left(replace($1, '{name}', r.title), 200), $2, $3, ($4 at time zone w.zone)::date + $5, c.owner_id, c.id, $6
             from contacts c join records r on r.id = c.id join workspaces w on w.id = c.workspace_id where c.id = any($7)
             on conflict (workspace_id, rule_id, record_id) where rule_id is not null and completed_at is null and archived_at is null
             do nothing returning id, name, owner_id, record_id",
        )
        .bind::<Text, _>(&self.task_name)
        .bind::<Text, _>(self.task_kind)
        .bind::<Text, _>(self.priority)
        .bind::<Timestamptz, _>(tx.now)
        .bind::<Integer, _>(self.due_days)
        .bind::<SqlUuid, _>(self.id)
        .bind::<Array<SqlUuid>, _>(silent)
        .load(&mut **tx)?;
        tell(tx, &made, &self.name)?;
        let rule = follow_up_rules::table.filter(follow_up_rules::id.eq(self.id));
        diesel::update(rule)
            .set(follow_up_rules::last_run_at.eq(Some(tx.now)))
            .execute(&mut **tx)?;
        Ok(made.len() as i64)
    }

    /// Of whom nobody has heard for so long, and about whom this rule hasn't spoken since. `None` where its filter names
    /// what is no more.
    fn silent(&self, tx: &mut Tx, catalogue: &Catalogue) -> Result<Option<Vec<Uuid>>> {
        let Ok(filter) = self.filter(catalogue) else {
            tracing::warn!(rule = %self.id, "a follow-up rule asks for a field that is gone");
            return Ok(None);
        };
        let since: DateTime<Utc> = tx.now - TimeDelta::days(i64::from(self.days));
        let context = Context {
            now: tx.now,
            zone: tx.zone()?,
            me: None,
        };
        let spoken = sql::<Bool>(
            "not exists (select from tasks t where t.workspace_id = contacts.workspace_id and t.record_id = contacts.id and t.rule_id = ",
        )
        .bind::<SqlUuid, _>(self.id)
        .sql(" and ((t.completed_at is null and t.archived_at is null) or greatest(t.completed_at, t.archived_at) > ")
        .bind::<Timestamptz, _>(since)
        .sql("))");
        let quiet = sql::<Bool>("coalesce(contacts.last_activity_at, contacts.created_at) < ")
            .bind::<Timestamptz, _>(since);
        let found = contacts::table
            .filter(contacts::archived_at.is_null())
            .filter(contacts::owner_id.is_not_null())
            .filter(quiet)
            .filter(spoken)
            .filter(filter.predicate(&context))
            .order((contacts::created_at.desc(), contacts::id.desc()))
            .limit(A_RULE)
            .select(contacts::id);
        Ok(Some(found.load(&mut **tx)?))
    }
}

/// The events of the new tasks, and a word to those whose they are.
fn tell(tx: &mut Tx, made: &[Made], rule: &str) -> Result<()> {
    let mut rows = Vec::with_capacity(made.len());
    for task in made {
        let event = tx.note_event("task.created", &task.name, Changes::none());
        event.record_kind = Some("task".to_owned());
        event.record_id = Some(task.id);
        event
            .quietly()
            .with("version", 1)
            .with("rule", rule)
            .with("text", format!("made this task by the rule “{rule}”"));
        event.shown_by("contact", task.record_id);
        let event = event.id;
        rows.push((
            notifications::id.eq(Uuid::now_v7()),
            notifications::person_id.eq(task.owner_id),
            notifications::kind.eq("task.created"),
            notifications::title.eq(task.name.clone()),
            notifications::record_id.eq(Some(task.id)),
            notifications::event_id.eq(Some(event)),
            notifications::actor_name.eq("Nexus"),
            notifications::created_at.eq(tx.now),
        ));
    }
    diesel::insert_into(notifications::table)
        .values(rows)
        .execute(&mut **tx)?;
    Ok(())
}
