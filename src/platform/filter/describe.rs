//! A filter in words, for the chips of a toolbar and wherever else a person asks what a filter does.

use chrono::NaiveDate;
use serde::Serialize;
use uuid::Uuid;

use super::field::{Field, FieldType};
use super::operator::Operator;
use super::rule::{Filter, Rule};
use super::span::{Span, Unit};
use super::tree::{Group, Join, Node};
use super::value::Value;
use crate::words;

/// How many values of a list are named before the rest is counted.
const NAMED: usize = 3;

/// A top-level part of a filter in words, and the filter that remains if it is taken away.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Chip {
    pub text: String,
    pub rest: Filter,
}

impl Filter {
    /// The parts of the filter: all of them hold, or else it is one part.
    pub fn chips(&self) -> Vec<Chip> {
        if self.root.join != Join::All {
            let rest = Self::default();
            return vec![Chip {
                text: self.describe(),
                rest,
            }];
        }
        let chip = |(index, node): (usize, &Node<Rule>)| Chip {
            text: node.describe(),
            rest: self.without(index),
        };
        self.root.nodes.iter().enumerate().map(chip).collect()
    }

    /// The whole filter as a sentence without its full stop; empty for the filter that lets everything through.
    pub fn describe(&self) -> String {
        self.root.describe()
    }
}

impl Group<Rule> {
    fn describe(&self) -> String {
        let parts: Vec<String> = self.nodes.iter().map(Node::describe_within).collect();
        match (self.join, parts.as_slice()) {
            (Join::None, [only]) => format!("Not: {only}"),
            (Join::None, _) => format!("None of: {}", parts.join(", ")),
            (Join::All, _) => parts.join(" and "),
            (Join::Any, _) => parts.join(" or "),
        }
    }
}

impl Node<Rule> {
    fn describe(&self) -> String {
        match self {
            Self::Group(group) => group.describe(),
            Self::Rule(rule) => rule.describe(),
        }
    }

    fn describe_within(&self) -> String {
        match self {
            Self::Group(group) if group.nodes.len() > 1 => format!("({})", group.describe()),
            node => node.describe(),
        }
    }
}

impl Rule {
    /// The rule in words: “Life-cycle stage is Lead”.
    pub fn describe(&self) -> String {
        let label = &self.field.label;
        let op = self.op.label();
        match &self.value {
            Value::Nothing => format!("{label} {op}"),
            Value::Span(span) if self.op == Operator::MoreThanAgo => {
                format!("{label} more than {} ago", counted(*span))
            }
            // “In the last day” rather than “in the last 1 day”.
            Value::Span(span) => format!("{label} {op} {}", stretch(*span)),
            Value::Times { times, within } => {
                format!("{label}: {}", happened(self.op, *times, *within))
            }
            value => {
                let and = if self.op == Operator::HasAll {
                    "and"
                } else {
                    "or"
                };
                format!("{label} {op} {}", operand(&self.field, value, and))
            }
        }
    }
}

fn operand(field: &Field, value: &Value, and: &str) -> String {
    let id = |id: &Uuid| named(field, &id.to_string());
    match value {
        Value::Text(text) => named(field, text),
        Value::Texts(texts) => listed(texts.iter().map(|text| named(field, text)).collect(), and),
        Value::Id(one) => id(one),
        Value::Ids(ids) => listed(ids.iter().map(id).collect(), and),
        Value::Number(number) => number.to_string(),
        Value::Numbers(from, to) => format!("{from} and {to}"),
        Value::Day(day) => written(*day),
        Value::Days(from, to) => format!("{} and {}", written(*from), written(*to)),
        Value::Nothing | Value::Span(_) | Value::Times { .. } => String::new(),
    }
}

/// A value by its name; a text that has none stands in quotes.
fn named(field: &Field, value: &str) -> String {
    let known = field.choices.iter().any(|choice| choice.value == value);
    match field.kind {
        _ if known => field.name_of(value).to_owned(),
        FieldType::Person => "somebody who left".to_owned(),
        FieldType::Record(kind) => format!("one {kind}"),
        FieldType::Tags | FieldType::Choice | FieldType::MultiChoice => value.to_owned(),
        _ => format!("“{value}”"),
    }
}

fn listed(mut names: Vec<String>, and: &str) -> String {
    if names.len() > NAMED + 1 {
        let more = names.len() - NAMED;
        names.truncate(NAMED);
        names.push(format!("{more} more"));
    }
    words::listed(&names, and)
}

fn happened(op: Operator, times: u32, within: Option<Span>) -> String {
    let (count, ever) = match op {
        Operator::NotHappened => ("not".to_owned(), "never"),
        Operator::AtLeast if times > 1 => (format!("at least {times} times"), ""),
        Operator::FewerThan if times > 1 => (format!("fewer than {times} times"), ""),
        Operator::FewerThan => ("not".to_owned(), "never"),
        _ => ("at least once".to_owned(), ""),
    };
    match within {
        Some(span) => format!("{count} in the last {}", stretch(span)),
        None if ever.is_empty() => count,
        None => ever.to_owned(),
    }
}

fn stretch(span: Span) -> String {
    if span.count == 1 {
        unit(span).to_owned()
    } else {
        counted(span)
    }
}

fn counted(span: Span) -> String {
    format!("{} {}", span.count, unit(span))
}

fn unit(span: Span) -> &'static str {
    match (span.unit, span.count) {
        (Unit::Days, 1) => "day",
        (Unit::Days, _) => "days",
        (Unit::Weeks, 1) => "week",
        (Unit::Weeks, _) => "weeks",
        (Unit::Months, 1) => "month",
        (Unit::Months, _) => "months",
    }
}

fn written(day: NaiveDate) -> String {
    day.format("%-d %b %Y").to_string()
}
