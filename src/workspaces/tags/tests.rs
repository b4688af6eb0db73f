//! The six that every resource has, and that a change of a tag reaches every record.

use actix_web::http::{Method, StatusCode};
use platform::testing::Browser;
use serde_json::{Value, json};

use crate::testing::world;

const URL: &str = "/api/v1/w/acme/settings/tags";
const PAGE: &str = "/w/acme/settings/tags";

/// A contact or company with these tags; its address.
async fn tagged(browser: &Browser, collection: &str, name: &str, tags: Value) -> String {
    let url = format!("/api/v1/w/acme/{collection}");
    let body = json!({"name": name, "first_name": name, "tags": tags});
    let made = browser.api(Method::POST, &url, body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.header("location").to_owned()
}

async fn tags(browser: &Browser, url: &str) -> Value {
    browser.get_json(url).await.json()["tags"].clone()
}

async fn find(browser: &Browser, name: &str) -> Value {
    let list = browser.get_json(PAGE).await.json();
    let items = list["items"].as_array().unwrap().clone();
    let found = items.into_iter().find(|tag| tag["name"] == name);
    found.unwrap_or_else(|| panic!("no tag {name} in {list}"))
}

fn of(tag: &Value) -> String {
    format!("{URL}/{}", tag["id"].as_str().unwrap())
}

#[actix_web::test]
async fn lists_searches_and_counts() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    tagged(&alice, "contacts", "Ann", json!(["vip", "hot"])).await;
    tagged(&alice, "companies", "Café", json!(["vip"])).await;
    assert_eq!(find(&alice, "vip").await["records"], 2);
    assert_eq!(find(&alice, "hot").await["records"], 1);
    let found = alice.get_json(&format!("{PAGE}?search=HO")).await.json();
    assert_eq!(found["items"].as_array().unwrap().len(), 1, "{found}");
    let page = alice.get(PAGE).await;
    assert!(page.says("tag--slate") && page.says("vip"), "{}", page.text);
}

#[actix_web::test]
async fn creates_colours_and_shows_the_colour() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let form = [("name", "gold"), ("colour", "amber")];
    assert_eq!(alice.post(PAGE, &form).await.status, StatusCode::SEE_OTHER);
    tagged(&alice, "contacts", "Ann", json!(["GOLD"])).await;
    let list = alice.get("/w/acme/contacts?columns=tags").await;
    assert!(
        list.says(r#"<span class="tag tag--amber">gold</span>"#),
        "{}",
        list.text
    );
    let gold = find(&alice, "gold").await;
    alice
        .api(Method::PATCH, &of(&gold), json!({"colour": "blue"}))
        .await;
    assert!(
        alice
            .get("/w/acme/contacts?columns=tags")
            .await
            .says("tag--blue")
    );
}

#[actix_web::test]
async fn refuses_a_bad_name_with_its_message() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    alice.post(PAGE, &[("name", "vip")]).await;
    for (name, words) in [
        ("", "Please fill this in."),
        ("a, b", "A tag holds no comma."),
        ("VIP", "There is a tag of this name already."),
    ] {
        let refused = alice.post(PAGE, &[("name", name), ("colour", "red")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(
            refused.says(words) && refused.says(&format!("value=\"{name}\"")),
            "{}",
            refused.text
        );
    }
    let wrong = alice
        .api(Method::POST, URL, json!({"name": "x", "colour": "gold"}))
        .await;
    assert_eq!(
        wrong.json()["errors"][0]["field"],
        "colour",
        "{}",
        wrong.text
    );
}

#[actix_web::test]
async fn a_new_name_is_on_every_record() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ann = tagged(&alice, "contacts", "Ann", json!(["a", "vip", "z"])).await;
    let gone = tagged(&alice, "contacts", "Gone", json!(["vip"])).await;
    alice.api(Method::DELETE, &gone, json!({})).await;
    let cafe = tagged(&alice, "companies", "Café", json!(["vip"])).await;
    let vip = find(&alice, "vip").await;
    let saved = alice
        .api(Method::PATCH, &of(&vip), json!({"name": "Very important"}))
        .await;
    assert_eq!(saved.json()["records"], 3, "{}", saved.text);
    assert_eq!(
        tags(&alice, &ann).await,
        json!(["a", "Very important", "z"])
    );
    assert_eq!(tags(&alice, &gone).await, json!(["Very important"]));
    assert_eq!(tags(&alice, &cafe).await, json!(["Very important"]));
    let page = alice.get(ann.trim_start_matches("/api/v1")).await;
    assert!(page.says("Very important"), "{}", page.text);
}

#[actix_web::test]
async fn two_tags_become_one() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let both = tagged(&alice, "contacts", "Both", json!(["vip", "VIPs"])).await;
    let one = tagged(&alice, "contacts", "One", json!(["VIPs"])).await;
    let (gone, stays) = (find(&alice, "VIPs").await, find(&alice, "vip").await);
    let merge = format!("{}/merge", of(&gone));
    let itself = alice
        .api(Method::POST, &merge, json!({"into": gone["id"]}))
        .await;
    assert_eq!(itself.status, StatusCode::UNPROCESSABLE_ENTITY);
    let merged = alice
        .api(Method::POST, &merge, json!({"into": stays["id"]}))
        .await;
    assert_eq!(merged.json()["records"], 2, "{}", merged.text);
    assert_eq!(tags(&alice, &both).await, json!(["vip"]));
    assert_eq!(tags(&alice, &one).await, json!(["vip"]));
    let list = alice.get_json(PAGE).await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
}

#[actix_web::test]
async fn a_deleted_tag_can_be_had_back() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ann = tagged(&alice, "contacts", "Ann", json!(["vip"])).await;
    let bea = tagged(&alice, "contacts", "Bea", json!(["other"])).await;
    let vip = find(&alice, "vip").await;
    alice
        .api(Method::PATCH, &of(&vip), json!({"colour": "red"}))
        .await;
    let url = format!("{}?_method=DELETE", of(&vip).trim_start_matches("/api/v1"));
    let deleted = alice.post(&url, &[]).await;
    assert_eq!(deleted.status, StatusCode::SEE_OTHER);
    assert_eq!(tags(&alice, &ann).await, json!([]));
    let event: uuid::Uuid = world.within("acme", |tx| {
        use diesel::prelude::*;
        use platform::schema::events;
        let deleted = events::table.filter(events::kind.eq("tag.deleted"));
        Ok(deleted.select(events::id).first(&mut **tx)?)
    });
    let undo = format!("{PAGE}/deletions/{event}/undo");
    let mallory = world.browser("owner@globex.test").await;
    let theirs = mallory.post(&undo.replace("/acme/", "/globex/"), &[]).await;
    assert_eq!(theirs.status, StatusCode::NOT_FOUND);
    assert_eq!(alice.post(&undo, &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(tags(&alice, &ann).await, json!(["vip"]));
    assert_eq!(tags(&alice, &bea).await, json!(["other"]));
    assert_eq!(find(&alice, "vip").await["colour"], "red");
}

#[actix_web::test]
async fn those_without_the_right_change_nothing() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    tagged(&alice, "contacts", "Ann", json!(["vip"])).await;
    let bob = world.browser("agent@acme.test").await;
    let page = bob.get(PAGE).await;
    assert!(page.says("vip") && !page.says("New tag"), "{}", page.text);
    let vip = find(&bob, "vip").await;
    let refused = bob
        .api(Method::PATCH, &of(&vip), json!({"name": "x"}))
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[actix_web::test]
async fn another_workspace_sees_nothing() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ann = tagged(&alice, "contacts", "Ann", json!(["vip"])).await;
    let vip = find(&alice, "vip").await;
    let mallory = world.browser("owner@globex.test").await;
    let url = of(&vip).replace("/acme/", "/globex/");
    for method in [Method::GET, Method::PATCH, Method::DELETE] {
        let answer = mallory.api(method, &url, json!({"name": "x"})).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
    // A tag of the same name there is another tag.
    mallory
        .api(
            Method::POST,
            "/api/v1/w/globex/settings/tags",
            json!({"name": "vip"}),
        )
        .await;
    let list = mallory.get_json("/w/globex/settings/tags").await.json();
    let theirs = format!(
        "/api/v1/w/globex/settings/tags/{}",
        list["items"][0]["id"].as_str().unwrap()
    );
    mallory
        .api(Method::PATCH, &theirs, json!({"name": "stolen"}))
        .await;
    assert_eq!(tags(&alice, &ann).await, json!(["vip"]));
}
