//! What was logged on a record, for its timeline.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::db::{Statement, Tx};
use crate::error::Result;
use crate::events::Event;
use crate::records::timeline::{Found, Part, Sought};
use crate::schema::members;

/// After everything that was ever logged: the last second of the year 9999.
pub const LAST: DateTime<Utc> = DateTime::from_timestamp(253_402_300_799, 0).unwrap();
/// How many of each kind a search looks through at a time.
const WALKED: i64 = 2_000;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = diesel::sql_types::Nullable<SqlUuid>)]
    author_id: Option<Uuid>,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct Horizon {
    #[diesel(sql_type = diesel::sql_types::Nullable<Timestamptz>)]
    at: Option<DateTime<Utc>>,
}

impl Horizon {
    /// The last that a search looks at now, where there are more beyond.
    fn of(
        tx: &mut Tx,
        record: Uuid,
        kinds: &str,
        until: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>> {
        let mut s = Statement::kept();
        s.sql("select max(x.at) as at from unnest(string_to_array(")
            .text(kinds)
            .sql(
                ", ',')) k(kind) cross join lateral (
                   select min(s.at) as at, count(*) n from (
                     select a.at from activities a where a.kind = k.kind and a.record_id = ",
            )
            .id(Some(record))
            .sql(" and a.at < ")
            .at(until)
            .sql(" order by a.at desc, a.id desc limit ")
            .whole(WALKED)
            .sql(") s) x where x.n = ")
            .whole(WALKED);
        let found: Horizon = s.get_result(&mut **tx)?;
        Ok(found.at)
    }
}

/// What was logged on a record, for its timeline. Each kind is gone through by its own part of the index, so that the few
/// calls among very many e-mails are found at once; a search looks through some of each at a time.
pub fn told(
    tx: &mut Tx,
    record: Uuid,
    until: Option<DateTime<Utc>>,
    most: i64,
    sought: &Sought,
) -> Result<Found> {
    let mut kinds = Vec::new();
    if sought.wants(Part::Calls) {
        kinds.extend(["call", "meeting"]);
    }
    if sought.wants(Part::Mails) {
        kinds.push("email");
    }
    if kinds.is_empty() {
        return Ok(Found::default());
    }
    let until = until.unwrap_or(LAST);
    let kinds = kinds.join(",");
    let horizon = match sought.words.is_empty() {
        true => None,
        false => Horizon::of(tx, record, &kinds, until)?,
    };
    let mut s = Statement::kept();
    s.sql("select w.id, w.kind, w.author_id, w.at from unnest(string_to_array(")
        .text(kinds)
        .sql(
            ", ',')) k(kind) cross join lateral (
               select a.id, a.kind, a.author_id, a.at from activities a where a.kind = k.kind and a.record_id = ",
        )
        .id(Some(record))
        .sql(" and a.at < ")
        .at(until);
    if let Some(horizon) = horizon {
        s.sql(" and a.at >= ").at(horizon);
    }
    if !sought.words.is_empty() {
        s.sql(
            " and strpos(fold(concat_ws(' ', a.subject, a.body, replace(a.outcome, '_', ' '))), fold(",
        )
        .text(sought.words.clone())
        .sql(")) > 0");
    }
    s.sql(" order by a.at desc, a.id desc limit ")
        .whole(most)
        .sql(") w order by w.at desc, w.id desc limit ")
        .whole(most);
    let lines: Vec<Line> = s.load(&mut **tx)?;
    let names = names(tx, lines.iter().filter_map(|line| line.author_id))?;
    let events = lines.into_iter().map(|line| {
        let mut event = Event::new("activity.logged", line.author_id, &tx.origin, line.at);
        event.id = line.id;
        let name = line.author_id.and_then(|id| names.get(&id).cloned());
        event.actor_name = name.unwrap_or_else(|| "Somebody".to_owned());
        event.with("activity", line.id).with("kind", line.kind);
        event
    });
    Ok(Found {
        events: events.collect(),
        horizon,
    })
}

/// What members are called.
pub fn names(tx: &mut Tx, people: impl Iterator<Item = Uuid>) -> Result<HashMap<Uuid, String>> {
    let mut people: Vec<Uuid> = people.collect();
    people.sort_unstable();
    people.dedup();
    if people.is_empty() {
        return Ok(HashMap::new());
    }
    let named: Vec<(Uuid, String)> = members::table
        .filter(members::person_id.eq_any(people))
        .select((members::person_id, members::name))
        .load(&mut **tx)?;
    Ok(named.into_iter().collect())
}
