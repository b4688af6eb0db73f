//! A form is made, published, filled in by a stranger, and turns them into a contact.

use actix_web::http::{Method, StatusCode};
use chrono::TimeDelta;
use platform::clock;
use platform::testing::{Browser, World};
use serde_json::{Value, json};

use crate::testing::world;

async fn published(alice: &Browser) -> String {
    let fields = json!([
        {"label": "First name", "kind": "text", "target": "first_name"},
        {"label": "E-mail", "kind": "email", "target": "email", "required": true},
        {"label": "Yes, write to me", "kind": "consent", "target": "consent_email"},
    ]);
    let form = json!({"name": "Ask us", "add_tags": ["web"], "fields": fields});
    let made = alice.api(Method::POST, "/api/v1/w/acme/forms", form).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let url = made.header("location").to_owned();
    alice
        .api(Method::POST, &format!("{url}/publication"), json!({}))
        .await;
    made.json()["id"].as_str().unwrap().to_owned()
}

/// The token in the page, as a browser would send it back.
async fn token(world: &World, id: &str) -> String {
    let page = world.stranger().get(&format!("/forms/{id}")).await;
    assert_eq!(page.status, StatusCode::OK);
    let from = page.text.find("name=\"token\" value=\"").unwrap() + 20;
    page.text[from..].split('"').next().unwrap().to_owned()
}

async fn contacts(alice: &Browser) -> Vec<Value> {
    let list = alice.get_json("/w/acme/contacts").await.json();
    list["items"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn a_visitor_becomes_a_contact() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let id = published(&alice).await;
    let token = token(&world, &id).await;
    let _later = clock::freeze(clock::now() + TimeDelta::seconds(9));
    let answers = [
        ("token", token.as_str()),
        ("f0", "Nguyễn"),
        ("f1", "Ann@Example.com"),
        ("f2", "yes"),
    ];
    let sent = world
        .stranger()
        .post(&format!("/forms/{id}"), &answers)
        .await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    let thanks = world.stranger().get(sent.header("location")).await;
    assert!(thanks.says("Thank you"), "{}", thanks.text);
    let all = contacts(&alice).await;
    assert_eq!(all[0]["email"], "ann@example.com");
    assert_eq!(all[0]["first_name"], "Nguyễn");
    assert_eq!(
        (&all[0]["consent_email"], &all[0]["tags"]),
        (&json!("given"), &json!(["web"]))
    );
    assert!(
        alice
            .get(&format!("/w/acme/forms/{id}"))
            .await
            .says("Nguyễn")
    );
}

#[actix_web::test]
async fn a_stranger_adds_to_a_contact_and_overwrites_nothing() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    alice
        .api(
            Method::POST,
            "/w/acme/contacts",
            json!({"first_name": "Ann", "email": "ann@example.com"}),
        )
        .await;
    let id = published(&alice).await;
    let token = token(&world, &id).await;
    let _later = clock::freeze(clock::now() + TimeDelta::seconds(9));
    let answers = [
        ("token", token.as_str()),
        ("f0", "Mallory"),
        ("f1", "ann@example.com"),
    ];
    world
        .stranger()
        .post(&format!("/forms/{id}"), &answers)
        .await;
    let all = contacts(&alice).await;
    assert_eq!((all.len(), &all[0]["first_name"]), (1, &json!("Ann")));
}

#[actix_web::test]
async fn what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let id = published(&alice).await;
    let token = token(&world, &id).await;
    let _later = clock::freeze(clock::now() + TimeDelta::seconds(9));
    let answers = [
        ("token", token.as_str()),
        ("f0", "李雷"),
        ("f1", "not an address"),
    ];
    let page = world
        .stranger()
        .post(&format!("/forms/{id}"), &answers)
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        page.says("Please enter an e-mail address")
            && page.says("李雷")
            && page.says("not an address")
    );
}

#[actix_web::test]
async fn programs_are_turned_away() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let id = published(&alice).await;
    let token = token(&world, &id).await;
    let url = format!("/forms/{id}");
    let answers = [("token", token.as_str()), ("f1", "a@example.com")];
    let quick = world.stranger().post(&url, &answers).await;
    assert_eq!(quick.status, StatusCode::UNPROCESSABLE_ENTITY);
    let _later = clock::freeze(clock::now() + TimeDelta::seconds(9));
    let trapped = [
        ("token", token.as_str()),
        ("f1", "a@example.com"),
        ("homepage", "http://spam.test"),
    ];
    let thanked = world.stranger().post(&url, &trapped).await;
    assert_eq!(thanked.header("location"), format!("{url}/thanks"));
    assert!(contacts(&alice).await.is_empty());
}

#[actix_web::test]
async fn an_unpublished_or_closed_form_takes_nothing() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let id = published(&alice).await;
    alice
        .api(
            Method::DELETE,
            &format!("/w/acme/forms/{id}/publication"),
            json!({}),
        )
        .await;
    assert!(
        world
            .stranger()
            .get(&format!("/forms/{id}"))
            .await
            .says("takes no more answers")
    );
    let nowhere = uuid::Uuid::now_v7();
    assert_eq!(
        world
            .stranger()
            .get(&format!("/forms/{nowhere}"))
            .await
            .status,
        StatusCode::NOT_FOUND
    );
}

#[actix_web::test]
async fn lists_and_searches() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    published(&alice).await;
    assert_eq!(
        alice.get_json("/w/acme/forms?search=ask").await.json()["total"]["count"],
        1
    );
    assert_eq!(
        alice
            .get_json("/w/acme/forms?search=nothing&sort=name")
            .await
            .json()["total"]["count"],
        0
    );
}

#[actix_web::test]
async fn an_invalid_form_comes_back_with_its_message() {
    let alice = world().browser("owner@acme.test").await;
    let page = alice
        .post(
            "/w/acme/forms",
            &[
                ("name", "x"),
                ("fields.0.label", "Name"),
                ("fields.0.kind", "text"),
            ],
        )
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.says("Please ask for an e-mail address or a phone number."));
}

#[actix_web::test]
async fn a_viewer_may_look_and_not_touch() {
    let carol = world().browser("viewer@acme.test").await;
    assert_eq!(carol.get("/w/acme/forms").await.status, StatusCode::OK);
    assert_eq!(
        carol.post("/w/acme/forms", &[("name", "x")]).await.status,
        StatusCode::FORBIDDEN
    );
}

#[actix_web::test]
async fn another_workspace_sees_nothing() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let id = published(&alice).await;
    let mallory = world.browser("owner@globex.test").await;
    assert_eq!(
        mallory.get(&format!("/w/globex/forms/{id}")).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        mallory.get(&format!("/w/acme/forms/{id}")).await.status,
        StatusCode::NOT_FOUND
    );
}
