//! New records find their owner: by turns, by load, by the first rule that fits.

use actix_web::http::{Method, StatusCode};
use platform::testing::{Browser, World};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::testing::world;

const URL: &str = "/w/acme/settings/assignment";
const CONTACTS: &str = "/w/acme/contacts";

/// Two people in the order in which they take turns.
fn pair(world: &World) -> [Uuid; 2] {
    let mut both = ["agent@acme.test", "advisor@acme.test"].map(|email| world.person(email));
    both.sort();
    both
}

async fn team(alice: &Browser, name: &str, people: &[Uuid]) -> Value {
    let form = json!({"name": name, "people": people});
    let made = alice
        .api(Method::POST, "/w/acme/settings/teams", form)
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.json()
}

async fn rule(alice: &Browser, form: Value) -> Value {
    let made = alice.api(Method::POST, URL, form).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.json()
}

async fn contact(alice: &Browser, form: Value) -> Value {
    let made = alice.api(Method::POST, CONTACTS, form).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.json()
}

fn owner(contact: &Value) -> Uuid {
    contact["owner_id"].as_str().unwrap().parse().unwrap()
}

#[actix_web::test]
async fn new_ones_go_by_turns_to_those_who_are_there() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let [first, second] = pair(&world);
    let north = team(&alice, "North", &[first, second]).await;
    rule(
        &alice,
        json!({"kind": "contact", "name": "All", "team_id": north["id"]}),
    )
    .await;
    let mut got = Vec::new();
    for name in ["Ann", "Ben", "Cem"] {
        got.push(owner(&contact(&alice, json!({"first_name": name})).await));
    }
    assert_eq!(got, [first, second, first]);
    let url = format!("/w/acme/settings/teams/{}", north["id"].as_str().unwrap());
    let away = alice
        .api(Method::PATCH, &url, json!({"away": [second]}))
        .await;
    assert_eq!(away.status, StatusCode::OK, "{}", away.text);
    let dan = contact(&alice, json!({"first_name": "Dan"})).await;
    assert_eq!(owner(&dan), first, "who is away is passed over");
    let page = alice
        .get(&format!("{CONTACTS}/{}", dan["id"].as_str().unwrap()))
        .await;
    assert!(page.says("the rule “All” gave it to"), "{}", page.text);
    let rules = alice.get_json(URL).await.json();
    assert_eq!(rules["items"][0]["rules"][0]["assigned"], 4);
}

#[actix_web::test]
async fn whoever_is_named_keeps_what_is_theirs() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let [first, second] = pair(&world);
    let north = team(&alice, "North", &[first]).await;
    rule(
        &alice,
        json!({"kind": "contact", "name": "All", "team_id": north["id"]}),
    )
    .await;
    let named = json!({"first_name": "Ann", "owner_id": second});
    assert_eq!(owner(&contact(&alice, named).await), second);
}

#[actix_web::test]
async fn the_first_rule_that_fits_counts_and_else_it_is_the_makers() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let [first, second] = pair(&world);
    let (north, south) = (
        team(&alice, "North", &[first]).await,
        team(&alice, "South", &[second]).await,
    );
    let in_city = |city| json!({"field": "city", "op": "is", "value": city});
    let oslo = json!({"kind": "contact", "name": "Oslo", "team_id": north["id"], "filter": in_city("Oslo")});
    rule(&alice, oslo).await;
    let split = json!({"kind": "contact", "name": "Split", "team_id": south["id"], "filter": in_city("Split")});
    let split = rule(&alice, split).await;
    let of = async |city: &str| {
        let form = json!({"first_name": "Ann", "city": city});
        owner(&contact(&alice, form).await)
    };
    assert_eq!(of("Oslo").await, first);
    assert_eq!(of("Split").await, second);
    assert_eq!(of("Paris").await, world.person("owner@acme.test"));
    let url = format!("{URL}/{}", split["id"].as_str().unwrap());
    let off = json!({"active": false});
    alice.api(Method::PATCH, &url, off).await;
    assert_eq!(of("Split").await, world.person("owner@acme.test"));
    let all = json!({"active": true, "filter": ""});
    let saved = alice.api(Method::PATCH, &url, all).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text);
    assert_eq!(of("Oslo").await, first);
    alice
        .api(Method::POST, &format!("{url}/position"), json!({"by": -1}))
        .await;
    assert_eq!(of("Oslo").await, second, "it is tried first now");
}

#[actix_web::test]
async fn by_load_whoever_has_least_to_do_is_next() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let [first, second] = pair(&world);
    for name in ["Ann", "Ben"] {
        contact(&alice, json!({"first_name": name, "owner_id": first})).await;
    }
    let north = team(&alice, "North", &[first, second]).await;
    let form = json!({"kind": "contact", "name": "Load", "team_id": north["id"], "method": "load"});
    rule(&alice, form).await;
    let mut got = Vec::new();
    for name in ["Cem", "Dan", "Eva"] {
        got.push(owner(&contact(&alice, json!({"first_name": name})).await));
    }
    assert_eq!(got[..2], [second, second]);
    assert_eq!(got[2], first, "both had two, and turns go by id");
}

#[actix_web::test]
async fn the_preview_changes_nothing_and_the_run_does_what_it_showed() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let [first, second] = pair(&world);
    for name in ["Ann", "Ben", "Cem"] {
        let made = contact(&alice, json!({"first_name": name})).await;
        let url = format!("{CONTACTS}/{}", made["id"].as_str().unwrap());
        let form = json!({"owner_id": null});
        alice.api(Method::PATCH, &url, form).await;
    }
    let north = team(&alice, "North", &[first, second]).await;
    let form = json!({"kind": "contact", "name": "All", "team_id": north["id"]});
    rule(&alice, form).await;
    let url = format!("{URL}/preview?kind=contact&of=unowned");
    let seen = alice.get_json(&url).await.json();
    assert_eq!((&seen["tried"], &seen["waiting"]), (&json!(3), &json!(3)));
    assert_eq!(seen["items"].as_array().unwrap().len(), 3);
    assert_eq!(seen["items"][0]["rule"], "All");
    let again = alice.get_json(&url).await.json();
    assert_eq!(seen, again);
    assert!(alice.get(&url).await.says("Share out 3 that nobody owns"));
    let run = format!("{URL}/runs");
    let begun = alice.post(&run, &[("kind", "contact")]).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.text);
    world.run_jobs().await;
    let list = alice.get_json(CONTACTS).await.json();
    let mut owners: Vec<Uuid> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(owner)
        .collect();
    owners.sort();
    let mut even = vec![first, first, second];
    even.sort();
    assert_eq!(owners, even);
    let bell = alice.get("/w/acme/notifications").await;
    assert!(bell.says("3 contacts shared out"), "{}", bell.text);
}

#[actix_web::test]
async fn what_cannot_be_is_refused_beside_its_field() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let [first, _] = pair(&world);
    let north = team(&alice, "North", &[first]).await;
    let made = json!({"kind": "deal", "name": "All", "team_id": north["id"]});
    rule(&alice, made).await;
    let wrong = json!({"field": "nothing", "op": "is", "value": "x"});
    for (form, field) in [
        (
            json!({"kind": "campaign", "name": "A", "team_id": north["id"]}),
            "kind",
        ),
        (
            json!({"kind": "deal", "name": "", "team_id": north["id"]}),
            "name",
        ),
        (
            json!({"kind": "deal", "name": "all", "team_id": north["id"]}),
            "name",
        ),
        (json!({"kind": "deal", "name": "B"}), "team_id"),
        (
            json!({"kind": "deal", "name": "B", "team_id": Uuid::now_v7()}),
            "team_id",
        ),
        (
            json!({"kind": "deal", "name": "B", "team_id": north["id"], "filter": wrong}),
            "filter",
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
    let url = format!("/w/acme/settings/teams/{}", north["id"].as_str().unwrap());
    let kept = alice.api(Method::DELETE, &url, json!({})).await;
    assert_eq!(kept.status, StatusCode::CONFLICT, "a rule gives to it");
}

#[actix_web::test]
async fn only_who_may_keeps_rules_and_strangers_see_none() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let [first, _] = pair(&world);
    let north = team(&alice, "North", &[first]).await;
    let form = json!({"kind": "contact", "name": "All", "team_id": north["id"]});
    let made = rule(&alice, form.clone()).await;
    let carol = world.browser("viewer@acme.test").await;
    let refused = carol.api(Method::POST, URL, form).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let mallory = world.browser("owner@globex.test").await;
    let theirs = format!(
        "/w/globex/settings/assignment/{}",
        made["id"].as_str().unwrap()
    );
    assert_eq!(mallory.get(&theirs).await.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn who_loses_sight_of_what_they_made_is_led_to_the_list() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let north = team(&alice, "North", &[world.person("owner@acme.test")]).await;
    let all = json!({"kind": "contact", "name": "All", "team_id": north["id"]});
    rule(&alice, all).await;
    world.within("acme", |tx| {
        let narrow = "update members set role_id = (select id from roles where key = 'sales_agent') \
                      where email = 'agent@acme.test'";
        Ok(diesel::RunQueryDsl::execute(diesel::sql_query(narrow), &mut **tx)?)
    });
    let bob = world.browser("agent@acme.test").await;
    let made = bob.post(CONTACTS, &[("first_name", "Ann")]).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    assert_eq!(made.header("location"), CONTACTS);
    let told = made.toast();
    assert!(told.starts_with("Ann is added, and given to "), "{told}");
    let own = json!({"first_name": "Ben", "owner_id": world.person("agent@acme.test")});
    let seen = bob.api(Method::POST, CONTACTS, own).await;
    assert_eq!(
        bob.get(seen.header("location")).await.status,
        StatusCode::OK
    );
}
