//! A value as people see it: in a cell, as a fact, in a sentence, in an export.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde_json::Value;
use uuid::Uuid;

use super::setup::Setup;
use crate::filter::{Field, FieldType};
use crate::web::filters;
use crate::web::filters::thousands;

#[derive(Clone, Debug, PartialEq)]
pub enum Shown<'a> {
    Nothing,
    Text(Cow<'a, str>),
    Long(&'a str),
    Email(&'a str),
    Phone(&'a str),
    Url(&'a str),
    Number(String),
    /// An amount in the minor unit of a currency.
    Amount(i64, &'a str),
    Day(NaiveDate),
    Moment(DateTime<Utc>),
    /// A state in one word, and the tone that goes with it.
    State(&'a str, &'static str),
    Person(Cow<'a, str>),
    /// A member whose name the row doesn't know; `facts::shown` looks it up.
    Member(Uuid),
    /// A record whose title the row doesn't know; `facts::shown` looks it up.
    Linked(Uuid),
    /// One of what the workspace has set up, by its id; `facts::shown` looks it up.
    Chosen(Uuid),
    /// A record, by its collection, id and title.
    Record(Cow<'a, str>, Uuid, Cow<'a, str>),
    Tags(&'a [String]),
    Lines(Vec<String>),
}

impl<'a> Shown<'a> {
    pub fn text(text: &'a str) -> Shown<'a> {
        Shown::filled(text, |t| Shown::Text(Cow::Borrowed(t)))
    }
    pub fn long(text: &'a str) -> Shown<'a> {
        Shown::filled(text, Shown::Long)
    }
    pub fn email(text: &'a str) -> Shown<'a> {
        Shown::filled(text, Shown::Email)
    }
    /// Words in the place of a number can't be called.
    pub fn phone(text: &'a str) -> Shown<'a> {
        match text.chars().filter(char::is_ascii_digit).count() {
            ..3 => Shown::text(text),
            _ => Shown::Phone(text),
        }
    }
    pub fn url(text: &'a str) -> Shown<'a> {
        Shown::filled(text, Shown::Url)
    }
    pub fn member(id: Option<Uuid>) -> Shown<'a> {
        id.map_or(Shown::Nothing, Shown::Member)
    }
    pub fn moment(at: Option<DateTime<Utc>>) -> Shown<'a> {
        at.map_or(Shown::Nothing, Shown::Moment)
    }
    pub fn number(number: impl ToString) -> Shown<'a> {
        Shown::Number(thousands(&number.to_string()))
    }
    pub fn tags(tags: &'a [String]) -> Shown<'a> {
        if tags.is_empty() {
            return Shown::Nothing;
        }
        Shown::Tags(tags)
    }
    pub fn lines(lines: Vec<String>) -> Shown<'a> {
        if lines.is_empty() {
            return Shown::Nothing;
        }
        Shown::Lines(lines)
    }
    pub fn linked(id: Option<Uuid>) -> Shown<'a> {
        id.map_or(Shown::Nothing, Shown::Linked)
    }

    fn filled(text: &'a str, shown: impl FnOnce(&'a str) -> Shown<'a>) -> Shown<'a> {
        if text.is_empty() {
            return Shown::Nothing;
        }
        shown(text)
    }

    /// A value as it is kept in JSON, by the type of its field.
    pub fn of(field: &'a Field, value: &'a Value, names: &'a Names) -> Shown<'a> {
        let id = || value.as_str().and_then(|id| id.parse().ok());
        match (field.kind, value) {
            (_, Value::Null) => Shown::Nothing,
            (FieldType::Person, _) => match id() {
                Some(id) => Shown::Person(names.person(id)),
                None => Shown::Nothing,
            },
            (FieldType::Record(_), _) => match id() {
                Some(id) => names.record(id),
                None => Shown::Nothing,
            },
            (FieldType::Money, Value::Number(minor)) => {
                Shown::Number(decimal(minor.as_i64().unwrap_or_default()))
            }
            (FieldType::Date, Value::String(text)) => {
                text.parse().map_or_else(|_| Shown::text(text), Shown::Day)
            }
            (FieldType::DateTime, Value::String(text)) => text
                .parse()
                .map_or_else(|_| Shown::text(text), Shown::Moment),
            (FieldType::Email, Value::String(text)) => Shown::email(text),
            (FieldType::Phone, Value::String(text)) => Shown::phone(text),
            (FieldType::Url, Value::String(text)) => Shown::url(text),
            (FieldType::LongText, Value::String(text)) => Shown::long(text),
            (FieldType::Choice, Value::String(text)) => {
                let known = field.choices.iter().find(|c| &c.value == text);
                Shown::text(known.map_or(text.as_str(), |c| &c.label))
            }
            (_, Value::String(text)) => Shown::text(text),
            (_, Value::Bool(yes)) => Shown::text(if *yes { "Yes" } else { "No" }),
            (_, Value::Number(number)) => Shown::Number(number.to_string()),
            (_, Value::Array(items)) => Shown::lines(items.iter().map(line).collect()),
            (_, Value::Object(_)) => Shown::lines(vec![line(value)]),
        }
    }

    pub fn is_nothing(&self) -> bool {
        *self == Shown::Nothing
    }

    /// The value in plain text, for sentences and exports.
    pub fn plain(&self, zone: &Tz) -> String {
        match self {
            Shown::Nothing | Shown::Member(_) | Shown::Linked(_) | Shown::Chosen(_) => {
                String::new()
            }
            Shown::Text(text) | Shown::Person(text) | Shown::Record(_, _, text) => {
                text.clone().into_owned()
            }
            Shown::Long(text) | Shown::Email(text) | Shown::Phone(text) | Shown::Url(text) => {
                (*text).to_owned()
            }
            Shown::State(label, _) => (*label).to_owned(),
            Shown::Number(number) => number.clone(),
            Shown::Amount(minor, currency) => money(*minor, currency),
            Shown::Day(day) => day.format("%-d %b %Y").to_string(),
            Shown::Moment(at) => at
                .with_timezone(zone)
                .format("%-d %b %Y, %H:%M")
                .to_string(),
            Shown::Tags(tags) => tags.join(", "),
            Shown::Lines(lines) => lines.join(", "),
        }
    }

    /// The value as another program reads it.
    pub fn exported(&self, zone: &Tz) -> String {
        match self {
            Shown::Number(number) => number.replace(',', ""),
            Shown::Amount(minor, _) => decimal(*minor).replace(',', ""),
            Shown::Day(day) => day.to_string(),
            Shown::Moment(at) => at
                .with_timezone(zone)
                .format("%Y-%m-%d %H:%M:%S")
                .to_string(),
            other => other.plain(zone),
        }
    }
}

/// A part of a list in words: the filled-in values of a group, with its label before them.
fn line(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Object(parts) => {
            let label = parts.get("label").and_then(Value::as_str).unwrap_or("");
            let rest = parts.iter().filter(|(key, _)| *key != "label");
            let texts: Vec<String> = rest
                .map(|(_, v)| line(v))
                .filter(|t| !t.is_empty())
                .collect();
            if label.is_empty() {
                texts.join(", ")
            } else {
                format!("{label}: {}", texts.join(", "))
            }
        }
        Value::Array(items) => items.iter().map(line).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// `125050` and `EUR` → `EUR 1,250.50`; whole amounts without their cents.
pub fn money(minor: i64, currency: &str) -> String {
    let text = decimal(minor);
    let text = text.strip_suffix(".00").unwrap_or(&text);
    format!("{currency}\u{a0}{text}")
}

/// `125050` → `1,250.50`.
pub fn decimal(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let (whole, cents) = (minor.unsigned_abs() / 100, minor.unsigned_abs() % 100);
    format!("{sign}{}.{cents:02}", thousands(&whole.to_string()))
}

/// What the ids in values stand for.
#[derive(Clone, Debug)]
pub struct Names {
    pub setup: Arc<Setup>,
    /// Collection and title of records.
    pub records: HashMap<Uuid, (&'static str, Arc<str>)>,
}

impl Names {
    /// Where no record is named.
    pub fn of_people(setup: Arc<Setup>) -> Names {
        Names {
            setup,
            records: HashMap::new(),
        }
    }

    pub fn person(&self, id: Uuid) -> Cow<'_, str> {
        let known = self.setup.person(id);
        Cow::Borrowed(known.map_or("somebody who left", |p| &p.name))
    }

    pub fn record(&self, id: Uuid) -> Shown<'_> {
        match self.records.get(&id) {
            Some((collection, title)) => {
                Shown::Record(Cow::Borrowed(collection), id, Cow::Borrowed(title))
            }
            None => Shown::Text(Cow::Borrowed("a record that is gone")),
        }
    }
}

/// A value in a page below `root`, the workspace's address.
#[derive(Template)]
#[template(path = "records/value.html")]
pub struct Cell<'a> {
    pub shown: Shown<'a>,
    pub root: &'a str,
    pub zone: Tz,
    pub setup: &'a Setup,
    /// Where there is little room: one line, no links to mail or call.
    pub dense: bool,
    /// What stands where nothing does, unless it is dense.
    pub none: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn amounts_have_two_decimals() {
        let shown: Vec<_> = [0, 5, 125_050, -99].map(decimal).into();
        assert_eq!(shown, ["0.00", "0.05", "1,250.50", "-0.99"]);
    }

    #[test]
    fn a_group_reads_as_a_line() {
        let value = json!([{"label": "Work", "value": "a@x.example"}, {"label": "", "value": "b@x.example"}]);
        let field = Field::column("more", "More", FieldType::Text, "t.more");
        let names = Names::of_people(Arc::default());
        assert_eq!(
            Shown::of(&field, &value, &names).plain(&Tz::UTC),
            "Work: a@x.example, b@x.example"
        );
    }

    #[test]
    fn what_is_exported_is_read_back() {
        assert_eq!(Shown::number(1_234).exported(&Tz::UTC), "1234");
        let day = NaiveDate::from_ymd_opt(2026, 5, 31).unwrap();
        assert_eq!(Shown::Day(day).exported(&Tz::UTC), "2026-05-31");
        assert_eq!(Shown::Day(day).plain(&Tz::UTC), "31 May 2026");
    }
}
