//! Custom values that are kept in `custom_values` too: the comparison, narrowed to the records that an index finds.
//!
//! What is kept there is folded and short, so the index finds some too many but never one too few; the comparison itself
//! has the last word.

use super::compare;
use super::compile::Context;
use super::decimal::Decimal;
use super::field::FieldType;
use super::operator::Operator;
use super::ordered::{Bound, GT, GTE, LT, LTE, exact_bounds, iso};
use super::predicate::{Bind, Predicate};
use super::rule::{Filter, Rule};
use super::source::Source;
use super::span;
use super::tree::{Group, Node};
use super::value::Value;

/// Sorts behind every other letter where texts are compared by their bytes.
const LAST: &str = "\u{10FFFF}";

/// What an index can be asked for.
enum Sought {
    Filled,
    AnyOf(Vec<String>),
    Beginning(String),
    Days(Vec<Bound<String>>),
    Numbers(Vec<Bound<Decimal>>),
}

impl Filter {
    /// The keys of its custom fields (`custom.size`) that an index would find the records of.
    pub fn indexable(&self, context: &Context) -> Vec<&str> {
        let mut keys = Vec::new();
        gather(&self.root, context, &mut keys);
        keys
    }
}

fn gather<'a>(group: &'a Group<Rule>, context: &Context, keys: &mut Vec<&'a str>) {
    for node in &group.nodes {
        match node {
            Node::Group(inner) => gather(inner, context, keys),
            Node::Rule(rule) => {
                let (op, negated) = rule.op.affirmed();
                let custom = matches!(rule.field.source, Source::Custom { .. });
                if custom && !negated && sought(rule, op, context).is_some() {
                    keys.push(&rule.field.key);
                }
            }
        }
    }
}

/// As `compare::compare`, which it comes down to where nothing is kept or no index helps.
pub(super) fn compare(
    out: &mut Predicate,
    place: &Source,
    rule: &Rule,
    op: Operator,
    context: &Context,
) {
    let (column, field, sought) = match (place, sought(rule, op, context)) {
        (
            Source::Custom {
                column,
                kept: Some(field),
                ..
            },
            Some(sought),
        ) => (column, *field, sought),
        _ => return compare::compare(out, place, rule, op, context),
    };
    let table = column.split('.').next().unwrap_or(*column);
    out.sql("(exists (select 1 from custom_values v where v.workspace_id = ")
        .sql(table)
        .sql(".workspace_id and v.record_id = ")
        .sql(table)
        .sql(".id and v.field_id = ")
        .bind(Bind::Id(field));
    narrow(out, sought);
    out.sql(") and ");
    compare::compare(out, place, rule, op, context);
    out.sql(")");
}

fn sought(rule: &Rule, op: Operator, context: &Context) -> Option<Sought> {
    let field = &rule.field;
    Some(match (op, &rule.value) {
        (Operator::IsNotEmpty, _) => Sought::Filled,
        (Operator::IsTrue, _) => Sought::AnyOf(vec!["true".into()]),
        (Operator::IsMe, _) => Sought::AnyOf(vec![context.me.unwrap_or_default().to_string()]),
        (_, Value::Id(id)) => Sought::AnyOf(vec![id.to_string()]),
        (_, Value::Ids(ids)) => Sought::AnyOf(ids.iter().map(ToString::to_string).collect()),
        // One of them narrows enough; the comparison asks for the others.
        (Operator::HasAll, Value::Texts(texts)) => Sought::AnyOf(vec![texts.first()?.clone()]),
        (Operator::Is, Value::Text(text)) => Sought::AnyOf(vec![text.clone()]),
        (Operator::StartsWith, Value::Text(text)) => Sought::Beginning(text.clone()),
        // A part of a text may stand anywhere in it.
        (_, Value::Text(_)) => return None,
        (_, Value::Texts(texts)) => Sought::AnyOf(texts.clone()),
        (_, Value::Number(number)) => numbers(field.decimals, op, *number, *number),
        (_, Value::Numbers(from, to)) => numbers(field.decimals, op, *from, *to),
        (_, value) if field.kind == FieldType::Date => {
            Sought::Days(iso(span::days(op, value, context)))
        }
        _ => return None,
    })
}

fn numbers(decimals: u32, op: Operator, from: Decimal, to: Decimal) -> Sought {
    let bounds = exact_bounds(op, from.shifted(decimals), to.shifted(decimals));
    Sought::Numbers(bounds)
}

fn narrow(out: &mut Predicate, sought: Sought) {
    match sought {
        Sought::Filled => {}
        Sought::AnyOf(texts) => {
            out.sql(" and v.word = any(folded_words(")
                .bind(Bind::Texts(texts))
                .sql("))");
        }
        Sought::Beginning(text) => {
            out.sql(" and v.word >= folded_word(")
                .bind(Bind::Text(text.clone()))
                .sql(") and v.word <= folded_word(")
                .bind(Bind::Text(text))
                .sql(") || ")
                .bind(Bind::Text(LAST.into()));
        }
        Sought::Days(bounds) => {
            for (operator, day) in bounds {
                out.sql(" and v.word").sql(operator).bind(Bind::Text(day));
            }
        }
        Sought::Numbers(bounds) => {
            for (operator, number) in bounds {
                // Rounded numbers can be equal where the numbers are not.
                let or_equal = match operator {
                    LT | LTE => LTE,
                    GT | GTE => GTE,
                    operator => operator,
                };
                out.sql(" and v.number")
                    .sql(or_equal)
                    .sql("custom_number(")
                    .bind(Bind::Text(number.to_string()))
                    .sql("::numeric)");
            }
        }
    }
}
