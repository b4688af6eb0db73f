//! A piece of work: its row and its verbs.

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Jsonb, Text};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::config::Config;
use crate::db::{Json, Tx};
use crate::error::{Error, Result};
use crate::live::{Bar, Progress};
use crate::records::bulk::Refusal;
use crate::schema::{notifications, works};
use crate::text_enum;
use crate::web::{App, Resource};

/// The page shows so many; older ones are of no use to anybody.
const LISTED: i64 = 100;
/// So many of those that refused are named.
const REFUSALS: usize = 200;
/// A file is kept so long for whoever asked for it.
pub const KEPT: TimeDelta = TimeDelta::days(3);

text_enum! {
    pub enum State {
        Running => "running", "Running";
        Done => "done", "Done";
        Stopped => "stopped", "Stopped";
        Failed => "failed", "Failed";
        Undoing => "undoing", "Being undone";
        Undone => "undone", "Undone";
    }
}

impl State {
    pub fn is_at_work(self) -> bool {
        matches!(self, State::Running | State::Undoing)
    }

    pub fn tone(self) -> &'static str {
        match self {
            State::Done => "success",
            State::Failed => "danger",
            State::Stopped => "warning",
            State::Running | State::Undoing => "info",
            State::Undone => "",
        }
    }
}

/// A stretch of the records, in the order of their ids, that one connection goes through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Lane {
    pub after: Option<Uuid>,
    pub upto: Option<Uuid>,
    pub done: bool,
}

/// How many more were gone through.
#[derive(Clone, Debug, Default)]
pub struct Gone {
    pub done: i64,
    pub skipped: i64,
    pub refused: Vec<Refusal>,
    pub undone: i64,
    pub kept: i64,
}

#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = works, check_for_backend(diesel::pg::Pg))]
pub struct Work {
    pub id: Uuid,
    pub kind: String,
    pub record_kind: String,
    pub title: String,
    pub state: State,
    #[serde(skip)]
    ask: Value,
    #[serde(skip)]
    pub lanes: Json<Vec<Lane>>,
    pub total: i64,
    pub done: i64,
    pub skipped: i64,
    /// Those of them that refused, and some of these with the reason.
    pub refused: i64,
    pub refusals: Json<Vec<Refusal>>,
    pub undone: i64,
    pub kept: i64,
    pub file_name: Option<String>,
    pub size: i64,
    pub expires_at: Option<DateTime<Utc>>,
    pub error: Option<String>,
    pub person_id: Uuid,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

/// Whoever has notifications has work of their own; nobody sees that of others.
impl Resource for Work {
    const NAME: &'static str = "notifications";
}

impl Work {
    pub fn ask<T: DeserializeOwned>(&self) -> Result<T> {
        Ok(serde_json::from_value(self.ask.clone())?)
    }

    /// One that this person asked for; that of others is not there.
    pub fn find(tx: &mut Tx, id: Uuid, person: Uuid) -> Result<Work> {
        let mine = works::table.filter(works::id.eq(id).and(works::person_id.eq(person)));
        Ok(mine.select(Work::as_select()).first(&mut **tx)?)
    }

    pub fn latest(tx: &mut Tx, person: Uuid) -> Result<Vec<Work>> {
        Ok(works::table
            .filter(works::person_id.eq(person))
            .order((works::created_at.desc(), works::id.desc()))
            .limit(LISTED)
            .select(Work::as_select())
            .load(&mut **tx)?)
    }

    /// What a job takes up, where there is still something to do.
    pub fn at_work(tx: &mut Tx, id: Uuid, state: State) -> Result<Option<Work>> {
        let mine = works::table.filter(works::id.eq(id).and(works::state.eq(state)));
        Ok(mine.select(Work::as_select()).first(&mut **tx).optional()?)
    }

    /// The same, held until the transaction ends.
    pub fn held(tx: &mut Tx, id: Uuid, state: State) -> Result<Option<Work>> {
        let mine = works::table.filter(works::id.eq(id).and(works::state.eq(state)));
        let held = mine.select(Work::as_select()).for_update();
        Ok(held.first(&mut **tx).optional()?)
    }

    pub fn begin(
        tx: &mut Tx,
        id: Uuid,
        (kind, record_kind): (&str, &str),
        title: &str,
        total: i64,
        ask: &impl Serialize,
    ) -> Result<Work> {
        let person = tx.me()?;
        Ok(diesel::insert_into(works::table)
            .values((
                works::id.eq(id),
                works::kind.eq(kind),
                works::record_kind.eq(record_kind),
                works::title.eq(title.chars().take(200).collect::<String>()),
                works::total.eq(total),
                works::ask.eq(serde_json::to_value(ask)?),
                works::person_id.eq(person),
                works::created_at.eq(tx.now),
            ))
            .returning(Work::as_returning())
            .get_result(&mut **tx)?)
    }

    /// Keeps what refused; of very many only the first.
    pub fn refuse(&mut self, refused: Vec<Refusal>) {
        self.refused += refused.len() as i64;
        let Json(kept) = &mut self.refusals;
        kept.extend(refused);
        kept.truncate(REFUSALS);
    }

    /// Says how far it is; `None` where somebody stopped it.
    pub fn went_on(&self, tx: &mut Tx) -> Result<Option<Work>> {
        let now = tx.now;
        let updated = diesel::update(self.here(self.state))
            .set((
                works::total.eq(self.total),
                works::done.eq(self.done),
                works::skipped.eq(self.skipped),
                works::refused.eq(self.refused),
                works::refusals.eq(&self.refusals),
                works::undone.eq(self.undone),
                works::kept.eq(self.kept),
                works::updated_at.eq(now),
            ))
            .returning(Work::as_returning())
            .get_result(&mut **tx);
        Ok(updated.optional()?)
    }

    /// Sets out on these lanes; `None` where somebody stopped it.
    pub fn set_out(&self, tx: &mut Tx, total: i64, lanes: Vec<Lane>) -> Result<Option<Work>> {
        let updated = diesel::update(self.here(self.state))
            .set((works::total.eq(total), works::lanes.eq(Json(lanes))))
            .returning(Work::as_returning())
            .get_result(&mut **tx);
        Ok(updated.optional()?)
    }

    /// Says how far one lane is; `None` where somebody stopped it. The others add theirs to the same row.
    pub fn went_along(
        &self,
        tx: &mut Tx,
        (number, lane): (usize, Lane),
        gone: Gone,
    ) -> Result<Option<Work>> {
        let now = tx.now;
        let lanes = sql::<Jsonb>("jsonb_set(lanes, array[")
            .bind::<Text, _>(number.to_string())
            .sql("], ")
            .bind::<Jsonb, _>(Json(lane))
            .sql(")");
        let refusals = sql::<Jsonb>(&format!(
            "case when jsonb_array_length(refusals) < {REFUSALS} then refusals || "
        ))
        .bind::<Jsonb, _>(Json(gone.refused.clone()))
        .sql(" else refusals end");
        let updated = diesel::update(self.here(self.state))
            .set((
                works::lanes.eq(lanes),
                works::done.eq(works::done + gone.done),
                works::skipped.eq(works::skipped + gone.skipped),
                works::refused.eq(works::refused + gone.refused.len() as i64),
                works::refusals.eq(refusals),
                works::undone.eq(works::undone + gone.undone),
                works::kept.eq(works::kept + gone.kept),
                works::updated_at.eq(now),
            ))
            .returning(Work::as_returning())
            .get_result(&mut **tx);
        Ok(updated.optional()?)
    }

    /// It came to its end; the person is told, unless they stood by.
    pub fn finish(&self, tx: &mut Tx, state: State, tell: bool) -> Result<Work> {
        let work = self.become_(tx, state, None)?;
        if tell {
            work.notify(tx, "finished")?;
        }
        Ok(work)
    }

    pub fn fail(&self, tx: &mut Tx, sentence: &str) -> Result<Work> {
        let work = self.become_(tx, State::Failed, Some(sentence))?;
        work.notify(tx, "failed")?;
        Ok(work)
    }

    /// Ends it after the records that are being written.
    pub fn stop(&self, tx: &mut Tx) -> Result<Work> {
        if !self.state.is_at_work() {
            return Err(moved_on());
        }
        self.become_(tx, State::Stopped, None)
    }

    /// From now on what was done is taken back.
    pub fn begin_undo(&self, tx: &mut Tx) -> Result<Work> {
        if !self.can_be_undone() {
            return Err(moved_on());
        }
        let now = tx.now;
        let updated = diesel::update(self.here(self.state))
            .set((
                works::state.eq(State::Undoing),
                works::lanes.eq(Json(Vec::<Lane>::new())),
                works::updated_at.eq(now),
            ))
            .returning(Work::as_returning())
            .get_result(&mut **tx)
            .optional()?;
        updated.ok_or_else(moved_on)
    }

    pub fn can_be_undone(&self) -> bool {
        let ended = matches!(self.state, State::Done | State::Stopped | State::Failed);
        self.kind == "bulk" && ended && self.done > self.skipped && self.undone + self.kept == 0
    }

    /// The file of an export is there, under this name.
    pub fn wrote(&self, tx: &mut Tx, name: &str, size: i64) -> Result<Work> {
        let expires = tx.now + KEPT;
        diesel::update(self.here(State::Running))
            .set((
                works::file_name.eq(name),
                works::size.eq(size),
                works::expires_at.eq(expires),
                works::total.eq(self.done),
                works::done.eq(self.done),
            ))
            .execute(&mut **tx)?;
        Ok(self.clone())
    }

    /// Whether its file can still be had.
    pub fn has_file(&self, now: DateTime<Utc>) -> bool {
        self.file_name.is_some() && self.expires_at.is_some_and(|at| at > now)
    }

    fn become_(&self, tx: &mut Tx, state: State, error: Option<&str>) -> Result<Work> {
        let now = tx.now;
        let updated = diesel::update(self.here(self.state))
            .set((
                works::state.eq(state),
                works::error.eq(error),
                works::finished_at.eq(now),
                works::updated_at.eq(now),
            ))
            .returning(Work::as_returning())
            .get_result(&mut **tx)
            .optional()?;
        updated.ok_or_else(moved_on)
    }

    fn here(&self, state: State) -> Here {
        works::table.filter(works::id.eq(self.id).and(works::state.eq(state)))
    }

    fn notify(&self, tx: &mut Tx, verb: &str) -> Result<()> {
        let now = tx.now;
        diesel::insert_into(notifications::table)
            .values((
                notifications::id.eq(Uuid::now_v7()),
                notifications::person_id.eq(self.person_id),
                notifications::kind.eq(format!("work.{verb}")),
                notifications::title.eq(&self.title),
                notifications::path.eq(format!("/work/{}", self.id)),
                notifications::created_at.eq(now),
            ))
            .execute(&mut **tx)?;
        Ok(())
    }

    pub fn room(&self) -> String {
        format!("{}:{}", super::ROOM, self.id)
    }

    /// Where the file of an export lies.
    pub fn path(&self, config: &Config, workspace: Uuid) -> PathBuf {
        folder(config)
            .join(workspace.to_string())
            .join(self.id.to_string())
    }

    pub fn bar(&self) -> Bar {
        let done = match self.state {
            State::Undoing => self.undone + self.kept,
            _ => self.done,
        };
        let label = match self.state {
            State::Undoing => format!("Taking back: {}", self.title),
            _ => self.title.clone(),
        };
        let total = match self.state {
            State::Undoing => self.done - self.skipped,
            _ => self.total,
        };
        Bar::new("work-progress", label, done, total).told(done, "records")
    }

    /// What tells the page of this work, in the workspace called `slug`.
    pub fn progress(&self, app: &std::sync::Arc<App>, workspace: Uuid, slug: &str) -> Progress {
        let url = format!("/w/{slug}/work/{}", self.id);
        Progress::new(app, workspace, self.room(), url, "records", self.bar())
    }
}

/// The files of exports, a folder for each workspace.
pub fn folder(config: &Config) -> PathBuf {
    config.data_dir.join("exports")
}

type Here = diesel::dsl::Filter<
    works::table,
    diesel::dsl::And<diesel::dsl::Eq<works::id, Uuid>, diesel::dsl::Eq<works::state, State>>,
>;

fn moved_on() -> Error {
    Error::Conflict("This has moved on meanwhile. Please look at where it is now.".into())
}
