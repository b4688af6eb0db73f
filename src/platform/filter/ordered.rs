//! Comparisons of what has an order: numbers and dates.

use chrono::{DateTime, NaiveDate, Utc};

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

/// An operator of SQL and its right-hand side, which may need a cast.
type Bound = (&'static str, Bind, &'static str);

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
    match place {
        Source::Column {
            stored: Stored::Whole,
            ..
        } => {
            bounded(
                out,
                |out| _ = text(out, place),
                whole_bounds(op, from.scaled(decimals), to.scaled(decimals)),
            );
        }
        place => {
            bounded(
                out,
                |out| number(out, place),
                exact_bounds(op, from.shifted(decimals), to.shifted(decimals)),
            );
        }
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
    let custom = matches!(place, Source::Custom { .. });
    let bounds = match kind {
        FieldType::DateTime => {
            let stretch = span::instants(op, value, context);
            stretch_bounds(stretch, |at| {
                if custom {
                    Bind::Text(at_text(at))
                } else {
                    Bind::Instant(at)
                }
            })
        }
        _ => {
            let stretch = span::days(op, value, context);
            let bind = |day: NaiveDate| {
                if custom {
                    Bind::Text(day.to_string())
                } else {
                    Bind::Day(day)
                }
            };
            match stretch {
                (Some(from), Some(until)) if from.succ_opt() == Some(until) => {
                    vec![(" = ", bind(from), "")]
                }
                stretch => stretch_bounds(stretch, bind),
            }
        }
    };
    bounded(out, |out| date(out, place, kind), bounds);
}

fn at_text(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.f").to_string()
}

/// Bounds on a whole number, that has none between one and the next.
fn whole_bounds(op: Operator, from: (i64, bool), to: (i64, bool)) -> Vec<Bound> {
    let (floor, exact) = from;
    let ceiling = if exact {
        floor
    } else {
        floor.saturating_add(1)
    };
    let bound = |sql, number| (sql, Bind::Whole(number), "");
    match op {
        // Bounds that leave nothing between them.
        Operator::Eq if !exact => vec![bound(" > ", floor), bound(" < ", ceiling)],
        Operator::Eq => vec![bound(" = ", floor)],
        Operator::Lt => vec![bound(" < ", ceiling)],
        Operator::Lte => vec![bound(" <= ", floor)],
        Operator::Gt => vec![bound(" > ", floor)],
        Operator::Gte => vec![bound(" >= ", ceiling)],
        _ => vec![bound(" >= ", ceiling), bound(" <= ", to.0)],
    }
}

fn exact_bounds(op: Operator, from: Decimal, to: Decimal) -> Vec<Bound> {
    let bound = |sql, number: Decimal| (sql, Bind::Text(number.to_string()), "::numeric");
    match op {
        Operator::Eq => vec![bound(" = ", from)],
        Operator::Lt => vec![bound(" < ", from)],
        Operator::Lte => vec![bound(" <= ", from)],
        Operator::Gt => vec![bound(" > ", from)],
        Operator::Gte => vec![bound(" >= ", from)],
        _ => vec![bound(" >= ", from), bound(" <= ", to)],
    }
}

fn stretch_bounds<T>(stretch: Stretch<T>, bind: impl Fn(T) -> Bind) -> Vec<Bound> {
    let (from, until) = stretch;
    let from = from.map(|from| (" >= ", bind(from), ""));
    let until = until.map(|until| (" < ", bind(until), ""));
    from.into_iter().chain(until).collect()
}

fn bounded(out: &mut Predicate, place: impl Fn(&mut Predicate), bounds: Vec<Bound>) {
    for (index, (operator, bind, cast)) in bounds.into_iter().enumerate() {
        out.sql(if index == 0 { "(" } else { " and " });
        place(out);
        out.sql(operator).bind(bind).sql(cast);
    }
    out.sql(")");
}

/// The value as a number; what was stored as something else counts as no value.
fn number(out: &mut Predicate, place: &Source) {
    if let Source::Custom { .. } = place {
        text(out.sql("case when "), place).sql(" ~ '^-?[0-9]{1,15}([.][0-9]{1,30})?$' then ");
        text(out, place).sql("::numeric end");
    } else {
        text(out, place);
    }
}

/// The value as a date. Custom dates are compared as text, which orders ISO dates rightly and cannot fail on one that the
/// calendar doesn't have.
fn date(out: &mut Predicate, place: &Source, kind: FieldType) {
    if let Source::Custom { .. } = place {
        let guard = match kind {
            FieldType::DateTime => {
                " ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?Z$' then rtrim("
            }
            _ => " ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}' then left(",
        };
        text(out.sql("case when "), place).sql(guard);
        text(out, place).sql(match kind {
            FieldType::DateTime => ", 'Z') end collate \"C\"",
            _ => ", 10) end collate \"C\"",
        });
    } else {
        text(out, place);
    }
}
