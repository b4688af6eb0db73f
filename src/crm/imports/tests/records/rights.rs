//! Who may import records of a kind, and see what was.

use actix_web::http::{Method, StatusCode};
use diesel::prelude::*;
use platform::schema::roles;
use serde_json::{Value, json};

use super::super::upload;
use super::{bring, id, lines};
use crate::testing::world;

#[actix_web::test]
async fn those_without_the_right_and_other_workspaces_see_nothing() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let done = bring(&world, &alice, "deals", "hubspot-deals.csv").await;
    let carol = world.browser("viewer@acme.test").await;
    let mallory = world.browser("owner@globex.test").await;
    let page = format!("/w/acme/deals/imports/{}", id(&done));
    for path in ["", "/columns", "/problems", "/refused.csv", "/problems.csv"] {
        let url = format!("{page}{path}");
        assert_eq!(carol.get(&url).await.status, StatusCode::FORBIDDEN, "{url}");
        for url in [url.clone(), url.replace("/acme/", "/globex/")] {
            assert_eq!(
                mallory.get(&url).await.status,
                StatusCode::NOT_FOUND,
                "{url}"
            );
        }
        // Not by the address of another kind either.
        let other = url.replace("/deals/", "/tasks/");
        assert_eq!(
            alice.get(&other).await.status,
            StatusCode::NOT_FOUND,
            "{other}"
        );
    }
    let list = mallory.get_json("/w/globex/imports").await.json();
    assert_eq!(list["items"], json!([]));
    let deals = mallory.get_json("/api/v1/w/globex/deals").await.json();
    assert_eq!(deals["items"], json!([]));
    for verb in ["undo", "stop", "run", "check"] {
        let url = format!("/api/v1{page}/{verb}").replace("/acme/", "/globex/");
        let answer = mallory.api(Method::POST, &url, json!({})).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{url}");
    }
}

#[actix_web::test]
async fn it_takes_the_rights_to_that_kind() {
    for (rights, allowed) in [
        (
            json!({"imports": {"*": "all"}, "deals": {"view": "all", "create": "all", "import": "all"}}),
            "deals",
        ),
        (
            json!({"imports": {"*": "all"}, "deals": {"view": "all", "create": "all"}}),
            "",
        ),
        (
            json!({"imports": {"*": "all"}, "deals": {"view": "all", "import": "all"}}),
            "",
        ),
        (
            json!({"deals": {"view": "all", "create": "all", "import": "all"}}),
            "",
        ),
    ] {
        let world = world();
        let matrix: Value = rights.clone();
        world.within("acme", move |tx| {
            let agent = roles::table.filter(roles::key.eq("agent"));
            diesel::update(agent)
                .set(roles::permissions.eq(matrix))
                .execute(&mut **tx)?;
            Ok(())
        });
        let agent = world.browser("agent@acme.test").await;
        for list in ["contacts", "companies", "deals", "tasks"] {
            let url = format!("/w/acme/{list}/imports/new");
            let expected = match list == allowed {
                true => StatusCode::OK,
                false => StatusCode::FORBIDDEN,
            };
            assert_eq!(
                agent.get(&url).await.status,
                expected,
                "{list} with {rights}"
            );
            let url = format!("/api/v1/w/acme/{list}/imports");
            let sent = upload(&agent, &url, "x.csv", b"Name\nx\n", &[]).await;
            assert_eq!(
                sent.status == StatusCode::FORBIDDEN,
                list != allowed,
                "{list} with {rights}"
            );
        }
    }
}

#[actix_web::test]
async fn only_what_may_be_changed_is_changed() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    lines(&world, &alice, "companies", "Name\nHers\n", &[]).await;
    let rights = json!({"imports": {"*": "all"}, "companies": {"view": "all", "create": "all", "import": "all", "edit": "own"}});
    world.within("acme", move |tx| {
        let agent = roles::table.filter(roles::key.eq("agent"));
        diesel::update(agent)
            .set(roles::permissions.eq(rights))
            .execute(&mut **tx)?;
        Ok(())
    });
    let agent = world.browser("agent@acme.test").await;
    let csv = "Name,Industry\nHers,Ships\nMine,Ships\n";
    let update = &[("duplicates", "update")];
    let done = lines(&world, &agent, "companies", csv, update).await;
    assert_eq!(super::counts(&done), [1, 0, 0, 1], "{done}");
    assert_eq!(done["problems"]["refused.out_of_reach"], 1, "{done}");
    let hers = super::named(&alice, "companies", "Hers").await;
    assert_eq!(hers["industry"], "");
    let done = lines(&world, &agent, "companies", csv, update).await;
    assert_eq!(super::counts(&done), [0, 1, 0, 1], "{done}");
}
