//! Two people changed the same record: what can be merged is, what can't is shown to the later one (PLT-20).
//!
//! The events of a record say what each version changed, so the values that somebody started from need not be sent along.

mod clash;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer};
use serde_json::{Map, Value};
use uuid::Uuid;

pub use clash::Clash;
use clash::Conflict;

use super::write::{as_json, from_json};
use super::{Editable, RecordForm};
use crate::db::Tx;
use crate::error::Result;
use crate::events::{Event, shortened};
use crate::schema::events;
use crate::web::Form;

/// More changes of one record than this between opening and saving a form are not looked at.
const MOST_EVENTS: i64 = 500;

/// What others changed since a version, field by field.
#[derive(Clone, Debug, Default)]
pub struct Since {
    fields: BTreeMap<String, Theirs>,
    who: Vec<String>,
}

/// A field as it was, and who changed it last.
#[derive(Clone, Debug)]
struct Theirs {
    original: Value,
    by: String,
    at: DateTime<Utc>,
}

impl Since {
    pub fn version(tx: &mut Tx, record: Uuid, version: i32) -> Result<Since> {
        let later = sql::<Bool>("(data ->> 'version')::int > ").bind::<Integer, _>(version);
        let rows: Vec<Event> = events::table
            .filter(events::record_id.eq(record))
            .filter(later)
            .order(events::seq)
            .limit(MOST_EVENTS)
            .select(Event::as_select())
            .load(&mut **tx)?;
        let mut since = Since::default();
        for event in rows {
            since.add(event);
        }
        Ok(since)
    }

    fn add(&mut self, event: Event) {
        let Value::Object(changes) = event.changes else {
            return;
        };
        if !changes.is_empty() && !self.who.contains(&event.actor_name) {
            self.who.push(event.actor_name.clone());
        }
        for (field, pair) in changes {
            let original = pair.get(0).cloned().unwrap_or(Value::Null);
            let theirs = self.fields.entry(field).or_insert(Theirs {
                original,
                by: String::new(),
                at: event.at,
            });
            theirs.by.clone_from(&event.actor_name);
            theirs.at = event.at;
        }
    }

    /// Who changed a field last, and when.
    fn last(&self, field: &str) -> Option<(String, DateTime<Utc>)> {
        let theirs = self.fields.get(field)?;
        Some((theirs.by.clone(), theirs.at))
    }

    /// Everybody who changed something, in words.
    pub fn who(&self) -> Option<String> {
        (!self.who.is_empty()).then(|| self.who.join(" and "))
    }
}

/// What somebody wanted, and the fields of it that others changed too.
pub struct Both {
    mine: Map<String, Value>,
    conflicts: Vec<Conflict>,
}

/// The form with what others changed beside it, or the fields that both changed.
pub fn merge<T: Editable>(
    record: &T,
    form: Form<T::Form>,
    sent: &[String],
    since: Since,
) -> Result<std::result::Result<Form<T::Form>, Both>> {
    if since.fields.is_empty() {
        return Ok(Ok(form));
    }
    let (mut mine, current) = (as_json(&form.data), as_json(&record.form()));
    let mut conflicts = Vec::new();
    // What the log knows as one value may be sent in parts.
    let is_sent = |field: &str| {
        let rest = sent.iter().filter_map(|name| name.strip_prefix(field));
        rest.into_iter()
            .any(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    for (field, theirs) in since.fields {
        let (my, now) = (get(&mine, &field), get(&current, &field));
        if !is_sent(&field) || my == now {
            continue;
        }
        if shortened(my.clone()) == theirs.original {
            set(&mut mine, &field, now);
        } else {
            conflicts.push(Conflict {
                field,
                original: theirs.original,
                mine: my,
                current: now,
                by: theirs.by,
                at: theirs.at,
            });
        }
    }
    if !conflicts.is_empty() {
        return Ok(Err(Both { mine, conflicts }));
    }
    Ok(Ok(Form::of(from_json(mine)?)))
}

/// A form that comes from the merge page: the values chosen there take their places.
pub fn resolved<F: RecordForm>(form: Form<F>) -> Form<F> {
    let mut typed = form.typed().clone();
    let Some(Value::Object(chosen)) = typed.remove("resolved") else {
        return form;
    };
    for (field, value) in leaves(&chosen) {
        let value = value.as_str().and_then(|v| serde_json::from_str(v).ok());
        set(&mut typed, &field, value.unwrap_or(Value::Null));
    }
    Form::read(typed)
}

/// The fields of a form with the parts of groups as fields of their own, as the log names them.
pub fn leaves(fields: &Map<String, Value>) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for (key, value) in fields {
        match value {
            Value::Object(parts) => {
                let parts = leaves(parts).into_iter();
                all.extend(parts.map(|(part, value)| (format!("{key}.{part}"), value)));
            }
            value => all.push((key.clone(), value.clone())),
        }
    }
    all
}

pub fn get(fields: &Map<String, Value>, path: &str) -> Value {
    match path.split_once('.') {
        None => fields.get(path).cloned().unwrap_or(Value::Null),
        Some((head, rest)) => match fields.get(head) {
            Some(Value::Object(parts)) => get(parts, rest),
            _ => Value::Null,
        },
    }
}

/// Puts a value in its place; what is nothing is left out of a group, and is null elsewhere.
pub fn set(fields: &mut Map<String, Value>, path: &str, value: Value) {
    let Some((head, rest)) = path.split_once('.') else {
        fields.insert(path.to_owned(), value);
        return;
    };
    let group = fields
        .entry(head)
        .or_insert_with(|| Value::Object(Map::new()));
    let Value::Object(parts) = group else {
        return;
    };
    if value.is_null() {
        parts.remove(rest);
    } else {
        set(parts, rest, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn parts_of_groups_are_fields_of_their_own() {
        let fields = map(json!({"city": "Split", "custom": {"vip": true}, "tags": ["a"]}));
        let names: Vec<String> = leaves(&fields).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["city", "custom.vip", "tags"]);
        assert_eq!(get(&fields, "custom.vip"), json!(true));
        assert_eq!(get(&fields, "city.x"), Value::Null);
    }

    #[test]
    fn setting_nothing_in_a_group_takes_it_out() {
        let mut fields = map(json!({"custom": {"vip": true}}));
        set(&mut fields, "custom.vip", Value::Null);
        set(&mut fields, "custom.boat", json!("Ida"));
        set(&mut fields, "city", Value::Null);
        assert_eq!(
            Value::Object(fields),
            json!({"custom": {"boat": "Ida"}, "city": null})
        );
    }
}
