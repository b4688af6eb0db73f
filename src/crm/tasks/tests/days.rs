//! My day, the calendar, and tasks beside a record.

use actix_web::http::{Method, StatusCode, header};
use actix_web::test::TestRequest;
use platform::clock;
use serde_json::{Value, json};

use super::{act, add, contact};
use crate::testing::world;

fn names(group: &Value) -> Vec<&str> {
    let lines = group.as_array().unwrap().iter();
    lines.map(|line| line["name"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn my_day_has_what_is_mine_in_its_place() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    // In Berlin it is Wednesday, a quarter to one in the morning.
    let _day = clock::freeze("2026-11-17T23:45:00Z".parse().unwrap());
    for (name, due) in [
        ("Late", "2026-11-17"),
        ("Now", "2026-11-18"),
        ("Soon", "2026-11-25"),
        ("Far", "2026-11-26"),
    ] {
        add(&alice, json!({"name": name, "due_on": due})).await;
    }
    add(
        &alice,
        json!({"name": "At eight", "due_on": "2026-11-18", "due_time": "08:00"}),
    )
    .await;
    add(&alice, json!({"name": "Some day"})).await;
    let bob = world.person("agent@acme.test");
    add(
        &alice,
        json!({"name": "Bob's", "due_on": "2026-11-18", "owner_id": bob}),
    )
    .await;
    let done = add(&alice, json!({"name": "Ready", "due_on": "2026-11-18"})).await;
    act(&alice, &done, "complete", json!({})).await;
    let day = alice.get_json("/w/acme/tasks/today").await.json();
    assert_eq!(names(&day["overdue"]), ["Late"]);
    assert_eq!(names(&day["today"]), ["At eight", "Now"]);
    assert_eq!(names(&day["next"]), ["Soon"]);
    assert_eq!(names(&day["undated"]), ["Some day"]);
    assert_eq!(names(&day["done"]), ["Ready"]);
    let page = alice.get("/w/acme/tasks/today").await;
    for words in [
        "Wednesday, 18 November",
        "Overdue",
        "Today, 08:00",
        "Mark Late as done",
        "Next Monday",
    ] {
        assert!(page.says(words), "{words}: {}", page.text);
    }
    assert!(!page.says("Bob's"));
    let home = alice.get("/w/acme/contacts").await;
    assert!(home.says("My day"), "it is in the sidebar");
}

#[actix_web::test]
async fn a_line_is_enough_for_a_task() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let _day = clock::freeze("2026-11-18T08:00:00Z".parse().unwrap());
    let form = [("name", "Call Ana"), ("due", "tomorrow")];
    let added = alice.post("/w/acme/tasks/today", &form).await;
    assert_eq!(added.header("location"), "/w/acme/tasks/today");
    let day = alice.get_json("/w/acme/tasks/today").await.json();
    assert_eq!(day["next"][0]["due_on"], "2026-11-19", "{day}");
    let wrong = [("name", "Kept"), ("due", "whenever")];
    let refused = alice.post("/w/acme/tasks/today", &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.says("Kept") && refused.says("Please choose a day"),
        "{}",
        refused.text
    );
}

#[actix_web::test]
async fn the_calendar_is_a_table_of_days() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let _day = clock::freeze("2026-11-18T08:00:00Z".parse().unwrap());
    for n in 0..6 {
        add(
            &alice,
            json!({"name": format!("Task {n}"), "due_on": "2026-11-20"}),
        )
        .await;
    }
    // Late in the evening in New York is the next day in Berlin.
    let night = json!({"name": "Night", "due_on": "2026-11-10", "due_time": "23:30"});
    add(&alice, night).await;
    let page = alice.get("/w/acme/tasks/calendar").await;
    for words in [
        "November 2026",
        "Friday, 20 November, 6 tasks",
        "2 more",
        "23:30",
    ] {
        assert!(page.says(words), "{words}: {}", page.text);
    }
    let shown = alice
        .get_json("/w/acme/tasks/calendar?month=2026-11&search=night")
        .await
        .json();
    let weeks = shown["weeks"].as_array().unwrap();
    assert!(weeks.iter().all(|week| week.as_array().unwrap().len() == 7));
    let count: u64 = weeks
        .iter()
        .flat_map(|week| week.as_array().unwrap())
        .map(|cell| cell["count"].as_u64().unwrap())
        .sum();
    assert_eq!(count, 1, "it is narrowed as the list is");
    for month in ["2026-13", "x", "0000-01"] {
        let page = alice
            .get(&format!("/w/acme/tasks/calendar?month={month}"))
            .await;
        assert!(page.says("November 2026"), "{month}");
    }
}

#[actix_web::test]
async fn tasks_stand_beside_what_they_are_about() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let _day = clock::freeze("2026-11-18T08:00:00Z".parse().unwrap());
    let ann = contact(&alice, "Ann").await;
    let page = format!("/w/acme/contacts/{ann}");
    let quick = format!("/w/acme/records/contact/{ann}/tasks");
    let form = [
        ("name", "Ask for the papers"),
        ("due", "today"),
        ("kind", "email"),
    ];
    let added = alice.post(&quick, &form).await;
    assert_eq!(added.header("location"), page, "{}", added.text);
    let shown = alice.get(&page).await;
    for words in [
        "Open tasks",
        "Ask for the papers",
        "Mark Ask for the papers as done",
        &quick,
    ] {
        assert!(shown.says(words), "{words}: {}", shown.text);
    }
    let tasks = alice.get_json("/w/acme/tasks").await.json();
    assert_eq!(tasks["items"][0]["record_id"], json!(ann));
    // htmx gets what stands beside the record, and nothing else.
    let timeline = format!("/w/acme/records/contact/{ann}/timeline");
    let complete = format!(
        "/w/acme/tasks/{}/complete",
        tasks["items"][0]["id"].as_str().unwrap()
    );
    let request = TestRequest::post()
        .uri(&complete)
        .insert_header(("hx-request", "true"))
        .insert_header(("hx-target", "activity"))
        .insert_header((header::CONTENT_TYPE, "application/x-www-form-urlencoded"))
        .set_payload(format!("back={page}&back={timeline}"));
    let done = alice.send(request).await;
    assert_eq!(done.header("location"), timeline, "{}", done.text);
    let shown = alice.get(&page).await;
    assert!(
        !shown.says("Open tasks") && shown.says("completed the task"),
        "{}",
        shown.text
    );
    let empty = alice.post(&quick, &[("name", "")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    // A viewer sees what there is, and no line for one more.
    add(&alice, json!({"name": "Another", "record_id": ann})).await;
    let carol = world.browser("viewer@acme.test").await;
    let shown = carol.get(&page).await;
    assert!(
        shown.says("Another") && !shown.says(&quick),
        "{}",
        shown.text
    );
    let body = json!({"name": "By a program", "due": "2026-12-01"});
    let api = alice
        .api(Method::POST, &format!("/api/v1{quick}"), body)
        .await;
    assert_eq!(api.json()["due_on"], "2026-12-01", "{}", api.text);
}
