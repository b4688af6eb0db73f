//! Undoing a merge: the journal is read backwards, and every row is what it was.
//!
//! Where somebody changed since what would be put back, they are asked.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Integer, Jsonb, Nullable, Text, Uuid as SqlUuid};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::Joined;
use super::catalogue::{Parent, Table};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::events::Changes;
use crate::schema::{merge_rows, merged_records, merges};
use crate::words::listed;

/// A merge can be undone so long.
pub const KEPT: TimeDelta = TimeDelta::days(30);
/// Nobody decides about more one by one; the rest stays as it is now.
const ASKED: i64 = 50;

#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = merges, check_for_backend(diesel::pg::Pg))]
pub struct Merge {
    pub id: Uuid,
    pub record_kind: String,
    pub into_id: Uuid,
    pub into_title: String,
    pub from_ids: Vec<Uuid>,
    pub from_titles: Vec<String>,
    pub actor_name: String,
    pub created_at: DateTime<Utc>,
    pub undone_at: Option<DateTime<Utc>>,
    pub undone_by: String,
}

impl Merge {
    /// One into a record that this transaction's member may see.
    pub fn find<T: Joined>(tx: &mut Tx, id: Uuid) -> Result<(Merge, T)> {
        let merge: Merge = merges::table
            .filter(merges::id.eq(id).and(merges::record_kind.eq(T::KIND)))
            .select(Merge::as_select())
            .first(&mut **tx)?;
        let record = T::find(tx, merge.into_id)?;
        Ok((merge, record))
    }

    /// What was merged into a record, newest first.
    pub fn into(tx: &mut Tx, record: Uuid, limit: i64) -> Result<Vec<Merge>> {
        Ok(merges::table
            .filter(merges::into_id.eq(record))
            .order(merges::id.desc())
            .limit(limit)
            .select(Merge::as_select())
            .load(&mut **tx)?)
    }

    /// A later one into the same record, which has to be undone first.
    pub fn later(&self, tx: &mut Tx) -> Result<Option<Merge>> {
        Ok(merges::table
            .filter(merges::into_id.eq(self.into_id))
            .filter(merges::id.gt(self.id))
            .filter(merges::undone_at.is_null())
            .order(merges::id.desc())
            .select(Merge::as_select())
            .first(&mut **tx)
            .optional()?)
    }

    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.undone_at.is_none() && self.created_at + KEPT > now
    }

    /// `Ana Kovač and A. Kovac`.
    pub fn from(&self) -> String {
        listed(&self.from_titles, "and")
    }
}

/// Something that was changed again since the merge.
#[derive(Clone, Debug, QueryableByName, Serialize)]
pub struct Later {
    /// Tells it apart from the others of the same merge.
    #[diesel(sql_type = Text)]
    pub mark: String,
    #[diesel(sql_type = Text)]
    pub table_name: String,
    #[diesel(sql_type = Jsonb)]
    #[serde(skip)]
    pub key: Value,
    /// The column, or the part of one.
    #[diesel(sql_type = Text)]
    pub field: String,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub now: Option<Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub was: Option<Value>,
}

/// What becomes of what was changed since, by its mark: whether it is put back.
pub type Decisions = BTreeMap<String, bool>;

/// What came of wanting to undo a merge.
pub enum Undone<T> {
    Done(T),
    /// Somebody has to say what becomes of these.
    Asked(Vec<Later>),
}

/// One statement of the merge: all its rows were written alike.
#[derive(Clone, Debug, Queryable)]
struct Step {
    step: i32,
    act: String,
    table: String,
    part: String,
}

/// Brings everything back to how it was. What was changed since is put back or kept as `decisions` say; where they don't,
/// nothing is done yet.
pub fn undo<T: Joined>(tx: &mut Tx, merge: &Merge, decisions: &Decisions) -> Result<Undone<T>> {
    let held: Option<Uuid> = merges::table
        .filter(merges::id.eq(merge.id).and(merges::undone_at.is_null()))
        .select(merges::id)
        .for_update()
        .first(&mut **tx)
        .optional()?;
    if held.is_none() {
        return Err(Error::Conflict("This merge is undone already.".into()));
    }
    if !merge.is_open(tx.now) {
        return Err(Error::Conflict(format!(
            "A merge can be undone for {} days, and this one is older.",
            KEPT.num_days()
        )));
    }
    if let Some(later) = merge.later(tx)? {
        return Err(Error::Conflict(format!(
            "{} was merged into the same record later. Undo that first.",
            later.from()
        )));
    }
    let steps = steps(tx, merge.id)?;
    let later = changed_since(tx, merge.id, &steps)?;
    // What nobody fills in goes on by itself since, and nobody is asked about it.
    let by_itself = |l: &Later| {
        l.table_name == T::NAME && T::COMBINED.iter().any(|(column, _)| *column == l.field)
    };
    let (mut kept, later): (Vec<Later>, Vec<Later>) = later.into_iter().partition(by_itself);
    if later.iter().any(|l| !decisions.contains_key(&l.mark)) {
        return Ok(Undone::Asked(later));
    }
    let stays = |l: &Later| decisions.get(&l.mark) == Some(&false);
    kept.extend(later.into_iter().filter(stays));
    let kept: Vec<String> = kept.into_iter().map(|l| l.mark).collect();
    for step in steps.iter().rev() {
        let table = Table::named(tx, &step.table)?;
        match step.act.as_str() {
            "removed" => bring_back(tx, merge.id, step, &table)?,
            _ => put_back(tx, merge.id, step, &table, &kept)?,
        }
    }
    let theirs = merged_records::table.filter(merged_records::merge_id.eq(merge.id));
    diesel::delete(theirs).execute(&mut **tx)?;
    let (now, name) = (tx.now, tx.origin.name.clone());
    diesel::update(merges::table.filter(merges::id.eq(merge.id)))
        .set((merges::undone_at.eq(now), merges::undone_by.eq(name)))
        .execute(&mut **tx)?;
    let record = T::find(tx, merge.into_id)?;
    T::came_back(tx, &merge.from_ids)?;
    tx.track(&record, &format!("{}.unmerged", T::KIND), Changes::none())
        .with(
            "text",
            format!("took {} and this {} apart again", merge.from(), T::KIND),
        )
        .with("merge", merge.id)
        .with("merged", &merge.from_ids);
    Ok(Undone::Done(record))
}

fn steps(tx: &mut Tx, merge: Uuid) -> Result<Vec<Step>> {
    Ok(merge_rows::table
        .filter(merge_rows::merge_id.eq(merge))
        .select((
            merge_rows::step,
            merge_rows::act,
            merge_rows::table_name,
            merge_rows::part,
        ))
        .distinct()
        .order(merge_rows::step)
        .load(&mut **tx)?)
}

/// The row called `row`, or the part of it that a step is about, as an object.
fn object(step: &Step, row: &str) -> String {
    match step.part.as_str() {
        "" => format!("to_jsonb({row})"),
        part => format!("{row}.{part}"),
    }
}

const MARK: &str = "md5(m.table_name || m.key::text || m.part || f.field)";

/// What no longer is what the merge made of it. A row that is gone since is nobody's loss.
fn changed_since(tx: &mut Tx, merge: Uuid, steps: &[Step]) -> Result<Vec<Later>> {
    let mut all: Vec<Later> = Vec::new();
    for step in steps.iter().filter(|s| s.act == "changed") {
        let table = Table::named(tx, &step.table)?;
        let object = object(step, "t");
        let found: Vec<Later> = sql_query(format!(
            "select {MARK} as mark, m.table_name, m.key, f.field, {object} -> f.field as now, m.was -> f.field as was
             from merge_rows m cross join lateral jsonb_object_keys(m.became) f (field)
             join {} t on {}
             where m.merge_id = $1 and m.step = $2 and {object} -> f.field is distinct from m.became -> f.field
               and {object} -> f.field is distinct from m.was -> f.field
               and not exists (select from merge_rows l where l.merge_id = $1 and l.step > $2 and l.table_name = m.table_name
                 and l.key = m.key and l.part = m.part and l.became ? f.field)
             order by 1 limit $3",
            table.name,
            table.is("t", "m.key"),
        ))
        .bind::<SqlUuid, _>(merge)
        .bind::<Integer, _>(step.step)
        .bind::<diesel::sql_types::BigInt, _>(ASKED)
        .load(&mut **tx)?;
        all.extend(found);
    }
    all.truncate(ASKED as usize);
    Ok(all)
}

/// Gives the columns of one step what they were, but for those that are kept.
fn put_back(tx: &mut Tx, merge: Uuid, step: &Step, table: &Table, kept: &[String]) -> Result<()> {
    let name = &table.name;
    let stays = "md5(m.table_name || m.key::text || m.part || '{field}') = any ($3)";
    let (set, from) = match step.part.as_str() {
        "" => {
            let parents = table.parents(tx)?;
            let set = fields(tx, merge, step)?.into_iter().map(|field| {
                let quoted = field.replace('\'', "''");
                let stays = stays.replace("{field}", &quoted);
                let column = quoted_name(&field);
                // What this row's step did not change stays, too.
                let was = resolved(&parents, &column);
                format!("{column} = case when not m.became ? '{quoted}' or {stays} then t.{column} else {was} end")
            });
            let set = set.collect::<Vec<_>>().join(", ");
            (
                set,
                format!("cross join lateral jsonb_populate_record(null::{name}, m.was) p"),
            )
        }
        part => {
            let stays = stays.replace("'{field}'", "f.field");
            let set = format!(
                "{part} = (t.{part} - array(select f.field from jsonb_object_keys(m.became) f (field) where not {stays}))
                   || (select coalesce(jsonb_object_agg(f.field, m.was -> f.field), '{{}}') from jsonb_object_keys(m.was) f (field) where not {stays})"
            );
            (set, String::new())
        }
    };
    if set.is_empty() {
        return Ok(());
    }
    sql_query(format!(
        "update {name} t set {set} from merge_rows m {from} where m.merge_id = $1 and m.step = $2 and $3 is not null and {}",
        table.is("t", "m.key")
    ))
    .bind::<SqlUuid, _>(merge)
    .bind::<Integer, _>(step.step)
    .bind::<Array<Text>, _>(kept)
    .execute(&mut **tx)?;
    Ok(())
}

/// A column as `quote_ident` writes it.
fn quoted_name(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    match plain {
        true => name.to_owned(),
        false => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

/// The columns that a step changed.
fn fields(tx: &mut Tx, merge: Uuid, step: &Step) -> Result<Vec<String>> {
    #[derive(QueryableByName)]
    struct Named {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let fields: Vec<Named> = sql_query(
        "select distinct f.name from merge_rows m cross join lateral jsonb_object_keys(m.became) f (name)
         where m.merge_id = $1 and m.step = $2 order by 1",
    )
    .bind::<SqlUuid, _>(merge)
    .bind::<Integer, _>(step.step)
    .load(&mut **tx)?;
    Ok(fields.into_iter().map(|f| f.name).collect())
}

/// The value of a column as it was; what it points at may have been merged away since, or be gone.
fn resolved(parents: &[Parent], column: &str) -> String {
    match parents.iter().find(|p| p.column == column) {
        None => format!("p.{column}"),
        Some(Parent { table, other, .. }) => format!(
            "coalesce((select q.{other} from {table} q where q.{other} = p.{column}),
               (select g.into_id from merged_records g where g.record_id = p.{column}))"
        ),
    }
}

/// Puts rows into their table again. What they pointed at and what is gone since is left out; a row that makes no sense
/// without it is, too.
fn bring_back(tx: &mut Tx, merge: Uuid, step: &Step, table: &Table) -> Result<()> {
    let name = &table.name;
    let columns = table.columns(tx)?;
    let parents = table.parents(tx)?;
    let values = columns.iter().map(|column| resolved(&parents, column));
    let values = values.collect::<Vec<_>>().join(", ");
    let needed = parents
        .iter()
        .filter(|p| p.needed.is_some() && p.column != "workspace_id");
    let needed: String = needed
        .map(|parent| format!(" and {} is not null", resolved(&parents, &parent.column)))
        .collect();
    sql_query(format!(
        "insert into {name} ({}) select {values} from merge_rows m cross join lateral jsonb_populate_record(null::{name}, m.was) p
         where m.merge_id = $1 and m.step = $2{needed} on conflict do nothing",
        columns.join(", ")
    ))
    .bind::<SqlUuid, _>(merge)
    .bind::<Integer, _>(step.step)
    .execute(&mut **tx)?;
    Ok(())
}
