//! Chat: who sees what, who hears of what, and what is counted.

mod channels;
mod direct;
mod live;
mod messages;
mod records;

use actix_web::http::{Method, StatusCode};
use platform::testing::Browser;
use serde_json::{Value, json};
use uuid::Uuid;

pub const CHANNELS: &str = "/w/acme/channels";

pub async fn channel(browser: &Browser, name: &str, people: Option<&[Uuid]>) -> String {
    let form = match people {
        None => json!({"name": name}),
        Some(people) => json!({"name": name, "private": true, "people": people}),
    };
    let made = browser.api(Method::POST, CHANNELS, form).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.json()["id"].as_str().unwrap().to_owned()
}

/// The conversation with these people.
pub async fn with(browser: &Browser, people: &[Uuid]) -> String {
    let form = json!({"people": people});
    let found = browser.api(Method::POST, "/w/acme/chat/direct", form).await;
    assert_eq!(found.status, StatusCode::CREATED, "{}", found.text);
    found.json()["id"].as_str().unwrap().to_owned()
}

pub async fn say(browser: &Browser, conversation: &str, words: &str) -> Value {
    let url = format!("/w/acme/chat/{conversation}/messages");
    let said = browser
        .api(Method::POST, &url, json!({"body": words}))
        .await;
    assert_eq!(said.status, StatusCode::CREATED, "{}", said.text);
    said.json()
}

/// The unread messages of a conversation, as its line in the list counts them; `None` where there is no such line.
pub async fn unread(browser: &Browser, conversation: &str) -> Option<i64> {
    let lines = browser.get_json("/w/acme/chat").await.json();
    let lines = lines["items"].as_array().unwrap().clone();
    let line = lines.iter().find(|line| line["id"] == conversation)?;
    line["unread"].as_i64()
}

pub async fn total(browser: &Browser) -> i64 {
    let unread = browser.get_json("/w/acme/chat/unread").await.json();
    unread["unread"].as_i64().unwrap()
}

/// What the bell tells somebody of chat: the kinds.
pub async fn told(browser: &Browser) -> Vec<String> {
    let told = browser.get_json("/w/acme/notifications").await.json();
    let items = told["items"].as_array().unwrap().iter();
    let kinds = items.map(|item| item["kind"].as_str().unwrap().to_owned());
    kinds.filter(|kind| kind.starts_with("chat.")).collect()
}
