//! Points are counted, explained, lost by silence, and move people on.

use actix_web::http::{Method, StatusCode};
use chrono::TimeDelta;
use diesel::prelude::*;
use platform::clock;
use platform::events::Changes;
use platform::records::Editable;
use platform::schema::contacts;
use platform::testing::{Browser, World};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::crm::contacts::Contact;
use crate::testing::world;

const URL: &str = "/w/acme/scoring";

async fn rule(alice: &Browser, form: Value) -> Value {
    let made = alice.api(Method::POST, URL, form).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.json()
}

async fn contact(alice: &Browser, form: Value) -> Uuid {
    let made = alice.api(Method::POST, "/w/acme/contacts", form).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.json()["id"].as_str().unwrap().parse().unwrap()
}

async fn seen(alice: &Browser, id: Uuid) -> Value {
    alice
        .get_json(&format!("/w/acme/contacts/{id}"))
        .await
        .json()
}

/// As if somebody had opened a mail.
fn opens(world: &World, id: Uuid) {
    world.within("acme", |tx| {
        let contact = Contact::find(tx, id)?;
        tx.track(&contact, "contact.email_opened", Changes::none())
            .with("campaign", "Spring");
        Ok(())
    });
}

fn directors() -> Value {
    let title = json!({"field": "job_title", "op": "contains", "value": "Director"});
    json!({"kind": "field", "name": "Directors", "points": 20, "filter": title})
}

#[actix_web::test]
async fn points_are_counted_and_explained() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ann = contact(
        &alice,
        json!({"first_name": "Ann", "job_title": "Sales Director"}),
    )
    .await;
    let ben = contact(&alice, json!({"first_name": "Ben", "job_title": "Clerk"})).await;
    rule(&alice, directors()).await;
    rule(
        &alice,
        json!({"kind": "behaviour", "name": "Opens", "points": 5, "happening": "email_opened", "most": 2}),
    )
    .await;
    for _ in 0..3 {
        opens(&world, ann);
    }
    world.run_jobs().await;
    let found = seen(&alice, ann).await;
    assert_eq!(
        (&found["score"], &found["temperature"]),
        (&json!(30), &json!("warm"))
    );
    assert_eq!(found["version"], 1, "a score is no change of the record");
    assert_eq!(seen(&alice, ben).await["score"], 0);
    let why = alice.get(&format!("/w/acme/contacts/{ann}/score")).await;
    assert!(why.says("+20") && why.says("Directors"), "{}", why.text);
    assert!(why.says("opened a mail of Spring on"), "{}", why.text);
    let why = alice
        .get_json(&format!("/w/acme/contacts/{ann}/score"))
        .await;
    let points: Vec<_> = why.json()["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| l["points"].clone())
        .collect();
    assert_eq!(points, [20, 5, 5], "{}", why.text);
}

#[actix_web::test]
async fn silence_takes_points_and_makes_dormant() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ann = contact(
        &alice,
        json!({"first_name": "Ann", "job_title": "Director"}),
    )
    .await;
    rule(&alice, directors()).await;
    let decay =
        json!({"kind": "decay", "name": "Silence", "points": -5, "every_days": 30, "most": 3});
    rule(&alice, decay).await;
    world.run_jobs().await;
    assert_eq!(seen(&alice, ann).await["score"], 20);
    for (days, score, temperature) in [(65, 10, "cold"), (400, 5, "dormant")] {
        world.within("acme", |tx| {
            let long_ago = tx.now - TimeDelta::days(days);
            diesel::update(contacts::table.filter(contacts::id.eq(ann)))
                .set(contacts::created_at.eq(long_ago))
                .execute(&mut **tx)?;
            Ok(())
        });
        let _later = clock::freeze(clock::now() + TimeDelta::days(1));
        world.run_schedule("marketing.score_decay").await;
        world.run_jobs().await;
        drop(_later);
        let found = seen(&alice, ann).await;
        let both = (&found["score"], &found["temperature"]);
        assert_eq!(both, (&json!(score), &json!(temperature)));
    }
    let why = alice.get(&format!("/w/acme/contacts/{ann}/score")).await;
    assert!(
        why.says("−15") && why.says("nothing heard for 400 days"),
        "{}",
        why.text
    );
}

#[actix_web::test]
async fn a_threshold_moves_leads_on_and_nobody_back() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ann = contact(
        &alice,
        json!({"first_name": "Ann", "job_title": "Director"}),
    )
    .await;
    let form = json!({"first_name": "Cem", "job_title": "Director", "lifecycle_stage": "customer"});
    let cem = contact(&alice, form).await;
    rule(&alice, directors()).await;
    let levels = json!({"mql_from": 15, "sql_from": 50});
    let saved = alice
        .api(Method::PATCH, &format!("{URL}/levels"), levels)
        .await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text);
    world.run_jobs().await;
    assert_eq!(
        seen(&alice, ann).await["lifecycle_stage"],
        "marketing_qualified"
    );
    assert_eq!(seen(&alice, cem).await["lifecycle_stage"], "customer");
    let page = alice.get(&format!("/w/acme/contacts/{ann}")).await;
    assert!(page.says("changed Stage from"), "{}", page.text);
    let form = json!({"job_title": "Clerk"});
    let url = format!("/w/acme/contacts/{ann}");
    let edited = alice.api(Method::PATCH, &url, form).await;
    assert_eq!(edited.status, StatusCode::OK, "{}", edited.text);
    let _later = clock::freeze(clock::now() + TimeDelta::minutes(2));
    let told = world.run_schedule("marketing.score_changes").await;
    assert!(told.starts_with('1'), "{told}");
    world.run_jobs().await;
    let found = seen(&alice, ann).await;
    assert_eq!(
        (&found["score"], &found["lifecycle_stage"]),
        (&json!(0), &json!("marketing_qualified"))
    );
}

#[actix_web::test]
async fn a_rule_that_goes_takes_its_points_along() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ann = contact(
        &alice,
        json!({"first_name": "Ann", "job_title": "Director"}),
    )
    .await;
    let made = rule(&alice, directors()).await;
    world.run_jobs().await;
    let url = format!("{URL}/{}", made["id"].as_str().unwrap());
    let more = alice.api(Method::PATCH, &url, json!({"points": 70})).await;
    assert_eq!(more.status, StatusCode::OK, "{}", more.text);
    world.run_jobs().await;
    assert_eq!(seen(&alice, ann).await["temperature"], "hot");
    let list = alice
        .get_json("/w/acme/contacts?filter=%7B%22field%22%3A%22temperature%22%2C%22op%22%3A%22is%22%2C%22value%22%3A%22hot%22%7D")
        .await
        .json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
    alice.api(Method::DELETE, &url, json!({})).await;
    world.run_jobs().await;
    assert_eq!(seen(&alice, ann).await["score"], 0);
}

#[actix_web::test]
async fn what_cannot_be_is_refused_beside_its_field() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    rule(&alice, directors()).await;
    world.leave_jobs();
    for (form, field) in [
        (json!({"kind": "decay", "name": "A", "points": 5}), "points"),
        (
            json!({"kind": "behaviour", "name": "A", "points": 0}),
            "points",
        ),
        (json!({"kind": "field", "name": "A", "points": 5}), "filter"),
        (
            json!({"kind": "behaviour", "name": "directors", "points": 5}),
            "name",
        ),
        (
            json!({"kind": "behaviour", "name": "A", "points": 5, "most": 0}),
            "most",
        ),
    ] {
        let refused = alice.api(Method::POST, URL, form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(
            refused.json()["errors"][0]["field"],
            field,
            "{}",
            refused.text
        );
    }
    let levels = json!({"hot_from": 10, "warm_from": 20});
    let refused = alice
        .api(Method::PATCH, &format!("{URL}/levels"), levels)
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[actix_web::test]
async fn only_who_may_keeps_rules_and_strangers_see_none() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ann = contact(&alice, json!({"first_name": "Ann"})).await;
    let made = rule(&alice, directors()).await;
    world.leave_jobs();
    let carol = world.browser("viewer@acme.test").await;
    assert_eq!(carol.get(URL).await.status, StatusCode::OK);
    let refused = carol.api(Method::POST, URL, directors()).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let mallory = world.browser("owner@globex.test").await;
    for path in [
        format!("scoring/{}", made["id"].as_str().unwrap()),
        format!("contacts/{ann}/score"),
    ] {
        let theirs = mallory.get(&format!("/w/globex/{path}")).await;
        assert_eq!(theirs.status, StatusCode::NOT_FOUND, "{path}");
    }
    world.within("acme", |tx| {
        let score: i32 = contacts::table
            .filter(contacts::id.eq(ann))
            .select(contacts::score)
            .first(&mut **tx)?;
        assert_eq!(score, 0);
        Ok(())
    });
}

#[actix_web::test]
async fn an_owner_is_told_once_that_a_lead_became_hot() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let bob = world.person("agent@acme.test");
    let form = json!({"first_name": "Ann", "last_name": "Lee", "owner_id": bob});
    let ann = contact(&alice, form).await;
    let opening = json!({"kind": "behaviour", "name": "Opens", "points": 40, "happening": "email_opened", "most": 3});
    rule(&alice, opening).await;
    world.run_jobs().await;
    let told = async || {
        let bob = world.browser("agent@acme.test").await;
        let all = bob.get_json("/w/acme/notifications").await.json();
        let all = all["items"].as_array().unwrap().clone();
        let hot = |n: &&Value| n["kind"] == "contact.became_hot";
        all.iter()
            .filter(hot)
            .map(|n| n["title"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        told().await,
        Vec::<Value>::new(),
        "the first count is nobody's news"
    );
    for _ in 0..3 {
        opens(&world, ann);
        alice.post(&format!("{URL}/runs"), &[]).await;
        world.run_jobs().await;
    }
    assert_eq!(seen(&alice, ann).await["temperature"], "hot");
    assert_eq!(told().await, [json!("Ann Lee")]);
    // Cooled down and hot again within a month is no news.
    world.within("acme", |tx| {
        let row = contacts::table.filter(contacts::id.eq(ann));
        diesel::update(row)
            .set(contacts::temperature.eq("cold"))
            .execute(&mut **tx)?;
        Ok(())
    });
    alice.post(&format!("{URL}/runs"), &[]).await;
    world.run_jobs().await;
    assert_eq!(seen(&alice, ann).await["temperature"], "hot");
    assert_eq!(told().await.len(), 1);
    let timeline = alice
        .get(&format!("/w/acme/records/contact/{ann}/timeline"))
        .await;
    assert!(timeline.says("Temperature"), "{}", timeline.text);
}
