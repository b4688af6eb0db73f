//! A record as an object of JSON: its fields by their keys, each as the API writes it.

use chrono_tz::Tz;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::error::Result;
use crate::filter::{Catalogue, FieldType};
use crate::records::shown::Names;
use crate::records::{Cells, Shown, facts};

/// The custom fields stand together, as they do in the API.
const CUSTOM: &str = "custom";

/// In the order of the columns, which a map of JSON forgets.
struct Object<'a> {
    fields: Vec<(&'a str, Value)>,
    custom: Map<String, Value>,
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in &self.fields {
            map.serialize_entry(key, value)?;
        }
        if !self.custom.is_empty() {
            map.serialize_entry(CUSTOM, &self.custom)?;
        }
        map.end()
    }
}

/// The columns `keys` of a row, behind its id. What an id stands for goes with it, and the currency with an amount.
pub fn object(
    row: &(impl Cells + Serialize),
    keys: &[String],
    catalogue: &Catalogue,
    names: &Names,
) -> Result<String> {
    let mut all = match serde_json::to_value(row)? {
        Value::Object(all) => all,
        _ => Map::new(),
    };
    let mut custom = match all.remove(CUSTOM) {
        Some(Value::Object(custom)) => custom,
        _ => Map::new(),
    };
    let mut object = Object {
        fields: Vec::with_capacity(keys.len() + 4),
        custom: Map::new(),
    };
    object.take("id", &mut all);
    for key in keys {
        if let Some(own) = key.strip_prefix("custom.") {
            let value = custom.remove(own).unwrap_or_default();
            object.custom.insert(own.to_owned(), value);
            continue;
        }
        if !object.take(key, &mut all) && !object.has(key) {
            let value = shown(row, key, catalogue, names);
            object.fields.push((key, value));
        }
        if let Some(name) = key.strip_suffix("_id") {
            object.take(name, &mut all);
        }
        if catalogue.get(key).map(|field| field.kind) == Some(FieldType::Money) {
            object.take("currency", &mut all);
        }
    }
    Ok(serde_json::to_string(&object)?)
}

impl<'a> Object<'a> {
    /// Takes a field over from the row, where it has it.
    fn take(&mut self, key: &'a str, all: &mut Map<String, Value>) -> bool {
        let value = all.remove(key);
        let taken = value.is_some();
        self.fields.extend(value.map(|value| (key, value)));
        taken
    }

    fn has(&self, key: &str) -> bool {
        self.fields.iter().any(|(known, _)| *known == key)
    }
}

/// A field that the row has no value for, but a way to show one.
fn shown(row: &impl Cells, key: &str, catalogue: &Catalogue, names: &Names) -> Value {
    let shown = facts::shown(row, key, catalogue, names);
    match &shown {
        Shown::Nothing => Value::Null,
        Shown::Amount(minor, _) => Value::from(*minor),
        Shown::Day(day) => Value::from(day.to_string()),
        Shown::Moment(at) => Value::from(at.to_rfc3339()),
        Shown::Tags(tags) => Value::from(*tags),
        Shown::Lines(lines) => Value::from(lines.as_slice()),
        Shown::Number(text) => {
            let plain = text.replace(',', "");
            serde_json::from_str(&plain).unwrap_or(Value::from(plain))
        }
        other => {
            let text = other.plain(&Tz::UTC);
            let choices = catalogue.get(key).map(|field| field.choices.iter());
            let choice = choices.into_iter().flatten().find(|c| c.label == text);
            Value::from(choice.map_or(text, |choice| choice.value.clone()))
        }
    }
}
