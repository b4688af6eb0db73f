//! Contacts that look like the same are found, and worked through.

use actix_web::http::{Method, StatusCode};
use actix_web::test::TestRequest;
use platform::testing::{Browser, World};
use platform::web::link;
use serde_json::{Value, json};
use tokio::sync::{Mutex, MutexGuard};

use super::record::{contact, fragment, page};
use crate::testing::world;

const QUEUE: &str = "/api/v1/w/acme/contacts/duplicates";

/// A scan keeps others of its workspace out until its transaction ends, which in a test is the end of the test.
async fn alone() -> MutexGuard<'static, ()> {
    static SCANNING: Mutex<()> = Mutex::const_new(());
    SCANNING.lock().await
}

async fn scan(world: &World, browser: &Browser) {
    let asked = browser
        .api(Method::POST, &format!("{QUEUE}/scan"), json!({}))
        .await;
    assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.text);
    world.run_jobs().await;
    let work = browser.get_json(asked.header("location")).await.json();
    assert_eq!(work["state"], "done", "{work}");
}

async fn queue(browser: &Browser, query: &str) -> Vec<Value> {
    let queue = browser.get_json(&format!("{QUEUE}{query}")).await;
    assert_eq!(queue.status, StatusCode::OK, "{}", queue.text);
    queue.json()["items"].as_array().cloned().unwrap()
}

fn reasons(pair: &Value) -> Vec<&str> {
    let reasons = pair["reasons"].as_array().unwrap().iter();
    reasons.filter_map(Value::as_str).collect()
}

async fn company(browser: &Browser, name: &str) -> String {
    let made = browser
        .api(
            Method::POST,
            "/api/v1/w/acme/companies",
            json!({"name": name}),
        )
        .await;
    made.json()["id"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn a_scan_finds_who_is_the_same_and_nobody_else() {
    let _alone = alone().await;
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let marine = company(&alice, "Marine").await;
    for fields in [
        json!({"first_name": "Ana", "last_name": "Kovač", "email": "ana+news@x.example"}),
        json!({"first_name": "Anna", "last_name": "Kovac", "email": "ana@x.example"}),
        json!({"first_name": "Liam", "last_name": "O'Brien", "company_id": marine}),
        json!({"first_name": "Liam", "last_name": "OBrien", "company_id": marine}),
        json!({"first_name": "Van", "last_name": "Nguyễn", "city": "Split"}),
        json!({"first_name": "Van", "last_name": "Nguyen", "city": "split"}),
        json!({"first_name": "", "last_name": "李雷"}),
        json!({"first_name": "", "last_name": "李雷"}),
        json!({"first_name": "", "last_name": "李明"}),
        json!({"first_name": "مريم", "last_name": "حداد", "phone": "+385 91 234 5678"}),
        json!({"first_name": "مريم", "last_name": "حداد", "phone": "091/234-5678", "country": "HR"}),
        // Nothing speaks for these but a first name, or a company.
        json!({"first_name": "Bruno", "last_name": "Ivić", "company_id": marine}),
        json!({"first_name": "Liam", "last_name": "Walsh"}),
        json!({"first_name": "Petra"}),
        json!({"first_name": "Petra"}),
    ] {
        contact(&alice, fields).await;
    }
    scan(&world, &alice).await;
    let found = queue(&alice, "").await;
    let mut titles: Vec<(&str, Vec<&str>)> = found
        .iter()
        .map(|pair| (pair["a"]["title"].as_str().unwrap(), reasons(pair)))
        .collect();
    titles.sort();
    assert_eq!(
        titles,
        [
            ("Ana Kovač", vec!["same_email"]),
            ("Liam O'Brien", vec!["same_name_company"]),
            ("Van Nguyễn", vec!["same_name_city"]),
            ("مريم حداد", vec!["same_phone", "same_name"]),
            ("李雷", vec!["same_name"]),
        ]
    );
    let strong = queue(&alice, "?min=90").await;
    assert!(strong.len() < found.len() && strong.iter().all(|p| p["score"].as_i64() >= Some(90)));
    let by_phone = queue(&alice, "?reason=same_phone").await;
    assert_eq!(by_phone.len(), 1);
    let shown = alice.get("/w/acme/contacts/duplicates").await;
    assert!(
        shown.says("Same phone · same name") && shown.says("15 contacts looked through"),
        "{}",
        shown.text
    );
}

#[actix_web::test]
async fn who_is_said_to_be_somebody_else_stays_so() {
    let _alone = alone().await;
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    for name in ["Ana", "Anna"] {
        contact(
            &alice,
            json!({"first_name": name, "email": "ana@x.example"}),
        )
        .await;
    }
    scan(&world, &alice).await;
    let pair = queue(&alice, "").await.remove(0);
    let url = format!("{QUEUE}/{}/dismissal", pair["id"].as_str().unwrap());
    let dismissed = alice.api(Method::PUT, &url, json!({})).await;
    assert_eq!(
        dismissed.status,
        StatusCode::NO_CONTENT,
        "{}",
        dismissed.text
    );
    scan(&world, &alice).await;
    assert_eq!(queue(&alice, "").await, Vec::<Value>::new());
    assert_eq!(queue(&alice, "?state=dismissed").await.len(), 1);
    alice.api(Method::DELETE, &url, json!({})).await;
    assert_eq!(queue(&alice, "").await.len(), 1);
}

#[actix_web::test]
async fn what_no_longer_looks_alike_leaves_the_queue() {
    let _alone = alone().await;
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    contact(
        &alice,
        json!({"first_name": "Ana", "email": "ana@x.example"}),
    )
    .await;
    let anna = contact(
        &alice,
        json!({"first_name": "Anna", "email": "ana@x.example"}),
    )
    .await;
    scan(&world, &alice).await;
    assert_eq!(queue(&alice, "").await.len(), 1);
    alice
        .api(Method::PATCH, &anna, json!({"email": "bea@y.example"}))
        .await;
    assert_eq!(
        world.run_schedule("crm.scan_contacts").await,
        "0 pairs look alike"
    );
    assert_eq!(queue(&alice, "").await, Vec::<Value>::new());
}

#[actix_web::test]
async fn the_queue_is_worked_through_pair_by_pair() {
    let _alone = alone().await;
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    for n in ["one", "two"] {
        for name in ["Ana", "Anna"] {
            contact(
                &alice,
                json!({"first_name": name, "email": format!("{n}@{n}.example")}),
            )
            .await;
        }
    }
    scan(&world, &alice).await;
    let first = queue(&alice, "").await.remove(0);
    let (a, b) = (
        first["a_id"].as_str().unwrap(),
        first["b_id"].as_str().unwrap(),
    );
    let place = format!("{}.{}", first["score"], first["id"].as_str().unwrap());
    let form = [
        ("ids", a),
        ("ids", b),
        ("into", a),
        ("queue", place.as_str()),
    ];
    let merged = alice.post("/w/acme/contacts/merge", &form).await;
    let next = merged.header("location").to_owned();
    assert!(
        next.starts_with("/w/acme/contacts/merge?ids=") && !next.contains(a),
        "{next}"
    );
    let shown = alice.get(&next).await;
    assert!(
        shown.says("Same e-mail") && shown.says("Skip") && shown.says("Not duplicates"),
        "{}",
        shown.text
    );
    let second = queue(&alice, "").await.remove(0);
    let dismissal = format!(
        "{}/{}/dismissal",
        QUEUE.replace("/api/v1", ""),
        second["id"].as_str().unwrap()
    );
    let place = format!("{}.{}", second["score"], second["id"].as_str().unwrap());
    let url = link::with(&dismissal, [("_method", "PUT"), ("queue", &place)]);
    let done = alice.post(&url, &[]).await;
    assert_eq!(done.header("location"), "/w/acme/contacts/duplicates");
    // Whoever is taken apart again is in the queue again.
    alice.post(&merged.undo(), &[]).await;
    assert_eq!(queue(&alice, "").await.len(), 1);
}

#[actix_web::test]
async fn a_new_one_says_while_it_is_typed_what_it_looks_like() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let marine = company(&alice, "Marine").await;
    let fields = json!({"first_name": "Ana", "last_name": "Kovač", "email": "ana+boat@x.example",
        "phone": "+385 91 234 5678", "company_id": marine});
    contact(&alice, fields).await;
    for (typed, why) in [
        (vec![("email", "ANA@x.example")], "same e-mail"),
        (vec![("phone", "00385 912345678")], "same phone"),
        (
            vec![
                ("first_name", "Anna"),
                ("last_name", "Kovac"),
                ("company_id", &marine),
            ],
            "names alike, same company",
        ),
        (
            vec![("first_name", "ana"), ("last_name", "kovac")],
            "same name",
        ),
    ] {
        let url = link::with("/w/acme/contacts/likeness", typed.clone());
        let told = fragment(&alice, TestRequest::get().uri(&url), "likeness").await;
        assert_eq!(told.status, StatusCode::OK, "{}", told.text);
        assert!(
            told.says("Ana Kovač</a>") && told.says(why),
            "{typed:?}: {}",
            told.text
        );
    }
    for typed in [vec![("first_name", "Ana")], vec![("email", "ana@")], vec![]] {
        let url = link::with("/w/acme/contacts/likeness", typed);
        let told = fragment(&alice, TestRequest::get().uri(&url), "likeness").await;
        assert_eq!(told.text.trim(), "");
    }
    let form = alice.get("/w/acme/contacts/new").await;
    assert!(form.says(r##"hx-get="/w/acme/contacts/likeness""##) && form.says("from:#email"));
}

#[actix_web::test]
async fn what_is_saved_says_what_it_looks_like() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ana = contact(
        &alice,
        json!({"first_name": "Ana", "email": "ana@x.example"}),
    )
    .await;
    let saved = alice
        .post(
            "/w/acme/contacts",
            &[("first_name", "Anna"), ("email", "ana@x.example")],
        )
        .await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER);
    let toast = hex(saved.header("set-cookie"));
    assert!(
        toast.contains("Anna is added; looks like Ana (same e-mail)"),
        "{toast}"
    );
    let pair = queue(&alice, "").await.remove(0);
    assert!(page(&ana).ends_with(pair["a_id"].as_str().unwrap()));
}

/// What a sealed toast says.
fn hex(cookie: &str) -> String {
    let sealed = cookie.split(';').next().and_then(|c| c.split_once('.'));
    let bytes = ::hex::decode(sealed.unwrap().1).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[actix_web::test]
async fn only_who_may_change_contacts_sees_the_queue() {
    let _alone = alone().await;
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    for name in ["Ana", "Anna"] {
        contact(
            &alice,
            json!({"first_name": name, "email": "ana@x.example"}),
        )
        .await;
    }
    scan(&world, &alice).await;
    let carol = world.browser("viewer@acme.test").await;
    assert_eq!(carol.get_json(QUEUE).await.status, StatusCode::FORBIDDEN);
    let mallory = world.browser("owner@globex.test").await;
    assert_eq!(mallory.get_json(QUEUE).await.status, StatusCode::NOT_FOUND);
    let theirs = mallory.get_json(&QUEUE.replace("/acme/", "/globex/")).await;
    assert_eq!(theirs.json()["items"], json!([]));
    let list = carol.get("/w/acme/contacts").await;
    assert!(!list.says("/contacts/duplicates"));
    assert!(
        alice
            .get("/w/acme/contacts")
            .await
            .says("/w/acme/contacts/duplicates")
    );
}
