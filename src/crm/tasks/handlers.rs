//! The pages of tasks, and their API.

use actix_web::HttpResponse;
use askama::Template;
use chrono::NaiveDate;
use diesel::prelude::*;
use platform::Result;
use platform::db::Tx;
use platform::records::editing::{self, Editing};
use platform::records::open::{Opened, open};
use platform::schema::records;
use platform::web::can::{Create, Edit, View as See};
use platform::web::{Action, Can, Crumb, Form, Id, Page, View};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::acts::asked_for;
use super::choices::{Priority, TaskKind};
use super::form::TaskForm;
use super::lines::Line;
use super::list::Row;
use super::repeat::{Repeat, WEEKDAYS};
use super::task::Task;

#[derive(Template, Serialize)]
#[template(path = "crm/tasks/show.html")]
struct Show {
    #[serde(flatten)]
    opened: Opened<Task>,
    #[serde(skip)]
    line: Line,
}

impl Page for Show {
    fn title(&self) -> String {
        self.opened.title()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        self.opened.crumbs()
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        self.opened.block(id)
    }
}

impl Show {
    fn task(&self) -> &Task {
        &self.opened.row.task
    }
    /// Whether whoever looks can do something with it.
    fn may_act(&self) -> bool {
        self.opened.sheet.may_edit && self.task().archived_at.is_none()
    }
    fn here(&self) -> String {
        self.opened.url("")
    }
    fn next_url(&self) -> Option<String> {
        let next = self.task().next_id?;
        Some(format!("{}/tasks/{next}", self.opened.sheet.root))
    }
}

pub async fn show(can: Can<See, Task>, Id(id): Id) -> Result<HttpResponse> {
    let member = can.member.clone();
    let more = move |tx: &mut Tx, row: &Row| Line::of(tx, &member, vec![row.task.clone()]);
    let (opened, lines) = open(&can, id, more).await?;
    let line = lines.into_iter().next().ok_or(platform::Error::NotFound)?;
    can.versioned(opened.row.task.version, Show { opened, line })
}

/// The form, for a new task or one that is there.
#[derive(Template, Serialize)]
#[template(path = "crm/tasks/form.html")]
struct Editor {
    #[serde(flatten)]
    editing: Editing<Task>,
    /// What it may be about: what it is about now, and what was touched last.
    #[serde(skip)]
    likely: Vec<(String, String)>,
}

impl Page for Editor {
    fn title(&self) -> String {
        self.editing.title()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        self.editing.crumbs()
    }
}

impl Editor {
    fn form(&self) -> &Form<TaskForm> {
        &self.editing.form
    }
    /// The lines of the checklist, and an empty one.
    fn lines(&self) -> std::ops::RangeInclusive<usize> {
        0..=self
            .form()
            .len_of("checklist")
            .min(super::checklist::MOST - 1)
    }
    fn about_url(&self) -> String {
        self.editing.member.url(super::about::PATH)
    }
    /// `10:00`, as the field for a time of day wants it.
    fn due_time(&self) -> String {
        let typed = self.form().value("due_time");
        typed.get(..5).unwrap_or(&typed).to_owned()
    }
    /// Where the clock hangs, where that is not where whoever looks is.
    fn elsewhere(&self) -> String {
        let task = self.editing.record.as_ref();
        let zone = task.map_or("", |task| task.due_zone.as_str());
        match zone {
            "" => String::new(),
            zone if zone == self.editing.member.zone.name() => String::new(),
            zone => format!("On the clock in {}.", zone.replace('_', " ")),
        }
    }
    /// The reminder on the clock of whoever looks.
    fn remind_at(&self) -> String {
        let typed = self.form().value("remind_at");
        match chrono::DateTime::parse_from_rfc3339(&typed) {
            Ok(at) => {
                let local = at.with_timezone(&self.editing.member.zone);
                local.format("%Y-%m-%dT%H:%M").to_string()
            }
            Err(_) => typed,
        }
    }
    fn rule(&self) -> Option<Repeat> {
        Repeat::parse(&self.form().value("repeat")).ok()
    }
    /// What is chosen of the rule: as typed, or as it is kept.
    fn chosen(&self, name: &str) -> String {
        if self.form().has("repeat_every") {
            return self.form().value(name);
        }
        let Some(rule) = self.rule() else {
            return String::new();
        };
        match name {
            "repeat_every" if !rule.is_plain() => "custom".into(),
            "repeat_every" => rule.freq.to_lowercase(),
            "repeat_interval" => rule.interval.to_string(),
            "repeat_until" => rule.until.map_or_else(String::new, |day| day.to_string()),
            "repeat_count" => rule.count.map_or_else(String::new, |n| n.to_string()),
            _ => String::new(),
        }
    }
    fn is_on(&self, day: &str) -> bool {
        if self.form().has("repeat_every") {
            return match self.form().raw("repeat_days") {
                Some(Value::Array(days)) => days.iter().any(|d| d.as_str() == Some(day)),
                Some(Value::String(only)) => only == day,
                _ => false,
            };
        }
        self.rule()
            .is_some_and(|rule| rule.days.iter().any(|d| d == day))
    }
    fn periods(&self) -> Vec<(&'static str, &'static str)> {
        let mut periods = vec![
            ("none", "Never"),
            ("daily", "Days"),
            ("weekly", "Weeks"),
            ("monthly", "Months"),
            ("yearly", "Years"),
        ];
        if self.chosen("repeat_every") == "custom" {
            periods.push(("custom", "As it is"));
        }
        periods
    }
    fn repeats(&self, period: &str) -> bool {
        let chosen = self.chosen("repeat_every");
        chosen == period || (chosen.is_empty() && period == "none")
    }
    fn weekdays(&self) -> [(&'static str, &'static str); 7] {
        WEEKDAYS
    }
    fn repeats_in_words(&self) -> String {
        self.rule().map_or_else(String::new, |rule| rule.words())
    }
}

/// The record chosen and those touched last, of the kinds that people have tasks about.
fn likely(tx: &mut Tx, form: &TaskForm) -> Result<Vec<(String, String)>> {
    let chosen = form.record_id.unwrap_or_default();
    let mut found: Vec<(Uuid, String)> = records::table
        .filter(records::id.eq(chosen))
        .select((records::id, records::title))
        .load(&mut **tx)?;
    if form.record_id.is_none() && tx.scope.owners().is_none() {
        found = records::table
            .filter(records::kind.eq_any(super::about::KINDS))
            .filter(records::archived_at.is_null())
            .order((records::updated_at.desc(), records::id.desc()))
            .limit(20)
            .select((records::id, records::title))
            .load(&mut **tx)?;
    }
    Ok(found
        .into_iter()
        .map(|(id, title)| (id.to_string(), title))
        .collect())
}

async fn editor<A: Action>(can: &Can<A, Task>, editing: Editing<Task>) -> Result<HttpResponse> {
    let page = |editing, likely| Editor { editing, likely };
    editing.show(can, likely, page).await
}

pub async fn new(can: Can<Create, Task>) -> Result<HttpResponse> {
    let day = can
        .asked
        .param("due")
        .and_then(|day| day.parse::<NaiveDate>().ok());
    let form = TaskForm {
        owner_id: Some(can.me()),
        record_id: asked_for(&can, "record"),
        due_on: day,
        ..TaskForm::default()
    };
    editor(&can, Editing::new(&can, form)?).await
}

pub async fn edit(can: Can<Edit, Task>, id: Id) -> Result<HttpResponse> {
    editor(&can, Editing::find(&can, id.0).await?).await
}

pub async fn create(can: Can<Create, Task>, form: Form<TaskForm>) -> Result<HttpResponse> {
    editing::create(&can, form, "is added", editor).await
}

pub async fn update(can: Can<Edit, Task>, id: Id, form: Form<TaskForm>) -> Result<HttpResponse> {
    editing::update(&can, id.0, form, editor).await
}
