//! Seals chain a workspace's events, so that a row altered behind the application's back is found.
//!
//! Events are sealed once no running transaction can still add one before them; each seal holds the SHA-256 of the
//! seal before it and of every event in its range.

use std::thread::sleep;
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Integer, Nullable};

use crate::db::Tx;
use crate::error::Result;
use crate::schema::event_seals;

/// One seal holds at most so many; where it is full there may be more to seal.
const EVENTS_A_SEAL: i64 = 10_000;

/// How long transactions that run already are waited for.
const PAUSE: Duration = Duration::from_millis(20);
const PAUSES: usize = 10;

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = Nullable<BigInt>)]
    number: Option<i64>,
}

#[derive(QueryableByName)]
struct Digest {
    #[diesel(sql_type = Nullable<BigInt>)]
    first_seq: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    last_seq: Option<i64>,
    #[diesel(sql_type = Integer)]
    events: i32,
    #[diesel(sql_type = Nullable<Binary>)]
    hash: Option<Vec<u8>>,
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = event_seals, check_for_backend(diesel::pg::Pg))]
struct Seal {
    id: i64,
    first_seq: i64,
    last_seq: i64,
    events: i32,
    hash: Vec<u8>,
}

/// What an event is to a seal: each column that says what happened.
const ROW: &str = "convert_to(concat_ws('|', e.id, e.seq, e.kind, e.record_kind, e.record_id, e.title, e.actor_id, \
    e.actor_name, e.changes, e.data, e.ip, e.user_agent, e.request_id, extract(epoch from e.at)), 'UTF8')";

/// The number up to which no running transaction can still add an event in any workspace; `None` where some of those that
/// might are not done in time, and where this transaction has written itself.
///
/// Whoever holds a number that was drawn before we looked has a transaction id since: so once all ids below one of our
/// own are done, nothing can come in between. Number and id are drawn in one statement, the number an instant earlier;
/// the first pause is for that.
pub fn settled(conn: &mut PgConnection) -> Result<Option<i64>> {
    let drawn = number(
        conn,
        "select max(last_value) number from events_seq_seq where pg_current_xact_id_if_assigned() is null",
    )?;
    if drawn.is_none() {
        return Ok(None);
    }
    sleep(PAUSE);
    let own = number(conn, "select pg_current_xact_id()::text::bigint number")?;
    for _ in 0..PAUSES {
        let oldest = "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint number";
        if number(conn, oldest)? >= own {
            return Ok(drawn);
        }
        sleep(PAUSE);
    }
    Ok(None)
}

/// Seals what is new in this workspace up to the number that is settled; gives how many events.
pub fn seal(tx: &mut Tx, settled: i64) -> Result<i64> {
    let mut sealed = 0;
    loop {
        let events = i64::from(seal_next(tx, settled)?);
        sealed += events;
        if events < EVENTS_A_SEAL {
            return Ok(sealed);
        }
    }
}

fn number(conn: &mut PgConnection, sql: &str) -> Result<Option<i64>> {
    let found: Number = diesel::sql_query(sql).get_result(conn)?;
    Ok(found.number)
}

fn seal_next(tx: &mut Tx, settled: i64) -> Result<i32> {
    let last = last(tx)?;
    let after = last.as_ref().map_or(0, |s| s.last_seq);
    let before = last.as_ref().map_or_else(Vec::new, |s| s.hash.clone());
    let sql = format!(
        "select min(seq) first_seq, max(seq) last_seq, count(*)::int events, \
                sha256($1 || string_agg(digest, ''::bytea order by seq)) hash \
         from (select e.seq, sha256({ROW}) digest from events e \
               where e.seq > $2 and e.seq <= $4 order by e.seq limit $3) s"
    );
    let digest: Digest = diesel::sql_query(sql)
        .bind::<Binary, _>(&before)
        .bind::<BigInt, _>(after)
        .bind::<BigInt, _>(EVENTS_A_SEAL)
        .bind::<BigInt, _>(settled)
        .get_result(&mut **tx)?;
    let (Some(first_seq), Some(last_seq), Some(hash)) =
        (digest.first_seq, digest.last_seq, digest.hash)
    else {
        return Ok(0);
    };
    let seal = Seal {
        id: last.map_or(1, |s| s.id + 1),
        first_seq,
        last_seq,
        events: digest.events,
        hash,
    };
    diesel::insert_into(event_seals::table)
        .values(&seal)
        .execute(&mut **tx)?;
    Ok(seal.events)
}

/// The number of the first seal that doesn't hold, or `None` where the log is whole.
pub fn first_broken(tx: &mut Tx) -> Result<Option<i64>> {
    let mut before = Vec::new();
    let mut after = 0;
    loop {
        let seals: Vec<Seal> = event_seals::table
            .filter(event_seals::id.gt(after))
            .order(event_seals::id)
            .limit(500)
            .select(Seal::as_select())
            .load(&mut **tx)?;
        let Some(newest) = seals.last().map(|s| s.id) else {
            return Ok(None);
        };
        for seal in seals {
            let sql = format!(
                "select min(e.seq) first_seq, max(e.seq) last_seq, count(*)::int events, \
                        sha256($1 || string_agg(sha256({ROW}), ''::bytea order by e.seq)) hash \
                 from events e where e.seq between $2 and $3"
            );
            let now: Digest = diesel::sql_query(sql)
                .bind::<Binary, _>(&before)
                .bind::<BigInt, _>(seal.first_seq)
                .bind::<BigInt, _>(seal.last_seq)
                .get_result(&mut **tx)?;
            if now.hash.as_deref() != Some(&seal.hash[..]) {
                return Ok(Some(seal.id));
            }
            before = seal.hash;
        }
        after = newest;
    }
}

fn last(tx: &mut Tx) -> Result<Option<Seal>> {
    Ok(event_seals::table
        .order(event_seals::id.desc())
        .select(Seal::as_select())
        .first(&mut **tx)
        .optional()?)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use diesel::sql_types::{Text, Uuid as SqlUuid};
    use uuid::Uuid;

    use super::*;
    use crate::db::pool::{self, Pool};
    use crate::db::tx::Subject;
    use crate::events::{Changes, Event};
    use crate::testing::database;

    fn run<T>(pool: &Pool, workspace: Uuid, work: impl FnOnce(&mut Tx) -> Result<T>) -> T {
        let (value, _) = Tx::run(pool, Subject::machine(workspace, "test"), work).unwrap();
        value
    }

    fn sealed(pool: &Pool, workspace: Uuid) -> i64 {
        let mut conn = pool.get().unwrap();
        let settled = conn.transaction(|conn| settled(conn)).unwrap();
        settled.map_or(0, |settled| run(pool, workspace, |tx| seal(tx, settled)))
    }

    /// On connections of their own, since what matters is what others see.
    #[test]
    fn what_runs_already_is_waited_for() {
        let workspace = Uuid::now_v7();
        let mut owner = PgConnection::establish(database()).unwrap();
        diesel::sql_query("insert into workspaces (id, slug, name) values ($1, $2, 'Sealed')")
            .bind::<SqlUuid, _>(workspace)
            .bind::<Text, _>(format!("sealed-{}", workspace.simple()))
            .execute(&mut owner)
            .unwrap();
        let pool = pool::connect(database(), 4).unwrap();
        run(&pool, workspace, |slow| {
            let first = Event::new("test.first", None, &slow.origin, slow.now);
            Event::insert_all(slow, &[first])?;
            run(&pool, workspace, |quick| {
                quick.note_event("test.second", "", Changes::none());
                Ok(())
            });
            assert_eq!(sealed(&pool, workspace), 0);
            Ok(())
        });
        // Other tests' transactions are waited for too.
        let started = Instant::now();
        let events = loop {
            match sealed(&pool, workspace) {
                0 => assert!(started.elapsed() < Duration::from_secs(60), "never sealed"),
                events => break events,
            }
        };
        assert_eq!(events, 2);
        assert_eq!(run(&pool, workspace, first_broken), None);
    }
}
