//! Signing in, and what is told to those who may not.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::{App, HttpResponse, test, web};
use chrono::TimeDelta;
use diesel::prelude::*;
use platform::clock;
use platform::config::Config;
use platform::schema::people;
use platform::testing::{Answer, Browser, World};
use platform::web::session::access_token;
use platform::world::PASSWORD;

use super::credentials::Credentials;
use crate::testing::world;

#[actix_web::test]
async fn the_right_password_signs_in_and_leads_on() {
    let answer = world()
        .stranger()
        .post(
            "/login",
            &[
                ("email", "Owner@acme.test "),
                ("password", PASSWORD),
                ("next", "/w/acme/contacts"),
            ],
        )
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header("location"), "/w/acme/contacts");
    assert!(answer.header("set-cookie").contains("HttpOnly"));
}

#[actix_web::test]
async fn a_way_out_of_the_house_is_not_followed() {
    for next in ["//evil.test", "https://evil.test", "/\\evil.test"] {
        let form = [
            ("email", "owner@acme.test"),
            ("password", PASSWORD),
            ("next", next),
        ];
        let answer = world().stranger().post("/login", &form).await;
        assert_eq!(answer.header("location"), "/");
    }
}

#[actix_web::test]
async fn a_wrong_password_and_an_unknown_account_get_the_same_answer() {
    let world = world();
    let mut answers = Vec::new();
    for email in ["owner@acme.test", "nobody@acme.test"] {
        let answer = world
            .stranger()
            .post("/login", &[("email", email), ("password", "x")])
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.says("don&#39;t belong together"));
        answers.push(answer.text.replace(email, ""));
    }
    assert_eq!(answers[0], answers[1]);
}

#[actix_web::test]
async fn the_sixth_try_for_an_account_is_refused_with_the_time_to_wait() {
    let world = world();
    for _ in 0..5 {
        world
            .stranger()
            .post("/login", &[("email", "agent@acme.test"), ("password", "x")])
            .await;
    }
    let answer = world
        .stranger()
        .post(
            "/login",
            &[("email", "agent@acme.test"), ("password", PASSWORD)],
        )
        .await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
}

#[actix_web::test]
async fn a_program_trades_its_password_for_tokens_and_a_stolen_refresh_token_revokes_them_all() {
    let world = world();
    let nobody = world.stranger();
    let login = serde_json::json!({"email": "owner@acme.test", "password": PASSWORD});
    let tokens = nobody
        .api("POST".parse().unwrap(), "/api/v1/auth/token", login)
        .await
        .json();
    let with = |token: &serde_json::Value| {
        actix_web::test::TestRequest::get()
            .uri("/api/v1/w/acme/contacts")
            .insert_header((
                "authorization",
                format!("Bearer {}", token.as_str().unwrap_or_default()),
            ))
    };
    assert_eq!(
        nobody.send(with(&tokens["access_token"])).await.status,
        StatusCode::OK
    );
    assert_eq!(
        nobody.send(with(&serde_json::json!("x.y.z"))).await.status,
        StatusCode::UNAUTHORIZED
    );
    let trade = async |token: &serde_json::Value| {
        let body = serde_json::json!({"refresh_token": token});
        nobody
            .api("POST".parse().unwrap(), "/api/v1/auth/refresh", body)
            .await
    };
    let second = trade(&tokens["refresh_token"]).await.json();
    assert_eq!(
        trade(&tokens["refresh_token"]).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        trade(&second["refresh_token"]).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[actix_web::test]
async fn a_stranger_is_sent_to_sign_in_and_comes_back_to_where_they_were_going() {
    let answer = world().stranger().get("/w/acme/contacts?sort=name").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(
        answer.header("location"),
        "/login?next=%2Fw%2Facme%2Fcontacts%3Fsort%3Dname"
    );
}

/// The cookie that an answer sets, as a browser sends it back.
fn cookie_of(answer: &Answer) -> String {
    let cookie = answer.header("set-cookie").split(';').next();
    cookie.unwrap_or_default().to_owned()
}

async fn log_in(browser: &Browser, email: &str) -> Answer {
    let form = [("email", email), ("password", PASSWORD)];
    browser.post("/login", &form).await
}

#[actix_web::test]
async fn a_session_planted_before_the_sign_in_is_worth_nothing_after_it() {
    let world = world();
    let planted = world.browser("owner@globex.test").await;
    let mut victim = world.stranger();
    victim.cookie = planted.cookie.clone();
    let answer = log_in(&victim, "owner@acme.test").await;
    victim.cookie = Some(cookie_of(&answer));
    assert_ne!(victim.cookie, planted.cookie);
    assert_eq!(victim.get("/w/acme/contacts").await.status, StatusCode::OK);
    assert_eq!(
        planted.get("/w/acme/contacts").await.header("location"),
        "/login?next=%2Fw%2Facme%2Fcontacts"
    );
}

#[actix_web::test]
async fn signing_out_ends_the_session_at_once_wherever_its_cookie_is() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let mut thief = world.stranger();
    thief.cookie = alice.cookie.clone();
    assert_eq!(thief.get("/w/acme/contacts").await.status, StatusCode::OK);
    let out = alice.post("/logout", &[]).await;
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(
        thief.get("/w/acme/contacts").await.status,
        StatusCode::SEE_OTHER
    );
}

#[actix_web::test]
async fn the_cookie_keeps_to_this_site_and_away_from_scripts() {
    let world = world();
    let answer = log_in(&world.stranger(), "owner@acme.test").await;
    let cookie = answer.header("set-cookie");
    for flag in ["nexus=", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(flag), "{flag} in {cookie}");
    }
    let config = Config::from(|name| match name {
        "PUBLIC_URL" => Some("https://nexus.example.test".into()),
        "DATA_DIR" => Some(world.app.config.data_dir.display().to_string()),
        _ => None,
    });
    let sessions = world.app.sessions.middleware(&config.ok().unwrap());
    let plant =
        async |session: Session| session.insert("x", 1).map(|()| HttpResponse::Ok().finish());
    let app = App::new().wrap(sessions).route("/", web::get().to(plant));
    let service = test::init_service(app).await;
    let request = test::TestRequest::get().to_request();
    let response = test::call_service(&service, request).await;
    let cookie = response.response().cookies().next().unwrap();
    assert_eq!(cookie.name(), "__Host-nexus");
    assert_eq!(
        (cookie.secure(), cookie.http_only(), cookie.domain()),
        (Some(true), Some(true), None)
    );
}

#[actix_web::test]
async fn a_request_from_another_site_is_refused() {
    let alice = world().browser("owner@acme.test").await;
    let send = async |name: &'static str, value: &'static str| {
        let request = test::TestRequest::post()
            .uri("/w/acme/contacts")
            .insert_header(("host", "localhost:8080"))
            .insert_header((name, value))
            .set_form([("first_name", "Ann")]);
        alice.send(request).await.status
    };
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.test"),
        ("origin", "null"),
    ] {
        assert_eq!(send(name, value).await, StatusCode::FORBIDDEN, "{value}");
    }
    for (name, value) in [
        ("sec-fetch-site", "same-origin"),
        ("origin", "http://localhost:8080"),
    ] {
        assert_eq!(send(name, value).await, StatusCode::SEE_OTHER, "{value}");
    }
}

#[actix_web::test]
async fn limits_fire_before_a_password_is_hashed() {
    let world = world();
    let counted = Arc::new(AtomicUsize::new(0));
    let mut tries = 0;
    for email in ["owner@acme.test", "nobody@acme.test"] {
        let credentials = Credentials {
            email: email.into(),
            password: "x".into(),
            ..Credentials::default()
        };
        for _ in 0..8 {
            let hashes = counted.clone();
            let matches = move |_: &str, _: &str| {
                hashes.fetch_add(1, Ordering::Relaxed);
                false
            };
            let origin = Default::default();
            let answer = credentials.check_by(matches, &world.app, &origin).await;
            tries += usize::from(answer.is_ok());
        }
    }
    // Five for each account, whether there is one or not.
    assert_eq!((tries, counted.load(Ordering::Relaxed)), (10, 10));
}

#[actix_web::test]
async fn a_locked_account_says_how_long_and_lets_nobody_in_meanwhile() {
    let world = world();
    let stranger = world.stranger();
    for _ in 0..5 {
        stranger
            .post("/login", &[("email", "agent@acme.test"), ("password", "x")])
            .await;
    }
    let page = log_in(&stranger, "agent@acme.test").await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(page.says("Too many tries: the next one is possible in 15 minutes."));
    assert!(page.header("set-cookie").is_empty());
}

#[actix_web::test]
async fn an_office_may_sign_in_from_one_address_every_morning() {
    let world = world();
    for _ in 0..32 {
        let answer = log_in(&world.stranger(), "owner@acme.test").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
    }
}

async fn with_token(world: &World, token: &str) -> StatusCode {
    let request = test::TestRequest::get()
        .uri("/api/v1/w/acme/contacts")
        .insert_header(("authorization", format!("Bearer {token}")));
    world.stranger().send(request).await.status
}

#[actix_web::test]
async fn an_access_token_ends_after_fifteen_minutes_and_with_the_password() {
    let world = world();
    let alice = world.person("owner@acme.test");
    let token_of = |age: TimeDelta| {
        let _then = clock::freeze(clock::now() - age);
        access_token(&world.app.config, alice).unwrap().0
    };
    let young = token_of(TimeDelta::minutes(14));
    let old = token_of(TimeDelta::seconds(15 * 60 + 2));
    assert_eq!(with_token(&world, &young).await, StatusCode::OK);
    assert_eq!(with_token(&world, &old).await, StatusCode::UNAUTHORIZED);
    let renew = move |conn: &mut PgConnection| {
        diesel::update(people::table.find(alice))
            .set(people::password_changed_at.eq(clock::now()))
            .execute(conn)?;
        Ok(())
    };
    world.app.directory(renew).await.unwrap();
    world.app.access.forget();
    assert_eq!(with_token(&world, &young).await, StatusCode::UNAUTHORIZED);
    let fresh = token_of(TimeDelta::zero());
    assert_eq!(with_token(&world, &fresh).await, StatusCode::OK);
}

#[actix_web::test]
async fn somebody_disabled_is_out_by_every_way() {
    let world = world();
    let bob = world.person("agent@acme.test");
    let browser = world.browser("agent@acme.test").await;
    let token = access_token(&world.app.config, bob).unwrap().0;
    assert_eq!(browser.get("/w/acme/contacts").await.status, StatusCode::OK);
    let disable = move |conn: &mut PgConnection| {
        diesel::update(people::table.find(bob))
            .set(people::disabled_at.eq(clock::now()))
            .execute(conn)?;
        Ok(())
    };
    world.app.directory(disable).await.unwrap();
    world.app.access.forget();
    assert_eq!(
        browser.get("/w/acme/contacts").await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(with_token(&world, &token).await, StatusCode::UNAUTHORIZED);
    assert_eq!(
        log_in(&world.stranger(), "agent@acme.test").await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}
