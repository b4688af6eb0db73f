//! Owners and followers hear of what others do, and only they.

use actix_web::http::{Method, StatusCode};
use serde_json::json;

use crate::testing::world;

#[actix_web::test]
async fn the_owner_hears_of_what_somebody_else_did_and_can_mark_it_read() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let bob = world.browser("agent@acme.test").await;
    let owner = world.person("agent@acme.test");
    alice
        .api(
            Method::POST,
            "/w/acme/contacts",
            json!({"first_name": "Ann", "owner_id": owner}),
        )
        .await;
    let mine = bob.get_json("/w/acme/notifications").await.json();
    assert_eq!(mine["items"][0]["title"], "Ann");
    assert_eq!(
        alice.get_json("/w/acme/notifications").await.json()["items"],
        json!([])
    );
    let open = bob
        .get(&format!(
            "/w/acme/notifications/{}",
            mine["items"][0]["id"].as_str().unwrap()
        ))
        .await;
    assert_eq!(open.status, StatusCode::SEE_OTHER);
    assert!(open.header("location").starts_with("/w/acme/contacts/"));
    let mine = bob.get_json("/w/acme/notifications").await.json();
    assert_ne!(mine["items"][0]["read_at"], json!(null));
}
