//! An import whose worker is gone.

use diesel::prelude::*;
use platform::schema::contacts;

use super::{URL, live_contacts};
use crate::crm::imports::contacts::{Reader, Work};
use crate::crm::imports::reading::Reader as _;
use crate::crm::imports::tests::{first_batch, id, number, upload};
use crate::testing::world;

#[actix_web::test]
async fn a_killed_import_goes_on_behind_its_last_batch() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let rows: String = (1..=4_500)
        .map(|n| format!("person{n}@x.example,Person {n}\n"))
        .collect();
    let csv = format!("Email,First name\n{rows}");
    let answer = upload(
        &alice,
        URL,
        "many.csv",
        csv.as_bytes(),
        &[("run", "1"), ("duplicates", "create")],
    )
    .await;
    let id = id(&answer.json());
    // The first batch is written, and then the worker is gone.
    first_batch::<Work>(&world, id).await;
    assert_eq!(live_contacts(&world), Reader::ROWS_A_BATCH as i64);
    world.run_jobs().await;
    let done = alice.get_json(&format!("{URL}/{id}")).await.json();
    assert_eq!(
        (done["state"].as_str(), number(&done, "created")),
        (Some("done"), 4_500),
        "{done}"
    );
    let addresses: i64 = world.within("acme", |tx| {
        let distinct = diesel::dsl::count(contacts::email).aggregate_distinct();
        Ok(contacts::table.select(distinct).first(&mut **tx)?)
    });
    assert_eq!((addresses, live_contacts(&world)), (4_500, 4_500));
}
