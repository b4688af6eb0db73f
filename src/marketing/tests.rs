//! What the lists of all kinds in marketing have in common.

use actix_web::http::{Method, StatusCode};
use platform::web::link;
use serde_json::{Value, json};

use crate::testing::world;

/// Each collection, and the least that makes one.
fn collections() -> [(&'static str, Value); 5] {
    let question = json!({"key": "email", "label": "E-mail", "kind": "email", "target": "email"});
    [
        ("campaigns", json!({})),
        ("segments", json!({})),
        (
            "email-templates",
            json!({"subject": "Hello", "body": "<p>Hello</p>"}),
        ),
        ("forms", json!({"fields": [question]})),
        ("sequences", json!({"from_hour": 8, "to_hour": 18})),
    ]
}

fn url(collection: &str, pairs: &[(&str, &str)]) -> String {
    link::with(&format!("/w/acme/{collection}"), pairs.iter().copied())
}

#[actix_web::test]
async fn every_list_sorts_filters_and_shows_the_chosen_columns() {
    let alice = world().browser("owner@acme.test").await;
    for (collection, body) in collections() {
        let all = format!("/w/acme/{collection}");
        for name in ["Winter", "Autumn"] {
            let mut body = body.clone();
            body["name"] = json!(name);
            let made = alice.api(Method::POST, &all, body).await;
            assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        }
        let sorted = alice.get_json(&url(collection, &[("sort", "-name")])).await;
        assert_eq!(sorted.json()["items"][0]["name"], "Winter", "{collection}");
        let first = sorted.json()["items"][0]["id"].as_str().unwrap().to_owned();
        let opened = [("sort", "-name"), ("from", "list")];
        let opened = url(&format!("{collection}/{first}"), &opened);
        let record = alice.get(&opened).await;
        assert!(record.says("Next in the list"), "{collection}");
        assert!(!alice.get(&format!("{all}/{first}")).await.says("Next in"));
        let wrong = alice.get_json(&url(collection, &[("sort", "shoes")])).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        let filter = r#"{"field":"name","op":"is","value":"Autumn"}"#;
        let asked = [("filter", filter), ("columns", "owner_id")];
        let found = alice.get(&url(collection, &asked)).await;
        assert!(found.says("Name is “Autumn”") && !found.says("Winter"));
        assert!(
            found.says(r#"data-label="Owner""#) && !found.says(r#"data-label="Changed""#),
            "{collection}"
        );
        let archived = alice.get(&url(collection, &[("archived", "1")])).await;
        assert!(archived.says("No archived") && !archived.says("Autumn"));
    }
}

#[actix_web::test]
async fn who_may_only_look_is_offered_nothing_else() {
    let world = world();
    world.browser("owner@acme.test").await;
    let carol = world.browser("viewer@acme.test").await;
    for (collection, _) in collections() {
        let list = carol.get(&format!("/w/acme/{collection}")).await;
        assert_eq!(list.status, StatusCode::OK);
        assert!(!list.says(&format!("{collection}/new")) && !list.says("/export"));
    }
}
