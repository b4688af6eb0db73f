//! The newest events of a record and of those that were merged into it, narrowed to what somebody looks for.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};
use uuid::Uuid;

use super::Event;
use crate::db::Statement;
use crate::error::Result;

/// How many events of each aspect a search looks through at a time.
const WALKED: i64 = 1_500;

/// What an event says, and the note that it is about.
const HOLDS: &str = " and strpos(fold(concat_ws(' ', e.actor_name, replace(e.kind, '_', ' '), e.data->>'text', e.data->>'campaign',
    e.data->>'sequence', left(e.changes::text, 4000), case when e.aspect = 'note' then
      (select n.body from notes n where n.id = (e.data->>'note')::uuid) end)), fold(";

/// Each aspect of each of the records is gone through by its own part of the index, so that the few notes among very many
/// changes are found at once, and a record that nothing was merged into costs what it always did.
pub fn newest(
    conn: &mut PgConnection,
    record: Uuid,
    aspects: &[&str],
    words: &str,
    before: Option<i64>,
    limit: i64,
) -> Result<(Vec<Event>, Option<i64>)> {
    if aspects.is_empty() {
        return Ok((Vec::new(), None));
    }
    let (before, aspects) = (before.unwrap_or(i64::MAX), aspects.join(","));
    let horizon = match words {
        "" => None,
        _ => Horizon::of(conn, record, &aspects, before)?,
    };
    let mut s = Statement::kept();
    s.sql("select w.* from ");
    parts(&mut s, record, &aspects);
    s.sql(
        " cross join lateral (select e.id, e.seq, e.kind, e.record_kind, e.record_id, e.title, e.actor_id, e.actor_name, \
           e.changes, e.data, e.ip, e.user_agent, e.request_id, e.at, e.act_id \
         from events e where e.record_id = r.id and e.aspect = a.aspect and e.seq < ",
    )
    .whole(before)
    .sql(" and e.seq >= ")
    .whole(horizon.unwrap_or(0));
    if !words.is_empty() {
        s.sql(HOLDS).text(words).sql(")) > 0");
    }
    s.sql(" order by e.seq desc limit ")
        .whole(limit)
        .sql(") w order by w.seq desc limit ")
        .whole(limit);
    Ok((s.load(conn)?, horizon))
}

/// The records and the aspects that are looked at, each with each.
fn parts(s: &mut Statement, record: Uuid, aspects: &str) {
    s.sql("(select ")
        .id(Some(record))
        .sql("::uuid union all select record_id from merged_records where into_id = ")
        .id(Some(record))
        .sql(") r (id) cross join unnest(string_to_array(")
        .text(aspects)
        .sql(", ',')) a (aspect)");
}

/// How far back a search looks at a time.
#[derive(QueryableByName)]
struct Horizon {
    #[diesel(sql_type = Nullable<BigInt>)]
    seq: Option<i64>,
}

impl Horizon {
    /// The last event that is looked at, where there are more beyond.
    fn of(
        conn: &mut PgConnection,
        record: Uuid,
        aspects: &str,
        before: i64,
    ) -> Result<Option<i64>> {
        let mut s = Statement::kept();
        s.sql("select max(x.seq) as seq from ");
        parts(&mut s, record, aspects);
        s.sql(
            " cross join lateral (select min(s.seq) as seq, count(*) n from (
               select e.seq from events e where e.record_id = r.id and e.aspect = a.aspect and e.seq < ",
        )
        .whole(before)
        .sql(" order by e.seq desc limit ")
        .whole(WALKED)
        .sql(") s) x where x.n = ")
        .whole(WALKED);
        let found: Horizon = s.get_result(conn)?;
        Ok(found.seq)
    }
}
