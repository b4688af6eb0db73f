//! The discussion of a record: for whoever may see it, and for nobody else.

use actix_web::http::{Method, StatusCode};
use serde_json::json;

use super::{say, told, unread};
use crate::testing::world;

#[actix_web::test]
async fn whoever_sees_the_record_takes_part_and_its_timeline_tells_of_it_once() {
    let world = world();
    let [alice, bob] = [
        world.browser("owner@acme.test").await,
        world.browser("agent@acme.test").await,
    ];
    let made = alice
        .api(
            Method::POST,
            "/w/acme/contacts",
            json!({"first_name": "Ann"}),
        )
        .await;
    let contact = made.json()["id"].as_str().unwrap().to_owned();
    let url = format!("/w/acme/records/contact/{contact}/discussion");
    let empty = bob.get(&url).await;
    assert_eq!(empty.status, StatusCode::OK);
    for words in ["Who knows her? @Bob Brandt?", "Anybody?"] {
        let said = alice.api(Method::POST, &url, json!({"body": words})).await;
        assert_eq!(said.status, StatusCode::CREATED, "{}", said.text);
    }
    let id = bob.get_json(&url).await.json()["conversation"].clone();
    let id = id.as_str().unwrap();
    assert_eq!(told(&bob).await, ["chat.mentioned"]);
    assert_eq!(unread(&bob, id).await, Some(2), "he was named");
    let page = bob.get(&format!("/w/acme/contacts/{contact}")).await;
    assert!(page.says("Anybody?") && page.says("2</span><span class=\"visually-hidden\"> unread"));
    assert_eq!(page.text.matches("began a discussion").count(), 1);
    say(&bob, id, "I do").await;
    assert!(
        alice
            .get(&format!("/w/acme/contacts/{contact}"))
            .await
            .says("I do")
    );
    // Whoever has not been in it has it in no list, and can still read it.
    let carol = world.browser("viewer@acme.test").await;
    assert_eq!(unread(&carol, id).await, None);
    assert_eq!(
        carol.get(&format!("/w/acme/chat/{id}")).await.status,
        StatusCode::OK
    );
    let long = bob.post(&url, &[("body", &"x".repeat(4001))]).await;
    assert_eq!(long.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(long.says("in at most 4,000 characters."));
}

#[actix_web::test]
async fn who_may_not_see_the_record_does_not_see_what_is_said_about_it() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let role = json!({"name": "Own only", "rank": 1, "rights":
        {"contacts": {"view": "own"}, "chat": {"view": "all", "create": "all"}}});
    let role = alice
        .api(Method::POST, "/w/acme/settings/roles", role)
        .await
        .json();
    let bob = world.person("agent@acme.test");
    let member = format!("/w/acme/settings/members/{bob}");
    alice
        .api(Method::PATCH, &member, json!({"role_id": role["id"]}))
        .await;
    let browser = world.browser("agent@acme.test").await;
    let made = alice
        .api(
            Method::POST,
            "/w/acme/contacts",
            json!({"first_name": "Ann", "owner_id": bob}),
        )
        .await;
    let contact = made.json()["id"].as_str().unwrap().to_owned();
    let url = format!("/w/acme/records/contact/{contact}/discussion");
    let said = browser
        .api(Method::POST, &url, json!({"body": "Mine: zebra"}))
        .await;
    let id = said.json()["conversation_id"].as_str().unwrap().to_owned();
    assert_eq!(unread(&browser, &id).await, Some(0));
    // She goes to somebody else.
    let given = json!({"owner_id": world.person("owner@acme.test")});
    alice
        .api(Method::PATCH, &format!("/w/acme/contacts/{contact}"), given)
        .await;
    say(&alice, &id, "Now mine: gnu").await;
    assert_eq!(browser.get(&url).await.status, StatusCode::NOT_FOUND);
    let room = browser.get(&format!("/w/acme/chat/{id}")).await;
    assert_eq!(room.status, StatusCode::NOT_FOUND);
    let post = format!("/w/acme/chat/{id}/messages");
    let posted = browser.api(Method::POST, &post, json!({"body": "?"})).await;
    assert_eq!(posted.status, StatusCode::NOT_FOUND);
    assert_eq!(unread(&browser, &id).await, None);
    let found = browser.get("/w/acme/chat/search?q=gnu").await;
    assert!(!found.says("Now mine"));
}
