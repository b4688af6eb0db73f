//! A task: its row and its verbs.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use platform::db::{Json, Tx};
use platform::events::{Changes, Event};
use platform::records::{Custom, Editable, Record, RecordForm};
use platform::schema::{records, tasks};
use platform::web::Resource;
use platform::{Result, record_queries};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::checklist::Check;
use super::choices::{Priority, TaskKind};
use super::due::{self, Due};
use super::form::TaskForm;
use super::repeat::Repeat;

#[derive(Clone, Debug, Queryable, Selectable, Serialize, JsonSchema)]
#[diesel(table_name = tasks, check_for_backend(diesel::pg::Pg))]
pub struct Task {
    pub id: Uuid,
    pub name: String,
    pub kind: TaskKind,
    pub priority: Priority,
    pub due_on: Option<NaiveDate>,
    /// On the clock in `due_zone`.
    pub due_time: Option<NaiveTime>,
    pub due_zone: String,
    /// The moment, where there is a time of day.
    pub due_at: Option<DateTime<Utc>>,
    pub record_id: Option<Uuid>,
    pub remind_at: Option<DateTime<Utc>>,
    pub reminded_at: Option<DateTime<Utc>>,
    /// A rule of RFC 5545.
    pub repeat: String,
    /// The one that follows it, where it repeats and is done.
    pub next_id: Option<Uuid>,
    pub checklist: Json<Vec<Check>>,
    pub description: String,
    pub completed_at: Option<DateTime<Utc>>,
    pub completed_by: Option<Uuid>,
    pub owner_id: Option<Uuid>,
    pub tags: Vec<String>,
    pub custom: Custom,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub archived_at: Option<DateTime<Utc>>,
}

impl Resource for Task {
    const NAME: &'static str = "tasks";
}

impl Record for Task {
    const KIND: &'static str = "task";
    fn id(&self) -> Uuid {
        self.id
    }
    fn title(&self) -> String {
        self.name.clone()
    }
    fn version(&self) -> i32 {
        self.version
    }
}

impl Editable for Task {
    type Form = TaskForm;

    record_queries!(tasks);

    fn create(tx: &mut Tx, mut form: TaskForm) -> Result<Task> {
        form.settle(tx)?;
        form.owner_id = form.owner_id.or(tx.person);
        Task::insert(tx, &form, None)
    }

    fn save(&self, tx: &mut Tx, form: TaskForm) -> Result<Task> {
        self.write(tx, form, "task.updated")
    }

    fn form(&self) -> TaskForm {
        TaskForm::from(self)
    }
}

impl Task {
    /// A new one; `zone` is where its clock hangs, if that is not where its maker is.
    pub(super) fn insert(tx: &mut Tx, form: &TaskForm, zone: Option<Tz>) -> Result<Task> {
        let (due_zone, due_at) = placed(tx, form, zone)?;
        let task: Task = diesel::insert_into(tasks::table)
            .values((
                tasks::id.eq(Uuid::now_v7()),
                tasks::created_by.eq(tx.person),
                tasks::due_zone.eq(due_zone),
                tasks::due_at.eq(due_at),
                tasks::remind_at.eq(form.remind_at()),
                form,
            ))
            .returning(Task::as_returning())
            .get_result(&mut **tx)?;
        task.leave(tx, "task.created", Changes::of_new(form))?;
        Ok(task)
    }

    /// The task, held until the transaction ends, so that two acts on it don't cross.
    pub fn held(tx: &mut Tx, id: Uuid) -> Result<Task> {
        tasks::table
            .filter(tasks::id.eq(id))
            .select(tasks::id)
            .for_no_key_update()
            .first::<Uuid>(&mut **tx)
            .optional()?;
        Task::find(tx, id)
    }

    pub fn is_done(&self) -> bool {
        self.completed_at.is_some()
    }

    /// When it is due for somebody in `zone`.
    pub fn due(&self, zone: Tz) -> Option<Due> {
        match (self.due_at, self.due_on) {
            (Some(at), _) => {
                let local = at.with_timezone(&zone).naive_local();
                Some(Due {
                    day: local.date(),
                    time: Some(local.time()),
                })
            }
            (None, day) => day.map(|day| Due { day, time: None }),
        }
    }

    pub fn is_overdue(&self, now: DateTime<Utc>, zone: Tz) -> bool {
        let late = match (self.due_at, self.due_on) {
            (Some(at), _) => at < now,
            (None, Some(day)) => day < now.with_timezone(&zone).date_naive(),
            (None, None) => false,
        };
        late && !self.is_done()
    }

    /// How many lines are ticked, of how many.
    pub fn ticked(&self) -> (usize, usize) {
        let done = self.checklist.iter().filter(|line| line.done).count();
        (done, self.checklist.len())
    }

    /// What it repeats by, in words.
    pub fn repeats(&self) -> Option<String> {
        Repeat::parse(&self.repeat).ok().map(|rule| rule.words())
    }

    pub(super) fn write(&self, tx: &mut Tx, form: TaskForm, verb: &str) -> Result<Task> {
        self.write_saying(tx, form, verb, None)
    }

    /// Writes the form over the task; `text` says what was done where that is more than which fields changed.
    pub(super) fn write_saying(
        &self,
        tx: &mut Tx,
        mut form: TaskForm,
        verb: &str,
        text: Option<String>,
    ) -> Result<Task> {
        form.settle(tx)?;
        let changes = Changes::between(&self.form(), &form);
        if changes.is_empty() {
            return Ok(self.clone());
        }
        let moved = (form.due_on, form.due_time) != (self.due_on, self.due_time);
        let (due_zone, due_at) = match moved {
            true => placed(tx, &form, None)?,
            false => (self.due_zone.clone(), self.due_at),
        };
        // What somebody was told of the old day holds no longer.
        let told_anew =
            moved || form.remind_at() != self.remind_at || form.owner_id != self.owner_id;
        let untold = told_anew.then_some((
            tasks::reminded_at.eq(None::<DateTime<Utc>>),
            tasks::late_told_at.eq(None::<DateTime<Utc>>),
        ));
        let task: Task = diesel::update(tasks::table.filter(tasks::id.eq(self.id)))
            .set((
                &form,
                tasks::due_zone.eq(due_zone),
                tasks::due_at.eq(due_at),
                tasks::remind_at.eq(form.remind_at()),
                untold,
            ))
            .returning(Task::as_returning())
            .get_result(&mut **tx)?;
        let event = task.leave(tx, verb, changes)?;
        if let Some(text) = text {
            event.with("text", text);
        }
        Ok(task)
    }

    /// The event; the record that the task is about shows it, too.
    pub(super) fn leave<'a>(
        &self,
        tx: &'a mut Tx,
        verb: &str,
        changes: Changes,
    ) -> Result<&'a mut Event> {
        let about: Option<String> = match self.record_id {
            Some(id) => records::table
                .filter(records::id.eq(id))
                .select(records::kind)
                .first(&mut **tx)
                .optional()?,
            None => None,
        };
        let event = tx.track(self, verb, changes);
        if let (Some(kind), Some(id)) = (about, self.record_id) {
            event.shown_by(&kind, id);
        }
        Ok(event)
    }
}

/// The zone of its clock and the moment, where there is a time of day.
fn placed(
    tx: &mut Tx,
    form: &TaskForm,
    zone: Option<Tz>,
) -> Result<(String, Option<DateTime<Utc>>)> {
    let (Some(day), Some(time)) = (form.due_on, form.due_time) else {
        return Ok((String::new(), None));
    };
    let zone = match zone {
        Some(zone) => zone,
        None => due::zone_of(tx)?,
    };
    let at = due::moment(day.and_time(time), zone);
    Ok((zone.name().to_owned(), Some(at)))
}
