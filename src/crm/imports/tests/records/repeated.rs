//! Records that are here already: left, filled in, or added once more.

use serde_json::json;

use super::{all, counts, lines, named, problems};
use crate::testing::world;

const SKIP: &[(&str, &str)] = &[("duplicates", "skip")];
const UPDATE: &[(&str, &str)] = &[("duplicates", "update")];
const CREATE: &[(&str, &str)] = &[("duplicates", "create")];

#[actix_web::test]
async fn a_company_is_known_by_its_domain_or_else_by_its_name() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let first = "Name,Domain,Industry,Tags\nAcme,acme.example,Ships,a\nPlain,,Ropes,\n";
    lines(&world, &alice, "companies", first, &[]).await;
    let second = "Name,Domain,Industry,City,Tags\nACME Inc,Acme.example,,Split,b\nplain,,Sails,,\nAcme,other.example,,,\nplain,,,,\n";
    let skipped = lines(&world, &alice, "companies", second, SKIP).await;
    assert_eq!(counts(&skipped), [1, 0, 3, 0], "{skipped}");
    let updated = lines(&world, &alice, "companies", second, UPDATE).await;
    assert_eq!(counts(&updated), [0, 4, 0, 0], "{updated}");
    let acme = named(&alice, "companies", "ACME Inc").await;
    assert_eq!(
        (&acme["industry"], &acme["address"]["city"], &acme["tags"]),
        (&json!("Ships"), &json!("Split"), &json!(["a", "b"])),
        "a blank cell takes nothing away, and lists only grow"
    );
    let again = lines(&world, &alice, "companies", second, CREATE).await;
    assert_eq!(counts(&again), [4, 0, 0, 0], "{again}");
}

#[actix_web::test]
async fn a_deal_is_known_by_its_name_within_its_company() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let first = "Name,Company,Amount\nRefit,One,100\nRefit,Two,200\nRefit,,300\n";
    let done = lines(&world, &alice, "deals", first, &[]).await;
    assert_eq!(counts(&done), [3, 0, 0, 0], "{done}");
    let second =
        "Name,Company,Amount,Stage\nREFIT,two,250,Proposal\nRefit,,350,\nRefit,Three,400,\n";
    let updated = lines(&world, &alice, "deals", second, UPDATE).await;
    assert_eq!(counts(&updated), [1, 2, 0, 0], "{updated}");
    let mut amounts: Vec<_> = all(&alice, "deals")
        .await
        .iter()
        .map(|d| d["amount"].clone())
        .collect();
    amounts.sort_by_key(|amount| amount.as_i64());
    assert_eq!(amounts, [10_000, 25_000, 35_000, 40_000]);
    let skipped = lines(&world, &alice, "deals", second, SKIP).await;
    assert_eq!(counts(&skipped), [0, 0, 3, 0], "{skipped}");
    let told = problems(&alice, "deals", &skipped).await;
    assert!(told[0].2.contains("already"), "{told:?}");
}

#[actix_web::test]
async fn what_can_not_be_told_apart_is_refused_rather_than_changed() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let twins = "Name\nTwin\nTwin\n";
    lines(&world, &alice, "companies", twins, CREATE).await;
    let done = lines(
        &world,
        &alice,
        "companies",
        "Name,Industry\nTwin,Ships\n",
        UPDATE,
    )
    .await;
    assert_eq!(counts(&done), [0, 0, 0, 1], "{done}");
    let told = problems(&alice, "companies", &done).await;
    assert!(
        told[0]
            .2
            .starts_with("There are several companies with this name"),
        "{told:?}"
    );
    let twins = all(&alice, "companies").await;
    let id = twins[1]["id"].as_str().unwrap();
    let csv = format!("Name,Industry,Nexus ID\nTwin,Ships,{id}\nNew,Ships,not-an-id\n");
    let done = lines(&world, &alice, "companies", &csv, UPDATE).await;
    assert_eq!(counts(&done), [1, 1, 0, 0], "{done}");
    let industries: Vec<_> = all(&alice, "companies")
        .await
        .iter()
        .map(|c| c["industry"].clone())
        .collect();
    assert_eq!(industries.iter().filter(|i| *i == "Ships").count(), 2);
}

#[actix_web::test]
async fn a_task_is_known_by_name_subject_and_day() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let csv = "Name,Due,Status\nCall,2026-12-01,Open\nCall,2026-12-02,Open\n";
    lines(&world, &alice, "tasks", csv, &[]).await;
    let second = "Name,Due,Status,Priority\ncall,,Open,\nCall,2026-12-02,Done,High\n";
    let done = lines(&world, &alice, "tasks", second, UPDATE).await;
    assert_eq!(counts(&done), [1, 1, 0, 0], "{done}");
    let tasks = all(&alice, "tasks").await;
    let closed: Vec<_> = tasks
        .iter()
        .filter(|t| t["completed_at"].is_string())
        .collect();
    assert_eq!(closed.len(), 1);
    assert_eq!(
        (&closed[0]["due_on"], &closed[0]["priority"]),
        (&json!("2026-12-02"), &json!("high"))
    );
}

#[actix_web::test]
async fn a_check_tells_what_a_run_does_and_writes_nothing() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    // More than a batch, with the same deal in the first and in the last.
    let rows: String = (1..=250)
        .map(|n| format!("Deal {n},Company {},New\n", n % 40))
        .collect();
    let csv = format!("Name,Company,Stage\n{rows}deal 1,company 1,New\nLost,,Lost\n");
    let answer = super::super::upload(
        &alice,
        "/w/acme/deals/imports",
        "d.csv",
        csv.as_bytes(),
        &[],
    )
    .await;
    let columns = answer.header("location").to_owned();
    let url = columns.trim_end_matches("/columns").to_owned();
    assert!(alice.get(&columns).await.says("Owner of new deals"));
    let form = [
        ("columns.0", "name"),
        ("columns.1", "company"),
        ("columns.2", "stage"),
    ];
    alice.post(&format!("{url}/check"), &form).await;
    world.run_jobs().await;
    let checked = alice.get_json(&url).await.json();
    let told = |found: &serde_json::Value| {
        ["rows", "created", "skipped", "refused"].map(|f| found[f].clone())
    };
    assert_eq!(told(&checked["preview"]), [252, 250, 1, 1], "{checked}");
    assert!(all(&alice, "deals").await.is_empty() && all(&alice, "companies").await.is_empty());
    alice.post(&format!("{url}/run"), &[]).await;
    world.run_jobs().await;
    let done = alice.get_json(&url).await.json();
    assert_eq!(told(&done), [252, 250, 1, 1], "{done}");
    assert_eq!(all(&alice, "companies").await.len(), 40);
}
