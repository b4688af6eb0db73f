//! What the dashboard tells of deals: what is open in which stage, what was won and lost, and what it brought.

mod open;
mod revenue;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text, Uuid as SqlUuid};
use platform::dashboard::{Asking, Card, Part, Way, told};
use platform::records::shown::money;
use uuid::Uuid;

use super::sums::OfStage;

pub const DEALS: Card = Card {
    key: "deals",
    title: "Deals",
    text: "What is open in each stage, and what was won and lost",
    icon: "briefcase",
    needs: "deals",
    whole: false,
    usual: true,
    load: open::deals,
};

pub const REVENUE: Card = Card {
    key: "revenue",
    title: "Revenue",
    text: "What the deals that were won are worth, over time",
    icon: "trending-up",
    needs: "deals",
    whole: false,
    usual: true,
    load: revenue::revenue,
};

/// Deals added up; those of different currencies apart.
#[derive(Clone, Debug, QueryableByName)]
struct Sum {
    #[diesel(sql_type = diesel::sql_types::Nullable<SqlUuid>)]
    stage_id: Option<Uuid>,
    /// The place of the bucket, from 1.
    #[diesel(sql_type = Integer)]
    at: i32,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
    #[diesel(sql_type = BigInt)]
    amount: i64,
}

impl From<OfStage> for Sum {
    fn from(sum: OfStage) -> Sum {
        Sum {
            stage_id: Some(sum.stage_id),
            at: 0,
            currency: sum.currency,
            count: sum.count,
            amount: sum.amount,
        }
    }
}

/// What is too much for a bigint is told as the most that one holds.
const SUMS: &str = "deals.currency, count(*) as count, least(sum(deals.amount), 9223372036854775807)::bigint as amount from deals where ";

fn all_of<'a>(sums: impl Iterator<Item = &'a Sum>) -> (i64, i64) {
    sums.fold((0, 0), |(count, amount), sum| {
        (count + sum.count, amount.saturating_add(sum.amount))
    })
}

/// The amount in one currency.
fn amount_in(sums: &[Sum], currency: &str) -> i64 {
    all_of(sums.iter().filter(|sum| sum.currency == currency)).1
}

/// The amounts in the other currencies, and how many deals that are in all: `+ USD 300 · 34 deals`.
fn noted(sums: &[Sum], first: &str) -> String {
    let mut codes: Vec<&str> = sums.iter().map(|sum| sum.currency.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    let others = codes.into_iter().filter(|code| *code != first);
    let others = others.map(|code| format!("+ {}", money(amount_in(sums, code), code)));
    let (count, _) = all_of(sums.iter());
    let all: Vec<String> = others.chain([told(count, "deal", "deals")]).collect();
    all.join(" · ")
}

/// The same in each of the currencies there are, where there are several.
fn currencies(asking: &Asking, sums: &[Sum], chosen: &str) -> Option<Part> {
    let mut codes: Vec<&str> = sums.iter().map(|sum| sum.currency.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    let way = |code: &&str| Way {
        label: (*code).to_owned(),
        url: asking.url(&[("currency", code)]),
        chosen: *code == chosen,
    };
    (codes.len() > 1).then(|| Part::Ways("Currency", codes.iter().map(way).collect()))
}
