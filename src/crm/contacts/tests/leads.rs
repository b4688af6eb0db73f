//! The lead pipeline.

use actix_web::http::{Method, StatusCode};
use diesel::prelude::*;
use platform::schema::contacts;
use platform::testing::{Browser, World};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::testing::world;

const LEADS: &str = "/w/acme/contacts/leads";

async fn add(world: &World, browser: &Browser, form: Value, score: i32, warmth: &str) -> Uuid {
    let made = browser.api(Method::POST, "/w/acme/contacts", form).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let id: Uuid = made.json()["id"].as_str().unwrap().parse().unwrap();
    world.within("acme", |tx| {
        let row = contacts::table.filter(contacts::id.eq(id));
        let set = (contacts::score.eq(score), contacts::temperature.eq(warmth));
        diesel::update(row).set(set).execute(&mut **tx)?;
        Ok(())
    });
    id
}

fn names(page: &Value, column: usize) -> Vec<&str> {
    let cards = page["columns"][column]["cards"].as_array().unwrap();
    cards
        .iter()
        .map(|card| card["name"].as_str().unwrap())
        .collect()
}

#[actix_web::test]
async fn leads_stand_by_warmth_and_those_with_most_points_first() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let bob = world.person("agent@acme.test");
    add(&world, &alice, json!({"first_name": "Ann"}), 70, "hot").await;
    add(
        &world,
        &alice,
        json!({"first_name": "Ben", "owner_id": bob}),
        90,
        "hot",
    )
    .await;
    add(&world, &alice, json!({"first_name": "Cem"}), 5, "dormant").await;
    let page = alice.get_json(LEADS).await.json();
    assert_eq!(names(&page, 0), ["Ben", "Ann"]);
    assert_eq!(names(&page, 3), ["Cem"]);
    assert_eq!(page["columns"][0]["total"]["count"], 2);
    assert_eq!(page["columns"][1]["total"]["count"], 0);
    let filter = json!({"and": [{"field": "owner_id", "op": "is", "value": bob}]});
    let url = platform::web::link::filtered(LEADS, &filter);
    assert_eq!(names(&alice.get_json(&url).await.json(), 0), ["Ben"]);
    let html = alice.get(&url).await;
    assert!(html.says("Nobody is warm here."));
    // The head of a column leads to those in it, narrowed as the page is.
    let head = html
        .text
        .split("id=\"warmth-hot\"><a href=\"")
        .nth(1)
        .unwrap();
    let list = head.split('"').next().unwrap().replace("&#38;", "&");
    assert_eq!(alice.get_json(&list).await.json()["total"]["count"], 1);
    let mallory = world.browser("owner@globex.test").await;
    let theirs = mallory.get_json("/w/globex/contacts/leads").await.json();
    assert_eq!(names(&theirs, 0), Vec::<&str>::new());
}

#[actix_web::test]
async fn leads_are_searched_by_common_words_and_by_rare_ones() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let named = |first: &str, last: &str| json!({"first_name": first, "last_name": last});
    for (at, warmth) in ["hot", "warm", "cold", "cold"].iter().enumerate() {
        let name = named("Mary", &format!("Common{at}"));
        add(&world, &alice, name, at as i32, warmth).await;
    }
    add(&world, &alice, named("Zoltan", "Rare"), 3, "warm").await;
    let searched = |words: &str| format!("{LEADS}?search={words}");
    let common = alice.get_json(&searched("mary")).await.json();
    assert_eq!(names(&common, 0), ["Mary Common0"]);
    assert_eq!(names(&common, 1), ["Mary Common1"]);
    assert_eq!(names(&common, 2), ["Mary Common3", "Mary Common2"]);
    assert_eq!(common["columns"][2]["total"]["count"], 2);
    let rare = alice.get_json(&searched("zoltan")).await.json();
    assert_eq!(names(&rare, 1), ["Zoltan Rare"]);
    assert_eq!(rare["columns"][1]["total"]["count"], 1);
    assert_eq!(rare["columns"][0]["total"]["count"], 0);
}

#[actix_web::test]
async fn a_lead_is_moved_on_from_the_page_and_one_comes_back_to_it() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ann = add(&world, &alice, json!({"first_name": "Ann"}), 70, "hot").await;
    let url = format!("/w/acme/contacts/{ann}/stage");
    let moved = alice
        .post(&url, &[("lifecycle_stage", "customer"), ("back", LEADS)])
        .await;
    assert_eq!(moved.status, StatusCode::SEE_OTHER);
    assert_eq!(moved.header("location"), LEADS);
    let back = alice.post(&moved.undo(), &[]).await;
    assert_eq!(back.header("location"), LEADS);
    let page = alice.get_json(LEADS).await.json();
    assert_eq!(page["columns"][0]["cards"][0]["lifecycle_stage"], "lead");
    alice
        .post(&url, &[("lifecycle_stage", "customer"), ("back", LEADS)])
        .await;
    let page = alice.get_json(LEADS).await.json();
    assert_eq!(
        page["columns"][0]["cards"][0]["lifecycle_stage"],
        "customer"
    );
    let refused = alice.api(Method::POST, &url, json!({})).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let carol = world.browser("viewer@acme.test").await;
    let body = json!({"lifecycle_stage": "lead"});
    assert_eq!(
        carol.api(Method::POST, &url, body.clone()).await.status,
        StatusCode::FORBIDDEN
    );
    assert!(!carol.get(LEADS).await.says("Stage of Ann"));
    let mallory = world.browser("owner@globex.test").await;
    let theirs = url.replace("acme", "globex");
    assert_eq!(
        mallory.api(Method::POST, &theirs, body).await.status,
        StatusCode::NOT_FOUND
    );
}
