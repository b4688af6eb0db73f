//! The start page tells each member what is theirs, and no more.

use actix_web::http::{Method, StatusCode};
use serde_json::json;

use crate::testing::world;

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
    assert_eq!(home["recent"][0]["title"], "Ann Lee");
    assert_eq!(home["trend"]["bars"][13]["count"], 1);
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
    assert!(alice.get("/w/acme").await.says("First steps"));
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
    assert_eq!(home["recent"], json!([]));
    assert_eq!(home["trend"]["bars"][13]["count"], 0);
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
