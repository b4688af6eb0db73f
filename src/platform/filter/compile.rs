//! From a filter to SQL: the groups, the negations, and the rows that belong to the record.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use super::compare::compare;
use super::kept;
use super::operator::Operator;
use super::predicate::{Bind, Predicate};
use super::rule::{Filter, Rule};
use super::source::Source;
use super::span;
use super::tree::{Group, Join, Node};
use super::value::Value;

/// When and where a filter is asked, and by whom.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    pub now: DateTime<Utc>,
    pub zone: Tz,
    pub me: Option<Uuid>,
}

impl Filter {
    /// What goes into `.filter(…)`.
    pub fn predicate(&self, context: &Context) -> Predicate {
        let mut out = Predicate::default();
        group(&mut out, &self.root, context);
        out
    }
}

/// SQL has a third truth value, which people don't mean: a rule on a row without the value does not hold, and so its
/// negation does. Hence `is not true` wherever something may be null.
fn group(out: &mut Predicate, group: &Group<Rule>, context: &Context) {
    let (before, between, after) = match group.join {
        Join::All => ("(", " and ", ")"),
        Join::Any => ("(", " or ", ")"),
        Join::None => ("((", " or ", ") is not true)"),
    };
    if group.nodes.is_empty() {
        out.sql("true");
        return;
    }
    for (index, node) in group.nodes.iter().enumerate() {
        out.sql(if index == 0 { before } else { between });
        match node {
            Node::Group(inner) => self::group(out, inner, context),
            Node::Rule(inner) => rule(out, inner, context),
        }
    }
    out.sql(after);
}

fn rule(out: &mut Predicate, rule: &Rule, context: &Context) {
    let (op, negated) = rule.op.affirmed();
    match &rule.field.source {
        Source::Behaviour { from, on, at } => {
            behaviour(out, [from, on, at], &rule.value, negated, context);
        }
        Source::Related { from, on, of } => {
            out.sql(if negated {
                "not exists (select 1 from "
            } else {
                "exists (select 1 from "
            });
            out.sql(from).sql(" where ").sql(on).sql(" and ");
            compare(out, of, rule, op, context);
            out.sql(")");
        }
        // Never null, and without its negation PostgreSQL sees an index.
        source if negated && op == Operator::IsNotEmpty => {
            out.sql("not ");
            compare(out, source, rule, op, context);
        }
        source if negated => {
            out.sql("(");
            compare(out, source, rule, op, context);
            out.sql(" is not true)");
        }
        source => kept::compare(out, source, rule, op, context),
    }
}

/// That something happened at least so many times; the rows are counted no further than that.
fn behaviour(
    out: &mut Predicate,
    place: [&'static str; 3],
    value: &Value,
    negated: bool,
    context: &Context,
) {
    let [from, on, at] = place;
    let Value::Times { times, within } = value else {
        return;
    };
    let once = *times == 1;
    out.sql(if negated { "not " } else { "" });
    out.sql(if once {
        "exists (select 1 from "
    } else {
        "((select count(*) from (select 1 from "
    });
    out.sql(from).sql(" where ").sql(on);
    if let Some(within) = within {
        let since = span::since(*within, context);
        out.sql(" and ")
            .sql(at)
            .sql(" >= ")
            .bind(Bind::Instant(since));
    }
    if !once {
        let times = i64::from(*times);
        out.sql(" limit ")
            .bind(Bind::Whole(times))
            .sql(") as times) >= ")
            .bind(Bind::Whole(times));
    }
    out.sql(")");
}
