//! The calendar: tasks by the day on which they are due, a month at a time.

use actix_web::HttpResponse;
use askama::Template;
use chrono::{Datelike, Days, Months, NaiveDate, NaiveTime};
use diesel::prelude::*;
use platform::Result;
use platform::clock;
use platform::db::Tx;
use platform::records::list::ListParams;
use platform::records::listing::Listing;
use platform::schema::tasks;
use platform::web::can::{Member, View as See};
use platform::web::{Can, Crumb, Page, View, link};
use serde::Serialize;
use serde_json::json;

use super::due;
use super::lines::Line;
use super::task::Task;

/// What is shown of a month at most, and of a day.
const MOST: i64 = 1_000;
const A_DAY: usize = 4;

/// One day of the grid.
#[derive(Debug, Serialize)]
struct Cell {
    day: NaiveDate,
    /// All there are, of which `tasks` are the first.
    count: usize,
    tasks: Vec<Line>,
}

#[derive(Template, Serialize)]
#[template(path = "crm/tasks/calendar.html", blocks = ["results"])]
struct Calendar {
    month: String,
    weeks: Vec<Vec<Cell>>,
    #[serde(skip)]
    first: NaiveDate,
    #[serde(skip)]
    today: NaiveDate,
    /// There are more than are shown.
    more: bool,
    #[serde(skip)]
    listing: Listing,
}

impl Page for Calendar {
    fn title(&self) -> String {
        format!("Tasks in {}", self.name())
    }
    fn crumbs(&self) -> Vec<Crumb> {
        let list = format!("{}/tasks", self.listing.root);
        vec![Crumb::to("Tasks", list), Crumb::here("Calendar")]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        match id {
            "results" => Some(self.as_results().render()),
            "filter" => Some(self.listing.filter_bar().render()),
            _ => None,
        }
    }
}

impl Calendar {
    /// `November 2026`.
    fn name(&self) -> String {
        self.first.format("%B %Y").to_string()
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
    /// The day's list.
    fn day_url(&self, cell: &Cell) -> String {
        let rule = json!({"and": [{"field": "due_on", "op": "is", "value": cell.day}]});
        link::filtered(&format!("{}/tasks", self.listing.root), &rule)
    }
    fn new_url(&self, cell: &Cell) -> String {
        format!("{}/tasks/new?due={}", self.listing.root, cell.day)
    }
    fn rest(&self, cell: &Cell) -> usize {
        cell.count - cell.tasks.len()
    }
    fn kept(&self, but: &str) -> Vec<(String, String)> {
        self.listing.but(but)
    }
}

pub async fn show(can: Can<See, Task>) -> Result<HttpResponse> {
    let today = clock::now().with_timezone(&can.zone).date_naive();
    let asked = can.asked.param("month");
    let first = asked.as_deref().and_then(|month| {
        NaiveDate::parse_from_str(&format!("{month}-01"), "%Y-%m-%d")
            .ok()
            .filter(|day| due::YEARS.contains(&day.year()))
    });
    let first = first.or(today.with_day(1)).unwrap_or(today);
    let kept = asked.map(|_| ("month", first.format("%Y-%m").to_string()));
    let member = can.member.clone();
    let read = move |tx: &mut Tx, params: &ListParams| weeks(tx, &member, params, first);
    let ((weeks, more), listing) =
        Listing::beside(&can, "/calendar", kept.into_iter().collect(), read).await?;
    can.page(Calendar {
        month: first.format("%Y-%m").to_string(),
        weeks,
        first,
        today,
        more,
        listing,
    })
}

/// The weeks that a month touches, from Monday on.
fn weeks(
    tx: &mut Tx,
    member: &Member,
    params: &ListParams,
    first: NaiveDate,
) -> Result<(Vec<Vec<Cell>>, bool)> {
    let begins = first - Days::new(u64::from(first.weekday().num_days_from_monday()));
    let last = first + Months::new(1) - Days::new(1);
    let ends = last + Days::new(u64::from(6 - last.weekday().num_days_from_monday()));
    // A day more on both sides: a moment may fall on another day where somebody else is.
    let (from, to) = (begins - Days::new(1), ends + Days::new(2));
    let found: Vec<Task> = tasks::table
        .filter(params.matching(&tx.scope, "tasks"))
        .filter(tasks::due_by.ge(from.and_time(NaiveTime::MIN)))
        .filter(tasks::due_by.lt(to.and_time(NaiveTime::MIN)))
        .order((tasks::due_by, tasks::id))
        .limit(MOST + 1)
        .select(Task::as_select())
        .load(&mut **tx)?;
    let more = found.len() as i64 > MOST;
    let zone = member.zone;
    let mut lines = Line::of(tx, member, found)?;
    let mut cells = Vec::new();
    for day in begins.iter_days().take_while(|day| *day <= ends) {
        let due = |line: &mut Line| line.task.due(zone).is_some_and(|due| due.day == day);
        let mut tasks: Vec<Line> = lines.extract_if(.., due).collect();
        let count = tasks.len();
        tasks.truncate(A_DAY);
        cells.push(Cell { day, count, tasks });
    }
    let mut weeks: Vec<Vec<Cell>> = Vec::new();
    for cell in cells {
        match weeks.last_mut().filter(|week| week.len() < 7) {
            Some(week) => week.push(cell),
            None => weeks.push(vec![cell]),
        }
    }
    Ok((weeks, more))
}
