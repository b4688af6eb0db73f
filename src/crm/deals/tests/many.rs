//! Many deals moved at once: by the rules of one, with those named that refuse, and a way back.

use actix_web::http::{Method, StatusCode};
use platform::testing::{Answer, Browser};
use serde_json::{Value, json};

use super::{add, page, reason, stage, url};
use crate::testing::world;

const MOVE: &str = "/api/v1/w/acme/deals/bulk/move";

async fn moved(browser: &Browser, ids: &[&Value], with: Value) -> Answer {
    let ids: Vec<&Value> = ids.iter().map(|deal| &deal["id"]).collect();
    let body = json!({"ids": ids, "with": with});
    browser.api(Method::POST, MOVE, body).await
}

async fn stands(browser: &Browser, deal: &Value) -> Value {
    browser.get_json(&url(deal)).await.json()["stage_id"].clone()
}

/// Proposal asks for an amount.
async fn gated(alice: &Browser) -> String {
    let proposal = stage(alice, "Proposal").await;
    let settings = format!("/w/acme/settings/stages/{proposal}");
    let asks = json!({"required": ["amount"]});
    let set = alice.api(Method::PATCH, &settings, asks).await;
    assert_eq!(set.status, StatusCode::OK, "{}", set.text);
    proposal
}

#[actix_web::test]
async fn those_that_a_stage_refuses_stay_and_say_why() {
    let alice = world().browser("owner@acme.test").await;
    let proposal = gated(&alice).await;
    let rich = add(&alice, json!({"name": "Rich", "amount": 100})).await;
    let poor = add(&alice, json!({"name": "Poor"})).await;
    let there = json!({"name": "There", "amount": 5, "stage_id": proposal});
    let there = add(&alice, there).await;
    let new = rich["stage_id"].clone();
    let answer = moved(
        &alice,
        &[&rich, &poor, &there],
        json!({"stage_id": proposal}),
    )
    .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let answer = answer.json();
    assert_eq!(
        (&answer["changed"], &answer["already"], &answer["refused"]),
        (&json!(1), &json!(1), &json!(1))
    );
    let refusal = &answer["refusals"][0];
    assert_eq!(refusal["title"], "Poor");
    assert_eq!(refusal["why"], "Amount is needed to enter Proposal.");
    assert_eq!(stands(&alice, &rich).await, json!(proposal));
    assert_eq!(stands(&alice, &poor).await, new);
    let history = alice.get(&page(&rich)).await;
    assert!(history.says("moved this deal from New to Proposal"));
    let undo = answer["undo"].as_str().unwrap().to_owned();
    let work = alice
        .get(undo.trim_start_matches("/api/v1").trim_end_matches("/undo"))
        .await;
    for words in [
        "Move deals to Proposal",
        "What refused, and why",
        "Poor",
        "Amount is needed to enter Proposal.",
    ] {
        assert!(work.says(words), "{words}: {}", work.text);
    }
    let back = alice.api(Method::POST, &undo, json!({})).await;
    assert_eq!(back.json(), json!({"undone": 1, "kept": 0}));
    assert_eq!(stands(&alice, &rich).await, new);
    assert_eq!(stands(&alice, &there).await, json!(proposal));
}

#[actix_web::test]
async fn people_are_led_to_what_refused_and_back_to_the_list_where_nothing_did() {
    let alice = world().browser("owner@acme.test").await;
    let proposal = gated(&alice).await;
    let rich = add(&alice, json!({"name": "Rich", "amount": 100})).await;
    let poor = add(&alice, json!({"name": "Poor"})).await;
    let list = alice.get("/w/acme/deals").await;
    assert!(list.says("Move to stage") && list.says("name=\"with.stage_id\""));
    assert!(list.says("Lost: Price") && list.says(&format!("<option value=\"{proposal}\">")));
    let form = |deal: &Value| {
        [
            ("ids", deal["id"].as_str().unwrap().to_owned()),
            ("with.stage_id", proposal.clone()),
            ("with.reason_id", String::new()),
            ("query", "?sort=name".to_owned()),
        ]
    };
    let send = async |deal: &Value| {
        let form = form(deal);
        let form: Vec<_> = form.iter().map(|(k, v)| (*k, v.as_str())).collect();
        alice.post("/w/acme/deals/bulk/move", &form).await
    };
    let done = send(&rich).await;
    assert_eq!(done.header("location"), "/w/acme/deals?sort=name");
    assert!(done.undo().contains("/work/"), "{}", done.undo());
    let refused = send(&poor).await;
    let at = refused.header("location").to_owned();
    assert!(at.starts_with("/w/acme/work/"), "{at}");
    let work = alice.get(&at).await;
    assert!(work.says("Amount is needed") && work.says("/w/acme/deals?sort=name"));
}

#[actix_web::test]
async fn whom_a_stage_had_it_takes_back_whatever_it_asks_for_since() {
    let alice = world().browser("owner@acme.test").await;
    let proposal = json!(stage(&alice, "Proposal").await);
    let mut poor = Vec::new();
    for name in ["One", "Two", "Three"] {
        poor.push(add(&alice, json!({"name": name, "stage_id": proposal})).await);
    }
    gated(&alice).await;
    let on = json!({"stage_id": stage(&alice, "Negotiation").await});
    let all = moved(&alice, &[&poor[0], &poor[1]], on.clone())
        .await
        .json();
    let back = alice
        .api(Method::POST, all["undo"].as_str().unwrap(), json!({}))
        .await;
    assert_eq!(back.json(), json!({"undone": 2, "kept": 0}));
    assert_eq!(stands(&alice, &poor[0]).await, proposal);
    let negotiation = on["stage_id"].as_str().unwrap();
    let one = alice
        .post(
            &format!("{}/move", page(&poor[2])),
            &[("stage_id", negotiation)],
        )
        .await;
    let undone = alice.post(&one.undo(), &[]).await;
    assert_eq!(undone.status, StatusCode::SEE_OTHER, "{}", undone.text);
    assert_eq!(stands(&alice, &poor[2]).await, proposal);
    let stood = alice.get_json(&url(&poor[2])).await.json();
    assert_eq!(stood["history"].as_array().map(Vec::len), Some(3));
    // Whoever moves one there by hand is asked as ever.
    let new = add(&alice, json!({"name": "New"})).await;
    let refused = moved(&alice, &[&new], json!({"stage_id": proposal})).await;
    assert_eq!(refused.json()["refused"], 1);
}

#[actix_web::test]
async fn where_deals_end_the_reason_is_asked_for_once() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let (one, two) = (
        add(&alice, json!({"name": "One"})).await,
        add(&alice, json!({"name": "Two"})).await,
    );
    let lost = stage(&alice, "Lost").await;
    for with in [
        json!({"stage_id": lost}),
        json!({"stage_id": lost, "reason_id": reason(&alice, "won", "Best fit").await}),
        json!({"stage_id": lost, "reason_id": "cheap"}),
        json!({"stage_id": "nowhere"}),
        json!({}),
    ] {
        let refused = moved(&alice, &[&one, &two], with.clone()).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{with}");
    }
    assert_eq!(stands(&alice, &one).await, one["stage_id"]);
    let list = alice.get("/w/acme/deals").await.text;
    let (lost_one, won_one) = (list.rfind(">Lost: "), list.find(">Won: "));
    assert!(lost_one.is_some() && lost_one < won_one, "by their ends");
    let price = reason(&alice, "lost", "Price").await;
    let with = json!({"stage_id": lost, "reason_id": price});
    let done = moved(&alice, &[&one, &two], with.clone()).await.json();
    assert_eq!(done["changed"], 2);
    let deal = alice.get_json(&url(&one)).await.json();
    assert_eq!(
        (&deal["status"], &deal["reason_id"]),
        (&json!("lost"), &json!(price))
    );
    // What somebody moved on since stays where it is.
    let won = stage(&alice, "Won").await;
    let on = format!("{}/move", url(&two));
    alice.api(Method::POST, &on, json!({"stage_id": won})).await;
    let undo = done["undo"].as_str().unwrap();
    let back = alice.api(Method::POST, undo, json!({})).await;
    assert_eq!(back.json(), json!({"undone": 1, "kept": 1}));
    let deal = alice.get_json(&url(&one)).await.json();
    assert_eq!(
        (&deal["status"], &deal["reason_id"]),
        (&json!("open"), &Value::Null)
    );
    assert_eq!(stands(&alice, &two).await, json!(won));
    // Those of others are not there for whoever sees only their own, and a viewer moves none.
    let bob = world.browser("agent@acme.test").await;
    let none = moved(&bob, &[&one], with.clone()).await.json();
    assert_eq!((&none["changed"], &none["refused"]), (&json!(0), &json!(1)));
    let carol = world.browser("viewer@acme.test").await;
    let refused = moved(&carol, &[&one], with).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[actix_web::test]
async fn very_many_are_a_jobs_business() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let proposal = gated(&alice).await;
    for n in 0..103 {
        let amount = if n % 50 == 0 { 0 } else { 100 };
        add(
            &alice,
            json!({"name": format!("Deal {n}"), "amount": amount}),
        )
        .await;
    }
    let body = json!({"all": true, "query": "?search=deal", "with": {"stage_id": proposal}});
    let asked = alice.api(Method::POST, MOVE, body).await;
    assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.text);
    world.run_jobs().await;
    let at = asked.header("location").to_owned();
    let work = alice.get_json(&at).await.json();
    assert_eq!(
        (
            &work["state"],
            &work["done"],
            &work["skipped"],
            &work["refused"]
        ),
        (&json!("done"), &json!(103), &json!(3), &json!(3)),
        "{work}"
    );
    assert_eq!(work["refusals"].as_array().unwrap().len(), 3);
    let there = async || {
        let filter = json!({"and": [{"field": "stage_id", "op": "is", "value": proposal}]});
        let list = platform::web::link::filtered("/w/acme/deals", &filter);
        let list = alice.get_json(&format!("{list}&count=1")).await.json();
        list["total"]["count"].clone()
    };
    assert_eq!(there().await, 100);
    let undo = format!("{at}/undo");
    let undone = alice.api(Method::POST, &undo, json!({})).await;
    assert!(undone.status.is_success(), "{}", undone.text);
    world.run_jobs().await;
    assert_eq!(there().await, 0);
    world.leave_jobs();
}
