//! The kept sums: always those of the deals, whatever becomes of them.

use actix_web::http::Method;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::BigInt;
use platform::testing::World;
use serde_json::json;

use super::{add, reason, stage, url};
use crate::crm::deals::sums::join;
use crate::testing::world;

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// In how many sums what is kept is not what the deals add up to, and how many there are.
fn wrong(world: &World) -> (i64, i64) {
    let kept = "select workspace_id, stage_id, owner_id, currency, month, sum(count), sum(amount) from deal_sums
        group by 1, 2, 3, 4, 5 having sum(count) <> 0 or sum(amount) <> 0";
    let real =
        "select workspace_id, stage_id, owner_id, currency, deal_month(closes_on), count(*)::numeric, sum(amount) from deals
        where status = 'open' and archived_at is null group by 1, 2, 3, 4, 5";
    let count = |sql: String| {
        world.within("acme", move |tx| {
            let sql = format!("select count(*) from ({sql}) sums");
            Ok(sql_query(sql).get_result::<Count>(&mut **tx)?.count)
        })
    };
    let differ = format!("(({kept}) except ({real})) union all (({real}) except ({kept}))");
    (count(differ), count(kept.to_owned()))
}

#[actix_web::test]
async fn are_those_of_the_deals_after_every_write() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let (proposal, won) = (stage(&alice, "Proposal").await, stage(&alice, "Won").await);
    let mut deals = Vec::new();
    for (amount, currency, day) in [
        (100, "EUR", Some("2026-12-05")),
        (200, "EUR", Some("2026-12-24")),
        (300, "USD", Some("2027-01-05")),
        (400, "EUR", None),
    ] {
        let body = json!({"name": "x", "amount": amount, "currency": currency, "closes_on": day, "stage_id": proposal});
        deals.push(add(&alice, body).await);
        assert_eq!(wrong(&world).0, 0);
    }
    assert_eq!(wrong(&world).1, 3, "two of a month are one sum");
    let lost = json!({"reason_id": reason(&alice, "lost", "Price").await});
    for (method, path, body) in [
        (Method::PATCH, "", json!({"amount": 150})),
        (Method::PATCH, "", json!({"closes_on": "2027-01-31"})),
        (Method::PATCH, "", json!({"owner_id": null})),
        (Method::PATCH, "", json!({"currency": "USD"})),
        (Method::POST, "/move", json!({"stage_id": won})),
        (Method::POST, "/reopen", json!({})),
        (Method::POST, "/lose", lost),
        (Method::POST, "/reopen", json!({})),
        (Method::DELETE, "", json!({})),
        (Method::POST, "/restoration", json!({})),
    ] {
        let url = format!("{}{path}", url(&deals[0]));
        let done = alice.api(method, &url, body).await;
        assert!(done.status.is_success(), "{path}: {}", done.text);
        assert_eq!(wrong(&world).0, 0, "{path}");
    }
    for sql in [
        "update deals set amount = amount + 1",
        "update deals set archived_at = now() where currency = 'USD'",
        "delete from deals where closes_on is null",
    ] {
        world.within("acme", move |tx| Ok(sql_query(sql).execute(&mut **tx)?));
        assert_eq!(wrong(&world).0, 0, "{sql}");
    }
}

#[actix_web::test]
async fn what_changed_is_joined_once_there_is_much_of_it() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    add(&alice, json!({"name": "x", "amount": 100})).await;
    assert_eq!(world.within("acme", join), 0, "it is not worth it");
    world.within("acme", |tx| {
        for _ in 0..250 {
            sql_query("update deals set amount = amount + 1").execute(&mut **tx)?;
        }
        Ok(())
    });
    assert_eq!(world.within("acme", join), 251);
    assert_eq!(wrong(&world), (0, 1));
    assert_eq!(world.within("acme", join), 0, "it is done");
}
