//! The list of contacts: filter, columns, pages, and the way from it to a record and back.

use actix_web::http::StatusCode;
use actix_web::test::TestRequest;
use platform::web::link;
use serde_json::json;

use super::record::{contact, fragment, page};
use crate::testing::world;

fn query(pairs: &[(&str, &str)]) -> String {
    link::with("/w/acme/contacts", pairs.iter().copied())
}

#[actix_web::test]
async fn a_filter_narrows_the_list_and_is_told_in_words() {
    let alice = world().browser("owner@acme.test").await;
    for (name, city) in [("Ann", "Split"), ("Bea", "Rijeka")] {
        contact(&alice, json!({"first_name": name, "city": city})).await;
    }
    let filter = r#"{"field":"city","op":"is","value":"Split"}"#;
    let list = alice.get(&query(&[("filter", filter)])).await;
    assert!(list.says("Ann") && !list.says(">Bea<") && list.says("City is “Split”"));
    let wrong = query(&[("filter", r#"{"field":"shoe_size","op":"is","value":"7"}"#)]);
    let refused = alice.get_json(&wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        refused.json()["errors"][0]["message"],
        "There is no field “shoe_size” to filter by."
    );
    let shown = alice.get(&wrong).await;
    assert!(shown.says("There is no field “shoe_size”") && shown.says("Bea"));
}

#[actix_web::test]
async fn the_filter_editor_is_fetched_when_it_is_wanted() {
    let alice = world().browser("owner@acme.test").await;
    let list = alice.get("/w/acme/contacts").await;
    assert!(!list.says("data-filter-editor"));
    let open = TestRequest::get().uri("/w/acme/contacts?filter.do=open");
    let editor = fragment(&alice, open, "filter").await;
    assert!(
        editor.says("data-filter-editor") && editor.says("Life-cycle") == editor.says("Life-cycle")
    );
    assert!(editor.says("Stage") && !editor.says("<main"));
}

#[actix_web::test]
async fn columns_are_chosen() {
    let alice = world().browser("owner@acme.test").await;
    contact(&alice, json!({"first_name": "Ann", "city": "Split"})).await;
    assert!(!alice.get("/w/acme/contacts").await.says("Split"));
    let list = alice
        .get("/w/acme/contacts?columns=city&columns=shoe_size")
        .await;
    assert!(list.says(r#"data-label="City""#) && list.says("Split"));
    assert!(!list.says(r#"data-label="E-mail""#));
}

#[actix_web::test]
async fn pages_say_which_rows_they_hold() {
    let alice = world().browser("owner@acme.test").await;
    for n in 0..5 {
        contact(&alice, json!({"first_name": format!("N{n}")})).await;
    }
    let first = alice.get("/w/acme/contacts?limit=2").await;
    assert!(first.says("1–2"));
    let json = alice.get_json("/w/acme/contacts?limit=2").await.json();
    let cursor = json["next_cursor"].as_str().unwrap();
    let next = format!("/w/acme/contacts?limit=2&cursor={cursor}");
    assert!(alice.get(&next).await.says("3–4"));
    let last = alice
        .get_json("/w/acme/contacts?limit=2&page=last")
        .await
        .json();
    assert_eq!(last["items"][1]["first_name"], "N0");
    assert_eq!(last["next_cursor"], json!(null));
}

#[actix_web::test]
async fn a_record_knows_the_list_it_was_opened_from() {
    let alice = world().browser("owner@acme.test").await;
    let mut urls = Vec::new();
    for name in ["Adams", "Baker", "Clark", "Other"] {
        let city = if name == "Other" { "Zadar" } else { "Split" };
        urls.push(page(
            &contact(&alice, json!({"last_name": name, "city": city})).await,
        ));
    }
    let filter = r#"{"field":"city","op":"is","value":"Split"}"#;
    let list = query(&[("filter", filter), ("sort", "name"), ("from", "list")]);
    let opened = format!("{}?{}", urls[1], list.split('?').nth(1).unwrap());
    let shown = alice.get(&opened).await;
    assert!(shown.says("Previous in the list") && shown.says("Next in the list"));
    assert!(shown.text.contains(&urls[0]) && shown.text.contains(&urls[2]));
    let last = alice.get(&opened.replace(&urls[1], &urls[2])).await;
    assert!(last.text.contains(&urls[1]) && !last.text.contains(&urls[3]));
    let plain = alice.get(&urls[1]).await;
    assert!(!plain.says("Next in the list"));
}

#[actix_web::test]
async fn the_total_comes_after_the_rows() {
    let alice = world().browser("owner@acme.test").await;
    for n in 0..3 {
        contact(&alice, json!({"first_name": format!("N{n}")})).await;
    }
    let list = alice.get("/w/acme/contacts?limit=2").await;
    assert!(list.says("count=1"));
    let total = TestRequest::get().uri("/w/acme/contacts?limit=2&count=1");
    let total = fragment(&alice, total, "total").await;
    assert!(total.says(">3</span>"), "{}", total.text);
}
