//! Removes the demo data: what came with it, however it was changed, and what hangs on it.
//!
//! A record into which one of somebody's own was merged is theirs by now, and stays.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Text, Uuid as SqlUuid};
use platform::db::Tx;
use platform::events::Changes;
use platform::records::activities::Logged;
use platform::records::kinds::Kinds;
use platform::records::{Card, Editable};
use platform::schema::{activities, demo_records, demo_tags, notifications, records, tasks};
use platform::{Error, Result};
use uuid::Uuid;

use super::adding::mark;
use super::{Counts, is_here};
use crate::crm::companies::Company;
use crate::crm::contacts::Contact;
use crate::crm::deals::Deal;
use crate::crm::tasks::Task;
use crate::workspaces::tags::Tag;

/// Taken at a time of what hangs on it.
const PORTION: i64 = 500;

/// Records of the set that are still here and nobody else's.
const LEFT: &str = "from demo_records d join records r on r.workspace_id = d.workspace_id and r.id = d.record_id
where r.archived_at is null and not exists (
  select from merges m where m.workspace_id = d.workspace_id and m.into_id = d.record_id and m.undone_at is null
    and exists (select from unnest(m.from_ids) f(id) where not exists (
      select from demo_records o where o.workspace_id = d.workspace_id and o.record_id = f.id)))";

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct Used {
    #[diesel(sql_type = Bool)]
    used: bool,
}

/// What would go, tasks of somebody's own about it among it.
pub fn what_goes(tx: &mut Tx) -> Result<Counts> {
    let counted: Vec<Counted> = sql_query(format!(
        "with gone as (select d.record_id as id, d.kind {LEFT}),
           about as (select t.id from tasks t join gone g on g.id = t.record_id
             where t.archived_at is null and t.id not in (select id from gone)),
           logged as (select a.id from activities a join gone g on g.id = a.record_id)
         select kind, count(*) as count from gone group by kind
         union all select 'about', count(*) from about
         union all select 'activity', count(*) from logged"
    ))
    .load(&mut **tx)?;
    let of = |kind: &str| {
        let found = counted.iter().find(|counted| counted.kind == kind);
        found.map_or(0, |counted| counted.count as usize)
    };
    Ok(Counts {
        contacts: of("contact"),
        companies: of("company"),
        deals: of("deal"),
        tasks: of("task") + of("about"),
        activities: of("activity"),
    })
}

pub fn remove(tx: &mut Tx, kinds: &Kinds) -> Result<Counts> {
    if !is_here(tx)? {
        return Err(Error::Conflict("There is no demo data here.".into()));
    }
    let counts = what_goes(tx)?;
    let before = tx.events();
    let gone: Vec<Found> = sql_query(format!("select d.record_id as id {LEFT}")).load(&mut **tx)?;
    let gone: Vec<Uuid> = gone.into_iter().map(|found| found.id).collect();
    forget_activities(tx, &gone)?;
    archive_tasks_about(tx, &gone)?;
    archive::<Task>(tx, &gone)?;
    archive::<Deal>(tx, &gone)?;
    archive::<Contact>(tx, &gone)?;
    archive::<Company>(tx, &gone)?;
    // What was told of it leads nowhere any more.
    let told = notifications::table.filter(notifications::record_id.eq_any(&gone));
    diesel::delete(told).execute(&mut **tx)?;
    forget_tags(tx, kinds)?;
    diesel::delete(demo_records::table).execute(&mut **tx)?;
    mark(tx, before);
    tx.note_event("demo.removed", "Demo data", Changes::none());
    Ok(counts)
}

/// Those of one kind; the register knows which they are.
fn archive<T: Editable>(tx: &mut Tx, gone: &[Uuid]) -> Result<()> {
    let ids: Vec<Uuid> = demo_records::table
        .filter(demo_records::kind.eq(T::KIND))
        .filter(demo_records::record_id.eq_any(gone))
        .order(demo_records::record_id)
        .select(demo_records::record_id)
        .load(&mut **tx)?;
    for id in ids {
        T::find(tx, id)?.archive(tx)?;
    }
    Ok(())
}

/// Calls, meetings and e-mails that were logged on it.
fn forget_activities(tx: &mut Tx, gone: &[Uuid]) -> Result<()> {
    loop {
        let some: Vec<Logged> = activities::table
            .filter(activities::record_id.eq_any(gone))
            .order(activities::id)
            .limit(PORTION)
            .select(Logged::as_select())
            .load(&mut **tx)?;
        for logged in &some {
            let card = records::table
                .filter(records::id.eq(logged.record_id))
                .select(Card::as_select())
                .first(&mut **tx)?;
            logged.remove(tx, &card)?;
        }
        if some.len() < PORTION as usize {
            return Ok(());
        }
    }
}

/// Tasks that somebody gave themselves about it.
fn archive_tasks_about(tx: &mut Tx, gone: &[Uuid]) -> Result<()> {
    loop {
        let some: Vec<Uuid> = tasks::table
            .filter(tasks::record_id.eq_any(gone))
            .filter(tasks::archived_at.is_null())
            .order(tasks::id)
            .limit(PORTION)
            .select(tasks::id)
            .load(&mut **tx)?;
        for id in &some {
            Task::find(tx, *id)?.archive(tx)?;
        }
        if some.len() < PORTION as usize {
            return Ok(());
        }
    }
}

/// The tags that came with it and that nothing of anybody's own has, be it archived.
fn forget_tags(tx: &mut Tx, kinds: &Kinds) -> Result<()> {
    let own = kinds.all().iter().map(|kind| {
        format!(
            "exists (select from {t} r where r.tags @> array[$1] and not exists (
               select from demo_records d where d.workspace_id = r.workspace_id and d.record_id = r.id))",
            t = kind.table
        )
    });
    let own: Vec<String> = own.collect();
    let own = format!("select {} as used", own.join(" or "));
    let came: Vec<Uuid> = demo_tags::table.select(demo_tags::tag_id).load(&mut **tx)?;
    for id in came {
        let tag = Tag::find(tx, id)?;
        let used: Used = sql_query(&own)
            .bind::<Text, _>(&tag.name)
            .get_result(&mut **tx)?;
        if !used.used {
            tag.delete(tx, kinds)?;
        }
    }
    diesel::delete(demo_tags::table).execute(&mut **tx)?;
    Ok(())
}
