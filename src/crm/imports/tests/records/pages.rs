//! The way through the pages: what the file holds is chosen, and its columns are recognised.

use actix_web::http::StatusCode;

use super::super::upload;
use super::{bring, fixture, id};
use crate::testing::world;

#[actix_web::test]
async fn what_a_file_holds_is_chosen_at_the_upload() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    for list in ["contacts", "companies", "deals", "tasks"] {
        let page = alice.get(&format!("/w/acme/{list}/imports/new")).await;
        assert!(page.says(&format!("Import {list}")), "{}", page.text);
        for other in ["contacts", "companies", "deals", "tasks"] {
            assert!(
                page.says(&format!("/w/acme/{other}/imports/new")),
                "{list} to {other}"
            );
        }
        let sample = std::fs::read(format!("static/samples/{list}.csv")).unwrap();
        let sent = upload(
            &alice,
            &format!("/w/acme/{list}/imports"),
            "s.csv",
            &sample,
            &[],
        )
        .await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
        let page = alice.get(sent.header("location")).await;
        assert!(page.says("Where does each column go?"), "{}", page.text);
        assert!(
            !page.text.contains("value=\"skip\" selected"),
            "{list}: every column has a place"
        );
    }
    let index = alice.get("/w/acme/imports").await;
    for holds in ["Contacts", "Companies", "Deals", "Tasks"] {
        assert!(index.says(&format!(">{holds}<")), "{holds}");
    }
}

#[actix_web::test]
async fn the_columns_of_other_programs_have_their_places() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    for (list, file, left_out) in [
        ("companies", "hubspot-companies.csv", 3),
        ("companies", "salesforce-accounts.csv", 2),
        ("deals", "hubspot-deals.csv", 2),
        ("deals", "salesforce-opportunities.csv", 2),
        ("tasks", "hubspot-tasks.csv", 0),
    ] {
        let sent = upload(
            &alice,
            &format!("/w/acme/{list}/imports"),
            file,
            &fixture(file),
            &[],
        )
        .await;
        let page = alice.get(sent.header("location")).await;
        let skipped = page.text.matches("value=\"skip\" selected").count();
        let new = page.text.matches("value=\"new.").count();
        assert_eq!(skipped, left_out, "{file}: {new} {}", page.text);
        assert!(page.says("This looks like an export of"), "{file}");
    }
}

#[actix_web::test]
async fn an_import_is_found_without_knowing_its_kind() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let done = bring(&world, &alice, "tasks", "hubspot-tasks.csv").await;
    let moved = alice.get(&format!("/w/acme/imports/{}", id(&done))).await;
    assert_eq!(
        moved.header("location"),
        format!("/w/acme/tasks/imports/{}", id(&done))
    );
    let page = alice.get(moved.header("location")).await;
    assert!(
        page.says("Tasks added") && page.says("See the tasks"),
        "{}",
        page.text
    );
}
