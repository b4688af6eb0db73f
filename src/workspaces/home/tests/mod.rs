//! The start page tells each member what is theirs, and no more.

mod arranging;
mod numbers;

use actix_web::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::testing::world;

/// A card of the dashboard; null where it isn't on it.
fn card(home: &Value, key: &str) -> Value {
    let mut cards = home["cards"].as_array().unwrap().iter();
    let found = cards.find(|card| card["key"] == key);
    found.cloned().unwrap_or_default()
}

/// The parts of a card of one sort: its figures, the marks of its charts, its lines.
fn all(card: &Value, part: &str, within: &str) -> Vec<Value> {
    let parts = card["parts"].as_array().cloned().unwrap_or_default();
    let parts = parts.into_iter().filter_map(|p| p.get(part).cloned());
    let parts = parts.map(|p| {
        if within.is_empty() {
            p
        } else {
            p[within].clone()
        }
    });
    parts
        .flat_map(|p| p.as_array().cloned().unwrap_or_default())
        .collect()
}

/// A figure of a card by its label.
fn figure(home: &Value, key: &str, label: &str) -> Value {
    let figures = all(&card(home, key), "figures", "");
    let found = figures.into_iter().find(|figure| figure["label"] == label);
    found.unwrap_or_else(|| panic!("no {label} in {key}: {home}"))
}

#[actix_web::test]
async fn tells_what_is_new_and_where_one_was() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    alice
        .api(
            Method::POST,
            "/w/acme/contacts",
            json!({"first_name": "Ann", "last_name": "Lee"}),
        )
        .await;
    let home = alice.get_json("/w/acme").await.json();
    let recent = all(&card(&home, "recent"), "lines", "");
    assert_eq!(recent[0]["title"], "Ann Lee");
    assert_eq!(figure(&home, "contacts", "New")["value"], "1");
    assert_eq!(home["work"], json!([]));
    let page = alice.get("/w/acme").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.says("Where you were"));
}

#[actix_web::test]
async fn a_new_workspace_is_led_through_its_first_steps() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let home = alice.get_json("/w/acme").await.json();
    let done = |label: &str| {
        let steps = home["steps"].as_array().unwrap();
        steps.iter().find(|s| s["label"] == label).unwrap()["done"].clone()
    };
    assert_eq!(done("Invite a colleague"), true);
    assert_eq!(done("Create a form"), false);
    let page = alice.get("/w/acme").await;
    assert!(page.says("First steps") && page.says("3 of 7 done"));
}

#[actix_web::test]
async fn a_step_is_done_once_the_thing_is_there() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let deal = json!({"name": "The first one"});
    alice.api(Method::POST, "/w/acme/deals", deal).await;
    let home = alice.get_json("/w/acme").await.json();
    let steps = home["steps"].as_array().unwrap();
    let step = steps.iter().find(|s| s["label"] == "Add your first deal");
    assert_eq!(step.unwrap()["done"], true);
    assert!(alice.get("/w/acme").await.says("4 of 7 done"));
}

#[actix_web::test]
async fn each_hides_the_steps_for_themselves_and_finds_them_in_the_help() {
    let world = world();
    let (mona, alice) = (
        world.browser("manager@acme.test").await,
        world.browser("owner@acme.test").await,
    );
    assert!(
        !mona
            .get("/w/acme/help")
            .await
            .says("Show the first steps again")
    );
    for _ in 0..2 {
        let hidden = mona.post("/w/acme/steps/hiding?_method=PUT", &[]).await;
        assert_eq!(hidden.status, StatusCode::SEE_OTHER);
    }
    assert!(!mona.get("/w/acme").await.says("First steps"));
    assert!(alice.get("/w/acme").await.says("First steps"));
    assert!(
        mona.get("/w/acme/help")
            .await
            .says("Show the first steps again")
    );
    let back = mona.post("/w/acme/steps/hiding?_method=DELETE", &[]).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER);
    assert!(mona.get("/w/acme").await.says("First steps"));
}

#[actix_web::test]
async fn a_viewer_is_not_told_to_do_what_they_may_not() {
    let world = world();
    let carol = world.browser("viewer@acme.test").await;
    assert_eq!(carol.get_json("/w/acme").await.json()["steps"], json!([]));
    assert!(!carol.get("/w/acme").await.says("First steps"));
}

#[actix_web::test]
async fn another_workspace_sees_nothing() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    alice
        .api(
            Method::POST,
            "/w/acme/contacts",
            json!({"first_name": "Ann"}),
        )
        .await;
    let mallory = world.browser("owner@globex.test").await;
    assert_eq!(mallory.get("/w/acme").await.status, StatusCode::NOT_FOUND);
    let home = mallory.get_json("/w/globex").await.json();
    assert!(all(&card(&home, "recent"), "lines", "").is_empty());
    assert_eq!(figure(&home, "contacts", "New")["value"], "0");
}

#[actix_web::test]
async fn errors_keep_a_member_in_the_shell_and_a_stranger_out_of_it() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    for path in [
        "/w/acme/nowhere",
        "/w/acme/contacts/0190aaaa-0000-7000-8000-000000000000",
        "/nowhere",
    ] {
        let page = alice.get(path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(page.says("There is nothing here"), "{path}");
        assert!(page.says("id=\"sidebar\""), "{path}");
    }
    // A workspace that is not hers is not named, but she is still in the house.
    let page = alice.get("/w/globex").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(!page.says("Globex"));
    let carol = world.browser("viewer@acme.test").await;
    let page = carol.get("/w/acme/contacts/new").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.says("id=\"sidebar\""));
    let stranger = world.stranger();
    for path in ["/nowhere", "/forms/0190aaaa-0000-7000-8000-000000000000"] {
        let page = stranger.get(path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!page.says("id=\"sidebar\""), "{path}");
    }
}
