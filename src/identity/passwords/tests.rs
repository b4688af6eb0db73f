//! The ways to a password, and what a stranger learns on them.

use actix_web::http::StatusCode;
use diesel::prelude::*;
use platform::clock;
use platform::schema::password_tokens;
use platform::testing::World;
use platform::web::session::hashed;
use platform::world::PASSWORD;

use crate::testing::world;

const GOOD: &str = "Ветер-в-парусах-9";

/// Asks for a link as somebody would, and finds it in the mail.
async fn link(world: &World, email: &str) -> String {
    let asked = world
        .stranger()
        .post("/password", &[("email", email)])
        .await;
    assert_eq!(asked.status, StatusCode::OK);
    world.run_jobs().await;
    link_in(&newest_mail(world).await)
}

async fn newest_mail(world: &World) -> String {
    let mailbox = world.app.mail.transport().unwrap().mailbox().unwrap();
    let newest = mailbox.list(1, "").await.unwrap().remove(0);
    let mail = mailbox.read(newest.id).await.unwrap().unwrap();
    mail.text.unwrap_or_default()
}

fn link_in(mail: &str) -> String {
    let url = mail.lines().find(|line| line.contains("/password/"));
    let url = url::Url::parse(url.unwrap().trim()).unwrap();
    url.path().to_owned()
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
async fn the_mail_speaks_to_its_reader_and_its_token_is_nowhere_else() {
    let world = world();
    world
        .stranger()
        .post("/password", &[("email", "agent@acme.test")])
        .await;
    let promised: String = world.within("acme", |tx| {
        use platform::schema::jobs;
        let payload = jobs::table.select(jobs::payload).first(&mut **tx);
        Ok(payload.map(|p: serde_json::Value| p.to_string())?)
    });
    world.run_jobs().await;
    let mail = newest_mail(&world).await;
    assert!(mail.contains("Hello Bob Brandt,") && mail.contains("The link works once"));
    let link = link_in(&mail);
    let token = link.strip_prefix("/password/").unwrap();
    assert_eq!(token.len(), 43);
    assert!(!promised.contains(token));
    let kept: Vec<Vec<u8>> = world.within("acme", |tx| {
        Ok(password_tokens::table
            .select(password_tokens::hash)
            .load(&mut **tx)?)
    });
    assert_eq!(kept, [hashed(token).to_vec()]);
}

#[actix_web::test]
async fn an_unknown_address_gets_no_mail() {
    let world = world();
    let form = [("email", "nobody@acme.test")];
    world.stranger().post("/password", &form).await;
    assert_eq!(world.run_jobs().await, 1);
    let mailbox = world.app.mail.transport().unwrap().mailbox().unwrap();
    assert!(mailbox.list(10, "").await.unwrap().is_empty());
}

#[actix_web::test]
async fn an_invitation_leads_to_a_password_and_in() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let role = alice.get_json("/w/acme/settings/roles").await.json();
    let roles = role["items"].as_array().unwrap();
    let agent = roles.iter().find(|r| r["key"] == "agent").unwrap();
    let role_id = agent["id"].as_str().unwrap();
    let form = [
        ("email", "nina@acme.test"),
        ("name", "Nina New"),
        ("role_id", role_id),
    ];
    alice.post("/w/acme/settings/members", &form).await;
    world.run_jobs().await;
    let mail = newest_mail(&world).await;
    assert!(mail.contains("Alice Archer has invited you to work in Acme Marine"));
    let link = link_in(&mail);
    let stranger = world.stranger();
    assert!(stranger.get(&link).await.says("Welcome, Nina New"));
    let form = [("password", GOOD), ("again", GOOD)];
    let set = stranger.post(&link, &form).await;
    assert_eq!(set.status, StatusCode::SEE_OTHER);
    let status = sign_in(&world, "nina@acme.test", GOOD).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let member = alice.get("/w/acme/settings/members?search=nina").await;
    assert!(member.says("Active") && !member.says("Invited"));
}

#[actix_web::test]
async fn who_has_a_password_is_only_told_where_to_go() {
    let world = world();
    let mallory = world.browser("owner@globex.test").await;
    let roles = mallory.get_json("/w/globex/settings/roles").await.json();
    let role_id = roles["items"][0]["id"].as_str().unwrap().to_owned();
    let form = [
        ("email", "agent@acme.test"),
        ("name", "Bobby"),
        ("role_id", &*role_id),
    ];
    mallory.post("/w/globex/settings/members", &form).await;
    world.run_jobs().await;
    let mail = newest_mail(&world).await;
    assert!(mail.contains("Hello Bobby,") && mail.contains("/w/globex"));
    assert!(!mail.contains("/password/"));
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
    world.leave_jobs();
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
    world.leave_jobs();
    let refused = ask().await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
}
