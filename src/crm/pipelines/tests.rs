//! Pipelines and their stages: made, arranged, taken away, and whose they are.

use actix_web::http::{Method, StatusCode};
use platform::testing::Browser;
use serde_json::{Value, json};

use crate::testing::world;

const PAGE: &str = "/w/acme/settings/pipelines";
const URL: &str = "/api/v1/w/acme/settings/pipelines";

async fn add(browser: &Browser, name: &str) -> Value {
    let form = json!({"name": name, "currency": "USD"});
    let made = browser.api(Method::POST, URL, form).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.json()
}

async fn names(browser: &Browser, pipeline: usize) -> Vec<String> {
    let all = browser.get_json(PAGE).await.json();
    let stages = all["items"][pipeline]["stages"].as_array().unwrap().clone();
    stages
        .iter()
        .map(|s| s["name"].as_str().unwrap().to_owned())
        .collect()
}

async fn stage(browser: &Browser, pipeline: usize, name: &str) -> String {
    let all = browser.get_json(PAGE).await.json();
    let stages = all["items"][pipeline]["stages"].as_array().unwrap().clone();
    let found = stages.iter().find(|s| s["name"] == name).unwrap();
    format!(
        "/api/v1/w/acme/settings/stages/{}",
        found["id"].as_str().unwrap()
    )
}

#[actix_web::test]
async fn every_workspace_begins_with_one() {
    let world = world();
    for (email, slug) in [("owner@acme.test", "acme"), ("owner@globex.test", "globex")] {
        let owner = world.browser(email).await;
        let all = owner
            .get_json(&format!("/w/{slug}/settings/pipelines"))
            .await
            .json();
        assert_eq!(all["items"].as_array().unwrap().len(), 1, "{all}");
        assert_eq!(all["items"][0]["name"], "Sales");
        let kinds: Vec<_> = all["items"][0]["stages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| s["kind"].clone())
            .collect();
        assert_eq!(kinds, ["open", "open", "open", "open", "won", "lost"]);
        assert!(!all["reasons"].as_array().unwrap().is_empty());
    }
}

#[actix_web::test]
async fn adds_renames_and_puts_away() {
    let alice = world().browser("owner@acme.test").await;
    let made = add(&alice, "Refits").await;
    assert_eq!(names(&alice, 1).await, ["New", "Won", "Lost"]);
    let url = format!("{URL}/{}", made["id"].as_str().unwrap());
    let taken = alice
        .api(Method::PATCH, &url, json!({"name": "sales"}))
        .await;
    assert_eq!(taken.json()["errors"][0]["field"], "name", "{}", taken.text);
    let renamed = alice
        .api(Method::PATCH, &url, json!({"name": "Repairs"}))
        .await;
    assert_eq!(renamed.json()["name"], "Repairs");
    assert!(alice.get(PAGE).await.says("Repairs"));
    let gone = alice.api(Method::DELETE, &url, json!({})).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    let new = alice.get("/w/acme/deals/new").await;
    assert!(!new.says("Repairs"), "what is put away is not offered");
    alice
        .api(Method::POST, &format!("{url}/restoration"), json!({}))
        .await;
    assert!(alice.get("/w/acme/deals/new").await.says("Repairs"));
    for (form, field) in [
        (json!({"name": "", "currency": "EUR"}), "name"),
        (json!({"name": "x", "currency": "gold"}), "currency"),
    ] {
        let refused = alice.api(Method::POST, URL, form).await;
        assert_eq!(
            refused.json()["errors"][0]["field"],
            field,
            "{}",
            refused.text
        );
    }
}

#[actix_web::test]
async fn the_last_pipeline_stays() {
    let alice = world().browser("owner@acme.test").await;
    let all = alice.get_json(PAGE).await.json();
    let url = format!("{URL}/{}", all["items"][0]["id"].as_str().unwrap());
    let refused = alice.api(Method::DELETE, &url, json!({})).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text);
}

#[actix_web::test]
async fn stages_are_added_before_the_ends_and_move_without_scripts() {
    let alice = world().browser("owner@acme.test").await;
    let made = add(&alice, "Refits").await;
    let id = made["id"].as_str().unwrap();
    let form = [
        ("name", "Survey"),
        ("kind", "open"),
        ("probability", "30"),
        ("tone", "teal"),
    ];
    let added = alice.post(&format!("{PAGE}/{id}/stages"), &form).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.text);
    assert_eq!(names(&alice, 1).await, ["New", "Survey", "Won", "Lost"]);
    let survey = stage(&alice, 1, "Survey").await.replace("/api/v1", "");
    alice
        .post(&format!("{survey}/position"), &[("by", "-1")])
        .await;
    assert_eq!(names(&alice, 1).await, ["Survey", "New", "Won", "Lost"]);
    alice
        .post(&format!("{survey}/position"), &[("by", "-1")])
        .await;
    assert_eq!(
        names(&alice, 1).await[0],
        "Survey",
        "the first stays the first"
    );
    let again = alice.post(&format!("{PAGE}/{id}/stages"), &form).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.says("a stage of that name already"), "{}", again.text);
    let second = format!("{PAGE}/{id}/position");
    alice.post(&second, &[("by", "-1")]).await;
    assert_eq!(
        alice.get_json(PAGE).await.json()["items"][0]["name"],
        "Refits"
    );
}

#[actix_web::test]
async fn a_stage_with_deals_goes_only_when_they_have_a_place() {
    let alice = world().browser("owner@acme.test").await;
    let qualified = stage(&alice, 0, "Qualified").await;
    let id = qualified.rsplit('/').next().unwrap().to_owned();
    let deal = json!({"name": "Regatta", "stage_id": id});
    let deal = alice.api(Method::POST, "/api/v1/w/acme/deals", deal).await;
    let url = deal.header("location").to_owned();
    let page = qualified.replace("/api/v1", "");
    assert!(alice.get(&page).await.says("1 deal goes to"));
    for to in [
        Value::Null,
        json!(id),
        json!(stage(&alice, 0, "Won").await.rsplit('/').next()),
    ] {
        let refused = alice
            .api(Method::DELETE, &qualified, json!({"to": to}))
            .await;
        assert_eq!(
            refused.json()["errors"][0]["field"],
            "to",
            "{}",
            refused.text
        );
    }
    let kind = alice
        .api(Method::PATCH, &qualified, json!({"kind": "won"}))
        .await;
    assert_eq!(kind.json()["errors"][0]["field"], "kind", "{}", kind.text);
    let proposal = stage(&alice, 0, "Proposal").await;
    let to = proposal.rsplit('/').next().unwrap();
    let gone = alice
        .post(&format!("{page}?_method=DELETE"), &[("to", to)])
        .await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER, "{}", gone.text);
    assert!(!names(&alice, 0).await.contains(&"Qualified".to_owned()));
    let moved = alice.get_json(&url).await.json();
    assert_eq!(moved["stage"], "Proposal");
    assert_eq!(
        moved["history"][0]["from_name"], "Qualified",
        "the history outlives the stage"
    );
    assert!(
        alice
            .get(&url.replace("/api/v1", ""))
            .await
            .says("because that stage is gone")
    );
}

#[actix_web::test]
async fn a_condition_and_fields_are_kept_and_checked() {
    let alice = world().browser("owner@acme.test").await;
    let proposal = stage(&alice, 0, "Proposal").await;
    let page = proposal.replace("/api/v1", "");
    let form = [
        ("required", ""),
        ("required", "amount"),
        ("gate.match", "all"),
        ("gate.0.field", "amount"),
        ("gate.0.op", "gte"),
        ("gate.0.value", "100"),
    ];
    let saved = alice.post(&format!("{page}?_method=PATCH"), &form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let kept = alice.get_json(&page).await.json();
    assert_eq!(kept["required"], json!(["amount"]));
    assert_eq!(kept["gate"]["and"][0]["field"], "amount", "{kept}");
    // A button of the editor gives another line, and saves nothing.
    let line = alice
        .post(
            &format!("{page}?_method=PATCH"),
            &[("gate.0.field", "name"), ("gate.do", "add:")],
        )
        .await;
    assert!(line.says("gate.1.field"), "{}", line.text);
    assert_eq!(
        alice.get_json(&page).await.json()["gate"]["and"][0]["field"],
        "amount"
    );
    for (change, field) in [
        (
            json!({"gate": {"and": [{"field": "nothing", "op": "is", "value": "x"}]}}),
            "gate",
        ),
        (json!({"required": ["nothing"]}), "required"),
        (json!({"probability": 101}), "probability"),
        (json!({"rots_after": 0}), "rots_after"),
        (json!({"wip_limit": 0}), "wip_limit"),
    ] {
        let refused = alice.api(Method::PATCH, &proposal, change).await;
        assert_eq!(
            refused.json()["errors"][0]["field"],
            field,
            "{}",
            refused.text
        );
    }
    let without = alice
        .api(
            Method::PATCH,
            &proposal,
            json!({"gate": "", "required": []}),
        )
        .await
        .json();
    assert_eq!(
        (&without["gate"], &without["required"]),
        (&json!({}), &json!([]))
    );
}

#[actix_web::test]
async fn reasons_come_and_go() {
    let alice = world().browser("owner@acme.test").await;
    let base = "/api/v1/w/acme/settings/close-reasons";
    let made = alice
        .api(
            Method::POST,
            base,
            json!({"kind": "lost", "name": "Weather"}),
        )
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    for (form, field) in [
        (json!({"kind": "lost", "name": "weather"}), "name"),
        (json!({"kind": "open", "name": "x"}), "kind"),
    ] {
        let refused = alice.api(Method::POST, base, form).await;
        assert_eq!(
            refused.json()["errors"][0]["field"],
            field,
            "{}",
            refused.text
        );
    }
    assert!(alice.get("/w/acme/deals/board").await.says("Weather"));
    alice
        .api(Method::DELETE, made.header("location"), json!({}))
        .await;
    assert!(!alice.get("/w/acme/deals/board").await.says("Weather"));
}

#[actix_web::test]
async fn those_without_the_right_change_nothing() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let proposal = stage(&alice, 0, "Proposal").await;
    for email in ["advisor@acme.test", "agent@acme.test", "viewer@acme.test"] {
        let browser = world.browser(email).await;
        let page = browser.get(PAGE).await;
        assert!(
            page.says("Proposal") && !page.says("Add a pipeline"),
            "{email}"
        );
        let refused = browser
            .api(Method::PATCH, &proposal, json!({"name": "x"}))
            .await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{email}");
    }
    let mona = world.browser("manager@acme.test").await;
    let renamed = mona
        .api(Method::PATCH, &proposal, json!({"name": "Offer"}))
        .await;
    assert_eq!(renamed.status, StatusCode::OK, "{}", renamed.text);
}

#[actix_web::test]
async fn another_workspace_sees_nothing() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let proposal = stage(&alice, 0, "Proposal").await;
    let made = add(&alice, "Refits").await;
    let pipeline = format!("{URL}/{}", made["id"].as_str().unwrap());
    let mallory = world.browser("owner@globex.test").await;
    for url in [proposal, pipeline] {
        let url = url.replace("/acme/", "/globex/");
        for method in [Method::GET, Method::PATCH, Method::DELETE] {
            let answer = mallory.api(method, &url, json!({"name": "x"})).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND);
        }
    }
    assert!(
        !mallory
            .get("/w/globex/settings/pipelines")
            .await
            .says("Refits")
    );
}
