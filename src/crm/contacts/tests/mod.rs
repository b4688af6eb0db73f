//! The six that every resource has, and what is particular to contacts.

mod apart;
mod bulk;
mod card;
mod duplicates;
mod exports;
mod files;
mod joining;
mod kept;
mod leads;
mod lists;
mod merging;
mod record;
mod views;
mod writing;

use actix_web::http::{Method, StatusCode};
use platform::web::link;
use serde_json::json;

use crate::testing::world;

#[actix_web::test]
async fn lists_and_sorts() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    for (first, last) in [("Ann", "Zimmer"), ("Bea", "Adams")] {
        alice
            .api(
                Method::POST,
                "/api/v1/w/acme/contacts",
                json!({"first_name": first, "last_name": last}),
            )
            .await;
    }
    let list = alice.get_json("/w/acme/contacts?sort=name").await.json();
    let names: Vec<_> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["last_name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Adams", "Zimmer"]);
    assert_eq!(list["total"], json!({"count": 2, "exact": true}));
    let first = alice
        .get_json("/w/acme/contacts?sort=name&limit=1")
        .await
        .json();
    let next = alice
        .get_json(&format!(
            "/w/acme/contacts?sort=name&limit=1&cursor={}",
            first["next_cursor"].as_str().unwrap()
        ))
        .await
        .json();
    assert_eq!(next["items"][0]["last_name"], "Zimmer");
    assert_eq!(next["next_cursor"], json!(null));
}

#[actix_web::test]
async fn searches_without_regard_to_accents_and_case() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    for name in ["Nguyễn", "O'Brien", "李雷", "مريم"] {
        alice
            .api(
                Method::POST,
                "/w/acme/contacts",
                json!({"last_name": name, "email": "x@mail.example"}),
            )
            .await;
    }
    for search in ["nguyen", "O'BRI", "李", "مري"] {
        let url = link::with("/w/acme/contacts", [("search", search)]);
        assert_eq!(
            alice.get_json(&url).await.json()["total"]["count"],
            1,
            "{search}"
        );
    }
    assert_eq!(
        alice
            .get_json("/w/acme/contacts?search=mail.example")
            .await
            .json()["total"]["count"],
        4
    );
}

#[actix_web::test]
async fn creates_edits_archives_and_restores() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let created = alice
        .api(
            Method::POST,
            "/api/v1/w/acme/contacts",
            json!({"first_name": "Ann", "email": "Ann@Example.com"}),
        )
        .await;
    assert_eq!(created.status, StatusCode::CREATED);
    assert_eq!(created.header("etag"), "\"1\"");
    assert_eq!(created.json()["email"], "ann@example.com");
    let url = created.header("location").to_owned();
    let patched = alice
        .api(Method::PATCH, &url, json!({"city": "Split", "version": 1}))
        .await;
    assert_eq!(
        (
            patched.json()["city"].as_str(),
            patched.json()["first_name"].as_str()
        ),
        (Some("Split"), Some("Ann"))
    );
    assert_eq!(
        alice
            .api(Method::PATCH, &url, json!({"city": "Rijeka", "version": 1}))
            .await
            .status,
        StatusCode::CONFLICT
    );
    assert_eq!(
        alice.api(Method::DELETE, &url, json!({})).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        alice.get_json("/w/acme/contacts").await.json()["total"]["count"],
        0
    );
    alice
        .api(Method::POST, &format!("{url}/restoration"), json!({}))
        .await;
    assert_eq!(
        alice.get_json("/w/acme/contacts").await.json()["total"]["count"],
        1
    );
    let page = alice.get(&url.replace("/api/v1", "")).await;
    assert!(page.says("archived this contact") && page.says("restored this contact"));
}

#[actix_web::test]
async fn an_invalid_form_comes_back_with_its_message() {
    let alice = world().browser("owner@acme.test").await;
    let page = alice
        .post(
            "/w/acme/contacts",
            &[("email", "not an address"), ("first_name", "Ann")],
        )
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.says("Please enter an e-mail address") && page.says("not an address"));
    let problem = alice
        .api(Method::POST, "/w/acme/contacts", json!({"email": "x"}))
        .await;
    assert_eq!(problem.header("content-type"), "application/problem+json");
    assert_eq!(problem.json()["errors"][0]["field"], "email");
}

#[actix_web::test]
async fn a_viewer_may_look_and_not_touch() {
    let carol = world().browser("viewer@acme.test").await;
    assert_eq!(carol.get("/w/acme/contacts").await.status, StatusCode::OK);
    assert_eq!(
        carol
            .post("/w/acme/contacts", &[("first_name", "Ann")])
            .await
            .status,
        StatusCode::FORBIDDEN
    );
}

#[actix_web::test]
async fn another_workspace_sees_nothing() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let mallory = world.browser("owner@globex.test").await;
    let url = alice
        .api(
            Method::POST,
            "/api/v1/w/acme/contacts",
            json!({"first_name": "Ann"}),
        )
        .await
        .header("location")
        .to_owned();
    for url in [
        url.clone(),
        url.replace("/acme/", "/globex/"),
        "/w/acme/contacts".into(),
    ] {
        assert_eq!(
            mallory.get(&url).await.status,
            StatusCode::NOT_FOUND,
            "{url}"
        );
    }
    assert_eq!(
        mallory.get_json("/w/globex/contacts").await.json()["total"]["count"],
        0
    );
}
