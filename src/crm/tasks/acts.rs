//! What is done with a task: it is completed, opened again, put off, and its lines are ticked.

use actix_web::HttpResponse;
use chrono::NaiveDate;
use platform::db::Tx;
use platform::records::{Editable, undo};
use platform::web::can::Edit;
use platform::web::request::Wanted;
use platform::web::{Can, Form, Id, Toast};
use platform::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use super::due;
use super::task::Task;

/// The page that leads here, to go back to.
#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate, JsonSchema)]
#[serde(default)]
pub struct Back {
    #[serde(skip_serializing)]
    #[validate(length(max = 4000))]
    pub back: String,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate, JsonSchema)]
#[serde(default)]
pub struct Snooze {
    /// `later`, `tomorrow`, `next_week`, a day or a moment; `day` for the one in that field.
    #[validate(length(max = 40))]
    pub until: String,
    pub day: Option<NaiveDate>,
    #[serde(skip_serializing)]
    #[validate(length(max = 4000))]
    pub back: String,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate, JsonSchema)]
#[serde(default)]
pub struct Tick {
    /// Which line, from 0.
    #[validate(range(min = 0, max = 99, message = "There is no such line."))]
    pub line: i32,
    pub done: bool,
    #[serde(skip_serializing)]
    #[validate(length(max = 4000))]
    pub back: String,
}

pub async fn complete(can: Can<Edit, Task>, Id(id): Id, form: Form<Back>) -> Result<HttpResponse> {
    let back = form.valid()?.back;
    let done = can.tx(move |tx| Task::held(tx, id)?.complete(tx));
    let (task, next) = done.await?;
    let words = match next.as_ref().and_then(|next| next.due(can.zone)) {
        Some(due) => {
            let today = platform::clock::now().with_timezone(&can.zone).date_naive();
            format!(
                "{} is done; the next is due {}",
                task.name,
                due.within(today)
            )
        }
        None => format!("{} is done", task.name),
    };
    let reopen = task.url(&can) + "/reopen";
    answer(&can, &task, back, words, Some(reopen))
}

pub async fn reopen(can: Can<Edit, Task>, Id(id): Id, form: Form<Back>) -> Result<HttpResponse> {
    let back = form.valid()?.back;
    let task = can.tx(move |tx| Task::held(tx, id)?.reopen(tx)).await?;
    let words = format!("{} is open again", task.name);
    answer(&can, &task, back, words, None)
}

pub async fn snooze(can: Can<Edit, Task>, Id(id): Id, form: Form<Snooze>) -> Result<HttpResponse> {
    let form = form.valid()?;
    let until = match (form.until.as_str(), form.day) {
        ("day", Some(day)) => day.to_string(),
        ("day", None) => return Err(Error::invalid("day", "Please choose a day.")),
        (until, _) => until.to_owned(),
    };
    let zone = can.zone;
    let work = move |tx: &mut Tx| {
        let until = due::meant(&until, tx.now, zone);
        let until = until
            .ok_or_else(|| Error::invalid("until", "Please choose a day such as 2026-05-31."))?;
        let before = Task::held(tx, id)?;
        let task = before.snooze(tx, until)?;
        let event = tx.tracked().filter(|_| task.version != before.version);
        Ok((task, event))
    };
    let (task, event) = can.tx(work).await?;
    let today = platform::clock::now().with_timezone(&can.zone).date_naive();
    let due = task.due(can.zone).map(|due| due.within(today));
    let words = format!("{} is due {}", task.name, due.unwrap_or_default());
    let undo = event.map(|event| undo::url::<Task>(&can, event));
    answer(&can, &task, form.back, words, undo)
}

pub async fn check(can: Can<Edit, Task>, Id(id): Id, form: Form<Tick>) -> Result<HttpResponse> {
    let form = form.valid()?;
    let line = usize::try_from(form.line).unwrap_or(usize::MAX);
    let work = can.tx(move |tx| Task::held(tx, id)?.check(tx, line, form.done));
    let task = work.await?;
    let (done, all) = task.ticked();
    answer(
        &can,
        &task,
        form.back,
        format!("{done} of {all} ticked"),
        None,
    )
}

/// The task for a program; for a person the page that they came from, with a word and the way back.
fn answer(
    can: &Can<Edit, Task>,
    task: &Task,
    back: String,
    words: String,
    undo: Option<String>,
) -> Result<HttpResponse> {
    let asked = can.asked.param("back").unwrap_or_default();
    let root = can.url("/");
    let back = [back, asked]
        .into_iter()
        .find(|back| back.starts_with(&root));
    // Whoever undoes it stays where it was done.
    let place = match beside(can) {
        true => back.as_deref().and_then(|part| page_of(can, part)),
        false => back.clone(),
    };
    let toast = Toast::done(words).undone_at(undo, place.as_deref());
    let url = back.unwrap_or_else(|| task.url(can));
    can.updated(&url, task.version, task, toast)
}

/// Whether what stands beside a record is asked for alone.
fn beside(can: &Can<Edit, Task>) -> bool {
    can.asked.wanted == Wanted::Block("activity".into())
}

/// The page of the record that this part, `/records/contact/…/timeline`, stands on.
fn page_of(can: &Can<Edit, Task>, part: &str) -> Option<String> {
    let part = part.strip_prefix(&can.url("/records/"))?;
    let (kind, rest) = part.split_once('/')?;
    let id = rest.split('/').next()?;
    let kind = can.app.kinds.get(kind)?;
    Some(can.url(&format!("/{}/{id}", kind.collection)))
}

/// The id of a new task's record in the address of its form.
pub fn asked_for(can: &Can<impl platform::web::Action, Task>, name: &str) -> Option<Uuid> {
    can.asked.param(name).and_then(|id| id.parse().ok())
}
