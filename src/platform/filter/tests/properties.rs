//! What holds of every filter.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::super::tree::Group;
use super::super::{FieldType, Filter, Input, Operator};
use super::sql::sql;
use super::{ALICE, BOB, catalogue, context};

/// A value that the operator accepts.
fn good(kind: FieldType, input: Input) -> BoxedStrategy<Json> {
    let number = || (-99_999_999_i64..99_999_999).prop_map(|n| json!(n as f64 / 100.0));
    let day =
        || (1900..2100, 1..=12, 1..=28).prop_map(|(y, m, d)| json!(format!("{y}-{m:02}-{d:02}")));
    let span = || {
        (
            1..=9999_u32,
            prop::sample::select(vec!["days", "weeks", "months"]),
        )
    };
    let one = move || match kind {
        FieldType::Person | FieldType::Record(_) => {
            prop::sample::select(vec![json!(ALICE), json!(BOB)]).boxed()
        }
        FieldType::Choice => Just(json!("other")).boxed(),
        _ => "\\PC{0,20}x".prop_map(|text| json!(text)).boxed(),
    };
    match input {
        Input::Nothing => Just(Json::Null).boxed(),
        Input::Number => number().boxed(),
        Input::Numbers => (number(), number()).prop_map(|pair| json!(pair)).boxed(),
        Input::Day => day().boxed(),
        Input::Days => (day(), day()).prop_map(|pair| json!(pair)).boxed(),
        Input::Span | Input::Within => span()
            .prop_map(|(count, unit)| json!({ "count": count, "unit": unit }))
            .boxed(),
        Input::Times => (1..9_u32, span())
            .prop_map(|(times, (count, unit))| json!([times, count, unit]))
            .boxed(),
        Input::Text | Input::One => one(),
        Input::Texts | Input::Many => prop::collection::vec(one(), 1..5)
            .prop_map(|list| json!(list))
            .boxed(),
    }
}

pub(super) fn any_rule() -> BoxedStrategy<Json> {
    let catalogue = catalogue();
    // Their choices are closed, and their values are made up here.
    let fields = catalogue
        .fields()
        .iter()
        .filter(|field| !matches!(field.key.as_str(), "custom.colour" | "custom.topics"));
    let rules: Vec<_> = fields
        .flat_map(|field| {
            Operator::of(field.kind)
                .iter()
                .map(|op| (field.key.clone(), field.kind, *op))
        })
        .collect();
    prop::sample::select(rules)
        .prop_flat_map(|(key, kind, op)| {
            good(kind, op.input(kind))
                .prop_map(move |value| json!({ "field": key, "op": op.name(), "value": value }))
        })
        .boxed()
}

pub(super) fn any_tree(rule: BoxedStrategy<Json>) -> impl Strategy<Value = Json> {
    rule.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|parts| json!({ "and": parts })),
            prop::collection::vec(inner.clone(), 0..4).prop_map(|parts| json!({ "or": parts })),
            inner.prop_map(|part| json!({ "not": part })),
        ]
    })
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        prop::sample::select(vec![
            "email", "score", "opened", "is", "in_last", "at_least", "days", "3", ""
        ])
        .prop_map(Json::from),
        ".{0,8}".prop_map(Json::from),
    ];
    let names = vec![
        "and", "or", "not", "field", "op", "value", "count", "unit", "times",
    ];
    leaf.prop_recursive(5, 40, 4, move |inner| {
        let key = prop::sample::select(names.clone()).prop_map(str::to_owned);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::hash_map(key, inner, 0..4).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

fn placeholders(sql: &str) -> usize {
    let numbers = sql.split('$').skip(1);
    numbers
        .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        .count()
}

proptest! {
    #[test]
    fn a_good_filter_comes_back_the_same(tree in any_tree(any_rule())) {
        let filter = Filter::from_json(&tree, &catalogue()).map_err(|problems| {
            TestCaseError::fail(format!("{tree}: {problems:?}"))
        })?;
        let kept = filter.to_json();
        let again = Filter::parse(&kept.to_string(), &catalogue());
        prop_assert_eq!(again.as_ref(), Ok(&filter));
        prop_assert_eq!(filter.to_json(), kept);
    }

    #[test]
    fn every_value_has_its_placeholder(tree in any_tree(any_rule())) {
        let filter = Filter::from_json(&tree, &catalogue()).unwrap_or_default();
        let (text, _) = sql(&filter, &context());
        prop_assert_eq!(placeholders(&text), filter.predicate(&context()).binds(), "{}", text);
        prop_assert_eq!(text.matches('(').count(), text.matches(')').count());
        filter.describe();
    }

    #[test]
    fn nothing_written_by_anybody_makes_it_fail(json in any_json()) {
        if let Ok(tree) = Group::from_json(&json) {
            let (filter, _) = Filter::check(&tree, &catalogue());
            sql(&filter, &context());
            filter.chips();
            prop_assert_eq!(Group::from_json(&tree.as_written()), Ok(tree));
        }
    }
}
