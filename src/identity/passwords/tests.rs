//! The ways to a password, and what a stranger learns on them.

use actix_web::http::StatusCode;
use diesel::prelude::*;
use platform::clock;
use platform::schema::password_tokens;
use platform::testing::World;
use platform::world::PASSWORD;

use super::token::{self, Purpose};
use crate::testing::world;

const GOOD: &str = "Ветер-в-парусах-9";

async fn link(world: &World, email: &str) -> String {
    let person = world.person(email);
    let token = world
        .app
        .directory(move |conn| token::issue(conn, person, Purpose::Reset))
        .await
        .unwrap();
    format!("/password/{token}")
}

async fn sign_in(world: &World, email: &str, password: &str) -> StatusCode {
    let form = [("email", email), ("password", password)];
    world.stranger().post("/login", &form).await.status
}

#[actix_web::test]
async fn a_link_sets_a_password_once_and_ends_every_session() {
    let world = world();
    let bob = world.browser("agent@acme.test").await;
    assert_eq!(bob.get("/w/acme/contacts").await.status, StatusCode::OK);
    let link = link(&world, "agent@acme.test").await;
    let stranger = world.stranger();
    assert!(stranger.get(&link).await.says("agent@acme.test"));
    let form = [("password", GOOD), ("again", GOOD)];
    let done = stranger.post(&link, &form).await;
    assert_eq!(
        (done.status, done.header("location")),
        (StatusCode::SEE_OTHER, "/login")
    );
    assert_eq!(
        bob.get("/w/acme/contacts").await.status,
        StatusCode::SEE_OTHER
    );
    for again in [stranger.get(&link).await, stranger.post(&link, &form).await] {
        assert_eq!(again.status, StatusCode::NOT_FOUND);
        assert!(again.says("This link no longer works"));
    }
    assert_eq!(
        sign_in(&world, "agent@acme.test", PASSWORD).await,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(
        sign_in(&world, "agent@acme.test", GOOD).await,
        StatusCode::SEE_OTHER
    );
}

#[actix_web::test]
async fn a_new_link_ends_the_one_before_and_time_ends_them_all() {
    let world = world();
    let first = link(&world, "agent@acme.test").await;
    let second = link(&world, "agent@acme.test").await;
    let stranger = world.stranger();
    assert_eq!(stranger.get(&first).await.status, StatusCode::NOT_FOUND);
    assert_eq!(stranger.get(&second).await.status, StatusCode::OK);
    let expire = |conn: &mut PgConnection| {
        diesel::update(password_tokens::table)
            .set(password_tokens::expires_at.eq(clock::now()))
            .execute(conn)?;
        Ok(())
    };
    world.app.directory(expire).await.unwrap();
    assert_eq!(stranger.get(&second).await.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn a_weak_password_is_refused_and_the_link_stays_good() {
    let world = world();
    let link = link(&world, "agent@acme.test").await;
    let stranger = world.stranger();
    for (password, again, message) in [
        (
            "short",
            "short",
            "The password needs at least 12 characters",
        ),
        ("Password123!", "Password123!", "among the first"),
        ("Brandt-und-Meer-7", "Brandt-und-Meer-7", "leave your name"),
        (GOOD, "another", "The two passwords differ."),
    ] {
        let form = [("password", password), ("again", again)];
        let page = stranger.post(&link, &form).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.says(message), "{message}");
        assert!(!page.text.contains(password), "{password}");
    }
    assert_eq!(stranger.get(&link).await.status, StatusCode::OK);
}

#[actix_web::test]
async fn nobody_learns_whether_there_is_an_account() {
    let world = world();
    let mut answers = Vec::new();
    for email in ["owner@acme.test", "nobody@acme.test"] {
        let page = world
            .stranger()
            .post("/password", &[("email", email)])
            .await;
        assert_eq!(page.status, StatusCode::OK);
        answers.push(page.text.replace(email, ""));
    }
    assert_eq!(answers[0], answers[1]);
}

#[actix_web::test]
async fn links_are_not_sent_without_end() {
    let world = world();
    let stranger = world.stranger();
    let ask = async || {
        stranger
            .post("/password", &[("email", "owner@acme.test")])
            .await
    };
    for _ in 0..5 {
        assert_eq!(ask().await.status, StatusCode::OK);
    }
    let refused = ask().await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
}
