//! Making and changing playbooks.

use actix_web::http::{Method, StatusCode};
use serde_json::json;

use super::{URL, call, made};
use crate::testing::world;

#[actix_web::test]
async fn a_playbook_is_made_changed_and_taken_away() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let playbook = made(&alice, call()).await;
    assert_eq!(
        playbook["steps"][3]["question"], "Birthday",
        "asked for by its name"
    );
    let url = format!("{URL}/{}", playbook["id"].as_str().unwrap());
    let form = json!({"active": false, "steps": [{"question": "How are they?"}, {"text": " "}]});
    let saved = alice.api(Method::PATCH, &url, form).await.json();
    assert_eq!(saved["steps"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&saved["name"], &saved["active"]),
        (&json!("First call"), &json!(false))
    );
    let page = alice.get(URL).await;
    assert!(page.says("First call") && page.says("Switched off"));
    assert!(alice.get(&url).await.says("How are they?"));
    let gone = alice.api(Method::DELETE, &url, json!({})).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(alice.get(&url).await.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn what_cannot_be_asked_is_refused_beside_its_step() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    made(&alice, call()).await;
    let of = |steps| json!({"name": "Other", "record_kind": "contact", "steps": steps});
    for (form, field) in [
        (of(json!([])), ""),
        (of(json!([{"text": "Only to read"}])), ""),
        (of(json!([{"field": "score"}])), "steps.0.field"),
        (of(json!([{"field": "amount"}])), "steps.0.field"),
        (
            of(json!([{"field": "city"}, {"field": "city"}])),
            "steps.1.field",
        ),
        (
            of(json!([{"question": "x".repeat(251)}])),
            "steps.0.question",
        ),
        (
            json!({"name": "FIRST CALL", "record_kind": "contact", "steps": [{"field": "city"}]}),
            "name",
        ),
        (
            json!({"name": "Other", "record_kind": "task", "steps": [{"field": "name"}]}),
            "record_kind",
        ),
    ] {
        let refused = alice.api(Method::POST, URL, form.clone()).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert_eq!(refused.json()["errors"][0]["field"], field, "{form}");
    }
    let again = alice
        .post(
            URL,
            &[
                ("name", "Other"),
                ("record_kind", "contact"),
                ("steps.0.text", "To read"),
            ],
        )
        .await;
    assert!(again.says("A playbook asks at least one question.") && again.says("To read"));
}

#[actix_web::test]
async fn only_who_may_keeps_them_and_they_are_the_workspaces_own() {
    let world = world();
    let bob = world.browser("agent@acme.test").await;
    assert_eq!(bob.get(URL).await.status, StatusCode::OK);
    let refused = bob.api(Method::POST, URL, call()).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let alice = world.browser("owner@acme.test").await;
    let playbook = made(&alice, call()).await;
    let id = playbook["id"].as_str().unwrap();
    let mallory = world.browser("owner@globex.test").await;
    let theirs = mallory
        .get(&format!("/w/globex/settings/playbooks/{id}"))
        .await;
    assert_eq!(theirs.status, StatusCode::NOT_FOUND);
    let list = mallory
        .get_json("/w/globex/settings/playbooks")
        .await
        .json();
    assert_eq!(list["items"], json!([]));
    let own = mallory
        .api(
            Method::POST,
            "/w/globex/contacts",
            json!({"first_name": "Zed"}),
        )
        .await;
    let own = own.header("location").replace("/api/v1", "");
    let begun = mallory
        .api(Method::POST, &format!("{own}/playbooks/{id}"), json!({}))
        .await;
    assert_eq!(begun.status, StatusCode::NOT_FOUND);
}
