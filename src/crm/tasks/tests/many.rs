//! Tasks done from their list: by the box in the row, and many at once.

use actix_web::http::{Method, StatusCode, header};
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use super::{LIST, act, add, contact, page, url};
use crate::testing::world;

#[actix_web::test]
async fn a_box_in_the_row_is_pressed_and_one_stays_where_one_was() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let task = add(&alice, json!({"name": "Call Ana"})).await;
    let list = "/w/acme/tasks?search=call";
    let shown = alice.get(list).await;
    let complete = format!("{}/complete", page(&task));
    for words in [
        &*complete,
        "Mark as done: Call Ana",
        "aria-pressed=\"false\"",
    ] {
        assert!(shown.says(words), "{words}: {}", shown.text);
    }
    let done = alice.post(&complete, &[("back", list)]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    assert_eq!(done.header("location"), list);
    let undo = done.undo();
    assert!(undo.contains("/reopen?back="), "{undo}");
    // The rows alone are fetched anew then, and bring the word about it along.
    let rows = TestRequest::get()
        .uri(list)
        .insert_header(("hx-request", "true"))
        .insert_header(("hx-target", "results"));
    let told = alice.told(&done).send(rows).await;
    assert!(
        !told.says("<main") && told.says("Call Ana is done"),
        "{}",
        told.text
    );
    assert!(told.header("set-cookie").starts_with("toast=;"));
    let shown = alice.get(list).await;
    assert!(shown.says("Open it again: Call Ana") && shown.says("aria-pressed=\"true\""));
    let back = alice.post(&undo, &[]).await;
    assert_eq!(back.header("location"), list);
    let task = alice.get_json(&url(&task)).await.json();
    assert_eq!(task["completed_at"], Value::Null);
    // Whoever may not change it sees no box.
    let carol = world.browser("viewer@acme.test").await;
    assert!(!carol.get(list).await.says("Mark as done"));
    let bob = world.browser("agent@acme.test").await;
    assert!(!bob.get(list).await.says("Mark as done: Call Ana"));
}

#[actix_web::test]
async fn done_beside_a_record_it_can_be_taken_back_there() {
    let alice = world().browser("owner@acme.test").await;
    let ann = contact(&alice, "Ann").await;
    let task = add(&alice, json!({"name": "Call Ana", "record_id": ann})).await;
    let record = format!("/w/acme/contacts/{ann}");
    let timeline = format!("/w/acme/records/contact/{ann}/timeline");
    let request = TestRequest::post()
        .uri(&format!("{}/complete", page(&task)))
        .insert_header(("hx-request", "true"))
        .insert_header(("hx-target", "activity"))
        .insert_header((header::CONTENT_TYPE, "application/x-www-form-urlencoded"))
        .set_payload(format!("back={record}&back={timeline}"));
    let done = alice.send(request).await;
    assert_eq!(done.header("location"), timeline);
    let undo = done.undo();
    assert!(undo.contains("/reopen"), "{undo}");
    let back = alice.post(&undo, &[]).await;
    assert_eq!(back.header("location"), record);
}

#[actix_web::test]
async fn many_are_done_at_once_and_opened_again() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let weekly = json!({"name": "Weekly", "due_on": "2026-11-20", "repeat": "FREQ=WEEKLY"});
    let (one, weekly) = (
        add(&alice, json!({"name": "One"})).await,
        add(&alice, weekly).await,
    );
    let ready = add(&alice, json!({"name": "Ready"})).await;
    act(&alice, &ready, "complete", json!({})).await;
    assert!(
        alice
            .get("/w/acme/tasks")
            .await
            .says("/tasks/bulk/complete")
    );
    let ids = json!([one["id"], weekly["id"], ready["id"]]);
    let bulk = format!("{LIST}/bulk/complete");
    let done = alice.api(Method::POST, &bulk, json!({"ids": ids})).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    let done = done.json();
    assert_eq!((&done["changed"], &done["already"]), (&json!(2), &json!(1)));
    let seen = alice.get_json(&url(&weekly)).await.json();
    let next = format!("{LIST}/{}", seen["next_id"].as_str().unwrap());
    assert_eq!(alice.get_json(&next).await.json()["due_on"], "2026-11-27");
    let undo = done["undo"].as_str().unwrap();
    let back = alice.api(Method::POST, undo, json!({})).await;
    assert_eq!(back.json(), json!({"undone": 2, "kept": 0}));
    for task in [&one, &weekly] {
        let task = alice.get_json(&url(task)).await.json();
        assert_eq!(task["completed_at"], Value::Null);
    }
    assert!(alice.get_json(&next).await.json()["archived_at"].is_string());
    let ready = alice.get_json(&url(&ready)).await.json();
    assert!(ready["completed_at"].is_string(), "it was done before");
    let carol = world.browser("viewer@acme.test").await;
    let refused = carol.api(Method::POST, &bulk, json!({"ids": ids})).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[actix_web::test]
async fn history_offers_to_undo_only_what_can_be() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let task = add(&alice, json!({"name": "One"})).await;
    act(&alice, &task, "complete", json!({})).await;
    act(&alice, &task, "reopen", json!({})).await;
    let shown = alice.get(&page(&task)).await;
    assert!(shown.says("opened this task again"));
    assert!(!shown.says("/tasks/undo/"), "{}", shown.text);
    let named = json!({"name": "Two"});
    alice.api(Method::PATCH, &url(&task), named).await;
    assert!(alice.get(&page(&task)).await.says("/tasks/undo/"));
    // An agent sees it, and may change only their own.
    let bob = world.browser("agent@acme.test").await;
    let shown = bob.get(&page(&task)).await;
    assert!(shown.says("changed Name") && !shown.says("/tasks/undo/"));
}
