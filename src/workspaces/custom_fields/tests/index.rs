//! That an index finds what a filter finds without it, and that it is kept true.

use actix_web::http::Method;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Bool, Text};
use platform::schema::{custom_fields, custom_values};
use platform::testing::{Browser, World};
use platform::web::link;
use serde_json::{Value, json};

use super::{PAGE, URL, made};
use crate::testing::world;

const CONTACTS: &str = "/api/v1/w/acme/contacts";

/// A field of each type that holds something else, with the values that contacts of the same place are given.
fn fields() -> Vec<(Value, [Value; 6])> {
    let none = Value::Null;
    let field = |key: &str, kind: &str| json!({"record_kind": "contact", "label": key, "key": key, "type": kind});
    let chosen = |key: &str, kind: &str| {
        let mut field = field(key, kind);
        field["choices"] = json!("Red\nGreen\nDark green");
        field
    };
    let long = "Ünder ".repeat(60);
    let a = "018f0000-0000-7000-8000-00000000000a";
    vec![
        (
            field("motto", "text"),
            [
                json!("Straße 5_%"),
                json!("STRASSE"),
                json!("ΟΔΟΣ"),
                json!("İzmir"),
                json!("a\\b"),
                none.clone(),
            ],
        ),
        (
            field("story", "long_text"),
            [
                json!(long),
                json!(format!("{long}and on")),
                json!("short"),
                none.clone(),
                json!("Short"),
                none.clone(),
            ],
        ),
        (
            field("size", "number"),
            [
                json!(0),
                json!(-2.5),
                json!(7),
                json!(7.25),
                json!(1_000_000),
                none.clone(),
            ],
        ),
        (
            field("fee", "money"),
            [
                json!(100),
                json!(125_050),
                json!(-1),
                json!(0),
                none.clone(),
                none.clone(),
            ],
        ),
        (
            field("since", "date"),
            [
                json!("2026-11-21"),
                json!("2026-01-01"),
                json!("1999-12-31"),
                json!("2030-05-05"),
                none.clone(),
                none.clone(),
            ],
        ),
        (
            chosen("hull", "choice"),
            [
                json!("Red"),
                json!("Green"),
                json!("Dark green"),
                json!("Red"),
                none.clone(),
                none.clone(),
            ],
        ),
        (
            chosen("flags", "multi_choice"),
            [
                json!(["Red", "Green"]),
                json!(["Green"]),
                json!(["Dark green", "Red"]),
                none.clone(),
                json!(["Red"]),
                none.clone(),
            ],
        ),
        (
            field("crew", "checkbox"),
            [
                json!(true),
                json!(false),
                none.clone(),
                json!(true),
                none.clone(),
                none.clone(),
            ],
        ),
        (
            field("keeper", "person"),
            [
                json!(a),
                none.clone(),
                none.clone(),
                json!(a),
                none.clone(),
                none.clone(),
            ],
        ),
    ]
}

/// Rules of every shape that values of these types are asked by.
fn rules() -> Vec<Value> {
    let mut rules = Vec::new();
    let mut add = |field: &str, op: &str, value: Value| {
        rules.push(json!({"field": format!("custom.{field}"), "op": op, "value": value}));
    };
    for field in ["motto", "story"] {
        for text in [
            "straße 5_%",
            "Strasse",
            "οδος",
            "ΟΔΟς",
            "izmir",
            "i\u{307}ZMIR",
            "A\\B",
            "s",
            "SHORT",
            "Ünder Ü",
        ] {
            for op in [
                "is",
                "is_not",
                "contains",
                "not_contains",
                "starts_with",
                "ends_with",
            ] {
                add(field, op, json!(text));
            }
        }
        add(field, "is_any_of", json!(["strasse", "short", "ΟΔΟΣ"]));
        add(field, "is_empty", Value::Null);
        add(field, "is_not_empty", Value::Null);
    }
    add("story", "is", json!("ünder ".repeat(60).trim()));
    for field in ["size", "fee"] {
        for number in [
            "0",
            "-2.5",
            "7",
            "7.000001",
            "7.25",
            "1",
            "1250.50",
            "999999999999",
        ] {
            for op in ["eq", "ne", "lt", "lte", "gt", "gte"] {
                add(field, op, json!(number));
            }
        }
        add(field, "between", json!(["-1", "7.1"]));
    }
    for op in ["on", "before", "after"] {
        add("since", op, json!("2026-01-01"));
    }
    add("since", "between", json!(["1999-12-31", "2026-11-21"]));
    add("since", "this_year", Value::Null);
    add("since", "is_empty", Value::Null);
    for op in ["is", "is_not"] {
        add("hull", op, json!("Green"));
    }
    add("hull", "is_any_of", json!(["Red", "Dark green"]));
    add("hull", "is_none_of", json!(["Red", "Dark green"]));
    for op in ["has_any", "has_all", "has_none"] {
        add("flags", op, json!(["Red", "Green"]));
    }
    add("flags", "is_not_empty", Value::Null);
    add("crew", "is_true", Value::Null);
    add("crew", "is_false", Value::Null);
    add("keeper", "is_empty", Value::Null);
    add("keeper", "is_not_empty", Value::Null);
    rules
}

async fn found(browser: &Browser, filter: &Value) -> Vec<String> {
    let filter = filter.to_string();
    let query = [("filter", filter.as_str()), ("search", "Kept")];
    let list = browser
        .get_json(&link::with("/w/acme/contacts", query))
        .await;
    assert!(list.status.is_success(), "{filter}: {}", list.text);
    let items = list.json()["items"].clone();
    let names = items.as_array().unwrap().iter();
    let names = names.map(|item| item["first_name"].as_str().unwrap().to_owned());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

/// The contacts Kept 0 to Kept 5, with a value of each field.
async fn people(browser: &Browser) -> Vec<String> {
    let mut customs = vec![json!({}); 6];
    for (field, values) in fields() {
        made(browser, field.clone()).await;
        for (custom, value) in customs.iter_mut().zip(values) {
            if !value.is_null() {
                custom[field["key"].as_str().unwrap()] = value;
            }
        }
    }
    let mut ids = Vec::new();
    for (place, custom) in customs.into_iter().enumerate() {
        let body = json!({"first_name": format!("{place}"), "last_name": "Kept", "custom": custom});
        let one = browser.api(Method::POST, CONTACTS, body).await;
        assert_eq!(one.status.as_u16(), 201, "{}", one.text);
        ids.push(one.json()["id"].as_str().unwrap().to_owned());
    }
    ids
}

fn indexed(world: &World) -> Vec<String> {
    world.within("acme", |tx| {
        let fields = custom_fields::table.filter(custom_fields::indexed_at.is_not_null());
        Ok(fields
            .order(custom_fields::key)
            .select(custom_fields::key)
            .load(&mut **tx)?)
    })
}

fn kept(world: &World) -> i64 {
    world.within("acme", |tx| {
        Ok(custom_values::table.count().get_result(&mut **tx)?)
    })
}

#[actix_web::test]
async fn it_finds_what_is_found_without_it() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    people(&alice).await;
    world.run_jobs().await;
    let mut without = Vec::new();
    for rule in rules() {
        without.push((found(&alice, &rule).await, rule));
    }
    assert!(indexed(&world).is_empty());
    world.run_jobs().await;
    assert_eq!(
        indexed(&world),
        [
            "crew", "fee", "flags", "hull", "keeper", "motto", "since", "size", "story"
        ]
    );
    let mut some = 0;
    for (expected, rule) in without {
        some += usize::from(!expected.is_empty());
        assert_eq!(found(&alice, &rule).await, expected, "{rule}");
        // Within groups and below a "none of" as well.
        let whole = ["0", "1", "2", "3", "4", "5"].map(str::to_owned);
        let others: Vec<_> = whole
            .into_iter()
            .filter(|name| !expected.contains(name))
            .collect();
        assert_eq!(
            found(&alice, &json!({"not": rule})).await,
            others,
            "not {rule}"
        );
        let either = json!({"or": [rule, {"field": "first_name", "op": "is", "value": "5"}]});
        let mut with_last = expected;
        if !with_last.contains(&"5".to_owned()) {
            with_last.push("5".into());
        }
        assert_eq!(found(&alice, &either).await, with_last, "{rule} or 5");
    }
    assert!(some > 50, "{some} rules find something");
}

#[actix_web::test]
async fn it_is_made_for_a_field_that_somebody_filters_by_and_kept_true() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ids = people(&alice).await;
    world.run_jobs().await;
    assert_eq!(kept(&world), 0);
    let large = json!({"field": "custom.size", "op": "gte", "value": "7"});
    assert_eq!(found(&alice, &large).await, ["2", "3", "4"]);
    world.run_jobs().await;
    assert_eq!(
        (indexed(&world), kept(&world)),
        (vec!["size".to_owned()], 5)
    );
    let page = alice.get(&format!("{PAGE}?kind=contact")).await;
    assert_eq!(page.text.matches(">Indexed<").count(), 1, "{}", page.text);

    // A value that changes, one that goes, one that comes, and one of a record that is deleted.
    let set = async |place: usize, size: Value| {
        let body = json!({"custom": {"size": size}});
        let url = format!("{CONTACTS}/{}", ids[place]);
        let answer = alice.api(Method::PATCH, &url, body).await;
        assert!(answer.status.is_success(), "{}", answer.text);
    };
    set(0, json!(70)).await;
    set(3, Value::Null).await;
    let body = json!({"first_name": "New", "last_name": "Kept", "custom": {"size": 8}});
    alice.api(Method::POST, CONTACTS, body).await;
    assert_eq!(found(&alice, &large).await, ["0", "2", "4", "New"]);
    let gone = ids[4].clone();
    world.within("acme", |tx| {
        sql_query("delete from contacts where id = $1::uuid")
            .bind::<Text, _>(gone)
            .execute(&mut **tx)?;
        Ok(())
    });
    assert_eq!(kept(&world), 4);
    world.run_jobs().await;

    // The filter does go by what is kept: without it nothing is found.
    world.within("acme", |tx| {
        Ok(diesel::delete(custom_values::table).execute(&mut **tx)?)
    });
    assert!(found(&alice, &large).await.is_empty());

    // Out of use it is forgotten, and made anew once it is back and asked for.
    let list = alice.get_json(&format!("{PAGE}?kind=contact")).await.json();
    let of_size = |field: &&Value| field["key"] == "size";
    let field = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(of_size)
        .unwrap()
        .clone();
    let url = format!("{URL}/{}", field["id"].as_str().unwrap());
    alice.api(Method::DELETE, &url, Value::Null).await;
    assert!(indexed(&world).is_empty());
    alice
        .api(Method::POST, &format!("{url}/restoration"), Value::Null)
        .await;
    assert_eq!(found(&alice, &large).await, ["0", "2", "New"]);
    world.run_jobs().await;
    assert_eq!(
        (indexed(&world).len(), found(&alice, &large).await.len()),
        (1, 3)
    );
}

#[actix_web::test]
async fn a_segment_asks_for_it_too() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    people(&alice).await;
    world.run_jobs().await;
    let filter = json!({"field": "custom.hull", "op": "is", "value": "Red"});
    let body = json!({"name": "Red hulls", "kind": "dynamic", "filter": filter});
    let made = alice
        .api(Method::POST, "/api/v1/w/acme/segments", body)
        .await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.text);
    world.run_jobs().await;
    assert_eq!(indexed(&world), ["hull"]);
}

#[actix_web::test]
async fn every_kind_with_custom_fields_keeps_them() {
    #[derive(QueryableByName)]
    struct Kept {
        #[diesel(sql_type = Bool)]
        kept: bool,
    }
    let world = world();
    for kind in crate::routes::kinds()
        .all()
        .iter()
        .filter(|kind| kind.takes_custom())
    {
        let row: Kept = world.within("acme", |tx| {
            let sql = "select count(*) = 3 as kept from pg_trigger where tgrelid = $1::regclass and tgname like 'keep_values_%'";
            Ok(sql_query(sql).bind::<Text, _>(kind.table).get_result(&mut **tx)?)
        });
        assert!(
            row.kept,
            "{}: its migration does not call custom_table",
            kind.table
        );
    }
}
