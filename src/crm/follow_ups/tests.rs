//! Rules of silence: what they make, and what they leave alone.

use actix_web::http::{Method, StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use platform::clock;
use platform::testing::Browser;
use serde_json::{Value, json};

use crate::testing::world;

const RULES: &str = "/api/v1/w/acme/settings/follow-ups";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

async fn contact(browser: &Browser, name: &str, city: &str) -> String {
    let body = json!({"first_name": name, "city": city});
    let made = browser
        .api(Method::POST, "/api/v1/w/acme/contacts", body)
        .await;
    made.json()["id"].as_str().unwrap().to_owned()
}

async fn rule(browser: &Browser, body: Value) -> Value {
    let made = browser.api(Method::POST, RULES, body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.json()
}

async fn tasks(browser: &Browser) -> Value {
    let list = browser
        .get_json("/api/v1/w/acme/tasks?sort=name&limit=50")
        .await;
    list.json()["items"].clone()
}

#[actix_web::test]
async fn silence_becomes_a_task_once() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let began = clock::now();
    let ann = contact(&alice, "Ann", "Split").await;
    contact(&alice, "Ben", "Rijeka").await;
    let filter = json!({"and": [{"field": "city", "op": "is", "value": "Split"}]});
    let body = json!({"name": "Nobody is forgotten", "days": 30, "filter": filter, "task_name": "Ask {name}", "due_days": 2, "priority": "high"});
    let made = rule(&alice, body).await;
    assert_eq!(world.run_schedule("follow_ups.run").await, "0 tasks made");
    let later = began + TimeDelta::days(31);
    {
        let _day = clock::freeze(later);
        assert_eq!(world.run_schedule("follow_ups.run").await, "1 task made");
        assert_eq!(
            world.run_schedule("follow_ups.run").await,
            "0 tasks made",
            "one that is open is enough"
        );
    }
    let all = tasks(&alice).await;
    assert_eq!(all.as_array().unwrap().len(), 1, "{all}");
    let task = &all[0];
    assert_eq!(task["name"], "Ask Ann");
    assert_eq!(
        (&task["record_id"], &task["priority"]),
        (&json!(ann), &json!("high"))
    );
    assert_eq!(task["owner_id"], json!(world.person("owner@acme.test")));
    let told = alice.get("/w/acme/notifications").await;
    assert!(told.says("Ask Ann"), "{}", told.text);
    let page = alice.get(&format!("/w/acme/contacts/{ann}")).await;
    assert!(page.says("added the task “Ask Ann”"), "{}", page.text);
    // Done is done for as long as the rule waits, and no longer.
    let complete = format!(
        "/api/v1/w/acme/tasks/{}/complete",
        task["id"].as_str().unwrap()
    );
    {
        let _day = clock::freeze(later + TimeDelta::days(1));
        alice.api(Method::POST, &complete, json!({})).await;
        assert_eq!(world.run_schedule("follow_ups.run").await, "0 tasks made");
    }
    {
        let _day = clock::freeze(later + TimeDelta::days(40));
        assert_eq!(world.run_schedule("follow_ups.run").await, "1 task made");
    }
    let url = format!("{RULES}/{}", made["id"].as_str().unwrap());
    let paused = alice
        .api(Method::PATCH, &url, json!({"paused": true}))
        .await;
    assert!(paused.json()["paused_at"].is_string(), "{}", paused.text);
    let page = alice.get("/w/acme/settings/follow-ups").await;
    for words in ["Nobody is forgotten", "Paused", "Split"] {
        assert!(page.says(words), "{words}: {}", page.text);
    }
}

#[actix_web::test]
async fn whoever_was_spoken_with_is_not_silent() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ann = contact(&alice, "Ann", "").await;
    rule(&alice, json!({"name": "All", "days": 10})).await;
    let day = at("2027-06-01T10:00:00Z");
    {
        let _day = clock::freeze(day);
        let log = format!("/api/v1/w/acme/records/contact/{ann}/activities");
        let logged = alice.api(Method::POST, &log, json!({"kind": "call"})).await;
        assert_eq!(logged.status, StatusCode::CREATED, "{}", logged.text);
    }
    let _day = clock::freeze(day + TimeDelta::days(9));
    assert_eq!(world.run_schedule("follow_ups.run").await, "0 tasks made");
    let _day = clock::freeze(day + TimeDelta::days(11));
    assert_eq!(world.run_schedule("follow_ups.run").await, "1 task made");
    let all = tasks(&alice).await;
    assert_eq!(all[0]["name"], "Follow up with Ann");
}

#[actix_web::test]
async fn a_bad_rule_comes_back_and_only_those_who_may_keep_them() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let form = [("name", ""), ("days", "0"), ("task_name", "Kept as typed")];
    let page = alice.post("/w/acme/settings/follow-ups", &form).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in [
        "Please fill this in",
        "From 1 to 3,650 days",
        "Kept as typed",
    ] {
        assert!(page.says(words), "{words}: {}", page.text);
    }
    let braces = [
        ("name", "x"),
        ("days", "9"),
        ("task_name", "Call {{ name }}"),
    ];
    let page = alice.post("/w/acme/settings/follow-ups", &braces).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.says("other braces stand for nothing"), "{}", page.text);
    let bad = json!({"name": "x", "filter": {"and": [{"field": "shoe_size", "op": "is", "value": "43"}]}});
    let refused = alice.api(Method::POST, RULES, bad).await;
    assert_eq!(
        refused.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        refused.text
    );
    let ours = rule(&alice, json!({"name": "Ours"})).await;
    let url = format!("{RULES}/{}", ours["id"].as_str().unwrap());
    let bob = world.browser("agent@acme.test").await;
    assert_eq!(
        bob.get("/w/acme/settings/follow-ups").await.status,
        StatusCode::OK
    );
    let refused = bob.api(Method::POST, RULES, json!({"name": "No"})).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let mallory = world.browser("owner@globex.test").await;
    let theirs = url.replace("/acme/", "/globex/");
    let refused = mallory.api(Method::DELETE, &theirs, json!({})).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    let gone = alice.api(Method::DELETE, &url, json!({})).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
}
