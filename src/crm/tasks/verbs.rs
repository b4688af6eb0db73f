//! What is done to a task: it is completed, opened again, put off, and its lines are ticked.

use chrono::{DateTime, NaiveTime, Utc};
use diesel::prelude::*;
use platform::db::Tx;
use platform::events::Changes;
use platform::records::Editable;
use platform::schema::tasks;
use platform::{Error, Result, clock};
use uuid::Uuid;

use super::due::{self, Due};
use super::form::{TaskForm, written};
use super::repeat::Repeat;
use super::task::Task;

impl Task {
    /// Done; one that repeats is followed by the next, which comes too. What is done already stays as it is.
    pub fn complete(&self, tx: &mut Tx) -> Result<(Task, Option<Task>)> {
        if self.is_done() {
            return Ok((self.clone(), None));
        }
        let next = self.follow(tx)?;
        let task: Task = diesel::update(tasks::table.filter(tasks::id.eq(self.id)))
            .set((
                tasks::completed_at.eq(Some(tx.now)),
                tasks::completed_by.eq(tx.person),
                tasks::next_id.eq(next.as_ref().map(|next| next.id)),
            ))
            .returning(Task::as_returning())
            .get_result(&mut **tx)?;
        let changes = Changes::none().set("completed_at", self.completed_at, task.completed_at);
        task.leave(tx, "task.completed", changes)?
            .with("text", "completed this task");
        Ok((task, next))
    }

    /// To be done again; what followed it goes, if nobody has touched it.
    pub fn reopen(&self, tx: &mut Tx) -> Result<Task> {
        if !self.is_done() {
            return Ok(self.clone());
        }
        if let Some(next) = self.next_id {
            let next = Task::find(tx, next).ok();
            if let Some(next) = next.filter(|next| next.version == 1 && !next.is_done()) {
                next.archive(tx)?;
            }
        }
        let task: Task = diesel::update(tasks::table.filter(tasks::id.eq(self.id)))
            .set((
                tasks::completed_at.eq(None::<DateTime<Utc>>),
                tasks::completed_by.eq(None::<Uuid>),
                tasks::next_id.eq(None::<Uuid>),
            ))
            .returning(Task::as_returning())
            .get_result(&mut **tx)?;
        let changes = Changes::none().set("completed_at", self.completed_at, task.completed_at);
        task.leave(tx, "task.reopened", changes)?
            .with("text", "opened this task again");
        Ok(task)
    }

    /// Put off until then; a task with a time of day keeps it on another day, and its reminder keeps its distance.
    pub fn snooze(&self, tx: &mut Tx, until: Due) -> Result<Task> {
        if self.is_done() {
            return Err(Error::Conflict("This task is done already.".into()));
        }
        let mut form = self.form();
        form.due_on = Some(until.day);
        form.due_time = until.time.or(self.due_time);
        if let (Some(remind), Some(day)) = (self.remind_at, self.due_on) {
            let time = |time: Option<NaiveTime>| time.unwrap_or(NaiveTime::MIN);
            let was = day.and_time(time(self.due_time));
            let is = until.day.and_time(time(form.due_time));
            form.remind_at = written(remind + (is - was));
        }
        self.write(tx, form, "task.snoozed")
    }

    /// Ticks a line, or takes the tick away.
    pub fn check(&self, tx: &mut Tx, line: usize, done: bool) -> Result<Task> {
        let mut form = self.form();
        let found = form.checklist.get_mut(line).ok_or(Error::NotFound)?;
        found.done = done;
        let text = match done {
            true => format!("ticked “{}”", found.text),
            false => format!("took the tick from “{}”", found.text),
        };
        self.write_saying(tx, form, "task.checked", Some(text))
    }

    /// The next of a task that repeats, made as this one was.
    fn follow(&self, tx: &mut Tx) -> Result<Option<Task>> {
        let (Ok(rule), Some(day)) = (Repeat::parse(&self.repeat), self.due_on) else {
            return Ok(None);
        };
        let zone = match self.due_zone.as_str() {
            "" => due::zone_of(tx)?,
            name => clock::zone(name),
        };
        let from = day.and_time(self.due_time.unwrap_or(NaiveTime::MIN));
        let today = tx.now.with_timezone(&zone).date_naive();
        let Some((then, rest)) = rule.next(from, today.and_time(NaiveTime::MIN)) else {
            return Ok(None);
        };
        let mut form = TaskForm {
            due_on: Some(then.date()),
            repeat: rest.to_string(),
            ..self.form()
        };
        for line in form.checklist.iter_mut() {
            line.done = false;
        }
        if let Some(at) = self.remind_at {
            let local = at.with_timezone(&zone).naive_local() + (then - from);
            form.remind_at = written(due::moment(local, zone));
        }
        Task::insert(tx, &form, Some(zone)).map(Some)
    }
}
