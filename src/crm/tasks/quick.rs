//! A task in one line: what, and on which day.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use platform::records::Editable;
use platform::records::notes::back;
use platform::records::on::OnRecord;
use platform::web::can::{Create, View as See};
use platform::web::{Action, Can, Crumb, Form, Page, Toast, View};
use platform::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use super::choices::{Priority, TaskKind};
use super::due;
use super::form::TaskForm;
use super::task::Task;

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate, JsonSchema)]
#[serde(default)]
pub struct QuickForm {
    #[validate(length(min = 1, max = 200))]
    pub name: String,
    pub kind: TaskKind,
    pub priority: Priority,
    /// `today`, `tomorrow`, `next_week`, a day, or nothing.
    #[validate(length(max = 40))]
    pub due: String,
    /// The day, where `due` is `day`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<chrono::NaiveDate>,
}

pub const DAYS: [(&str, &str); 4] = [
    ("today", "Today"),
    ("tomorrow", "Tomorrow"),
    ("next_week", "Next Monday"),
    ("", "No date"),
];

impl QuickForm {
    fn task(&self, can: &Can<Create, Task>, about: Option<Uuid>) -> Result<TaskForm> {
        let due = match (self.due.as_str(), self.day) {
            ("day", Some(day)) => day.to_string(),
            ("day", None) => String::new(),
            (due, _) => due.to_owned(),
        };
        let now = platform::clock::now();
        let due =
            match due.as_str() {
                "" => None,
                text => Some(due::meant(text, now, can.zone).ok_or_else(|| {
                    Error::invalid("due", "Please choose a day such as 2026-05-31.")
                })?),
            };
        Ok(TaskForm {
            name: self.name.clone(),
            kind: self.kind,
            priority: self.priority,
            due_on: due.map(|due| due.day),
            due_time: due.and_then(|due| due.time),
            owner_id: Some(can.me()),
            record_id: about,
            ..TaskForm::default()
        })
    }
}

/// The line alone on a page, where something in it has to be put right.
#[derive(Template, Serialize)]
#[template(path = "crm/tasks/quick_page.html")]
struct Quick {
    form: Form<QuickForm>,
    #[serde(skip)]
    action: String,
    #[serde(skip)]
    from: String,
}

impl Page for Quick {
    fn title(&self) -> String {
        "New task".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to("Back", self.from.clone()),
            Crumb::here("New task"),
        ]
    }
}

fn again<A: Action>(
    can: &Can<A, Task>,
    form: Form<QuickForm>,
    action: String,
    from: String,
) -> Result<HttpResponse> {
    form.for_people(&can.asked)?;
    let page = Quick { form, action, from };
    can.page_with(StatusCode::UNPROCESSABLE_ENTITY, page)
}

async fn add(
    can: &Can<Create, Task>,
    form: Form<QuickForm>,
    about: Option<Uuid>,
) -> Result<std::result::Result<Task, Form<QuickForm>>> {
    let given = match form.is_valid() {
        true => form.data.task(can, about),
        false => return Ok(Err(form)),
    };
    match given {
        Ok(task) => form.write(can, move |tx, _| Task::create(tx, task)).await,
        Err(Error::Invalid(problems)) => {
            let mut form = form;
            form.refuse_all(problems);
            Ok(Err(form))
        }
        Err(error) => Err(error),
    }
}

/// For oneself, from one's day.
pub async fn for_me(can: Can<Create, Task>, form: Form<QuickForm>) -> Result<HttpResponse> {
    let day = can.url("/tasks/today");
    match add(&can, form, None).await? {
        Ok(task) => {
            let toast = Toast::done(format!("{} is added", task.name));
            match can.asked.json() {
                true => can.created(&task.url(&can), task.version, &task, toast),
                false => can.redirect(&day, Some(toast)),
            }
        }
        Err(form) => again(&can, form, day.clone(), day),
    }
}

/// About a record, from beside it.
pub async fn about(
    can: Can<Create, Task>,
    on: OnRecord<See>,
    form: Form<QuickForm>,
) -> Result<HttpResponse> {
    // A record that one may not see is not there.
    let id = on.record(|_, card| Ok(card.id)).await?;
    match add(&can, form, Some(id)).await? {
        Ok(task) => {
            let toast = Toast::done(format!("{} is added", task.name));
            match can.asked.json() {
                true => can.created(&task.url(&can), task.version, &task, toast),
                false => back(&can, &on, toast),
            }
        }
        Err(form) => {
            let action = can.url(&format!("/records/{}/{id}/tasks", on.kind.name));
            again(&can, form, action, on.page_url())
        }
    }
}
