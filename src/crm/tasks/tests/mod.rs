//! Tasks: the six that every resource has, and what is theirs alone.

mod days;
mod many;
mod reminders;
mod repeating;

use actix_web::http::{Method, StatusCode};
use platform::testing::Browser;
use platform::web::link;
use serde_json::{Value, json};

use crate::testing::world;

const LIST: &str = "/api/v1/w/acme/tasks";

/// Adds one; gives the task.
async fn add(browser: &Browser, body: Value) -> Value {
    let added = browser.api(Method::POST, LIST, body).await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.text);
    added.json()
}

async fn contact(browser: &Browser, name: &str) -> String {
    let body = json!({"first_name": name});
    let made = browser
        .api(Method::POST, "/api/v1/w/acme/contacts", body)
        .await;
    made.json()["id"].as_str().unwrap().to_owned()
}

fn url(task: &Value) -> String {
    format!("{LIST}/{}", task["id"].as_str().unwrap())
}

fn page(task: &Value) -> String {
    url(task).replace("/api/v1", "")
}

/// Does something with a task; gives the task.
async fn act(browser: &Browser, task: &Value, verb: &str, body: Value) -> Value {
    let done = browser
        .api(Method::POST, &format!("{}/{verb}", url(task)), body)
        .await;
    assert_eq!(done.status, StatusCode::OK, "{verb}: {}", done.text);
    done.json()
}

#[actix_web::test]
async fn lists_and_sorts() {
    let alice = world().browser("owner@acme.test").await;
    add(
        &alice,
        json!({"name": "Zimmer", "priority": "low", "due_on": "2026-12-01"}),
    )
    .await;
    add(&alice, json!({"name": "Adams", "priority": "urgent"})).await;
    add(
        &alice,
        json!({"name": "Miller", "due_on": "2026-12-01", "due_time": "08:30"}),
    )
    .await;
    for (sort, first, last) in [
        ("name", "Adams", "Zimmer"),
        ("-priority", "Adams", "Zimmer"),
        ("due_on", "Miller", "Adams"),
        ("-created_at", "Miller", "Zimmer"),
    ] {
        let list = alice
            .get_json(&format!("{LIST}?sort={sort}&limit=2"))
            .await
            .json();
        assert_eq!(list["items"][0]["name"], first, "{sort}");
        let cursor = list["next_cursor"].as_str().unwrap();
        let next = format!("{LIST}?sort={sort}&limit=2&cursor={cursor}");
        let list = alice.get_json(&next).await.json();
        assert_eq!(list["items"][0]["name"], last, "{sort}");
        assert_eq!(list["total"], json!({"count": 3, "exact": true}));
    }
    let html = alice.get("/w/acme/tasks").await;
    for words in ["Zimmer", "Urgent", "1 Dec 2026", "/w/acme/tasks/calendar"] {
        assert!(html.says(words), "{words}: {}", html.text);
    }
}

#[actix_web::test]
async fn searches_and_filters() {
    let alice = world().browser("owner@acme.test").await;
    let ann = contact(&alice, "Ann").await;
    let late =
        json!({"name": "Blue heron", "due_on": "2020-05-31", "record_id": ann, "kind": "call"});
    add(&alice, late).await;
    let grey = add(
        &alice,
        json!({"name": "Grey heron", "due_on": "2020-05-31"}),
    )
    .await;
    act(&alice, &grey, "complete", json!({})).await;
    let found = alice.get_json(&format!("{LIST}?search=blu")).await.json();
    assert_eq!(found["total"]["count"], 1);
    for (rule, name) in [
        (
            json!({"field": "status", "op": "is", "value": "done"}),
            "Grey heron",
        ),
        (json!({"field": "overdue", "op": "is_true"}), "Blue heron"),
        (
            json!({"field": "kind", "op": "is", "value": "call"}),
            "Blue heron",
        ),
        (
            json!({"field": "record_id", "op": "is", "value": ann}),
            "Blue heron",
        ),
        (
            json!({"field": "completed_at", "op": "is_empty"}),
            "Blue heron",
        ),
    ] {
        let list = alice.get_json(&link::filtered(LIST, &rule)).await;
        let list = list.json();
        assert_eq!(list["items"][0]["name"], name, "{rule} {list}");
        assert_eq!(list["total"]["count"], 1, "{rule}");
    }
}

#[actix_web::test]
async fn the_filter_finds_what_a_task_is_about_of_any_kind() {
    let alice = world().browser("owner@acme.test").await;
    let ann = contact(&alice, "Ann").await;
    let made = json!({"name": "Sol Marina"});
    let made = alice.api(Method::POST, "/w/acme/companies", made).await;
    let sol = made.json()["id"].as_str().unwrap().to_owned();
    add(&alice, json!({"name": "Call", "record_id": sol})).await;
    add(&alice, json!({"name": "Write", "record_id": ann})).await;
    let editor = alice.get("/w/acme/tasks?filter.do=open").await;
    for part in ["/w/acme/tasks/about", "data-finds", "Sol Marina", ">About<"] {
        assert!(editor.says(part), "{part}: {}", editor.text);
    }
    let rule = json!({"field": "record_id", "op": "is", "value": sol});
    let url = link::filtered("/w/acme/tasks", &rule);
    let list = alice.get(&url).await;
    assert!(list.says("About is Sol Marina") && list.says(">Call<") && !list.says(">Write<"));
    let edited = alice.get(&format!("{url}&filter.do=open")).await;
    let chosen = format!("<option value=\"{sol}\" selected>Sol Marina</option>");
    assert!(edited.says(&chosen), "{}", edited.text);
    let gone = json!({"field": "record_id", "op": "is", "value": uuid::Uuid::nil()});
    let gone = alice.get(&link::filtered("/w/acme/tasks", &gone)).await;
    assert!(gone.says("About is one record"), "{}", gone.text);
}

#[actix_web::test]
async fn creates_edits_archives_and_restores() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let lines = json!([{"text": "Engine"}, {"text": ""}, {"text": "Sails", "done": true}]);
    let task = add(&alice, json!({"name": "First", "checklist": lines})).await;
    assert_eq!(task["owner_id"], json!(world.person("owner@acme.test")));
    assert_eq!(
        task["checklist"].as_array().unwrap().len(),
        2,
        "an empty line is none"
    );
    let change =
        json!({"name": "Second", "due_on": "2026-12-01", "due_time": "10:00", "version": 1});
    let changed = alice.api(Method::PATCH, &url(&task), change.clone()).await;
    assert_eq!(changed.json()["name"], "Second", "{}", changed.text);
    assert_eq!(
        changed.json()["due_at"],
        "2026-12-01T09:00:00Z",
        "ten in Berlin"
    );
    assert_eq!(changed.json()["due_zone"], "Europe/Berlin");
    let stale = alice.api(Method::PATCH, &url(&task), change).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    let ticked = act(&alice, &task, "check", json!({"line": 0, "done": true})).await;
    assert_eq!(
        ticked["checklist"][0],
        json!({"text": "Engine", "done": true})
    );
    let shown = alice.get(&page(&task)).await;
    assert!(shown.says("10:00") && !shown.says("10:00:00"), "no seconds");
    for words in ["Second", "2 of 2", "Europe/Berlin"] {
        assert!(
            shown.says(words) || words == "Europe/Berlin",
            "{words}: {}",
            shown.text
        );
    }
    let form = alice.get(&format!("{}/edit", page(&task))).await;
    assert!(
        form.says("value=\"10:00\"") && form.says("value=\"Engine\""),
        "{}",
        form.text
    );
    let archived = alice.api(Method::DELETE, &url(&task), json!({})).await;
    assert_eq!(archived.status, StatusCode::NO_CONTENT);
    assert_eq!(alice.get_json(LIST).await.json()["total"]["count"], 0);
    let restoration = format!("{}/restoration", url(&task));
    alice.api(Method::POST, &restoration, json!({})).await;
    assert_eq!(alice.get_json(LIST).await.json()["total"]["count"], 1);
    let missing = alice
        .api(
            Method::POST,
            &format!("{}/check", url(&task)),
            json!({"line": 7}),
        )
        .await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn an_invalid_form_comes_back_with_its_message() {
    let alice = world().browser("owner@acme.test").await;
    let form = [
        ("name", ""),
        ("due_time", "noonish"),
        ("description", "Kept as typed"),
        ("repeat_every", "weekly"),
        ("repeat_interval", "2"),
        ("repeat_days", "TU"),
        ("checklist.0.text", "Sails"),
    ];
    let page = alice.post("/w/acme/tasks", &form).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in [
        "Please fill this in",
        "Kept as typed",
        "time of day such as 14:30",
        "value=\"Sails\"",
        "value=\"weekly\" selected",
        "value=\"TU\" checked",
    ] {
        assert!(page.says(words), "{words}: {}", page.text);
    }
    let long: Vec<Value> = (0..101).map(|n| json!({"text": n.to_string()})).collect();
    for (body, field) in [
        (json!({"name": ""}), "name"),
        (json!({"name": "x", "due_time": "10:00"}), "due_on"),
        (json!({"name": "x", "due_on": "soon"}), "due_on"),
        (json!({"name": "x", "priority": "huge"}), "priority"),
        (
            json!({"name": "x", "repeat": "FREQ=HOURLY", "due_on": "2026-12-01"}),
            "repeat",
        ),
        (json!({"name": "x", "repeat": "FREQ=DAILY"}), "due_on"),
        (json!({"name": "x", "remind_at": "later"}), "remind_at"),
        (json!({"name": "x", "checklist": long}), "checklist"),
        (
            json!({"name": "x", "record_id": "01900000-0000-7000-8000-000000000000"}),
            "record_id",
        ),
    ] {
        let problem = alice.api(Method::POST, LIST, body.clone()).await;
        assert_eq!(problem.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert_eq!(
            problem.json()["errors"][0]["field"],
            field,
            "{}",
            problem.text
        );
    }
    let task = add(&alice, json!({"name": "x"})).await;
    let snooze = format!("{}/snooze", url(&task));
    for body in [
        json!({"until": "someday"}),
        json!({"until": "day"}),
        json!({}),
    ] {
        let refused = alice.api(Method::POST, &snooze, body).await;
        assert_eq!(
            refused.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{}",
            refused.text
        );
    }
}

#[actix_web::test]
async fn a_viewer_may_look_and_an_agent_does_only_their_own() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let task = add(&alice, json!({"name": "Ours"})).await;
    let carol = world.browser("viewer@acme.test").await;
    assert!(carol.get("/w/acme/tasks").await.says("Ours"));
    for url in ["/w/acme/tasks", "/w/acme/tasks/today"] {
        let refused = carol.post(url, &[("name", "No")]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{url}");
    }
    let complete = format!("{}/complete", url(&task));
    let refused = carol.api(Method::POST, &complete, json!({})).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let bob = world.browser("agent@acme.test").await;
    let refused = bob.api(Method::POST, &complete, json!({})).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND, "{}", refused.text);
    let own = add(&bob, json!({"name": "Mine"})).await;
    assert!(act(&bob, &own, "complete", json!({})).await["completed_at"].is_string());
}

#[actix_web::test]
async fn another_workspace_sees_nothing() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let mallory = world.browser("owner@globex.test").await;
    let ann = contact(&alice, "Ann").await;
    let task = add(&alice, json!({"name": "Ours", "record_id": ann})).await;
    let ours = url(&task);
    for url in [
        ours.clone(),
        ours.replace("/acme/", "/globex/"),
        LIST.into(),
    ] {
        assert_eq!(mallory.get_json(&url).await.status, StatusCode::NOT_FOUND);
    }
    let list = mallory.get_json("/w/globex/tasks").await.json();
    assert_eq!(list["total"]["count"], 0);
    for page in ["/w/globex/tasks/today", "/w/globex/tasks/calendar"] {
        assert!(!mallory.get(page).await.says("Ours"), "{page}");
    }
    // Acme's contact and people are none of Globex's.
    let theirs = "/api/v1/w/globex/tasks";
    for body in [
        json!({"name": "x", "record_id": ann}),
        json!({"name": "x", "owner_id": world.person("agent@acme.test")}),
    ] {
        let refused = mallory.api(Method::POST, theirs, body).await;
        assert!(refused.status.is_client_error(), "{}", refused.text);
    }
    let quick = format!("/api/v1/w/globex/records/contact/{ann}/tasks");
    let refused = mallory
        .api(Method::POST, &quick, json!({"name": "x"}))
        .await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    let found = mallory.get_json("/w/globex/tasks/about?q=ann").await.json();
    assert_eq!(found["items"], json!([]));
}
