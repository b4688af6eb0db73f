//! Files of tasks, and what they are about.

use serde_json::json;

use super::{bring, contact, counts, lines, named, number, problems};
use crate::testing::world;

#[actix_web::test]
async fn an_export_of_hubspot_becomes_tasks_about_something() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let sean = json!({"first_name": "Seán", "email": "sean@obrien.example"});
    let sean = contact(&alice, sean).await;
    bring(&world, &alice, "companies", "hubspot-companies.csv").await;
    bring(&world, &alice, "deals", "hubspot-deals.csv").await;
    let done = bring(&world, &alice, "tasks", "hubspot-tasks.csv").await;
    assert_eq!(done["source"], "HubSpot", "{done}");
    assert_eq!(
        (counts(&done), number(&done, "noted")),
        ([4, 0, 0, 0], 1),
        "{done}"
    );
    let call = named(&alice, "tasks", "Call Seán back").await;
    assert_eq!(call["record_id"], sean["id"]);
    assert_eq!(
        (&call["due_on"], &call["due_time"]),
        (&json!("2026-12-01"), &json!("14:30:00"))
    );
    assert_eq!(
        (&call["kind"], &call["priority"]),
        (&json!("call"), &json!("high"))
    );
    assert_eq!(call["description"], "About the mast;\nand the boom");
    let offer = named(&alice, "tasks", "Send the offer").await;
    let brien = named(&alice, "companies", "O'Brien & Söhne").await;
    assert_eq!(offer["record_id"], brien["id"]);
    assert!(offer["completed_at"].is_string(), "{offer}");
    let contract = named(&alice, "tasks", "Prepare the contract").await;
    let deal = named(&alice, "deals", "Refit of the Ida").await;
    assert_eq!(contract["record_id"], deal["id"]);
    let told = problems(&alice, "tasks", &done).await;
    assert_eq!(told[0].1, "Associated Company");
    assert_eq!(told[0].2, "No company is called “Unheard Of Ltd”.");
}

#[actix_web::test]
async fn what_a_task_is_about_is_found_among_all_kinds() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ann = contact(
        &alice,
        json!({"first_name": "Ann", "last_name": "Lee", "email": "ann@x.example"}),
    )
    .await;
    lines(
        &world,
        &alice,
        "companies",
        "Name,Domain\nLee,lee.example\nBoth,both.example\n",
        &[],
    )
    .await;
    lines(&world, &alice, "deals", "Name\nRefit\nBoth\n", &[]).await;
    let csv = "Name,About,Due\nA,ann@x.example,1 Dec 2026\nB,Ann Lee,\nC,lee.example,\nD,refit,\nE,Both,\n";
    let done = lines(&world, &alice, "tasks", csv, &[]).await;
    assert_eq!(
        (counts(&done), number(&done, "noted")),
        ([5, 0, 0, 0], 1),
        "{done}"
    );
    let lee = named(&alice, "companies", "Lee").await;
    let refit = named(&alice, "deals", "Refit").await;
    for (task, about) in [
        ("A", &ann["id"]),
        ("B", &ann["id"]),
        ("C", &lee["id"]),
        ("D", &refit["id"]),
        ("E", &json!(null)),
    ] {
        assert_eq!(
            &named(&alice, "tasks", task).await["record_id"],
            about,
            "{task}"
        );
    }
    let a = named(&alice, "tasks", "A").await;
    assert_eq!(
        (&a["due_on"], &a["due_time"]),
        (&json!("2026-12-01"), &json!(null))
    );
}
