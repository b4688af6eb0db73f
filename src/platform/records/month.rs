//! A month of records as a table of days: the layout of every kind that has a day.

use actix_web::HttpResponse;
use askama::Template;
use chrono::{Datelike, Days, Months, NaiveDate};
use serde::Serialize;
use serde_json::json;

use super::Listed;
use super::list::ListParams;
use super::listing::Listing;
use crate::clock;
use crate::db::Tx;
use crate::error::Result;
use crate::web::can::{Can, View as See};
use crate::web::{Crumb, Page, View, link};

/// What is shown of a month at most, and of a day.
pub const MOST: i64 = 1_000;
const A_DAY: usize = 4;

/// A record on its day.
#[derive(Clone, Debug, Serialize)]
pub struct Item {
    #[serde(skip)]
    pub day: NaiveDate,
    pub url: String,
    pub name: String,
    /// `10:00`, where it has a time of day.
    pub time: Option<String>,
    pub standing: Standing,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    #[default]
    Open,
    Late,
    Done,
}

/// One day of the grid.
#[derive(Debug, Serialize)]
struct Cell {
    day: NaiveDate,
    /// All there are, of which `items` are the first.
    count: usize,
    items: Vec<Item>,
}

/// The days that a month's table shows, from Monday to Sunday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub first: NaiveDate,
    pub last: NaiveDate,
}

impl Span {
    fn of(month: NaiveDate) -> Span {
        let end = month + Months::new(1) - Days::new(1);
        Span {
            first: month - Days::new(u64::from(month.weekday().num_days_from_monday())),
            last: end + Days::new(u64::from(6 - end.weekday().num_days_from_monday())),
        }
    }
}

/// Which field says the day, and what the form of a new record calls it.
#[derive(Clone, Copy, Debug)]
pub struct By {
    pub field: &'static str,
    pub given: &'static str,
}

#[derive(Template, Serialize)]
#[template(path = "records/month.html", blocks = ["results"])]
struct Month {
    month: String,
    weeks: Vec<Vec<Cell>>,
    #[serde(skip)]
    first: NaiveDate,
    #[serde(skip)]
    today: NaiveDate,
    /// There are more than are shown.
    more: bool,
    #[serde(skip)]
    by: By,
    #[serde(skip)]
    listing: Listing,
}

impl Page for Month {
    fn title(&self) -> String {
        format!("{} in {}", self.listing.title(), self.name())
    }
    fn crumbs(&self) -> Vec<Crumb> {
        let plural = self.listing.title();
        vec![Crumb::to(plural, self.list_url()), Crumb::here("Calendar")]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        match id {
            "results" => Some(self.as_results().render()),
            "filter" => Some(self.listing.filter_bar().render()),
            _ => None,
        }
    }
}

impl Month {
    /// `November 2026`.
    fn name(&self) -> String {
        self.first.format("%B %Y").to_string()
    }
    fn list_url(&self) -> String {
        format!("{}/{}", self.listing.root, self.listing.kind.collection)
    }
    fn month_url(&self, month: NaiveDate) -> String {
        let month = month.format("%Y-%m").to_string();
        let query = self.listing.params.url(&[("month", &month)]);
        format!("{}{query}", self.listing.base)
    }
    fn previous(&self) -> String {
        self.month_url(self.first - Months::new(1))
    }
    fn following(&self) -> String {
        self.month_url(self.first + Months::new(1))
    }
    fn this(&self) -> String {
        self.month_url(self.today)
    }
    fn is_this(&self) -> bool {
        (self.first.year(), self.first.month()) == (self.today.year(), self.today.month())
    }
    fn is_outside(&self, cell: &Cell) -> bool {
        cell.day.month() != self.first.month()
    }
    fn is_today(&self, cell: &Cell) -> bool {
        cell.day == self.today
    }
    fn is_late(&self, item: &Item) -> bool {
        item.standing == Standing::Late
    }
    fn is_done(&self, item: &Item) -> bool {
        item.standing == Standing::Done
    }
    /// The day's list.
    fn day_url(&self, cell: &Cell) -> String {
        let rule = json!({"and": [{"field": self.by.field, "op": "is", "value": cell.day}]});
        link::filtered(&self.list_url(), &rule)
    }
    fn new_url(&self, cell: Option<&Cell>) -> String {
        let day = cell.map_or(String::new(), |c| format!("?{}={}", self.by.given, c.day));
        format!("{}/new{day}", self.list_url())
    }
    fn rest(&self, cell: &Cell) -> usize {
        cell.count - cell.items.len()
    }
    fn kept(&self, but: &str) -> Vec<(String, String)> {
        self.listing.but(but)
    }
}

/// The month that the address asks for, or this one. `read` gives the records within the span, no more than one above
/// [`MOST`], in the order in which they stand on their day.
pub async fn show<T: Listed>(
    can: Can<See, T>,
    by: By,
    read: impl FnOnce(&mut Tx, &ListParams, Span) -> Result<Vec<Item>> + Send + 'static,
) -> Result<HttpResponse> {
    let today = clock::now().with_timezone(&can.zone).date_naive();
    let asked = can.asked.param("month");
    let first = asked.as_deref().and_then(|month| {
        NaiveDate::parse_from_str(&format!("{month}-01"), "%Y-%m-%d")
            .ok()
            .filter(|day| clock::YEARS.contains(&day.year()))
    });
    let first = first.or(today.with_day(1)).unwrap_or(today);
    let kept = asked.map(|_| ("month", first.format("%Y-%m").to_string()));
    let read = move |tx: &mut Tx, params: &ListParams| read(tx, params, Span::of(first));
    let (items, listing) =
        Listing::beside(&can, "/calendar", kept.into_iter().collect(), read).await?;
    can.page(Month {
        month: first.format("%Y-%m").to_string(),
        more: items.len() as i64 > MOST,
        weeks: weeks(items, Span::of(first)),
        first,
        today,
        by,
        listing,
    })
}

fn weeks(mut items: Vec<Item>, span: Span) -> Vec<Vec<Cell>> {
    let mut weeks: Vec<Vec<Cell>> = Vec::new();
    for day in span.first.iter_days().take_while(|day| *day <= span.last) {
        let mut items: Vec<Item> = items.extract_if(.., |item| item.day == day).collect();
        let count = items.len();
        items.truncate(A_DAY);
        let cell = Cell { day, count, items };
        match weeks.last_mut().filter(|week| week.len() < 7) {
            Some(week) => week.push(cell),
            None => weeks.push(vec![cell]),
        }
    }
    weeks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_begins_on_a_monday_and_ends_on_a_sunday() {
        for (month, first, last) in [
            ("2026-11-01", "2026-10-26", "2026-12-06"),
            ("2027-02-01", "2027-02-01", "2027-02-28"),
            ("2028-02-01", "2028-01-31", "2028-03-05"),
        ] {
            let span = Span::of(month.parse().unwrap());
            let expected = Span {
                first: first.parse().unwrap(),
                last: last.parse().unwrap(),
            };
            assert_eq!(span, expected, "{month}");
            assert!(weeks(Vec::new(), span).iter().all(|week| week.len() == 7));
        }
    }

    #[test]
    fn a_day_shows_its_first_and_counts_them_all() {
        let day: NaiveDate = "2026-11-18".parse().unwrap();
        let item = |name: usize| Item {
            day,
            url: String::new(),
            name: name.to_string(),
            time: None,
            standing: Standing::Open,
        };
        let weeks = weeks(
            (0..6).map(item).collect(),
            Span::of(day.with_day(1).unwrap()),
        );
        let mut cells = weeks.iter().flatten();
        let cell = cells.find(|cell| cell.count > 0).unwrap();
        assert_eq!((cell.day, cell.count, cell.items.len()), (day, 6, A_DAY));
        assert_eq!(cell.items[0].name, "0");
    }
}
