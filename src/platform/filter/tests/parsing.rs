//! What is read, and what is refused with which words.

use serde_json::json;

use super::super::{Filter, Problem};
use super::{catalogue, filter, refusal, rule};

#[test]
fn nothing_is_the_filter_that_lets_everything_through() {
    for json in [
        "",
        "  ",
        "{}",
        r#"{"and":[]}"#,
        r#"{"or":[{"and":[]},{"not":{"or":[]}}]}"#,
    ] {
        assert_eq!(filter(json), Filter::default(), "{json}");
    }
    assert_eq!(Filter::default().to_json(), json!({ "and": [] }));
}

#[test]
fn groups_nest_and_come_back_as_they_were() {
    let tree = json!({ "or": [
        { "field": "stage", "op": "is", "value": "lead" },
        { "and": [
            { "field": "score", "op": "between", "value": [10, 20.5] },
            { "not": { "field": "tags", "op": "has_any", "value": ["vip", "press"] } },
            { "not": { "or": [{ "field": "vip", "op": "is_true" }, { "field": "owner", "op": "is_me" }] } },
            { "not": { "and": [{ "field": "vip", "op": "is_true" }, { "field": "owner", "op": "is_me" }] } },
        ] },
        { "field": "created_at", "op": "in_last", "value": { "count": 30, "unit": "days" } },
        { "field": "opened", "op": "at_least", "value": { "times": 3, "count": 2, "unit": "months" } },
    ] });
    let filter = filter(&tree.to_string());
    assert_eq!(filter.to_json(), tree);
    assert_eq!(filter.rules(), 9);
}

#[test]
fn values_are_read_as_the_editor_sends_them() {
    assert_eq!(rule("score", "eq", r#"" 5 ""#), rule("score", "eq", "5"));
    assert_eq!(rule("score", "eq", r#"["5"]"#), rule("score", "eq", "5"));
    assert_eq!(
        rule("created_at", "in_last", r#"["3","weeks"]"#),
        rule("created_at", "in_last", r#"{"count":3,"unit":"weeks"}"#)
    );
    assert_eq!(
        rule("opened", "happened", r#"["","days"]"#),
        rule("opened", "happened", "null")
    );
    assert_eq!(
        rule("first_name", "is_any_of", r#""Ada\r\n\nBob \nAda""#),
        rule("first_name", "is_any_of", r#"["Ada","Bob"]"#)
    );
    assert_eq!(
        rule("score", "between", "[20, 10]"),
        rule("score", "between", "[10, 20]")
    );
}

#[test]
fn refusals_are_sentences() {
    assert_eq!(
        refusal("nonsense", "is", "1"),
        "There is no field “nonsense” to filter by."
    );
    assert_eq!(
        refusal("email", "gte", "1"),
        "E-mail cannot be compared with “gte”."
    );
    assert_eq!(refusal("email", "", "1"), "Choose how to compare E-mail.");
    assert_eq!(
        refusal("email", "contains", "null"),
        "E-mail needs a value."
    );
    assert_eq!(
        refusal("email", "contains", r#"["a","b"]"#),
        "E-mail takes one value here."
    );
    assert_eq!(
        refusal("email", "contains", r#""a\u0000""#),
        "A value of E-mail has a character that cannot be stored."
    );
    assert_eq!(
        refusal("score", "eq", r#""many""#),
        "Score needs a number such as 1250.50."
    );
    assert_eq!(
        refusal("score", "between", "[1]"),
        "Score needs two values, from and to."
    );
    assert_eq!(
        refusal("birthday", "on", r#""2026-02-30""#),
        "Birthday needs a date such as 2026-11-21."
    );
    assert_eq!(
        refusal("stage", "is", r#""leed""#),
        "Life-cycle stage has no choice “leed”."
    );
    assert_eq!(
        refusal("owner", "is", r#""Alice""#),
        "Owner needs a person, not “Alice”."
    );
    assert_eq!(
        refusal("company", "is_any_of", r#"["x"]"#),
        "Company needs a record, not “x”."
    );
    let span = "Created needs a number of days, weeks or months from 1 to 9999.";
    for value in [
        r#"[0,"days"]"#,
        r#"[3,"years"]"#,
        r#"["1.5","days"]"#,
        r#"{"count":99999,"unit":"days"}"#,
    ] {
        assert_eq!(refusal("created_at", "in_last", value), span, "{value}");
    }
}

#[test]
fn limits_are_kept() {
    let long = format!("\"{}\"", "x".repeat(501));
    assert_eq!(
        refusal("email", "contains", &long),
        "A value of E-mail can have at most 500 characters."
    );
    let many = json!((0..201).map(|n| n.to_string()).collect::<Vec<_>>()).to_string();
    assert_eq!(
        refusal("tags", "has_any", &many),
        "Tags takes at most 200 values."
    );

    let rule = r#"{"field":"vip","op":"is_true"}"#;
    let wide = |n: usize| format!(r#"{{"and":[{}]}}"#, vec![rule; n].join(","));
    assert_eq!(filter(&wide(100)).rules(), 100);
    assert_eq!(
        whole_problem(&wide(101)),
        "A filter can have at most 100 conditions."
    );

    let deep = |n: usize| format!("{}{rule}{}", r#"{"or":["#.repeat(n), "]}".repeat(n));
    assert_eq!(filter(&deep(5)).rules(), 1);
    assert_eq!(
        whole_problem(&deep(6)),
        "Groups can be nested at most 5 deep."
    );
    assert_eq!(
        whole_problem(&"[".repeat(100_000)),
        "The filter is not valid JSON."
    );
    assert_eq!(
        whole_problem(&" x".repeat(200_000)),
        "The filter is too long."
    );
}

#[test]
fn what_is_no_tree_is_refused() {
    for json in [
        "[]",
        "7",
        "null",
        r#"{"and":[7]}"#,
        r#"{"fields":"email"}"#,
        r#"{"field":7}"#,
    ] {
        assert!(
            whole_problem(json).starts_with("A condition is written as"),
            "{json}"
        );
    }
    assert_eq!(
        whole_problem(r#"{"and":{}}"#),
        "A group holds a list of conditions."
    );
}

#[test]
fn every_problem_is_told_with_its_place() {
    let json = r#"{"and":[{"field":"vip","op":"is_true"},{"or":[{"field":"x"},{"field":"score","op":"eq"}]}]}"#;
    let problems = Filter::parse(json, &catalogue()).unwrap_err();
    let places: Vec<_> = problems
        .iter()
        .map(|p| (p.path.as_str(), p.field.as_str()))
        .collect();
    assert_eq!(places, [("1.0", "x"), ("1.1", "score")]);
}

fn whole_problem(json: &str) -> String {
    let problems: Vec<Problem> = Filter::parse(json, &catalogue()).unwrap_err();
    problems[0].message.clone()
}
