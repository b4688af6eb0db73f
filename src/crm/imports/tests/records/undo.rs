//! A whole import of records is taken back.

use actix_web::http::{Method, StatusCode};
use diesel::prelude::*;
use platform::schema::events;
use serde_json::json;

use super::{all, bring, contact, counts, lines, named, number, undo};
use crate::testing::world;

const UPDATE: &[(&str, &str)] = &[("duplicates", "update")];

#[actix_web::test]
async fn companies_and_then_the_deals_that_name_them_are_taken_back() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let companies = bring(&world, &alice, "companies", "salesforce-accounts.csv").await;
    let deals = bring(&world, &alice, "deals", "hubspot-deals.csv").await;
    assert_eq!(
        all(&alice, "companies").await.len(),
        8,
        "with four that deals name"
    );
    let undone = undo(&world, &alice, "deals", &deals).await;
    assert_eq!(
        (number(&undone, "undone"), number(&undone, "kept")),
        (5, 0),
        "{undone}"
    );
    assert!(all(&alice, "deals").await.is_empty());
    assert_eq!(
        all(&alice, "companies").await.len(),
        4,
        "what was made for them is gone, too"
    );
    let undone = undo(&world, &alice, "companies", &companies).await;
    assert_eq!(
        (number(&undone, "undone"), number(&undone, "kept")),
        (4, 0),
        "{undone}"
    );
    assert!(all(&alice, "companies").await.is_empty());
}

#[actix_web::test]
async fn what_people_did_since_stays() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    lines(
        &world,
        &alice,
        "companies",
        "Name,Industry,City\nOld,Ropes,Split\nOther,Ropes,Split\n",
        &[],
    )
    .await;
    let csv = "Name,Industry,City,Tags\nOld,Sails,Zadar,x\nOther,Sails,Zadar,x\nNew,Sails,,\nTouched,Sails,,\nUsed,Sails,,\n";
    let done = lines(&world, &alice, "companies", csv, UPDATE).await;
    assert_eq!(counts(&done), [3, 2, 0, 0], "{done}");
    for (name, body) in [
        ("Other", json!({"address": {"city": "Vis"}})),
        ("Touched", json!({"industry": "Ships"})),
    ] {
        let id = named(&alice, "companies", name).await["id"]
            .as_str()
            .unwrap()
            .to_owned();
        let url = format!("/api/v1/w/acme/companies/{id}");
        let answer = alice.api(Method::PATCH, &url, body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }
    let used = named(&alice, "companies", "Used").await;
    contact(
        &alice,
        json!({"first_name": "Ann", "company_id": used["id"]}),
    )
    .await;
    let undone = undo(&world, &alice, "companies", &done).await;
    assert_eq!(
        (number(&undone, "undone"), number(&undone, "kept")),
        (2, 3),
        "{undone}"
    );
    let names: Vec<_> = all(&alice, "companies")
        .await
        .iter()
        .map(|c| c["name"].clone())
        .collect();
    assert_eq!(names, ["Old", "Other", "Touched", "Used"]);
    let old = named(&alice, "companies", "Old").await;
    assert_eq!(
        (&old["industry"], &old["address"]["city"], &old["tags"]),
        (&json!("Ropes"), &json!("Split"), &json!([]))
    );
    let other = named(&alice, "companies", "Other").await;
    assert_eq!(
        (&other["industry"], &other["address"]["city"]),
        (&json!("Ropes"), &json!("Vis")),
        "field by field"
    );
}

#[actix_web::test]
async fn a_deal_gets_back_its_stage_and_its_people() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ann = contact(
        &alice,
        json!({"first_name": "Ann", "email": "ann@x.example"}),
    )
    .await;
    lines(
        &world,
        &alice,
        "deals",
        "Name,Stage,Amount\nA,New,100\n",
        &[],
    )
    .await;
    let csv =
        "Name,Stage,Amount,Primary contact,Further people\nA,Won,250,,ann@x.example\nA,Won,300,,\n";
    let done = lines(&world, &alice, "deals", csv, UPDATE).await;
    assert_eq!(counts(&done), [0, 2, 0, 0], "{done}");
    let a = named(&alice, "deals", "A").await;
    assert_eq!(
        (&a["status"], &a["amount"]),
        (&json!("won"), &json!(30_000))
    );
    let page = format!("/api/v1/w/acme/deals/{}", a["id"].as_str().unwrap());
    let people = alice.get_json(&page).await.json()["people"].clone();
    assert_eq!(people[0]["id"], ann["id"], "{people}");
    let undone = undo(&world, &alice, "deals", &done).await;
    assert_eq!(
        (number(&undone, "undone"), number(&undone, "kept")),
        (1, 0),
        "{undone}"
    );
    let a = alice.get_json(&page).await.json();
    assert_eq!(
        (&a["stage"], &a["amount"], &a["people"]),
        (&json!("New"), &json!(10_000), &json!([]))
    );
}

#[actix_web::test]
async fn a_task_is_open_again() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    lines(&world, &alice, "tasks", "Name,Due\nCall,2026-12-01\n", &[]).await;
    let csv = "Name,Due,Status,Type\nCall,2026-12-01,Done,Call\nNew,,Done,\n";
    let done = lines(&world, &alice, "tasks", csv, UPDATE).await;
    assert_eq!(counts(&done), [1, 1, 0, 0], "{done}");
    let undone = undo(&world, &alice, "tasks", &done).await;
    assert_eq!(
        (number(&undone, "undone"), number(&undone, "kept")),
        (2, 0),
        "{undone}"
    );
    let tasks = all(&alice, "tasks").await;
    assert_eq!(tasks.len(), 1, "{tasks:?}");
    assert_eq!(
        (&tasks[0]["completed_at"], &tasks[0]["kind"]),
        (&json!(null), &json!("to_do"))
    );
    let kinds: Vec<String> = world.within("acme", |tx| {
        let told = events::table
            .filter(events::record_kind.eq("task"))
            .order(events::seq);
        Ok(told.select(events::kind).load(&mut **tx)?)
    });
    assert!(
        kinds.contains(&"task.archived".to_owned()) && kinds.contains(&"task.reopened".to_owned()),
        "{kinds:?}"
    );
}
