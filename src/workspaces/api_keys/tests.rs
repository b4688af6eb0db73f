//! What a program may do with a key, how often, and that it does nothing twice.

use actix_web::http::{Method, StatusCode};
use actix_web::test::TestRequest;
use chrono::TimeDelta;
use diesel::prelude::*;
use platform::clock;
use platform::schema::{api_keys, idempotency_keys};
use platform::testing::{Answer, World};
use serde_json::{Value, json};

use crate::testing::world;

const URL: &str = "/w/acme/settings/api-keys";
const CONTACTS: &str = "/api/v1/w/acme/contacts";

async fn key(world: &World, email: &str, scopes: &[&str]) -> String {
    let body = json!({"name": "Website", "scopes": scopes, "days": 30});
    let browser = world.browser(email).await;
    let made = browser.api(Method::POST, URL, body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.json()["key"].as_str().unwrap().to_owned()
}

/// A program with a key.
struct Program<'a> {
    world: &'a World,
    key: String,
}

impl Program<'_> {
    async fn ask(&self, method: Method, url: &str, body: Value) -> Answer {
        self.send(method, url, body, None).await
    }

    async fn once(&self, idempotency: &str, body: Value) -> Answer {
        self.send(Method::POST, CONTACTS, body, Some(idempotency))
            .await
    }

    async fn send(
        &self,
        method: Method,
        url: &str,
        body: Value,
        idempotency: Option<&str>,
    ) -> Answer {
        let mut request = TestRequest::default()
            .method(method)
            .uri(url)
            .insert_header(("authorization", format!("Bearer {}", self.key)))
            .set_json(body);
        if let Some(key) = idempotency {
            request = request.insert_header(("idempotency-key", key));
        }
        self.world.stranger().send(request).await
    }
}

#[actix_web::test]
async fn a_key_is_shown_once_and_kept_as_a_hash() {
    let world = world();
    let key = key(&world, "owner@acme.test", &["contacts:view"]).await;
    assert!(key.starts_with("nxk_") && key.len() > 40);
    let alice = world.browser("owner@acme.test").await;
    let page = alice.get(URL).await;
    assert!(page.says("Website") && page.says(&format!("nxk_…{}", &key[key.len() - 4..])));
    assert!(!page.text.contains(&key));
    let log = alice.get_json("/w/acme/settings/audit").await;
    assert_eq!(log.json()["items"][0]["kind"], "api_key.created");
    assert!(!log.text.contains(&key));
}

#[actix_web::test]
async fn a_scope_ends_where_it_says_and_where_the_role_does() {
    let world = world();
    let program = Program {
        key: key(&world, "owner@acme.test", &["contacts:view"]).await,
        world: &world,
    };
    assert_eq!(
        program.ask(Method::GET, CONTACTS, json!({})).await.status,
        StatusCode::OK
    );
    let refused = program
        .ask(Method::POST, CONTACTS, json!({"first_name": "Ann"}))
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(refused.header("content-type"), "application/problem+json");
    let all = Program {
        key: key(&world, "advisor@acme.test", &["*"]).await,
        world: &world,
    };
    let made = all
        .ask(Method::POST, CONTACTS, json!({"first_name": "Ann"}))
        .await;
    assert_eq!(made.status, StatusCode::CREATED);
    let roles = all
        .ask(Method::GET, "/api/v1/w/acme/settings/roles", json!({}))
        .await;
    assert_eq!(roles.status, StatusCode::FORBIDDEN);
    let profile = all.ask(Method::GET, "/profile", json!({})).await;
    assert_eq!(profile.status, StatusCode::FORBIDDEN);
}

#[actix_web::test]
async fn a_key_makes_no_keys_and_works_in_one_workspace() {
    let world = world();
    let alice = world.person("owner@acme.test");
    world.within("globex", |tx| {
        use platform::schema::{members, roles};
        let role: uuid::Uuid = roles::table
            .filter(roles::key.eq("owner"))
            .select(roles::id)
            .first(&mut **tx)?;
        let row = (
            members::person_id.eq(alice),
            members::role_id.eq(role),
            members::name.eq("Alice"),
            members::email.eq("owner@acme.test"),
        );
        diesel::insert_into(members::table)
            .values(row)
            .execute(&mut **tx)?;
        Ok(())
    });
    let program = Program {
        key: key(&world, "owner@acme.test", &["*"]).await,
        world: &world,
    };
    let elsewhere = CONTACTS.replace("acme", "globex");
    assert_eq!(
        program.ask(Method::GET, &elsewhere, json!({})).await.status,
        StatusCode::NOT_FOUND
    );
    let browser = world.browser("owner@acme.test").await;
    assert_eq!(browser.get_json(&elsewhere).await.status, StatusCode::OK);
    let minted = program
        .ask(
            Method::POST,
            &format!("/api/v1{URL}"),
            json!({"name": "x", "scopes": ["*"]}),
        )
        .await;
    assert_eq!(minted.status, StatusCode::FORBIDDEN);
}

#[actix_web::test]
async fn a_key_ends_when_it_expires_or_is_revoked() {
    let world = world();
    let program = Program {
        key: key(&world, "owner@acme.test", &["*"]).await,
        world: &world,
    };
    let status = async || program.ask(Method::GET, CONTACTS, json!({})).await.status;
    assert_eq!(status().await, StatusCode::OK);
    let expiry = |at| {
        world.within("acme", |tx| {
            diesel::update(api_keys::table)
                .set(api_keys::expires_at.eq(at))
                .execute(&mut **tx)?;
            Ok(())
        });
        world.app.access.forget();
    };
    expiry(clock::now() - TimeDelta::seconds(1));
    assert_eq!(status().await, StatusCode::UNAUTHORIZED);
    expiry(clock::now() + TimeDelta::days(1));
    assert_eq!(status().await, StatusCode::OK);
    let alice = world.browser("owner@acme.test").await;
    let list = alice.get_json(URL).await.json();
    let url = format!("{URL}/{}", list["items"][0]["id"].as_str().unwrap());
    let revoked = alice.api(Method::DELETE, &url, json!({})).await;
    assert_eq!(revoked.status, StatusCode::NO_CONTENT);
    assert_eq!(status().await, StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn an_advisor_sees_and_revokes_only_their_own_keys() {
    let world = world();
    key(&world, "owner@acme.test", &["*"]).await;
    key(&world, "advisor@acme.test", &["contacts:view"]).await;
    let (alice, adam) = (
        world.browser("owner@acme.test").await,
        world.browser("advisor@acme.test").await,
    );
    let all = alice.get_json(URL).await.json();
    assert_eq!(all["items"].as_array().unwrap().len(), 2);
    let own = adam.get_json(URL).await.json();
    assert_eq!(own["items"].as_array().unwrap().len(), 1);
    let hers = all["items"].as_array().unwrap().iter();
    let hers = hers
        .map(|k| k["id"].as_str().unwrap())
        .find(|id| own["items"][0]["id"].as_str() != Some(*id));
    let url = format!("{URL}/{}", hers.unwrap());
    let refused = adam.api(Method::DELETE, &url, json!({})).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    let bob = world.browser("agent@acme.test").await;
    assert_eq!(bob.get(URL).await.status, StatusCode::FORBIDDEN);
}

#[actix_web::test]
async fn what_is_no_scope_or_no_lifetime_is_refused() {
    let alice = world().browser("owner@acme.test").await;
    for (body, field) in [
        (json!({"name": "x", "scopes": []}), "scopes"),
        (
            json!({"name": "x", "scopes": ["contacts:launch"]}),
            "scopes",
        ),
        (json!({"name": "x", "scopes": ["*:*"]}), "scopes"),
        (json!({"name": "", "scopes": ["*"]}), "name"),
        (json!({"name": "x", "scopes": ["*"], "days": 0}), "days"),
        (
            json!({"name": "x", "scopes": ["*"], "days": 9_000_000_000_i64}),
            "days",
        ),
    ] {
        let refused = alice.api(Method::POST, URL, body.clone()).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert_eq!(refused.json()["errors"][0]["field"], field, "{body}");
    }
}

#[actix_web::test]
async fn a_program_is_told_how_many_requests_are_left_and_stopped_after_the_last() {
    let world = world();
    let program = Program {
        key: key(&world, "owner@acme.test", &["*"]).await,
        world: &world,
    };
    let first = program.ask(Method::GET, CONTACTS, json!({})).await;
    assert_eq!(first.header("x-ratelimit-limit"), "120");
    assert_eq!(first.header("x-ratelimit-remaining"), "119");
    assert!(first.header("x-ratelimit-reset").parse::<u64>().unwrap() <= 60);
    for _ in 1..120 {
        // The cheapest answer counts as well.
        program
            .ask(Method::GET, "/api/v1/w/nowhere/contacts", json!({}))
            .await;
    }
    let refused = program.ask(Method::GET, CONTACTS, json!({})).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.header("x-ratelimit-remaining"), "0");
    assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
    let browser = world.browser("owner@acme.test").await;
    let page = browser.get_json(CONTACTS).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.header("x-ratelimit-limit"), "");
}

#[actix_web::test]
async fn a_request_repeated_with_its_key_gets_its_answer_and_is_done_once() {
    let world = world();
    let program = Program {
        key: key(&world, "owner@acme.test", &["*"]).await,
        world: &world,
    };
    let ann = json!({"first_name": "Ann", "email": "ann@example.com"});
    let first = program.once("order-1", ann.clone()).await;
    let second = program.once("order-1", ann.clone()).await;
    assert_eq!(first.status, StatusCode::CREATED);
    assert_eq!(
        (
            second.status,
            &second.text,
            second.header("location"),
            second.header("etag")
        ),
        (
            first.status,
            &first.text,
            first.header("location"),
            first.header("etag")
        )
    );
    assert_eq!(second.header("idempotent-replayed"), "true");
    let other = program.once("order-1", json!({"first_name": "Bea"})).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    let third = program.once("order-2", ann).await;
    assert_ne!(third.json()["id"], first.json()["id"]);
    let list = program.ask(Method::GET, CONTACTS, json!({})).await.json();
    assert_eq!(list["total"]["count"], 2);
}

#[actix_web::test]
async fn what_was_refused_may_be_mended_under_the_same_key() {
    let world = world();
    let program = Program {
        key: key(&world, "owner@acme.test", &["*"]).await,
        world: &world,
    };
    let refused = program.once("k", json!({"email": "no address"})).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mended = program.once("k", json!({"email": "ann@example.com"})).await;
    assert_eq!(mended.status, StatusCode::CREATED);
    let endless = program.once(&"k".repeat(300), json!({})).await;
    assert_eq!(endless.status, StatusCode::BAD_REQUEST);
}

#[actix_web::test]
async fn a_request_still_running_is_not_run_twice_and_one_that_died_is() {
    let world = world();
    let program = Program {
        key: key(&world, "owner@acme.test", &["*"]).await,
        world: &world,
    };
    let ann = json!({"first_name": "Ann"});
    program.once("k", ann.clone()).await;
    let unfinished = |since| {
        world.within("acme", |tx| {
            use idempotency_keys::dsl::{created_at, status};
            diesel::update(idempotency_keys::table)
                .set((status.eq(None::<i32>), created_at.eq(since)))
                .execute(&mut **tx)?;
            Ok(())
        });
    };
    unfinished(clock::now());
    let running = program.once("k", ann.clone()).await;
    assert_eq!(running.status, StatusCode::CONFLICT);
    unfinished(clock::now() - TimeDelta::minutes(6));
    assert_eq!(program.once("k", ann).await.status, StatusCode::CREATED);
}

#[actix_web::test]
async fn a_secret_is_not_kept_for_repetition() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let make = async || {
        let request = TestRequest::post()
            .uri(&format!("/api/v1{URL}"))
            .insert_header(("idempotency-key", "k"))
            .set_json(json!({"name": "Website", "scopes": ["*"]}));
        alice.send(request).await
    };
    assert_eq!(make().await.status, StatusCode::CREATED);
    let again = make().await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(!again.text.contains("nxk_"));
}
