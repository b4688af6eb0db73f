//! Completing and opening again, and what repeats.

use actix_web::http::Method;
use platform::clock;
use serde_json::json;

use super::{act, add, contact, page, url};
use crate::testing::world;

#[actix_web::test]
async fn a_task_is_completed_and_opened_again() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ann = contact(&alice, "Ann").await;
    let task = add(&alice, json!({"name": "Send the offer", "record_id": ann})).await;
    let done = act(&alice, &task, "complete", json!({})).await;
    assert_eq!(done["completed_by"], json!(world.person("owner@acme.test")));
    let again = act(&alice, &task, "complete", json!({})).await;
    assert_eq!(again["version"], done["version"], "once is enough");
    let about = alice.get(&format!("/w/acme/contacts/{ann}")).await;
    for words in [
        "added the task “Send the offer”",
        "completed the task “Send the offer”",
    ] {
        assert!(about.says(words), "{words}: {}", about.text);
    }
    let form = [("back", "/w/acme/tasks/today")];
    let open = alice.post(&format!("{}/reopen", page(&task)), &form).await;
    assert_eq!(open.header("location"), "/w/acme/tasks/today");
    let shown = alice.get_json(&url(&task)).await.json();
    assert!(shown["completed_at"].is_null(), "{shown}");
    let out = alice
        .post(
            &format!("{}/complete", page(&task)),
            &[("back", "//evil.example")],
        )
        .await;
    assert_eq!(
        out.header("location"),
        page(&task),
        "nobody is led out of the house"
    );
}

#[actix_web::test]
async fn one_that_repeats_is_followed_by_the_next() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let _day = clock::freeze("2026-03-23T08:00:00Z".parse().unwrap());
    let ann = contact(&alice, "Ann").await;
    let body = json!({"name": "Weekly call", "kind": "call", "due_on": "2026-03-23", "due_time": "09:00", "record_id": ann,
        "remind_at": "2026-03-23T07:45:00Z", "repeat": "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3",
        "checklist": [{"text": "Agenda", "done": true}]});
    let task = add(&alice, body).await;
    assert_eq!(task["repeat"], "FREQ=WEEKLY;BYDAY=MO;COUNT=3");
    let shown = alice.get(&page(&task)).await;
    assert!(
        shown.says("Every week on Monday, 3 times"),
        "{}",
        shown.text
    );
    let done = act(&alice, &task, "complete", json!({})).await;
    act(&alice, &task, "complete", json!({})).await;
    let next = done["next_id"].as_str().unwrap();
    let next = alice
        .get_json(&format!("/api/v1/w/acme/tasks/{next}"))
        .await
        .json();
    // The clocks are put on in between: nine stays nine, and the reminder its quarter of an hour before.
    assert_eq!(next["due_on"], "2026-03-30");
    assert_eq!(next["due_at"], "2026-03-30T07:00:00Z");
    assert_eq!(next["remind_at"], "2026-03-30T06:45:00Z");
    assert_eq!(next["repeat"], "FREQ=WEEKLY;BYDAY=MO;COUNT=2");
    assert_eq!(next["checklist"][0]["done"], false);
    assert_eq!(next["record_id"], json!(ann));
    let list = alice.get_json("/api/v1/w/acme/tasks").await.json();
    assert_eq!(list["total"]["count"], 2, "the next is made once");
    // Undone, the next goes with it.
    act(&alice, &task, "reopen", json!({})).await;
    let list = alice.get_json("/api/v1/w/acme/tasks").await.json();
    assert_eq!(list["total"]["count"], 1);
    let mut last = act(&alice, &task, "complete", json!({})).await;
    for _ in 0..2 {
        let next = last["next_id"].as_str().unwrap().to_owned();
        last = act(&alice, &json!({"id": next}), "complete", json!({})).await;
    }
    assert!(last["next_id"].is_null(), "three times are over: {last}");
}

#[actix_web::test]
async fn people_choose_what_repeats() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let form = [
        ("name", "Back up"),
        ("due_on", "2026-12-01"),
        ("repeat", ""),
        ("repeat_every", "weekly"),
        ("repeat_interval", "2"),
        ("repeat_days", "TU"),
        ("repeat_days", "FR"),
        ("repeat_until", "2027-01-31"),
    ];
    let made = alice.post("/w/acme/tasks", &form).await;
    let place = made.header("location").to_owned();
    let task = alice.get_json(&place).await.json();
    assert_eq!(
        task["repeat"], "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,FR;UNTIL=20270131",
        "{}",
        made.text
    );
    let shown = alice.get(&format!("{place}/edit")).await;
    for words in [
        "value=\"weekly\" selected",
        "value=\"FR\" checked",
        "value=\"2027-01-31\"",
    ] {
        assert!(shown.says(words), "{words}: {}", shown.text);
    }
    let never = [("repeat", "FREQ=DAILY"), ("repeat_every", "none")];
    alice.post(&format!("{place}?_method=PATCH"), &never).await;
    assert_eq!(alice.get_json(&place).await.json()["repeat"], "");
    // What people can't choose stays as a program wrote it.
    let odd = json!({"repeat": "FREQ=MONTHLY;BYMONTHDAY=-1"});
    alice.api(Method::PATCH, &place, odd).await;
    let kept = [
        ("name", "Back up all"),
        ("repeat", "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ("repeat_every", "custom"),
    ];
    alice.post(&format!("{place}?_method=PATCH"), &kept).await;
    assert_eq!(
        alice.get_json(&place).await.json()["repeat"],
        "FREQ=MONTHLY;BYMONTHDAY=-1"
    );
}

#[actix_web::test]
async fn a_task_is_put_off() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let _day = clock::freeze("2026-11-18T08:10:00Z".parse().unwrap());
    let body = json!({"name": "Call", "due_on": "2026-11-18", "due_time": "10:00", "remind_at": "2026-11-18T08:45:00Z"});
    let task = add(&alice, body).await;
    let off = act(&alice, &task, "snooze", json!({"until": "tomorrow"})).await;
    assert_eq!(off["due_at"], "2026-11-19T09:00:00Z");
    assert_eq!(
        off["remind_at"], "2026-11-19T08:45:00Z",
        "the reminder keeps its distance"
    );
    let off = act(&alice, &task, "snooze", json!({"until": "later"})).await;
    assert_eq!(
        off["due_at"], "2026-11-18T11:00:00Z",
        "three hours on, at the quarter before"
    );
    let off = act(&alice, &task, "snooze", json!({"until": "next_week"})).await;
    assert_eq!(off["due_on"], "2026-11-23");
    let form = [
        ("until", "day"),
        ("day", "2026-12-24"),
        ("back", "/w/acme/tasks/today"),
    ];
    let off = alice.post(&format!("{}/snooze", page(&task)), &form).await;
    assert_eq!(off.header("location"), "/w/acme/tasks/today");
    let undo = off.undo();
    assert_eq!(
        alice.get_json(&url(&task)).await.json()["due_on"],
        "2026-12-24"
    );
    let undone = alice.post(&undo, &[]).await;
    assert_eq!(
        undone.header("location"),
        "/w/acme/tasks/today",
        "{}",
        undone.text
    );
    assert_eq!(
        alice.get_json(&url(&task)).await.json()["due_on"],
        "2026-11-23"
    );
}
