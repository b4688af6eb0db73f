//! Seals chain a workspace's events, so that a row altered behind the application's back is found.
//!
//! Events are sealed once no running transaction can still add one before them; each seal holds the SHA-256 of the
//! seal before it and of every event in its range.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Integer, Nullable};

use crate::db::Tx;
use crate::error::Result;
use crate::schema::event_seals;

/// One seal holds at most so many; where it is full there may be more to seal.
pub const EVENTS_A_SEAL: i64 = 10_000;

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

/// Seals what is new in this workspace; gives how many events.
pub fn seal(tx: &mut Tx) -> Result<i32> {
    let last = last(tx)?;
    let after = last.as_ref().map_or(0, |s| s.last_seq);
    let before = last.as_ref().map_or_else(Vec::new, |s| s.hash.clone());
    // A transaction still running may hold a lower number than one that is done: stop at the oldest of them.
    let sql = format!(
        "select min(seq) first_seq, max(seq) last_seq, count(*)::int events, \
                sha256($1 || string_agg(digest, ''::bytea order by seq)) hash \
         from (select e.seq, sha256({ROW}) digest from events e \
               where e.seq > $2 and e.seq < coalesce((select min(seq) from events where seq > $2 \
                 and txid >= pg_snapshot_xmin(pg_current_snapshot())::text::bigint), 9223372036854775807) \
               order by e.seq limit $3) s"
    );
    let digest: Digest = diesel::sql_query(sql)
        .bind::<Binary, _>(&before)
        .bind::<BigInt, _>(after)
        .bind::<BigInt, _>(EVENTS_A_SEAL)
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
