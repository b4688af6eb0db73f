//! What is one's own, and nobody else's.

use actix_web::http::{Method, StatusCode, header};
use actix_web::test::TestRequest;
use platform::testing::Browser;
use platform::world::PASSWORD;
use serde_json::json;

use crate::testing::world;

const GOOD: &str = "Ветер-в-парусах-9";

async fn is_in(browser: &Browser) -> bool {
    browser.get("/w/acme/contacts").await.status == StatusCode::OK
}

#[actix_web::test]
async fn what_is_saved_counts_at_once_everywhere() {
    let world = world();
    let bob = world.browser("agent@acme.test").await;
    bob.get("/w/acme/contacts").await;
    let form = [
        ("name", "Bob Brandauer"),
        ("zone", "Asia/Tokyo"),
        ("theme", "light"),
        ("shortcuts", "false"),
    ];
    let saved = bob.post("/profile?_method=PATCH", &form).await;
    assert_eq!(saved.header("location"), "/profile");
    let page = bob.get("/w/acme/contacts").await;
    assert!(page.says("Bob Brandauer"));
    assert!(page.text.contains(r#"data-theme="light""#));
    assert!(page.text.contains(r#"data-shortcuts="off""#));
    let alice = world.browser("owner@acme.test").await;
    let members = alice.get("/w/acme/settings/members?search=brandauer").await;
    assert!(members.says("Bob Brandauer"));
}

#[actix_web::test]
async fn what_does_not_hold_comes_back_with_its_message() {
    let bob = world().browser("agent@acme.test").await;
    for (field, value, message) in [
        ("name", " ", "Please fill this in."),
        ("zone", "Utopia", "Please choose a time zone"),
        ("theme", "pink", "Please choose one of system, light, dark."),
    ] {
        let page = bob.post("/profile?_method=PATCH", &[(field, value)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.says(message), "{message}");
    }
}

#[actix_web::test]
async fn the_switches_of_the_menu_lead_back_to_where_one_was() {
    let bob = world().browser("agent@acme.test").await;
    let request = TestRequest::post()
        .uri("/profile/theme")
        .insert_header((
            header::REFERER,
            "http://localhost/w/acme/contacts?sort=name",
        ))
        .set_form([("theme", "dark")]);
    let answer = bob.send(request).await;
    assert_eq!(answer.header("location"), "/w/acme/contacts?sort=name");
    let page = bob.get("/w/acme/contacts").await;
    assert!(page.text.contains(r#"data-theme="dark""#));
    let elsewhere = TestRequest::post()
        .uri("/profile/theme")
        .insert_header((header::REFERER, "http://evil.test//evil.test/x"))
        .set_form([("density", "compact")]);
    assert!(
        !bob.send(elsewhere)
            .await
            .header("location")
            .contains("evil")
    );
}

#[actix_web::test]
async fn a_new_password_wants_the_old_one_and_signs_out_everywhere_else() {
    let world = world();
    let (here, there) = (
        world.browser("agent@acme.test").await,
        world.browser("agent@acme.test").await,
    );
    let change = async |current: &str| {
        let form = [("current", current), ("password", GOOD), ("again", GOOD)];
        here.post("/profile/password?_method=PUT", &form).await
    };
    let refused = change("not it").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.says("This is not your password."));
    assert_eq!(change(PASSWORD).await.status, StatusCode::SEE_OTHER);
    assert!(is_in(&here).await);
    assert!(!is_in(&there).await);
}

#[actix_web::test]
async fn a_device_is_signed_out_at_once_and_only_by_its_owner() {
    let world = world();
    let (here, there) = (
        world.browser("agent@acme.test").await,
        world.browser("agent@acme.test").await,
    );
    assert!(is_in(&there).await);
    let devices = here.get_json("/profile/devices").await.json();
    let current = devices["current"].as_str().unwrap().to_owned();
    let items = devices["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    let other = items
        .iter()
        .find_map(|d| d["id"].as_str().filter(|id| *id != current))
        .unwrap();
    let url = format!("/profile/devices/{other}");
    let mallory = world.browser("owner@globex.test").await;
    let stolen = mallory.api(Method::DELETE, &url, json!({})).await;
    assert_eq!(stolen.status, StatusCode::NOT_FOUND);
    assert!(is_in(&there).await);
    let ended = here.api(Method::DELETE, &url, json!({})).await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    assert!(!is_in(&there).await);
    assert!(is_in(&here).await);
}

#[actix_web::test]
async fn all_other_devices_are_signed_out_together() {
    let world = world();
    let mut browsers = Vec::new();
    for _ in 0..3 {
        browsers.push(world.browser("agent@acme.test").await);
    }
    let page = browsers[0].get("/profile/devices").await;
    assert!(page.says("This device") && page.says("Sign out all others"));
    browsers[0]
        .post("/profile/devices?_method=DELETE", &[])
        .await;
    assert!(is_in(&browsers[0]).await);
    assert!(!is_in(&browsers[1]).await && !is_in(&browsers[2]).await);
}
