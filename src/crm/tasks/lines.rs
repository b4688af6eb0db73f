//! A task as a line: in somebody's day, in the calendar, beside a record.

use std::collections::HashMap;
use std::sync::Arc;

use platform::Result;
use platform::db::Tx;
use platform::records::titles::Titles;
use platform::web::can::Member;
use serde::Serialize;
use uuid::Uuid;

use super::task::Task;

#[derive(Clone, Debug, Serialize)]
pub struct Line {
    #[serde(flatten)]
    pub task: Task,
    /// What the record that it is about is called.
    pub about: Option<String>,
    pub overdue: bool,
    /// When it is due, in words.
    #[serde(skip)]
    pub when: String,
    #[serde(skip)]
    time: Option<chrono::NaiveTime>,
    #[serde(skip)]
    pub about_url: String,
    #[serde(skip)]
    pub url: String,
    #[serde(skip)]
    pub may_edit: bool,
    /// Whose it is, where that isn't whoever looks.
    #[serde(skip)]
    pub owner: String,
}

impl Line {
    pub fn of(tx: &mut Tx, member: &Member, tasks: Vec<Task>) -> Result<Vec<Line>> {
        let about: Vec<Uuid> = tasks.iter().filter_map(|task| task.record_id).collect();
        let titles = Titles::of(tx, &member.app.kinds, &about)?.0;
        let now = tx.now;
        let line = |task| Line::one(member, &titles, task, now);
        Ok(tasks.into_iter().map(line).collect())
    }

    fn one(
        member: &Member,
        titles: &HashMap<Uuid, (&'static str, Arc<str>)>,
        task: Task,
        now: chrono::DateTime<chrono::Utc>,
    ) -> Line {
        let today = now.with_timezone(&member.zone).date_naive();
        let about = task
            .record_id
            .and_then(|id| titles.get(&id).map(|known| (id, known)));
        let whose = task.owner_id.filter(|owner| *owner != member.person().id);
        let owner = whose.and_then(|id| member.setup.person(id));
        Line {
            about_url: about.map_or_else(String::new, |(id, (collection, _))| {
                member.url(&format!("/{collection}/{id}"))
            }),
            about: about.map(|(_, (_, title))| title.to_string()),
            overdue: task.is_overdue(now, member.zone),
            when: task
                .due(member.zone)
                .map_or_else(String::new, |due| due.words(today)),
            time: task.due(member.zone).and_then(|due| due.time),
            url: member.url(&format!("/tasks/{}", task.id)),
            may_edit: member.may_with("tasks", "edit", task.owner_id),
            owner: owner.map_or_else(String::new, |person| person.name.clone()),
            task,
        }
    }

    pub fn act(&self, verb: &str) -> String {
        format!("{}/{verb}", self.url)
    }

    /// `10:00`, where it is due at a time of day.
    pub fn time(&self) -> Option<String> {
        self.time.map(|time| time.format("%H:%M").to_string())
    }

    /// `2 of 5`, where it has lines to tick.
    pub fn ticked(&self) -> String {
        match self.task.ticked() {
            (_, 0) => String::new(),
            (done, all) => format!("{done} of {all}"),
        }
    }
}
