//! What is said: shown, changed, taken back, answered, found.

use actix_web::http::{Method, StatusCode};
use actix_web::test::TestRequest;
use platform::testing::Browser;
use serde_json::json;

use super::{CHANNELS, say, told, with};
use crate::testing::world;

async fn general(browser: &Browser) -> String {
    let list = browser.get_json(CHANNELS).await.json();
    list["items"][0]["id"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn only_its_author_changes_a_message_or_takes_it_back() {
    let world = world();
    let [alice, bob] = [
        world.browser("owner@acme.test").await,
        world.browser("agent@acme.test").await,
    ];
    let id = general(&bob).await;
    let said = say(&bob, &id, "Tuesday at nine").await;
    let url = format!(
        "/w/acme/chat/{id}/messages/{}",
        said["id"].as_str().unwrap()
    );
    for method in [Method::PATCH, Method::DELETE] {
        let refused = alice.api(method, &url, json!({"body": "Never"})).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND);
    }
    let saved = bob
        .api(Method::PATCH, &url, json!({"body": "Tuesday at ten"}))
        .await;
    assert_eq!(saved.json()["body"], "Tuesday at ten", "{}", saved.text);
    let page = alice.get(&format!("/w/acme/chat/{id}")).await;
    assert!(page.says("Tuesday at ten") && page.says("edited") && !page.says("at nine"));
    let gone = bob.api(Method::DELETE, &url, json!({})).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    let page = alice.get(&format!("/w/acme/chat/{id}")).await;
    assert!(page.says("This message was taken back.") && !page.says("at ten"));
    let late = bob.api(Method::PATCH, &url, json!({"body": "Back"})).await;
    assert_eq!(late.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn what_is_too_long_or_empty_comes_back_with_a_word() {
    let world = world();
    let bob = world.browser("agent@acme.test").await;
    let id = general(&bob).await;
    let url = format!("/w/acme/chat/{id}/messages");
    for body in ["", " \n ", &"ä".repeat(4001)] {
        let refused = bob.api(Method::POST, &url, json!({"body": body})).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused.json()["errors"][0]["field"], "body");
    }
    let long = format!("Kept {}", "x".repeat(4000));
    let page = bob.post(&url, &[("body", &long)]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.says("in at most 4,000 characters.") && page.text.contains(&long));
    // Within the page, only the composer comes again.
    let request = TestRequest::post()
        .uri(&url)
        .insert_header(("hx-request", "true"))
        .insert_header(("hx-target", "messages"))
        .set_form([("body", &long)]);
    let part = bob.send(request).await;
    assert_eq!(part.header("hx-retarget"), "#composer");
    assert!(part.text.contains(&long) && !part.text.contains("<main"));
    assert_eq!(
        say(&bob, &id, &"ä".repeat(4000)).await["version"],
        json!(null)
    );
}

#[actix_web::test]
async fn who_is_named_hears_of_it_unless_they_could_not_read_it() {
    let world = world();
    let [alice, bob, carol] = [
        world.browser("owner@acme.test").await,
        world.browser("agent@acme.test").await,
        world.browser("viewer@acme.test").await,
    ];
    let id = general(&alice).await;
    let said = say(&alice, &id, "@Bob Brandt, please").await;
    assert_eq!(told(&bob).await, ["chat.mentioned"]);
    assert!(said["html"].as_str().unwrap().contains("class=\"mention\""));
    let url = format!(
        "/w/acme/chat/{id}/messages/{}",
        said["id"].as_str().unwrap()
    );
    let form = json!({"body": "@Bob Brandt and @Carol Nguyễn, please"});
    alice.api(Method::PATCH, &url, form).await;
    assert_eq!(told(&bob).await.len(), 1, "he has heard of it");
    assert_eq!(told(&carol).await, ["chat.mentioned"]);
    let few = with(&alice, &[world.person("agent@acme.test")]).await;
    say(&alice, &few, "Not for @Carol Nguyễn").await;
    assert_eq!(told(&carol).await.len(), 1);
    assert_eq!(told(&bob).await.len(), 2);
}

#[actix_web::test]
async fn whoever_looks_at_it_is_not_told_as_well() {
    let world = world();
    let [alice, bob] = [
        world.browser("owner@acme.test").await,
        world.browser("agent@acme.test").await,
    ];
    let b = world.person("agent@acme.test");
    let id = with(&alice, &[b]).await;
    let workspace = world.within("acme", |tx| Ok(tx.workspace));
    let here = platform::live::Here::new(b, "Bob Brandt", None);
    let (room, page) = (format!("chat:{id}"), uuid::Uuid::now_v7());
    let all = &world.app.live.whereabouts;
    all.enter(workspace, &room, page, here);
    say(&alice, &id, "You see this").await;
    assert_eq!(told(&bob).await, [""; 0]);
    all.leave(workspace, &room, page);
    say(&alice, &id, "And this later").await;
    assert_eq!(told(&bob).await, ["chat.wrote"]);
}

#[actix_web::test]
async fn an_answer_repeats_what_it_answers() {
    let world = world();
    let [alice, bob] = [
        world.browser("owner@acme.test").await,
        world.browser("agent@acme.test").await,
    ];
    let id = general(&alice).await;
    let asked = say(&alice, &id, "Which crane?").await["id"].clone();
    let url = format!("/w/acme/chat/{id}");
    let page = bob
        .get(&format!("{url}?reply={}", asked.as_str().unwrap()))
        .await;
    assert!(
        page.text
            .contains(&format!("name=\"reply_to\" value={asked}"))
    );
    let form = json!({"body": "The big one", "reply_to": asked});
    let said = bob
        .api(Method::POST, &format!("{url}/messages"), form)
        .await;
    assert_eq!(said.status, StatusCode::CREATED, "{}", said.text);
    let list = alice.get_json(&format!("{url}/messages")).await.json();
    let last = list["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["reply"]["text"], "Which crane?");
    // Of another conversation nothing can be quoted.
    let few = with(&alice, &[world.person("agent@acme.test")]).await;
    let form = json!({"body": "Look", "reply_to": asked});
    let refused = alice
        .api(Method::POST, &format!("/w/acme/chat/{few}/messages"), form)
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[actix_web::test]
async fn the_older_ones_come_page_by_page_and_the_new_ones_since() {
    let world = world();
    let bob = world.browser("agent@acme.test").await;
    let id = general(&bob).await;
    let mut ids = Vec::new();
    for n in 0..60 {
        ids.push(say(&bob, &id, &format!("Number {n:02}")).await["id"].clone());
    }
    let url = format!("/w/acme/chat/{id}");
    let page = bob.get(&url).await;
    assert!(page.says("Number 59") && page.says("Number 10") && !page.says("Number 09"));
    assert!(page.says("Show older"));
    let first = bob.get_json(&format!("{url}/messages")).await.json();
    let cursor = first["next_cursor"].as_str().unwrap();
    assert_eq!(json!(cursor), ids[10]);
    let older = bob.get(&format!("{url}?cursor={cursor}")).await;
    assert!(older.says("Number 09") && older.says("Number 00") && !older.says("Number 10"));
    let since = format!("{url}/messages?after={}", ids[57].as_str().unwrap());
    let since = bob.get_json(&since).await.json();
    assert_eq!(since["items"].as_array().unwrap().len(), 2);
    let found = bob.get("/w/acme/chat/search?q=number+31").await;
    assert!(found.says("Number 31") && !found.says("Number 30"));
}
