//! What a role grants, and who may grant it.

use actix_web::http::{Method, StatusCode};
use diesel::prelude::*;
use platform::schema::{members, roles};
use platform::testing::{Answer, Browser, World};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::testing::world;

const URL: &str = "/w/acme/settings/roles";

fn id_of(world: &World, key: &'static str) -> Uuid {
    world.within("acme", |tx| {
        let role = roles::table.filter(roles::key.eq(key)).select(roles::id);
        Ok(role.first(&mut **tx)?)
    })
}

fn url_of(world: &World, key: &'static str) -> String {
    format!("{URL}/{}", id_of(world, key))
}

fn give(world: &World, email: &str, role: Uuid) {
    let person = world.person(email);
    world.within("acme", |tx| {
        diesel::update(members::table.filter(members::person_id.eq(person)))
            .set(members::role_id.eq(role))
            .execute(&mut **tx)?;
        Ok(())
    });
    world.app.access.forget();
}

async fn create(browser: &Browser, role: Value) -> Answer {
    browser.api(Method::POST, URL, role).await
}

fn id_in(answer: &Answer) -> Uuid {
    answer.json()["id"].as_str().unwrap().parse().unwrap()
}

#[actix_web::test]
async fn the_matrix_has_a_cell_for_every_right_that_a_route_asks_for() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let page = alice.get(&url_of(&world, "viewer")).await;
    let mut seen = 0;
    for (resource, actions) in crate::routes::rights() {
        for action in actions {
            let name = format!("name=\"rights.{resource}.{action}\"");
            assert!(page.text.contains(&name), "{name}");
            seen += 1;
        }
    }
    assert!(seen > 15);
}

#[actix_web::test]
async fn a_custom_role_grants_what_it_says_and_nothing_else() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let made = create(
        &alice,
        json!({"name": "Greeter", "rank": 1, "rights": {"contacts": {"view": "all", "create": "all"}}}),
    )
    .await;
    assert_eq!(made.status, StatusCode::CREATED);
    give(&world, "agent@acme.test", id_in(&made));
    let bob = world.browser("agent@acme.test").await;
    assert_eq!(bob.get("/w/acme/contacts").await.status, StatusCode::OK);
    let ann = bob
        .api(
            Method::POST,
            "/api/v1/w/acme/contacts",
            json!({"first_name": "Ann"}),
        )
        .await;
    let url = ann.header("location").to_owned();
    let refused = bob.api(Method::DELETE, &url, json!({})).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(bob.get("/w/acme").await.status, StatusCode::FORBIDDEN);
}

#[actix_web::test]
async fn a_change_of_a_system_role_counts_at_once_is_logged_and_can_be_taken_back() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let carol = world.browser("viewer@acme.test").await;
    let create = async || {
        carol
            .post("/w/acme/contacts", &[("first_name", "Ann")])
            .await
            .status
    };
    assert_eq!(create().await, StatusCode::FORBIDDEN);
    let url = url_of(&world, "viewer");
    let form = [
        ("rights.contacts.create", "all"),
        ("name", "Hacked"),
        ("rank", "4"),
    ];
    let saved = alice.post(&format!("{url}?_method=PATCH"), &form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER);
    assert_eq!(create().await, StatusCode::SEE_OTHER);
    let viewer = alice.get_json(&url).await.json();
    assert_eq!(
        (&viewer["name"], &viewer["rank"]),
        (&json!("Viewer"), &json!(0))
    );
    let log = alice
        .get_json("/w/acme/settings/audit?kind=role.changed")
        .await;
    assert_eq!(
        log.json()["items"][0]["changes"],
        json!({"contacts.create": ["none", "all"]})
    );
    assert!(alice.get(URL).await.says("Changed here"));
    let reset = alice
        .api(Method::DELETE, &format!("{url}/override"), json!({}))
        .await;
    assert_eq!(reset.status, StatusCode::OK);
    assert_eq!(create().await, StatusCode::FORBIDDEN);
}

#[actix_web::test]
async fn what_a_form_leaves_out_stays_and_what_nobody_knows_is_refused() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let url = url_of(&world, "agent");
    let change = json!({"rights": {"contacts": {"edit": "all"}}});
    let role = alice.api(Method::PATCH, &url, change).await.json();
    assert_eq!(role["permissions"]["contacts"]["edit"], "all");
    assert_eq!(role["permissions"]["contacts"]["archive"], "own");
    // No route asks for it yet, so the table does not show it.
    assert_eq!(role["permissions"]["email_templates"]["view"], "all");
    for unknown in [
        json!({"rights": {"rockets": {"launch": "all"}}}),
        json!({"rights": {"contacts": {"launch": "all"}}}),
        json!({"rights": {"contacts": {"edit": "some"}}}),
        json!({"rights": {"audit": {"view": "own"}}}),
    ] {
        let refused = alice.api(Method::PATCH, &url, unknown.clone()).await;
        assert_eq!(
            refused.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{unknown}"
        );
    }
}

#[actix_web::test]
async fn who_may_see_one_page_starts_there() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let rights = json!({"name": "Intern", "rank": 0, "rights": {"contacts": {"view": "own"}}});
    let intern = create(&alice, rights).await;
    give(&world, "viewer@acme.test", id_in(&intern));
    let vera = world.browser("viewer@acme.test").await;
    assert_eq!(vera.get("/").await.header("location"), "/w/acme/contacts");
    let page = vera.get("/w/acme/contacts").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.text.contains("/w/acme/search"), "nothing to find");
    assert!(!page.text.contains("/w/acme/live"), "nothing to be told");
    let refused = vera.get("/w/acme").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let way_on = r#"class="button button--primary" href="/w/acme/contacts""#;
    assert!(refused.text.contains(way_on), "{}", refused.text);
}

#[actix_web::test]
async fn nobody_changes_their_own_rank_or_grants_what_they_lack() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let keeper = create(
        &alice,
        json!({"name": "Keeper", "rank": 3, "rights": {"roles": {"view": "all", "manage": "all"},
            "contacts": {"view": "all"}, "dashboard": {"view": "all"}}}),
    )
    .await;
    give(&world, "manager@acme.test", id_in(&keeper));
    let mona = world.browser("manager@acme.test").await;
    for own_or_above in [format!("{URL}/{}", id_in(&keeper)), url_of(&world, "owner")] {
        let change = json!({"rights": {"contacts": {"view": "all"}}});
        let refused = mona.api(Method::PATCH, &own_or_above, change).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
    }
    for too_much in [
        json!({"name": "A", "rank": 3}),
        json!({"name": "A", "rank": -1}),
        json!({"name": "A", "rank": 1, "everything": true}),
        json!({"name": "A", "rank": 1, "rights": {"contacts": {"edit": "own"}}}),
    ] {
        let refused = create(&mona, too_much.clone()).await;
        assert_eq!(
            refused.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{too_much}"
        );
    }
    let granted = json!({"name": "Looker", "rank": 2, "rights": {"contacts": {"view": "team"}}});
    assert_eq!(create(&mona, granted).await.status, StatusCode::CREATED);
    let refused = mona
        .api(
            Method::PATCH,
            &url_of(&world, "agent"),
            json!({"rights": {"contacts": {"edit": "all"}}}),
        )
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[actix_web::test]
async fn a_copy_starts_with_the_rights_of_the_original() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let from = id_of(&world, "agent");
    let page = alice.get(&format!("{URL}/new?from={from}")).await;
    assert!(page.text.contains("Agent (copy)"));
    assert!(
        page.text.contains(
            r#"name="rights.contacts.edit" aria-label="Contacts: edit" data-value="own""#
        )
    );
}

#[actix_web::test]
async fn saving_a_role_as_it_stands_changes_nothing() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let made = create(&alice, json!({"name": "Greeter", "rank": 2})).await;
    let page = alice.get(&format!("{URL}/{}", id_in(&made))).await;
    assert!(page.text.contains(r#"<option value="2" selected>"#));
    assert_eq!(page.text.matches(r#"name="rank""#).count(), 1);
}

#[actix_web::test]
async fn a_role_in_use_or_of_the_system_is_not_deleted() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let made = create(&alice, json!({"name": "Greeter", "rank": 1})).await;
    let url = format!("{URL}/{}", id_in(&made));
    give(&world, "agent@acme.test", id_in(&made));
    let delete = async |url: &str| alice.api(Method::DELETE, url, json!({})).await.status;
    assert_eq!(delete(&url).await, StatusCode::CONFLICT);
    assert_eq!(
        delete(&url_of(&world, "viewer")).await,
        StatusCode::CONFLICT
    );
    give(&world, "agent@acme.test", id_of(&world, "agent"));
    assert_eq!(delete(&url).await, StatusCode::NO_CONTENT);
    assert_eq!(alice.get(&url).await.status, StatusCode::NOT_FOUND);
    let twice = create(&alice, json!({"name": "AGENT", "rank": 1})).await;
    assert_eq!(twice.json()["errors"][0]["field"], "name");
}

#[actix_web::test]
async fn refuses_without_the_permission_and_to_other_workspaces() {
    let world = world();
    let mona = world.browser("manager@acme.test").await;
    assert_eq!(mona.get(URL).await.status, StatusCode::FORBIDDEN);
    let mallory = world.browser("owner@globex.test").await;
    let url = url_of(&world, "agent");
    for url in [URL.to_owned(), url.clone(), url.replace("acme", "globex")] {
        assert_eq!(mallory.get(&url).await.status, StatusCode::NOT_FOUND);
    }
}
