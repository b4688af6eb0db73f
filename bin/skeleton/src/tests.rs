//! The six that every resource has.

use actix_web::http::{Method, StatusCode};
use platform::testing::Browser;
use serde_json::json;

use crate::testing::world;

const LIST: &str = "/api/v1/w/acme/widgets";

/// Adds one; gives its address.
async fn add(browser: &Browser, name: &str) -> String {
    let added = browser.api(Method::POST, LIST, json!({"name": name})).await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.text);
    added.header("location").to_owned()
}

#[actix_web::test]
async fn lists_and_sorts() {
    let alice = world().browser("owner@acme.test").await;
    for name in ["Zimmer", "Adams"] {
        add(&alice, name).await;
    }
    let list = alice.get_json("/w/acme/widgets?sort=name").await.json();
    assert_eq!(list["total"], json!({"count": 2, "exact": true}));
    assert_eq!(list["items"][0]["name"], "Adams");
    assert!(alice.get("/w/acme/widgets").await.says("Zimmer"));
}

#[actix_web::test]
async fn searches() {
    let alice = world().browser("owner@acme.test").await;
    for name in ["Blue heron", "Grey heron"] {
        add(&alice, name).await;
    }
    let found = alice.get_json("/w/acme/widgets?search=blu").await.json();
    assert_eq!(found["total"]["count"], 1);
}

#[actix_web::test]
async fn creates_edits_archives_and_restores() {
    let alice = world().browser("owner@acme.test").await;
    let url = add(&alice, "First").await;
    let change = json!({"name": "Second", "version": 1});
    let changed = alice.api(Method::PATCH, &url, change.clone()).await;
    assert_eq!(changed.json()["name"], "Second");
    let stale = alice.api(Method::PATCH, &url, change).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    let archived = alice.api(Method::DELETE, &url, json!({})).await;
    assert_eq!(archived.status, StatusCode::NO_CONTENT);
    assert_eq!(alice.get_json(LIST).await.json()["total"]["count"], 0);
    let restoration = format!("{url}/restoration");
    alice.api(Method::POST, &restoration, json!({})).await;
    assert_eq!(alice.get_json(LIST).await.json()["total"]["count"], 1);
    let page = alice.get(&url.replace("/api/v1", "")).await;
    assert!(page.says("Second") && page.says("restored this"));
}

#[actix_web::test]
async fn an_invalid_form_comes_back_with_its_message() {
    let alice = world().browser("owner@acme.test").await;
    let form = [("name", ""), ("description", "Kept as typed")];
    let page = alice.post("/w/acme/widgets", &form).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.says("Please fill this in") && page.says("Kept as typed"));
    let problem = alice.api(Method::POST, LIST, json!({"name": ""})).await;
    assert_eq!(problem.json()["errors"][0]["field"], "name");
}

#[actix_web::test]
async fn a_viewer_may_not_add() {
    let carol = world().browser("viewer@acme.test").await;
    let refused = carol.post("/w/acme/widgets", &[("name", "No")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[actix_web::test]
async fn another_workspace_sees_nothing() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let mallory = world.browser("owner@globex.test").await;
    let url = add(&alice, "Ours").await;
    for url in [url.clone(), url.replace("/acme/", "/globex/"), LIST.into()] {
        assert_eq!(mallory.get_json(&url).await.status, StatusCode::NOT_FOUND);
    }
    let list = mallory.get_json("/w/globex/widgets").await.json();
    assert_eq!(list["total"]["count"], 0);
}
