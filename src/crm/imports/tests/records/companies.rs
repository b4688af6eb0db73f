//! Files of companies.

use serde_json::json;

use super::{all, bring, counts, lines, named, number, problems};
use crate::testing::world;

#[actix_web::test]
async fn an_export_of_hubspot_becomes_companies() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let done = bring(&world, &alice, "companies", "hubspot-companies.csv").await;
    assert_eq!(done["source"], "HubSpot", "{done}");
    assert_eq!(done["record_kind"], "company");
    assert_eq!(counts(&done), [5, 0, 0, 0], "{done}");
    let brien = named(&alice, "companies", "O'Brien & Söhne").await;
    assert_eq!(brien["domain"], "obrien.example");
    assert_eq!(brien["employees"], 1250);
    assert_eq!(brien["description"], "Boats; sails\nand ropes");
    assert_eq!(brien["address"]["street"], "1 Quay Street");
    assert_eq!(brien["address"]["postcode"], "D02");
    assert_eq!(brien["owner"], "Alice Archer");
    for name in [
        "Nguyễn Marine; Hải Phòng",
        "李雷航运",
        "شركة مريم للملاحة",
        "Quoted \"Sail\" Works",
    ] {
        named(&alice, "companies", name).await;
    }
    let told = problems(&alice, "companies", &done).await;
    let told: Vec<_> = told
        .iter()
        .map(|(row, column, _)| (*row, column.as_str()))
        .collect();
    assert_eq!(told, [(6, "Company owner"), (6, "Number of Employees")]);
}

#[actix_web::test]
async fn a_parent_is_found_in_the_file_or_made() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let done = bring(&world, &alice, "companies", "salesforce-accounts.csv").await;
    assert_eq!(done["source"], "Salesforce", "{done}");
    assert_eq!(counts(&done), [3, 0, 0, 0], "{done}");
    assert_eq!(all(&alice, "companies").await.len(), 4, "and Harbour Group");
    let holding = named(&alice, "companies", "Harbour Holding").await;
    assert_eq!(holding["domain"], "harbour.example", "of its website");
    assert_eq!(holding["website"], "https://www.harbour.example/about");
    assert_eq!(holding["employees"], 900);
    let sails = named(&alice, "companies", "Harbour Sails").await;
    assert_eq!(sails["parent_id"], holding["id"]);
    assert_eq!(sails["description"], "Makes sails,\nand mends them");
    let group = named(&alice, "companies", "Harbour Group").await;
    let ropes = named(&alice, "companies", "Harbour Ropes").await;
    assert_eq!(ropes["parent_id"], group["id"]);
}

#[actix_web::test]
async fn a_parent_that_is_named_before_its_row_is_one_company() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let csv = "Name,Parent company,Industry\nChild,Mother,\nMother,,Ships\nSelf,self,\n";
    let done = lines(&world, &alice, "companies", csv, &[]).await;
    assert_eq!(counts(&done), [3, 0, 0, 0], "{done}");
    assert_eq!(number(&done, "noted"), 1, "nothing stands above itself");
    let mother = named(&alice, "companies", "Mother").await;
    assert_eq!(mother["industry"], "Ships");
    let child = named(&alice, "companies", "Child").await;
    assert_eq!(child["parent_id"], mother["id"]);
    assert_eq!(all(&alice, "companies").await.len(), 3);
    let again = lines(
        &world,
        &alice,
        "companies",
        "Name,Parent company\nBaby,Nurse\nNurse,\n",
        &[("duplicates", "create")],
    )
    .await;
    assert_eq!(counts(&again), [2, 0, 0, 0], "{again}");
    assert_eq!(all(&alice, "companies").await.len(), 5, "and one Nurse");
    let self_ = named(&alice, "companies", "Self").await;
    assert_eq!(self_["parent_id"], json!(null));
}

#[actix_web::test]
async fn the_form_says_what_it_refuses() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let long = "x".repeat(201);
    let csv =
        format!("Name,Industry,Employees\n{long},,\n,Ships,\nGood,Ships,-4\nBetter,Ships,4\n");
    let done = lines(&world, &alice, "companies", &csv, &[]).await;
    assert_eq!(counts(&done), [1, 0, 0, 3], "{done}");
    let told = problems(&alice, "companies", &done).await;
    let rows: Vec<_> = told
        .iter()
        .map(|(row, column, _)| (*row, column.as_str()))
        .collect();
    assert_eq!(
        rows,
        [(2, "Name"), (3, "Name"), (4, "Employees")],
        "{told:?}"
    );
    assert_eq!(told[2].2, "Please enter how many people work there.");
    assert_eq!(done["problems"]["refused.form"], 3, "{done}");
}
