//! Conversations between a few.

use actix_web::http::{Method, StatusCode};
use serde_json::json;

use super::{say, told, total, unread, with};
use crate::testing::world;

#[actix_web::test]
async fn two_people_have_one_conversation_and_it_is_theirs() {
    let world = world();
    let [alice, bob, mona] = [
        world.browser("owner@acme.test").await,
        world.browser("agent@acme.test").await,
        world.browser("manager@acme.test").await,
    ];
    let [a, b] = ["owner@acme.test", "agent@acme.test"].map(|email| world.person(email));
    let id = with(&alice, &[b]).await;
    assert_eq!(with(&bob, &[a, b]).await, id, "the same from either side");
    say(&alice, &id, "Do you have the keys?").await;
    assert_eq!(told(&bob).await, ["chat.wrote"]);
    assert_eq!(told(&alice).await, [""; 0]);
    let page = bob.get(&format!("/w/acme/chat/{id}")).await;
    assert!(page.says("Alice Archer") && page.says("Do you have the keys?"));
    // Whoever manages everything else has no part in it.
    assert_eq!(
        mona.get(&format!("/w/acme/chat/{id}")).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(unread(&mona, &id).await, None);
    let open = bob.get_json("/w/acme/notifications").await.json();
    let note = open["items"][0]["id"].as_str().unwrap();
    let open = bob.get(&format!("/w/acme/notifications/{note}")).await;
    assert_eq!(open.header("location"), format!("/w/acme/chat/{id}"));
}

#[actix_web::test]
async fn unread_is_counted_until_it_is_read_and_never_ones_own() {
    let world = world();
    let [alice, bob] = [
        world.browser("owner@acme.test").await,
        world.browser("agent@acme.test").await,
    ];
    let id = with(&alice, &[world.person("agent@acme.test")]).await;
    for words in ["One", "Two", "Three"] {
        say(&alice, &id, words).await;
    }
    assert_eq!(unread(&bob, &id).await, Some(3));
    assert_eq!(
        (unread(&alice, &id).await, total(&alice).await),
        (Some(0), 0)
    );
    assert_eq!(total(&bob).await, 3);
    bob.get(&format!("/w/acme/chat/{id}")).await;
    assert_eq!((unread(&bob, &id).await, total(&bob).await), (Some(0), 0));
    let last = say(&alice, &id, "Four").await;
    assert_eq!(unread(&bob, &id).await, Some(1));
    let url = format!(
        "/w/acme/chat/{id}/messages/{}",
        last["id"].as_str().unwrap()
    );
    alice.api(Method::DELETE, &url, json!({})).await;
    assert_eq!(unread(&bob, &id).await, Some(0), "it is taken back");
    for n in 0..101 {
        say(&alice, &id, &n.to_string()).await;
    }
    assert_eq!(unread(&bob, &id).await, Some(100), "and no further");
    let list = bob.get("/w/acme/chat").await;
    assert!(list.says("99+"), "{}", list.text);
}

#[actix_web::test]
async fn it_is_with_people_who_work_here_and_with_few() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let mallory = world.person("owner@globex.test");
    let me = world.person("owner@acme.test");
    for people in [json!([]), json!([mallory]), json!([me])] {
        let form = json!({"people": people});
        let refused = alice.api(Method::POST, "/w/acme/chat/direct", form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused.json()["errors"][0]["field"], "people");
    }
    let again = alice.post("/w/acme/chat/direct", &[("people", "")]).await;
    assert!(again.says("Please choose one to seven people."));
}
