//! Deals: the six that every resource has, and what is theirs alone.

mod board;
mod exports;
mod many;
mod moves;
mod sums;
mod views;

use actix_web::http::{Method, StatusCode};
use platform::testing::Browser;
use platform::web::link;
use serde_json::{Value, json};

use crate::testing::world;

const LIST: &str = "/api/v1/w/acme/deals";

/// Adds one; gives the deal.
async fn add(browser: &Browser, body: Value) -> Value {
    let added = browser.api(Method::POST, LIST, body).await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.text);
    added.json()
}

fn url(deal: &Value) -> String {
    format!("{LIST}/{}", deal["id"].as_str().unwrap())
}

fn page(deal: &Value) -> String {
    url(deal).replace("/api/v1", "")
}

/// The id of a stage of the first pipeline.
async fn stage(browser: &Browser, name: &str) -> String {
    let all = browser.get_json("/w/acme/settings/pipelines").await.json();
    let stages = all["items"][0]["stages"].as_array().unwrap();
    let found = stages.iter().find(|stage| stage["name"] == name);
    found.unwrap_or_else(|| panic!("no stage {name} in {all}"))["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// The id of a reason.
async fn reason(browser: &Browser, kind: &str, name: &str) -> String {
    let all = browser.get_json("/w/acme/settings/pipelines").await.json();
    let reasons = all["reasons"].as_array().unwrap();
    let found = reasons
        .iter()
        .find(|r| r["name"] == name && r["kind"] == kind);
    found.unwrap()["id"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn lists_and_sorts() {
    let alice = world().browser("owner@acme.test").await;
    add(
        &alice,
        json!({"name": "Zimmer", "amount": 100, "closes_on": "2026-12-01"}),
    )
    .await;
    add(&alice, json!({"name": "Adams", "amount": 90_000})).await;
    add(
        &alice,
        json!({"name": "Miller", "amount": 5_000, "closes_on": "2026-11-01"}),
    )
    .await;
    for (sort, first, last) in [
        ("name", "Adams", "Zimmer"),
        ("-amount", "Adams", "Zimmer"),
        ("closes_on", "Miller", "Adams"),
        ("-stage_since", "Miller", "Zimmer"),
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
    let html = alice.get("/w/acme/deals").await;
    assert!(
        html.says("Zimmer") && html.says("EUR 900") && html.says("New"),
        "{}",
        html.text
    );
    assert!(
        html.says("/w/acme/deals/board"),
        "the board is one click away"
    );
}

#[actix_web::test]
async fn searches_and_filters() {
    let alice = world().browser("owner@acme.test").await;
    add(&alice, json!({"name": "Blue heron", "amount": 100_000})).await;
    let won = stage(&alice, "Won").await;
    add(
        &alice,
        json!({"name": "Grey heron", "amount": 250_000, "stage_id": won}),
    )
    .await;
    let found = alice.get_json(&format!("{LIST}?search=blu")).await.json();
    assert_eq!(found["total"]["count"], 1);
    for (filter, name) in [
        (
            json!({"field": "stage_id", "op": "is", "value": won}),
            "Grey heron",
        ),
        (
            json!({"field": "stage_id", "op": "is_none_of", "value": [won]}),
            "Blue heron",
        ),
        (
            json!({"field": "status", "op": "is", "value": "open"}),
            "Blue heron",
        ),
        (
            json!({"field": "amount", "op": "gt", "value": 1500}),
            "Grey heron",
        ),
        (
            json!({"field": "reason_id", "op": "is_empty"}),
            "Grey heron",
        ),
        (
            json!({"field": "days_in_stage", "op": "lt", "value": 1}),
            "Grey heron",
        ),
    ] {
        let query = [("filter", filter.to_string()), ("sort", "-amount".into())];
        let list = alice.get_json(&link::with(LIST, query)).await;
        assert_eq!(
            list.json()["items"][0]["name"],
            name,
            "{filter} {}",
            list.text
        );
    }
    let rotting = json!({"field": "rotting", "op": "is_true"});
    let list = alice.get_json(&link::filtered(LIST, &rotting)).await.json();
    assert_eq!(list["total"]["count"], 0);
}

#[actix_web::test]
async fn creates_edits_archives_and_restores() {
    let alice = world().browser("owner@acme.test").await;
    let deal = add(&alice, json!({"name": "First"})).await;
    assert_eq!(
        deal["stage_id"],
        json!(stage(&alice, "New").await),
        "it begins at the beginning"
    );
    assert_eq!(
        (&deal["currency"], &deal["status"]),
        (&json!("EUR"), &json!("open"))
    );
    let change = json!({"name": "Second", "amount": "1,250.50", "version": 1});
    let changed = alice.api(Method::PATCH, &url(&deal), change.clone()).await;
    assert_eq!(changed.json()["name"], "Second", "{}", changed.text);
    assert_eq!(changed.json()["amount"], 125_050);
    let stale = alice.api(Method::PATCH, &url(&deal), change).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    let shown = alice.get(&format!("{}/edit", page(&deal))).await;
    assert!(shown.says("value=\"1,250.50\""), "{}", shown.text);
    let archived = alice.api(Method::DELETE, &url(&deal), json!({})).await;
    assert_eq!(archived.status, StatusCode::NO_CONTENT);
    assert_eq!(alice.get_json(LIST).await.json()["total"]["count"], 0);
    let restoration = format!("{}/restoration", url(&deal));
    alice.api(Method::POST, &restoration, json!({})).await;
    assert_eq!(alice.get_json(LIST).await.json()["total"]["count"], 1);
    let shown = alice.get(&page(&deal)).await;
    assert!(
        shown.says("Second") && shown.says("restored this"),
        "{}",
        shown.text
    );
    assert!(shown.says("EUR 125.05 weighted"), "{}", shown.text);
}

#[actix_web::test]
async fn an_invalid_form_comes_back_with_its_message() {
    let alice = world().browser("owner@acme.test").await;
    let form = [
        ("name", ""),
        ("amount", "a lot"),
        ("description", "Kept as typed"),
    ];
    let page = alice.post("/w/acme/deals", &form).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in [
        "Please fill this in",
        "Kept as typed",
        "value=\"a lot\"",
        "an amount such as",
    ] {
        assert!(page.says(words), "{words}: {}", page.text);
    }
    for (body, field) in [
        (json!({"name": ""}), "name"),
        (json!({"name": "x", "amount": -1}), "amount"),
        (json!({"name": "x", "currency": "XXX"}), "currency"),
        (
            json!({"name": "x", "stage_id": "01900000-0000-7000-8000-000000000000"}),
            "stage_id",
        ),
        (json!({"name": "x", "stage_id": "first"}), "stage_id"),
    ] {
        let problem = alice.api(Method::POST, LIST, body).await;
        assert_eq!(problem.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(
            problem.json()["errors"][0]["field"],
            field,
            "{}",
            problem.text
        );
    }
}

#[actix_web::test]
async fn a_viewer_may_not_add_or_move() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let deal = add(&alice, json!({"name": "Ours"})).await;
    let won = stage(&alice, "Won").await;
    let carol = world.browser("viewer@acme.test").await;
    let refused = carol.post("/w/acme/deals", &[("name", "No")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let refused = carol
        .api(
            Method::POST,
            &format!("{}/move", url(&deal)),
            json!({"stage_id": won}),
        )
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let board = carol.get("/w/acme/deals/board").await;
    assert!(
        board.says("Ours") && !board.says("data-movable"),
        "{}",
        board.text
    );
}

#[actix_web::test]
async fn another_workspace_sees_nothing() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let mallory = world.browser("owner@globex.test").await;
    let deal = add(&alice, json!({"name": "Ours"})).await;
    let ours = url(&deal);
    for url in [
        ours.clone(),
        ours.replace("/acme/", "/globex/"),
        LIST.into(),
    ] {
        assert_eq!(mallory.get_json(&url).await.status, StatusCode::NOT_FOUND);
    }
    let list = mallory.get_json("/w/globex/deals").await.json();
    assert_eq!(list["total"]["count"], 0);
    assert!(!mallory.get("/w/globex/deals/board").await.says("Ours"));
    // Acme's stage, company and contact are none of Globex's.
    let theirs = "/api/v1/w/globex/deals";
    for body in [
        json!({"name": "x", "stage_id": deal["stage_id"]}),
        json!({"name": "x", "company_id": deal["id"]}),
    ] {
        let refused = mallory.api(Method::POST, theirs, body).await;
        assert!(refused.status.is_client_error(), "{}", refused.text);
    }
}

#[actix_web::test]
async fn people_have_roles_and_deals_stand_on_their_pages() {
    let alice = world().browser("owner@acme.test").await;
    let company = alice
        .api(
            Method::POST,
            "/api/v1/w/acme/companies",
            json!({"name": "Nordwind"}),
        )
        .await
        .json();
    let contact = |name: &str| json!({"first_name": name, "company_id": company["id"]});
    let ann = alice
        .api(Method::POST, "/api/v1/w/acme/contacts", contact("Ann"))
        .await
        .json();
    let ben = alice
        .api(Method::POST, "/api/v1/w/acme/contacts", contact("Ben"))
        .await
        .json();
    let body = json!({"name": "New berth", "amount": 500_000, "company_id": company["id"], "contact_id": ann["id"]});
    let deal = add(&alice, body).await;
    let people = format!("{}/contacts", url(&deal));
    let added = alice
        .api(
            Method::POST,
            &people,
            json!({"contact_id": ben["id"], "role": "champion"}),
        )
        .await;
    assert_eq!(added.status, StatusCode::OK, "{}", added.text);
    let shown = alice.get(&page(&deal)).await;
    for words in ["Primary contact", "Champion", "added Ben as champion"] {
        assert!(shown.says(words), "{words}: {}", shown.text);
    }
    for (collection, record) in [
        ("companies", &company),
        ("contacts", &ann),
        ("contacts", &ben),
    ] {
        let id = record["id"].as_str().unwrap();
        let shown = alice.get(&format!("/w/acme/{collection}/{id}")).await;
        assert!(
            shown.says("New berth") && shown.says("EUR 5,000"),
            "{collection}"
        );
    }
    let new = alice
        .get(&format!(
            "/w/acme/deals/new?contact={}",
            ann["id"].as_str().unwrap()
        ))
        .await;
    assert!(new.says("Nordwind"), "the contact's company is taken over");
    let out = format!("{people}/{}", ben["id"].as_str().unwrap());
    assert_eq!(
        alice.api(Method::DELETE, &out, json!({})).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        alice.api(Method::DELETE, &out, json!({})).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        alice.get_json(&url(&deal)).await.json()["people"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let nobody = alice
        .api(Method::POST, &people, json!({"contact_id": company["id"]}))
        .await;
    assert_eq!(
        nobody.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        nobody.text
    );
}
