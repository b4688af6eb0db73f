//! One comparison, without its negation, of the value at one place: always one operand of SQL, in parentheses if need be.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::compile::Context;
use super::field::FieldType;
use super::operator::Operator;
use super::ordered;
use super::predicate::{Bind, Predicate};
use super::rule::Rule;
use super::source::{Source, Stored};
use super::value::Value;

const ILIKE: &str = " collate \"und-x-icu\" ilike ";

pub(super) fn compare(
    out: &mut Predicate,
    place: &Source,
    rule: &Rule,
    op: Operator,
    context: &Context,
) {
    let kind = rule.field.kind;
    match (op, &rule.value) {
        (Operator::IsNotEmpty, _) => not_empty(out, place, kind),
        (Operator::IsTrue, _) => checked(out, place),
        (Operator::IsMe, _) => me(out, place, context),
        (_, Value::Id(id)) => one(out, place, Bind::Id(*id), json!(id)),
        (_, Value::Ids(ids)) => any(
            out,
            place,
            Bind::Ids(ids.clone()),
            ids.iter().map(|id| json!(id)),
        ),
        (Operator::HasAll, Value::Texts(texts)) => has_all(out, place, texts),
        (Operator::HasAny, Value::Texts(texts)) => has_any(out, place, texts),
        (_, Value::Text(text)) if kind == FieldType::Choice && is_id(place) => {
            one(out, place, Bind::Id(id(text)), json!(text))
        }
        (_, Value::Texts(texts)) if kind == FieldType::Choice && is_id(place) => {
            let ids = texts.iter().map(|text| id(text)).collect();
            any(out, place, Bind::Ids(ids), texts.iter().map(|t| json!(t)));
        }
        (_, Value::Text(text)) if kind == FieldType::Choice => {
            one(out, place, Bind::Text(text.clone()), json!(text))
        }
        (_, Value::Texts(texts)) if kind == FieldType::Choice => {
            any(
                out,
                place,
                Bind::Texts(texts.clone()),
                texts.iter().map(|text| json!(text)),
            );
        }
        (_, Value::Text(text)) => like(out, place, op, text),
        (_, Value::Texts(texts)) => like_any(out, place, texts),
        (_, Value::Number(number)) => ordered::numbers(out, place, rule, op, *number, *number),
        (_, Value::Numbers(from, to)) => ordered::numbers(out, place, rule, op, *from, *to),
        (_, value) => ordered::dates(out, place, kind, op, value, context),
    }
}

fn is_id(place: &Source) -> bool {
    matches!(
        place,
        Source::Column {
            stored: Stored::Id,
            ..
        }
    )
}

/// What is no id is nobody's.
fn id(text: &str) -> Uuid {
    text.parse().unwrap_or_default()
}

/// The value as text. A custom value is taken out of its jsonb by a bound key.
pub(super) fn text<'a>(out: &'a mut Predicate, place: &Source) -> &'a mut Predicate {
    match place {
        Source::Custom { column, key, .. } => out
            .sql("(")
            .sql(column)
            .sql(" ->> ")
            .bind(Bind::Text(key.clone()))
            .sql(")"),
        Source::Column { sql, .. } => out.sql(sql),
        // A related place is unfolded before it comes here, and nothing can be compared with a behaviour.
        Source::Related { .. } | Source::Behaviour { .. } => out.sql("null"),
    }
}

fn holds(out: &mut Predicate, column: &'static str, key: &str, value: Json) {
    out.sql("(")
        .sql(column)
        .sql(" @> ")
        .bind(Bind::Json(json!({ key: value })))
        .sql(")");
}

fn holds_any(
    out: &mut Predicate,
    column: &'static str,
    key: &str,
    values: impl Iterator<Item = Json>,
) {
    let jsons = values.map(|value| json!({ key: value })).collect();
    out.sql("(")
        .sql(column)
        .sql(" @> any(")
        .bind(Bind::Jsons(jsons))
        .sql("))");
}

fn not_empty(out: &mut Predicate, place: &Source, kind: FieldType) {
    match (place, kind) {
        (Source::Custom { column, key, .. }, _) => {
            out.sql("(coalesce(")
                .sql(column)
                .sql(" -> ")
                .bind(Bind::Text(key.clone()));
            out.sql(r#", 'null') not in ('null', '""', '[]'))"#);
        }
        (place, _) if is_id(place) => {
            text(out.sql("("), place).sql(" is not null)");
        }
        (_, FieldType::MultiChoice | FieldType::Tags) => {
            text(out.sql("(coalesce(cardinality("), place).sql("), 0) > 0)");
        }
        (
            _,
            FieldType::Text
            | FieldType::LongText
            | FieldType::Url
            | FieldType::Email
            | FieldType::Phone
            | FieldType::Choice,
        ) => {
            text(out.sql("("), place).sql(" is not null and ");
            text(out, place).sql(" <> '')");
        }
        _ => {
            text(out.sql("("), place).sql(" is not null)");
        }
    }
}

fn checked(out: &mut Predicate, place: &Source) {
    match place {
        Source::Custom { column, key, .. } => holds(out, column, key, Json::Bool(true)),
        place => {
            text(out, place);
        }
    }
}

fn me(out: &mut Predicate, place: &Source, context: &Context) {
    // Where nobody asks, nobody is me.
    let me = context.me.unwrap_or_else(Uuid::nil);
    one(out, place, Bind::Id(me), json!(me));
}

fn one(out: &mut Predicate, place: &Source, value: Bind, json: Json) {
    match place {
        Source::Custom { column, key, .. } => holds(out, column, key, json),
        place => {
            text(out.sql("("), place).sql(" = ").bind(value).sql(")");
        }
    }
}

fn any(out: &mut Predicate, place: &Source, values: Bind, jsons: impl Iterator<Item = Json>) {
    match place {
        Source::Custom { column, key, .. } => holds_any(out, column, key, jsons),
        place => {
            text(out.sql("("), place)
                .sql(" = any(")
                .bind(values)
                .sql("))");
        }
    }
}

fn has_all(out: &mut Predicate, place: &Source, texts: &[String]) {
    match place {
        Source::Custom { column, key, .. } => holds(out, column, key, json!(texts)),
        place => {
            text(out.sql("("), place)
                .sql(" @> ")
                .bind(Bind::Texts(texts.to_vec()))
                .sql(")");
        }
    }
}

fn has_any(out: &mut Predicate, place: &Source, texts: &[String]) {
    match place {
        Source::Custom { column, key, .. } => {
            holds_any(out, column, key, texts.iter().map(|text| json!([text])))
        }
        place => {
            text(out.sql("("), place)
                .sql(" && ")
                .bind(Bind::Texts(texts.to_vec()))
                .sql(")");
        }
    }
}

/// Text in any case, as a pattern in which only our own wildcards are wild. The ICU collation knows the letters of every
/// script, whatever locale the database was made with; a column in lower case needs no such knowledge.
fn like(out: &mut Predicate, place: &Source, op: Operator, value: &str) {
    let folded = is_folded(place);
    let value = if folded {
        value.to_lowercase()
    } else {
        value.to_owned()
    };
    let pattern = match op {
        Operator::Is if folded => value,
        Operator::Is => escaped(&value),
        Operator::StartsWith => format!("{}%", escaped(&value)),
        Operator::EndsWith => format!("%{}", escaped(&value)),
        _ => format!("%{}%", escaped(&value)),
    };
    let operator = match op {
        Operator::Is if folded => " = ",
        _ if folded => " like ",
        _ => ILIKE,
    };
    text(out.sql("("), place)
        .sql(operator)
        .bind(Bind::Text(pattern))
        .sql(")");
}

fn like_any(out: &mut Predicate, place: &Source, values: &[String]) {
    if is_folded(place) {
        let values = values.iter().map(|value| value.to_lowercase()).collect();
        text(out.sql("("), place)
            .sql(" = any(")
            .bind(Bind::Texts(values))
            .sql("))");
    } else {
        let patterns = values.iter().map(|value| escaped(value)).collect();
        text(out.sql("("), place)
            .sql(ILIKE)
            .sql("any(")
            .bind(Bind::Texts(patterns))
            .sql("))");
    }
}

fn is_folded(place: &Source) -> bool {
    matches!(
        place,
        Source::Column {
            stored: Stored::Folded,
            ..
        }
    )
}

fn escaped(text: &str) -> String {
    text.replace('\\', r"\\")
        .replace('%', r"\%")
        .replace('_', r"\_")
}
