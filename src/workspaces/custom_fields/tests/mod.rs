//! The six that every resource has, and that a field is shown wherever it should be.

mod index;

use actix_web::http::{Method, StatusCode};
use platform::testing::{Answer, Browser};
use platform::web::link;
use serde_json::{Value, json};

use crate::testing::world;

const URL: &str = "/api/v1/w/acme/settings/custom-fields";
const PAGE: &str = "/w/acme/settings/custom-fields";

async fn make(browser: &Browser, body: Value) -> Answer {
    browser.api(Method::POST, URL, body).await
}

async fn made(browser: &Browser, body: Value) -> Value {
    let made = make(browser, body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.json()
}

fn labels(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().unwrap();
    items.iter().map(|f| f["label"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn only_kinds_whose_forms_ask_for_them_have_any() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let page = alice.get(PAGE).await;
    assert!(page.says("Companies"), "{}", page.text);
    assert!(!page.text.contains("kind=campaign"), "{}", page.text);
    let body = json!({"record_kind": "campaign", "label": "Colour", "type": "text"});
    let answer = alice.api(Method::POST, URL, body).await;
    assert_eq!(answer.status.as_u16(), 422, "{}", answer.text);
}

#[actix_web::test]
async fn lists_them_in_their_order_and_reorders() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let mut last = Value::Null;
    for label in ["One", "Two", "Three"] {
        last = made(
            &alice,
            json!({"record_kind": "contact", "label": label, "type": "text"}),
        )
        .await;
    }
    made(
        &alice,
        json!({"record_kind": "company", "label": "Other", "type": "text"}),
    )
    .await;
    let list = || async { alice.get_json(&format!("{PAGE}?kind=contact")).await.json() };
    assert_eq!(labels(&list().await), ["One", "Two", "Three"]);
    let step = format!("{URL}/{}/position", last["id"].as_str().unwrap());
    alice.api(Method::POST, &step, json!({"to": "up"})).await;
    alice.api(Method::POST, &step, json!({"to": "up"})).await;
    alice.api(Method::POST, &step, json!({"to": "up"})).await;
    assert_eq!(labels(&list().await), ["Three", "One", "Two"]);
    let page = alice.get(&format!("{PAGE}?kind=contact")).await;
    assert!(page.says("Three") && !page.says(">Other<"), "{}", page.text);
    let form = alice.get("/w/acme/contacts/new").await;
    assert!(
        form.text.find("Three") < form.text.find("One"),
        "{}",
        form.text
    );
}

#[actix_web::test]
async fn refuses_what_can_not_be_a_field() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let good = json!({"record_kind": "contact", "label": "Boat", "type": "text", "key": "boat"});
    made(&alice, good.clone()).await;
    for (change, field) in [
        (json!({}), "key"),
        (json!({"key": "Boat!"}), "key"),
        (json!({"key": "b", "label": " "}), "label"),
        (json!({"key": "b", "type": "colour"}), "type"),
        (json!({"key": "b", "type": "choice"}), "choices"),
        (
            json!({"key": "b", "type": "multi_choice", "choices": ["a, b"]}),
            "choices",
        ),
        (json!({"key": "b", "type": "record"}), "target"),
        (json!({"key": "b", "record_kind": "invoice"}), "record_kind"),
    ] {
        let mut body = good.clone();
        body.as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        let refused = make(&alice, body).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{change}");
        let errors = refused.json()["errors"].clone();
        let fields: Vec<_> = errors
            .as_array()
            .unwrap()
            .iter()
            .map(|e| e["field"].clone())
            .collect();
        assert!(fields.contains(&json!(field)), "{change}: {errors}");
    }
    let form = [
        ("record_kind", "contact"),
        ("label", "Again"),
        ("type", "choice"),
        ("key", "boat"),
        ("choices", ""),
    ];
    let shown = alice.post(PAGE, &form).await;
    assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        shown.says("Name at least one choice") && shown.says("value=\"Again\""),
        "{}",
        shown.text
    );
    let form = [
        ("record_kind", "contact"),
        ("label", "Again"),
        ("type", "text"),
        ("key", "boat"),
    ];
    let shown = alice.post(PAGE, &form).await;
    assert!(
        shown.says("There is a field with this key already"),
        "{}",
        shown.text
    );
}

#[actix_web::test]
async fn a_field_is_where_people_look_for_it_at_once() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    // What is set up is remembered from here.
    assert!(!alice.get("/w/acme/contacts/new").await.says("Kind of boat"));
    let field = made(
        &alice,
        json!({"record_kind": "contact", "label": "Kind of boat", "type": "choice", "choices": "Sail\nMotor\n\nSail"}),
    )
    .await;
    assert_eq!(
        (&field["key"], &field["choices"]),
        (&json!("kind_of_boat"), &json!(["Sail", "Motor"]))
    );
    let form = alice.get("/w/acme/contacts/new").await;
    assert!(
        form.says("custom.kind_of_boat") && form.says(">Motor</option>"),
        "{}",
        form.text
    );
    let body = json!({"first_name": "Ann", "custom": {"kind_of_boat": "Sail"}});
    let ann = alice
        .api(Method::POST, "/api/v1/w/acme/contacts", body)
        .await;
    assert_eq!(ann.json()["custom"]["kind_of_boat"], "Sail", "{}", ann.text);
    alice
        .api(
            Method::POST,
            "/api/v1/w/acme/contacts",
            json!({"first_name": "Bea"}),
        )
        .await;
    let page = ann
        .header("location")
        .trim_start_matches("/api/v1")
        .to_owned();
    assert!(alice.get(&page).await.says("Kind of boat"));
    let filter = r#"{"field":"custom.kind_of_boat","op":"is","value":"Sail"}"#;
    let query = [("filter", filter), ("columns", "custom.kind_of_boat")];
    let list = alice.get(&link::with("/w/acme/contacts", query)).await;
    assert!(
        list.says(r#"data-label="Kind of boat""#) && list.says("Ann") && !list.says(">Bea<"),
        "{}",
        list.text
    );
    world.run_jobs().await;
    // The bulk bar sets it, and an export has it.
    assert!(list.says("custom.kind_of_boat=Motor"));
    let ids = json!([ann.json()["id"]]);
    let set = json!({"ids": ids, "value": "custom.kind_of_boat=Motor"});
    let done = alice
        .api(Method::POST, "/api/v1/w/acme/contacts/bulk/set", set)
        .await
        .json();
    assert_eq!(done["changed"], 1, "{done}");
    let file = alice
        .post("/w/acme/contacts/exports", &[("columns", "all")])
        .await;
    let file = alice.get(file.header("location")).await;
    assert!(
        file.says("Kind of boat") && file.says("Motor"),
        "{}",
        file.text
    );
    alice
        .api(Method::POST, done["undo"].as_str().unwrap(), json!({}))
        .await;
    let back = alice.get_json(&page).await.json();
    assert_eq!(back["custom"]["kind_of_boat"], "Sail");
}

#[actix_web::test]
async fn what_was_chosen_stays_when_the_choice_goes() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let field = made(
        &alice,
        json!({"record_kind": "contact", "label": "Boat", "type": "choice", "choices": ["Sail", "Motor"]}),
    )
    .await;
    let body = json!({"first_name": "Ann", "custom": {"boat": "Sail"}});
    let ann = alice
        .api(Method::POST, "/api/v1/w/acme/contacts", body)
        .await;
    let url = format!("{URL}/{}", field["id"].as_str().unwrap());
    let saved = alice
        .api(Method::PATCH, &url, json!({"choices": "Motor\nRow"}))
        .await;
    assert_eq!(
        saved.json()["choices"],
        json!(["Motor", "Row"]),
        "{}",
        saved.text
    );
    let ann_url = ann.header("location").to_owned();
    let kept = alice
        .api(Method::PATCH, &ann_url, json!({"city": "Split"}))
        .await;
    assert_eq!(kept.status, StatusCode::OK, "{}", kept.text);
    assert_eq!(kept.json()["custom"]["boat"], "Sail");
    let form = alice
        .get(&format!("{}/edit", ann_url.trim_start_matches("/api/v1")))
        .await;
    assert!(
        form.says(r#"<option value="Sail" selected>"#),
        "{}",
        form.text
    );
    let wrong = alice
        .api(Method::PATCH, &ann_url, json!({"custom": {"boat": "Hull"}}))
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let moved = alice
        .api(Method::PATCH, &url, json!({"type": "text"}))
        .await;
    assert_eq!(
        moved.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        moved.text
    );
}

#[actix_web::test]
async fn archives_and_restores_with_all_values() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let field = made(
        &alice,
        json!({"record_kind": "contact", "label": "Boat", "type": "text", "required": true}),
    )
    .await;
    let missing = json!({"first_name": "Ann", "custom": {"boat": ""}});
    let missing = alice
        .api(Method::POST, "/api/v1/w/acme/contacts", missing)
        .await;
    assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY);
    let body = json!({"first_name": "Ann", "custom": {"boat": "Ida"}});
    let ann = alice
        .api(Method::POST, "/api/v1/w/acme/contacts", body)
        .await;
    let url = format!("{PAGE}/{}", field["id"].as_str().unwrap());
    alice.post(&format!("{url}?_method=DELETE"), &[]).await;
    assert!(!alice.get("/w/acme/contacts/new").await.says("custom.boat"));
    assert!(alice.get(PAGE).await.says("Archived"));
    alice.post(&format!("{url}/restoration"), &[]).await;
    let ann = alice.get_json(ann.header("location")).await.json();
    assert_eq!(ann["custom"]["boat"], "Ida");
    assert!(alice.get("/w/acme/contacts/new").await.says("custom.boat"));
}

#[actix_web::test]
async fn those_without_the_right_change_nothing() {
    let world = world();
    let bob = world.browser("agent@acme.test").await;
    assert_eq!(bob.get(PAGE).await.status, StatusCode::FORBIDDEN);
    let body = json!({"record_kind": "contact", "label": "Boat", "type": "text"});
    assert_eq!(make(&bob, body).await.status, StatusCode::FORBIDDEN);
    let mona = world.browser("manager@acme.test").await;
    assert_eq!(mona.get(PAGE).await.status, StatusCode::OK);
}

#[actix_web::test]
async fn another_workspace_sees_nothing() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let field = made(
        &alice,
        json!({"record_kind": "contact", "label": "Secret", "type": "text"}),
    )
    .await;
    let mallory = world.browser("owner@globex.test").await;
    let id = field["id"].as_str().unwrap();
    for method in [Method::GET, Method::PATCH, Method::DELETE] {
        let url = format!("/api/v1/w/globex/settings/custom-fields/{id}");
        let answer = mallory.api(method, &url, json!({"label": "Mine"})).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
    let list = mallory
        .get_json("/w/globex/settings/custom-fields")
        .await
        .json();
    assert_eq!(list["items"], json!([]));
    assert!(!mallory.get("/w/globex/contacts/new").await.says("Secret"));
    // The same key is free there.
    let made = json!({"record_kind": "contact", "label": "Secret", "type": "text"});
    let made = mallory
        .api(
            Method::POST,
            "/api/v1/w/globex/settings/custom-fields",
            made,
        )
        .await;
    assert_eq!(made.status, StatusCode::CREATED);
}
