//! What readers do, from outside and without a session.

use actix_web::http::StatusCode;
use actix_web::test::TestRequest;
use diesel::prelude::*;
use platform::mail::{Purpose, Token};
use platform::schema::{campaign_recipients, suppressions};
use platform::testing::World;

use crate::marketing::campaigns::tests::{contact, draft, send};
use crate::testing::world;

/// The token in the mail to that address.
pub fn token(world: &World, email: &str) -> String {
    let (workspace, recipient) = world.within("acme", |tx| {
        let id: uuid::Uuid = campaign_recipients::table
            .filter(campaign_recipients::email.eq(email))
            .select(campaign_recipients::id)
            .first(&mut **tx)?;
        Ok((tx.workspace, id))
    });
    world.app.mail.tokens.sign(&Token {
        workspace,
        recipient,
        purpose: Purpose::Campaign,
    })
}

#[actix_web::test]
async fn opens_and_clicks_are_counted_once_and_shown_on_the_timeline() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let person = contact(&alice, "a@mail.example").await;
    let campaign = draft(&alice, "S").await;
    send(&world, &alice, &campaign).await;
    let (token, stranger) = (token(&world, "a@mail.example"), world.stranger());
    for _ in 0..2 {
        let pixel = stranger.get(&format!("/o/{token}.gif")).await;
        assert_eq!(pixel.header("content-type"), "image/gif");
        let link = stranger.get(&format!("/t/{token}/1")).await;
        assert_eq!(link.status, StatusCode::FOUND);
        assert_eq!(link.header("location"), "https://example.com/x");
    }
    assert_eq!(
        stranger.get(&format!("/t/{token}/99")).await.status,
        StatusCode::NOT_FOUND
    );
    let told = alice.get_json("/w/acme/notifications").await;
    assert!(!told.text.contains("email_opened"), "{}", told.text);
    let seen = alice.get_json(&campaign).await.json();
    assert_eq!(
        (&seen["counts"]["opened"], &seen["counts"]["clicked"]),
        (&1.into(), &1.into())
    );
    assert_eq!(
        (&seen["links"][0]["clicks"], &seen["links"][0]["readers"]),
        (&2.into(), &1.into())
    );
    assert!(
        alice
            .get(&format!("/w/acme/contacts/{person}"))
            .await
            .says("opened a mail of")
    );
}

#[actix_web::test]
async fn a_look_unsubscribes_nobody_and_a_click_does_at_once() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    contact(&alice, "a@mail.example").await;
    let campaign = draft(&alice, "S").await;
    send(&world, &alice, &campaign).await;
    let url = format!("/unsubscribe/{}", token(&world, "a@mail.example"));
    let stranger = world.stranger();
    let suppressed = |world: &World| {
        world.within("acme", |tx| {
            Ok(suppressions::table.count().get_result::<i64>(&mut **tx)?)
        })
    };
    assert!(stranger.get(&url).await.says("Unsubscribe from everything"));
    assert_eq!(suppressed(&world), 0);
    let one_click = [("List-Unsubscribe", "One-Click")];
    assert!(
        stranger
            .post(&url, &one_click)
            .await
            .says("You are unsubscribed")
    );
    assert_eq!(suppressed(&world), 1);
    let next = draft(&alice, "T").await;
    let review = alice.get_json(&next).await.json()["review"]["reach"].clone();
    assert_eq!(review["suppressed"], 1);
    assert_eq!(
        alice.get_json(&campaign).await.json()["counts"]["unsubscribed"],
        1
    );
    assert!(
        stranger
            .post(&format!("{url}/return"), &[])
            .await
            .says("Welcome back")
    );
    assert_eq!(suppressed(&world), 0);
}

#[actix_web::test]
async fn one_click_needs_no_page_no_session_and_comes_from_anywhere() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    contact(&alice, "a@mail.example").await;
    let subject = format!("One click {}", uuid::Uuid::new_v4());
    let campaign = draft(&alice, &subject).await;
    send(&world, &alice, &campaign).await;
    let mailbox = world.app.mail.transport().unwrap().mailbox().unwrap();
    let listed = mailbox.list(1, &subject).await.unwrap();
    let mail = mailbox.read(listed[0].id).await.unwrap().unwrap();
    let header = |name: &str| {
        let found = mail.headers.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    assert_eq!(
        header("List-Unsubscribe-Post"),
        "List-Unsubscribe=One-Click"
    );
    let address = header("List-Unsubscribe");
    let url = url::Url::parse(address.trim_matches(['<', '>'])).unwrap();
    // As RFC 8058 has it: the body as multipart or urlencoded, by somebody else's machine.
    let request = TestRequest::post()
        .uri(url.path())
        .insert_header(("origin", "https://mail.example"))
        .insert_header(("sec-fetch-site", "cross-site"))
        .insert_header(("content-type", "multipart/form-data; boundary=b"))
        .set_payload("--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n");
    let answer = world.stranger().send(request).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let left = alice
        .get_json("/w/acme/suppressions?search=a@mail.example")
        .await;
    assert_eq!(left.json()["items"][0]["reason"], "unsubscribed");
}

#[actix_web::test]
async fn a_token_speaks_for_its_own_purpose_alone() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    contact(&alice, "a@mail.example").await;
    let campaign = draft(&alice, "S").await;
    send(&world, &alice, &campaign).await;
    let good = token(&world, "a@mail.example");
    let token = world.app.mail.tokens.verify(&good).unwrap();
    for purpose in [Purpose::Sequence, Purpose::Confirmation, Purpose::Single] {
        let other = world.app.mail.tokens.sign(&Token { purpose, ..token });
        let page = world.stranger().get(&format!("/unsubscribe/{other}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{purpose:?}");
    }
}

#[actix_web::test]
async fn a_token_that_is_not_ours_gets_a_kind_page() {
    let world = world();
    let stranger = world.stranger();
    let unknown = stranger.get("/unsubscribe/abc").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert!(unknown.says("This link does not work"));
    assert_eq!(stranger.get("/t/abc/1").await.status, StatusCode::NOT_FOUND);
    assert_eq!(stranger.get("/o/abc.gif").await.status, StatusCode::OK);
}

#[actix_web::test]
async fn a_link_that_leads_nowhere_wears_the_brand_of_who_wrote() {
    let world = world();
    let stranger = world.stranger();
    let workspace = world.within("acme", |tx| Ok(tx.workspace));
    let gone = world.app.mail.tokens.sign(&Token {
        workspace,
        recipient: uuid::Uuid::now_v7(),
        purpose: Purpose::Campaign,
    });
    for (token, brand) in [(gone.as_str(), true), ("cut-off", false)] {
        for path in ["unsubscribe", "preferences"] {
            let page = stranger.get(&format!("/{path}/{token}")).await;
            assert_eq!(page.status, StatusCode::NOT_FOUND);
            assert!(page.says("This link does not work") && page.says("public.css"));
            assert_eq!(page.says("Acme Marine"), brand, "{}", page.text);
        }
    }
}
