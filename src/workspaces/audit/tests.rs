//! What the log holds, who reads it, and that nobody alters it.

use actix_web::http::{Method, StatusCode};
use actix_web::test::TestRequest;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use platform::schema::events;
use platform::testing::Browser;
use platform::world::PASSWORD;
use serde_json::{Value, json};

use crate::testing::world;

const URL: &str = "/w/acme/settings/audit";

async fn add(browser: &Browser, name: &str) {
    browser
        .api(
            Method::POST,
            "/w/acme/contacts",
            json!({"first_name": name}),
        )
        .await;
}

fn titles(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().cloned().unwrap_or_default();
    let title = |e: &Value| e["title"].as_str().unwrap_or_default().to_owned();
    items.iter().map(title).collect()
}

#[actix_web::test]
async fn an_entry_tells_who_what_and_where_from() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let request = TestRequest::post()
        .uri("/w/acme/contacts")
        .peer_addr("203.0.113.7:4711".parse().unwrap())
        .insert_header(("user-agent", "Lynx/2.9"))
        .set_form([("first_name", "Ann")]);
    let request_id = alice.send(request).await.header("x-request-id").to_owned();
    let entry = alice.get_json(URL).await.json()["items"][0].clone();
    assert_eq!(
        (
            &entry["kind"],
            &entry["actor_name"],
            &entry["ip"],
            &entry["user_agent"]
        ),
        (
            &json!("contact.created"),
            &json!("Alice Archer"),
            &json!("203.0.113.7"),
            &json!("Lynx/2.9")
        )
    );
    assert_eq!(entry["request_id"], request_id);
    assert_eq!(entry["changes"]["first_name"], json!([null, "Ann"]));
    let page = alice.get(URL).await;
    for text in ["203.0.113.7", "Lynx/2.9", &request_id, "<ins>Ann</ins>"] {
        assert!(page.text.contains(text), "{text}");
    }
}

#[actix_web::test]
async fn the_log_is_searched_filtered_and_paged() {
    let world = world();
    let (alice, bob) = (
        world.browser("owner@acme.test").await,
        world.browser("agent@acme.test").await,
    );
    for name in ["Ann", "Bea", "Cleo"] {
        add(&alice, name).await;
    }
    add(&bob, "Dora").await;
    let get = async |query: &str| alice.get_json(&format!("{URL}?{query}")).await.json();
    assert_eq!(titles(&get("search=CLE").await), ["Cleo"]);
    let by_bob = format!("actor={}", world.person("agent@acme.test"));
    assert_eq!(titles(&get(&by_bob).await), ["Dora"]);
    assert_eq!(titles(&get("kind=contact").await).len(), 4);
    assert_eq!(titles(&get("kind=contact.archived").await).len(), 0);
    assert_eq!(titles(&get("from=2100-01-01").await).len(), 0);
    assert_eq!(titles(&get("to=2000-01-01").await).len(), 0);
    let first = get("limit=3").await;
    assert_eq!(titles(&first), ["Dora", "Cleo", "Bea"]);
    let next = format!("limit=3&cursor={}", first["next_cursor"].as_str().unwrap());
    let second = get(&next).await;
    assert_eq!(titles(&second), ["Ann"]);
    assert_eq!(second["next_cursor"], json!(null));
}

#[actix_web::test]
async fn attempts_that_were_denied_stand_in_it() {
    let world = world();
    let carol = world.browser("viewer@acme.test").await;
    carol
        .post("/w/acme/contacts", &[("first_name", "Ann")])
        .await;
    let alice = world.browser("owner@acme.test").await;
    let entry = alice.get_json(URL).await.json()["items"][0].clone();
    assert_eq!(
        (&entry["kind"], &entry["title"], &entry["actor_name"]),
        (
            &json!("access.denied"),
            &json!("contacts.create"),
            &json!("Carol Nguyễn")
        )
    );
}

#[actix_web::test]
async fn sign_ins_of_members_stand_in_it_refused_ones_too() {
    let world = world();
    for (email, password) in [
        ("agent@acme.test", "wrong"),
        ("agent@acme.test", PASSWORD),
        ("owner@globex.test", PASSWORD),
        ("nobody@acme.test", "wrong"),
    ] {
        let form = [("email", email), ("password", password)];
        world.stranger().post("/login", &form).await;
    }
    let alice = world.browser("owner@acme.test").await;
    let url = format!("{URL}/sign-ins");
    let list = alice.get_json(&url).await.json();
    let outcomes: Vec<_> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| (s["name"].as_str().unwrap(), s["outcome"].as_str().unwrap()))
        .collect();
    assert_eq!(
        outcomes,
        [("Bob Brandt", "signed_in"), ("Bob Brandt", "refused")]
    );
    let refused = alice.get_json(&format!("{url}?kind=refused")).await.json();
    assert_eq!(refused["items"].as_array().unwrap().len(), 1);
    assert!(alice.get(&url).await.says("Refused"));
}

#[actix_web::test]
async fn it_is_exported_as_a_table_and_that_stands_in_it_too() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    add(&alice, "=cmd()").await;
    let csv = alice.get(&format!("{URL}/export?kind=contact")).await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert!(csv.header("content-disposition").contains("audit-acme.csv"));
    let lines: Vec<_> = csv.text.trim_start_matches('\u{feff}').lines().collect();
    assert!(lines[0].starts_with("Number,When,Who,What,About"));
    assert!(lines[1].contains("Alice Archer,contact.created,'=cmd()"));
    let entry = alice.get_json(URL).await.json()["items"][0].clone();
    assert_eq!(entry["kind"], "audit.exported");
}

#[actix_web::test]
async fn the_application_can_neither_change_nor_remove_an_entry() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    add(&alice, "Ann").await;
    for table in ["events", "event_seals", "sign_ins"] {
        for sql in [
            format!("update {table} set id = id"),
            format!("delete from {table}"),
            format!("truncate {table}"),
            format!("set local app.retention = 'on'; delete from {table}"),
            format!("alter table {table} disable trigger all"),
        ] {
            let refused = world.within("acme", |tx| {
                let done: QueryResult<()> = tx.transaction(|conn| conn.batch_execute(&sql));
                Ok(done.is_err())
            });
            assert!(refused, "{sql}");
        }
    }
    assert_eq!(titles(&alice.get_json(URL).await.json()), ["Ann"]);
}

#[actix_web::test]
async fn a_workspace_that_is_taken_down_takes_its_entries() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    add(&alice, "Ann").await;
    let mallory = world.browser("owner@globex.test").await;
    let other = json!({"first_name": "Gus"});
    mallory.api(Method::POST, "/w/globex/contacts", other).await;
    let (own, others): (i64, i64) = world.within("acme", |tx| {
        let acme = tx.workspace;
        tx.rehearse(|tx| {
            tx.batch_execute(&format!(
                "reset role; set local app.retention = 'on'; delete from workspaces where id = '{acme}'"
            ))?;
            let own = events::table.filter(events::workspace_id.eq(acme));
            let others = events::table.filter(events::workspace_id.ne(acme));
            Ok((
                own.count().get_result(&mut **tx)?,
                others.count().get_result(&mut **tx)?,
            ))
        })
    });
    assert_eq!(own, 0);
    assert!(others > 0);
}

#[actix_web::test]
async fn only_who_may_read_it_does_and_nobody_from_elsewhere() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    add(&alice, "Ann").await;
    let mona = world.browser("manager@acme.test").await;
    assert_eq!(mona.get(URL).await.status, StatusCode::OK);
    let export = format!("{URL}/export");
    assert_eq!(mona.get(&export).await.status, StatusCode::FORBIDDEN);
    let bob = world.browser("agent@acme.test").await;
    assert_eq!(bob.get(URL).await.status, StatusCode::FORBIDDEN);
    let mallory = world.browser("owner@globex.test").await;
    assert_eq!(mallory.get(URL).await.status, StatusCode::NOT_FOUND);
    let own = mallory.get_json("/w/globex/settings/audit").await.json();
    assert!(titles(&own).is_empty());
    let signed = mallory
        .get_json(&format!(
            "/w/globex/settings/audit/sign-ins?actor={}",
            world.person("owner@acme.test")
        ))
        .await
        .json();
    assert_eq!(signed["items"], json!([]));
}

#[actix_web::test]
async fn every_part_of_the_page_stands_once() {
    let alice = world().browser("owner@acme.test").await;
    let page = alice.get(URL).await;
    assert_eq!(page.text.matches("Export CSV").count(), 1);
}
