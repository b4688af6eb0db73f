//! The right-hand side of a rule: read by the shape that its operator asks for, and refused with a sentence.

use chrono::{Datelike, NaiveDate};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::decimal::Decimal;
use super::field::{Field, FieldType};
use super::operator::{Input, Operator};
use super::span::{Span, Unit};

/// The most values a rule takes, and the most characters of each.
pub const MAX_VALUES: usize = 200;
pub const MAX_CHARS: usize = 500;

const MAX_COUNT: u32 = 9999;

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Nothing,
    Text(String),
    Texts(Vec<String>),
    Id(Uuid),
    Ids(Vec<Uuid>),
    Number(Decimal),
    Numbers(Decimal, Decimal),
    Day(NaiveDate),
    Days(NaiveDate, NaiveDate),
    Span(Span),
    Times { times: u32, within: Option<Span> },
}

impl Value {
    /// Reads what `op` wants from JSON, or from the texts of the editor's controls in their order.
    pub(super) fn read(field: &Field, op: Operator, json: &Json) -> Result<Self, String> {
        let label = &field.label;
        let input = op.input(field.kind);
        let given = Given::of(json, input, label)?;
        match input {
            Input::Nothing => Ok(Self::Nothing),
            Input::Text => given.one(label).map(|text| Self::Text(text.to_owned())),
            Input::Texts => given.many(label).map(Self::Texts),
            Input::Number => given
                .one(label)
                .and_then(|text| number(text, label))
                .map(Self::Number),
            Input::Numbers => {
                let (from, to) = given.pair(label)?;
                let (from, to) = (number(from, label)?, number(to, label)?);
                Ok(Self::Numbers(from.min(to), from.max(to)))
            }
            Input::Day => given
                .one(label)
                .and_then(|text| day(text, label))
                .map(Self::Day),
            Input::Days => {
                let (from, to) = given.pair(label)?;
                let (from, to) = (day(from, label)?, day(to, label)?);
                Ok(Self::Days(from.min(to), from.max(to)))
            }
            Input::Span => {
                let span = span(given.at(0), given.at(1), label)?;
                span.map(Self::Span).ok_or_else(|| missing(label))
            }
            Input::One if by_id(field.kind) => given
                .one(label)
                .and_then(|text| id(text, field))
                .map(Self::Id),
            Input::One => given
                .one(label)
                .and_then(|text| choice(text, field))
                .map(Self::Text),
            Input::Many if by_id(field.kind) => {
                let texts = given.many(label)?;
                let ids: Result<_, _> = texts.iter().map(|text| id(text, field)).collect();
                ids.map(Self::Ids)
            }
            Input::Many => {
                let texts = given.many(label)?;
                let values: Result<_, _> = texts.iter().map(|text| choice(text, field)).collect();
                values.map(Self::Texts)
            }
            Input::Within => {
                let within = span(given.at(0), given.at(1), label)?;
                Ok(Self::Times { times: 1, within })
            }
            Input::Times => {
                let times = count(given.at(0)).ok_or_else(|| {
                    format!("{label} needs how many times it happened, a whole number from 1 to {MAX_COUNT}.")
                })?;
                let within = span(given.at(1), given.at(2), label)?;
                Ok(Self::Times { times, within })
            }
        }
    }

    pub(super) fn to_json(&self) -> Json {
        let span = |span: &Span| json!({ "count": span.count, "unit": span.unit.name() });
        match self {
            Self::Nothing => Json::Null,
            Self::Text(text) => json!(text),
            Self::Texts(texts) => json!(texts),
            Self::Id(id) => json!(id),
            Self::Ids(ids) => json!(ids),
            Self::Number(number) => number.to_json(),
            Self::Numbers(from, to) => json!([from.to_json(), to.to_json()]),
            Self::Day(day) => json!(day),
            Self::Days(from, to) => json!([from, to]),
            Self::Span(within) => span(within),
            Self::Times {
                times,
                within: None,
            } => json!({ "times": times }),
            Self::Times {
                times,
                within: Some(within),
            } => json!({ "times": times, "count": within.count, "unit": within.unit.name() }),
        }
    }
}

/// The texts of the controls that `input` shows, in their order, for a value as it stands in a tree.
pub(super) fn texts(json: &Json, input: Input) -> Vec<String> {
    let text = |json: &Json| match json {
        Json::String(text) => text.clone(),
        Json::Number(number) => {
            Decimal::from_json(json).map_or_else(|| number.to_string(), |n| n.to_string())
        }
        _ => String::new(),
    };
    match json {
        Json::Null => Vec::new(),
        Json::Array(items) => items.iter().map(text).collect(),
        Json::Object(parts) => {
            let names: &[&str] = match input {
                Input::Times => &["times", "count", "unit"],
                _ => &["count", "unit"],
            };
            names
                .iter()
                .map(|name| parts.get(*name).map(text).unwrap_or_default())
                .collect()
        }
        scalar => vec![text(scalar)],
    }
}

/// What was given, checked for what holds of any value.
struct Given(Vec<String>);

impl Given {
    fn of(json: &Json, input: Input, label: &str) -> Result<Self, String> {
        let mut texts = texts(json, input);
        if matches!(input, Input::Texts | Input::Many) {
            texts = texts
                .iter()
                .flat_map(|text| text.lines())
                .map(str::to_owned)
                .collect();
        }
        if texts.len() > MAX_VALUES {
            return Err(format!("{label} takes at most {MAX_VALUES} values."));
        }
        for text in &mut texts {
            *text = text.trim().to_owned();
            if text.chars().count() > MAX_CHARS {
                return Err(format!(
                    "A value of {label} can have at most {MAX_CHARS} characters."
                ));
            }
            if text.contains('\0') {
                return Err(format!(
                    "A value of {label} has a character that cannot be stored."
                ));
            }
        }
        Ok(Self(texts))
    }

    fn at(&self, index: usize) -> &str {
        self.0.get(index).map_or("", String::as_str)
    }

    fn one(&self, label: &str) -> Result<&str, String> {
        match self.0.as_slice() {
            [text] if !text.is_empty() => Ok(text),
            [] | [_] => Err(missing(label)),
            _ => Err(format!("{label} takes one value here.")),
        }
    }

    fn pair(&self, label: &str) -> Result<(&str, &str), String> {
        match self.0.as_slice() {
            [from, to] if !from.is_empty() && !to.is_empty() => Ok((from, to)),
            _ => Err(format!("{label} needs two values, from and to.")),
        }
    }

    /// The values without blank ones and without repetition.
    fn many(self, label: &str) -> Result<Vec<String>, String> {
        let mut kept: Vec<String> = Vec::with_capacity(self.0.len());
        for text in self.0 {
            if !text.is_empty() && !kept.contains(&text) {
                kept.push(text);
            }
        }
        if kept.is_empty() {
            Err(missing(label))
        } else {
            Ok(kept)
        }
    }
}

fn missing(label: &str) -> String {
    format!("{label} needs a value.")
}

fn by_id(kind: FieldType) -> bool {
    matches!(kind, FieldType::Person | FieldType::Record(_))
}

fn number(text: &str, label: &str) -> Result<Decimal, String> {
    Decimal::parse(text).ok_or_else(|| format!("{label} needs a number such as 1250.50."))
}

fn day(text: &str, label: &str) -> Result<NaiveDate, String> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .ok()
        .filter(|day| (1000..=9000).contains(&day.year()))
        .ok_or_else(|| format!("{label} needs a date such as 2026-11-21."))
}

fn id(text: &str, field: &Field) -> Result<Uuid, String> {
    let what = if field.kind == FieldType::Person {
        "a person"
    } else {
        "a record"
    };
    text.parse()
        .map_err(|_| format!("{} needs {what}, not “{text}”.", field.label))
}

fn choice(text: &str, field: &Field) -> Result<String, String> {
    let open = field.kind == FieldType::Tags || field.choices.is_empty();
    if open || field.choices.iter().any(|choice| choice.value == text) {
        Ok(text.to_owned())
    } else {
        Err(format!("{} has no choice “{text}”.", field.label))
    }
}

fn count(text: &str) -> Option<u32> {
    text.parse()
        .ok()
        .filter(|count| (1..=MAX_COUNT).contains(count))
}

/// A span from its number and its unit; none if the number was left blank.
fn span(number: &str, unit: &str, label: &str) -> Result<Option<Span>, String> {
    if number.is_empty() {
        return Ok(None);
    }
    let unit = Unit::ALL.into_iter().find(|known| known.name() == unit);
    match (count(number), unit) {
        (Some(count), Some(unit)) => Ok(Some(Span { count, unit })),
        _ => Err(format!(
            "{label} needs a number of days, weeks or months from 1 to {MAX_COUNT}."
        )),
    }
}
