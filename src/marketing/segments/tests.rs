//! The six that every resource has, and what is particular to segments.

use actix_web::http::{Method, StatusCode};
use platform::testing::Browser;
use serde_json::{Value, json};

use crate::testing::world;

const URL: &str = "/w/acme/segments";

async fn contacts(browser: &Browser, cities: &[&str]) {
    for (n, city) in cities.iter().enumerate() {
        let email = format!("c{n}@mail.example");
        browser
            .api(
                Method::POST,
                "/w/acme/contacts",
                json!({"last_name": "X", "email": email, "city": city}),
            )
            .await;
    }
}

fn in_bonn() -> Value {
    json!({"and": [{"field": "city", "op": "is", "value": "Bonn"}]})
}

#[actix_web::test]
async fn a_dynamic_segment_counts_whom_its_filter_finds() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    contacts(&alice, &["Bonn", "Bonn", "Rome"]).await;
    let counted = alice
        .api(
            Method::POST,
            &format!("{URL}/count"),
            json!({"filter": in_bonn()}),
        )
        .await;
    assert_eq!(counted.json()["count"], 2, "{}", counted.text);
    let made = alice
        .api(
            Method::POST,
            URL,
            json!({"name": "Bonn", "filter": in_bonn()}),
        )
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let url = format!("{URL}/{}", made.json()["id"].as_str().unwrap());
    assert_eq!(alice.get_json(&url).await.json()["count"], 2);
    let members = alice.get_json(&format!("{url}/members")).await.json();
    assert_eq!(members["items"].as_array().unwrap().len(), 2);
    assert!(alice.get(&url).await.says("c0@mail.example"));
    assert!(alice.get(&format!("{url}/edit")).await.says("2 contacts"));
}

#[actix_web::test]
async fn a_static_segment_holds_whom_one_adds() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    contacts(&alice, &["Bonn", "Rome"]).await;
    let made = alice
        .api(
            Method::POST,
            URL,
            json!({"name": "Board", "kind": "static"}),
        )
        .await
        .json();
    let url = format!("{URL}/{}", made["id"].as_str().unwrap());
    for _ in 0..2 {
        let added = alice
            .post(
                &format!("{url}/members"),
                &[("emails", "C0@mail.example, nobody@mail.example")],
            )
            .await;
        assert_eq!(added.status, StatusCode::SEE_OTHER);
    }
    let members = alice.get_json(&format!("{url}/members")).await.json();
    let contact = members["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(members["items"].as_array().unwrap().len(), 1);
    alice
        .api(
            Method::DELETE,
            &format!("{url}/members/{contact}"),
            json!({}),
        )
        .await;
    assert_eq!(alice.get_json(&url).await.json()["count"], 0);
}

#[actix_web::test]
async fn lists_sorts_and_searches() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    for name in ["Winter", "Autumn"] {
        alice.api(Method::POST, URL, json!({"name": name})).await;
    }
    let list = alice.get_json(&format!("{URL}?sort=name")).await.json();
    assert_eq!(list["items"][0]["name"], "Autumn");
    let found = alice.get_json(&format!("{URL}?search=wint")).await.json();
    assert_eq!(found["total"]["count"], 1);
    assert!(alice.get(URL).await.says("Winter"));
}

#[actix_web::test]
async fn refuses_a_filter_that_says_nothing_known() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let filter = json!({"and": [{"field": "shoe_size", "op": "is", "value": "42"}]});
    let refused = alice
        .api(Method::POST, URL, json!({"name": "X", "filter": filter}))
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.json()["errors"][0]["field"], "filter");
}

#[actix_web::test]
async fn refuses_without_the_permission() {
    let world = world();
    let bob = world.browser("agent@acme.test").await;
    let made = bob.api(Method::POST, URL, json!({"name": "X"})).await;
    assert_eq!(made.status, StatusCode::FORBIDDEN);
}

#[actix_web::test]
async fn another_workspace_sees_nothing() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let made = alice
        .api(Method::POST, URL, json!({"name": "X"}))
        .await
        .json();
    let mallory = world.browser("owner@globex.test").await;
    let url = format!("/w/globex/segments/{}", made["id"].as_str().unwrap());
    assert_eq!(mallory.get(&url).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        mallory.get_json("/w/globex/segments").await.json()["total"]["count"],
        0
    );
}
