//! What an import did to a record is kept, for an undo: nothing but its row for what it made, both values of each field of
//! what was there before.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Jsonb, Nullable, Text, Uuid as SqlUuid};
use platform::Result;
use platform::db::Tx;
use platform::records::merge;
use platform::records::write::as_json;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::Imported;
use crate::crm::imports::import::Import;

/// Of a record that this import touched before: whether it made it, and the row that it came with.
#[derive(QueryableByName)]
pub struct Kept {
    #[diesel(sql_type = Nullable<BigInt>)]
    pub at: Option<i64>,
    #[diesel(sql_type = Bool)]
    made: bool,
}

impl Kept {
    pub fn of(tx: &mut Tx, import: &Import, record: Uuid) -> Result<Option<Kept>> {
        Ok(sql_query(
            "select row as at, changes = '{}' as made from import_changes where import_id = $1 and record_id = $2",
        )
        .bind::<SqlUuid, _>(import.id)
        .bind::<SqlUuid, _>(record)
        .get_result(&mut **tx)
        .optional()?)
    }

    /// Made because an earlier row names it; this is its own.
    pub fn is_bare(&self) -> bool {
        self.made && self.at.is_none()
    }
}

/// The fields of a record, and what else a row may change of it.
pub fn state<T: Imported>(tx: &mut Tx, record: &T) -> Result<Map<String, Value>> {
    let mut fields = as_json(&record.form());
    fields.extend(record.beside(tx)?);
    Ok(fields)
}

/// Field by field, what was and what is.
pub fn changes(before: &Map<String, Value>, after: &Map<String, Value>) -> Map<String, Value> {
    let (was, is) = (merge::leaves(before), merge::leaves(after));
    let names = was.iter().chain(&is).map(|(name, _)| name.clone());
    let mut changes = Map::new();
    for name in names {
        let pair = (merge::get(before, &name), merge::get(after, &name));
        if pair.0 != pair.1 {
            changes.insert(name, json!([pair.0, pair.1]));
        }
    }
    changes
}

/// Keeps it beside what earlier rows did to the same record. Without changes it is one that was made.
pub fn keep<T: Imported>(
    tx: &mut Tx,
    import: &Import,
    record: Uuid,
    row: i64,
    changes: Map<String, Value>,
) -> Result<()> {
    sql_query(
        "insert into import_changes as k (import_id, record_id, kind, changes, row) values ($1, $2, $3, $4, $5)
         on conflict (workspace_id, import_id, record_id) do update set row = coalesce(k.row, excluded.row),
           changes = case when k.changes = '{}' then k.changes else (
             select jsonb_object_agg(coalesce(a.key, b.key),
               jsonb_build_array(coalesce(a.value, b.value)->0, coalesce(b.value, a.value)->1))
             from jsonb_each(k.changes) a full join jsonb_each(excluded.changes) b on b.key = a.key) end",
    )
    .bind::<SqlUuid, _>(import.id)
    .bind::<SqlUuid, _>(record)
    .bind::<Text, _>(T::KIND)
    .bind::<Jsonb, _>(Value::Object(changes))
    .bind::<BigInt, _>(row)
    .execute(&mut **tx)?;
    Ok(())
}

/// Marks what was left since there were `before` events as the import's: nobody need be told of each.
pub fn mark<T: Imported>(tx: &mut Tx, before: usize, import: &Import, row: Option<i64>) {
    for event in tx.events_since(before) {
        if event.kind == format!("{}.created", T::KIND) {
            event.kind = format!("{}.imported", T::KIND);
        }
        event.quietly().with("import_id", import.id);
        if let Some(row) = row {
            event.with("file", &import.file_name).with("row", row);
        }
    }
}
