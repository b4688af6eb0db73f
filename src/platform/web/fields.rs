//! Reads what people typed into Rust types: `""` is nothing, `"42"` is a number, one value may stand for a list.
//!
//! The same reader takes JSON, where the types are there already. Errors carry the path of their field.

use std::fmt::Display;

use serde::de::{
    self, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde_json::{Map, Value};

#[derive(Debug)]
pub struct FieldProblem {
    /// Outermost last, while the error travels up.
    path: Vec<String>,
    pub message: String,
}

impl FieldProblem {
    pub fn field(&self) -> String {
        let mut path = self.path.clone();
        path.reverse();
        path.join(".")
    }
    fn saying(message: impl Into<String>) -> FieldProblem {
        FieldProblem {
            path: Vec::new(),
            message: message.into(),
        }
    }
    fn within(mut self, key: &str) -> FieldProblem {
        self.path.push(key.to_owned());
        self
    }
}

impl Display for FieldProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.field(), self.message)
    }
}

impl std::error::Error for FieldProblem {}

impl de::Error for FieldProblem {
    fn custom<T: Display>(message: T) -> Self {
        let text = message.to_string();
        // What parsers of ids and dates say is for programmers; this is for people.
        Self::saying(if text.contains("UUID") {
            "Please choose one from the list.".to_owned()
        } else if text.contains("input") || text.contains("date") || text.contains("premature end")
        {
            "Please enter a date such as 2026-05-31.".to_owned()
        } else {
            text
        })
    }
    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::saying(format!("Please choose one of {}.", expected.join(", ")))
    }
    fn invalid_type(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::saying(format!("Please enter {expected}."))
    }
    fn invalid_value(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self::saying("This value is out of its range.")
    }
    fn missing_field(field: &'static str) -> Self {
        Self::saying("Please fill this in.").within(field)
    }
}

/// `pairs` as an object: repeated keys become lists, `a.0.b` becomes nested.
pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Map<String, Value> {
    let mut root = Map::new();
    for (key, text) in pairs.into_iter().take(5_000) {
        let path: Vec<&str> = key.trim_end_matches("[]").split('.').take(5).collect();
        insert(&mut root, &path, Value::String(text));
    }
    root.into_iter()
        .map(|(k, v)| (k, numbered_to_list(v)))
        .collect()
}

fn insert(map: &mut Map<String, Value>, path: &[&str], value: Value) {
    let (Some(head), rest) = (path.first(), path.get(1..).unwrap_or_default()) else {
        return;
    };
    if !rest.is_empty() {
        let slot = map
            .entry(*head)
            .or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(inner) = slot {
            insert(inner, rest, value);
        }
        return;
    }
    match map.get_mut(*head) {
        None => {
            map.insert((*head).to_owned(), value);
        }
        Some(Value::Array(items)) => items.push(value),
        Some(slot) => {
            let first = slot.take();
            *slot = Value::Array(vec![first, value]);
        }
    }
}

/// `{"0": …, "1": …}` is how a form writes a list of groups.
fn numbered_to_list(value: Value) -> Value {
    let Value::Object(map) = value else {
        return value;
    };
    let numbered = !map.is_empty() && map.keys().all(|k| k.parse::<u16>().is_ok());
    let map = map.into_iter().map(|(k, v)| (k, numbered_to_list(v)));
    if !numbered {
        return Value::Object(map.collect());
    }
    let mut items: Vec<(u16, Value)> = map
        .filter_map(|(k, v)| Some((k.parse().ok()?, v)))
        .collect();
    items.sort_by_key(|(i, _)| *i);
    Value::Array(items.into_iter().map(|(_, v)| v).collect())
}

/// Puts the fields of `newer` over those of `older`; groups are laid over each other part by part.
pub fn lay_over(older: &mut Map<String, Value>, newer: Map<String, Value>) {
    for (key, value) in newer {
        match (older.get_mut(&key), value) {
            (Some(Value::Object(old)), Value::Object(new)) => lay_over(old, new),
            (_, value) => {
                older.insert(key, value);
            }
        }
    }
}

/// A value that is read leniently.
pub struct Typed<'a>(pub &'a Value);

fn text_of(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        // The hidden twin of a checkbox comes first, so the last one counts.
        Value::Array(items) => items.last().and_then(text_of),
        _ => None,
    }
}

fn whole(value: &Value) -> Result<i64, FieldProblem> {
    let number = match value {
        Value::Number(n) => n.as_i64(),
        other => text_of(other).and_then(|t| t.trim().replace([' ', '\u{a0}'], "").parse().ok()),
    };
    number.ok_or_else(|| FieldProblem::saying("Please enter a whole number."))
}

fn decimal(value: &Value) -> Result<f64, FieldProblem> {
    let number = match value {
        Value::Number(n) => n.as_f64(),
        other => text_of(other).and_then(|t| t.trim().replace(',', ".").parse().ok()),
    };
    number
        .filter(|n| n.is_finite())
        .ok_or_else(|| FieldProblem::saying("Please enter a number."))
}

macro_rules! integers {
    ($($method:ident => $visit:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldProblem> {
            visitor.visit_i64(whole(self.0)?)
        }
    )*};
}

impl<'de, 'a: 'de> Deserializer<'de> for Typed<'a> {
    type Error = FieldProblem;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldProblem> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(b) => visitor.visit_bool(*b),
            Value::Number(n) => match (n.as_u64(), n.as_i64(), n.as_f64()) {
                (Some(n), _, _) => visitor.visit_u64(n),
                (_, Some(n), _) => visitor.visit_i64(n),
                (_, _, n) => visitor.visit_f64(n.unwrap_or_default()),
            },
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(_) => self.deserialize_seq(visitor),
            Value::Object(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldProblem> {
        match self.0 {
            Value::Bool(b) => visitor.visit_bool(*b),
            other => match text_of(other).map(|t| t.trim().to_lowercase()).as_deref() {
                Some("on" | "true" | "1" | "yes") => visitor.visit_bool(true),
                Some("" | "off" | "false" | "0" | "no") | None => visitor.visit_bool(false),
                Some(_) => Err(FieldProblem::saying("Please answer yes or no.")),
            },
        }
    }

    integers! {
        deserialize_i8 => visit_i64
        deserialize_i16 => visit_i64
        deserialize_i32 => visit_i64
        deserialize_i64 => visit_i64
        deserialize_u8 => visit_i64
        deserialize_u16 => visit_i64
        deserialize_u32 => visit_i64
        deserialize_u64 => visit_i64
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldProblem> {
        visitor.visit_f64(decimal(self.0)?)
    }
    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldProblem> {
        visitor.visit_f64(decimal(self.0)?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldProblem> {
        self.deserialize_string(visitor)
    }
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldProblem> {
        match self.0 {
            Value::Null => visitor.visit_str(""),
            Value::Number(n) => visitor.visit_string(n.to_string()),
            other => match text_of(other) {
                Some(text) => visitor.visit_str(text.trim()),
                None => Err(FieldProblem::saying("Please enter text.")),
            },
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldProblem> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            Value::Array(items) if !items.is_empty() && text_of(self.0).is_none() => {
                visitor.visit_some(self)
            }
            other if text_of(other).is_some_and(|t| t.trim().is_empty()) => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldProblem> {
        let items: Vec<&Value> = match self.0 {
            Value::Null => Vec::new(),
            Value::Array(items) => items.iter().collect(),
            one => vec![one],
        };
        // An empty text among the values is the hidden twin that says 'none chosen'.
        let items: Vec<_> = items
            .into_iter()
            .filter(|v| !matches!(v, Value::String(t) if t.trim().is_empty()))
            .collect();
        visitor.visit_seq(Items { items, at: 0 })
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldProblem> {
        match self.0 {
            Value::Object(map) => visitor.visit_map(Entries {
                entries: map.iter().collect(),
                at: 0,
            }),
            Value::Null => visitor.visit_map(Entries {
                entries: Vec::new(),
                at: 0,
            }),
            Value::String(text) if text.trim().is_empty() => visitor.visit_map(Entries {
                entries: Vec::new(),
                at: 0,
            }),
            _ => Err(FieldProblem::saying("This is not a group of fields.")),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FieldProblem> {
        self.deserialize_map(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, FieldProblem> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FieldProblem> {
        match text_of(self.0) {
            Some(text) => visitor.visit_enum(text.trim().into_deserializer()),
            None => Err(FieldProblem::saying("Please choose one of the options.")),
        }
    }

    serde::forward_to_deserialize_any! { i128 u128 char bytes byte_buf unit unit_struct tuple tuple_struct identifier ignored_any }
}

/// For `#[serde(deserialize_with)]`: a list that may be typed as one text, `a, b`, without blanks and repetitions.
pub fn comma_separated<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<String>, D::Error> {
    let texts = <Vec<String> as de::Deserialize>::deserialize(deserializer)?;
    let mut all: Vec<String> = Vec::new();
    for part in texts.iter().flat_map(|t| t.split(',')).map(str::trim) {
        if !part.is_empty() && !all.iter().any(|a| a == part) {
            all.push(part.to_owned());
        }
    }
    Ok(all)
}

struct Items<'a> {
    items: Vec<&'a Value>,
    at: usize,
}

impl<'de, 'a: 'de> SeqAccess<'de> for Items<'a> {
    type Error = FieldProblem;
    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, FieldProblem> {
        let Some(value) = self.items.get(self.at) else {
            return Ok(None);
        };
        self.at += 1;
        seed.deserialize(Typed(value))
            .map(Some)
            .map_err(|e| e.within(&(self.at - 1).to_string()))
    }
}

struct Entries<'a> {
    entries: Vec<(&'a String, &'a Value)>,
    at: usize,
}

impl<'de, 'a: 'de> MapAccess<'de> for Entries<'a> {
    type Error = FieldProblem;
    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, FieldProblem> {
        let Some((key, _)) = self.entries.get(self.at) else {
            return Ok(None);
        };
        seed.deserialize(key.as_str().into_deserializer()).map(Some)
    }
    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, FieldProblem> {
        let Some((key, value)) = self.entries.get(self.at) else {
            return Err(FieldProblem::saying("There is no value."));
        };
        self.at += 1;
        seed.deserialize(Typed(value)).map_err(|e| e.within(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Debug, Deserialize, PartialEq, Default)]
    #[serde(default)]
    struct Sample {
        name: String,
        age: Option<i32>,
        tags: Vec<String>,
        yes: bool,
        on: Option<chrono::NaiveDate>,
        lines: Vec<Line>,
    }
    #[derive(Debug, Deserialize, PartialEq, Default)]
    struct Line {
        label: String,
    }

    fn read(pairs: &[(&str, &str)]) -> Result<Sample, FieldProblem> {
        let map = from_pairs(
            pairs
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned())),
        );
        Sample::deserialize(Typed(&Value::Object(map)))
    }

    #[test]
    fn a_form_is_read_as_people_fill_it_in() {
        let pairs = [
            ("name", " Ann "),
            ("age", ""),
            ("tags", ""),
            ("tags", "a"),
            ("tags", "b"),
            ("yes", "0"),
            ("yes", "on"),
            ("lines.1.label", "y"),
            ("lines.0.label", "x"),
        ];
        let sample = read(&pairs).unwrap();
        assert_eq!(sample.name, "Ann");
        assert_eq!(sample.age, None);
        assert_eq!(sample.tags, ["a", "b"]);
        assert!(sample.yes);
        assert_eq!(
            sample.lines,
            [Line { label: "x".into() }, Line { label: "y".into() }]
        );
    }

    #[test]
    fn an_error_names_its_field() {
        let problem = read(&[("age", "forty")]).unwrap_err();
        assert_eq!(
            (problem.field().as_str(), problem.message.as_str()),
            ("age", "Please enter a whole number.")
        );
        let problem = read(&[("on", "31.5.2026")]).unwrap_err();
        assert_eq!(problem.message, "Please enter a date such as 2026-05-31.");
    }

    #[test]
    fn json_is_read_by_the_same_rules() {
        let value =
            json!({"name": "李雷", "age": 7, "tags": ["x"], "yes": true, "unknown": {"a": [1]}});
        let sample = Sample::deserialize(Typed(&value)).unwrap();
        assert_eq!((sample.name.as_str(), sample.age), ("李雷", Some(7)));
    }
}
