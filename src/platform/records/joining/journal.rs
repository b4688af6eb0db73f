//! The journal of a merge: each statement that changes rows keeps in the same breath what they were.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Integer, Jsonb, Text, Uuid as SqlUuid};
use serde_json::{Value, json};
use uuid::Uuid;

use super::catalogue::Table;
use crate::db::Tx;
use crate::error::Result;

/// That the column `w.key` of `table` is one that somebody writes: neither made of others nor kept by a trigger.
fn is_written(table: &str) -> String {
    format!(
        "w.key not in ('version', 'updated_at', 'search', 'phone_key') and not exists (select from pg_attribute g
           where g.attrelid = '{table}'::regclass and g.attname = w.key and g.attgenerated <> '')"
    )
}

pub struct Journal {
    pub merge: Uuid,
    step: i32,
}

impl Journal {
    pub fn of(merge: Uuid) -> Journal {
        Journal { merge, step: 0 }
    }

    fn next(&mut self) -> i32 {
        self.step += 1;
        self.step
    }

    /// Lets the rows that point at `from` by `column` point at `to`.
    pub fn point(
        &mut self,
        tx: &mut Tx,
        table: &Table,
        column: &str,
        (from, to): (Uuid, Uuid),
    ) -> Result<usize> {
        let (name, plain) = (&table.name, column.trim_matches('"'));
        let keys: Vec<&str> = table.key.iter().map(|c| c.name.as_str()).collect();
        Ok(sql_query(format!(
            "with moved as (update {name} set {column} = $1 where {column} = $2 returning {})
             insert into merge_rows (merge_id, step, act, table_name, key, was, became)
             select $3, $4, 'changed', $5, {}, jsonb_build_object('{plain}', $2), jsonb_build_object('{plain}', $1) from moved",
            keys.join(", "),
            table.key_of("moved"),
        ))
        .bind::<SqlUuid, _>(to)
        .bind::<SqlUuid, _>(from)
        .bind::<SqlUuid, _>(self.merge)
        .bind::<Integer, _>(self.next())
        .bind::<Text, _>(name)
        .execute(&mut **tx)?)
    }

    /// Changes the rows for which `which` holds, where `$1` is `about`; their keys stay as they are.
    pub fn change(
        &mut self,
        tx: &mut Tx,
        table: &Table,
        set: &str,
        which: &str,
        about: &Value,
    ) -> Result<usize> {
        let name = &table.name;
        let key = table.key_of("t");
        Ok(sql_query(format!(
            "with was as (select {key} as key, to_jsonb(t) as row from {name} t where {which}),
             now as (update {name} t set {set} where {which} returning {key} as key, to_jsonb(t) as row)
             insert into merge_rows (merge_id, step, act, table_name, key, was, became)
             select $2, $3, 'changed', $4, was.key, d.was, d.became from was join now on now.key = was.key
             cross join lateral (select jsonb_object_agg(w.key, w.value) as was, jsonb_object_agg(w.key, now.row -> w.key) as became
               from jsonb_each(was.row) w where now.row -> w.key is distinct from w.value and {}) d
             where d.was is not null",
            is_written(name)
        ))
        .bind::<Jsonb, _>(about)
        .bind::<SqlUuid, _>(self.merge)
        .bind::<Integer, _>(self.next())
        .bind::<Text, _>(name)
        .execute(&mut **tx)?)
    }

    /// What became of a row that was written by other means: `was` is how it stood.
    pub fn note(&mut self, tx: &mut Tx, table: &Table, key: &Value, was: &Value) -> Result<()> {
        let name = &table.name;
        sql_query(format!(
            "insert into merge_rows (merge_id, step, act, table_name, key, was, became)
             select $1, $2, 'changed', $3, $4, d.was, d.became from {name} t
             cross join lateral (select jsonb_object_agg(w.key, w.value) as was, jsonb_object_agg(w.key, to_jsonb(t) -> w.key) as became
               from jsonb_each($5) w where to_jsonb(t) -> w.key is distinct from w.value and {}) d
             where {} and d.was is not null",
            is_written(name),
            table.is("t", "$4")
        ))
        .bind::<SqlUuid, _>(self.merge)
        .bind::<Integer, _>(self.next())
        .bind::<Text, _>(name)
        .bind::<Jsonb, _>(key)
        .bind::<Jsonb, _>(was)
        .execute(&mut **tx)?;
        Ok(())
    }

    /// Takes a row out of its table; the journal has it.
    pub fn put_away(&mut self, tx: &mut Tx, table: &Table, key: &Value) -> Result<()> {
        let name = &table.name;
        sql_query(format!(
            "with gone as (delete from {name} t where {} returning to_jsonb(t) as row)
             insert into merge_rows (merge_id, step, act, table_name, key, was)
             select $2, $3, 'removed', $4, $1, row from gone",
            table.is("t", "$1")
        ))
        .bind::<Jsonb, _>(key)
        .bind::<SqlUuid, _>(self.merge)
        .bind::<Integer, _>(self.next())
        .bind::<Text, _>(name)
        .execute(&mut **tx)?;
        Ok(())
    }

    /// Lets the custom field `field` of a table's rows point at `to` where it points at `from`.
    pub fn point_custom(
        &mut self,
        tx: &mut Tx,
        table: &str,
        field: &str,
        (from, to): (Uuid, Uuid),
    ) -> Result<()> {
        sql_query(format!(
            "with moved as (update {table} set custom = jsonb_set(custom, array[$1], to_jsonb($2::text)) where custom ->> $1 = $3::text returning id)
             insert into merge_rows (merge_id, step, act, table_name, part, key, was, became)
             select $4, $5, 'changed', $6, 'custom', jsonb_build_object('id', id), jsonb_build_object($1, $3::text), jsonb_build_object($1, $2::text) from moved"
        ))
        .bind::<Text, _>(field)
        .bind::<SqlUuid, _>(to)
        .bind::<SqlUuid, _>(from)
        .bind::<SqlUuid, _>(self.merge)
        .bind::<Integer, _>(self.next())
        .bind::<Text, _>(table)
        .execute(&mut **tx)?;
        Ok(())
    }
}

/// The key of a row that is known by its id.
pub fn id(id: Uuid) -> Value {
    json!({ "id": id })
}
