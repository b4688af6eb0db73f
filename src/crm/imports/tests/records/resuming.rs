//! An import of records whose worker is gone.

use super::super::{first_batch, upload};
use super::{all, counts, id, number};
use crate::crm::deals::Deal;
use crate::crm::imports::records::Work;
use crate::testing::world;

#[actix_web::test]
async fn a_killed_import_goes_on_behind_its_last_batch() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let rows: String = (1..=450)
        .map(|n| format!("Deal {n},Company {}\n", n % 30))
        .collect();
    let csv = format!("Name,Company\n{rows}");
    let url = "/api/v1/w/acme/deals/imports";
    let answer = upload(
        &alice,
        url,
        "many.csv",
        csv.as_bytes(),
        &[("run", "1"), ("duplicates", "create")],
    )
    .await;
    let id = id(&answer.json());
    first_batch::<Work<Deal>>(&world, id).await;
    let begun = alice.get_json(&format!("{url}/{id}")).await.json();
    assert_eq!(
        (number(&begun, "created"), number(&begun, "last_row")),
        (200, 201),
        "{begun}"
    );
    assert_eq!(all(&alice, "deals").await.len(), 200);
    world.run_jobs().await;
    let done = alice.get_json(&format!("{url}/{id}")).await.json();
    assert_eq!(counts(&done), [450, 0, 0, 0], "{done}");
    let list = alice.get_json("/api/v1/w/acme/deals?limit=1").await.json();
    assert_eq!(list["total"]["count"], 450);
    assert_eq!(all(&alice, "companies").await.len(), 30);
}
