//! An entry of the log, which is an event, and what of it people read.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;
use platform::Result;
use platform::db::Tx;
use platform::events::Event;
use platform::schema::events;
use serde_json::Value;

use super::filter::{Actor, AuditFilter};

const MOST_KINDS: i64 = 300;

/// The entries that match, newest first; one more than `limit` where there are more.
pub fn matching(tx: &mut Tx, filter: &AuditFilter, zone: chrono_tz::Tz) -> Result<Vec<Event>> {
    let mut query: events::BoxedQuery<'_, Pg> = events::table.into_boxed();
    if !filter.kind.is_empty() {
        // `contact` is all that happens to contacts, `contact.created` one of it.
        query = match filter.kind.contains('.') {
            true => query.filter(events::kind.eq(&filter.kind)),
            false => query.filter(events::kind.like(format!("{}.%", like(&filter.kind)))),
        };
    }
    query = match filter.actor {
        Some(Actor::Person(id)) => query.filter(events::actor_id.eq(id)),
        Some(Actor::Machine) => query.filter(events::actor_id.is_null()),
        None => query,
    };
    if !filter.search.is_empty() {
        let pattern = format!("%{}%", like(&filter.search));
        let named = events::title.ilike(pattern.clone());
        let by = events::actor_name.ilike(pattern);
        let from = events::ip.eq(filter.search.clone());
        let asked = events::request_id.eq(filter.search.clone());
        query = query.filter(named.or(by).or(from).or(asked));
    }
    let (from, to) = filter.between(zone);
    if let Some(from) = from {
        query = query.filter(events::at.ge(from));
    }
    if let Some(to) = to {
        query = query.filter(events::at.lt(to));
    }
    if let Some(before) = filter.before {
        query = query.filter(events::seq.lt(before));
    }
    Ok(query
        .order(events::seq.desc())
        .limit(filter.limit + 1)
        .select(Event::as_select())
        .load(&mut **tx)?)
}

pub(super) fn like(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_")
}

#[derive(QueryableByName)]
struct Kind {
    #[diesel(sql_type = Text)]
    kind: String,
}

/// The kinds of event there are, found by hopping from one to the next along the index.
pub fn kinds(tx: &mut Tx) -> Result<Vec<String>> {
    let kinds: Vec<Kind> = sql_query(
        "with recursive hop as (
           (select kind from events where workspace_id = current_workspace() order by kind limit 1)
           union all
           select (select e.kind from events e where e.workspace_id = current_workspace() and e.kind > hop.kind order by e.kind limit 1)
           from hop where hop.kind is not null)
         select kind from hop where kind is not null limit $1",
    )
    .bind::<diesel::sql_types::BigInt, _>(MOST_KINDS)
    .load(&mut **tx)?;
    Ok(kinds.into_iter().map(|k| k.kind).collect())
}

/// `contact.lifecycle_changed` → `Contact lifecycle changed`.
pub fn words(kind: &str) -> String {
    let text = kind.replace(['.', '_'], " ");
    let mut chars = text.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    first.chain(chars).collect()
}

/// Field by field: what it is called, what was and what is.
pub fn changes(event: &Event) -> Vec<(String, String, String)> {
    let fields = event.changes.as_object().into_iter().flatten();
    fields
        .map(|(field, pair)| {
            let side = |i: usize| pair.get(i).map(shown).unwrap_or_default();
            (words(field), side(0), side(1))
        })
        .collect()
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_shown_as_people_write_them() {
        let shown: Vec<_> = [json!(null), json!("x"), json!(["a", "b"]), json!(7)]
            .iter()
            .map(shown)
            .collect();
        assert_eq!(shown, ["", "x", "a, b", "7"]);
        assert_eq!(words("access.denied"), "Access denied");
    }
}
