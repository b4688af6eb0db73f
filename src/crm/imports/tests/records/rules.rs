//! The rules of a record hold for the rows of a file as they do for what people type.

use actix_web::http::{Method, StatusCode};
use diesel::prelude::*;
use platform::schema::{custom_fields, events, notifications, stages};
use serde_json::json;
use uuid::Uuid;

use super::{bring, counts, id, lines, named, problems};
use crate::testing::world;

#[actix_web::test]
async fn a_stage_keeps_its_gate() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    world.within("acme", |tx| {
        let proposal = stages::table.filter(stages::name.eq("Proposal"));
        diesel::update(proposal)
            .set(stages::required.eq(vec!["amount".to_owned(), "closes_on".to_owned()]))
            .execute(&mut **tx)?;
        Ok(())
    });
    let csv =
        "Name,Stage,Amount,Expected close\nA,Proposal,100,2026-12-01\nB,Proposal,,\nC,New,,\n";
    let done = lines(&world, &alice, "deals", csv, &[]).await;
    assert_eq!(counts(&done), [2, 0, 0, 1], "{done}");
    let told = problems(&alice, "deals", &done).await;
    let words: Vec<_> = told
        .iter()
        .map(|(row, _, reason)| (*row, reason.as_str()))
        .collect();
    assert_eq!(
        words,
        [
            (3, "Amount is needed to enter Proposal."),
            (3, "Expected close is needed to enter Proposal.")
        ]
    );
    // A move by an update is held against the same.
    let update = &[("duplicates", "update")];
    let done = lines(&world, &alice, "deals", "Name,Stage\nC,Proposal\n", update).await;
    assert_eq!(counts(&done), [0, 0, 0, 1], "{done}");
    assert_eq!(named(&alice, "deals", "C").await["stage"], "New");
}

#[actix_web::test]
async fn fields_of_the_workspace_are_read_and_asked_for() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    world.within("acme", |tx| {
        for (key, label, kind, required) in [
            ("hull", "Hull", "choice", true),
            ("built", "Built", "date", false),
        ] {
            diesel::insert_into(custom_fields::table)
                .values((
                    custom_fields::id.eq(Uuid::now_v7()),
                    custom_fields::record_kind.eq("company"),
                    custom_fields::key.eq(key),
                    custom_fields::label.eq(label),
                    custom_fields::type_.eq(kind),
                    custom_fields::choices.eq(vec!["Steel".to_owned(), "Wood".to_owned()]),
                    custom_fields::required.eq(required),
                ))
                .execute(&mut **tx)?;
        }
        Ok(())
    });
    world.app.kinds.setups.forget_all();
    let csv = "Name,Hull,Built,Shoe size\nA,steel,31.12.2020,39\nB,,1.2.2021,41\nC,Wood,soon,40\n";
    let mapping = json!({"Name": "name", "Hull": "custom.hull", "Built": "custom.built", "Shoe size": "new.number"});
    let done = lines(
        &world,
        &alice,
        "companies",
        csv,
        &[("mapping", &mapping.to_string())],
    )
    .await;
    assert_eq!(counts(&done), [2, 0, 0, 1], "{done}");
    let a = named(&alice, "companies", "A").await;
    assert_eq!(
        a["custom"],
        json!({"hull": "Steel", "built": "2020-12-31", "shoe_size": 39})
    );
    let told = problems(&alice, "companies", &done).await;
    assert_eq!(
        (told[0].0, told[0].1.as_str(), told[0].2.as_str()),
        (3, "Hull", "Please fill this in."),
        "{told:?}"
    );
    assert_eq!((told[1].0, told[1].1.as_str()), (4, "Built"), "{told:?}");
}

#[actix_web::test]
async fn what_comes_in_is_told_quietly() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let owned = "Name,Owner\nA,agent@acme.test\nB,agent@acme.test\n";
    let done = lines(&world, &alice, "deals", owned, &[]).await;
    assert_eq!(counts(&done), [2, 0, 0, 0], "{done}");
    let (told, rung): (Vec<(String, serde_json::Value)>, i64) = world.within("acme", |tx| {
        let told = events::table
            .filter(events::record_kind.eq("deal"))
            .order(events::seq)
            .select((events::kind, events::data))
            .load(&mut **tx)?;
        Ok((told, notifications::table.count().get_result(&mut **tx)?))
    });
    assert_eq!(told.len(), 2, "one event a write");
    for (row, (kind, data)) in (2..).zip(&told) {
        assert_eq!(kind, "deal.imported");
        assert_eq!(data["import_id"], json!(id(&done)));
        assert_eq!(
            (&data["file"], &data["row"]),
            (&json!("lines.csv"), &json!(row))
        );
    }
    assert_eq!(rung, 0, "nobody wants a note for each row");
    let deal = named(&alice, "deals", "A").await;
    let page = alice
        .get(&format!("/w/acme/deals/{}", deal["id"].as_str().unwrap()))
        .await;
    assert!(page.says("imported this deal"), "{}", page.text);
}

#[actix_web::test]
async fn refused_rows_come_back_as_a_file_that_can_be_mended() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let done = bring(&world, &alice, "deals", "hubspot-deals.csv").await;
    let url = format!("/w/acme/deals/imports/{}", id(&done));
    let page = alice.get(&url).await;
    assert!(
        page.says("Deals added") && page.says("Please say why the deal is lost."),
        "{}",
        page.text
    );
    let file = alice.get(&format!("{url}/refused.csv")).await;
    assert!(file.text.contains("Lost without a word"), "{}", file.text);
    let mended = file.text.replace("Closed Lost", "Closed Won");
    let again = lines(&world, &alice, "deals", &mended, &[]).await;
    assert_eq!(counts(&again), [1, 0, 0, 0], "{again}");
    assert_eq!(
        named(&alice, "deals", "Lost without a word").await["status"],
        "won"
    );
}

#[actix_web::test]
async fn a_plan_is_held_against_the_kind() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    for (list, mapping) in [
        ("deals", json!({"Name": "first_name"})),
        ("tasks", json!({"Name": "stage"})),
        ("contacts", json!({"Name": "pipeline"})),
    ] {
        let url = format!("/api/v1/w/acme/{list}/imports");
        let fields = [("run", "1"), ("mapping", &*mapping.to_string())];
        let sent = super::super::upload(&alice, &url, "x.csv", b"Name\nx\n", &fields).await;
        assert_eq!(
            sent.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{list}: {}",
            sent.text
        );
    }
    let fields = [
        ("run", "1"),
        ("pipeline_id", "00000000-0000-7000-8000-000000000000"),
    ];
    let url = "/api/v1/w/acme/deals/imports";
    let sent = super::super::upload(&alice, url, "x.csv", b"Name\nx\n", &fields).await;
    assert_eq!(
        sent.json()["errors"][0]["field"],
        "pipeline_id",
        "{}",
        sent.text
    );
    let nothing = alice.api(Method::POST, url, json!({})).await;
    assert!(nothing.status.is_client_error(), "{}", nothing.status);
}
