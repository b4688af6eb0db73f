//! Takes records back one by one, through their own verbs: what was made is archived, what was changed gets back what it
//! had, field by field. What somebody has worked on since stays as it is.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Bool, Text, Uuid as SqlUuid};
use platform::db::Tx;
use platform::records::merge;
use platform::records::write::from_json;
use platform::schema::import_changes;
use platform::{Error, Result};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::Imported;
use super::keeping::{mark, state};
use crate::crm::imports::import::Import;
use crate::crm::imports::undo::Portion;

const PORTION: i64 = 200;

pub fn portion<T: Imported>(tx: &mut Tx, import: &Import, last: Uuid) -> Result<Portion> {
    let rows: Vec<(Uuid, Value)> = import_changes::table
        .filter(import_changes::import_id.eq(import.id))
        .filter(import_changes::kind.eq(T::KIND))
        .filter(import_changes::record_id.gt(last))
        .filter(import_changes::undone_at.is_null())
        .order(import_changes::record_id)
        .limit(PORTION)
        .select((import_changes::record_id, import_changes::changes))
        .load(&mut **tx)?;
    let mut portion = Portion {
        last: rows.last().map(|(id, _)| *id),
        ..Portion::default()
    };
    for (id, changes) in &rows {
        let changes = changes.as_object().cloned().unwrap_or_default();
        match tx.attempt(|tx| take_back::<T>(tx, import, *id, changes)) {
            Ok(Some(whole)) => {
                portion.seen += 1;
                portion.undone += i64::from(whole);
            }
            // It is gone already.
            Ok(None) => {}
            // A rule of the record forbids it by now.
            Err(error) if error.status().is_client_error() => portion.seen += 1,
            Err(error) => return Err(error),
        }
    }
    let ids: Vec<Uuid> = rows.into_iter().map(|(id, _)| id).collect();
    let done = import_changes::table
        .filter(import_changes::import_id.eq(import.id))
        .filter(import_changes::record_id.eq_any(ids));
    diesel::update(done)
        .set(import_changes::undone_at.eq(tx.now))
        .execute(&mut **tx)?;
    Ok(portion)
}

/// Whether the whole of it was taken back; `None` where there is nothing any more.
fn take_back<T: Imported>(
    tx: &mut Tx,
    import: &Import,
    id: Uuid,
    changes: Map<String, Value>,
) -> Result<Option<bool>> {
    let record = match T::find(tx, id) {
        Ok(record) if record.archived_at().is_none() => record,
        Ok(_) | Err(Error::NotFound) => return Ok(None),
        Err(error) => return Err(error),
    };
    let before = tx.events();
    let whole = match changes.is_empty() {
        true => vanish(tx, import, &record)?,
        false => restore(tx, record, changes)?,
    };
    mark::<T>(tx, before, import, None);
    Ok(Some(whole))
}

fn vanish<T: Imported>(tx: &mut Tx, import: &Import, record: &T) -> Result<bool> {
    if was_touched(tx, import, record)? || record.is_used(tx, import)? {
        return Ok(false);
    }
    record.archive(tx)?;
    Ok(true)
}

/// Each field that still is as the import left it gets its old value back.
fn restore<T: Imported>(tx: &mut Tx, record: T, changes: Map<String, Value>) -> Result<bool> {
    let beside = record.beside(tx)?;
    let now = state(tx, &record)?;
    let mut fields: Map<String, Value> = now.clone();
    fields.retain(|field, _| !beside.contains_key(field));
    let mut whole = true;
    for (field, pair) in changes {
        if merge::get(&now, &field) != pair[1] {
            whole = false;
        } else if beside.contains_key(&field) {
            record.put_back(tx, &field, &pair[0])?;
        } else {
            merge::set(&mut fields, &field, pair[0].clone());
        }
    }
    // What stands beside the form may have changed it.
    T::find(tx, record.id())?.revert(tx, from_json(fields)?)?;
    Ok(whole)
}

/// Whether somebody changed it since.
fn was_touched<T: Imported>(tx: &mut Tx, import: &Import, record: &T) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Touched {
        #[diesel(sql_type = Bool)]
        touched: bool,
    }
    let touched: Touched = sql_query(
        "select exists (select from events e where e.record_id = $1 and e.kind like $2
           and e.data->>'import_id' is distinct from $3::text) as touched",
    )
    .bind::<SqlUuid, _>(record.id())
    .bind::<Text, _>(format!("{}.%", T::KIND))
    .bind::<SqlUuid, _>(import.id)
    .get_result(&mut **tx)?;
    Ok(touched.touched)
}
