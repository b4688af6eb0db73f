//! Companies through the real routes, on a real database.

use actix_web::http::{Method, StatusCode};
use platform::testing::Browser;
use serde_json::{Value, json};

use crate::testing::world;

async fn company(browser: &Browser, fields: Value) -> String {
    let made = browser
        .api(Method::POST, "/api/v1/w/acme/companies", fields)
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.header("location").to_owned()
}

fn id(url: &str) -> &str {
    url.rsplit('/').next().unwrap()
}

#[actix_web::test]
async fn lists_and_sorts() {
    let alice = world().browser("owner@acme.test").await;
    for name in ["Zeta Yachts", "Alpha Travel"] {
        company(&alice, json!({"name": name})).await;
    }
    let list = alice.get_json("/w/acme/companies?sort=name").await.json();
    assert_eq!(list["items"][0]["name"], "Alpha Travel");
    assert_eq!(list["total"], json!({"count": 2, "exact": true}));
    let page = alice.get("/w/acme/companies").await;
    assert!(page.says("Zeta Yachts") && page.says("Alpha Travel"));
}

#[actix_web::test]
async fn searches_names_and_domains() {
    let alice = world().browser("owner@acme.test").await;
    company(
        &alice,
        json!({"name": "Šibenik Marine", "domain": "Sibmar.example"}),
    )
    .await;
    for search in ["sibenik", "sibmar.example", "mari"] {
        let found = alice
            .get_json(&format!("/w/acme/companies?search={search}"))
            .await;
        assert_eq!(found.json()["total"]["count"], 1, "{search}");
    }
}

#[actix_web::test]
async fn creates_edits_archives_and_restores() {
    let alice = world().browser("owner@acme.test").await;
    let url = company(
        &alice,
        json!({"name": "Alpha", "address": {"city": "Split"}}),
    )
    .await;
    let patched = alice
        .api(
            Method::PATCH,
            &url,
            json!({"address": {"country": "HR"}, "tier": "key"}),
        )
        .await
        .json();
    assert_eq!(patched["address"]["city"], "Split");
    assert_eq!(
        (patched["tier"].as_str(), patched["version"].as_i64()),
        (Some("key"), Some(2))
    );
    let gone = alice.api(Method::DELETE, &url, json!({})).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    let archived = alice.get_json("/w/acme/companies?archived=1").await.json();
    assert_eq!(archived["total"]["count"], 1);
    alice
        .api(Method::POST, &format!("{url}/restoration"), json!({}))
        .await;
    let page = alice.get(&url.replace("/api/v1", "")).await;
    assert!(page.says("archived this company") && page.says("set Country to <ins>HR</ins>"));
}

#[actix_web::test]
async fn an_invalid_form_comes_back_with_its_message() {
    let alice = world().browser("owner@acme.test").await;
    let form = [
        ("name", ""),
        ("domain", "no domain"),
        ("website", "javascript:alert(1)"),
    ];
    let page = alice.post("/w/acme/companies", &form).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.says("Please fill this in.") && page.says("Please enter a domain"));
    assert!(page.says("Please enter a web address"));
}

#[actix_web::test]
async fn a_viewer_may_look_and_not_touch() {
    let carol = world().browser("viewer@acme.test").await;
    assert_eq!(carol.get("/w/acme/companies").await.status, StatusCode::OK);
    let refused = carol.post("/w/acme/companies", &[("name", "Alpha")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[actix_web::test]
async fn another_workspace_sees_nothing() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let mallory = world.browser("owner@globex.test").await;
    let url = company(&alice, json!({"name": "Alpha"})).await;
    for url in [url.clone(), url.replace("/acme/", "/globex/")] {
        assert_eq!(mallory.get(&url).await.status, StatusCode::NOT_FOUND);
    }
    let list = mallory.get_json("/w/globex/companies").await;
    assert_eq!(list.json()["total"]["count"], 0);
}

#[actix_web::test]
async fn a_company_cannot_stand_above_itself() {
    let alice = world().browser("owner@acme.test").await;
    let top = company(&alice, json!({"name": "Top"})).await;
    let middle = company(&alice, json!({"name": "Middle", "parent_id": id(&top)})).await;
    let bottom = company(&alice, json!({"name": "Bottom", "parent_id": id(&middle)})).await;
    let circle = json!({"parent_id": id(&bottom)});
    let refused = alice.api(Method::PATCH, &top, circle).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.json()["errors"][0]["field"], "parent_id");
    let form = [("name", "Top"), ("parent_id", id(&bottom))];
    let url = format!("{}?_method=PATCH", top.replace("/api/v1", ""));
    let page = alice.post(&url, &form).await;
    assert!(page.says("already stands below this one"));
    let shown = alice.get(&middle.replace("/api/v1", "")).await;
    assert!(shown.says("Top") && shown.says("Bottom"));
}

#[actix_web::test]
async fn merged_companies_share_their_people_and_stand_above_no_one_twice() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let top = company(&alice, json!({"name": "Top"})).await;
    let middle = company(&alice, json!({"name": "Middle", "parent_id": id(&top)})).await;
    let below = company(&alice, json!({"name": "Below", "parent_id": id(&middle)})).await;
    let ann = json!({"first_name": "Ann", "company_id": id(&top)});
    let ann = alice
        .api(Method::POST, "/api/v1/w/acme/contacts", ann)
        .await;
    let view = json!({"record_kind": "contact", "name": "Theirs",
        "filter": {"and": [{"field": "company_id", "op": "is", "value": id(&top)}]}});
    let view = alice.api(Method::POST, "/api/v1/w/acme/views", view).await;
    assert_eq!(view.status, StatusCode::CREATED, "{}", view.text);
    // The one at the bottom takes in the one at the top, which would be a circle.
    let merged = alice
        .api(
            Method::POST,
            &format!("{below}/merge"),
            json!({"ids": [id(&top)]}),
        )
        .await;
    assert_eq!(merged.status, StatusCode::OK, "{}", merged.text);
    let parent = async |url: &str| alice.get_json(url).await.json()["parent_id"].clone();
    assert_eq!(parent(&below).await, json!(null));
    assert_eq!(parent(&middle).await, json!(id(&below)));
    let ann_url = ann.header("location");
    let employer = async || alice.get_json(ann_url).await.json()["company_id"].clone();
    assert_eq!(employer().await, json!(id(&below)));
    let filter = async || alice.get_json("/api/v1/w/acme/views").await.text;
    assert!(filter().await.contains(id(&below)));
    let undo = merged.json()["undo"].as_str().unwrap().to_owned();
    let undone = alice.api(Method::POST, &undo, json!({})).await;
    assert_eq!(undone.status, StatusCode::OK, "{}", undone.text);
    assert_eq!(parent(&below).await, json!(id(&middle)));
    assert_eq!(parent(&middle).await, json!(id(&top)));
    assert_eq!(employer().await, json!(id(&top)));
    assert!(filter().await.contains(id(&top)));
}

#[actix_web::test]
async fn what_points_at_a_company_that_was_merged_away_comes_back_to_where_it_went() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let old = company(&alice, json!({"name": "Old"})).await;
    let new = company(&alice, json!({"name": "New"})).await;
    let mut people = Vec::new();
    for (name, employer) in [("Ann", None), ("Anna", Some(id(&old)))] {
        let fields = json!({"first_name": name, "company_id": employer});
        let made = alice
            .api(Method::POST, "/api/v1/w/acme/contacts", fields)
            .await;
        people.push(made.header("location").to_owned());
    }
    let people_merged = alice
        .api(
            Method::POST,
            &format!("{}/merge", people[0]),
            json!({"ids": [id(&people[1])]}),
        )
        .await;
    let merged = alice
        .api(
            Method::POST,
            &format!("{new}/merge"),
            json!({"ids": [id(&old)]}),
        )
        .await;
    assert_eq!(merged.status, StatusCode::OK, "{}", merged.text);
    let undo = people_merged.json()["undo"].as_str().unwrap().to_owned();
    let undone = alice.api(Method::POST, &undo, json!({})).await;
    // The employer was changed by the other merge, so somebody has to say.
    let asked = undone.json();
    let mark = asked["changed"][0]["mark"].as_str().unwrap().to_owned();
    let undone = alice
        .api(Method::POST, &undo, json!({"choices": {mark: "back"}}))
        .await;
    assert_eq!(undone.status, StatusCode::OK, "{}", undone.text);
    let anna = alice.get_json(&people[1]).await.json();
    assert_eq!(anna["company_id"], json!(id(&new)));
}

#[actix_web::test]
async fn companies_are_found_by_domain_and_by_name() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    company(
        &alice,
        json!({"name": "Adriatic Sail d.o.o.", "domain": "adriatic.example"}),
    )
    .await;
    for (typed, why) in [
        (
            "website=https%3A%2F%2Fwww.adriatic.example%2Fabout&name=Sails",
            "same domain",
        ),
        ("name=ADRIATIC+SAIL", "same name"),
    ] {
        let told = alice
            .get(&format!("/w/acme/companies/likeness?{typed}"))
            .await;
        assert!(
            told.says("Adriatic Sail d.o.o.</a>") && told.says(why),
            "{}",
            told.text
        );
    }
    company(&alice, json!({"name": "Adriatic Sail"})).await;
    company(&alice, json!({"name": "Adriatic Kitchens"})).await;
    assert_eq!(
        world.run_schedule("crm.scan_companies").await,
        "1 pairs look alike"
    );
    let queue = alice.get_json("/w/acme/companies/duplicates").await.json();
    assert_eq!(queue["items"][0]["reasons"], json!(["same_name"]));
}
