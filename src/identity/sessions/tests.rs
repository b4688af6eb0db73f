//! Signing in, and what is told to those who may not.

use actix_web::http::StatusCode;
use platform::world::PASSWORD;

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
