//! Acts on many contacts at once.

use actix_web::http::{Method, StatusCode};
use diesel::prelude::*;
use platform::schema::{contacts, events, records};
use platform::testing::{Answer, Browser, World};
use serde_json::{Value, json};
use uuid::Uuid;

use super::exports::many;
use super::record::contact;
use crate::testing::world;

const URL: &str = "/api/v1/w/acme/contacts/bulk";

async fn three(alice: &Browser) -> Vec<String> {
    let mut ids = Vec::new();
    for name in ["Ann", "Bea", "Cleo"] {
        let url = contact(alice, json!({"first_name": name})).await;
        ids.push(url.rsplit('/').next().unwrap().to_owned());
    }
    ids
}

async fn act(browser: &Browser, act: &str, body: Value) -> Answer {
    browser
        .api(Method::POST, &format!("{URL}/{act}"), body)
        .await
}

async fn one(alice: &Browser, id: &str) -> Value {
    let url = format!("/w/acme/contacts/{id}");
    alice.get_json(&url).await.json()
}

#[actix_web::test]
async fn each_act_changes_what_is_chosen_and_can_be_taken_back() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ids = three(&alice).await;
    let bob = world.person("agent@acme.test").to_string();
    for (name, extra, field, after, before) in [
        (
            "assign",
            json!({"owner_id": bob}),
            "owner_id",
            json!(bob),
            json!(world.person("owner@acme.test")),
        ),
        (
            "tag",
            json!({"tag": "vip"}),
            "tags",
            json!(["vip"]),
            json!([]),
        ),
        (
            "set",
            json!({"value": "lifecycle_stage=customer"}),
            "lifecycle_stage",
            json!("customer"),
            json!("lead"),
        ),
        (
            "set",
            json!({"value": "lead_status=open"}),
            "lead_status",
            json!("open"),
            json!("new"),
        ),
    ] {
        let mut body = extra.clone();
        body["ids"] = json!(ids[..2]);
        let done = act(&alice, name, body.clone()).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.text);
        let done = done.json();
        assert_eq!(
            (&done["changed"], &done["already"]),
            (&json!(2), &json!(0)),
            "{name}"
        );
        let changed = one(&alice, &ids[0]).await;
        assert_eq!(changed[field], after, "{name}");
        assert_eq!(one(&alice, &ids[2]).await[field], before, "{name}");
        assert_eq!(act(&alice, name, body).await.json()["already"], 2, "{name}");
        let undo = done["undo"].as_str().unwrap().to_owned();
        let undone = alice.api(Method::POST, &undo, json!({})).await.json();
        assert_eq!(undone, json!({"undone": 2, "kept": 0}), "{name}");
        let back = one(&alice, &ids[0]).await;
        assert_eq!(back[field], before, "{name}");
        assert_eq!(
            back["version"],
            json!(changed["version"].as_i64().unwrap() + 1)
        );
        let twice = alice.api(Method::POST, &undo, json!({})).await;
        assert_eq!(twice.status, StatusCode::CONFLICT);
    }
    let timeline = alice.get(&format!("/w/acme/contacts/{}", ids[0])).await;
    assert!(
        timeline.says("Stage") && timeline.says("Customer"),
        "{}",
        timeline.text
    );
}

#[actix_web::test]
async fn archiving_and_restoring_keep_the_register_right() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ids = three(&alice).await;
    let archived = || {
        world.within("acme", |tx| {
            let gone = records::table.filter(records::archived_at.is_not_null());
            Ok(gone.count().get_result::<i64>(&mut **tx)?)
        })
    };
    let form: Vec<(&str, &str)> = ids.iter().map(|id| ("ids", id.as_str())).collect();
    let done = alice.post("/w/acme/contacts/bulk/archive", &form).await;
    assert_eq!(
        (done.status, done.header("location")),
        (StatusCode::SEE_OTHER, "/w/acme/contacts")
    );
    assert_eq!(archived(), 3);
    let list = alice.get("/w/acme/contacts?archived=1").await;
    assert!(list.says("bulk/restore") && !list.says("bulk/archive"));
    let done = act(&alice, "restore", json!({"ids": ids[..1]}))
        .await
        .json();
    assert_eq!((&done["changed"], archived()), (&json!(1), 2));
    alice
        .api(Method::POST, done["undo"].as_str().unwrap(), json!({}))
        .await;
    assert_eq!(archived(), 3);
    let told: Vec<String> = world.within("acme", |tx| {
        let of = events::table.filter(events::record_id.eq(ids[0].parse::<Uuid>().unwrap()));
        Ok(of.order(events::seq).select(events::kind).load(&mut **tx)?)
    });
    assert_eq!(
        told,
        [
            "contact.created",
            "contact.archived",
            "contact.restored",
            "contact.archived"
        ]
    );
}

#[actix_web::test]
async fn what_somebody_changed_since_stays_when_it_is_undone() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ids = three(&alice).await;
    let done = act(
        &alice,
        "set",
        json!({"ids": ids, "value": "lead_status=open"}),
    )
    .await
    .json();
    let mona = world.browser("manager@acme.test").await;
    let url = format!("/api/v1/w/acme/contacts/{}", ids[0]);
    mona.api(Method::PATCH, &url, json!({"lead_status": "connected"}))
        .await;
    // Another field is no reason to keep this one.
    let url = format!("/api/v1/w/acme/contacts/{}", ids[1]);
    mona.api(Method::PATCH, &url, json!({"city": "Split"}))
        .await;
    let undo = done["undo"].as_str().unwrap();
    assert_eq!(
        mona.api(Method::POST, undo, json!({})).await.status,
        StatusCode::NOT_FOUND
    );
    let page = undo.trim_start_matches("/api/v1");
    let undone = alice.post(page, &[]).await;
    assert_eq!(undone.status, StatusCode::SEE_OTHER);
    assert_eq!(one(&alice, &ids[0]).await["lead_status"], "connected");
    assert_eq!(one(&alice, &ids[1]).await["lead_status"], "new");
    let work = alice.get_json(page.trim_end_matches("/undo")).await.json();
    assert_eq!((&work["undone"], &work["kept"]), (&json!(2), &json!(1)));
}

#[actix_web::test]
async fn nobody_changes_what_is_not_theirs() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ids = three(&alice).await;
    let bob = world.browser("agent@acme.test").await;
    let own = contact(&bob, json!({"first_name": "Own"})).await;
    let own = own.rsplit('/').next().unwrap().to_owned();
    let mut chosen = ids.clone();
    chosen.push(own.clone());
    let done = act(&bob, "tag", json!({"ids": chosen, "tag": "mine"}))
        .await
        .json();
    assert_eq!(
        (&done["changed"], &done["refused"]),
        (&json!(1), &json!(3)),
        "{done}"
    );
    assert_eq!(one(&alice, &ids[0]).await["tags"], json!([]));
    let all = act(&bob, "tag", json!({"all": true, "tag": "all"}))
        .await
        .json();
    assert_eq!(all["changed"], 1, "{all}");
    let carol = world.browser("viewer@acme.test").await;
    assert_eq!(
        act(&carol, "tag", json!({"ids": ids, "tag": "x"}))
            .await
            .status,
        StatusCode::FORBIDDEN
    );
    assert!(!carol.get("/w/acme/contacts").await.says("data-select"));
    let mallory = world.browser("owner@globex.test").await;
    let theirs = mallory
        .api(
            Method::POST,
            "/api/v1/w/globex/contacts/bulk/archive",
            json!({"ids": ids}),
        )
        .await;
    assert_eq!(theirs.json()["changed"], 0, "{}", theirs.text);
    assert_eq!(one(&alice, &ids[0]).await["archived_at"], Value::Null);
}

#[actix_web::test]
async fn what_is_not_chosen_or_not_there_is_refused() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ids = three(&alice).await;
    for (name, body) in [
        ("archive", json!({})),
        ("archive", json!({"ids": ["not-an-id"]})),
        ("assign", json!({"ids": ids})),
        (
            "assign",
            json!({"ids": ids, "owner_id": world.person("owner@globex.test")}),
        ),
        ("tag", json!({"ids": ids, "tag": "a, b"})),
        ("tag", json!({"ids": ids, "tag": " "})),
        (
            "set",
            json!({"ids": ids, "value": "lifecycle_stage=emperor"}),
        ),
        ("set", json!({"ids": ids, "value": "version=7"})),
        ("set", json!({"ids": ids, "value": "consent_email=given"})),
        ("set", json!({"ids": ids, "value": "custom.x=1"})),
        (
            "tag",
            json!({"all": true, "tag": "x", "query": "filter=%7B%22field%22%3A%22shoe%22%2C%22op%22%3A%22is%22%2C%22value%22%3A1%7D"}),
        ),
    ] {
        let refused = act(&alice, name, body.clone()).await;
        assert_eq!(
            refused.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{name} {body}: {}",
            refused.text
        );
    }
    let list = alice.get_json("/w/acme/contacts").await.json();
    assert_eq!(list["total"]["count"], 3);
    assert!(
        list["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|c| c["version"] == 1)
    );
}

#[actix_web::test]
async fn all_that_match_are_a_jobs_business_where_they_are_many() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    many(&world, 2_500);
    contact(&alice, json!({"first_name": "Other"})).await;
    let body = json!({"all": true, "query": "?search=many", "tag": "vip"});
    let asked = act(&alice, "tag", body.clone()).await;
    assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.text);
    assert_eq!(tagged(&world), 0);
    world.run_jobs().await;
    assert_eq!(tagged(&world), 2_500);
    let work = alice.get_json(asked.header("location")).await.json();
    assert_eq!(
        (&work["state"], &work["total"], &work["done"]),
        (&json!("done"), &json!(2_500), &json!(2_500))
    );
    let page = asked
        .header("location")
        .trim_start_matches("/api/v1")
        .to_owned();
    assert!(alice.get(&page).await.says("Undo all of it"));
    let undo = alice.post(&format!("{page}/undo"), &[]).await;
    assert_eq!(undo.header("location"), page);
    world.run_jobs().await;
    assert_eq!(tagged(&world), 0);
    for _ in 0..4 {
        assert_eq!(
            act(&alice, "tag", body.clone()).await.status,
            StatusCode::ACCEPTED
        );
    }
    assert_eq!(
        act(&alice, "tag", body).await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
    // A few at once are nobody's bulk.
    for _ in 0..8 {
        let few = json!({"all": true, "query": "?search=other", "tag": "few"});
        assert_eq!(act(&alice, "tag", few).await.status, StatusCode::OK);
    }
    world.leave_jobs();
}

fn tagged(world: &World) -> i64 {
    world.within("acme", |tx| {
        let vip = contacts::table.filter(contacts::tags.contains(vec!["vip"]));
        Ok(vip.count().get_result(&mut **tx)?)
    })
}

#[actix_web::test]
async fn what_was_done_before_a_crash_is_not_done_again() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    many(&world, 2_500);
    let asked = act(&alice, "tag", json!({"all": true, "tag": "vip"})).await;
    // One of the two lanes had come to its end.
    world.within("acme", |tx| {
        let halves = "with middle as (select id from contacts order by id offset 1249 limit 1) update works set total = 2500, \
             done = 1250, lanes = jsonb_build_array(jsonb_build_object('after', null, 'upto', middle.id, 'done', true), \
             jsonb_build_object('after', middle.id, 'upto', null, 'done', false)) from middle";
        Ok(diesel::sql_query(halves).execute(&mut **tx)?)
    });
    world.run_jobs().await;
    assert_eq!(tagged(&world), 1_250);
    let work = alice.get_json(asked.header("location")).await.json();
    assert_eq!(
        (&work["state"], &work["done"]),
        (&json!("done"), &json!(2_500))
    );
}

#[actix_web::test]
async fn an_act_that_is_stopped_does_no_more() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    many(&world, 1_500);
    let asked = act(&alice, "archive", json!({"all": true})).await;
    let page = asked
        .header("location")
        .trim_start_matches("/api/v1")
        .to_owned();
    let stopped = alice.post(&format!("{page}/stop"), &[]).await;
    assert_eq!(stopped.status, StatusCode::SEE_OTHER);
    world.run_jobs().await;
    let list = alice.get_json("/w/acme/contacts?count=1").await.json();
    assert_eq!(list["total"]["count"], 1_500);
    let again = alice.post(&format!("{page}/undo"), &[]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
}

#[actix_web::test]
async fn the_selection_is_exported() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ids = three(&alice).await;
    let form = [
        ("ids", ids[0].as_str()),
        ("ids", ids[2].as_str()),
        ("query", "?columns=city&sort=name"),
    ];
    let asked = alice.post("/w/acme/contacts/bulk/export", &form).await;
    let file = alice.get(asked.header("location")).await;
    assert_eq!(
        file.text,
        "First name,Last name,City\r\nAnn,,\r\nCleo,,\r\n"
    );
}

#[actix_web::test]
async fn who_is_given_many_is_told_once() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ids = three(&alice).await;
    let bob = world.person("agent@acme.test");
    act(&alice, "assign", json!({"ids": ids, "owner_id": bob})).await;
    let told = world.browser("agent@acme.test").await;
    let told = told.get_json("/w/acme/notifications").await.json();
    assert_eq!(told["items"].as_array().unwrap().len(), 1, "{told}");
    assert_eq!(told["items"][0]["title"], "3 contacts");
}

/// Where one was, by the card that tells it.
fn recent(home: &Value) -> Value {
    let mut cards = home["cards"].as_array().unwrap().iter();
    let card = cards.find(|card| card["key"] == "recent").unwrap();
    card["parts"][0]["lines"].clone()
}

#[actix_web::test]
async fn where_one_was_is_not_where_many_were_changed() {
    let alice = world().browser("owner@acme.test").await;
    let made = alice.get_json("/w/acme").await.json();
    assert_eq!(recent(&made), json!(null));
    let ids = three(&alice).await;
    let before = recent(&alice.get_json("/w/acme").await.json());
    act(&alice, "tag", json!({"ids": [ids[0]], "tag": "VIP"})).await;
    let after = recent(&alice.get_json("/w/acme").await.json());
    assert_eq!(before, after);
}
