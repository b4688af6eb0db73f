//! Files of companies, deals and tasks, through the whole import.

mod companies;
mod deals;
mod pages;
mod repeated;
mod resuming;
mod rights;
mod round_trip;
mod rules;
mod tasks;
mod undo;

use actix_web::http::{Method, StatusCode};
use platform::testing::{Browser, World};
use serde_json::{Value, json};

use super::{id, import_of, number};

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("tests/fixtures/records/{name}")).expect("a fixture")
}

/// Imports a file of such records; what came of it.
async fn bring(world: &World, alice: &Browser, list: &str, name: &str) -> Value {
    import_of(list, world, alice, name, &fixture(name), &[]).await
}

/// The same of a few lines.
async fn lines(
    world: &World,
    alice: &Browser,
    list: &str,
    csv: &str,
    fields: &[(&str, &str)],
) -> Value {
    import_of(list, world, alice, "lines.csv", csv.as_bytes(), fields).await
}

/// How many were created, updated, skipped and refused.
fn counts(done: &Value) -> [i64; 4] {
    assert_eq!(done["state"], "done", "{done}");
    ["created", "updated", "skipped", "refused"].map(|field| number(done, field))
}

async fn all(alice: &Browser, list: &str) -> Vec<Value> {
    let url = format!("/api/v1/w/acme/{list}?sort=name&limit=200");
    let list = alice.get_json(&url).await.json();
    list["items"].as_array().cloned().unwrap_or_default()
}

/// The one of that name.
async fn named(alice: &Browser, list: &str, name: &str) -> Value {
    let all = all(alice, list).await;
    let found = all.iter().find(|item| item["name"] == name);
    found
        .unwrap_or_else(|| panic!("no {name} in {all:?}"))
        .clone()
}

async fn contact(alice: &Browser, body: Value) -> Value {
    let made = alice
        .api(Method::POST, "/api/v1/w/acme/contacts", body)
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.json()
}

/// Row, column and reason of each problem.
async fn problems(alice: &Browser, list: &str, done: &Value) -> Vec<(i64, String, String)> {
    let url = format!("/api/v1/w/acme/{list}/imports/{}/problems", id(done));
    let told = alice.get_json(&url).await.json();
    let text =
        |problem: &Value, field: &str| problem[field].as_str().unwrap_or_default().to_owned();
    let all = told["items"].as_array().cloned().unwrap_or_default();
    all.iter()
        .map(|p| (number(p, "row"), text(p, "column"), text(p, "reason")))
        .collect()
}

async fn undo(world: &World, alice: &Browser, list: &str, done: &Value) -> Value {
    let url = format!("/api/v1/w/acme/{list}/imports/{}", id(done));
    let asked = alice
        .api(Method::POST, &format!("{url}/undo"), json!({}))
        .await;
    assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.text);
    world.run_jobs().await;
    let undone = alice.get_json(&url).await.json();
    assert_eq!(undone["state"], "undone", "{undone}");
    undone
}
