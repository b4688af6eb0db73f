//! The six that every resource has, and what is particular to segments.

use actix_web::http::{Method, StatusCode};
use platform::testing::Browser;
use serde_json::{Value, json};

use crate::testing::world;

const URL: &str = "/w/acme/segments";

async fn contacts(browser: &Browser, cities: &[&str]) {
    for (n, city) in cities.iter().enumerate() {
        let email = format!("c{n}@mail.example");
        browser
            .api(
                Method::POST,
                "/w/acme/contacts",
                json!({"last_name": "X", "email": email, "city": city}),
            )
            .await;
    }
}

fn in_bonn() -> Value {
    json!({"and": [{"field": "city", "op": "is", "value": "Bonn"}]})
}

#[actix_web::test]
async fn a_dynamic_segment_counts_whom_its_filter_finds() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    contacts(&alice, &["Bonn", "Bonn", "Rome"]).await;
    let counted = alice
        .api(
            Method::POST,
            &format!("{URL}/count"),
            json!({"filter": in_bonn()}),
        )
        .await;
    assert_eq!(counted.json()["count"], 2, "{}", counted.text);
    let made = alice
        .api(
            Method::POST,
            URL,
            json!({"name": "Bonn", "filter": in_bonn()}),
        )
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let url = format!("{URL}/{}", made.json()["id"].as_str().unwrap());
    assert_eq!(alice.get_json(&url).await.json()["count"], 2);
    let members = alice.get_json(&format!("{url}/members")).await.json();
    assert_eq!(members["items"].as_array().unwrap().len(), 2);
    assert!(alice.get(&url).await.says("c0@mail.example"));
    assert!(alice.get(&format!("{url}/edit")).await.says("2 contacts"));
}

#[actix_web::test]
async fn a_condition_without_a_value_is_not_everybody() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    contacts(&alice, &["Bonn"]).await;
    let unfinished = r#"{"and":[{"field":"lifecycle_stage","op":"is","value":""}]}"#;
    let typed = [
        ("name", "VIPs"),
        ("kind", "dynamic"),
        ("filter", unfinished),
    ];
    let refused = alice.post(URL, &typed).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.says("Stage needs a value."), "{}", refused.text);
    assert!(refused.says("VIPs"), "nothing typed is lost");
    let counted = alice.post(&format!("{URL}/count"), &typed).await;
    assert!(counted.says("1 contact so far. Stage needs a value."));
}

#[actix_web::test]
async fn a_static_segment_holds_whom_one_adds() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    contacts(&alice, &["Bonn", "Rome"]).await;
    let made = alice
        .api(
            Method::POST,
            URL,
            json!({"name": "Board", "kind": "static"}),
        )
        .await
        .json();
    let url = format!("{URL}/{}", made["id"].as_str().unwrap());
    for _ in 0..2 {
        let added = alice
            .post(
                &format!("{url}/members"),
                &[("emails", "C0@mail.example, nobody@mail.example")],
            )
            .await;
        assert_eq!(added.status, StatusCode::SEE_OTHER);
    }
    let members = alice.get_json(&format!("{url}/members")).await.json();
    let contact = members["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(members["items"].as_array().unwrap().len(), 1);
    alice
        .api(
            Method::DELETE,
            &format!("{url}/members/{contact}"),
            json!({}),
        )
        .await;
    assert_eq!(alice.get_json(&url).await.json()["count"], 0);
}

#[actix_web::test]
async fn lists_sorts_and_searches() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    for name in ["Winter", "Autumn"] {
        alice.api(Method::POST, URL, json!({"name": name})).await;
    }
    let list = alice.get_json(&format!("{URL}?sort=name")).await.json();
    assert_eq!(list["items"][0]["name"], "Autumn");
    let found = alice.get_json(&format!("{URL}?search=wint")).await.json();
    assert_eq!(found["total"]["count"], 1);
    assert!(alice.get(URL).await.says("Winter"));
}

#[actix_web::test]
async fn refuses_a_filter_that_says_nothing_known() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let filter = json!({"and": [{"field": "shoe_size", "op": "is", "value": "42"}]});
    let refused = alice
        .api(Method::POST, URL, json!({"name": "X", "filter": filter}))
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.json()["errors"][0]["field"], "filter");
}

#[actix_web::test]
async fn refuses_without_the_permission() {
    let world = world();
    let bob = world.browser("agent@acme.test").await;
    let made = bob.api(Method::POST, URL, json!({"name": "X"})).await;
    assert_eq!(made.status, StatusCode::FORBIDDEN);
}

#[actix_web::test]
async fn another_workspace_sees_nothing() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let made = alice
        .api(Method::POST, URL, json!({"name": "X"}))
        .await
        .json();
    let mallory = world.browser("owner@globex.test").await;
    let url = format!("/w/globex/segments/{}", made["id"].as_str().unwrap());
    assert_eq!(mallory.get(&url).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        mallory.get_json("/w/globex/segments").await.json()["total"]["count"],
        0
    );
}

/// What the form of a segment sends.
fn form<'a>(version: &'a str, name: &'a str, city: &'a str) -> [(&'a str, &'a str); 6] {
    [
        ("version", version),
        ("name", name),
        ("kind", "dynamic"),
        ("filter.0.field", "city"),
        ("filter.0.op", "is"),
        ("filter.0.value", city),
    ]
}

#[actix_web::test]
async fn changes_by_two_people_are_merged_or_to_be_chosen_from() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let mona = world.browser("manager@acme.test").await;
    let body = json!({"name": "Rhine", "filter": in_bonn()});
    let made = alice.api(Method::POST, URL, body).await.json();
    let url = format!("{URL}/{}", made["id"].as_str().unwrap());
    let update = format!("{url}?_method=PATCH");
    let renamed = json!({"name": "Along the Rhine"});
    mona.api(Method::PATCH, &url, renamed).await;
    let merged = alice.post(&update, &form("1", "Rhine", "Rome")).await;
    assert_eq!(merged.status, StatusCode::SEE_OTHER, "{}", merged.text);
    let now = alice.get_json(&url).await.json();
    assert_eq!(now["name"], "Along the Rhine");
    assert!(now["filter"].to_string().contains("Rome"), "{now}");
    // Mona began before that, with Bonn.
    let clash = mona
        .post(&update, &form("2", "Along the Rhine", "Oslo"))
        .await;
    assert_eq!(clash.status, StatusCode::CONFLICT, "{}", clash.text);
    assert!(clash.says("Oslo") && clash.says("Rome") && clash.says("resolved.filter"));
    let now = alice.get_json(&url).await.json();
    assert!(now["filter"].to_string().contains("Rome"), "{now}");
}

#[actix_web::test]
async fn a_change_can_be_undone() {
    let alice = world().browser("owner@acme.test").await;
    let body = json!({"name": "Rhine", "filter": in_bonn()});
    let made = alice.api(Method::POST, URL, body).await.json();
    let url = format!("{URL}/{}", made["id"].as_str().unwrap());
    let update = format!("{url}?_method=PATCH");
    let saved = alice.post(&update, &form("1", "Tiber", "Rome")).await;
    let undone = alice.post(&saved.undo(), &[]).await;
    assert_eq!(undone.status, StatusCode::SEE_OTHER, "{}", undone.text);
    let now = alice.get_json(&url).await.json();
    assert_eq!(
        (&now["name"], &now["filter"]),
        (&json!("Rhine"), &in_bonn())
    );
}

#[actix_web::test]
async fn without_scripts_a_line_is_added_and_nothing_is_kept() {
    let alice = world().browser("owner@acme.test").await;
    let body = json!({"name": "Rhine", "filter": in_bonn()});
    let made = alice.api(Method::POST, URL, body).await.json();
    let url = format!("{URL}/{}", made["id"].as_str().unwrap());
    let mut fields = form("1", "", "Rome").to_vec();
    fields.push(("filter.do", "add:"));
    for to in [format!("{url}?_method=PATCH"), URL.to_owned()] {
        let page = alice.post(&to, &fields).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        assert!(page.says("Rome") && page.says("filter.1.field"));
        assert!(!page.says("Please give the segment a name."));
    }
    assert_eq!(alice.get_json(&url).await.json()["filter"], in_bonn());
    assert_eq!(alice.get_json(URL).await.json()["total"]["count"], 1);
}
