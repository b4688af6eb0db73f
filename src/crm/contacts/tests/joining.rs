//! Contacts become one, and are told apart again.

use actix_web::http::{Method, StatusCode};
use platform::testing::Browser;
use serde_json::{Value, json};

use super::record::{contact, page};
use crate::testing::world;

const MERGE: &str = "/api/v1/w/acme/contacts";

fn id(url: &str) -> String {
    url.rsplit('/').next().unwrap_or_default().to_owned()
}

/// Merges the others into the first; gives the answer.
async fn merge(browser: &Browser, urls: &[&String], fields: Value) -> Value {
    let ids: Vec<String> = urls.iter().map(|url| id(url)).collect();
    let answer = browser
        .api(
            Method::POST,
            &format!("{MERGE}/{}/merge", ids[0]),
            json!({"ids": ids, "fields": fields}),
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

async fn deal(browser: &Browser, contact: &str) -> String {
    let made = browser
        .api(
            Method::POST,
            "/api/v1/w/acme/deals",
            json!({"name": "Refit", "contact_id": id(contact)}),
        )
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.header("location").to_owned()
}

#[actix_web::test]
async fn one_record_has_what_both_had() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ana = contact(
        &alice,
        json!({"first_name": "Ana", "last_name": "Kovač", "email": "ana@x.example", "tags": ["vip"], "consent_email": "given"}),
    )
    .await;
    let anna = contact(
        &alice,
        json!({"first_name": "Anna", "last_name": "Kovac", "email": "anna@y.example", "city": "Split", "tags": ["boat"],
            "lifecycle_stage": "customer", "consent_email": "withdrawn"}),
    )
    .await;
    let note = format!("/w/acme/records/contact/{}/notes", id(&anna));
    alice.post(&note, &[("body", "Prefers calls")]).await;
    let refit = deal(&alice, &anna).await;
    let merged = merge(&alice, &[&ana, &anna], json!({"first_name": id(&anna)})).await;
    let now = alice.get_json(&ana).await.json();
    assert_eq!(merged["record"]["version"], now["version"]);
    for (field, value) in [
        ("first_name", json!("Anna")),
        ("last_name", json!("Kovač")),
        ("email", json!("ana@x.example")),
        ("city", json!("Split")),
        ("tags", json!(["vip", "boat"])),
        ("lifecycle_stage", json!("customer")),
        // What was withdrawn goes before what was given.
        ("consent_email", json!("withdrawn")),
        (
            "more_emails",
            json!([{"label": "", "value": "anna@y.example"}]),
        ),
    ] {
        assert_eq!(now[field], value, "{field}");
    }
    let moved = alice.get_json(&refit).await.json();
    assert_eq!(moved["contact_id"], json!(id(&ana)));
    let shown = alice.get(&page(&ana)).await;
    assert!(shown.says("Prefers calls") && shown.says("merged Anna Kovac into this contact"));
    let list = alice.get_json("/w/acme/contacts").await.json();
    assert_eq!(list["total"]["count"], 1);
    let archived = alice
        .get_json("/w/acme/contacts?archived=true")
        .await
        .json();
    assert_eq!(archived["items"], json!([]));
}

#[actix_web::test]
async fn an_address_that_gives_way_is_kept_beside_the_chosen_one() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let mut urls = Vec::new();
    for (name, phone) in [
        ("Ana", "+385912345671"),
        ("Anna", "+385912345672"),
        ("Anne", "+385912345673"),
    ] {
        let email = format!("{name}@x.example").to_lowercase();
        let body = json!({"first_name": name, "email": email, "phone": phone});
        urls.push(contact(&alice, body).await);
    }
    let anne = id(&urls[2]);
    let chosen = json!({"email": anne, "phone": anne});
    let merged = merge(&alice, &[&urls[0], &urls[1], &urls[2]], chosen).await;
    let now = alice.get_json(&urls[0]).await.json();
    assert_eq!(now["email"], "anne@x.example");
    let values = |field: &str| -> Vec<String> {
        let all = now[field].as_array().into_iter().flatten();
        all.map(|one| one["value"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(values("more_emails"), ["ana@x.example", "anna@x.example"]);
    assert_eq!(values("more_phones").len(), 2, "{}", now["more_phones"]);
    let undo = page(merged["undo"].as_str().unwrap());
    let undone = alice.post(&undo, &[]).await;
    assert_eq!(undone.status, StatusCode::SEE_OTHER, "{}", undone.text);
    let back = alice.get_json(&urls[0]).await.json();
    assert_eq!(
        (&back["email"], &back["more_emails"]),
        (&json!("ana@x.example"), &json!([]))
    );
}

#[actix_web::test]
async fn its_old_address_leads_on() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ana = contact(&alice, json!({"first_name": "Ana"})).await;
    let anna = contact(&alice, json!({"first_name": "Anna"})).await;
    let third = contact(&alice, json!({"first_name": "Third"})).await;
    merge(&alice, &[&ana, &anna], json!({})).await;
    merge(&alice, &[&third, &ana], json!({})).await;
    let people = alice.get(&page(&anna)).await;
    assert_eq!(people.status, StatusCode::SEE_OTHER);
    assert_eq!(people.header("location"), page(&third));
    let program = alice.get_json(&anna).await;
    assert_eq!(
        (program.status, program.header("location")),
        (StatusCode::SEE_OTHER, third.as_str())
    );
    let changed = alice
        .api(Method::PATCH, &anna, json!({"city": "Split"}))
        .await;
    assert_eq!(changed.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn three_become_one_and_are_three_again() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let mut urls = Vec::new();
    for name in ["Ana", "Anna", "Anne"] {
        urls.push(contact(&alice, json!({"first_name": name, "tags": [name]})).await);
    }
    let mut before = Vec::new();
    for url in &urls {
        before.push(alice.get_json(url).await.json());
    }
    let merged = merge(&alice, &[&urls[0], &urls[1], &urls[2]], json!({})).await;
    let tags = json!(["Ana", "Anna", "Anne"]);
    assert_eq!(alice.get_json(&urls[0]).await.json()["tags"], tags);
    let undone = alice
        .api(Method::POST, merged["undo"].as_str().unwrap(), json!({}))
        .await;
    assert_eq!(undone.status, StatusCode::OK, "{}", undone.text);
    for (url, before) in urls.iter().zip(before) {
        let mut after = alice.get_json(url).await.json();
        for own in ["version", "updated_at"] {
            after[own] = before[own].clone();
        }
        assert_eq!(after, before);
    }
    let again = alice
        .api(Method::POST, merged["undo"].as_str().unwrap(), json!({}))
        .await;
    assert_eq!(again.status, StatusCode::CONFLICT);
}

#[actix_web::test]
async fn what_was_changed_since_is_asked_about() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ana = contact(&alice, json!({"first_name": "Ana", "last_name": "Kovač"})).await;
    let anna = contact(&alice, json!({"first_name": "Anna", "city": "Split"})).await;
    let refit = deal(&alice, &anna).await;
    let merged = merge(&alice, &[&ana, &anna], json!({"first_name": id(&anna)})).await;
    let undo = merged["undo"].as_str().unwrap().to_owned();
    alice
        .api(
            Method::PATCH,
            &ana,
            json!({"city": "Rijeka", "country": "HR"}),
        )
        .await;
    let asked = alice.api(Method::POST, &undo, json!({})).await;
    assert_eq!(asked.status, StatusCode::CONFLICT);
    let changed = asked.json()["changed"].clone();
    assert_eq!(changed.as_array().map(Vec::len), Some(1), "{changed}");
    assert_eq!(
        (&changed[0]["label"], &changed[0]["now"], &changed[0]["was"]),
        (&json!("City"), &json!("Rijeka"), &json!(""))
    );
    let page_of = alice.post(&page(&undo), &[]).await;
    assert!(page_of.says("Keep as it is now") && page_of.says("Rijeka"));
    // Nothing was undone yet.
    assert_eq!(
        alice.get_json(&refit).await.json()["contact_id"],
        json!(id(&ana))
    );
    let mark = changed[0]["mark"].as_str().unwrap();
    let undone = alice
        .post(&page(&undo), &[(&format!("choices.{mark}"), "keep")])
        .await;
    assert_eq!(undone.status, StatusCode::SEE_OTHER, "{}", undone.text);
    let now = alice.get_json(&ana).await.json();
    for (field, value) in [("first_name", "Ana"), ("city", "Rijeka"), ("country", "HR")] {
        assert_eq!(now[field], value, "{field}");
    }
    assert_eq!(alice.get_json(&anna).await.json()["city"], "Split");
    assert_eq!(
        alice.get_json(&refit).await.json()["contact_id"],
        json!(id(&anna))
    );
}

#[actix_web::test]
async fn what_is_put_back_is_put_back() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ana = contact(&alice, json!({"first_name": "Ana"})).await;
    let anna = contact(&alice, json!({"first_name": "Anna", "city": "Split"})).await;
    let merged = merge(&alice, &[&ana, &anna], json!({})).await;
    let undo = merged["undo"].as_str().unwrap();
    alice
        .api(Method::PATCH, &ana, json!({"city": "Rijeka"}))
        .await;
    let asked = alice.api(Method::POST, undo, json!({})).await.json();
    let mark = asked["changed"][0]["mark"].as_str().unwrap();
    let undone = alice
        .api(Method::POST, undo, json!({"choices": {mark: "back"}}))
        .await;
    assert_eq!(undone.status, StatusCode::OK, "{}", undone.text);
    assert_eq!(alice.get_json(&ana).await.json()["city"], "");
}

#[actix_web::test]
async fn the_later_merge_is_undone_first() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ana = contact(&alice, json!({"first_name": "Ana"})).await;
    let anna = contact(&alice, json!({"first_name": "Anna"})).await;
    let anne = contact(&alice, json!({"first_name": "Anne"})).await;
    let first = merge(&alice, &[&ana, &anna], json!({})).await;
    let second = merge(&alice, &[&anne, &ana], json!({})).await;
    let undo = |merge: &Value| merge["undo"].as_str().unwrap().to_owned();
    let refused = alice.api(Method::POST, &undo(&first), json!({})).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text.contains("Undo that first"), "{}", refused.text);
    for merge in [&second, &first] {
        let undone = alice.api(Method::POST, &undo(merge), json!({})).await;
        assert_eq!(undone.status, StatusCode::OK, "{}", undone.text);
    }
    for url in [&ana, &anna, &anne] {
        assert_eq!(alice.get_json(url).await.status, StatusCode::OK);
    }
}

#[actix_web::test]
async fn where_both_have_it_one_stays() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ana = contact(&alice, json!({"first_name": "Ana"})).await;
    let anna = contact(&alice, json!({"first_name": "Anna"})).await;
    for url in [&ana, &anna] {
        let following = format!("/w/acme/records/contact/{}/following?_method=PUT", id(url));
        alice.post(&following, &[]).await;
    }
    let merged = merge(&alice, &[&ana, &anna], json!({})).await;
    let undo = merged["undo"].as_str().unwrap();
    assert!(alice.get(&page(&ana)).await.says("Following"));
    let undone = alice.api(Method::POST, undo, json!({})).await;
    assert_eq!(undone.status, StatusCode::OK, "{}", undone.text);
    for url in [&ana, &anna] {
        assert!(alice.get(&page(url)).await.says("Following"), "{url}");
    }
}

#[actix_web::test]
async fn they_stand_side_by_side() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ana = contact(
        &alice,
        json!({"first_name": "Ana", "last_name": "Kovač", "city": "Split"}),
    )
    .await;
    let anna = contact(&alice, json!({"first_name": "Anna", "last_name": "Kovač"})).await;
    let ids = format!("{},{}", id(&ana), id(&anna));
    let compared = alice
        .get(&format!("/w/acme/contacts/merge?ids={ids}"))
        .await;
    assert_eq!(compared.status, StatusCode::OK, "{}", compared.text);
    for words in [
        "<h1>Merge 2 contacts</h1>",
        "First name",
        "Anna",
        r#"name="fields.first_name""#,
        "The same in all",
    ] {
        assert!(compared.says(words), "{words}");
    }
    assert!(
        !compared.says(r#"name="fields.last_name""#),
        "what is the same is not chosen"
    );
    let (ana_id, anna_id) = (id(&ana), id(&anna));
    let form = [
        ("ids", ana_id.as_str()),
        ("ids", anna_id.as_str()),
        ("into", anna_id.as_str()),
        ("fields.first_name", ana_id.as_str()),
    ];
    let merged = alice.post("/w/acme/contacts/merge", &form).await;
    assert_eq!(merged.status, StatusCode::SEE_OTHER, "{}", merged.text);
    assert_eq!(merged.header("location"), page(&anna));
    let undo = merged.undo();
    let now = alice.get_json(&anna).await.json();
    assert_eq!(
        (&now["first_name"], &now["city"]),
        (&json!("Ana"), &json!("Split"))
    );
    let merges = alice.get(&format!("{}/merges", page(&anna))).await;
    assert!(merges.says("Ana Kovač") && merges.says("Undo this merge"));
    assert_eq!(alice.post(&undo, &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(alice.get_json(&ana).await.json()["first_name"], "Ana");
}

#[actix_web::test]
async fn chosen_rows_go_on_to_their_comparison() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ana = contact(&alice, json!({"first_name": "Ana"})).await;
    let anna = contact(&alice, json!({"first_name": "Anna"})).await;
    let (ana, anna) = (id(&ana), id(&anna));
    let on = alice
        .post(
            "/w/acme/contacts/bulk/merge",
            &[("ids", &ana), ("ids", &anna)],
        )
        .await;
    assert_eq!(on.status, StatusCode::SEE_OTHER, "{}", on.text);
    assert!(
        on.header("location")
            .starts_with("/w/acme/contacts/merge?ids=")
    );
    let one = alice
        .post("/w/acme/contacts/bulk/merge", &[("ids", &ana)])
        .await;
    assert_eq!(one.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[actix_web::test]
async fn what_makes_no_sense_is_refused() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ana = contact(&alice, json!({"first_name": "Ana"})).await;
    let anna = contact(&alice, json!({"first_name": "Anna"})).await;
    let url = format!("{ana}/merge");
    for body in [
        json!({}),
        json!({"ids": [id(&ana)]}),
        json!({"ids": [id(&anna)], "fields": {"first_name": "Ana"}}),
        json!({"ids": [id(&anna)], "fields": {"first_name": "00000000-0000-0000-0000-000000000000"}}),
    ] {
        let refused = alice.api(Method::POST, &url, body.clone()).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
    let nobody = json!({"ids": ["00000000-0000-0000-0000-000000000000"]});
    let refused = alice.api(Method::POST, &url, nobody).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    assert_eq!(alice.get_json(&anna).await.status, StatusCode::OK);
}

#[actix_web::test]
async fn it_takes_the_rights_and_the_workspace() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ana = contact(&alice, json!({"first_name": "Ana"})).await;
    let anna = contact(&alice, json!({"first_name": "Anna"})).await;
    let body = json!({"ids": [id(&anna)]});
    let carol = world.browser("viewer@acme.test").await;
    let refused = carol
        .api(Method::POST, &format!("{ana}/merge"), body.clone())
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let mallory = world.browser("owner@globex.test").await;
    let made = mallory
        .api(
            Method::POST,
            "/api/v1/w/globex/contacts",
            json!({"first_name": "Mallory"}),
        )
        .await;
    let theirs = made.header("location").to_owned();
    let stolen = mallory
        .api(Method::POST, &format!("{theirs}/merge"), body)
        .await;
    assert_eq!(stolen.status, StatusCode::NOT_FOUND);
    let merged = merge(&alice, &[&ana, &anna], json!({})).await;
    let undo = merged["undo"].as_str().unwrap();
    let foreign = undo.replace("/acme/", "/globex/");
    assert_eq!(
        mallory.api(Method::POST, &foreign, json!({})).await.status,
        StatusCode::NOT_FOUND
    );
    let globex = anna.replace("/acme/", "/globex/");
    assert_eq!(
        mallory.get_json(&globex).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        carol.api(Method::POST, undo, json!({})).await.status,
        StatusCode::FORBIDDEN
    );
}
