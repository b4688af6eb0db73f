//! Saved views of the list of contacts: what they keep, who sees and changes them, and how they open the list.

use actix_web::http::{Method, StatusCode};
use actix_web::test::TestRequest;
use platform::testing::Browser;
use serde_json::{Value, json};

use super::record::{contact, fragment};
use crate::testing::world;

const VIEWS: &str = "/w/acme/views";

fn in_split() -> Value {
    json!({"field": "city", "op": "is", "value": "Split"})
}

async fn view(browser: &Browser, more: Value) -> Value {
    let mut body = json!({"record_kind": "contact", "name": "Split", "filter": in_split()});
    let fields = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(fields);
    let made = browser.api(Method::POST, VIEWS, body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    assert!(made.header("location").contains("/views/"));
    made.json()
}

fn one(view: &Value) -> String {
    format!("{VIEWS}/{}", view["id"].as_str().unwrap())
}

fn list(view: &Value) -> String {
    format!("/w/acme/contacts?view={}", view["id"].as_str().unwrap())
}

async fn two_contacts(browser: &Browser) {
    for (name, city) in [("Ann", "Split"), ("Bea", "Rijeka")] {
        contact(browser, json!({"first_name": name, "city": city})).await;
    }
}

#[actix_web::test]
async fn a_view_shows_what_it_keeps_and_the_address_may_ask_for_more() {
    let alice = world().browser("owner@acme.test").await;
    two_contacts(&alice).await;
    let view = view(&alice, json!({"columns": ["city"], "sort": "-name"})).await;
    let shown = alice.get(&list(&view)).await;
    assert!(shown.says("Ann") && !shown.says(">Bea<") && shown.says("City is “Split”"));
    assert!(shown.says(r#"data-label="City""#) && !shown.says(r#"data-label="E-mail""#));
    assert!(!shown.says("Save changes"));
    let all = alice.get(&format!("{}&filter=", list(&view))).await;
    assert!(all.says("Ann") && all.says("Bea") && all.says("Save changes"));
    let json = alice.get_json(&list(&view)).await.json();
    assert_eq!(json["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn what_strays_from_a_view_can_be_saved_in_it_or_as_a_new_one() {
    let alice = world().browser("owner@acme.test").await;
    two_contacts(&alice).await;
    assert!(!alice.get("/w/acme/contacts").await.says("Save view"));
    let searched = alice.get("/w/acme/contacts?search=bea").await;
    assert!(searched.says("Save view"));
    let view = view(&alice, json!({})).await;
    let rows = TestRequest::get().uri(&format!("{}&search=ann", list(&view)));
    let rows = fragment(&alice, rows, "results").await;
    assert!(rows.says(r#"id="view-bar" hx-swap-oob="true""#) && rows.says("Save changes"));
    let form = [
        ("search", "ann"),
        ("filter", ""),
        ("sort", "name"),
        ("columns", ""),
        ("version", "1"),
    ];
    let saved = alice
        .post(&format!("{}?_method=PATCH", one(&view)), &form)
        .await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    assert_eq!(saved.header("location"), list(&view));
    let now = alice.get_json(&one(&view)).await.json();
    assert_eq!(
        (&now["search"], &now["filter"], &now["sort"]),
        (&json!("ann"), &json!({}), &json!("name"))
    );
    assert_eq!(
        (&now["name"], &now["version"]),
        (&json!("Split"), &json!(2))
    );
    let late = alice
        .post(&format!("{}?_method=PATCH", one(&view)), &form)
        .await;
    assert_eq!(late.status, StatusCode::CONFLICT);
}

#[actix_web::test]
async fn a_view_that_cannot_be_kept_comes_back_with_its_message() {
    let alice = world().browser("owner@acme.test").await;
    let typed = [
        ("record_kind", "contact"),
        ("name", " "),
        ("search", "harbour"),
        ("columns", "city"),
        ("shared", "true"),
    ];
    let refused = alice.post(VIEWS, &typed).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.says("Please give the view a name") && refused.says(r#"value="harbour""#));
    assert!(refused.says(r#"value="city""#));
    for (field, value) in [
        (
            "filter",
            json!({"field": "shoe_size", "op": "is", "value": "7"}),
        ),
        ("sort", json!("shoe_size")),
        ("columns", json!(["shoe_size"])),
        ("layout", json!("map")),
        ("record_kind", json!("yacht")),
    ] {
        let mut body = json!({"record_kind": "contact", "name": "X"});
        body[field] = value;
        let refused = alice.api(Method::POST, VIEWS, body).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(
            refused.json()["errors"][0]["field"]
                .as_str()
                .unwrap()
                .starts_with(field)
        );
    }
}

#[actix_web::test]
async fn a_private_view_is_there_for_its_author_alone() {
    let world = world();
    let (alice, bob) = (
        world.browser("owner@acme.test").await,
        world.browser("agent@acme.test").await,
    );
    let view = view(&bob, json!({"name": "Secret of Bob"})).await;
    for url in [one(&view), list(&view), format!("{}/edit", one(&view))] {
        assert_eq!(alice.get(&url).await.status, StatusCode::NOT_FOUND, "{url}");
    }
    for (method, path) in [
        (Method::PATCH, ""),
        (Method::DELETE, ""),
        (Method::POST, "/copies"),
        (Method::POST, "/sharing"),
        (Method::POST, "/default"),
        (Method::POST, "/restoration"),
    ] {
        let answer = alice
            .api(method, &format!("{}{path}", one(&view)), json!({}))
            .await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert!(!alice.get("/w/acme/contacts").await.says("Secret of Bob"));
    assert!(!alice.get_json(VIEWS).await.text.contains("Secret of Bob"));
    assert!(bob.get("/w/acme/contacts").await.says("Secret of Bob"));
}

#[actix_web::test]
async fn a_shared_view_is_seen_by_all_and_changed_by_few() {
    let world = world();
    let (alice, bob, carol) = (
        world.browser("owner@acme.test").await,
        world.browser("agent@acme.test").await,
        world.browser("viewer@acme.test").await,
    );
    let of_alice = view(&alice, json!({"name": "For everyone", "shared": true})).await;
    for browser in [&bob, &carol] {
        assert!(browser.get("/w/acme/contacts").await.says("For everyone"));
        assert_eq!(browser.get(&list(&of_alice)).await.status, StatusCode::OK);
    }
    let rename = json!({"name": "Mine now"});
    let refused = bob
        .api(Method::PATCH, &one(&of_alice), rename.clone())
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("Duplicate it"));
    let copied = bob
        .api(
            Method::POST,
            &format!("{}/copies", one(&of_alice)),
            json!({}),
        )
        .await;
    assert_eq!(copied.json()["name"], "For everyone (copy)");
    let refused = carol
        .api(
            Method::POST,
            VIEWS,
            json!({"record_kind": "contact", "name": "X"}),
        )
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let of_bob = view(&bob, json!({"name": "From Bob", "shared": true})).await;
    assert_eq!(
        alice.api(Method::PATCH, &one(&of_bob), rename).await.status,
        StatusCode::OK
    );
    let hidden = alice
        .api(
            Method::DELETE,
            &format!("{}/sharing", one(&of_bob)),
            json!({}),
        )
        .await;
    assert_eq!(hidden.status, StatusCode::FORBIDDEN);
}

#[actix_web::test]
async fn a_pinned_view_stands_in_the_sidebar() {
    let world = world();
    let (alice, bob) = (
        world.browser("owner@acme.test").await,
        world.browser("agent@acme.test").await,
    );
    let own = view(&bob, json!({"name": "Of Bob alone"})).await;
    let pin = |view: &Value| format!("{}/pin", one(view));
    assert_eq!(
        bob.api(Method::POST, &pin(&own), json!({})).await.status,
        StatusCode::NO_CONTENT
    );
    let home = bob.get("/w/acme/companies").await;
    assert!(home.says("sidebar__link--under") && home.text.contains(&list(&own)));
    // Sharing it does not push it on everybody.
    bob.api(Method::POST, &format!("{}/sharing", one(&own)), json!({}))
        .await;
    assert!(
        !alice
            .get("/w/acme/companies")
            .await
            .text
            .contains(&list(&own))
    );
    assert_eq!(
        bob.api(Method::POST, &pin(&own), json!({})).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        alice.api(Method::POST, &pin(&own), json!({})).await.status,
        StatusCode::NO_CONTENT
    );
    for browser in [&alice, &bob] {
        assert!(
            browser
                .get("/w/acme/companies")
                .await
                .text
                .contains(&list(&own))
        );
    }
    let both = json!({"record_kind": "contact", "name": "X", "shared": true, "pinned": true});
    assert_eq!(
        bob.api(Method::POST, VIEWS, both).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

#[actix_web::test]
async fn the_default_view_opens_the_list_and_the_address_says_so() {
    let world = world();
    let (alice, bob) = (
        world.browser("owner@acme.test").await,
        world.browser("agent@acme.test").await,
    );
    two_contacts(&alice).await;
    let view = view(&alice, json!({"shared": true, "is_default": true})).await;
    let opened = alice.get("/w/acme/contacts").await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER);
    assert_eq!(opened.header("location"), list(&view));
    assert!(alice.get("/w/acme/contacts?view=all").await.says("Bea"));
    assert!(alice.get("/w/acme/contacts?search=bea").await.says("Bea"));
    let program = alice.get_json("/w/acme/contacts").await.json();
    assert_eq!(program["items"].as_array().unwrap().len(), 2);
    assert_eq!(bob.get("/w/acme/contacts").await.status, StatusCode::OK);
    let undone = alice
        .api(
            Method::DELETE,
            &format!("{}/default", one(&view)),
            json!({}),
        )
        .await;
    assert_eq!(undone.status, StatusCode::NO_CONTENT);
    assert_eq!(alice.get("/w/acme/contacts").await.status, StatusCode::OK);
    bob.api(Method::POST, &format!("{}/default", one(&view)), json!({}))
        .await;
    alice.api(Method::DELETE, &one(&view), json!({})).await;
    assert_eq!(
        bob.get("/w/acme/contacts").await.status,
        StatusCode::OK,
        "the view is gone"
    );
}

#[actix_web::test]
async fn a_deleted_view_comes_back() {
    let alice = world().browser("owner@acme.test").await;
    let view = view(&alice, json!({})).await;
    let deleted = alice
        .post(&format!("{}?_method=DELETE", one(&view)), &[])
        .await;
    assert_eq!(deleted.header("location"), "/w/acme/contacts?view=all");
    assert_eq!(alice.get(&list(&view)).await.status, StatusCode::NOT_FOUND);
    let back = alice
        .post(&format!("{}/restoration", one(&view)), &[])
        .await;
    assert_eq!(back.header("location"), list(&view));
    assert_eq!(alice.get(&list(&view)).await.status, StatusCode::OK);
}

#[actix_web::test]
async fn tabs_stand_as_each_person_likes_them_and_many_go_into_a_menu() {
    let alice = world().browser("owner@acme.test").await;
    let mut views = Vec::new();
    for n in 0..8 {
        views.push(view(&alice, json!({"name": format!("V{n}")})).await);
    }
    let order = |text: &str| -> Vec<usize> {
        let mut found: Vec<_> = (0..8)
            .filter_map(|n| Some((text.find(&format!(">V{n}<"))?, n)))
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, n)| n).collect()
    };
    let shown = alice.get("/w/acme/contacts").await;
    assert!(shown.says("2 more"));
    assert_eq!(order(&shown.text), [0, 1, 2, 3, 4, 5, 6, 7]);
    let to_the_right = format!("{}/place/right", one(&views[0]));
    assert_eq!(
        alice
            .api(Method::POST, &to_the_right, json!({}))
            .await
            .status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        order(&alice.get("/w/acme/contacts").await.text)[..3],
        [1, 0, 2]
    );
    let last = alice.get(&list(&views[7])).await;
    assert_eq!(
        order(&last.text)[..6],
        [1, 0, 2, 3, 4, 7],
        "the view on screen has its tab"
    );
    assert_eq!(
        alice
            .api(
                Method::POST,
                &format!("{}/place/up", one(&views[0])),
                json!({})
            )
            .await
            .status,
        StatusCode::NOT_FOUND
    );
}

#[actix_web::test]
async fn a_view_of_a_field_that_is_gone_still_opens_and_says_so() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    two_contacts(&alice).await;
    let view = view(&alice, json!({})).await;
    world.within("acme", |tx| {
        use diesel::prelude::*;
        use platform::schema::saved_views;
        let filter =
            json!({"and": [in_split(), {"field": "custom.berth", "op": "is", "value": "7"}]});
        diesel::update(saved_views::table)
            .set((
                saved_views::filter.eq(filter),
                saved_views::columns_.eq(vec!["custom.berth", "city"]),
            ))
            .execute(&mut **tx)?;
        Ok(())
    });
    alice
        .api(Method::PATCH, &one(&view), json!({"name": "Renamed"}))
        .await;
    let shown = alice.get(&list(&view)).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert!(
        shown.says("A part of this view no longer holds") && shown.says("custom.berth"),
        "{}",
        shown.text
    );
    assert!(shown.says("Ann") && !shown.says(">Bea<") && shown.says(r#"data-label="City""#));
    assert!(shown.says("Save it without that") && !shown.says("Save changes"));
}

#[actix_web::test]
async fn records_opened_from_a_view_lead_back_to_it() {
    let alice = world().browser("owner@acme.test").await;
    two_contacts(&alice).await;
    contact(&alice, json!({"first_name": "Cleo", "city": "Split"})).await;
    let view = view(&alice, json!({"sort": "created_at"})).await;
    let rows = alice.get(&list(&view)).await;
    let mark = format!("?view={}&#38;from=list", view["id"].as_str().unwrap());
    let at = rows
        .text
        .find(&mark)
        .unwrap_or_else(|| panic!("rows know their view: {}", rows.text));
    let start = rows.text[..at].rfind("href=\"").unwrap() + 6;
    let url = format!("{}{}", &rows.text[start..at], mark.replace("&#38;", "&"));
    let record = alice.get(&url).await;
    assert!(
        record.text.contains(&list(&view)),
        "the crumb leads back to the view"
    );
    assert!(record.says("Next in the list") && record.text.matches("from=list").count() >= 1);
}

#[actix_web::test]
async fn each_write_leaves_one_event() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let view = view(&alice, json!({})).await;
    alice
        .api(Method::PATCH, &one(&view), json!({"name": "New name"}))
        .await;
    for path in ["/sharing", "/pin", "/default", "/copies"] {
        alice
            .api(Method::POST, &format!("{}{path}", one(&view)), json!({}))
            .await;
    }
    alice.api(Method::DELETE, &one(&view), json!({})).await;
    alice
        .api(
            Method::POST,
            &format!("{}/restoration", one(&view)),
            json!({}),
        )
        .await;
    let kinds: Vec<String> = world.within("acme", |tx| {
        use diesel::prelude::*;
        use platform::schema::events;
        let events = events::table.filter(events::kind.like("view.%"));
        Ok(events
            .order(events::seq)
            .select(events::kind)
            .load(&mut **tx)?)
    });
    assert_eq!(
        kinds,
        [
            "view.created",
            "view.updated",
            "view.shared",
            "view.pinned",
            "view.made_default",
            "view.created",
            "view.removed",
            "view.restored"
        ]
    );
}

#[actix_web::test]
async fn another_workspace_sees_nothing() {
    let world = world();
    let (alice, mallory) = (
        world.browser("owner@acme.test").await,
        world.browser("owner@globex.test").await,
    );
    let view = view(&alice, json!({"shared": true, "pinned": true})).await;
    assert_eq!(mallory.get(&one(&view)).await.status, StatusCode::NOT_FOUND);
    let theirs = one(&view).replace("acme", "globex");
    assert_eq!(mallory.get(&theirs).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        mallory
            .get(&list(&view).replace("acme", "globex"))
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        mallory.get_json("/w/globex/views").await.json()["items"],
        json!([])
    );
}

#[actix_web::test]
async fn importing_is_offered_to_those_who_may() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let carol = world.browser("viewer@acme.test").await;
    for list in ["contacts", "companies", "deals", "tasks"] {
        let (url, import) = (format!("/w/acme/{list}"), format!("/{list}/imports/new"));
        assert!(alice.get(&url).await.says(&import), "{list}");
        assert!(!carol.get(&url).await.says(&import), "{list}");
    }
}
