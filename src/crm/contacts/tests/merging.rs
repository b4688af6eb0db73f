//! Two people change the same contact.

use actix_web::http::{Method, StatusCode};
use actix_web::test::TestRequest;
use serde_json::json;

use super::record::{contact, fragment, page};
use crate::testing::world;

#[actix_web::test]
async fn changes_of_different_fields_are_merged() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let mona = world.browser("manager@acme.test").await;
    let url = contact(
        &alice,
        json!({"first_name": "Ann", "city": "Split", "country": "HR"}),
    )
    .await;
    mona.api(Method::PATCH, &url, json!({"city": "Rijeka"}))
        .await;
    let form = [
        ("version", "1"),
        ("first_name", "Anna"),
        ("city", "Split"),
        ("country", "HR"),
    ];
    let saved = alice
        .post(&format!("{}?_method=PATCH", page(&url)), &form)
        .await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let now = alice.get_json(&url).await.json();
    assert_eq!(
        (now["first_name"].as_str(), now["city"].as_str()),
        (Some("Anna"), Some("Rijeka"))
    );
}

#[actix_web::test]
async fn changes_of_the_same_field_are_to_be_chosen_from() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let mona = world.browser("manager@acme.test").await;
    let url = contact(&alice, json!({"first_name": "Ann", "city": "Split"})).await;
    mona.api(
        Method::PATCH,
        &url,
        json!({"city": "Rijeka", "tags": ["vip"]}),
    )
    .await;
    let update = format!("{}?_method=PATCH", page(&url));
    let form = [("version", "1"), ("first_name", "Anna"), ("city", "Zadar")];
    let merge = alice.post(&update, &form).await;
    assert_eq!(merge.status, StatusCode::CONFLICT);
    for words in [
        "Mona Lind",
        "Zadar",
        "Rijeka",
        "It was “Split”",
        "As it was before",
        "resolved.city",
    ] {
        assert!(merge.says(words), "{words}");
    }
    let chosen = [
        ("version", "2"),
        ("first_name", "Anna"),
        ("city", "Zadar"),
        ("tags", "vip"),
        ("resolved.city", "\"Rijeka\""),
    ];
    let saved = alice.post(&update, &chosen).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let now = alice.get_json(&url).await.json();
    assert_eq!(now["city"], "Rijeka");
    assert_eq!(now["first_name"], "Anna");
    assert_eq!(now["tags"], json!(["vip"]));
}

#[actix_web::test]
async fn a_program_is_told_what_changed() {
    let alice = world().browser("owner@acme.test").await;
    let url = contact(&alice, json!({"first_name": "Ann", "city": "Split"})).await;
    alice
        .api(Method::PATCH, &url, json!({"city": "Rijeka"}))
        .await;
    let request = TestRequest::patch().uri(&url);
    let stale = alice
        .send(
            request
                .insert_header(("if-match", "\"1\""))
                .set_json(json!({"country": "HR"})),
        )
        .await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert_eq!(stale.header("content-type"), "application/problem+json");
    let problem = stale.json();
    assert_eq!(problem["current_version"], 2);
    assert_eq!(problem["changed"][0]["field"], "city");
    assert_eq!(problem["changed"][0]["original"], "Split");
    assert_eq!(problem["changed"][0]["current"], "Rijeka");
    let unversioned = json!({"country": "HR"});
    let last = alice.api(Method::PATCH, &url, unversioned).await;
    assert_eq!(last.status, StatusCode::OK);
    assert_eq!(last.header("etag"), "\"3\"");
}

#[actix_web::test]
async fn a_fact_that_somebody_else_changed_is_not_overwritten_unseen() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let mona = world.browser("manager@acme.test").await;
    let url = contact(&alice, json!({"first_name": "Ann", "city": "Split"})).await;
    mona.api(Method::PATCH, &url, json!({"city": "Rijeka"}))
        .await;
    let fact = format!("{}/facts/city", page(&url));
    let save = |version: &'static str| {
        let form = [("city", "Zadar"), ("version", version)];
        TestRequest::patch().uri(&fact).set_form(form)
    };
    let clash = fragment(&alice, save("1"), "fact-city").await;
    assert_eq!(clash.status, StatusCode::CONFLICT);
    assert!(clash.says("Mona Lind changed this to “Rijeka” meanwhile"));
    assert!(
        clash.text.contains(r#"value="Zadar""#),
        "what was typed stays"
    );
    let saved = fragment(&alice, save("2"), "fact-city").await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER);
    assert_eq!(alice.get_json(&url).await.json()["city"], "Zadar");
}

#[actix_web::test]
async fn a_change_is_undone_unless_somebody_built_on_it() {
    let alice = world().browser("owner@acme.test").await;
    let url = contact(&alice, json!({"first_name": "Ann", "city": "Split"})).await;
    let undo_of = |text: &str| {
        let undo = text.split("action=\"").find(|t| t.contains("/undo/"));
        undo.unwrap().split('"').next().unwrap().to_owned()
    };
    let fact = format!("{}/facts/city", page(&url));
    let save = |city: &'static str| TestRequest::patch().uri(&fact).set_form([("city", city)]);
    let saved = fragment(&alice, save("Rijeka"), "fact-city").await;
    let shown = TestRequest::get().uri(saved.header("location"));
    let undo = undo_of(&fragment(&alice, shown, "fact-city").await.text);
    alice
        .api(Method::PATCH, &url, json!({"country": "HR"}))
        .await;
    let undone = alice.post(&undo, &[]).await;
    assert_eq!(undone.status, StatusCode::SEE_OTHER, "{}", undone.text);
    assert_eq!(alice.get_json(&url).await.json()["city"], "Split");
    let again = alice.post(&undo, &[]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.says("It is as it was before already."));
}

#[actix_web::test]
async fn the_history_undoes_and_asks_about_what_others_built_on_it() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let mona = world.browser("manager@acme.test").await;
    let url = contact(&alice, json!({"first_name": "Ann", "city": "Split"})).await;
    let first = json!({"city": "Rijeka", "country": "HR"});
    alice.api(Method::PATCH, &url, first).await;
    mona.api(Method::PATCH, &url, json!({"city": "Zadar"}))
        .await;
    let shown = alice.get(&page(&url)).await;
    let undos: Vec<&str> = shown
        .text
        .split("timeline__undo\" method=\"post\" action=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert_eq!(undos.len(), 2, "creating it is nothing to undo");
    let asked = alice.post(undos[1], &[]).await;
    assert_eq!(asked.status, StatusCode::CONFLICT, "{}", asked.text);
    assert!(asked.says("It was changed again since") && asked.says("As it was before"));
    assert!(asked.says("Split") && asked.says("Zadar"), "{}", asked.text);
    let chosen = [
        ("version", "3"),
        ("first_name", "Ann"),
        ("country", ""),
        ("city", "Split"),
        ("resolved.city", "\"Split\""),
    ];
    let saved = alice
        .post(&format!("{}?_method=PATCH", page(&url)), &chosen)
        .await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let now = alice.get_json(&url).await.json();
    assert_eq!(
        (&now["city"], &now["country"]),
        (&json!("Split"), &json!(""))
    );
    let viewer = world.browser("viewer@acme.test").await;
    assert!(
        !viewer
            .get(&page(&url))
            .await
            .text
            .contains("timeline__undo")
    );
}

#[actix_web::test]
async fn a_refused_form_remembers_which_version_it_began_with() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let mona = world.browser("manager@acme.test").await;
    let url = contact(&alice, json!({"first_name": "Ann", "city": "Split"})).await;
    let change = json!({"city": "Rijeka"});
    mona.api(Method::PATCH, &url, change).await;
    let update = format!("{}?_method=PATCH", page(&url));
    let form = [("version", "1"), ("city", "Zadar"), ("email", "nobody")];
    let refused = alice.post(&update, &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.says(r#"name="version" value="1""#));
    let form = [("version", "1"), ("city", "Zadar")];
    let clash = alice.post(&update, &form).await;
    assert_eq!(clash.status, StatusCode::CONFLICT, "{}", clash.text);
}
