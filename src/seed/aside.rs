//! Indexes and foreign keys that are taken down before many rows come in, and put back after them (PostgreSQL's manual,
//! 14.4.3 and 14.4.4).

use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Bool, Text};

use super::shared_out;
use crate::Failure;

/// How something that is in the way of many rows is taken down.
#[derive(QueryableByName)]
struct Aside {
    #[diesel(sql_type = Text)]
    down: String,
}

/// How it is put back.

#[derive(QueryableByName)]
struct Waiting {
    #[diesel(sql_type = Text)]
    back: String,
    #[diesel(sql_type = Bool)]
    is_index: bool,
}

/// Takes down the indexes that hold nothing to be true and the foreign keys of `tables`, and writes down what they were:
/// a seed that is cut off leaves them to the next one.
pub fn set_aside(conn: &mut PgConnection, tables: &[&str]) -> Result<(), Failure> {
    conn.transaction(|conn| {
        conn.batch_execute(
            "create table if not exists seed_aside (back text primary key, is_index boolean not null, written serial)",
        )?;
        let found = "with found as (
              select format('drop index %s', i.indexrelid::regclass) as down, pg_get_indexdef(i.indexrelid) as back, true as is_index
              from pg_index i where i.indrelid = any ($1::regclass[]) and not i.indisunique
              union all
              select format('alter table %s drop constraint %I', conrelid::regclass, conname),
                format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)), false
              from pg_constraint where conrelid = any ($1::regclass[]) and contype = 'f'),
            kept as (insert into seed_aside select back, is_index from found on conflict do nothing)
            select down from found";
        let found: Vec<Aside> = sql_query(found).bind::<Array<Text>, _>(tables).load(conn)?;
        for one in found {
            conn.batch_execute(&one.down)?;
        }
        Ok(())
    })
}

/// Puts back what was taken down, now or by a seed that was cut off.
pub fn put_back(url: &str, conn: &mut PgConnection) -> Result<(), Failure> {
    #[derive(QueryableByName)]
    struct There {
        #[diesel(sql_type = Bool)]
        there: bool,
    }
    let there = sql_query("select to_regclass('seed_aside') is not null as there");
    if !there.get_result::<There>(conn)?.there {
        return Ok(());
    }
    // The dearest first, so that no connection is left with one of them while the others are done.
    let waiting =
        "select back, is_index from seed_aside order by back not like '%USING gin%', written";
    let waiting: Vec<Waiting> = sql_query(waiting).load(conn)?;
    let (indexes, keys): (Vec<Waiting>, Vec<Waiting>) =
        waiting.into_iter().partition(|one| one.is_index);
    let back = |conn: &mut PgConnection, one: &Waiting| {
        conn.transaction(|conn| {
            conn.batch_execute(&one.back)?;
            let done = sql_query("delete from seed_aside where back = $1");
            done.bind::<Text, _>(&one.back).execute(conn)?;
            Ok(())
        })
    };
    shared_out(url, &indexes, back)?;
    // One after the other: a key locks both of its tables.
    for key in &keys {
        back(conn, key)?;
    }
    conn.batch_execute("drop table seed_aside")?;
    Ok(())
}
