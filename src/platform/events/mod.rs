//! The event: one row for each write, read by timeline, audit, live updates, notifications and automation.

pub mod notify;
mod of_record;
pub mod seal;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::db::Origin;
use crate::error::Result;
use crate::schema::events;

/// Values of these fields are kept out of the log.
const MASKED: [&str; 5] = ["password", "secret", "token", "passport", "iban"];
/// PostgreSQL takes 65,535 parameters a statement.
const ROWS_AN_INSERT: usize = 2_000;
const LONGEST_VALUE: usize = 2_000;

#[derive(Clone, Debug, Insertable, Queryable, QueryableByName, Selectable, Serialize)]
#[diesel(table_name = events, check_for_backend(diesel::pg::Pg))]
pub struct Event {
    pub id: Uuid,
    /// Given by the database, in the order of writing; 0 until then.
    #[diesel(skip_insertion)]
    pub seq: i64,
    pub kind: String,
    pub record_kind: Option<String>,
    pub record_id: Option<Uuid>,
    pub title: String,
    pub actor_id: Option<Uuid>,
    pub actor_name: String,
    pub changes: Value,
    pub data: Value,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    pub request_id: Option<String>,
    pub at: DateTime<Utc>,
    /// The act on many records that it is a part of.
    #[serde(skip)]
    pub act_id: Option<Uuid>,
}

impl Event {
    pub fn new(kind: &str, actor: Option<Uuid>, origin: &Origin, at: DateTime<Utc>) -> Event {
        Event {
            id: Uuid::now_v7(),
            seq: 0,
            kind: kind.to_owned(),
            record_kind: None,
            record_id: None,
            title: String::new(),
            actor_id: actor,
            actor_name: origin.name.clone(),
            changes: json!({}),
            data: json!({}),
            ip: origin.ip.clone(),
            user_agent: origin.user_agent.clone(),
            request_id: origin.request_id.clone(),
            at,
            act_id: None,
        }
    }

    /// Adds what readers of this kind of event want to know beyond the changes.
    pub fn with(&mut self, key: &str, value: impl Serialize) -> &mut Event {
        if let (Some(data), Ok(value)) = (self.data.as_object_mut(), serde_json::to_value(value)) {
            data.insert(key.to_owned(), value);
        }
        self
    }

    /// Says that nobody need be told of it: what happens by the thousand and asks for nothing.
    pub fn quietly(&mut self) -> &mut Event {
        self.with("quiet", true)
    }

    pub fn is_quiet(&self) -> bool {
        self.data["quiet"] == true
    }

    /// Another record whose page shows what came of this: a form, of its submission.
    pub fn shown_by(&mut self, kind: &str, id: Uuid) -> &mut Event {
        self.with("shown_by", json!([kind, id]))
    }

    /// The kind and the id of the other record that shows it.
    pub fn shower(&self) -> Option<(&str, &str)> {
        let by = self.data.get("shown_by")?;
        Some((by.get(0)?.as_str()?, by.get(1)?.as_str()?))
    }

    pub fn insert_all(conn: &mut PgConnection, rows: &[Event]) -> Result<()> {
        for some in rows.chunks(ROWS_AN_INSERT) {
            diesel::insert_into(events::table)
                .values(some)
                .execute(conn)?;
        }
        Ok(())
    }

    /// The events of a record and of those that were merged into it, newest first, of these aspects; `before` is the `seq`
    /// of the last one already shown. A search looks through some of each aspect at a time; then the second value is how
    /// far it looked.
    pub fn of_record(
        conn: &mut PgConnection,
        record: Uuid,
        aspects: &[&str],
        words: &str,
        before: Option<i64>,
        limit: i64,
    ) -> Result<(Vec<Event>, Option<i64>)> {
        of_record::newest(conn, record, aspects, words, before, limit)
    }
}

/// Field by field, what was and what is: `{"email": ["a@x", "b@x"]}`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes(Map<String, Value>);

impl Changes {
    pub fn none() -> Changes {
        Changes::default()
    }

    /// The fields in which two states of the same thing differ.
    pub fn between(before: &impl Serialize, after: &impl Serialize) -> Changes {
        let (Ok(Value::Object(before)), Ok(Value::Object(after))) =
            (serde_json::to_value(before), serde_json::to_value(after))
        else {
            return Changes::default();
        };
        let mut changes = Map::new();
        differ("", &before, &after, &mut changes);
        Changes(changes)
    }

    /// All the fields of something new.
    pub fn of_new(after: &impl Serialize) -> Changes {
        let Ok(Value::Object(after)) = serde_json::to_value(after) else {
            return Changes::default();
        };
        let filled = after.into_iter().filter(|(_, v)| !is_blank(v));
        Changes(
            filled
                .map(|(k, v)| (k.clone(), pair(&k, Value::Null, v)))
                .collect(),
        )
    }

    pub fn set(mut self, field: &str, before: impl Serialize, after: impl Serialize) -> Changes {
        if let (Ok(before), Ok(after)) = (serde_json::to_value(before), serde_json::to_value(after))
        {
            self.0.insert(field.to_owned(), pair(field, before, after));
        }
        self
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub fn into_json(self) -> Value {
        Value::Object(self.0)
    }
}

/// What differs, with the parts of a group as fields of their own: `address.city`, `custom.vip`.
fn differ(
    prefix: &str,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    into: &mut Map<String, Value>,
) {
    let gone = before.keys().filter(|key| !after.contains_key(*key));
    for key in after.keys().chain(gone) {
        let old = before.get(key).cloned().unwrap_or(Value::Null);
        let new = after.get(key).cloned().unwrap_or(Value::Null);
        let field = format!("{prefix}{key}");
        match (&old, &new) {
            (Value::Object(old), Value::Object(new)) => {
                differ(&format!("{field}."), old, new, into);
            }
            _ if old != new => {
                into.insert(field.clone(), pair(&field, old, new));
            }
            _ => {}
        }
    }
}

fn pair(field: &str, before: Value, after: Value) -> Value {
    if MASKED.iter().any(|m| field.contains(m)) {
        return json!(["•••", "•••"]);
    }
    json!([shortened(before), shortened(after)])
}

/// The value as the log keeps it.
pub fn shortened(value: Value) -> Value {
    match value {
        Value::String(text) if text.len() > LONGEST_VALUE => {
            Value::String(text.chars().take(LONGEST_VALUE).chain(['…']).collect())
        }
        other => other,
    }
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_hold_only_what_differs() {
        let changes = Changes::between(
            &json!({"a": 1, "b": "x"}),
            &json!({"a": 1, "b": "y", "c": true}),
        );
        assert_eq!(
            changes.into_json(),
            json!({"b": ["x", "y"], "c": [null, true]})
        );
    }

    #[test]
    fn the_parts_of_a_group_change_one_by_one() {
        let changes = Changes::between(
            &json!({"custom": {"vip": true, "size": 3}}),
            &json!({"custom": {"vip": true, "boat": "Ida"}}),
        );
        assert_eq!(
            changes.into_json(),
            json!({"custom.boat": [null, "Ida"], "custom.size": [3, null]})
        );
    }

    #[test]
    fn secrets_are_masked() {
        let changes = Changes::none().set("password_hash", "a", "b");
        assert_eq!(
            changes.into_json(),
            json!({"password_hash": ["•••", "•••"]})
        );
    }
}
