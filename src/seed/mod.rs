//! `nexus seed`: the demo workspaces, and as many contacts as one likes.

mod aside;
mod demo;
mod rows;

use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Double, Uuid as SqlUuid};
use platform::schema::workspaces;
use platform::world;
use uuid::Uuid;

use crate::Failure;

/// Makes the demo workspaces where they are not there yet.
pub fn world(url: &str) -> Result<(), Failure> {
    let made = PgConnection::establish(url)?.transaction(demo)?;
    println!(
        "{}",
        if made {
            "acme and globex are made"
        } else {
            "acme and globex are there already"
        }
    );
    Ok(())
}

/// The demo workspaces with something in them to look at; gives whether they were made.
pub fn demo(conn: &mut PgConnection) -> platform::Result<bool> {
    let made = world::seed(conn)?;
    if made {
        let acme: Uuid = workspaces::table
            .filter(workspaces::slug.eq("acme"))
            .select(workspaces::id)
            .first(conn)?;
        world::enter(conn, acme)?;
        for sql in [demo::RECORDS, demo::TASKS, demo::ACTIVITIES] {
            sql_query(sql).bind::<SqlUuid, _>(acme).execute(conn)?;
        }
        crate::workspaces::chat::demo(conn, acme)?;
        crate::crm::playbooks::demo(conn, acme)?;
    }
    Ok(made)
}

const TABLES: [&str; 7] = [
    "records",
    "contacts",
    "companies",
    "deals",
    "deal_moves",
    "tasks",
    "activities",
];
const ROWS_A_BATCH: i64 = 20_000;
const MOST: i64 = 50_000_000;
/// How far back the seeded rows reach, evenly.
const SECONDS_BACK: f64 = 2.0 * 365.0 * 24.0 * 60.0 * 60.0;
/// From so many rows on, indexes and keys are put back after them, which costs half as much as keeping them.
const MANY: i64 = 50_000;

/// Adds `n` contacts, and companies, deals, tasks and activities in proportion, to acme.
///
/// The rows are made by PostgreSQL itself, in batches, as the owner, so that no triggers of the audit fire a million
/// times; the triggers that keep `records` do fire, once a batch. Ids and times grow as they do in life, so that an
/// index grows at its end and neighbours in a list are neighbours on disk.
pub fn scale(url: &str, n: i64) -> Result<(), Failure> {
    if !(1..=MOST).contains(&n) {
        return Err(format!("--scale takes a number from 1 to {MOST}").into());
    }
    let mut conn = PgConnection::establish(url)?;
    conn.transaction(demo)?;
    let acme: Uuid = workspaces::table
        .filter(workspaces::slug.eq("acme"))
        .select(workspaces::id)
        .first(&mut conn)?;
    let (companies, deals, tasks) = ((n / 20).max(1), (n / 5).max(1), (n / 10).max(1));
    if n >= MANY {
        aside::set_aside(&mut conn, &TABLES)?;
    }
    make(url, acme, companies, rows::COMPANIES)?;
    make(url, acme, n, rows::CONTACTS)?;
    make(url, acme, deals, rows::DEALS)?;
    make(url, acme, tasks, rows::TASKS)?;
    let contacts = contacts_between(&mut conn, acme)?;
    in_batches(url, acme, &contacts, |conn, (from, to)| {
        let made = sql_query(rows::ACTIVITIES).bind::<SqlUuid, _>(acme);
        made.bind::<SqlUuid, _>(*from)
            .bind::<SqlUuid, _>(*to)
            .execute(conn)
    })?;
    aside::put_back(url, &mut conn)?;
    shared_out(url, &TABLES, |conn, table| {
        Ok(conn.batch_execute(&format!("vacuum analyze {table}"))?)
    })?;
    // So that nobody waits for it who stops the server next; an owner who may not leaves it to the server.
    let _ = conn.batch_execute("checkpoint");
    println!(
        "{n} contacts, {companies} companies, {deals} deals, {tasks} tasks and {n} activities are in acme"
    );
    Ok(())
}

/// The contacts of a workspace, a batch at a time: from behind one id up to another.
fn contacts_between(
    conn: &mut PgConnection,
    workspace: Uuid,
) -> Result<Vec<(Uuid, Uuid)>, Failure> {
    #[derive(QueryableByName)]
    struct Last {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let ends = "select id from (select id, row_number() over (order by id) n from contacts where workspace_id = $1) c
        where n % $2 = 0";
    let ends: Vec<Last> = sql_query(ends)
        .bind::<SqlUuid, _>(workspace)
        .bind::<BigInt, _>(ROWS_A_BATCH)
        .load(conn)?;
    let mut ids = vec![Uuid::nil()];
    ids.extend(ends.into_iter().map(|last| last.id));
    ids.push(Uuid::max());
    Ok(ids.windows(2).map(|pair| (pair[0], pair[1])).collect())
}

/// Runs `sql` of [`rows`] for rows 1 to `n`.
fn make(url: &str, workspace: Uuid, n: i64, sql: &str) -> Result<(), Failure> {
    let starts = (0..n).step_by(ROWS_A_BATCH as usize);
    let parts: Vec<(i64, i64)> = starts
        .map(|from| (from, (from + ROWS_A_BATCH).min(n)))
        .collect();
    in_batches(url, workspace, &parts, |conn, (from, to)| {
        sql_query(sql)
            .bind::<SqlUuid, _>(workspace)
            .bind::<BigInt, _>(*from)
            .bind::<BigInt, _>(*to)
            .bind::<Double, _>(SECONDS_BACK / n as f64)
            .bind::<Double, _>(SECONDS_BACK)
            .execute(conn)
    })
}

fn in_batches<T: Sync>(
    url: &str,
    workspace: Uuid,
    parts: &[T],
    make: impl Fn(&mut PgConnection, &T) -> QueryResult<usize> + Sync,
) -> Result<(), Failure> {
    shared_out(url, parts, |conn, part| {
        conn.transaction::<_, platform::Error, _>(|conn| {
            world::enter(conn, workspace)?;
            make(conn, part)?;
            Ok(())
        })?;
        Ok(())
    })
}

/// Works through `parts` on as many connections as there are processors; gives the first failure.
fn shared_out<T: Sync>(
    url: &str,
    parts: &[T],
    work: impl Fn(&mut PgConnection, &T) -> Result<(), Failure> + Sync,
) -> Result<(), Failure> {
    let processors = std::thread::available_parallelism().map_or(2, |n| n.get().clamp(2, 8));
    let next = AtomicUsize::new(0);
    let go_through = || -> Result<(), Failure> {
        let mut conn = PgConnection::establish(url)?;
        conn.batch_execute(
            "set app.seeding = 'on'; set synchronous_commit = off; set work_mem = '64MB'; \
             set maintenance_work_mem = '256MB'; set gin_pending_list_limit = '256MB'",
        )?;
        while let Some(part) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
            work(&mut conn, part)?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..processors)
            .map(|_| scope.spawn(|| go_through().map_err(|error| error.to_string())))
            .collect();
        for one in running {
            let done = one
                .join()
                .unwrap_or_else(|_| Err("a worker panicked".into()));
            done.map_err(Failure::from)?;
        }
        Ok(())
    })
}
