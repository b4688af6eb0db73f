//! Comparisons of what has an order: numbers and dates.
//!
//! Custom values are compared by a JSON path, which finds nothing in a value of another type, and cannot fail on one.

use chrono::{DateTime, NaiveDate, SubsecRound, TimeDelta, Utc};

use super::compare::text;
use super::compile::Context;
use super::decimal::Decimal;
use super::field::FieldType;
use super::operator::Operator;
use super::predicate::{Bind, Predicate};
use super::rule::Rule;
use super::source::{Source, Stored};
use super::span::{self, Stretch};
use super::value::Value;

/// An operator of SQL and what stands to its right.
pub(super) type Bound<T> = (&'static str, T);

const EQ: &str = " = ";
pub(super) const LT: &str = " < ";
pub(super) const LTE: &str = " <= ";
pub(super) const GT: &str = " > ";
pub(super) const GTE: &str = " >= ";

/// Compares with `from`, and with `to` as well where the operator takes two.
pub(super) fn numbers(
    out: &mut Predicate,
    place: &Source,
    rule: &Rule,
    op: Operator,
    from: Decimal,
    to: Decimal,
) {
    let decimals = rule.field.decimals;
    let exact = exact_bounds(op, from.shifted(decimals), to.shifted(decimals));
    match place {
        Source::Custom { column, key, .. } => by_path(out, column, key, exact),
        Source::Column {
            stored: Stored::Whole,
            ..
        } => {
            let whole = whole_bounds(op, from.scaled(decimals), to.scaled(decimals));
            bounded(out, place, whole, |number| (Bind::Whole(number), ""));
        }
        place => bounded(out, place, exact, |number| {
            (Bind::Text(number.to_string()), "::numeric")
        }),
    }
}

/// Compares with the days or the instants that the operator means here and now.
pub(super) fn dates(
    out: &mut Predicate,
    place: &Source,
    kind: FieldType,
    op: Operator,
    value: &Value,
    context: &Context,
) {
    if kind == FieldType::DateTime {
        let stretch = span::instants(op, value, context);
        match place {
            Source::Custom { column, key, .. } => by_path(out, column, key, seconds(stretch)),
            place => bounded(out, place, within(stretch), |at| (Bind::Instant(at), "")),
        }
    } else {
        let stretch = span::days(op, value, context);
        match place {
            Source::Custom { column, key, .. } => by_path(out, column, key, quoted(iso(stretch))),
            place => bounded(out, place, on_days(stretch), |day| (Bind::Day(day), "")),
        }
    }
}

/// Bounds on a whole number, which has no value between one and the next.
fn whole_bounds(op: Operator, from: (i64, bool), to: (i64, bool)) -> Vec<Bound<i64>> {
    let (floor, exact) = from;
    let ceiling = if exact {
        floor
    } else {
        floor.saturating_add(1)
    };
    match op {
        // Bounds that leave nothing between them.
        Operator::Eq if !exact => vec![(GT, floor), (LT, ceiling)],
        Operator::Eq => vec![(EQ, floor)],
        Operator::Lt => vec![(LT, ceiling)],
        Operator::Lte => vec![(LTE, floor)],
        Operator::Gt => vec![(GT, floor)],
        Operator::Gte => vec![(GTE, ceiling)],
        _ => vec![(GTE, ceiling), (LTE, to.0)],
    }
}

pub(super) fn exact_bounds(op: Operator, from: Decimal, to: Decimal) -> Vec<Bound<Decimal>> {
    match op {
        Operator::Eq => vec![(EQ, from)],
        Operator::Lt => vec![(LT, from)],
        Operator::Lte => vec![(LTE, from)],
        Operator::Gt => vec![(GT, from)],
        Operator::Gte => vec![(GTE, from)],
        _ => vec![(GTE, from), (LTE, to)],
    }
}

fn within<T>((from, until): Stretch<T>) -> Vec<Bound<T>> {
    let from = from.map(|from| (GTE, from));
    let until = until.map(|until| (LT, until));
    from.into_iter().chain(until).collect()
}

/// As `within`, but a stretch of one day is that day.
fn on_days(stretch: Stretch<NaiveDate>) -> Vec<Bound<NaiveDate>> {
    match stretch {
        (Some(from), Some(until)) if from.succ_opt() == Some(until) => vec![(EQ, from)],
        stretch => within(stretch),
    }
}

/// Days as they are written in JSON, where the order of texts is that of time. An open side is closed before the first
/// digit and after the last, so that texts which are no dates stay out.
pub(super) fn iso((from, until): Stretch<NaiveDate>) -> Vec<Bound<String>> {
    let day = |day: Option<NaiveDate>, open: &str| day.map_or(open.to_owned(), |d| d.to_string());
    vec![(GTE, day(from, "0")), (LT, day(until, ":"))]
}

fn quoted(bounds: Vec<Bound<String>>) -> Vec<Bound<String>> {
    let bounds = bounds.into_iter();
    bounds.map(|(op, day)| (op, format!("\"{day}\""))).collect()
}

/// As `iso` for instants, which are compared by their seconds.
fn seconds(stretch: Stretch<DateTime<Utc>>) -> Vec<Bound<String>> {
    let (from, until) = stretch;
    let second = |at: Option<DateTime<Utc>>, open: &str| match at {
        Some(at) => at.format("\"%Y-%m-%dT%H:%M:%S\"").to_string(),
        None => format!("\"{open}\""),
    };
    let until = until.map(|at| match at.trunc_subsecs(0) {
        whole if whole == at => whole,
        whole => whole + TimeDelta::seconds(1),
    });
    vec![(GTE, second(from, "0")), (LT, second(until, ":"))]
}

fn bounded<T>(
    out: &mut Predicate,
    place: &Source,
    bounds: Vec<Bound<T>>,
    bind: impl Fn(T) -> (Bind, &'static str),
) {
    for (index, (operator, value)) in bounds.into_iter().enumerate() {
        let (value, cast) = bind(value);
        out.sql(if index == 0 { "(" } else { " and " });
        text(out, place).sql(operator).bind(value).sql(cast);
    }
    out.sql(")");
}

/// The path is bound as a text, and read once for the statement rather than for each row. Keys are plain words.
fn by_path<T: ToString>(
    out: &mut Predicate,
    column: &'static str,
    key: &str,
    bounds: Vec<Bound<T>>,
) {
    let condition = |(operator, value): Bound<T>| {
        let operator = if operator == EQ { " == " } else { operator };
        format!("$.\"{key}\"{operator}{}", value.to_string())
    };
    let conditions: Vec<_> = bounds.into_iter().map(condition).collect();
    let path = Bind::Text(conditions.join(" && "));
    out.sql("(")
        .sql(column)
        .sql(" @@ (select ")
        .bind(path)
        .sql("::jsonpath))");
}
