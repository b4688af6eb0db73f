//! Search finds what the searcher may see, also when it is misspelled.

use actix_web::http::Method;
use serde_json::json;

use crate::testing::world;

#[actix_web::test]
async fn finds_by_the_beginning_of_a_word_and_by_nearly_the_right_name() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    alice
        .api(
            Method::POST,
            "/w/acme/contacts",
            json!({"first_name": "Johanna", "last_name": "Lindqvist"}),
        )
        .await;
    for q in ["lind", "johana+lindkvist"] {
        let found = alice
            .get_json(&format!("/w/acme/search?q={q}"))
            .await
            .json();
        assert_eq!(found["items"][0]["title"], "Johanna Lindqvist", "{q}");
    }
    let nothing = alice.get_json("/w/acme/search?q=zzzz").await.json();
    assert_eq!(nothing["items"], json!([]));
}

#[actix_web::test]
async fn another_workspace_finds_nothing() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    alice
        .api(
            Method::POST,
            "/w/acme/contacts",
            json!({"last_name": "Lindqvist"}),
        )
        .await;
    let found = world
        .browser("owner@globex.test")
        .await
        .get_json("/w/globex/search?q=lind")
        .await
        .json();
    assert_eq!(found["items"], json!([]));
}
