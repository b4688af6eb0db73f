//! Lists are kept until something changes: nobody may ever see an old one, nor another person's.

use actix_web::http::{Method, StatusCode, header};
use actix_web::test::TestRequest;
use chrono::TimeDelta;
use diesel::RunQueryDsl;
use platform::clock;
use platform::testing::{Browser, World};
use serde_json::json;

use super::record::contact;
use crate::testing::world;

const LIST: &str = "/w/acme/contacts?columns=city";

/// Behind the back of everything that could tell of it, which is what shows that a page was kept.
fn move_silently(world: &World, city: &str) {
    let mut conn = world.app.pool.get().unwrap();
    let moved = diesel::sql_query("update contacts set city = $1")
        .bind::<diesel::sql_types::Text, _>(city)
        .execute(&mut conn);
    assert!(moved.unwrap() > 0);
}

async fn shows(browser: &Browser, city: &str) -> bool {
    browser.get(LIST).await.says(city)
}

#[actix_web::test]
async fn a_list_is_kept_until_a_write_and_for_a_minute_at_most() {
    let now = clock::now();
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ann = contact(&alice, json!({"first_name": "Ann", "city": "Split"})).await;
    let stopped = clock::freeze(now);
    assert!(shows(&alice, "Split").await);
    move_silently(&world, "Zadar");
    assert!(shows(&alice, "Split").await, "it was not kept");
    let other = "/w/acme/contacts?columns=city&sort=name";
    assert!(alice.get(other).await.says("Zadar"), "another page");
    let change = json!({"city": "Rijeka"});
    let written = alice.api(Method::PATCH, &ann, change).await;
    assert_eq!(written.status, StatusCode::OK, "{}", written.text);
    assert!(shows(&alice, "Rijeka").await, "after a write");
    move_silently(&world, "Zadar");
    assert!(shows(&alice, "Rijeka").await);
    drop(stopped);
    let _stopped = clock::freeze(now + TimeDelta::minutes(1));
    assert!(shows(&alice, "Zadar").await, "a minute later");
}

#[actix_web::test]
async fn what_is_kept_is_ones_own() {
    let world = world();
    let _stopped = clock::freeze(clock::now());
    let alice = world.browser("owner@acme.test").await;
    let viewer = world.browser("viewer@acme.test").await;
    contact(&alice, json!({"first_name": "Ann", "city": "Split"})).await;
    let new = "/w/acme/contacts/new";
    assert!(alice.get(LIST).await.says(new));
    let theirs = viewer.get(LIST).await;
    assert!(theirs.says("Split") && !theirs.says(new));
    // What stands outside of the workspace counts too.
    assert!(!alice.get(LIST).await.says("data-theme=\"dark\""));
    alice.post("/profile/theme", &[("theme", "dark")]).await;
    assert!(alice.get(LIST).await.says("data-theme=\"dark\""));
    // A fragment is not the page, a program gets its own, and nobody's is nobody's.
    let part = TestRequest::get()
        .uri(LIST)
        .insert_header(("hx-request", "true"))
        .insert_header(("hx-target", "results"));
    assert!(!alice.send(part).await.says("<html"));
    assert_eq!(
        alice.get_json(LIST).await.json()["items"][0]["city"],
        "Split"
    );
    assert!(!world.stranger().get(LIST).await.says("Split"));
}

#[actix_web::test]
async fn who_asks_again_gets_it_packed() {
    let world = world();
    let _stopped = clock::freeze(clock::now());
    let alice = world.browser("owner@acme.test").await;
    contact(&alice, json!({"first_name": "李雷", "city": "Split"})).await;
    let ask = || {
        TestRequest::get()
            .uri(LIST)
            .insert_header((header::ACCEPT_ENCODING, "gzip, br;q=0.9"))
    };
    let first = alice.send(ask()).await;
    let again = alice.send(ask()).await;
    assert_eq!(
        (
            first.header("content-encoding"),
            again.header("content-encoding")
        ),
        ("", "br")
    );
    let mut text = Vec::new();
    brotli::BrotliDecompress(&mut &again.bytes[..], &mut text).unwrap();
    assert_eq!(text, first.bytes);
    assert!(
        alice.get(LIST).await.bytes == first.bytes,
        "who takes none gets it plain"
    );
}

#[actix_web::test]
async fn what_only_looks_can_not_write() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    contact(&alice, json!({"first_name": "Ann"})).await;
    let workspace = world.within("acme", |tx| Ok(tx.workspace));
    let reader = platform::db::tx::Subject::reader(workspace);
    let refused = world.app.tx_now(reader, |tx| {
        Ok(diesel::sql_query("update contacts set city = 'Split'").execute(&mut **tx)?)
    });
    assert!(format!("{:?}", refused.unwrap_err()).contains("read-only"));
}
