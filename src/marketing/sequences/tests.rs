//! A contact goes through a sequence: mail, pause, mail, end.

use actix_web::http::{Method, StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use platform::clock;
use platform::schema::email_templates;
use platform::testing::{Browser, World};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::marketing::campaigns::tests::{contact, rename, says_literally};
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

/// A sequence under way with Ann on it; gives its address.
async fn under_way(alice: &Browser, template: Uuid) -> String {
    let url = sequence(alice, template).await;
    let path = format!("{url}/activation");
    alice.api(Method::POST, &path, json!({})).await;
    contact(alice, "ann@example.com").await;
    let ann = json!({"email": "ann@example.com"});
    alice
        .api(Method::POST, &format!("{url}/enrolments"), ann)
        .await;
    url
}

/// The newest mail to Ann with her name in the subject: its HTML.
async fn mail(world: &World) -> String {
    let mailbox = world.app.mail.transport().unwrap().mailbox().unwrap();
    let listed = mailbox.list(1, "ann@example.com").await.unwrap();
    let mail = mailbox.read(listed[0].id).await.unwrap().unwrap();
    mail.html.unwrap()
}

/// The path of the first address in a mail that leads to `kind`.
fn path(html: &str, kind: &str) -> String {
    let at = html
        .find(kind)
        .unwrap_or_else(|| panic!("no {kind} in {html}"));
    let end = html[at..].find('"').unwrap();
    html[at..at + end].to_owned()
}

#[actix_web::test]
async fn the_links_of_its_mails_work_and_unsubscribing_ends_it() {
    let world = world();
    let _now = clock::freeze(MONDAY.parse().unwrap());
    let alice = world.browser("owner@acme.test").await;
    let url = under_way(&alice, template(&world)).await;
    world.run_jobs().await;
    let (html, stranger) = (mail(&world).await, world.stranger());
    let pixel = stranger.get(&path(&html, "/o/")).await;
    assert_eq!(pixel.header("content-type"), "image/gif");
    let link = stranger.get(&path(&html, "/t/")).await;
    assert_eq!(link.header("location"), "https://acme.test/a");
    let results = alice.get_json(&url).await.json()["results"][0].clone();
    assert_eq!(
        (&results["opened"], &results["clicked"]),
        (&json!(1), &json!(1))
    );
    let leave = path(&html, "/unsubscribe/");
    assert!(
        stranger
            .get(&leave)
            .await
            .says("Unsubscribe from everything")
    );
    assert_eq!(enrolled(&alice, &url).await["status"], "active");
    stranger.post(&leave, &[]).await;
    let ann = enrolled(&alice, &url).await;
    assert_eq!(
        (&ann["status"], &ann["exit_reason"]),
        (&json!("exited"), &json!("unsubscribed"))
    );
    assert!(
        alice
            .get(&url.replace("/api/v1", ""))
            .await
            .says("unsubscribed")
    );
    world.leave_jobs();
}

#[actix_web::test]
async fn refusing_its_topic_ends_a_sequence_and_no_other() {
    let world = world();
    let _now = clock::freeze(MONDAY.parse().unwrap());
    let alice = world.browser("owner@acme.test").await;
    let template = template(&world);
    let other = sequence(&alice, template).await;
    let url = under_way(&alice, template).await;
    let ann = json!({"email": "ann@example.com"});
    alice
        .api(Method::POST, &format!("{other}/enrolments"), ann)
        .await;
    let topic = alice
        .api(Method::POST, "/w/acme/topics", json!({"name": "News"}))
        .await;
    let topic = topic.json()["id"].clone();
    let changed = alice
        .api(Method::PATCH, &url, json!({"topic_id": topic}))
        .await;
    assert_eq!(changed.json()["topic_id"], topic, "{}", changed.text);
    world.run_jobs().await;
    let html = mail(&world).await;
    let leave = path(&html, "/unsubscribe/");
    world.stranger().post(&format!("{leave}/topic"), &[]).await;
    assert_eq!(
        enrolled(&alice, &url).await["exit_reason"],
        "topic not wanted"
    );
    assert_eq!(enrolled(&alice, &other).await["status"], "active");
    world.leave_jobs();
}

#[actix_web::test]
async fn somebody_takes_a_contact_off_and_may_put_them_on_again() {
    let world = world();
    let _now = clock::freeze(MONDAY.parse().unwrap());
    let alice = world.browser("owner@acme.test").await;
    let url = under_way(&alice, template(&world)).await;
    let id = enrolled(&alice, &url).await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let enrolment = format!("{url}/enrolments/{id}");
    let off = alice.api(Method::DELETE, &enrolment, json!({})).await;
    assert_eq!(off.status, StatusCode::NO_CONTENT, "{}", off.text);
    assert_eq!(
        enrolled(&alice, &url).await["exit_reason"],
        "taken off by Alice Archer"
    );
    let twice = alice.api(Method::DELETE, &enrolment, json!({})).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    world.run_jobs().await;
    let results = alice.get_json(&url).await.json()["results"][0].clone();
    assert_eq!(results["sent"], 0);
    let ann = json!({"email": "ann@example.com"});
    alice
        .api(Method::POST, &format!("{url}/enrolments"), ann)
        .await;
    let left = alice.get_json(&format!("{url}?status=exited")).await.json();
    assert_eq!(left["enrolments"].as_array().unwrap().len(), 1);
    assert_eq!(
        left["numbers"],
        json!({"active": 1, "finished": 0, "exited": 1})
    );
    world.leave_jobs();
}

#[actix_web::test]
async fn a_workspace_may_be_called_like_a_template() {
    let world = world();
    let _now = clock::freeze(MONDAY.parse().unwrap());
    let alice = world.browser("owner@acme.test").await;
    let name = "{{ 7*7 }} {% x {# y";
    rename(&world, name);
    under_way(&alice, template(&world)).await;
    world.run_jobs().await;
    says_literally(&world, "ann@example.com", name).await;
}

#[actix_web::test]
async fn an_archived_sequence_comes_back_paused() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let url = sequence(&alice, template(&world)).await;
    alice
        .api(Method::POST, &format!("{url}/activation"), json!({}))
        .await;
    alice.api(Method::DELETE, &url, json!({})).await;
    let refused = alice
        .api(Method::POST, &format!("{url}/activation"), json!({}))
        .await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    let back = alice
        .api(Method::POST, &format!("{url}/restoration"), json!({}))
        .await;
    assert_eq!(back.json()["status"], "paused", "{}", back.text);
}
