//! Moves through the stages: what they ask for, what they leave behind, and their undoing.

use actix_web::http::{Method, StatusCode};
use platform::clock;
use platform::testing::Browser;
use serde_json::{Value, json};

use super::{LIST, add, page, reason, stage, url};
use crate::testing::world;

async fn to(browser: &Browser, deal: &Value, stage: &str) -> platform::testing::Answer {
    let id = super::stage(browser, stage).await;
    let address = format!("{}/move", url(deal));
    browser
        .api(Method::POST, &address, json!({"stage_id": id}))
        .await
}

#[actix_web::test]
async fn a_move_is_kept_and_told_and_can_be_undone() {
    let alice = world().browser("owner@acme.test").await;
    let deal = add(&alice, json!({"name": "Regatta"})).await;
    let proposal = stage(&alice, "Proposal").await;
    let moved = alice
        .post(&format!("{}/move", page(&deal)), &[("stage_id", &proposal)])
        .await;
    assert_eq!(moved.status, StatusCode::SEE_OTHER, "{}", moved.text);
    assert_eq!(moved.header("location"), page(&deal));
    let now = alice.get_json(&url(&deal)).await.json();
    assert_eq!(
        (&now["stage"], &now["version"]),
        (&json!("Proposal"), &json!(2))
    );
    let history = now["history"].as_array().unwrap();
    assert_eq!(history.len(), 2);
    assert_eq!(
        (&history[0]["from_name"], &history[0]["to_name"]),
        (&json!("New"), &json!("Proposal"))
    );
    assert_eq!(history[1]["from_stage_id"], Value::Null);
    assert!(history[0]["moved_by"].is_string() && history[0]["seconds"].is_i64());
    let shown = alice.get(&page(&deal)).await;
    assert!(
        shown.says("moved this deal from New to Proposal"),
        "{}",
        shown.text
    );
    let undone = alice.post(&moved.undo(), &[]).await;
    assert_eq!(undone.status, StatusCode::SEE_OTHER, "{}", undone.text);
    let now = alice.get_json(&url(&deal)).await.json();
    assert_eq!(now["stage"], "New");
    assert_eq!(
        now["history"].as_array().unwrap().len(),
        3,
        "what happened stays told"
    );
    // Where it is already, it stays without a word.
    let again = to(&alice, &deal, "New").await.json();
    assert_eq!(again["version"], 3);
}

#[actix_web::test]
async fn what_is_undone_stands_and_is_closed_since_when_it_was() {
    let world = world();
    let day = |day: &str| clock::freeze(format!("{day}T08:00:00Z").parse().unwrap());
    let first = day("2026-10-01");
    let alice = world.browser("owner@acme.test").await;
    let deal = add(&alice, json!({"name": "Regatta", "amount": 100})).await;
    drop(first);
    let second = day("2026-10-11");
    let alice = world.browser("owner@acme.test").await;
    let win = format!("{}/win", url(&deal));
    let won = alice.api(Method::POST, &win, json!({})).await.json();
    assert_eq!(won["closed_at"], "2026-10-11T08:00:00Z");
    drop(second);
    let _third = day("2026-10-20");
    let alice = world.browser("owner@acme.test").await;
    let proposal = stage(&alice, "Proposal").await;
    let on = format!("{}/move", page(&deal));
    let moved = alice.post(&on, &[("stage_id", &proposal)]).await;
    let undone = alice.post(&moved.undo(), &[]).await;
    assert_eq!(undone.status, StatusCode::SEE_OTHER, "{}", undone.text);
    let now = alice.get_json(&url(&deal)).await.json();
    for field in ["status", "closed_at", "stage_since"] {
        assert_eq!(now[field], won[field], "{field}");
    }
    assert_eq!(now["history"][0]["to_name"], "Won", "{}", now["history"]);
}

#[actix_web::test]
async fn winning_losing_and_reopening() {
    let alice = world().browser("owner@acme.test").await;
    let deal = add(&alice, json!({"name": "Regatta", "amount": 125_000})).await;
    to(&alice, &deal, "Negotiation").await;
    let win = format!("{}/win", url(&deal));
    let won = alice.api(Method::POST, &win, json!({})).await.json();
    assert_eq!(
        (&won["status"], won["closed_at"].is_string()),
        (&json!("won"), true)
    );
    assert!(
        alice
            .get(&page(&deal))
            .await
            .says("won this deal of EUR 1,250")
    );
    let reopened = alice
        .api(Method::POST, &format!("{}/reopen", url(&deal)), json!({}))
        .await
        .json();
    assert_eq!(
        reopened["stage_id"],
        json!(stage(&alice, "Negotiation").await)
    );
    assert_eq!(reopened["closed_at"], Value::Null);
    let lose = format!("{}/lose", url(&deal));
    let why = alice.api(Method::POST, &lose, json!({})).await;
    assert_eq!(why.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(why.json()["errors"][0]["field"], "reason_id");
    let wrong = reason(&alice, "won", "Best fit").await;
    let wrong = alice
        .api(Method::POST, &lose, json!({"reason_id": wrong}))
        .await;
    assert_eq!(wrong.json()["errors"][0]["field"], "reason_id");
    let price = reason(&alice, "lost", "Price").await;
    let lost = alice
        .api(Method::POST, &lose, json!({"reason_id": price}))
        .await
        .json();
    assert_eq!(
        (&lost["status"], &lost["reason_id"]),
        (&json!("lost"), &json!(price))
    );
    let shown = alice.get(&page(&deal)).await;
    for words in ["lost this deal: Price", "reopened this deal in Negotiation"] {
        assert!(shown.says(words), "{words}: {}", shown.text);
    }
    let open = to(&alice, &deal, "New").await.json();
    assert_eq!(open["reason_id"], Value::Null, "an open deal has no reason");
}

#[actix_web::test]
async fn without_scripts_a_lost_deal_asks_for_its_reason_in_the_form() {
    let alice = world().browser("owner@acme.test").await;
    let deal = add(&alice, json!({"name": "Regatta"})).await;
    let lost = stage(&alice, "Lost").await;
    let asked = alice
        .post(&format!("{}/move", page(&deal)), &[("stage_id", &lost)])
        .await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        asked.says("Please say why the deal is lost.") && asked.says("Went to a competitor"),
        "{}",
        asked.text
    );
    assert!(
        asked.says(&format!("<option value=\"{lost}\" selected>")),
        "{}",
        asked.text
    );
    let price = reason(&alice, "lost", "Price").await;
    let form = [
        ("name", "Regatta"),
        ("stage_id", &lost),
        ("reason_id", &price),
    ];
    let saved = alice
        .post(&format!("{}?_method=PATCH", page(&deal)), &form)
        .await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    assert_eq!(alice.get_json(&url(&deal)).await.json()["status"], "lost");
}

#[actix_web::test]
async fn a_stage_asks_for_what_it_needs_by_name() {
    let alice = world().browser("owner@acme.test").await;
    let deal = add(&alice, json!({"name": "Regatta"})).await;
    let proposal = format!(
        "/api/v1/w/acme/settings/stages/{}",
        stage(&alice, "Proposal").await
    );
    let asks = json!({"required": ["amount", "closes_on"],
        "gate": {"and": [{"field": "amount", "op": "gte", "value": 1000}]}});
    let set = alice.api(Method::PATCH, &proposal, asks).await;
    assert_eq!(set.status, StatusCode::OK, "{}", set.text);
    let refused = to(&alice, &deal, "Proposal").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let errors = refused.json()["errors"].clone();
    let fields: Vec<_> = errors
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["field"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(fields, ["amount", "closes_on", "stage_id"]);
    assert_eq!(
        errors[1]["message"],
        "Expected close is needed to enter Proposal."
    );
    let now = alice.get_json(&url(&deal)).await.json();
    assert_eq!(
        (&now["stage"], &now["version"]),
        (&json!("New"), &json!(1)),
        "nothing was written"
    );
    // A person gets the form, with the messages beside the fields; filling it in is the move.
    let id = stage(&alice, "Proposal").await;
    let form = alice
        .post(&format!("{}/move", page(&deal)), &[("stage_id", &id)])
        .await;
    assert_eq!(form.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        form.says("Amount is needed to enter Proposal."),
        "{}",
        form.text
    );
    let little = json!({"stage_id": id, "amount": 50_000, "closes_on": "2026-12-24"});
    let little = alice.api(Method::PATCH, &url(&deal), little).await;
    assert_eq!(
        little.json()["errors"][0]["field"],
        "stage_id",
        "{}",
        little.text
    );
    let enough = json!({"stage_id": id, "amount": 100_000, "closes_on": "2026-12-24"});
    let enough = alice.api(Method::PATCH, &url(&deal), enough).await;
    assert_eq!(enough.status, StatusCode::OK, "{}", enough.text);
    // A new deal is held to the same.
    let straight = alice
        .api(Method::POST, LIST, json!({"name": "x", "stage_id": id}))
        .await;
    assert_eq!(straight.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[actix_web::test]
async fn an_own_field_can_be_asked_for() {
    let alice = world().browser("owner@acme.test").await;
    let field = json!({"record_kind": "deal", "label": "Budget holder", "type": "text"});
    let made = alice
        .api(Method::POST, "/api/v1/w/acme/settings/custom-fields", field)
        .await;
    assert!(made.status.is_success(), "{}", made.text);
    let key = format!("custom.{}", made.json()["key"].as_str().unwrap());
    let proposal = format!(
        "/api/v1/w/acme/settings/stages/{}",
        stage(&alice, "Proposal").await
    );
    let set = alice
        .api(Method::PATCH, &proposal, json!({"required": [key]}))
        .await;
    assert_eq!(set.status, StatusCode::OK, "{}", set.text);
    let deal = add(&alice, json!({"name": "Regatta"})).await;
    let refused = to(&alice, &deal, "Proposal").await;
    assert_eq!(refused.json()["errors"][0]["field"], json!(key));
    let known = key.strip_prefix("custom.").unwrap();
    alice
        .api(
            Method::PATCH,
            &url(&deal),
            json!({"custom": {known: "Ida"}}),
        )
        .await;
    assert_eq!(to(&alice, &deal, "Proposal").await.status, StatusCode::OK);
}

#[actix_web::test]
async fn bulk_acts_and_exports_know_deals() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let deal = add(&alice, json!({"name": "Regatta", "amount": 123_456})).await;
    let ids = deal["id"].as_str().unwrap();
    let form = [("ids", ids), ("value", "kind=renewal"), ("query", "")];
    let done = alice.post("/w/acme/deals/bulk/set", &form).await;
    assert!(
        done.status.is_redirection(),
        "{} {}",
        done.status,
        done.text
    );
    world.run_jobs().await;
    assert_eq!(alice.get_json(&url(&deal)).await.json()["kind"], "renewal");
}
