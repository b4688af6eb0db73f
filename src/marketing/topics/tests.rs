//! Topics are kept by people here and chosen by readers outside.

use actix_web::http::{Method, StatusCode};
use serde_json::json;

use crate::marketing::campaigns::tests::{contact, draft, id_of, send};
use crate::marketing::tracking::tests::token;
use crate::testing::world;

const URL: &str = "/w/acme/topics";

#[actix_web::test]
async fn a_topic_is_made_renamed_and_put_away() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let form = [("name", "Newsletter"), ("description", "Once a month")];
    assert_eq!(alice.post(URL, &form).await.status, StatusCode::SEE_OTHER);
    let again = alice
        .post(URL, &[("name", "newsletter"), ("description", "Mine")])
        .await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.says("There is a topic of this name already.") && again.says("Mine"));
    let list = alice.get_json(URL).await.json();
    let url = format!("{URL}/{}", list["items"][0]["id"].as_str().unwrap());
    let renamed = alice
        .api(Method::PATCH, &url, json!({"name": "News"}))
        .await;
    assert_eq!(
        renamed.json()["description"],
        "Once a month",
        "{}",
        renamed.text
    );
    alice.api(Method::DELETE, &url, json!({})).await;
    assert!(alice.get(URL).await.says("No topics yet"));
    assert!(
        alice
            .get(&format!("{URL}?archived=true"))
            .await
            .says("News")
    );
    alice
        .api(Method::POST, &format!("{url}/restoration"), json!({}))
        .await;
    assert!(alice.get(URL).await.says("News"));
}

#[actix_web::test]
async fn a_reader_refuses_one_topic_and_keeps_the_other() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let news = id_of(
        &alice,
        URL,
        json!({"name": "News", "description": "Once a month"}),
    )
    .await;
    let events = id_of(&alice, URL, json!({"name": "Events"})).await;
    contact(&alice, "a@mail.example").await;
    let campaign = draft(&alice, "S").await;
    alice
        .api(Method::PATCH, &campaign, json!({"topic_id": news}))
        .await;
    send(&world, &alice, &campaign).await;
    let token = token(&world, "a@mail.example");
    let stranger = world.stranger();
    let page = stranger.get(&format!("/preferences/{token}")).await;
    assert!(page.says("Once a month") && page.says("Unsubscribe from News alone"));
    let refused = stranger
        .post(&format!("/unsubscribe/{token}/topic"), &[])
        .await;
    assert!(refused.says("Your choice is kept.") && !refused.says("News alone"));
    // At once, for what is sent next; what is about something else still comes.
    for (topic, left_out) in [(&news, 1), (&events, 0)] {
        let next = draft(&alice, "T").await;
        alice
            .api(Method::PATCH, &next, json!({"topic_id": topic}))
            .await;
        let review = alice.get_json(&next).await.json()["review"].clone();
        assert_eq!(review["reach"]["suppressed"], left_out);
    }
    let all = [("topics", news.as_str()), ("topics", events.as_str())];
    stranger.post(&format!("/preferences/{token}"), &all).await;
    let page = stranger.get(&format!("/preferences/{token}")).await;
    assert!(page.says("Unsubscribe from News alone"));
    // Neither asked for nor chosen: the topic is put away, and who refused it is remembered.
    stranger.post(&format!("/preferences/{token}"), &[]).await;
    alice
        .api(Method::DELETE, &format!("{URL}/{news}"), json!({}))
        .await;
    let page = stranger
        .post(&format!("/preferences/{token}"), &all[1..])
        .await;
    assert!(!page.says("Once a month") && page.says("Events"));
    alice
        .api(
            Method::POST,
            &format!("{URL}/{news}/restoration"),
            json!({}),
        )
        .await;
    let page = stranger.get(&format!("/preferences/{token}")).await;
    assert!(page.says("Once a month") && !page.says("News alone"));
}

#[actix_web::test]
async fn refuses_without_the_permission() {
    let bob = world().browser("agent@acme.test").await;
    assert_eq!(bob.get(URL).await.status, StatusCode::OK);
    let made = bob.api(Method::POST, URL, json!({"name": "X"})).await;
    assert_eq!(made.status, StatusCode::FORBIDDEN);
}

#[actix_web::test]
async fn another_workspace_sees_nothing() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let id = id_of(&alice, URL, json!({"name": "News"})).await;
    let mallory = world.browser("owner@globex.test").await;
    let theirs = mallory.get_json(&format!("/w/globex/topics/{id}")).await;
    assert_eq!(theirs.status, StatusCode::NOT_FOUND);
    let list = mallory.get_json("/w/globex/topics").await.json();
    assert_eq!(list["items"], json!([]));
}
