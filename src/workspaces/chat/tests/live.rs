//! What pages hear: those that may read it, and nothing of what is said.

use diesel::prelude::*;
use platform::events::Event;
use platform::live::Fragment;
use platform::schema::events;
use platform::testing::World;
use serde_json::json;

use super::super::telling::live;
use super::{channel, say, with};
use crate::testing::world;

/// The fragments of what happened last, where somebody listens in all these rooms.
fn heard(world: &World, rooms: &[String]) -> Vec<Fragment> {
    let (workspace, event) = world.within("acme", |tx| {
        let newest = events::table
            .filter(events::kind.like("message.%"))
            .order(events::seq.desc());
        let event: Event = newest.select(Event::as_select()).first(&mut **tx)?;
        Ok((tx.workspace, event))
    });
    let _ears: Vec<_> = rooms
        .iter()
        .map(|room| world.app.live.join(workspace, room))
        .collect();
    let mut fragments = live(&world.app, workspace, &event).unwrap();
    fragments.sort_by(|a, b| a.room.cmp(&b.room));
    fragments
}

fn rooms(fragments: &[Fragment]) -> Vec<&str> {
    fragments.iter().map(|f| f.room.as_str()).collect()
}

#[actix_web::test]
async fn news_of_a_private_conversation_reach_only_who_is_in_it() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let [a, b, c] = ["owner@acme.test", "agent@acme.test", "viewer@acme.test"]
        .map(|email| format!("me:{}", world.person(email)));
    let all = [a.clone(), b.clone(), c, "chat".to_owned()];
    let few = with(&alice, &[world.person("agent@acme.test")]).await;
    say(&alice, &few, "Secretly").await;
    let fragments = heard(&world, &all);
    let mut two = [a.as_str(), b.as_str()];
    two.sort_unstable();
    assert_eq!(rooms(&fragments), two);
    assert!(fragments[0].html.contains(&format!("data-news=\"{few}\"")));
    assert!(!fragments[0].html.contains("Secretly"));
    let hidden = channel(&alice, "Hidden", Some(&[])).await;
    say(&alice, &hidden, "Alone").await;
    assert_eq!(rooms(&heard(&world, &all)), [a.as_str()]);
    let open = channel(&alice, "Open", None).await;
    say(&alice, &open, "To all").await;
    assert_eq!(rooms(&heard(&world, &all)), ["chat"]);
}

#[actix_web::test]
async fn news_about_a_record_reach_its_page() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let made = alice
        .api(
            actix_web::http::Method::POST,
            "/w/acme/contacts",
            json!({"first_name": "Ann"}),
        )
        .await;
    let room = format!("contact:{}", made.json()["id"].as_str().unwrap());
    let url = format!("/w/acme/records/contact/{}/discussion", &room[8..]);
    alice
        .api(actix_web::http::Method::POST, &url, json!({"body": "Hm"}))
        .await;
    let fragments = heard(&world, &[room.clone(), "chat".to_owned()]);
    assert_eq!(rooms(&fragments), [room.as_str()]);
    assert!(
        fragments[0]
            .html
            .contains(&format!("data-about=\"{room}\""))
    );
}
