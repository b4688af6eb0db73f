//! Every number is that of the list behind it.

use actix_web::http::{Method, StatusCode};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Jsonb, Text, Timestamptz, Uuid as SqlUuid};
use platform::clock;
use platform::testing::{Browser, World};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{all, card, figure};
use crate::testing::world;

const NOON: &str = "2026-11-18T12:00:00Z";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

async fn make(browser: &Browser, path: &str, body: Value) -> Value {
    let url = format!("/api/v1/w/acme{path}");
    let made = browser.api(Method::POST, &url, body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.json()
}

fn run(world: &World, sql: &str, id: &Value, moment: &str) {
    let id: Uuid = id["id"].as_str().unwrap().parse().unwrap();
    world.within("acme", |tx| {
        sql_query(sql)
            .bind::<SqlUuid, _>(id)
            .bind::<Timestamptz, _>(at(moment))
            .execute(&mut **tx)?;
        Ok(())
    });
}

/// Some of everything: of several people, in two currencies, now and before.
async fn scene(world: &World) -> Browser {
    let alice = world.browser("owner@acme.test").await;
    let bob = world.person("agent@acme.test");
    let pipelines = alice.get_json("/w/acme/settings/pipelines").await.json();
    let stages = pipelines["items"][0]["stages"].as_array().unwrap().clone();
    let stage = |name: &str| {
        let found = stages.iter().find(|stage| stage["name"] == name).unwrap();
        found["id"].clone()
    };
    for (n, (name, moment, stage, owner)) in [
        ("Ann", "2026-11-18T08:00:00Z", "lead", None),
        ("Ben", "2026-11-02T08:00:00Z", "customer", Some(bob)),
        ("Cem", "2026-10-22T08:00:00Z", "lead", Some(bob)),
        ("Dan", "2026-10-02T08:00:00Z", "lead", None),
        ("Eve", "2025-01-02T08:00:00Z", "lead", None),
    ]
    .into_iter()
    .enumerate()
    {
        let body = json!({"first_name": name, "email": format!("p{n}@example.com"), "lifecycle_stage": stage, "owner_id": owner});
        let contact = make(&alice, "/contacts", body).await;
        run(
            world,
            "update contacts set created_at = $2 where id = $1",
            &contact,
            moment,
        );
        let path = format!(
            "/records/contact/{}/activities",
            contact["id"].as_str().unwrap()
        );
        for kind in ["call", "email", "meeting"].iter().take(n + 1) {
            make(&alice, &path, json!({"kind": kind, "at": moment})).await;
        }
        let due =
            json!({"name": format!("Call {name}"), "due_on": &moment[..10], "owner_id": owner});
        let task = make(&alice, "/tasks", due).await;
        if n % 2 == 0 {
            run(
                world,
                "update tasks set completed_at = $2 where id = $1",
                &task,
                moment,
            );
        }
    }
    for (name, amount, currency, ends, moment, owner) in [
        ("A", 100, "EUR", "Won", "2026-11-17T10:00:00Z", None),
        ("B", 250, "EUR", "Won", "2026-11-01T10:00:00Z", Some(bob)),
        ("C", 900, "USD", "Won", "2026-11-10T10:00:00Z", None),
        ("D", 500, "EUR", "Lost", "2026-11-11T10:00:00Z", None),
        ("E", 700, "EUR", "Won", "2026-10-10T10:00:00Z", None),
        ("F", 300, "EUR", "New", NOON, Some(bob)),
        ("G", 400, "EUR", "Proposal", NOON, None),
        ("H", 60, "USD", "Proposal", NOON, None),
    ] {
        let body = json!({"name": name, "amount": amount * 100, "currency": currency, "stage_id": stage("New"), "owner_id": owner});
        let deal = make(&alice, "/deals", body).await;
        if ends != "New" {
            let path = format!("/api/v1/w/acme/deals/{}/move", deal["id"].as_str().unwrap());
            let reasons = pipelines["reasons"].as_array().unwrap();
            let reason = reasons.iter().find(|r| r["kind"] == ends.to_lowercase());
            let reason = reason.map(|r| r["id"].clone());
            let body = json!({"stage_id": stage(ends), "reason_id": reason});
            let moved = alice.api(Method::POST, &path, body).await;
            assert_eq!(moved.status, StatusCode::OK, "{}", moved.text);
        }
        let ended = "update deals set closed_at = $2 where id = $1 and closed_at is not null";
        run(world, ended, &deal, moment);
    }
    world.leave_jobs();
    alice
}

/// How many records stand behind an address.
async fn behind(browser: &Browser, url: &str) -> i64 {
    let list = browser.get_json(url).await;
    assert_eq!(list.status, StatusCode::OK, "{url}: {}", list.text);
    let list = list.json();
    list["total"]["count"]
        .as_i64()
        .unwrap_or_else(|| panic!("{url}: {list}"))
}

/// Follows every link of every figure and every mark; gives how many there were.
async fn follow(browser: &Browser, home: &Value) -> usize {
    let mut followed = 0;
    for shown in home["cards"].as_array().unwrap() {
        let figures = all(shown, "figures", "");
        let marks = all(shown, "chart", "marks");
        let counted = figures.iter().filter(|one| !one["count"].is_null());
        let counted = counted.map(|one| (one, one["count"]["count"].as_i64().unwrap()));
        let marked = marks
            .iter()
            .map(|one| (one, one["count"].as_i64().unwrap()));
        for (one, count) in counted.chain(marked) {
            let url = one["url"].as_str().unwrap();
            let there = behind(browser, url).await;
            assert_eq!(there, count, "{} {}: {url}", shown["key"], one["label"]);
            followed += 1;
        }
    }
    followed
}

#[actix_web::test]
async fn every_number_is_that_of_the_list_behind_it() {
    let _clock = clock::freeze(at(NOON));
    let world = world();
    let alice = scene(&world).await;
    let bob = world.person("agent@acme.test");
    for asked in [
        "".to_owned(),
        "?period=today".into(),
        "?period=month&who=me".into(),
        "?period=quarter&currency=USD".into(),
        "?period=year".into(),
        "?period=own&from=2026-10-20&to=2026-11-02".into(),
        format!("?period=year&who={bob}"),
    ] {
        let home = alice.get_json(&format!("/w/acme{asked}")).await;
        assert_eq!(home.status, StatusCode::OK, "{asked}: {}", home.text);
        let followed = follow(&alice, &home.json()).await;
        assert!(followed > 15, "{asked}: {followed}");
    }
}

#[actix_web::test]
async fn numbers_are_compared_with_those_of_the_period_before() {
    let _clock = clock::freeze(at(NOON));
    let world = world();
    let alice = scene(&world).await;
    let home = alice.get_json("/w/acme").await.json();
    let new = figure(&home, "contacts", "New");
    assert_eq!(
        (&new["value"], &new["change"]["text"]),
        (&json!("3"), &json!("200 %"))
    );
    // What is in another currency stands beside it, and is not added.
    let won = figure(&home, "revenue", "Won");
    assert_eq!(won["value"], "EUR\u{a0}350");
    assert_eq!(won["note"], "+ USD\u{a0}900 · 3 deals");
    assert_eq!(won["change"]["said"], "50 % less than in the period before");
    let rate = figure(&home, "deals", "Win rate");
    assert_eq!(
        (&rate["value"], &rate["note"]),
        (&json!("75 %"), &json!("of 4 deals"))
    );
    let open = figure(&home, "deals", "Open");
    assert_eq!(
        (&open["value"], &open["note"]),
        (&json!("EUR\u{a0}700"), &json!("+ USD\u{a0}60 · 3 deals"))
    );
    let usd = alice.get_json("/w/acme?currency=USD").await.json();
    assert_eq!(figure(&usd, "revenue", "Won")["value"], "USD\u{a0}900");
    let page = alice.get("/w/acme").await;
    for words in [
        "200 % more than in the period before",
        "role=\"group\"",
        "As a table",
    ] {
        assert!(page.says(words), "{words}");
    }
}

#[actix_web::test]
async fn a_day_begins_at_the_readers_midnight() {
    let _clock = clock::freeze(at("2026-11-22T12:00:00Z"));
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    // There it is the 23rd already, since eleven o'clock.
    let owner = world.person("owner@acme.test");
    world.within("acme", |tx| {
        sql_query("update people set zone = 'Pacific/Auckland' where id = $1")
            .bind::<SqlUuid, _>(owner)
            .execute(&mut **tx)?;
        Ok(())
    });
    world.app.access.forget();
    for moment in ["2026-11-22T10:59:59Z", "2026-11-22T11:00:00Z"] {
        let contact = make(&alice, "/contacts", json!({"first_name": "Ann"})).await;
        run(
            &world,
            "update contacts set created_at = $2 where id = $1",
            &contact,
            moment,
        );
    }
    let home = alice.get_json("/w/acme?period=today").await.json();
    let new = figure(&home, "contacts", "New");
    assert_eq!(new["value"], "1");
    assert_eq!(new["change"]["text"], "as before");
    assert_eq!(behind(&alice, new["url"].as_str().unwrap()).await, 1);
    assert_eq!(home["period"], "23 Nov 2026");
}

/// Gives somebody a role with these rights.
fn allow(world: &World, email: &str, rights: Value) {
    let person = world.person(email);
    world.within("acme", |tx| {
        sql_query(
            "with made as (insert into roles (id, key, name, rank, system, permissions) values (new_id(), 'own', 'Own', 1, false, $2) returning id)
             update members set role_id = made.id from made where person_id = $1 and $3 <> ''",
        )
        .bind::<SqlUuid, _>(person)
        .bind::<Jsonb, _>(rights)
        .bind::<Text, _>(email)
        .execute(&mut **tx)?;
        Ok(())
    });
    world.app.access.forget();
}

#[actix_web::test]
async fn whoever_sees_only_their_own_counts_only_those() {
    let _clock = clock::freeze(at(NOON));
    let world = world();
    scene(&world).await;
    let own = json!({"view": "own"});
    let rights = json!({"dashboard": {"view": "all"}, "contacts": own, "deals": own, "notes": {"view": "all"}});
    allow(&world, "agent@acme.test", rights);
    let bob = world.browser("agent@acme.test").await;
    let home = bob.get_json("/w/acme").await.json();
    assert_eq!(figure(&home, "contacts", "New")["value"], "2");
    assert_eq!(figure(&home, "revenue", "Won")["value"], "EUR\u{a0}250");
    // Those on Ben and on Cem; Ann's are not Bob's to see.
    assert_eq!(figure(&home, "activities", "Calls")["value"], "2");
    // What the role may not see has no card.
    assert_eq!(card(&home, "tasks"), Value::Null);
    assert_eq!(card(&home, "campaigns"), Value::Null);
    assert!(follow(&bob, &home).await > 10);
    let page = bob.get("/w/acme").await;
    assert!(!page.says("Mona Lind"), "nobody else can be chosen");
}

#[actix_web::test]
async fn what_cannot_be_read_is_said_beside_the_field() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let page = alice
        .get("/w/acme?period=own&from=2026-11-20&to=2026-11-01")
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.says("The first day comes after the last."));
    assert!(page.says("value=\"2026-11-20\""), "nothing typed is lost");
    let refused = alice.get_json("/api/v1/w/acme?who=nobody").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.json()["errors"][0]["field"], "who");
}

#[actix_web::test]
async fn activities_are_listed_page_by_page() {
    let _clock = clock::freeze(at(NOON));
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let contact = make(&alice, "/contacts", json!({"first_name": "Ann"})).await;
    let path = format!(
        "/records/contact/{}/activities",
        contact["id"].as_str().unwrap()
    );
    for _ in 0..52 {
        make(
            &alice,
            &path,
            json!({"kind": "call", "at": "2026-11-18T09:00:00Z"}),
        )
        .await;
    }
    let first = alice.get_json("/w/acme/activities?kind=call").await.json();
    assert_eq!(first["items"].as_array().unwrap().len(), 50);
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = alice
        .get_json(&format!("/w/acme/activities?kind=call&cursor={cursor}"))
        .await;
    assert_eq!(rest.json()["items"].as_array().unwrap().len(), 2);
    let page = alice.get("/w/acme/activities?kind=meeting").await;
    assert!(page.says("Nothing was logged here"));
    let mallory = world.browser("owner@globex.test").await;
    assert_eq!(
        mallory.get_json("/w/globex/activities").await.json()["items"],
        json!([])
    );
}
