//! The forecast: what the open deals are expected to bring, by month and by owner.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use askama::Template;
use chrono::{Datelike, Months, NaiveDate};
use platform::Result;
use platform::db::Tx;
use platform::records::list::ListParams;
use platform::records::listing::Listing;
use platform::records::shown::money;
use platform::web::can::View as See;
use platform::web::filters::thousands;
use platform::web::{Can, Crumb, Page, View, link};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::deal::Deal;
use super::list::weighted;
use super::sums::OfMonth;

/// How many months are looked ahead.
const MONTHS: u32 = 12;
/// How wide the longest bar is.
const WIDEST: i64 = 240;

/// A line of the forecast: a month or an owner.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Line {
    pub label: String,
    pub count: i64,
    /// In the minor unit of the currency.
    pub amount: i64,
    pub weighted: i64,
    /// The deals behind it.
    #[serde(skip)]
    pub url: String,
}

impl Line {
    fn add(&mut self, cell: &OfMonth) {
        self.count += cell.count;
        self.amount = self.amount.saturating_add(cell.amount);
        let weighted = weighted(cell.amount, cell.probability);
        self.weighted = self.weighted.saturating_add(weighted);
    }
}

#[derive(Template, Serialize)]
#[template(path = "crm/deals/forecast.html")]
struct Forecast {
    currency: String,
    months: Vec<Line>,
    owners: Vec<Line>,
    total: Line,
    #[serde(skip)]
    currencies: Vec<(String, i64)>,
    #[serde(skip)]
    listing: Listing,
}

impl Page for Forecast {
    fn title(&self) -> String {
        "Forecast".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        let list = format!("{}/deals", self.listing.root);
        vec![Crumb::to("Deals", list), Crumb::here("Forecast")]
    }
}

impl Forecast {
    fn money(&self, minor: &i64) -> String {
        money(*minor, &self.currency)
    }
    fn count(&self, count: &i64) -> String {
        thousands(&count.to_string())
    }
    /// The length of a bar, beside the longest of its table.
    fn bar(&self, amount: &i64, lines: &[Line]) -> i64 {
        let longest = lines
            .iter()
            .map(|line| line.amount)
            .max()
            .unwrap_or(0)
            .max(1);
        let length = i128::from(*amount) * i128::from(WIDEST) / i128::from(longest);
        i64::try_from(length).unwrap_or(WIDEST)
    }
    fn tables(&self) -> [(&'static str, &'static str, &[Line]); 2] {
        [
            ("months", "Month", &self.months),
            ("owners", "Owner", &self.owners),
        ]
    }
    fn currency_url(&self, currency: &str) -> String {
        let base = format!("{}/deals/forecast", self.listing.root);
        let query = self.listing.params.url(&[("currency", currency)]);
        base + &query
    }
    fn shows(&self, currency: &str) -> bool {
        self.currency == currency
    }
}

pub async fn show(can: Can<See, Deal>) -> Result<HttpResponse> {
    let today = platform::clock::now().with_timezone(&can.zone).date_naive();
    let first = today.with_day(1).unwrap_or(today);
    // All that is late counts as one month, the one before this.
    let (late, until) = (first - Months::new(1), first + Months::new(MONTHS));
    let read = move |tx: &mut Tx, params: &ListParams| OfMonth::load(tx, params, until);
    let (cells, listing) = Listing::beside(&can, "/forecast", Vec::new(), read).await?;
    let mut currencies: BTreeMap<&str, i64> = BTreeMap::new();
    for cell in &cells {
        *currencies.entry(&cell.currency).or_default() += cell.count;
    }
    let mut currencies: Vec<(String, i64)> = currencies
        .into_iter()
        .map(|(code, count)| (code.to_owned(), count))
        .collect();
    currencies.sort_by_key(|(_, count)| -count);
    let asked = can.asked.param("currency");
    let asked = asked.filter(|asked| currencies.iter().any(|(code, _)| code == asked));
    let most = currencies.first().map(|(code, _)| code.clone());
    let currency = asked
        .or(most)
        .unwrap_or_else(|| can.membership.currency.clone());
    let url = |rules: Vec<Value>| {
        let mut all = vec![
            json!({"field": "status", "op": "is", "value": "open"}),
            json!({"field": "currency", "op": "is", "value": currency}),
        ];
        all.extend(rules);
        link::filtered(&format!("{}/deals", listing.root), &json!({ "and": all }))
    };
    let before = |day: NaiveDate| json!({"field": "closes_on", "op": "before", "value": day});
    let mut months: BTreeMap<NaiveDate, Line> = BTreeMap::new();
    for ahead in 0..MONTHS {
        let month = first + Months::new(ahead);
        let last = month + Months::new(1) - chrono::Days::new(1);
        let within = json!({"field": "closes_on", "op": "between", "value": [month, last]});
        let line = Line {
            label: month.format("%B %Y").to_string(),
            url: url(vec![within]),
            ..Line::default()
        };
        months.insert(month, line);
    }
    let mut owners: BTreeMap<Option<Uuid>, Line> = BTreeMap::new();
    let mut total = Line::default();
    for cell in cells.iter().filter(|cell| cell.currency == currency) {
        let month = months.entry(cell.month.max(late)).or_insert_with(|| Line {
            label: "Before this month".into(),
            url: url(vec![before(first)]),
            ..Line::default()
        });
        month.add(cell);
        let owner = owners.entry(cell.owner_id).or_insert_with(|| {
            let rule = match cell.owner_id {
                Some(id) => json!({"field": "owner_id", "op": "is", "value": id}),
                None => json!({"field": "owner_id", "op": "is_empty"}),
            };
            Line {
                label: cell
                    .owner_id
                    .map_or("Nobody".into(), |id| listing.person(id)),
                url: url(vec![rule, before(until)]),
                ..Line::default()
            }
        });
        owner.add(cell);
        total.add(cell);
    }
    let mut owners: Vec<Line> = owners.into_values().collect();
    owners.sort_by_key(|line| -line.amount);
    can.page(Forecast {
        months: months.into_values().collect(),
        owners,
        total,
        currencies,
        currency,
        listing,
    })
}
