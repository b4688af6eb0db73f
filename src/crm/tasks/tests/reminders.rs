//! Who is told what, and that they are told once.

use chrono::{DateTime, Utc};
use platform::clock;
use platform::testing::{Browser, World};
use serde_json::json;

use super::{act, add, url};
use crate::testing::world;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

async fn told(browser: &Browser) -> Vec<String> {
    let all = browser.get_json("/w/acme/notifications").await.json();
    let items = all["items"].as_array().unwrap().iter();
    items
        .filter(|item| item["kind"] != "task.created")
        .map(|item| {
            format!(
                "{} {}",
                item["kind"].as_str().unwrap(),
                item["title"].as_str().unwrap()
            )
        })
        .collect()
}

async fn remind(world: &World, at: DateTime<Utc>) -> String {
    let _time = clock::freeze(at);
    world.run_schedule("tasks.remind").await
}

async fn tell_late(world: &World, at: DateTime<Utc>) -> String {
    let _time = clock::freeze(at);
    world.run_schedule("tasks.tell_late").await
}

#[actix_web::test]
async fn an_assignee_is_reminded_once() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let bob = world.browser("agent@acme.test").await;
    let owner = world.person("agent@acme.test");
    let body =
        json!({"name": "Survey", "owner_id": owner, "due_on": "2026-12-01", "due_time": "10:00"});
    let task = add(&alice, body).await;
    assert_eq!(
        remind(&world, at("2026-12-01T08:59:59Z")).await,
        "0 reminded"
    );
    assert_eq!(
        remind(&world, at("2026-12-01T09:00:00Z")).await,
        "1 reminded"
    );
    assert_eq!(
        remind(&world, at("2026-12-01T09:01:00Z")).await,
        "0 reminded"
    );
    assert_eq!(told(&bob).await, ["task.reminded Survey"]);
    assert_eq!(told(&alice).await, [] as [&str; 0], "it is Bob's affair");
    let page = bob.get("/w/acme/notifications").await;
    assert!(page.says("Is due"), "{}", page.text);
    let shown = alice.get_json(&url(&task)).await.json();
    assert_eq!(shown["version"], 1, "to be told of is no change");
    // Put off, it is a new day; done, it is none.
    {
        let _time = clock::freeze(at("2026-12-01T10:00:00Z"));
        act(&bob, &task, "snooze", json!({"until": "tomorrow"})).await;
    }
    assert_eq!(
        remind(&world, at("2026-12-02T09:00:00Z")).await,
        "1 reminded"
    );
    let early =
        json!({"name": "Early", "due_on": "2026-12-24", "remind_at": "2026-12-20T08:00:00Z"});
    let early = add(&alice, early).await;
    act(&alice, &early, "complete", json!({})).await;
    assert_eq!(
        remind(&world, at("2026-12-21T08:00:00Z")).await,
        "0 reminded"
    );
}

#[actix_web::test]
async fn what_is_overdue_is_told_once_when_the_day_is_over_there() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    add(&alice, json!({"name": "A day", "due_on": "2026-12-01"})).await;
    add(
        &alice,
        json!({"name": "A moment", "due_on": "2026-12-01", "due_time": "10:00"}),
    )
    .await;
    assert_eq!(
        tell_late(&world, at("2026-12-01T09:30:00Z")).await,
        "0 told"
    );
    assert_eq!(
        tell_late(&world, at("2026-12-01T10:30:00Z")).await,
        "1 told"
    );
    // Midnight in Berlin is eleven in the evening.
    assert_eq!(
        tell_late(&world, at("2026-12-01T22:59:00Z")).await,
        "0 told"
    );
    assert_eq!(
        tell_late(&world, at("2026-12-01T23:01:00Z")).await,
        "1 told"
    );
    assert_eq!(
        tell_late(&world, at("2026-12-05T08:00:00Z")).await,
        "0 told"
    );
    let mut told = told(&alice).await;
    told.sort();
    assert_eq!(told, ["task.late A day", "task.late A moment"]);
}
