//! The SQL that filters become, and what they bind.

use diesel::pg::Pg;
use diesel::prelude::*;

use super::super::{Context, Filter};
use super::{contacts, context, filter, rule};

/// What stands after `where`, and the values bound, as diesel prints them.
pub(super) fn sql(filter: &Filter, context: &Context) -> (String, String) {
    let query = contacts::table
        .select(contacts::id)
        .into_boxed()
        .filter(filter.predicate(context));
    let text = diesel::debug_query::<Pg, _>(&query).to_string();
    let (sql, binds) = text.split_once(" -- binds: ").expect("what diesel prints");
    let (_, condition) = sql.split_once(" WHERE ").expect("a condition");
    (condition.to_owned(), binds.to_owned())
}

#[track_caller]
pub(super) fn assert_sql(field: &str, op: &str, value: &str, expected: &str, bound: &str) {
    let (sql, binds) = sql(&rule(field, op, value), &context());
    assert_eq!(
        (sql.as_str(), binds.as_str()),
        (
            format!("({expected})").as_str(),
            format!("[{bound}]").as_str()
        )
    );
}

#[test]
fn text_is_matched_in_any_case_and_wildcards_are_not_wild() {
    assert_sql(
        "first_name",
        "is",
        r#""O'Brien_%\\""#,
        "(contacts.first_name collate \"und-x-icu\" ilike $1)",
        r#""O'Brien\\_\\%\\\\""#,
    );
    assert_sql(
        "first_name",
        "contains",
        r#""a""#,
        "(contacts.first_name collate \"und-x-icu\" ilike $1)",
        r#""%a%""#,
    );
    assert_sql(
        "first_name",
        "ends_with",
        r#""a""#,
        "(contacts.first_name collate \"und-x-icu\" ilike $1)",
        r#""%a""#,
    );
    assert_sql(
        "first_name",
        "is_any_of",
        r#"["a","b"]"#,
        "(contacts.first_name collate \"und-x-icu\" ilike any($1))",
        r#"["a", "b"]"#,
    );
    assert_sql(
        "custom.note",
        "starts_with",
        r#""a""#,
        "((contacts.custom ->> $1) collate \"und-x-icu\" ilike $2)",
        r#""note", "a%""#,
    );
}

#[test]
fn folded_columns_are_compared_plainly() {
    assert_sql(
        "email",
        "is",
        r#""Ada@X.test""#,
        "(contacts.email = $1)",
        r#""ada@x.test""#,
    );
    assert_sql(
        "email",
        "is_any_of",
        r#"["A","b"]"#,
        "(contacts.email = any($1))",
        r#"["a", "b"]"#,
    );
    assert_sql(
        "email",
        "starts_with",
        r#""Ada""#,
        "(contacts.email like $1)",
        r#""ada%""#,
    );
}

#[test]
fn negations_find_rows_without_a_value() {
    assert_sql(
        "first_name",
        "not_contains",
        r#""a""#,
        "((contacts.first_name collate \"und-x-icu\" ilike $1) is not true)",
        r#""%a%""#,
    );
    assert_sql(
        "score",
        "ne",
        "5",
        "((contacts.score = $1) is not true)",
        "5",
    );
    assert_sql(
        "tags",
        "has_none",
        r#"["a"]"#,
        "((contacts.tags && $1) is not true)",
        r#"["a"]"#,
    );
    assert_sql("vip", "is_false", "null", "(contacts.vip is not true)", "");
    assert_sql(
        "email",
        "is_empty",
        "null",
        "not (contacts.email is not null and contacts.email <> '')",
        "",
    );
    assert_sql(
        "owner",
        "is_empty",
        "null",
        "not (contacts.owner_id is not null)",
        "",
    );
}

#[test]
fn whole_numbers_are_compared_as_such() {
    for (op, value, expected, bound) in [
        ("eq", "5", "contacts.score = $1", "5"),
        (
            "eq",
            "5.5",
            "contacts.score > $1 and contacts.score < $2",
            "5, 6",
        ),
        ("lt", "5.5", "contacts.score < $1", "6"),
        ("lte", "5.5", "contacts.score <= $1", "5"),
        ("gt", "-5.5", "contacts.score > $1", "-6"),
        ("gte", "5.5", "contacts.score >= $1", "6"),
        (
            "between",
            "[1.5, 9.5]",
            "contacts.score >= $1 and contacts.score <= $2",
            "2, 9",
        ),
    ] {
        assert_sql("score", op, value, &format!("({expected})"), bound);
    }
    assert_sql("budget", "gte", "12.50", "(contacts.budget >= $1)", "1250");
    assert_sql(
        "rating",
        "gt",
        "4.5",
        "(contacts.rating > $1::numeric)",
        r#""4.5""#,
    );
}

#[test]
fn choices_people_and_records_are_compared_by_key() {
    assert_sql(
        "stage",
        "is",
        r#""lead""#,
        "(contacts.stage = $1)",
        r#""lead""#,
    );
    assert_sql(
        "stage",
        "is_any_of",
        r#"["lead","other"]"#,
        "(contacts.stage = any($1))",
        r#"["lead", "other"]"#,
    );
    let alice = super::ALICE.to_string();
    assert_sql("owner", "is_me", "null", "(contacts.owner_id = $1)", &alice);
    assert_sql(
        "custom.guide",
        "is_me",
        "null",
        "(contacts.custom @> $1)",
        &format!(r#"Object {{"guide": String("{alice}")}}"#),
    );
}

#[test]
fn custom_values_of_the_wrong_type_count_as_none() {
    let path = "(contacts.custom @@ (select $1::jsonpath))";
    assert_sql("custom.size", "gte", "-5", path, r#""$.\"size\" >= -5""#);
    assert_sql("custom.size", "eq", "5", path, r#""$.\"size\" == 5""#);
    assert_sql(
        "custom.fee",
        "between",
        "[1, 12.5]",
        path,
        r#""$.\"fee\" >= 100 && $.\"fee\" <= 1250""#,
    );
    let day = r#""$.\"renewal\" >= \"2026-11-21\" && $.\"renewal\" < \"2026-11-22\"""#;
    assert_sql("custom.renewal", "today", "null", path, day);
    let open = r#""$.\"renewal\" >= \"0\" && $.\"renewal\" < \"2026-11-21\"""#;
    assert_sql("custom.renewal", "before", r#""2026-11-21""#, path, open);
    let until_now =
        r#""$.\"seen\" >= \"2026-11-19T23:00:00\" && $.\"seen\" < \"2026-11-21T22:30:01\"""#;
    assert_sql("custom.seen", "in_last", r#"[1,"days"]"#, path, until_now);
    let empty = r#"(coalesce(contacts.custom -> $1, 'null') not in ('null', '""', '[]'))"#;
    assert_sql(
        "custom.topics",
        "is_empty",
        "null",
        &format!("not {empty}"),
        r#""topics""#,
    );
}

#[test]
fn related_rows_are_looked_for() {
    let rows = "select 1 from companies where companies.id = contacts.company_id and";
    assert_sql(
        "company.city",
        "is",
        r#""Bonn""#,
        &format!("exists ({rows} (companies.city collate \"und-x-icu\" ilike $1))"),
        r#""Bonn""#,
    );
    assert_sql(
        "company.city",
        "is_not",
        r#""Bonn""#,
        &format!("not exists ({rows} (companies.city collate \"und-x-icu\" ilike $1))"),
        r#""Bonn""#,
    );
    assert_sql(
        "company.size",
        "gt",
        "9",
        &format!("exists ({rows} (companies.size > $1))"),
        "9",
    );
}

#[test]
fn behaviour_is_counted_no_further_than_needed() {
    let rows = "select 1 from opens where opens.contact_id = contacts.id";
    assert_sql(
        "opened",
        "happened",
        "null",
        &format!("exists ({rows})"),
        "",
    );
    assert_sql(
        "opened",
        "not_happened",
        r#"[7,"days"]"#,
        &format!("not exists ({rows} and opens.at >= $1)"),
        "2026-11-13T23:00:00Z",
    );
    let counted = format!("((select count(*) from ({rows} limit $1) as times) >= $2)");
    assert_sql("opened", "at_least", r#"[3,"",""]"#, &counted, "3, 3");
    assert_sql(
        "opened",
        "fewer_than",
        r#"[3,"",""]"#,
        &format!("not {counted}"),
        "3, 3",
    );
}

#[test]
fn groups_are_kept_together() {
    let tree = filter(
        r#"{"and":[{"field":"vip","op":"is_true"},{"or":[{"field":"stage","op":"is","value":"lead"},
            {"not":{"field":"owner","op":"is_me"}}]}]}"#,
    );
    let (text, _) = sql(&tree, &context());
    assert_eq!(
        text,
        "(contacts.vip and ((contacts.stage = $1) or (((contacts.owner_id = $2)) is not true)))"
    );
    assert_eq!(sql(&Filter::default(), &context()).0, "true");
}
