//! Relationships stand on both pages, go with merges, and are worded by each workspace.

use actix_web::http::{Method, StatusCode};
use platform::testing::Browser;
use platform::web::link;
use serde_json::{Value, json};

use crate::testing::world;

const KINDS: &str = "/api/v1/w/acme/settings/relationships";

async fn contact(browser: &Browser, name: &str) -> String {
    let body = json!({"first_name": name, "last_name": "Lee"});
    let made = browser
        .api(Method::POST, "/api/v1/w/acme/contacts", body)
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.json()["id"].as_str().unwrap().to_owned()
}

fn all_of(contact: &str) -> String {
    format!("/api/v1/w/acme/contacts/{contact}/relationships")
}

/// The id of a kind, from the side of that word.
async fn side(browser: &Browser, word: &str) -> String {
    let kinds = browser.get_json(KINDS).await.json();
    let kinds = kinds["items"].as_array().unwrap().clone();
    let id = |kind: &Value| kind["id"].as_str().unwrap().to_owned();
    if let Some(kind) = kinds.iter().find(|kind| kind["name"] == word) {
        return id(kind);
    }
    let kind = kinds.iter().find(|kind| kind["reverse"] == word);
    id(kind.unwrap()) + ":reverse"
}

async fn relate(browser: &Browser, contact: &str, word: &str, other: &str) -> Value {
    let body = json!({"other_id": other, "kind": side(browser, word).await, "note": "since school", "since": "2020-05-01"});
    let made = browser.api(Method::POST, &all_of(contact), body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.json()
}

/// What a contact's relationships say: word and name.
async fn said(browser: &Browser, contact: &str) -> Vec<String> {
    let list = browser.get_json(&all_of(contact)).await.json();
    let list = list["items"].as_array().unwrap().iter();
    let words = |tie: &Value| {
        format!(
            "{} {}",
            tie["label"].as_str().unwrap(),
            tie["name"].as_str().unwrap()
        )
    };
    list.map(words).collect()
}

#[actix_web::test]
async fn a_relationship_stands_on_both_pages_in_the_words_of_each() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let (ann, ben) = (contact(&alice, "Ann").await, contact(&alice, "Ben").await);
    relate(&alice, &ann, "Parent", &ben).await;
    assert_eq!(said(&alice, &ann).await, ["Parent Ben Lee"]);
    assert_eq!(said(&alice, &ben).await, ["Child Ann Lee"]);
    relate(&alice, &ann, "Manager", &ben).await;
    assert_eq!(
        said(&alice, &ben).await,
        ["Child Ann Lee", "Assistant Ann Lee"]
    );
    let page = alice.get(&format!("/w/acme/contacts/{ben}")).await;
    for words in ["Relationships", "Child", "since school", "since 1 May 2020"] {
        assert!(page.says(words), "{words}");
    }
    // Both timelines tell of it.
    for (id, words) in [
        (&ann, "added Ben Lee (Parent)"),
        (&ben, "added Ann Lee (Child)"),
    ] {
        let timeline = alice
            .get(&format!("/w/acme/records/contact/{id}/timeline"))
            .await;
        assert!(timeline.says(words), "{words}");
    }
    // And contacts are found by it, from either side.
    let kind = side(&alice, "Parent").await;
    let filter = json!({"and": [{"field": "relationship", "op": "is", "value": kind}]});
    let found = alice
        .get_json(&link::filtered("/w/acme/contacts", &filter))
        .await;
    assert_eq!(found.json()["total"]["count"], 2, "{}", found.text);
}

#[actix_web::test]
async fn it_is_changed_and_removed_from_either_side() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let (ann, ben) = (contact(&alice, "Ann").await, contact(&alice, "Ben").await);
    let tie = relate(&alice, &ann, "Broker", &ben).await;
    let url = format!("{}/{}", all_of(&ben), tie["id"].as_str().unwrap());
    let page = alice.get(&url.replace("/api/v1", "")).await;
    assert!(page.says("Ben Lee and Ann Lee"), "{}", page.text);
    let body = json!({"kind": side(&alice, "Manager").await, "note": ""});
    let changed = alice.api(Method::PATCH, &url, body).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    assert_eq!(changed.json()["version"], 2);
    assert_eq!(said(&alice, &ann).await, ["Assistant Ben Lee"]);
    let removed = alice.api(Method::DELETE, &url, json!({})).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    assert_eq!(said(&alice, &ann).await, Vec::<String>::new());
    let timeline = alice
        .get(&format!("/w/acme/records/contact/{ann}/timeline"))
        .await;
    assert!(
        timeline.says("removed Ben Lee (Assistant)"),
        "{}",
        timeline.text
    );
}

#[actix_web::test]
async fn what_makes_no_sense_is_refused_beside_its_field() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let (ann, ben) = (contact(&alice, "Ann").await, contact(&alice, "Ben").await);
    relate(&alice, &ann, "Spouse", &ben).await;
    let spouse = side(&alice, "Spouse").await;
    let nobody = "0190aaaa-0000-7000-8000-000000000000";
    for (from, body, field) in [
        (&ann, json!({"kind": spouse}), "other_id"),
        (&ann, json!({"kind": spouse, "other_id": ann}), "other_id"),
        (
            &ann,
            json!({"kind": spouse, "other_id": nobody}),
            "other_id",
        ),
        (&ann, json!({"kind": nobody, "other_id": ben}), "kind"),
        (&ann, json!({"kind": spouse, "other_id": ben}), "kind"),
        // It is there from the other side.
        (&ben, json!({"kind": spouse, "other_id": ann}), "kind"),
        (&ben, json!({"kind": "friend", "other_id": ann}), "kind"),
    ] {
        let refused = alice.api(Method::POST, &all_of(from), body.clone()).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert_eq!(refused.json()["errors"][0]["field"], field, "{body}");
    }
    let form = format!("/w/acme/contacts/{ann}/relationships");
    let page = alice
        .post(&form, &[("kind", &spouse), ("note", "a word")])
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        page.says("Choose a contact.") && page.says("a word"),
        "nothing typed is lost"
    );
}

#[actix_web::test]
async fn a_merge_takes_them_along_and_apart_they_are_what_they_were() {
    let world = world();
    world.leave_jobs();
    let alice = world.browser("owner@acme.test").await;
    let mut people = Vec::new();
    for name in ["Ann", "Anna", "Ben"] {
        people.push(contact(&alice, name).await);
    }
    let [ann, anna, ben] = [&people[0], &people[1], &people[2]];
    relate(&alice, ann, "Spouse", ben).await;
    relate(&alice, ben, "Spouse", anna).await;
    relate(&alice, anna, "Broker", ben).await;
    relate(&alice, ann, "Colleague", anna).await;
    let before = [
        said(&alice, ann).await,
        said(&alice, anna).await,
        said(&alice, ben).await,
    ];
    let url = format!("/api/v1/w/acme/contacts/{ann}/merge");
    let merged = alice.api(Method::POST, &url, json!({"ids": [anna]})).await;
    assert!(merged.status.is_success(), "{}", merged.text);
    // Nobody is their own colleague, and what was said twice is said once.
    assert_eq!(
        said(&alice, ann).await,
        ["Spouse Ben Lee", "Broker Ben Lee"]
    );
    assert_eq!(said(&alice, ben).await.len(), 2);
    let undo = merged.json()["undo"].as_str().unwrap().to_owned();
    let undone = alice.api(Method::POST, &undo, json!({})).await;
    assert!(undone.status.is_success(), "{}", undone.text);
    let after = [
        said(&alice, ann).await,
        said(&alice, anna).await,
        said(&alice, ben).await,
    ];
    assert_eq!(before, after);
}

#[actix_web::test]
async fn each_workspace_words_its_own_kinds() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let made = alice
        .api(
            Method::POST,
            KINDS,
            json!({"name": "Captain", "reverse": "Crew"}),
        )
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let mutual = alice
        .api(Method::POST, KINDS, json!({"name": "Sibling"}))
        .await;
    assert_eq!(mutual.json()["reverse"], "Sibling");
    let again = alice
        .api(
            Method::POST,
            KINDS,
            json!({"name": "captain", "reverse": "crew"}),
        )
        .await;
    assert_eq!(
        again.json()["errors"][0]["message"],
        "This kind is there already."
    );
    let nameless = alice
        .api(Method::POST, KINDS, json!({"reverse": "Crew"}))
        .await;
    assert_eq!(nameless.status, StatusCode::UNPROCESSABLE_ENTITY);
    let url = format!("{KINDS}/{}", made.json()["id"].as_str().unwrap());
    let renamed = alice
        .api(Method::PATCH, &url, json!({"name": "Skipper"}))
        .await;
    assert_eq!(renamed.json()["name"], "Skipper");
    alice
        .api(Method::POST, &format!("{url}/position"), json!({"by": -1}))
        .await;
    let kinds = alice.get_json(KINDS).await.json();
    assert_eq!(kinds["items"][5]["name"], "Skipper");
    assert!(
        alice
            .get("/w/acme/settings/relationships")
            .await
            .says("Skipper")
    );
    // What is in use stays.
    let (ann, ben) = (contact(&alice, "Ann").await, contact(&alice, "Ben").await);
    relate(&alice, &ann, "Skipper", &ben).await;
    let kept = alice.api(Method::DELETE, &url, json!({})).await;
    assert_eq!(kept.status, StatusCode::CONFLICT);
    let unused = format!("{KINDS}/{}", mutual.json()["id"].as_str().unwrap());
    assert_eq!(
        alice.api(Method::DELETE, &unused, json!({})).await.status,
        StatusCode::NO_CONTENT
    );
    // Globex has the usual ones, and none of these.
    let mallory = world.browser("owner@globex.test").await;
    let theirs = mallory
        .get_json("/api/v1/w/globex/settings/relationships")
        .await;
    assert_eq!(theirs.json()["items"].as_array().unwrap().len(), 6);
    assert!(!theirs.text.contains("Skipper"));
}

#[actix_web::test]
async fn another_workspace_sees_nothing_and_a_viewer_changes_nothing() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let (ann, ben) = (contact(&alice, "Ann").await, contact(&alice, "Ben").await);
    let tie = relate(&alice, &ann, "Spouse", &ben).await;
    let one = format!("{}/{}", all_of(&ann), tie["id"].as_str().unwrap());
    let carol = world.browser("viewer@acme.test").await;
    assert_eq!(said(&carol, &ann).await, ["Spouse Ben Lee"]);
    let body = json!({"kind": side(&alice, "Broker").await, "other_id": ben});
    for (method, url) in [
        (Method::POST, all_of(&ann)),
        (Method::PATCH, one.clone()),
        (Method::DELETE, one.clone()),
    ] {
        let refused = carol.api(method, &url, body.clone()).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{url}");
    }
    let kinds = carol.api(Method::POST, KINDS, json!({"name": "Foe"})).await;
    assert_eq!(kinds.status, StatusCode::FORBIDDEN);
    let mallory = world.browser("owner@globex.test").await;
    let made = json!({"first_name": "Gus"});
    let gus = mallory
        .api(Method::POST, "/api/v1/w/globex/contacts", made)
        .await
        .json();
    let theirs = format!(
        "/api/v1/w/globex/contacts/{}/relationships",
        gus["id"].as_str().unwrap()
    );
    let own = mallory
        .get_json("/api/v1/w/globex/settings/relationships")
        .await
        .json();
    let kind = own["items"][0]["id"].clone();
    // Neither Acme's people nor its kinds can be reached from there.
    let stolen = mallory
        .api(
            Method::POST,
            &theirs,
            json!({"kind": kind, "other_id": ann}),
        )
        .await;
    assert_eq!(stolen.json()["errors"][0]["field"], "other_id");
    assert_eq!(mallory.get_json(&one).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        mallory
            .get_json(&one.replace("acme", "globex"))
            .await
            .status,
        StatusCode::NOT_FOUND
    );
}
