//! Reminders: an assignee is told once when it is time, and once when it is too late.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Integer, Text, Timestamptz, Uuid as SqlUuid};
use platform::Result;
use platform::db::Tx;
use platform::events::Changes;
use platform::jobs::{Schedule, Sweep};
use platform::schema::notifications;
use uuid::Uuid;

/// What is told in one transaction; the rest has its turn in the next run.
const A_RUN: i64 = 500;

pub fn schedules() -> [Schedule; 2] {
    [
        Schedule::every("tasks.remind", "Reminders of tasks", 60, remind),
        Schedule::every(
            "tasks.tell_late",
            "Tasks that are overdue",
            15 * 60,
            tell_late,
        ),
    ]
}

async fn remind(sweep: Sweep) -> Result<String> {
    let swept = sweep
        .each(|tx| tell(tx, DUE, "task.reminded", "reminded the assignee"))
        .await?;
    Ok(format!("{} reminded", swept.total))
}

async fn tell_late(sweep: Sweep) -> Result<String> {
    let swept = sweep
        .each(|tx| {
            tell(
                tx,
                LATE,
                "task.late",
                "told the assignee that it is overdue",
            )
        })
        .await?;
    Ok(format!("{} told", swept.total))
}

/// Marking and telling are one statement and one transaction: who is told is told once, however often this runs.
const DUE: &str = "with due as (
    select id from tasks where archived_at is null and completed_at is null and reminded_at is null and owner_id is not null
      and remind_by <= $1 order by remind_by limit $2 for no key update skip locked)
  update tasks t set reminded_at = $1 from due where t.id = due.id returning t.id, t.name, t.owner_id, t.version";

/// A day is over when it is over where the assignee is; after a moment there is an hour's grace.
const LATE: &str = "with late as (
    select t.id from tasks t join workspaces w on w.id = t.workspace_id left join people p on p.id = t.owner_id
    where t.archived_at is null and t.completed_at is null and t.late_told_at is null and t.owner_id is not null
      and t.due_on <= ($1 at time zone 'UTC')::date + 1
      and case when t.due_at is null then t.due_on < ($1 at time zone coalesce(p.zone, w.zone))::date
        else t.due_at < $1 - interval '1 hour' end
    order by t.due_on limit $2 for no key update of t skip locked)
  update tasks t set late_told_at = $1 from late where t.id = late.id returning t.id, t.name, t.owner_id, t.version";

#[derive(QueryableByName)]
struct Told {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = Integer)]
    version: i32,
}

fn tell(tx: &mut Tx, which: &str, kind: &'static str, text: &str) -> Result<i64> {
    let told: Vec<Told> = sql_query(which)
        .bind::<Timestamptz, _>(tx.now)
        .bind::<BigInt, _>(A_RUN)
        .load(&mut **tx)?;
    let mut rows = Vec::with_capacity(told.len());
    for task in &told {
        let event = tx.note_event(kind, &task.name, Changes::none());
        event.record_kind = Some("task".to_owned());
        event.record_id = Some(task.id);
        // The assignee is told below; nobody else need be.
        event
            .quietly()
            .with("version", task.version)
            .with("text", text);
        let event = event.id;
        rows.push((
            notifications::id.eq(Uuid::now_v7()),
            notifications::person_id.eq(task.owner_id),
            notifications::kind.eq(kind),
            notifications::title.eq(task.name.clone()),
            notifications::record_id.eq(Some(task.id)),
            notifications::event_id.eq(Some(event)),
            notifications::created_at.eq(tx.now),
        ));
    }
    diesel::insert_into(notifications::table)
        .values(rows)
        .execute(&mut **tx)?;
    Ok(told.len() as i64)
}
