//! Who may import contacts, and see what was.

use actix_web::http::StatusCode;

use super::URL;
use crate::crm::imports::tests::{id, import, upload};
use crate::testing::world;

#[actix_web::test]
async fn those_without_the_right_and_other_workspaces_see_nothing() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let done = import(&world, &alice, "one.csv", b"Email\nann@x.example\n", &[]).await;
    let carol = world.browser("viewer@acme.test").await;
    let mallory = world.browser("owner@globex.test").await;
    let page = format!("/w/acme/contacts/imports/{}", id(&done));
    for path in ["", "/columns", "/problems", "/refused.csv", "/problems.csv"] {
        let url = format!("{page}{path}");
        assert_eq!(carol.get(&url).await.status, StatusCode::FORBIDDEN, "{url}");
        assert_eq!(
            mallory.get(&url).await.status,
            StatusCode::NOT_FOUND,
            "{url}"
        );
        let theirs = url.replace("/acme/", "/globex/");
        assert_eq!(
            mallory.get(&theirs).await.status,
            StatusCode::NOT_FOUND,
            "{theirs}"
        );
    }
    let answer = upload(&carol, URL, "x.csv", b"Email\n", &[]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}
