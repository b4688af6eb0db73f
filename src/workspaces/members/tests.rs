//! Who may let whom in, and what nobody may.

use actix_web::http::{Method, StatusCode};
use diesel::prelude::*;
use platform::schema::roles;
use platform::testing::{Browser, World};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::testing::world;

const URL: &str = "/w/acme/settings/members";

fn role(world: &World, key: &'static str) -> Uuid {
    world.within("acme", |tx| {
        let role = roles::table.filter(roles::key.eq(key)).select(roles::id);
        Ok(role.first(&mut **tx)?)
    })
}

/// Gives somebody a role behind the application's back, to set the scene.
fn promote(world: &World, email: &str, key: &'static str) {
    use platform::schema::members;
    let (person, role) = (world.person(email), role(world, key));
    world.within("acme", |tx| {
        diesel::update(members::table.filter(members::person_id.eq(person)))
            .set(members::role_id.eq(role))
            .execute(&mut **tx)?;
        Ok(())
    });
    world.app.access.forget();
}

fn url_of(world: &World, email: &str) -> String {
    format!("{URL}/{}", world.person(email))
}

async fn invite(browser: &Browser, email: &str, role: Uuid) -> platform::testing::Answer {
    let body = json!({"email": email, "name": "Nina New", "role_id": role});
    browser.api(Method::POST, URL, body).await
}

#[actix_web::test]
async fn lists_and_searches() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let list = alice.get_json(URL).await.json();
    let names: Vec<_> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["name"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(
        names,
        [
            "Adam Okoye",
            "Alice Archer",
            "Bob Brandt",
            "Carol Nguyễn",
            "Mona Lind"
        ]
    );
    let found = alice
        .get_json(&format!("{URL}?search=MANAGER%40"))
        .await
        .json();
    assert_eq!(found["items"][0]["name"], "Mona Lind");
    let none = alice.get_json(&format!("{URL}?search=%25")).await.json();
    assert_eq!(none["total"]["count"], 0);
}

#[actix_web::test]
async fn an_invitation_lets_somebody_in_as_what_they_are_to_be() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    world.leave_jobs();
    let invited = invite(&alice, "Nina@Acme.test", role(&world, "agent")).await;
    assert_eq!(invited.status, StatusCode::CREATED);
    let nina = invited.json();
    assert_eq!(
        (
            &nina["email"],
            &nina["joined"],
            &nina["role"],
            &nina["teams"]
        ),
        (
            &json!("nina@acme.test"),
            &json!(false),
            &json!("Agent"),
            &json!([])
        )
    );
    assert!(alice.get(URL).await.says("Invited"));
    let again = invite(&alice, "nina@acme.test", role(&world, "agent")).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(again.json()["errors"][0]["field"], "email");
    let log = alice
        .get_json("/w/acme/settings/audit?kind=member.invited")
        .await;
    assert_eq!(log.json()["items"][0]["title"], "Nina New");
}

#[actix_web::test]
async fn an_account_of_another_workspace_is_called_as_the_inviter_calls_it() {
    let world = world();
    let mallory = world.browser("owner@globex.test").await;
    let agent = world.within("globex", |tx| {
        let role = roles::table
            .filter(roles::key.eq("agent"))
            .select(roles::id);
        Ok(role.first::<Uuid>(&mut **tx)?)
    });
    world.leave_jobs();
    let body = json!({"email": "agent@acme.test", "name": "Somebody", "role_id": agent});
    let invited = mallory
        .api(Method::POST, "/w/globex/settings/members", body)
        .await;
    assert_eq!(invited.json()["name"], "Somebody");
    assert!(!invited.text.contains("Brandt"));
}

#[actix_web::test]
async fn nobody_gives_away_a_rank_above_their_own() {
    let world = world();
    promote(&world, "manager@acme.test", "admin");
    let mona = world.browser("manager@acme.test").await;
    let refused = invite(&mona, "nina@acme.test", role(&world, "owner")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("higher rank than yours"));
    let bob = url_of(&world, "agent@acme.test");
    let owner = json!({"role_id": role(&world, "owner")});
    let refused = mona.api(Method::PATCH, &bob, owner).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let alice = url_of(&world, "owner@acme.test");
    let down = json!({"role_id": role(&world, "viewer")});
    for refused in [
        mona.api(Method::PATCH, &alice, down).await,
        mona.api(Method::DELETE, &alice, json!({})).await,
    ] {
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
    }
    let stranger = json!({"role_id": Uuid::nil()});
    let unknown = mona.api(Method::PATCH, &bob, stranger).await;
    assert_eq!(unknown.json()["errors"][0]["field"], "role_id");
}

#[actix_web::test]
async fn a_change_of_role_counts_at_once() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let bob = world.browser("agent@acme.test").await;
    let create = async || {
        bob.post("/w/acme/contacts", &[("first_name", "Ann")])
            .await
            .status
    };
    assert_eq!(create().await, StatusCode::SEE_OTHER);
    let url = url_of(&world, "agent@acme.test");
    let team = json!({"name": "North"});
    let team = alice
        .api(Method::POST, "/w/acme/settings/teams", team)
        .await;
    let viewer = json!({"role_id": role(&world, "viewer"), "teams": [team.json()["id"]]});
    let changed = alice.api(Method::PATCH, &url, viewer).await;
    assert_eq!(changed.json()["role"], "Viewer");
    assert_eq!(create().await, StatusCode::FORBIDDEN);
    let log = alice.get_json("/w/acme/settings/audit").await.json();
    let change = log["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|e| e["kind"] == "member.changed")
        .cloned();
    assert_eq!(
        change.map(|e| e["changes"].clone()),
        Some(json!({"role": ["Agent", "Viewer"], "teams": ["", "North"]}))
    );
}

#[actix_web::test]
async fn who_is_deactivated_is_out_at_once_and_may_come_back() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let bob = world.browser("agent@acme.test").await;
    assert_eq!(bob.get("/w/acme/contacts").await.status, StatusCode::OK);
    let url = url_of(&world, "agent@acme.test");
    let gone = alice.api(Method::DELETE, &url, json!({})).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(
        bob.get("/w/acme/contacts").await.status,
        StatusCode::NOT_FOUND
    );
    assert!(bob.get("/").await.says("No workspace is open to you"));
    let back = alice
        .api(Method::POST, &format!("{url}/restoration"), json!({}))
        .await;
    assert_eq!(back.json()["active"], true);
    assert_eq!(bob.get("/w/acme/contacts").await.status, StatusCode::OK);
}

#[actix_web::test]
async fn the_last_owner_stays() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let url = url_of(&world, "owner@acme.test");
    let step_down = json!({"role_id": role(&world, "admin")});
    for refused in [
        alice.api(Method::DELETE, &url, json!({})).await,
        alice.api(Method::PATCH, &url, step_down.clone()).await,
    ] {
        assert_eq!(refused.status, StatusCode::CONFLICT);
    }
    promote(&world, "manager@acme.test", "owner");
    let done = alice.api(Method::PATCH, &url, step_down).await;
    assert_eq!(done.json()["role"], "Admin");
    let mona = world.browser("manager@acme.test").await;
    let url = url_of(&world, "manager@acme.test");
    let refused = mona
        .api(
            Method::PATCH,
            &url,
            json!({"role_id": role(&world, "admin")}),
        )
        .await;
    assert!(refused.text.contains("is the last owner"));
}

#[actix_web::test]
async fn refuses_without_the_permission() {
    let world = world();
    let carol = world.browser("viewer@acme.test").await;
    assert_eq!(carol.get(URL).await.status, StatusCode::FORBIDDEN);
    let mona = world.browser("manager@acme.test").await;
    assert_eq!(mona.get(URL).await.status, StatusCode::OK);
    let refused = invite(&mona, "nina@acme.test", role(&world, "agent")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[actix_web::test]
async fn another_workspace_sees_nothing() {
    let world = world();
    let mallory = world.browser("owner@globex.test").await;
    assert_eq!(mallory.get(URL).await.status, StatusCode::NOT_FOUND);
    let bob = url_of(&world, "agent@acme.test").replace("acme", "globex");
    assert_eq!(mallory.get(&bob).await.status, StatusCode::NOT_FOUND);
    let theirs = role(&world, "agent");
    let stolen = mallory
        .api(
            Method::POST,
            "/w/globex/settings/members",
            json!({"email": "x@globex.test", "name": "X", "role_id": theirs}),
        )
        .await;
    assert_eq!(stolen.status, StatusCode::UNPROCESSABLE_ENTITY);
    let list: Value = mallory.get_json("/w/globex/settings/members").await.json();
    assert_eq!(list["total"]["count"], 1);
}

#[actix_web::test]
async fn every_part_of_the_page_stands_once() {
    let alice = world().browser("owner@acme.test").await;
    let page = alice.get(URL).await;
    assert_eq!(page.text.matches("Invite somebody").count(), 1);
}
