//! The list as JSON and as PDF: what is in them, and how much they take.

use actix_web::http::{Method, StatusCode};
use diesel::prelude::*;
use platform::schema::contacts;
use platform::testing::pdf::pages;
use platform::web::link;
use serde_json::{Value, json};

use super::exports::{URL, exported, many};
use super::record::contact;
use crate::testing::world;

const NAMES: [&str; 7] = [
    "O'Brien",
    "Nguyễn",
    "Straße",
    "Łódź",
    "Ελένη",
    "Дмитрий",
    "李雷",
];

#[actix_web::test]
async fn json_is_what_the_api_writes() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    contact(
        &alice,
        json!({"first_name": "Ann \"A\"", "last_name": "Nguyễn", "email": "ann@x.example", "company_name": "Sol", "tags": ["vip", "hot"],
            "birthday": "1990-05-31", "lifecycle_stage": "customer", "description": "Two\nlines"}),
    )
    .await;
    let file = exported(&alice, &[("columns", "all"), ("format", "json")]).await;
    assert_eq!(file.header("content-type"), "application/json");
    assert!(file.header("content-disposition").contains(".json\""));
    let (file, list) = (file.json(), alice.get_json("/w/acme/contacts").await.json());
    let (ann, item) = (file[0].as_object().unwrap(), &list["items"][0]);
    assert_eq!(file.as_array().unwrap().len(), 1);
    for (key, value) in ann {
        assert_eq!(value, &item[key], "{key}");
    }
    for key in ["id", "company_id", "company", "tags", "score", "created_at"] {
        assert!(!ann[key].is_null(), "{key} in {ann:?}");
    }
    let shown = [("query", "columns=city,birthday"), ("format", "json")];
    let shown = exported(&alice, &shown).await;
    let keys = r#"{"id":"#.to_owned() + &item["id"].to_string();
    let rest =
        r#","first_name":"Ann \"A\"","last_name":"Nguyễn","city":"","birthday":"1990-05-31"}"#;
    assert_eq!(shown.text, format!("[\n{keys}{rest}\n]\n"));
    let none = exported(&alice, &[("query", "search=zzz"), ("format", "json")]).await;
    assert_eq!(none.json(), json!([]));
}

#[actix_web::test]
async fn much_json_is_one_array() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    many(&world, 2_500);
    let form = [("query", "sort=name"), ("format", "json")];
    let page = alice.post(URL, &form).await.header("location").to_owned();
    assert_eq!(world.run_jobs().await, 1);
    let file = alice.get(&format!("{page}/file")).await.json();
    let names = file.as_array().unwrap().iter();
    let names: Vec<&str> = names
        .map(|row| row["last_name"].as_str().unwrap())
        .collect();
    assert_eq!(names.len(), 2_500);
    assert!(names.is_sorted() && names[2_499] == "N02499");
}

#[actix_web::test]
async fn a_pdf_shows_the_list_and_says_what_it_is() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    for name in NAMES {
        contact(&alice, json!({"first_name": name, "city": "Split"})).await;
    }
    contact(&alice, json!({"first_name": "Elsewhere"})).await;
    let filter = r#"{"field":"city","op":"is","value":"Split"}"#;
    let query = link::with("", [("filter", filter), ("columns", "city,created_at")]);
    let file = exported(&alice, &[("query", &query), ("format", "pdf")]).await;
    assert_eq!(file.header("content-type"), "application/pdf");
    let pages = pages(&file.bytes);
    assert_eq!(pages.len(), 1);
    let said = [
        "Contacts",
        "City is “Split”",
        "7 contacts",
        "Europe/Berlin",
        "First name",
        "Page 1 of 1",
    ];
    for text in said.iter().chain(&NAMES) {
        assert!(pages[0].contains(text), "{text} in {}", pages[0]);
    }
    assert!(!pages[0].contains("Elsewhere"));
    let none = exported(&alice, &[("query", "search=zzz"), ("format", "pdf")]).await;
    let none = platform::testing::pdf::pages(&none.bytes).concat();
    assert!(none.contains("There are no contacts here."), "{none}");
    assert!(none.contains("Search: “zzz”"), "{none}");
}

#[actix_web::test]
async fn a_pdf_of_more_than_it_holds_is_refused() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    many(&world, 5_000);
    let form = [("format", "pdf")];
    let asked = alice.post(URL, &form).await;
    let page = asked.header("location").to_owned();
    assert!(
        page.contains("/work/") && !page.ends_with("/file"),
        "{page}"
    );
    contact(&alice, json!({"first_name": "One more"})).await;
    // What was asked for meanwhile has grown; what is asked for now is too much already.
    let refused = alice.post(URL, &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.says("at most 5,000 rows") && refused.says("CSV, Excel or JSON"));
    let body = json!({"format": "pdf"});
    let url = "/api/v1/w/acme/contacts/exports";
    let told = alice.api(Method::POST, url, body).await.json();
    assert_eq!(told["errors"][0]["field"], "format", "{told}");
    world.try_jobs().await;
    let shown = alice.get(&page).await;
    assert!(shown.says("at most 5,000 rows"), "{}", shown.text);
    let file = alice.get(&format!("{page}/file")).await;
    assert_eq!(file.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn what_people_paste_breaks_no_file() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    contact(&alice, json!({"first_name": "Ann"})).await;
    let long = "\u{202e}\u{7}\u{1b}[2J \"]}\n,مريم\u{2066} 李雷 <b> (\\) ".repeat(300);
    world.within("acme", |tx| {
        let text = contacts::description.eq(&long);
        diesel::update(contacts::table)
            .set(text)
            .execute(&mut **tx)?;
        Ok(())
    });
    let query = ("query", "columns=description");
    let file = exported(&alice, &[query, ("format", "json")]).await;
    assert_eq!(file.json()[0]["description"], Value::from(long));
    let file = exported(&alice, &[query, ("format", "pdf")]).await;
    let pages = pages(&file.bytes);
    assert_eq!(pages.len(), 1);
    assert!(pages[0].contains('…') && !pages[0].contains(['\u{7}', '\u{1b}', '\u{202e}']));
}

#[actix_web::test]
async fn chosen_rows_can_be_had_in_every_format() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ann = contact(&alice, json!({"first_name": "Ann"})).await;
    contact(&alice, json!({"first_name": "Bea"})).await;
    let page = alice.get("/w/acme/contacts").await;
    for (format, begins) in [
        ("csv", "First"),
        ("xlsx", "PK"),
        ("json", "["),
        ("pdf", "%PDF"),
    ] {
        let button = format!("name=\"format\" value=\"{format}\"");
        assert_eq!(
            page.text.matches(&button).count(),
            2,
            "of the list, and of rows"
        );
        let id = ann.rsplit('/').next().unwrap();
        let form = [("ids", id), ("format", format)];
        let asked = alice.post("/w/acme/contacts/bulk/export", &form).await;
        assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text);
        let file = alice.get(asked.header("location")).await;
        assert!(file.bytes.starts_with(begins.as_bytes()), "{format}");
        if format == "pdf" {
            let text = pages(&file.bytes).concat();
            assert!(text.contains("1 chosen") && !text.contains("Bea"), "{text}");
        }
    }
    let unknown = alice.post(URL, &[("format", "docx")]).await;
    assert!(unknown.status.is_client_error(), "{}", unknown.status);
}
