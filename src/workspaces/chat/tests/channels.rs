//! Channels: open to all, or known to nobody else.

use actix_web::http::{Method, StatusCode};
use serde_json::json;

use super::{CHANNELS, channel, say, total, unread};
use crate::testing::world;

#[actix_web::test]
async fn every_workspace_has_a_place_where_all_meet() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let carol = world.browser("viewer@acme.test").await;
    let list = alice.get_json(CHANNELS).await.json();
    assert_eq!(list["items"][0]["name"], "General");
    let id = list["items"][0]["id"].as_str().unwrap();
    say(&carol, id, "Good morning, **all**").await;
    let page = alice.get(&format!("/w/acme/chat/{id}")).await;
    assert!(page.says("<strong>all</strong>") && page.says("Carol Nguyễn"));
    let away = alice
        .api(Method::DELETE, &format!("{CHANNELS}/{id}"), json!({}))
        .await;
    assert_eq!(away.status, StatusCode::CONFLICT);
    let mallory = world.browser("owner@globex.test").await;
    let theirs = mallory.get(&format!("/w/globex/chat/{id}")).await;
    assert_eq!(theirs.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn a_channel_is_made_changed_put_away_and_brought_back() {
    let world = world();
    let bob = world.browser("agent@acme.test").await;
    let alice = world.browser("owner@acme.test").await;
    let carol = world.browser("viewer@acme.test").await;
    let id = channel(&bob, "#Refits", None).await;
    let url = format!("{CHANNELS}/{id}");
    let saved = bob
        .api(Method::PATCH, &url, json!({"purpose": "Boats in the hall"}))
        .await;
    assert_eq!(saved.json()["name"], "Refits", "{}", saved.text);
    assert_eq!(saved.json()["purpose"], "Boats in the hall");
    // Neither its maker nor a manager.
    let refused = carol
        .api(Method::PATCH, &url, json!({"name": "Mine"}))
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let away = alice.api(Method::DELETE, &url, json!({})).await;
    assert_eq!(away.status, StatusCode::NO_CONTENT);
    let late = bob
        .api(
            Method::POST,
            &format!("/w/acme/chat/{id}/messages"),
            json!({"body": "Late"}),
        )
        .await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert_eq!(unread(&bob, &id).await, None);
    // Its name is free meanwhile, and then it can't come back under it.
    let other = channel(&bob, "refits", None).await;
    let back = alice
        .api(Method::POST, &format!("{url}/restoration"), json!({}))
        .await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
    bob.api(
        Method::PATCH,
        &format!("{CHANNELS}/{other}"),
        json!({"name": "Others"}),
    )
    .await;
    let back = alice
        .api(Method::POST, &format!("{url}/restoration"), json!({}))
        .await;
    assert_eq!(back.status, StatusCode::OK, "{}", back.text);
    say(&bob, &id, "Again").await;
}

#[actix_web::test]
async fn what_cannot_be_is_refused_beside_its_field() {
    let world = world();
    let bob = world.browser("agent@acme.test").await;
    let mallory = world.person("owner@globex.test");
    for (form, field) in [
        (json!({"name": " # "}), "name"),
        (json!({"name": "GENERAL"}), "name"),
        (json!({"name": "x".repeat(81)}), "name"),
        (json!({"name": "A", "purpose": "x".repeat(251)}), "purpose"),
        (
            json!({"name": "A", "private": true, "people": [mallory]}),
            "people",
        ),
    ] {
        let refused = bob.api(Method::POST, CHANNELS, form.clone()).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert_eq!(refused.json()["errors"][0]["field"], field, "{form}");
    }
    let again = bob
        .post(CHANNELS, &[("name", "general"), ("purpose", "Chatter")])
        .await;
    assert!(again.says("There is a channel of this name already.") && again.says("Chatter"));
}

#[actix_web::test]
async fn a_private_channel_is_not_there_for_anybody_else() {
    let world = world();
    let [alice, bob, mona] = [
        world.browser("owner@acme.test").await,
        world.browser("agent@acme.test").await,
        world.browser("manager@acme.test").await,
    ];
    let id = channel(&bob, "Quokka", Some(&[world.person("manager@acme.test")])).await;
    let message = say(&bob, &id, "The wombat price is 12").await;
    let message = message["id"].as_str().unwrap();
    assert_eq!(unread(&mona, &id).await, Some(1));
    // An owner holds every right, and still it is not there.
    for path in [
        format!("/chat/{id}"),
        format!("/chat/{id}/messages"),
        format!("/chat/{id}/messages/{message}"),
        format!("/chat/{id}/messages/{message}/edit"),
        format!("/channels/{id}"),
        format!("/channels/{id}/edit"),
    ] {
        for url in [format!("/w/acme{path}"), format!("/api/v1/w/acme{path}")] {
            assert_eq!(alice.get(&url).await.status, StatusCode::NOT_FOUND, "{url}");
        }
    }
    for (method, path) in [
        (Method::POST, format!("/chat/{id}/messages")),
        (Method::PATCH, format!("/chat/{id}/messages/{message}")),
        (Method::DELETE, format!("/chat/{id}/messages/{message}")),
        (Method::PATCH, format!("/channels/{id}")),
        (Method::DELETE, format!("/channels/{id}")),
        (Method::POST, format!("/channels/{id}/restoration")),
        (Method::DELETE, format!("/channels/{id}/membership")),
    ] {
        let url = format!("/w/acme{path}");
        let refused = alice
            .api(method.clone(), &url, json!({"body": "x", "name": "y"}))
            .await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND, "{method} {url}");
    }
    for path in [
        "/chat",
        "/channels",
        "/channels?archived=1",
        "/chat/search?q=wombat",
        "/settings/audit",
        "/search?q=quokka",
        "/notifications",
    ] {
        let page = alice.get(&format!("/w/acme{path}")).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        for word in ["Quokka", "is 12"] {
            assert!(!page.text.contains(word), "{path} tells of {word}");
        }
    }
    assert!(mona.get("/w/acme/chat/search?q=wombat").await.says("is 12"));
    assert_eq!(total(&alice).await, 0);
    // Another may have its name, and learns nothing by that.
    channel(&alice, "Quokka", None).await;
}

#[actix_web::test]
async fn who_leaves_or_is_taken_out_reads_no_more() {
    let world = world();
    let bob = world.browser("agent@acme.test").await;
    let [mona, adam] = [
        world.browser("manager@acme.test").await,
        world.browser("advisor@acme.test").await,
    ];
    let people = ["manager@acme.test", "advisor@acme.test"].map(|email| world.person(email));
    let id = channel(&bob, "Plans", Some(&people)).await;
    say(&adam, &id, "I was here").await;
    let url = format!("{CHANNELS}/{id}");
    let room = format!("/w/acme/chat/{id}");
    let out = bob
        .api(Method::PATCH, &url, json!({"people": [people[0]]}))
        .await;
    assert_eq!(out.status, StatusCode::OK, "{}", out.text);
    assert_eq!(adam.get(&room).await.status, StatusCode::NOT_FOUND);
    // What he said stays, with his name.
    assert!(mona.get(&room).await.says("Adam Okoye"));
    let left = mona
        .api(Method::DELETE, &format!("{url}/membership"), json!({}))
        .await;
    assert_eq!(left.status, StatusCode::NO_CONTENT);
    assert_eq!(mona.get(&room).await.status, StatusCode::NOT_FOUND);
    // And what a member who was deactivated said.
    let alice = world.browser("owner@acme.test").await;
    let member = format!("/w/acme/settings/members/{}", people[1]);
    let gone = alice.api(Method::DELETE, &member, json!({})).await;
    assert!(gone.status.is_success(), "{}", gone.text);
    assert!(bob.get(&room).await.says("Adam Okoye"));
    let general = alice.get_json(CHANNELS).await.json()["items"][0]["id"].clone();
    let url = format!("/w/acme/chat/{}", general.as_str().unwrap());
    assert_eq!(adam.get(&url).await.status, StatusCode::NOT_FOUND);
}
