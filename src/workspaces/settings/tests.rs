//! Who may change a workspace, and how its colour shows.

use actix_web::http::{Method, StatusCode};
use serde_json::json;

use crate::testing::world;

#[actix_web::test]
async fn the_settings_page_leads_only_to_what_one_may_open() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let page = alice.get("/w/acme/settings").await;
    for path in ["workspace", "members", "roles", "api-keys", "audit"] {
        let href = format!("/w/acme/settings/{path}\"");
        assert!(page.text.contains(&href), "{path}");
    }
    let carol = world.browser("viewer@acme.test").await;
    let page = carol.get("/w/acme/settings").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.text.contains("/w/acme/settings/roles"));
    assert_eq!(
        carol.get("/w/acme/settings/workspace").await.status,
        StatusCode::FORBIDDEN
    );
}

#[actix_web::test]
async fn a_change_counts_at_once_and_leaves_its_event() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    alice.get("/w/acme/settings").await;
    let change = json!({"name": "Acme Harbour", "accent": "#1B2A4E", "zone": "Europe/Lisbon"});
    let saved = alice
        .api(Method::PATCH, "/w/acme/settings/workspace", change)
        .await;
    assert_eq!(saved.status, StatusCode::OK);
    assert_eq!(saved.json()["currency"], "EUR");
    let page = alice.get("/w/acme/settings").await;
    assert!(page.says("Acme Harbour") && page.text.contains("/brand/1B2A4E.css"));
    let log = alice.get_json("/w/acme/settings/audit").await.json();
    assert_eq!(log["items"][0]["kind"], "workspace.changed");
    assert_eq!(
        log["items"][0]["changes"]["name"],
        json!(["Acme Marine", "Acme Harbour"])
    );
}

#[actix_web::test]
async fn what_does_not_hold_comes_back_with_its_message() {
    let alice = world().browser("owner@acme.test").await;
    let url = "/w/acme/settings/workspace?_method=PATCH";
    for (field, value, message) in [
        ("name", "", "Please fill this in."),
        ("accent", "red", "Please enter a colour"),
        ("currency", "XXX", "Please choose a currency"),
        ("zone", "Mars/Olympus", "Please choose a time zone"),
        (
            "sender_email",
            "no address",
            "Please enter an e-mail address",
        ),
    ] {
        let page = alice.post(url, &[(field, value)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(page.says(message), "{field}");
    }
}
