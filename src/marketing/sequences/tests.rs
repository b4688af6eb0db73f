//! A contact goes through a sequence: mail, pause, mail, end.

use actix_web::http::{Method, StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use platform::clock;
use platform::schema::email_templates;
use platform::testing::{Browser, World};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::testing::world;

const MONDAY: &str = "2026-11-23T10:00:00Z";

fn template(world: &World) -> Uuid {
    let id = Uuid::now_v7();
    world.within("acme", |tx| {
        diesel::insert_into(email_templates::table)
            .values((
                email_templates::id.eq(id),
                email_templates::name.eq("Welcome"),
                email_templates::subject.eq("Hello {{ contact.first_name | default(\"there\") }}"),
                email_templates::body.eq("<p>Hello, <a href=\"https://acme.test/a\">look</a></p>"),
            ))
            .execute(&mut **tx)?;
        Ok(())
    });
    id
}

async fn sequence(alice: &Browser, template: Uuid) -> String {
    let steps = json!([{"template_id": template, "delay_hours": 0}, {"template_id": template, "delay_hours": 24}]);
    let plan = json!({"name": "Welcome", "steps": steps, "weekdays_only": true, "from_hour": 8, "to_hour": 18});
    let made = alice
        .api(Method::POST, "/api/v1/w/acme/sequences", plan)
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.header("location").to_owned()
}

async fn enrolled(alice: &Browser, url: &str) -> Value {
    alice.get_json(url).await.json()["enrolments"][0].clone()
}

#[actix_web::test]
async fn two_mails_go_out_with_the_pause_between_them() {
    let world = world();
    let monday: DateTime<Utc> = MONDAY.parse().unwrap();
    let now = clock::freeze(monday);
    let alice = world.browser("owner@acme.test").await;
    let url = sequence(&alice, template(&world)).await;
    alice
        .api(Method::POST, &format!("{url}/activation"), json!({}))
        .await;
    alice
        .api(
            Method::POST,
            "/w/acme/contacts",
            json!({"first_name": "Ann", "email": "ann@example.com"}),
        )
        .await;
    let enrol = alice
        .api(
            Method::POST,
            &format!("{url}/enrolments"),
            json!({"email": "ann@example.com"}),
        )
        .await;
    assert_eq!(enrol.status, StatusCode::NO_CONTENT, "{}", enrol.text);
    assert_eq!(world.run_jobs().await, 1);
    assert_eq!(enrolled(&alice, &url).await["step"], 1);
    assert_eq!(world.run_jobs().await, 0);
    drop(now);
    let _tuesday = clock::freeze(monday + TimeDelta::hours(25));
    assert_eq!(world.run_jobs().await, 1);
    assert_eq!(enrolled(&alice, &url).await["status"], "finished");
    let results = alice.get_json(&url).await.json()["results"].clone();
    assert_eq!(
        (&results[0]["sent"], &results[1]["sent"]),
        (&json!(1), &json!(1))
    );
}

#[actix_web::test]
async fn nobody_is_enrolled_twice_and_nothing_leaves_a_draft() {
    let world = world();
    let _now = clock::freeze(MONDAY.parse().unwrap());
    let alice = world.browser("owner@acme.test").await;
    let url = sequence(&alice, template(&world)).await;
    alice
        .api(
            Method::POST,
            "/w/acme/contacts",
            json!({"email": "ann@example.com"}),
        )
        .await;
    for _ in 0..2 {
        alice
            .api(
                Method::POST,
                &format!("{url}/enrolments"),
                json!({"email": "ann@example.com"}),
            )
            .await;
    }
    assert_eq!(
        alice.get_json(&url).await.json()["enrolments"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(world.run_jobs().await, 0);
}

#[actix_web::test]
async fn who_has_withdrawn_consent_leaves_the_sequence_without_a_mail() {
    let world = world();
    let _now = clock::freeze(MONDAY.parse().unwrap());
    let alice = world.browser("owner@acme.test").await;
    let url = sequence(&alice, template(&world)).await;
    alice
        .api(Method::POST, &format!("{url}/activation"), json!({}))
        .await;
    let ann = json!({"email": "ann@example.com", "consent_email": "withdrawn"});
    alice.api(Method::POST, "/w/acme/contacts", ann).await;
    alice
        .api(
            Method::POST,
            &format!("{url}/enrolments"),
            json!({"email": "ann@example.com"}),
        )
        .await;
    world.run_jobs().await;
    assert_eq!(enrolled(&alice, &url).await["status"], "exited");
}

#[actix_web::test]
async fn an_invalid_plan_comes_back_with_its_message() {
    let alice = world().browser("owner@acme.test").await;
    let page = alice
        .post(
            "/w/acme/sequences",
            &[("name", "x"), ("from_hour", "18"), ("to_hour", "8")],
        )
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.says("The sending hours must begin before they end."));
}

#[actix_web::test]
async fn a_viewer_may_look_and_not_touch() {
    let carol = world().browser("viewer@acme.test").await;
    assert_eq!(carol.get("/w/acme/sequences").await.status, StatusCode::OK);
    assert_eq!(
        carol
            .post("/w/acme/sequences", &[("name", "x")])
            .await
            .status,
        StatusCode::FORBIDDEN
    );
}

#[actix_web::test]
async fn another_workspace_sees_nothing() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let url = sequence(&alice, template(&world)).await;
    let mallory = world.browser("owner@globex.test").await;
    assert_eq!(
        mallory
            .get_json(&url.replace("/acme/", "/globex/"))
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        mallory.get_json("/w/globex/sequences").await.json()["items"],
        json!([])
    );
}
