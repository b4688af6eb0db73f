//! Addresses come onto the list and off it, and everything that is sent heeds it.

use actix_web::http::{Method, StatusCode};
use serde_json::json;

use crate::marketing::campaigns::tests::{contact, draft};
use crate::testing::world;

const URL: &str = "/w/acme/suppressions";

#[actix_web::test]
async fn a_pasted_list_is_suppressed_once_and_searched() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let pasted = "Ann@mail.example\nbob@mail.example; cara@mail.example\n\n<ann@mail.example>\n";
    let form = [
        ("emails", pasted),
        ("reason", "bounced"),
        ("source", "old system"),
    ];
    let added = alice.post(URL, &form).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.text);
    let again = alice
        .api(Method::POST, URL, json!({"email": "ann@mail.example"}))
        .await;
    assert_eq!(
        again.json(),
        json!({"added": 0, "known": 1, "refused": []}),
        "{}",
        again.text
    );
    let list = alice.get_json(URL).await.json();
    assert_eq!(list["total"], json!({"count": 3, "exact": true}));
    let found = alice.get_json(&format!("{URL}?search=BOB")).await.json();
    assert_eq!(found["items"][0]["reason"], "bounced");
    assert_eq!(found["total"]["count"], 1);
    assert!(alice.get(URL).await.says("old system, Alice Archer"));
    let first = alice.get_json(&format!("{URL}?limit=2")).await.json();
    let cursor = first["next_cursor"].as_str().unwrap().to_owned();
    let rest = alice
        .get_json(&format!("{URL}?limit=2&cursor={cursor}"))
        .await
        .json();
    assert_eq!(rest["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn a_line_that_is_no_address_is_named_and_nothing_is_lost() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let form = [("emails", "what\nnonsense"), ("source", "old system")];
    let refused = alice.post(URL, &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.says("Line 1: “what” is no e-mail address."));
    assert!(refused.says("old system"));
    assert_eq!(alice.get_json(URL).await.json()["total"]["count"], 0);
}

#[actix_web::test]
async fn the_good_lines_are_taken_and_the_others_are_left_to_correct() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let form = [
        ("emails", "ann@mail.example\nnonsense; bob@mail.example"),
        ("source", "old system"),
    ];
    let part = alice.post(URL, &form).await;
    assert_eq!(part.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(part.says("2 addresses suppressed."));
    assert!(part.says("nonsense") && part.says("old system"));
    assert!(!part.says("ann@mail.example"), "{}", part.text);
    assert_eq!(alice.get_json(URL).await.json()["total"]["count"], 2);
    let lines = json!({"emails": "x@mail.example\ny"});
    let told = alice.api(Method::POST, URL, lines).await;
    assert_eq!(told.json()["refused"], json!([{"line": 2, "text": "y"}]));
}

#[actix_web::test]
async fn who_is_on_the_list_gets_nothing_until_it_is_lifted() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let person = contact(&alice, "a@mail.example").await;
    contact(&alice, "b@mail.example").await;
    let unsubscribed = json!({"email": "A@mail.example", "reason": "unsubscribed"});
    alice.api(Method::POST, URL, unsubscribed).await;
    let contact = format!("/w/acme/contacts/{person}");
    assert_eq!(
        alice.get_json(&contact).await.json()["consent_email"],
        "withdrawn"
    );
    let campaign = draft(&alice, "S").await;
    let left_out = || async {
        let shown = alice.get_json(&campaign).await.json();
        shown["review"]["reach"]["suppressed"].clone()
    };
    assert_eq!(left_out().await, 1);
    let list = alice.get_json(URL).await.json();
    let url = format!("{URL}/{}", list["items"][0]["id"].as_str().unwrap());
    let lifted = alice.api(Method::DELETE, &url, json!({})).await;
    assert_eq!(lifted.status, StatusCode::NO_CONTENT);
    assert_eq!(left_out().await, 0);
    assert_eq!(
        alice.get_json(&contact).await.json()["consent_email"],
        "unknown"
    );
    let log = alice.get("/w/acme/settings/audit").await;
    assert!(log.says("a@mail.example"), "the log tells who lifted it");
}

#[actix_web::test]
async fn refuses_without_the_permission() {
    let bob = world().browser("agent@acme.test").await;
    assert_eq!(bob.get(URL).await.status, StatusCode::OK);
    let added = bob
        .api(Method::POST, URL, json!({"email": "a@b.example"}))
        .await;
    assert_eq!(added.status, StatusCode::FORBIDDEN);
}

#[actix_web::test]
async fn another_workspace_sees_nothing() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    alice
        .api(Method::POST, URL, json!({"email": "a@mail.example"}))
        .await;
    let list = alice.get_json(URL).await.json();
    let id = list["items"][0]["id"].as_str().unwrap();
    let mallory = world.browser("owner@globex.test").await;
    let url = format!("/w/globex/suppressions/{id}");
    assert_eq!(mallory.get_json(&url).await.status, StatusCode::NOT_FOUND);
    let theirs = mallory.get_json("/w/globex/suppressions").await.json();
    assert_eq!(theirs["items"], json!([]));
}
