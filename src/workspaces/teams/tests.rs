//! Teams: made, changed, and what they let their people see.

use actix_web::http::{Method, StatusCode};
use platform::testing::{Browser, World};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::testing::world;

const URL: &str = "/w/acme/settings/teams";

pub async fn team(browser: &Browser, name: &str, people: &[Uuid]) -> Value {
    let form = json!({"name": name, "people": people});
    let made = browser.api(Method::POST, URL, form).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.json()
}

fn url_of(team: &Value) -> String {
    format!("{URL}/{}", team["id"].as_str().unwrap())
}

fn names(team: &Value) -> Vec<&str> {
    let people = team["people"].as_array().unwrap();
    people.iter().map(|p| p["name"].as_str().unwrap()).collect()
}

fn people(world: &World) -> [Uuid; 2] {
    ["agent@acme.test", "advisor@acme.test"].map(|email| world.person(email))
}

#[actix_web::test]
async fn a_team_is_made_changed_and_taken_away() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let [bob, adam] = people(&world);
    let north = team(&alice, "North", &[bob]).await;
    assert_eq!(names(&north), ["Bob Brandt"]);
    let form = json!({"manager_id": adam, "away": [bob]});
    let saved = alice.api(Method::PATCH, &url_of(&north), form).await;
    assert_eq!(names(&saved.json()), ["Adam Okoye", "Bob Brandt"]);
    assert_eq!(saved.json()["people"][1]["away"], true);
    let page = alice.get(URL).await;
    assert!(page.says("North") && page.says("Adam Okoye"));
    let gone = alice.api(Method::DELETE, &url_of(&north), json!({})).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(
        alice.get(&url_of(&north)).await.status,
        StatusCode::NOT_FOUND
    );
}

#[actix_web::test]
async fn what_cannot_be_is_refused_beside_its_field() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let mallory = world.person("owner@globex.test");
    team(&alice, "North", &[]).await;
    for (form, field) in [
        (json!({"name": " "}), "name"),
        (json!({"name": "NORTH"}), "name"),
        (json!({"name": "South", "people": [mallory]}), "people"),
        (
            json!({"name": "South", "manager_id": mallory}),
            "manager_id",
        ),
    ] {
        let refused = alice.api(Method::POST, URL, form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(
            refused.json()["errors"][0]["field"],
            field,
            "{}",
            refused.text
        );
    }
    let again = alice.post(URL, &[("name", "north"), ("people", "")]).await;
    assert!(again.says("There is a team of this name already."));
}

#[actix_web::test]
async fn only_who_may_keeps_teams() {
    let world = world();
    let carol = world.browser("viewer@acme.test").await;
    assert_eq!(carol.get(URL).await.status, StatusCode::OK);
    let made = carol.api(Method::POST, URL, json!({"name": "Mine"})).await;
    assert_eq!(made.status, StatusCode::FORBIDDEN);
    let alice = world.browser("owner@acme.test").await;
    let north = team(&alice, "North", &[]).await;
    let mallory = world.browser("owner@globex.test").await;
    assert_eq!(
        mallory.get(&url_of(&north)).await.status,
        StatusCode::NOT_FOUND
    );
    let theirs = mallory.get_json("/w/globex/settings/teams").await.json();
    assert_eq!(theirs["items"], json!([]));
}

#[actix_web::test]
async fn a_right_that_ends_at_the_team_reaches_all_of_ones_teams() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let [bob, adam] = people(&world);
    let looker = json!({"name": "Looker", "rank": 1, "rights": {"contacts": {"view": "team"}}});
    let role = alice
        .api(Method::POST, "/w/acme/settings/roles", looker)
        .await
        .json();
    let member = format!("/w/acme/settings/members/{bob}");
    let form = json!({"role_id": role["id"]});
    let changed = alice.api(Method::PATCH, &member, form).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    let contact = json!({"first_name": "Ann", "owner_id": adam});
    let made = alice.api(Method::POST, "/w/acme/contacts", contact).await;
    let url = made.header("location").replace("/api/v1", "");
    let bobs = world.browser("agent@acme.test").await;
    assert_eq!(bobs.get(&url).await.status, StatusCode::NOT_FOUND);
    team(&alice, "North", &[bob]).await;
    team(&alice, "South", &[bob, adam]).await;
    let bobs = world.browser("agent@acme.test").await;
    assert_eq!(bobs.get(&url).await.status, StatusCode::OK);
}
