//! Playbooks: kept, gone through, and what becomes of the answers.

mod keeping;
mod running;

use actix_web::http::{Method, StatusCode};
use platform::testing::Browser;
use serde_json::{Value, json};

pub const URL: &str = "/w/acme/settings/playbooks";

/// One about contacts: a free question that must be answered, two fields, and something to read.
pub fn call() -> Value {
    json!({"name": "First call", "record_kind": "contact", "steps": [
        {"text": "Say **who you are**."},
        {"question": "What do they want?", "required": true},
        {"field": "city", "question": "Where are they?"},
        {"field": "birthday", "required": true},
    ]})
}

pub async fn made(browser: &Browser, form: Value) -> Value {
    let made = browser.api(Method::POST, URL, form).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.json()
}

/// A contact's page.
pub async fn contact(browser: &Browser, form: Value) -> String {
    let made = browser.api(Method::POST, "/w/acme/contacts", form).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.header("location").replace("/api/v1", "")
}

/// A run of that playbook about the contact of that page.
pub async fn begun(browser: &Browser, contact: &str, playbook: &Value) -> String {
    let url = format!("{contact}/playbooks/{}", playbook["id"].as_str().unwrap());
    let begun = browser.api(Method::POST, &url, json!({})).await;
    assert_eq!(begun.status, StatusCode::CREATED, "{}", begun.text);
    format!("{contact}/runs/{}", begun.json()["id"].as_str().unwrap())
}
