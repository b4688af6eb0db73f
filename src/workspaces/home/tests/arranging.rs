//! The dashboard is arranged by each person for themselves.

use actix_web::http::{Method, StatusCode};
use platform::testing::Browser;
use serde_json::{Value, json};

use crate::testing::world;

const CARDS: &str = "/api/v1/w/acme/dashboard/cards";

async fn keys(browser: &Browser) -> Vec<String> {
    let home = browser.get_json("/w/acme").await.json();
    let cards = home["cards"].as_array().unwrap().iter();
    cards
        .map(|card| card["key"].as_str().unwrap().to_owned())
        .collect()
}

async fn change(browser: &Browser, card: &str, body: Value) -> StatusCode {
    let url = format!("{CARDS}/{card}");
    browser.api(Method::PATCH, &url, body).await.status
}

#[actix_web::test]
async fn cards_are_moved_widened_taken_off_and_added() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let usual = keys(&alice).await;
    assert_eq!(usual[..2], ["revenue", "deals"]);
    assert_eq!(
        change(&alice, "deals", json!({"by": -1})).await,
        StatusCode::OK
    );
    assert_eq!(
        change(&alice, "deals", json!({"by": -1})).await,
        StatusCode::OK,
        "it stays first"
    );
    assert_eq!(
        change(&alice, "deals", json!({"whole": true})).await,
        StatusCode::OK
    );
    let gone = alice
        .api(Method::DELETE, &format!("{CARDS}/revenue"), json!({}))
        .await;
    assert_eq!(gone.status, StatusCode::OK);
    assert_eq!(keys(&alice).await[..2], ["deals", "contacts"]);
    let page = alice.get("/w/acme").await;
    assert!(
        page.text
            .contains("dashboard__card--whole\" id=\"card-deals\"")
    );
    let added = alice
        .api(Method::POST, CARDS, json!({"card": "revenue"}))
        .await;
    assert_eq!(added.status, StatusCode::OK);
    assert_eq!(keys(&alice).await.last().unwrap(), "revenue");
    // It is hers alone.
    let mona = world.browser("manager@acme.test").await;
    assert_eq!(keys(&mona).await, usual);
    let reset = alice.api(Method::DELETE, CARDS, json!({})).await;
    assert_eq!(reset.status, StatusCode::NO_CONTENT);
    assert_eq!(keys(&alice).await, usual);
}

#[actix_web::test]
async fn it_works_by_buttons_alone() {
    let alice = world().browser("owner@acme.test").await;
    let page = alice.get("/w/acme/dashboard/cards").await;
    assert!(page.says("Move Deals up"));
    let url = "/w/acme/dashboard/cards/deals?_method=PATCH";
    let moved = alice.post(url, &[("by", "-1")]).await;
    assert_eq!(moved.status, StatusCode::SEE_OTHER);
    assert_eq!(moved.header("location"), "/w/acme/dashboard/cards");
    assert_eq!(keys(&alice).await[..2], ["deals", "revenue"]);
    for key in keys(&alice).await {
        let url = format!("/w/acme/dashboard/cards/{key}?_method=DELETE");
        alice.post(&url, &[]).await;
    }
    assert!(alice.get("/w/acme").await.says("Nothing on the dashboard"));
}

#[actix_web::test]
async fn there_is_no_card_that_there_is_not() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let refused = alice
        .api(Method::POST, CARDS, json!({"card": "weather"}))
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.json()["errors"][0]["field"], "card");
    assert_eq!(
        change(&alice, "weather", json!({"by": 1})).await,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        change(&alice, "deals", json!({"by": 7})).await,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let mallory = world.browser("owner@globex.test").await;
    assert_eq!(
        change(&mallory, "deals", json!({"by": 1})).await,
        StatusCode::NOT_FOUND
    );
}
