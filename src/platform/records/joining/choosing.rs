//! Which record stays and whose value each field gets, unless somebody chooses otherwise.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::Joined;
use crate::records::merge::{get, leaves};
use crate::records::write::as_json;
use crate::records::{Cells, Shown};

/// A record beside others, field by field.
#[derive(Clone, Debug)]
pub struct Side {
    pub id: Uuid,
    pub title: String,
    pub fields: Map<String, Value>,
    pub changed_at: DateTime<Utc>,
}

impl Side {
    pub fn of<T: Joined>(row: &T::Row) -> Side {
        let record = T::of(row);
        let changed_at = match row.shown("updated_at") {
            Shown::Moment(at) => at,
            _ => DateTime::UNIX_EPOCH,
        };
        Side {
            id: record.id(),
            title: record.title(),
            fields: as_json(&record.form()),
            changed_at,
        }
    }
}

/// What the records are compared by.
pub struct Comparison<'a> {
    pub sides: &'a [Side],
    blank: Map<String, Value>,
    first: &'static [(&'static str, &'static str)],
    gathered: &'static [&'static str],
}

impl<'a> Comparison<'a> {
    pub fn of<T: Joined>(sides: &'a [Side]) -> Comparison<'a> {
        Comparison {
            sides,
            blank: as_json(&T::Form::default()),
            first: T::FIRST,
            gathered: T::GATHERED,
        }
    }

    /// The fields that are chosen one by one, in no order that means anything.
    pub fn fields(&self) -> Vec<String> {
        let all = self.sides.iter().flat_map(|side| leaves(&side.fields));
        let all: BTreeMap<String, ()> = all.map(|(name, _)| (name, ())).collect();
        let gathered = |name: &String| self.gathered.contains(&name.as_str());
        all.into_keys().filter(|name| !gathered(name)).collect()
    }

    /// Whether nobody filled that in: nothing, or what a new record begins with.
    pub fn is_blank(&self, field: &str, value: &Value) -> bool {
        let empty = match value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            _ => false,
        };
        empty || *value == get(&self.blank, field)
    }

    /// The one with the most in it; of those the one that was changed last.
    pub fn fullest(&self) -> Option<Uuid> {
        let fields = self.fields();
        let filled = |side: &&Side| {
            let is_filled = |field: &&String| !self.is_blank(field, &get(&side.fields, field));
            (fields.iter().filter(is_filled).count(), side.changed_at)
        };
        self.sides.iter().max_by_key(filled).map(|side| side.id)
    }

    /// Whose value the field gets where `into` stays: its own, or where it has none that of the record changed last.
    pub fn chosen(&self, into: Uuid, field: &str) -> Uuid {
        let mut order: Vec<&Side> = self.sides.iter().collect();
        order.sort_by_key(|side| (side.id != into, std::cmp::Reverse(side.changed_at)));
        for (_, value) in self.first.iter().filter(|(name, _)| *name == field) {
            let has = |side: &&&Side| get(&side.fields, field).as_str() == Some(value);
            if let Some(side) = order.iter().find(has) {
                return side.id;
            }
        }
        let filled = |side: &&Side| !self.is_blank(field, &get(&side.fields, field));
        order.into_iter().find(filled).map_or(into, |side| side.id)
    }

    /// Whether the records say different things.
    pub fn differ(&self, field: &str) -> bool {
        let mut values = self.sides.iter().map(|side| get(&side.fields, field));
        let Some(first) = values.next() else {
            return false;
        };
        let empty = |value: &Value| *value == Value::Null || *value == "";
        values.any(|value| value != first && !(empty(&value) && empty(&first)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn side(n: u128, fields: Value) -> Side {
        Side {
            id: Uuid::from_u128(n),
            title: n.to_string(),
            fields: fields.as_object().cloned().unwrap(),
            changed_at: DateTime::UNIX_EPOCH + chrono::TimeDelta::days(n as i64),
        }
    }

    fn comparison(sides: &[Side]) -> Comparison<'_> {
        Comparison {
            sides,
            blank: json!({"city": "", "stage": "lead"})
                .as_object()
                .cloned()
                .unwrap(),
            first: &[("consent", "withdrawn")],
            gathered: &["tags"],
        }
    }

    #[test]
    fn the_fullest_stays_and_lends_what_it_lacks() {
        let sides = [
            side(
                1,
                json!({"city": "Split", "stage": "lead", "phone": "1", "tags": ["a"]}),
            ),
            side(
                2,
                json!({"city": "", "stage": "customer", "phone": null, "tags": []}),
            ),
        ];
        let all = comparison(&sides);
        let one = Uuid::from_u128(1);
        assert_eq!(all.fullest(), Some(one));
        assert_eq!(all.fields(), ["city", "phone", "stage"]);
        assert_eq!(all.chosen(one, "city"), one);
        assert_eq!(all.chosen(one, "stage"), Uuid::from_u128(2));
        assert!(all.differ("city"));
    }

    #[test]
    fn what_was_withdrawn_goes_before_what_was_given() {
        let sides = [
            side(1, json!({"consent": "given"})),
            side(2, json!({"consent": "withdrawn"})),
        ];
        let chosen = comparison(&sides).chosen(Uuid::from_u128(1), "consent");
        assert_eq!(chosen, Uuid::from_u128(2));
    }

    #[test]
    fn of_values_that_somebody_else_has_the_latest_is_taken() {
        let sides = [
            side(1, json!({"city": ""})),
            side(2, json!({"city": "Split"})),
            side(3, json!({"city": "Rijeka"})),
        ];
        let chosen = comparison(&sides).chosen(Uuid::from_u128(1), "city");
        assert_eq!(chosen, Uuid::from_u128(3));
    }
}
