//! An export of each kind is imported again without a problem.

use diesel::prelude::*;
use platform::schema::{companies, custom_fields, deals, tasks};
use platform::testing::{Browser, World};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::import_of;
use super::{all, bring, contact, counts, lines, number};
use crate::testing::world;

async fn exported(alice: &Browser, list: &str, format: &str) -> Vec<u8> {
    let form = [("columns", "all"), ("format", format)];
    let answer = alice.post(&format!("/w/acme/{list}/exports"), &form).await;
    let file = alice.get(answer.header("location")).await;
    assert!(file.status.is_success(), "{}", file.text);
    file.bytes.to_vec()
}

/// Without what comes about by itself.
fn bare(items: &[Value]) -> Vec<Value> {
    const OWN: [&str; 11] = [
        "record_id",
        "id",
        "version",
        "created_at",
        "updated_at",
        "stage_since",
        "closed_at",
        "completed_at",
        "completed_by",
        "company_id",
        "parent_id",
    ];
    let strip = |item: &Value| {
        let mut item = item.clone();
        if let Some(fields) = item.as_object_mut() {
            OWN.iter().for_each(|field| _ = fields.remove(*field));
        }
        item
    };
    items.iter().map(strip).collect()
}

/// Companies, deals and tasks with links between them; and somebody else, who may upload as often again.
async fn scene() -> (World, Browser) {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    world.within("acme", |tx| {
        diesel::insert_into(custom_fields::table)
            .values((
                custom_fields::id.eq(Uuid::now_v7()),
                custom_fields::record_kind.eq("deal"),
                custom_fields::key.eq("berths"),
                custom_fields::label.eq("Berths"),
                custom_fields::type_.eq("number"),
            ))
            .execute(&mut **tx)?;
        Ok(())
    });
    world.app.kinds.setups.forget_all();
    let sean =
        json!({"first_name": "Seán", "last_name": "O'Brien", "email": "sean@obrien.example"});
    contact(&alice, sean).await;
    bring(&world, &alice, "companies", "salesforce-accounts.csv").await;
    bring(&world, &alice, "companies", "hubspot-companies.csv").await;
    bring(&world, &alice, "deals", "hubspot-deals.csv").await;
    lines(
        &world,
        &alice,
        "deals",
        "Name,Berths,Tags\n=1+1,12,\"a, b\"\n",
        &[],
    )
    .await;
    bring(&world, &alice, "tasks", "hubspot-tasks.csv").await;
    let mona = world.browser("manager@acme.test").await;
    (world, mona)
}

/// Found by their ids, nothing of them changes.
#[actix_web::test]
async fn each_kind_is_known_again() {
    let (world, mona) = scene().await;
    for list in ["companies", "deals", "tasks"] {
        for format in ["csv", "xlsx"] {
            let before = all(&mona, list).await;
            let file = exported(&mona, list, format).await;
            let name = format!("{list}.{format}");
            let update = &[("duplicates", "update")];
            let same = import_of(list, &world, &mona, &name, &file, update).await;
            assert_eq!(same["source"], "Nexus", "{name}: {same}");
            assert_eq!(
                (counts(&same), number(&same, "noted")),
                ([0, before.len() as i64, 0, 0], 0),
                "{name}: {same}"
            );
            assert_eq!(all(&mona, list).await, before, "{name}");
        }
    }
}

/// Where they are gone, they come back as they were.
#[actix_web::test]
async fn each_kind_comes_back_as_it_went_out() {
    let (world, mona) = scene().await;
    for list in ["companies", "deals", "tasks"] {
        for format in ["csv", "xlsx"] {
            let before = all(&mona, list).await;
            let file = exported(&mona, list, format).await;
            let name = format!("{list}.{format}");
            world.within("acme", |tx| {
                match list {
                    "companies" => diesel::update(companies::table)
                        .set(companies::archived_at.eq(tx.now))
                        .execute(&mut **tx)?,
                    "deals" => diesel::update(deals::table)
                        .set(deals::archived_at.eq(tx.now))
                        .execute(&mut **tx)?,
                    _ => diesel::update(tasks::table)
                        .set(tasks::archived_at.eq(tx.now))
                        .execute(&mut **tx)?,
                };
                Ok(())
            });
            let done = import_of(list, &world, &mona, &name, &file, &[]).await;
            assert_eq!(
                (counts(&done), number(&done, "noted")),
                ([before.len() as i64, 0, 0, 0], 0),
                "{name}: {done}"
            );
            assert_eq!(bare(&all(&mona, list).await), bare(&before), "{name}");
        }
    }
}
