//! Operators on rows: which of them are found.

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use crate::testing;

use super::super::{Context, Filter, Operator};
use super::properties::{any_rule, any_tree};
use super::{ALICE, catalogue, contacts, context, filter, rule};

/// Tables of the connection's own, which hide those of the product that have the same names.
const TABLES: &str = "
    create temp table companies (id uuid primary key, city text, size int);
    create temp table contacts (id uuid primary key default gen_random_uuid(), first_name text, email text, score int,
      rating float8, budget bigint, birthday date, created_at timestamptz, stage text, tags text[], vip boolean,
      owner_id uuid, company_id uuid, custom jsonb not null default '{}');
    create temp table opens (contact_id uuid, at timestamptz);";

/// A row that has nothing but a name.
const EMPTY: &str = "insert into contacts (first_name) values ('empty')";

fn connection() -> PgConnection {
    let mut db = PgConnection::establish(testing::database()).expect("the tests' database answers");
    run(&mut db, TABLES);
    db
}

fn run(db: &mut PgConnection, sql: &str) {
    db.batch_execute(sql).expect(sql);
}

/// The names of the contacts that the filter finds, in their order.
fn found_by(db: &mut PgConnection, filter: &Filter, context: &Context) -> Vec<String> {
    let names = contacts::table
        .select(contacts::first_name)
        .order(contacts::first_name)
        .into_boxed()
        .filter(filter.predicate(context))
        .load::<Option<String>>(db);
    names
        .expect("the query runs")
        .into_iter()
        .map(Option::unwrap_or_default)
        .collect()
}

#[track_caller]
fn assert_found(db: &mut PgConnection, (field, op, value): (&str, &str, &str), expected: &str) {
    let found = found_by(db, &rule(field, op, value), &context()).join(" ");
    assert_eq!(found, expected, "{field} {op} {value}");
}

#[test]
fn odd_text_is_found_as_it_is_written() {
    let mut db = connection();
    let names = [
        "O'Brien",
        "100%",
        "1000",
        "a_b",
        "axb",
        r"back\slash",
        r#"say "hi""#,
        "李雷",
        "مريم",
        "Ångström",
    ];
    for name in names {
        diesel::insert_into(contacts::table)
            .values(contacts::first_name.eq(name))
            .execute(&mut db)
            .unwrap();
    }
    for name in names {
        for op in ["is", "contains", "starts_with", "ends_with", "is_any_of"] {
            let value = serde_json::to_string(name).unwrap();
            assert_found(&mut db, ("first_name", op, &value), name);
        }
    }
    assert_found(&mut db, ("first_name", "is", r#""o'BRIEN""#), "O'Brien");
    assert_found(
        &mut db,
        ("first_name", "contains", r#""\\""#),
        r"back\slash",
    );
    assert_found(&mut db, ("first_name", "contains", r#""0%""#), "100%");
    assert_found(&mut db, ("first_name", "is", r#""ÅNGSTRÖM""#), "Ångström");
    assert_found(
        &mut db,
        ("first_name", "starts_with", r#""ång""#),
        "Ångström",
    );
    let all_but = rule("first_name", "not_contains", r#""_""#);
    assert_eq!(
        found_by(&mut db, &all_but, &context()).len(),
        names.len() - 1
    );
}

#[test]
fn negations_find_rows_without_a_value() {
    let mut db = connection();
    run(&mut db, EMPTY);
    for (field, op, value) in [
        ("email", "is_not", r#""a""#),
        ("email", "not_contains", r#""a""#),
        ("email", "is_empty", "null"),
        ("score", "ne", "1"),
        ("stage", "is_not", r#""lead""#),
        ("stage", "is_none_of", r#"["lead"]"#),
        ("tags", "has_none", r#"["a"]"#),
        ("tags", "is_empty", "null"),
        ("vip", "is_false", "null"),
        ("owner", "is_not", &format!("\"{ALICE}\"")),
        ("birthday", "is_empty", "null"),
        ("company.city", "is_not", r#""Bonn""#),
        ("company.city", "is_empty", "null"),
        ("opened", "not_happened", "null"),
        ("opened", "fewer_than", "[2]"),
        ("custom.note", "not_contains", r#""a""#),
        ("custom.colour", "is_not", r#""red""#),
        ("custom.topics", "has_none", r#"["sea"]"#),
        ("custom.agreed", "is_false", "null"),
        ("custom.size", "ne", "1"),
        ("custom.renewal", "is_empty", "null"),
    ] {
        assert_found(&mut db, (field, op, value), "empty");
    }
    let nothing = filter(
        r#"{"not":{"or":[{"field":"score","op":"gt","value":1},{"field":"email","op":"is","value":"a"}]}}"#,
    );
    assert_eq!(found_by(&mut db, &nothing, &context()), ["empty"]);
}

#[test]
fn no_operator_fails_on_rows_of_any_kind() {
    let mut db = connection();
    run(&mut db, EMPTY);
    let wrong = [
        "null",
        "true",
        "-1.5",
        "1e300",
        r#""""#,
        r#""x""#,
        r#""2026-13-45""#,
        r#""1e5""#,
        "[]",
        "[[]]",
        "{}",
        r#"{"a":1}"#,
    ];
    for value in wrong {
        let keys = [
            "note", "size", "fee", "renewal", "seen", "colour", "topics", "agreed", "guide",
        ];
        let pairs: Vec<_> = keys
            .iter()
            .map(|key| format!("\"{key}\":{value}"))
            .collect();
        run(
            &mut db,
            &format!(
                "insert into contacts (first_name, custom) values ('wrong', '{{{}}}')",
                pairs.join(",")
            ),
        );
    }
    let values = [
        "null",
        r#""x""#,
        r#"["sea"]"#,
        r#"["red"]"#,
        r#""red""#,
        r#""other""#,
        "1.5",
        "[1, 2.5]",
        r#""2026-11-21""#,
        r#"["2026-11-21","2026-11-22"]"#,
        r#"[3,"days"]"#,
        r#"[3,3,"days"]"#,
        r#"[1,3,"days"]"#,
        r#""01937000-0000-7000-8000-00000000a11c""#,
        r#"["01937000-0000-7000-8000-00000000a11c"]"#,
    ];
    for field in catalogue().fields() {
        for op in Operator::of(field.kind) {
            let tried = values.iter().filter_map(|value| {
                let json = format!(
                    r#"{{"field":"{}","op":"{}","value":{value}}}"#,
                    field.key,
                    op.name()
                );
                Filter::parse(&json, &catalogue()).ok()
            });
            let tried: Vec<_> = tried.collect();
            assert!(!tried.is_empty(), "{} {}", field.key, op.name());
            for filter in tried {
                found_by(&mut db, &filter, &context());
            }
        }
    }
}

#[test]
fn numbers_and_money_are_compared_exactly() {
    let mut db = connection();
    run(
        &mut db,
        "insert into contacts (first_name, score, rating, budget, custom) values
        ('a', -6, 4.5, 1249, '{\"size\": 2.5, \"fee\": 1250}'),
        ('b', 5, 4.75, 1250, '{\"size\": \"10\", \"fee\": 1251}'),
        ('c', 6, null, 1251, '{\"size\": \"ten\"}')",
    );
    for (rule, expected) in [
        (("score", "eq", "5"), "b"),
        (("score", "eq", "5.5"), ""),
        (("score", "ne", "5.5"), "a b c"),
        (("score", "lt", "5.5"), "a b"),
        (("score", "gte", "5.5"), "c"),
        (("score", "between", "[-6, 5]"), "a b"),
        (("rating", "gt", "4.5"), "b"),
        (("rating", "lte", "4.5"), "a"),
        (("budget", "gte", "12.50"), "b c"),
        (("budget", "eq", "12.505"), ""),
        (("budget", "is_not_empty", "null"), "a b c"),
        (("custom.size", "gt", "2.4"), "a"),
        (("custom.size", "eq", "2.5"), "a"),
        (("custom.fee", "gt", "12.5"), "b"),
    ] {
        assert_found(&mut db, rule, expected);
    }
}

#[test]
fn dates_are_those_of_the_person() {
    let mut db = connection();
    run(&mut db, "insert into contacts (first_name, birthday, created_at, custom) values
        ('a', '2026-11-20', '2026-11-20T22:59:59Z', '{\"renewal\": \"2026-11-20\", \"seen\": \"2026-11-20T22:59:59Z\"}'),
        ('b', '2026-11-21', '2026-11-20T23:00:00Z', '{\"renewal\": \"2026-11-21\", \"seen\": \"2026-11-20T23:00:00Z\"}'),
        ('c', '2026-11-22', '2026-11-21T22:30:00Z', '{\"renewal\": \"2026-11-22\", \"seen\": \"2026-11-21T22:30:00.0Z\"}'),
        ('d', '2026-11-23', '2026-11-21T23:00:00Z', '{\"renewal\": \"2026-02-31\", \"seen\": \"yesterday\"}')");
    for (rule, expected) in [
        (("birthday", "today", "null"), "b"),
        (("birthday", "in_last", r#"[1,"days"]"#), "a b"),
        (("birthday", "in_next", r#"[1,"days"]"#), "b c"),
        (("birthday", "more_than_ago", r#"[1,"days"]"#), ""),
        (("birthday", "after", r#""2026-11-21""#), "c d"),
        (("created_at", "today", "null"), "b c"),
        (("created_at", "on", r#""2026-11-20""#), "a"),
        (("created_at", "in_last", r#"[1,"days"]"#), "a b c"),
        (("created_at", "in_next", r#"[1,"days"]"#), "c d"),
        (("custom.renewal", "today", "null"), "b"),
        (
            (
                "custom.renewal",
                "between",
                r#"["2026-11-20","2026-11-21"]"#,
            ),
            "a b",
        ),
        (("custom.renewal", "this_year", "null"), "a b c d"),
        (("custom.renewal", "after", r#""2026-11-21""#), "c"),
        (("custom.renewal", "before", r#""2026-03-01""#), "d"),
        (("custom.seen", "today", "null"), "b c"),
        (("custom.seen", "after", r#""2026-11-20""#), "b c"),
    ] {
        assert_found(&mut db, rule, expected);
    }
}

#[test]
fn lists_choices_and_people_are_found() {
    let mut db = connection();
    run(&mut db, &format!("insert into contacts (first_name, stage, tags, vip, owner_id, custom) values
        ('a', 'lead', '{{sea}}', true, '{ALICE}',
          '{{\"colour\": \"red\", \"topics\": [\"sea\"], \"agreed\": true, \"guide\": \"{ALICE}\"}}'),
        ('b', 'customer', '{{sea,snow}}', false, null, '{{\"colour\": \"blue\", \"topics\": [\"sea\", \"snow\"], \"agreed\": false}}'),
        ('c', '', '{{}}', null, null, '{{\"colour\": \"\", \"topics\": [], \"guide\": null}}')"));
    for (rule, expected) in [
        (("stage", "is_any_of", r#"["lead","customer"]"#), "a b"),
        (("stage", "is_empty", "null"), "c"),
        (("tags", "has_any", r#"["snow","x"]"#), "b"),
        (("tags", "has_all", r#"["snow","sea"]"#), "b"),
        (("tags", "is_not_empty", "null"), "a b"),
        (("vip", "is_true", "null"), "a"),
        (("vip", "is_false", "null"), "b c"),
        (("owner", "is_me", "null"), "a"),
        (("custom.colour", "is", r#""red""#), "a"),
        (("custom.colour", "is_any_of", r#"["red","blue"]"#), "a b"),
        (("custom.colour", "is_none_of", r#"["red"]"#), "b c"),
        (("custom.colour", "is_empty", "null"), "c"),
        (("custom.topics", "has_any", r#"["snow"]"#), "b"),
        (("custom.topics", "has_all", r#"["snow","sea"]"#), "b"),
        (("custom.topics", "has_none", r#"["snow"]"#), "a c"),
        (("custom.topics", "is_empty", "null"), "c"),
        (("custom.agreed", "is_true", "null"), "a"),
        (("custom.agreed", "is_false", "null"), "b c"),
        (("custom.guide", "is_me", "null"), "a"),
        (("custom.guide", "is_empty", "null"), "b c"),
    ] {
        assert_found(&mut db, rule, expected);
    }
    let nobody = Context {
        me: None,
        ..context()
    };
    assert!(found_by(&mut db, &rule("custom.guide", "is_me", "null"), &nobody).is_empty());
}

#[test]
fn what_belongs_to_a_record_is_found_through_it() {
    let mut db = connection();
    run(
        &mut db,
        "insert into companies values ('01937000-0000-7000-8000-0000000ac3e0', 'Bonn', 12);
        insert into contacts (id, first_name, company_id) values
        ('00000000-0000-0000-0000-000000000001', 'a', '01937000-0000-7000-8000-0000000ac3e0'),
        ('00000000-0000-0000-0000-000000000002', 'b', null);
        insert into opens values ('00000000-0000-0000-0000-000000000001', '2026-11-20T12:00:00Z'),
        ('00000000-0000-0000-0000-000000000001', '2026-01-01T12:00:00Z')",
    );
    for (rule, expected) in [
        (("company.city", "is", r#""bonn""#), "a"),
        (("company.city", "is_not", r#""bonn""#), "b"),
        (("company.city", "is_not_empty", "null"), "a"),
        (("company.size", "lt", "10"), ""),
        (("company.size", "between", "[1, 12]"), "a"),
        (("opened", "happened", r#"[7,"days"]"#), "a"),
        (("opened", "not_happened", r#"[1,"weeks"]"#), "b"),
        (("opened", "at_least", r#"[2,"",""]"#), "a"),
        (("opened", "at_least", r#"[2,7,"days"]"#), ""),
        (("opened", "at_least", r#"[3,"",""]"#), ""),
        (("opened", "fewer_than", r#"[2,7,"days"]"#), "a b"),
        (("opened", "fewer_than", r#"[2,"",""]"#), "b"),
    ] {
        assert_found(&mut db, rule, expected);
    }
}

#[test]
fn no_filter_fails_on_the_database() {
    let mut db = connection();
    run(&mut db, EMPTY);
    let (mut runner, trees) = (TestRunner::deterministic(), any_tree(any_rule()));
    for _ in 0..200 {
        let tree = trees.new_tree(&mut runner).expect("a tree").current();
        let filter = Filter::from_json(&tree, &catalogue()).expect("a good filter");
        found_by(&mut db, &filter, &context());
    }
}
