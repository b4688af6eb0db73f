//! Deals as files of programs, and that every field of every kind is in such a file.

use actix_web::http::Method;
use platform::testing::Browser;
use serde_json::{Value, json};

use super::add;
use crate::testing::world;

async fn exported(browser: &Browser, collection: &str, columns: &str) -> Value {
    let url = format!("/w/acme/{collection}/exports");
    let form = [("columns", columns), ("format", "json")];
    let asked = browser.post(&url, &form).await;
    browser.get(asked.header("location")).await.json()
}

#[actix_web::test]
async fn amounts_are_in_the_minor_unit_beside_their_currency() {
    let alice = world().browser("owner@acme.test").await;
    let deal =
        json!({"name": "Regatta", "amount": 125_050, "currency": "USD", "closes_on": "2026-12-01"});
    let deal = add(&alice, deal).await;
    let file = exported(&alice, "deals", "all").await;
    for key in [
        "amount",
        "currency",
        "closes_on",
        "stage_id",
        "status",
        "owner_id",
    ] {
        assert_eq!(file[0][key], deal[key], "{key}");
    }
    assert_eq!(
        (&file[0]["amount"], &file[0]["currency"]),
        (&json!(125_050), &json!("USD"))
    );
    assert_eq!(file[0]["days_in_stage"], 0);
    assert!(file[0]["stage"].is_string() && file[0]["contact_id"].is_null());
}

#[actix_web::test]
async fn every_field_of_every_kind_is_in_its_file() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let made = [
        ("contacts", json!({"first_name": "Ann"})),
        ("companies", json!({"name": "Sol"})),
        ("deals", json!({"name": "Regatta"})),
        ("tasks", json!({"name": "Call"})),
    ];
    for (collection, body) in made {
        let url = format!("/w/acme/{collection}");
        alice.api(Method::POST, &url, body).await;
        let file = exported(&alice, collection, "all").await;
        let list = alice.get_json(&url).await.json();
        let kinds = crate::routes::kinds();
        let mut all = kinds.all().iter();
        let kind = all.find(|kind| kind.collection == collection).unwrap();
        let fields = (kind.fields)();
        let own = fields.iter().filter(|f| f.group == "Fields");
        for field in own {
            let value = file[0].get(&field.key);
            assert!(value.is_some(), "{} of {collection}: {file}", field.key);
            if let Some(item) = list["items"][0].get(&field.key) {
                assert_eq!(value, Some(item), "{} of {collection}", field.key);
            }
        }
    }
}
