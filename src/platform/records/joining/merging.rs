//! The merge itself: one transaction, after which there is one record.

use std::collections::BTreeMap;
use std::sync::Arc;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Uuid as SqlUuid};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::catalogue::Table;
use super::choosing::{Comparison, Side};
use super::journal::{Journal, id};
use super::moving::{Moving, row};
use super::{Joined, MOST};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::events::Changes;
use crate::records::RecordForm;
use crate::records::kinds::Kinds;
use crate::records::merge::{get, set};
use crate::records::setup::Setup;
use crate::records::write::as_json;
use crate::records::{Record, tags};
use crate::schema::{merged_records, merges};
use crate::web::Form;
use crate::words::listed;

/// Which records become one, and whose value each field gets.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// All of them.
    pub ids: Vec<Uuid>,
    /// The one that stays.
    pub into: Uuid,
    /// By field; what is not named is chosen as the page would.
    pub fields: BTreeMap<String, Uuid>,
}

impl Wish {
    /// The others, each once.
    fn others(&self) -> Result<Vec<Uuid>> {
        let mut others: Vec<Uuid> = Vec::new();
        for id in &self.ids {
            if *id != self.into && !others.contains(id) {
                others.push(*id);
            }
        }
        match others.len() {
            0 => Err(Error::invalid("ids", "Choose at least two records.")),
            n if n >= MOST => Err(Error::invalid(
                "ids",
                format!("Choose at most {MOST} records."),
            )),
            _ => Ok(others),
        }
    }
}

/// Makes one record of several; gives it, and the merge.
pub fn merge<T: Joined>(
    tx: &mut Tx,
    (kinds, setup): (&Kinds, &Arc<Setup>),
    wish: &Wish,
) -> Result<(T, Uuid)> {
    let others = wish.others()?;
    let all: Vec<Uuid> = [wish.into]
        .into_iter()
        .chain(others.iter().copied())
        .collect();
    lock(tx, T::NAME, &all)?;
    let sides: Vec<Side> = all
        .iter()
        .map(|id| Ok(Side::of::<T>(&T::row(tx, *id)?)))
        .collect::<Result<_>>()?;
    let other_forms: Vec<T::Form> = others
        .iter()
        .map(|id| Ok(T::find(tx, *id)?.form()))
        .collect::<Result<_>>()?;
    let merge = begin(tx, T::KIND, &sides)?;
    let mut journal = Journal::of(merge);
    let table = Table::named(tx, T::NAME)?;
    combine::<T>(tx, &mut journal, &table, &all)?;
    for from in &others {
        let moving = Moving {
            from: *from,
            to: wish.into,
            yields: T::YIELDS,
        };
        moving.between(tx, &mut journal, T::PAIRS)?;
        moving.all(tx, &mut journal, &[T::NAME, "records"])?;
        moving.mentions(tx, &mut journal, (kinds, setup), T::KIND)?;
    }
    for from in &others {
        journal.put_away(tx, &table, &id(*from))?;
    }
    let gone: Vec<_> = others
        .iter()
        .map(|from| {
            (
                merged_records::record_id.eq(*from),
                merged_records::into_id.eq(wish.into),
                merged_records::merge_id.eq(merge),
            )
        })
        .collect();
    diesel::insert_into(merged_records::table)
        .values(gone)
        .execute(&mut **tx)?;
    let record = settle::<T>(tx, &mut journal, &table, wish, &sides, &other_forms)?;
    let titles: Vec<&str> = sides[1..].iter().map(|side| side.title.as_str()).collect();
    tx.track(&record, &format!("{}.merged", T::KIND), Changes::none())
        .with(
            "text",
            format!("merged {} into this {}", listed(&titles, "and"), T::KIND),
        )
        .with("merge", merge)
        .with("merged", &others);
    Ok((record, merge))
}

/// Holds the rows until the transaction ends: whoever links something to one of them now waits, and then learns that it
/// is gone.
fn lock(tx: &mut Tx, table: &str, ids: &[Uuid]) -> Result<()> {
    sql_query(format!(
        "select 1 from {table} where id = any ($1) order by id for update"
    ))
    .bind::<Array<SqlUuid>, _>(ids)
    .execute(&mut **tx)?;
    Ok(())
}

fn begin(tx: &mut Tx, kind: &str, sides: &[Side]) -> Result<Uuid> {
    let merge = Uuid::now_v7();
    let (into, from) = sides.split_first().ok_or(Error::NotFound)?;
    let ids: Vec<Uuid> = from.iter().map(|side| side.id).collect();
    let titles: Vec<&str> = from.iter().map(|side| side.title.as_str()).collect();
    diesel::insert_into(merges::table)
        .values((
            merges::id.eq(merge),
            merges::record_kind.eq(kind),
            merges::into_id.eq(into.id),
            merges::into_title.eq(&into.title),
            merges::from_ids.eq(ids),
            merges::from_titles.eq(titles),
            merges::person_id.eq(tx.person),
            merges::actor_name.eq(tx.origin.name.clone()),
            merges::created_at.eq(tx.now),
        ))
        .execute(&mut **tx)?;
    Ok(merge)
}

/// What no form asks for, from all of them; before the others are gone.
fn combine<T: Joined>(
    tx: &mut Tx,
    journal: &mut Journal,
    table: &Table,
    all: &[Uuid],
) -> Result<()> {
    let ids = json!({"id": all.first(), "all": all});
    for (column, aggregate) in T::COMBINED {
        let set = format!(
            "{column} = (select {aggregate}(o.{column}) from {} o where o.id in (select a::uuid from jsonb_array_elements_text($1 -> 'all') a))",
            table.name
        );
        journal.change(tx, table, &set, &table.is("t", "$1"), &ids)?;
    }
    Ok(())
}

/// The form of values that are there already: they are not refused because a form would not take them today.
fn as_it_is<F: RecordForm>(fields: Map<String, Value>) -> Result<F> {
    let form = Form::<F>::read(fields.clone());
    match as_json(&form.data) == fields {
        true => Ok(form.data),
        false => form.valid(),
    }
}

/// Gives the one that stays what was chosen, through its own form.
fn settle<T: Joined>(
    tx: &mut Tx,
    journal: &mut Journal,
    table: &Table,
    wish: &Wish,
    sides: &[Side],
    others: &[T::Form],
) -> Result<T> {
    let key = id(wish.into);
    let before = row(tx, table, &key)?;
    let record = T::find(tx, wish.into)?;
    let mut fields = as_json(&record.form());
    let comparison = Comparison::of::<T>(sides);
    for field in comparison.fields() {
        let usual = || comparison.chosen(wish.into, &field);
        let from = wish.fields.get(&field).copied().unwrap_or_else(usual);
        if from == wish.into {
            continue;
        }
        let side = sides.iter().find(|side| side.id == from);
        let side = side.ok_or_else(|| {
            let message = "Choose the value of one of these records.";
            Error::invalid(&format!("fields.{field}"), message)
        })?;
        let value = get(&side.fields, &field);
        // Nothing stands above itself.
        let own = value.as_str().and_then(|id| id.parse().ok());
        match own.is_some_and(|id: Uuid| sides.iter().any(|side| side.id == id)) {
            true => set(&mut fields, &field, Value::Null),
            false => set(&mut fields, &field, value),
        }
    }
    let mut form: T::Form = as_it_is(fields)?;
    // The one that stays is gathered from, too: its own address may not be the one that was chosen.
    let mut theirs = [vec![record.form()], others.to_vec()].concat();
    if let Some(mine) = form.tags() {
        for other in &mut theirs {
            mine.extend(other.tags().cloned().unwrap_or_default());
        }
        let mut seen = std::collections::HashSet::new();
        mine.retain(|tag| seen.insert(tag.clone()));
        mine.truncate(tags::MOST);
    }
    T::gather(&mut form, &theirs);
    let saved = record.save(tx, form)?;
    journal.note(tx, table, &key, &before)?;
    debug_assert_eq!(Record::id(&saved), wish.into);
    Ok(saved)
}
