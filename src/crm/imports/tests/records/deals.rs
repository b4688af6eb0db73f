//! Files of deals, with what they name.

use serde_json::json;

use super::{all, bring, contact, counts, lines, named, number, problems};
use crate::testing::world;

#[actix_web::test]
async fn an_export_of_hubspot_becomes_deals_with_their_links() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    bring(&world, &alice, "companies", "hubspot-companies.csv").await;
    let sean =
        json!({"first_name": "Seán", "last_name": "O'Brien", "email": "sean@obrien.example"});
    let sean = contact(&alice, sean).await;
    let huong = contact(
        &alice,
        json!({"first_name": "Hương", "last_name": "Nguyễn"}),
    )
    .await;
    let lei = json!({"first_name": "雷", "last_name": "李", "email": "lei@lilei.example"});
    let lei = contact(&alice, lei).await;
    let done = bring(&world, &alice, "deals", "hubspot-deals.csv").await;
    assert_eq!(done["source"], "HubSpot", "{done}");
    assert_eq!(counts(&done), [5, 0, 0, 1], "{done}");
    let ida = named(&alice, "deals", "Refit of the Ida").await;
    let brien = named(&alice, "companies", "O'Brien & Söhne").await;
    assert_eq!(ida["company_id"], brien["id"]);
    assert_eq!(ida["contact_id"], sean["id"]);
    assert_eq!(ida["amount"], 120_050);
    assert_eq!(ida["closes_on"], "2026-12-24");
    assert_eq!(ida["stage"], "Proposal");
    assert_eq!(ida["owner"], "Alice Archer");
    let tenders = named(&alice, "deals", "Two tenders, new").await;
    assert_eq!(tenders["contact_id"], huong["id"]);
    assert_eq!(
        (&tenders["status"], &tenders["kind"]),
        (&json!("won"), &json!("existing_business"))
    );
    let container = named(&alice, "deals", "Container; 李雷").await;
    assert_eq!(container["contact_id"], lei["id"]);
    assert_eq!(container["status"], "lost");
    let charter = named(&alice, "deals", "Charter of مريم").await;
    let new = named(&alice, "companies", "Brand New Ltd").await;
    assert_eq!(charter["company_id"], new["id"], "made for it");
    let told = problems(&alice, "deals", &done).await;
    let cells: Vec<_> = told
        .iter()
        .map(|(row, column, _)| (*row, column.as_str()))
        .collect();
    assert_eq!(
        cells,
        [
            (6, "Associated Contact"),
            (6, "Deal Stage"),
            (7, "Closed Lost Reason")
        ],
        "{told:?}"
    );
    assert_eq!(told[2].2, "Please say why the deal is lost.");
    let nobody = named(&alice, "deals", "No such stage").await;
    assert_eq!(nobody["stage"], "New", "where deals begin");
}

#[actix_web::test]
async fn a_german_spreadsheet_becomes_deals() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let anna =
        json!({"first_name": "Anna", "last_name": "Müller", "email": "anna@mueller.example"});
    let anna = contact(&alice, anna).await;
    let done = bring(&world, &alice, "deals", "deals-semicolons.csv").await;
    assert_eq!(counts(&done), [3, 0, 0, 0], "{done}");
    let companies = all(&alice, "companies").await;
    assert_eq!(companies.len(), 1, "{companies:?}");
    assert_eq!(companies[0]["domain"], "mueller.example");
    for (name, amount, closes) in [
        ("Überholung", 123_450, "2026-12-24"),
        ("Segel", 9_900_000, "2027-01-31"),
        ("Motor", 85_000, "2027-02-28"),
    ] {
        let deal = named(&alice, "deals", name).await;
        assert_eq!(
            (&deal["amount"], &deal["closes_on"]),
            (&json!(amount), &json!(closes)),
            "{name}"
        );
        assert_eq!(deal["company_id"], companies[0]["id"], "{name}");
    }
    let deal = named(&alice, "deals", "Überholung").await;
    assert_eq!(deal["description"], "Zeile 1\nZeile 2; Ende");
    let url = format!("/api/v1/w/acme/deals/{}", deal["id"].as_str().unwrap());
    let people = alice.get_json(&url).await.json()["people"].clone();
    assert_eq!(people[0]["id"], anna["id"], "{people}");
    assert_eq!(number(&done, "noted"), 1, "Jörg is nobody: {done}");
}

#[actix_web::test]
async fn an_export_of_salesforce_becomes_deals() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    bring(&world, &alice, "companies", "salesforce-accounts.csv").await;
    let done = bring(&world, &alice, "deals", "salesforce-opportunities.csv").await;
    assert_eq!(done["source"], "Salesforce", "{done}");
    assert_eq!(counts(&done), [2, 0, 0, 0], "{done}");
    let sails = named(&alice, "deals", "Sails for the fleet").await;
    assert_eq!(sails["closes_on"], "2026-12-24");
    assert_eq!(sails["source"], "referral");
    let company = named(&alice, "companies", "Harbour Sails").await;
    assert_eq!(sails["company_id"], company["id"]);
    assert_eq!(named(&alice, "deals", "Ropes").await["status"], "won");
    assert_eq!(all(&alice, "companies").await.len(), 4);
}

#[actix_web::test]
async fn a_name_that_several_go_by_is_listed_and_never_guessed() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let twins = "Name,Domain\nTwin,one.example\nTwin,two.example\n";
    lines(&world, &alice, "companies", twins, &[]).await;
    for email in ["a@x.example", "b@x.example"] {
        contact(
            &alice,
            json!({"first_name": "Jo", "last_name": "Doe", "email": email}),
        )
        .await;
    }
    let csv = "Name,Company,Primary contact\nA,Twin,Jo Doe\nB,two.example,b@x.example\n";
    let done = lines(&world, &alice, "deals", csv, &[]).await;
    assert_eq!(
        (counts(&done), number(&done, "noted")),
        ([2, 0, 0, 0], 2),
        "{done}"
    );
    let a = named(&alice, "deals", "A").await;
    assert_eq!(
        (&a["company_id"], &a["contact_id"]),
        (&json!(null), &json!(null))
    );
    let b = named(&alice, "deals", "B").await;
    assert!(
        b["company_id"].is_string() && b["contact_id"].is_string(),
        "{b}"
    );
    let told = problems(&alice, "deals", &done).await;
    assert!(
        told[0].2.starts_with("Several companies are called “Twin”"),
        "{told:?}"
    );
    assert!(
        told[1].2.starts_with("Several records are called “Jo Doe”"),
        "{told:?}"
    );
    let strict = lines(
        &world,
        &alice,
        "deals",
        csv,
        &[("unreadable", "refuse"), ("duplicates", "create")],
    )
    .await;
    assert_eq!(counts(&strict), [1, 0, 0, 1], "{strict}");
}
