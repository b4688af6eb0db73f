//! My day: what is late, what is for today, what comes, and what is done already.

use actix_web::HttpResponse;
use askama::Template;
use chrono::{Days, NaiveDate};
use diesel::prelude::*;
use platform::db::Tx;
use platform::schema::tasks;
use platform::web::can::{Member, View as See};
use platform::web::{Can, Crumb, Page, View};
use platform::{Result, clock};
use serde::Serialize;
use uuid::Uuid;

use super::due;
use super::lines::Line;
use super::quick::DAYS;
use super::task::Task;

/// More than this is nobody's day; the list has them all.
const MOST: i64 = 200;
const UNDATED: i64 = 20;
/// How far ahead one looks.
const AHEAD: u64 = 7;

#[derive(Template, Serialize)]
#[template(path = "crm/tasks/day.html")]
struct Day {
    overdue: Vec<Line>,
    today: Vec<Line>,
    next: Vec<Line>,
    undated: Vec<Line>,
    done: Vec<Line>,
    #[serde(skip)]
    date: NaiveDate,
    #[serde(skip)]
    root: String,
    #[serde(skip)]
    may_create: bool,
    #[serde(skip)]
    me: Uuid,
}

impl Page for Day {
    fn title(&self) -> String {
        "My day".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![Crumb::here("My day")]
    }
}

impl Day {
    fn groups(&self) -> [(&'static str, &'static str, &'static str, &Vec<Line>); 5] {
        [
            ("overdue", "Overdue", "triangle-alert", &self.overdue),
            ("today", "Today", "sun", &self.today),
            ("next", "Next 7 days", "calendar", &self.next),
            ("undated", "Without a date", "inbox", &self.undated),
            ("done", "Done today", "circle-check", &self.done),
        ]
    }
    fn here(&self) -> String {
        format!("{}/tasks/today", self.root)
    }
    fn is_free(&self) -> bool {
        self.overdue.is_empty() && self.today.is_empty()
    }
    fn is_empty(&self) -> bool {
        self.groups().iter().all(|(.., lines)| lines.is_empty())
    }
    fn days(&self) -> [(&'static str, &'static str); 4] {
        DAYS
    }
    /// All of one's own, done or not.
    fn all_url(&self) -> String {
        let rule = serde_json::json!({"and": [
            {"field": "owner_id", "op": "is", "value": self.me},
            {"field": "status", "op": "is", "value": "open"}]});
        platform::web::link::filtered(&format!("{}/tasks", self.root), &rule) + "&sort=due_on"
    }
    fn calendar_url(&self) -> String {
        format!("{}/tasks/calendar", self.root)
    }
}

pub async fn show(can: Can<See, Task>) -> Result<HttpResponse> {
    let member = can.member.clone();
    let date = clock::now().with_timezone(&can.zone).date_naive();
    let day = can.tx(move |tx| read(tx, &member, date)).await?;
    can.page(day)
}

fn read(tx: &mut Tx, member: &Member, date: NaiveDate) -> Result<Day> {
    let me = member.person().id;
    let mine = tasks::table
        .filter(tasks::owner_id.eq(me))
        .filter(tasks::archived_at.is_null())
        .filter(tasks::completed_at.is_null());
    // A day further: a moment may fall on another day where somebody else is.
    let horizon = date + Days::new(AHEAD + 1);
    let dated: Vec<Task> = mine
        .filter(tasks::due_on.le(horizon))
        .order((tasks::due_by, tasks::id))
        .limit(MOST)
        .select(Task::as_select())
        .load(&mut **tx)?;
    let undated: Vec<Task> = mine
        .filter(tasks::due_on.is_null())
        .order((tasks::urgency.desc(), tasks::id.desc()))
        .limit(UNDATED)
        .select(Task::as_select())
        .load(&mut **tx)?;
    let began = due::moment(date.and_time(chrono::NaiveTime::MIN), member.zone);
    let done: Vec<Task> = tasks::table
        .filter(tasks::completed_by.eq(me))
        .filter(tasks::completed_at.ge(began))
        .filter(tasks::archived_at.is_null())
        .order((tasks::completed_at.desc(), tasks::id.desc()))
        .limit(MOST)
        .select(Task::as_select())
        .load(&mut **tx)?;
    let zone = member.zone;
    let day = |task: &Task| task.due(zone).map_or(date, |due| due.day);
    let mut all = dated;
    all.retain(|task| day(task) <= date + Days::new(AHEAD));
    let (late, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|task| day(task) < date);
    let (mut now, next): (Vec<_>, Vec<_>) = rest.into_iter().partition(|task| day(task) == date);
    // Of a day, what has a time comes in its order and the rest by how urgent it is.
    now.sort_by_key(|task| (task.due_at.is_none(), task.due_at, -task.priority.urgency()));
    Ok(Day {
        overdue: Line::of(tx, member, late)?,
        today: Line::of(tx, member, now)?,
        next: Line::of(tx, member, next)?,
        undated: Line::of(tx, member, undated)?,
        done: Line::of(tx, member, done)?,
        date,
        root: member.url(""),
        may_create: member.may("tasks", "create"),
        me,
    })
}
