//! What one can do on the page of a contact.

use actix_web::http::{Method, StatusCode};
use actix_web::test::TestRequest;
use platform::testing::{Answer, Browser};
use serde_json::{Value, json};

use crate::testing::world;

/// Makes a contact and gives its API address.
pub async fn contact(browser: &Browser, fields: Value) -> String {
    let made = browser
        .api(Method::POST, "/api/v1/w/acme/contacts", fields)
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.header("location").to_owned()
}

pub fn page(url: &str) -> String {
    url.replace("/api/v1", "")
}

/// What htmx gets into the element `target`.
pub async fn fragment(browser: &Browser, request: TestRequest, target: &str) -> Answer {
    let request = request
        .insert_header(("hx-request", "true"))
        .insert_header(("hx-target", target));
    browser.send(request).await
}

#[actix_web::test]
async fn a_fact_is_changed_where_it_stands() {
    let alice = world().browser("owner@acme.test").await;
    let url = page(&contact(&alice, json!({"first_name": "Ann", "city": "Split"})).await);
    let fact = format!("{url}/facts/city");
    let editor = fragment(&alice, TestRequest::get().uri(&fact), "fact-city").await;
    assert!(editor.says(r#"value="Split""#), "{}", editor.text);
    assert!(!editor.says("<main"));
    let saved = TestRequest::patch()
        .uri(&fact)
        .set_form([("city", "Rijeka"), ("version", "1")]);
    let saved = fragment(&alice, saved, "fact-city").await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER);
    let shown = TestRequest::get().uri(saved.header("location"));
    let shown = fragment(&alice, shown, "fact-city").await;
    assert!(shown.says("Rijeka") && shown.says("Undo") && shown.says(r#"id="fact-city""#));
    let record = alice.get(&url).await;
    assert!(record.says("changed City from <del>Split</del> to <ins>Rijeka</ins>"));
}

#[actix_web::test]
async fn a_fact_without_scripts_has_a_page_of_its_own() {
    let alice = world().browser("owner@acme.test").await;
    let url = page(&contact(&alice, json!({"first_name": "Ann"})).await);
    let editor = alice.get(&format!("{url}/facts/email")).await;
    assert!(editor.says("<h1>Ann</h1>") && editor.says(r#"type="email""#));
    let refused = alice
        .post(
            &format!("{url}/facts/email?_method=PATCH"),
            &[("email", "nobody")],
        )
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.says("Please enter an e-mail address") && refused.says("nobody"));
    for unknown in ["score", "password", "nothing"] {
        let editor = alice.get(&format!("{url}/facts/{unknown}")).await;
        assert_eq!(editor.status, StatusCode::NOT_FOUND, "{unknown}");
    }
}

#[actix_web::test]
async fn a_note_is_written_pinned_changed_and_removed() {
    let alice = world().browser("owner@acme.test").await;
    let url = contact(&alice, json!({"first_name": "Ann"})).await;
    let id = url.rsplit('/').next().unwrap();
    let notes = format!("/w/acme/records/contact/{id}/notes");
    let noted = alice.post(&notes, &[("body", "Likes sailing")]).await;
    assert_eq!(noted.header("location"), page(&url));
    assert!(alice.get(&page(&url)).await.says("Likes sailing"));
    let note = alice.get_json(&notes).await.json()["items"][0].clone();
    let note = format!("{notes}/{}", note["id"].as_str().unwrap());
    let empty = json!({});
    for (method, path) in [(Method::PUT, "/pin"), (Method::DELETE, "/pin")] {
        let done = alice
            .api(method, &format!("{note}{path}"), empty.clone())
            .await;
        assert_eq!(done.status, StatusCode::NO_CONTENT);
    }
    let body = json!({"body": "Likes rowing"});
    let changed = alice.api(Method::PATCH, &note, body).await;
    assert_eq!(changed.json()["version"], 2);
    assert!(alice.get(&page(&url)).await.says("Likes rowing"));
    let blank = alice.post(&notes, &[("body", " ")]).await;
    assert_eq!(blank.status, StatusCode::UNPROCESSABLE_ENTITY);
    let gone = alice.api(Method::DELETE, &note, empty).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert!(!alice.get(&page(&url)).await.says("Likes rowing"));
}

#[actix_web::test]
async fn a_note_is_changed_by_whoever_may() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let carol = world.browser("viewer@acme.test").await;
    let mallory = world.browser("owner@globex.test").await;
    let url = contact(&alice, json!({"first_name": "Ann"})).await;
    let id = url.rsplit('/').next().unwrap();
    let notes = format!("/w/acme/records/contact/{id}/notes");
    let note = alice
        .api(Method::POST, &notes, json!({"body": "Secret"}))
        .await;
    assert_eq!(note.status, StatusCode::CREATED);
    let refused = carol.post(&notes, &[("body", "Mine")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(carol.get(&page(&url)).await.says("Secret"));
    assert!(!carol.get(&page(&url)).await.says("Write a note"));
    for url in [notes.clone(), notes.replace("/acme/", "/globex/")] {
        assert_eq!(mallory.get(&url).await.status, StatusCode::NOT_FOUND);
    }
}

#[actix_web::test]
async fn a_long_history_is_shown_page_by_page() {
    let alice = world().browser("owner@acme.test").await;
    let url = contact(&alice, json!({"first_name": "Ann"})).await;
    for n in 0..35 {
        let city = json!({"city": format!("City {n}")});
        alice.api(Method::PATCH, &url, city).await;
    }
    let first = alice.get(&page(&url)).await;
    assert!(first.says("<ins>City 34</ins>") && !first.says("created this contact"));
    let mut links = first
        .text
        .split("hx-get=\"")
        .filter_map(|link| link.split('"').next());
    let earlier = links.find(|link| link.contains("before=")).unwrap();
    let earlier = earlier.replace("&amp;", "&").replace("&#38;", "&");
    let rest = fragment(&alice, TestRequest::get().uri(&earlier), "earlier").await;
    assert!(rest.says("created this contact") && !rest.says("Show earlier"));
    assert!(!rest.says("timeline__day"), "the day is said already");
}

#[actix_web::test]
async fn a_record_is_followed_and_left() {
    let alice = world().browser("owner@acme.test").await;
    let url = contact(&alice, json!({"first_name": "Ann"})).await;
    let id = url.rsplit('/').next().unwrap();
    let following = format!("/w/acme/records/contact/{id}/following");
    alice.api(Method::PUT, &following, json!({})).await;
    assert!(alice.get(&page(&url)).await.says("Following"));
    alice.api(Method::DELETE, &following, json!({})).await;
    assert!(!alice.get(&page(&url)).await.says("Following"));
}

#[actix_web::test]
async fn a_company_is_chosen_or_named() {
    let alice = world().browser("owner@acme.test").await;
    let url = contact(
        &alice,
        json!({"first_name": "Ann", "company_name": "Marina Zadar"}),
    )
    .await;
    let company = alice.get_json(&url).await.json()["company_id"].clone();
    let same = json!({"first_name": "Bea", "company_name": "MARINA zadar"});
    let other = contact(&alice, same).await;
    assert_eq!(alice.get_json(&other).await.json()["company_id"], company);
    let company = page(&format!("/w/acme/companies/{}", company.as_str().unwrap()));
    let shown = alice.get(&company).await;
    assert!(shown.says("Ann") && shown.says("Bea") && shown.says("Marina Zadar"));
    let found = alice
        .get_json("/w/acme/records/company/choices?q=mar+zad")
        .await;
    assert_eq!(found.json()["items"][0]["title"], "Marina Zadar");
}

#[actix_web::test]
async fn further_addresses_are_kept_in_order() {
    let alice = world().browser("owner@acme.test").await;
    let form = [
        ("first_name", "Ann"),
        ("more_emails.0.value", "ann@work.example"),
        ("more_emails.0.label", "Work"),
        ("more_emails.1.value", ""),
        ("more_emails.1.label", ""),
        ("addresses.0.city", "Split"),
    ];
    let made = alice.post("/w/acme/contacts", &form).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    let url = made.header("location");
    let json = alice.get_json(url).await.json();
    assert_eq!(
        json["more_emails"],
        json!([{"label": "Work", "value": "ann@work.example"}])
    );
    assert!(alice.get(url).await.says("Work: ann@work.example"));
    let wrong = [("first_name", "Bea"), ("more_emails.0.value", "nobody")];
    let refused = alice.post("/w/acme/contacts", &wrong).await;
    assert!(refused.says("“nobody” is not an e-mail address."));
}

#[actix_web::test]
async fn saving_leads_back_into_the_list_one_came_from() {
    let alice = world().browser("owner@acme.test").await;
    let url = page(&contact(&alice, json!({"first_name": "Ann"})).await);
    let list = "?sort=name&from=list";
    let record = alice.get(&format!("{url}{list}")).await;
    let kept = "?sort=name&#38;from=list";
    assert!(record.says(&format!("{url}/edit{kept}")));
    assert!(record.says(&format!("{url}/facts/city{kept}")));
    for (editor, fields) in [
        ("/edit", [("city", "Split"), ("version", "1")]),
        ("/facts/city", [("city", "Rijeka"), ("version", "2")]),
    ] {
        let editor = alice.get(&format!("{url}{editor}{list}")).await;
        let (_, after) = editor
            .text
            .split_once("method=\"post\" action=\"/w/")
            .unwrap();
        let action = after.split('"').next().unwrap().replace("&#38;", "&");
        let saved = alice.post(&format!("/w/{action}"), &fields).await;
        assert_eq!(saved.header("location"), format!("{url}{list}"));
    }
    let fact = TestRequest::patch()
        .uri(&format!("{url}/facts/city{list}"))
        .set_form([("city", "Zadar"), ("version", "3")]);
    let saved = fragment(&alice, fact, "fact-city").await;
    assert!(
        saved
            .header("location")
            .starts_with(&format!("{url}{list}&saved="))
    );
    let clash = [("city", "Pula"), ("version", "1")];
    let clash = alice
        .post(&format!("{url}{list}&_method=PATCH"), &clash)
        .await;
    assert_eq!(clash.status, StatusCode::CONFLICT);
    assert!(
        clash.says(&format!("{url}{kept}&#38;_method=PATCH")),
        "{}",
        clash.text
    );
}

#[actix_web::test]
async fn a_note_is_an_activity_and_no_change() {
    let alice = world().browser("owner@acme.test").await;
    let url = contact(&alice, json!({"first_name": "Ann"})).await;
    assert!(alice.get(&page(&url)).await.says("None yet"));
    let id = url.rsplit('/').next().unwrap();
    let notes = format!("/w/acme/records/contact/{id}/notes");
    alice.post(&notes, &[("body", "Called back")]).await;
    let ann = alice.get_json(&page(&url)).await.json();
    assert!(ann["last_activity_at"].is_string(), "{ann}");
    assert_eq!(ann["version"], 1);
    assert!(!alice.get(&page(&url)).await.says("None yet"));
    let changed = json!({"first_name": "Anna"});
    let changed = alice.api(Method::PATCH, &url, changed).await.json();
    assert_eq!(changed["version"], 2);
    assert_eq!(changed["last_activity_at"], ann["last_activity_at"]);
}
