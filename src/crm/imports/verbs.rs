//! What is done to an import: it is checked, run, stopped, taken back, forgotten.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use platform::db::Tx;
use platform::events::Changes;
use platform::jobs::Job;
use platform::schema::imports;
use platform::{Error, Result};
use serde_json::Value;
use uuid::Uuid;

use super::fields;
use super::import::{Import, State};
use super::jobs::{CheckImport, RunImport, UndoImport};
use super::plan::Plan;

impl Import {
    /// Takes the plan, and looks at every row without writing any.
    pub fn check(&self, tx: &mut Tx, plan: &Plan) -> Result<Import> {
        self.must(self.state.is_before_run() && self.state != State::Checking)?;
        let import: Import = diesel::update(self.here())
            .set((
                imports::state.eq(State::Checking),
                imports::plan.eq(serde_json::to_value(plan)?),
                imports::preview.eq(None::<Value>),
                imports::error.eq(None::<String>),
                (
                    imports::position.eq(0),
                    imports::rows.eq(0),
                    imports::stalls.eq(0),
                ),
                (
                    imports::started_at.eq(tx.now),
                    imports::updated_at.eq(tx.now),
                ),
            ))
            .returning(Import::as_returning())
            .get_result(&mut **tx)?;
        tx.enqueue(CheckImport { import: self.id }.new_job());
        Ok(import)
    }

    /// Begins to write, or goes on behind the last row that was written.
    pub fn run(&self, tx: &mut Tx, mut plan: Plan) -> Result<Import> {
        self.must(!self.state.is_at_work() && !matches!(self.state, State::Done | State::Undone))?;
        if self.last_row == 0 {
            fields::make_new(tx, self.record_kind, &mut plan.columns, &self.header)?;
        }
        let fresh = self.last_row == 0;
        let import: Import = diesel::update(self.here())
            .set((
                imports::state.eq(State::Running),
                imports::plan.eq(serde_json::to_value(&plan)?),
                imports::error.eq(None::<String>),
                imports::stalls.eq(0),
                fresh.then_some((
                    imports::position.eq(0),
                    imports::rows.eq(0),
                    imports::started_at.eq(tx.now),
                )),
                (
                    imports::finished_at.eq(None::<DateTime<Utc>>),
                    imports::updated_at.eq(tx.now),
                ),
            ))
            .returning(Import::as_returning())
            .get_result(&mut **tx)?;
        tx.enqueue(RunImport { import: self.id }.new_job());
        tx.note_event("import.started", &self.file_name, Changes::none())
            .with("import_id", self.id);
        Ok(import)
    }

    /// Ends the work after the batch that is being written.
    pub fn stop(&self, tx: &mut Tx) -> Result<Import> {
        self.must(self.state.is_at_work())?;
        let (next, error) = match self.state {
            State::Checking => (State::Draft, None),
            _ => (State::Stopped, Some("Somebody stopped it.")),
        };
        self.become_(tx, next, error)
    }

    pub fn undo(&self, tx: &mut Tx) -> Result<Import> {
        self.must(self.can_be_undone())?;
        let import = self.become_(tx, State::Undoing, None)?;
        tx.enqueue(UndoImport { import: self.id }.new_job());
        tx.note_event("import.undone", &self.file_name, Changes::none())
            .with("import_id", self.id);
        Ok(import)
    }

    pub fn can_be_undone(&self) -> bool {
        let ended = matches!(self.state, State::Done | State::Stopped | State::Failed);
        ended && self.created + self.updated > 0
    }

    /// Whether pressing Run would go on with what was begun.
    pub fn can_go_on(&self) -> bool {
        matches!(self.state, State::Stopped | State::Failed) && self.undone == 0
    }

    /// Forgets the file and how it was to be read. What it brought in stays.
    pub fn delete(&self, tx: &mut Tx) -> Result<()> {
        self.must(!self.state.is_at_work())?;
        diesel::delete(self.here()).execute(&mut **tx)?;
        tx.note_event("import.deleted", &self.file_name, Changes::none())
            .with("import_id", self.id);
        Ok(())
    }

    pub fn fail(&self, tx: &mut Tx, sentence: &str) -> Result<Import> {
        self.become_(tx, State::Failed, Some(sentence))
    }

    fn become_(&self, tx: &mut Tx, state: State, error: Option<&str>) -> Result<Import> {
        let ended = !state.is_at_work();
        let updated: Option<Import> =
            diesel::update(self.here().filter(imports::state.eq(self.state)))
                .set((
                    imports::state.eq(state),
                    imports::error.eq(error),
                    imports::stalls.eq(0),
                    imports::finished_at.eq(ended.then_some(tx.now)),
                    imports::updated_at.eq(tx.now),
                ))
                .returning(Import::as_returning())
                .get_result(&mut **tx)
                .optional()?;
        updated.ok_or_else(moved_on)
    }

    fn must(&self, allowed: bool) -> Result<()> {
        if allowed { Ok(()) } else { Err(moved_on()) }
    }

    fn here(&self) -> diesel::dsl::Filter<imports::table, diesel::dsl::Eq<imports::id, Uuid>> {
        imports::table.filter(imports::id.eq(self.id))
    }
}

fn moved_on() -> Error {
    Error::Conflict("The import has moved on meanwhile. Please look at where it is now.".into())
}
