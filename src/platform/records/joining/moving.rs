//! Lets everything that points at one record point at another.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Bool, Jsonb, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::catalogue::{Reference, Table};
use super::journal::{Journal, id};
use crate::db::Tx;
use crate::error::Result;
use crate::records::kinds::Kinds;
use crate::records::setup::Setup;

/// A hierarchy of records is no deeper.
const DEEPEST: i32 = 50;

/// What makes a row of `table` stand beside one that the record has already.
#[derive(Clone, Copy, Debug)]
pub struct Yields {
    pub table: &'static str,
    /// `status = 'exited'`: what is written into it, as SQL.
    pub set: &'static str,
}

/// From one record to another, with what is known of both.
pub struct Moving<'a> {
    pub from: Uuid,
    pub to: Uuid,
    pub yields: &'a [Yields],
}

impl Moving<'_> {
    /// All rows that point at `from` as a row of one of `tables`.
    pub fn all(&self, tx: &mut Tx, journal: &mut Journal, tables: &[&str]) -> Result<()> {
        for reference in Reference::to(tx, tables)? {
            let table = Table::named(tx, &reference.table)?;
            self.settle_collisions(tx, journal, &table, &reference.column)?;
            journal.point(tx, &table, &reference.column, (self.from, self.to))?;
            if tables.contains(&reference.table.as_str()) {
                self.part_circle(tx, journal, &table, &reference.column)?;
            }
        }
        Ok(())
    }

    /// What a row of these tables says of both, the one would say of itself.
    pub fn between(
        &self,
        tx: &mut Tx,
        journal: &mut Journal,
        pairs: &[(&str, &str, &str)],
    ) -> Result<()> {
        for (name, a, b) in pairs {
            let table = Table::named(tx, name)?;
            let rows: Vec<Key> = sql_query(format!(
                "select {} as key from {name} t where {a} in ($1, $2) and {b} in ($1, $2)",
                table.key_of("t")
            ))
            .bind::<SqlUuid, _>(self.from)
            .bind::<SqlUuid, _>(self.to)
            .load(&mut **tx)?;
            for Key { key } in rows {
                journal.put_away(tx, &table, &key)?;
            }
        }
        Ok(())
    }

    /// Custom fields that point at records of `kind`, and filters that name this one.
    pub fn mentions(
        &self,
        tx: &mut Tx,
        journal: &mut Journal,
        (kinds, setup): (&Kinds, &Setup),
        kind: &str,
    ) -> Result<()> {
        let fields = setup.fields.iter();
        for field in fields.filter(|f| f.kind == "record" && f.target == kind) {
            if let Some(of) = kinds.get(&field.record_kind) {
                let ends = (self.from, self.to);
                journal.point_custom(tx, of.table, &field.key, ends)?;
            }
        }
        for Reference { table, column } in Reference::filters(tx)? {
            let table = Table::named(tx, &table)?;
            let set =
                format!("{column} = replace({column}::text, $1 ->> 'from', $1 ->> 'to')::jsonb");
            let which = format!("position($1 ->> 'from' in t.{column}::text) > 0");
            let about = serde_json::json!({"from": self.from, "to": self.to});
            journal.change(tx, &table, &set, &which, &about)?;
        }
        Ok(())
    }

    /// Where both have what may exist once only, that of `to` stays. What hangs on the other one's hangs on it then.
    fn settle_collisions(
        &self,
        tx: &mut Tx,
        journal: &mut Journal,
        table: &Table,
        column: &str,
    ) -> Result<()> {
        for unique in table.uniques(tx, column)? {
            let named: Vec<String> = (0..unique.parts.len())
                .map(|n| format!("part_{n}"))
                .collect();
            let parts = unique.parts.iter().zip(&named);
            let parts: String = parts
                .map(|(part, name)| format!(", {part} as {name}"))
                .collect();
            let same: String = named
                .iter()
                .map(|n| format!(" and a.{n} = b.{n}"))
                .collect();
            let predicate = unique.predicate.as_deref().unwrap_or("true");
            let collisions: Vec<Collision> = sql_query(format!(
                "with rival as (select *{parts} from {} where {column} in ($1, $2) and ({predicate}))
                 select {} as mine, {} as theirs from rival a join rival b on a.{column} = $1 and b.{column} = $2{same}",
                table.name,
                table.key_of("a"),
                table.key_of("b"),
            ))
            .bind::<SqlUuid, _>(self.from)
            .bind::<SqlUuid, _>(self.to)
            .load(&mut **tx)?;
            for Collision { mine, theirs } in collisions {
                self.give_way(tx, journal, table, &mine, &theirs)?;
            }
        }
        Ok(())
    }

    fn give_way(
        &self,
        tx: &mut Tx,
        journal: &mut Journal,
        table: &Table,
        mine: &Value,
        theirs: &Value,
    ) -> Result<()> {
        let yields = self.yields.iter().find(|y| y.table == table.name);
        if let Some(yields) = yields {
            journal.change(tx, table, yields.set, &table.is("t", "$1"), mine)?;
            return Ok(());
        }
        let ids = |key: &Value| key.get("id")?.as_str()?.parse().ok();
        if let (true, Some(from), Some(to)) = (table.has_id(), ids(mine), ids(theirs)) {
            let below = Moving { from, to, ..*self };
            below.all(tx, journal, &[&table.name])?;
        }
        journal.put_away(tx, table, mine)
    }

    /// A record that came to stand above itself stands on top.
    fn part_circle(
        &self,
        tx: &mut Tx,
        journal: &mut Journal,
        table: &Table,
        column: &str,
    ) -> Result<()> {
        #[derive(QueryableByName)]
        struct Round {
            #[diesel(sql_type = Bool)]
            round: bool,
        }
        let name = &table.name;
        let found: Round = sql_query(format!(
            "with recursive up (id, depth) as (
               select {column}, 1 from {name} where id = $1
               union all select t.{column}, depth + 1 from {name} t join up on t.id = up.id where depth < {DEEPEST} and up.id <> $1)
             select exists (select from up where id = $1) as round"
        ))
        .bind::<SqlUuid, _>(self.to)
        .get_result(&mut **tx)?;
        if found.round {
            let set = format!("{column} = null");
            journal.change(tx, table, &set, &table.is("t", "$1"), &id(self.to))?;
        }
        Ok(())
    }
}

#[derive(QueryableByName)]
struct Key {
    #[diesel(sql_type = Jsonb)]
    key: Value,
}

/// A row of each of two records of which there may be one only.
#[derive(QueryableByName)]
struct Collision {
    #[diesel(sql_type = Jsonb)]
    mine: Value,
    #[diesel(sql_type = Jsonb)]
    theirs: Value,
}

/// A row as PostgreSQL writes it in JSON.
pub fn row(tx: &mut Tx, table: &Table, key: &Value) -> Result<Value> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Jsonb)]
        row: Value,
    }
    let row: Row = sql_query(format!(
        "select to_jsonb(t) as row from {} t where {}",
        table.name,
        table.is("t", "$1")
    ))
    .bind::<Jsonb, _>(key)
    .get_result(&mut **tx)?;
    Ok(row.row)
}
