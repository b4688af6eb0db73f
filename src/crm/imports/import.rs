//! An import: its row and its verbs.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use platform::db::Tx;
use platform::events::Changes;
use platform::jobs::Job;
use platform::schema::{import_problems, imports};
use platform::tabular::{Format, Table};
use platform::web::Resource;
use platform::{Error, Result, text_enum};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::fields;
use super::jobs::{CheckImport, RunImport, UndoImport};
use super::plan::Plan;
use super::problem::{self, Problem, Totals};

/// How many of the latest imports the list shows; older ones are found by the contacts that they made.
const LISTED: i64 = 200;
pub const PROBLEMS_A_PAGE: i64 = 1_000;

text_enum! {
    pub enum State {
        Draft => "draft", "Waiting for its columns";
        Checking => "checking", "Being checked";
        Checked => "checked", "Ready to run";
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
        matches!(self, State::Checking | State::Running | State::Undoing)
    }

    /// Nothing is written yet.
    pub fn is_before_run(self) -> bool {
        matches!(self, State::Draft | State::Checking | State::Checked)
    }

    pub fn tone(self) -> &'static str {
        match self {
            State::Done => "success",
            State::Failed => "danger",
            State::Stopped => "warning",
            State::Checking | State::Running | State::Undoing => "info",
            _ => "",
        }
    }
}

#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = imports, check_for_backend(diesel::pg::Pg))]
pub struct Import {
    pub id: Uuid,
    pub file_name: String,
    pub size: i64,
    #[serde(skip)]
    format: Value,
    pub header: Vec<String>,
    pub source: Option<String>,
    pub state: State,
    plan: Value,
    pub last_row: i64,
    pub position: i64,
    pub rows: i32,
    pub created: i32,
    pub updated: i32,
    pub skipped: i32,
    pub refused: i32,
    pub noted: i32,
    problems: Value,
    preview: Option<Value>,
    pub undone: i32,
    pub kept: i32,
    pub error: Option<String>,
    #[serde(skip)]
    pub stalls: i32,
    pub created_by: Option<Uuid>,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    pub updated_at: DateTime<Utc>,
}

impl Resource for Import {
    const NAME: &'static str = "imports";
}

/// What a check found: what a run would do, and the first problems.
#[derive(Clone, Debug, Default, Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Preview {
    pub rows: i32,
    pub created: i32,
    pub updated: i32,
    pub skipped: i32,
    pub refused: i32,
    pub noted: i32,
    pub totals: Totals,
    pub first: Vec<Problem>,
}

impl Import {
    pub fn plan(&self) -> Plan {
        serde_json::from_value(self.plan.clone()).unwrap_or_default()
    }

    pub fn format(&self) -> Result<Format> {
        Ok(serde_json::from_value(self.format.clone())?)
    }

    pub fn preview(&self) -> Option<Preview> {
        serde_json::from_value(self.preview.clone()?).ok()
    }

    pub fn totals(&self) -> Totals {
        serde_json::from_value(self.problems.clone()).unwrap_or_default()
    }

    pub fn told(&self) -> Vec<(problem::Outcome, problem::Kind, i64)> {
        problem::told(&self.totals())
    }

    /// One that this transaction's member may see; anything else is not there.
    pub fn find(tx: &mut Tx, id: Uuid) -> Result<Import> {
        let mut query = imports::table.filter(imports::id.eq(id)).into_boxed();
        if let Some(owners) = tx.scope.owners() {
            query = query.filter(imports::created_by.eq_any(owners.to_vec()));
        }
        Ok(query.select(Import::as_select()).first(&mut **tx)?)
    }

    pub fn latest(tx: &mut Tx) -> Result<Vec<Import>> {
        let mut query = imports::table.into_boxed();
        if let Some(owners) = tx.scope.owners() {
            query = query.filter(imports::created_by.eq_any(owners.to_vec()));
        }
        Ok(query
            .order((imports::created_at.desc(), imports::id.desc()))
            .limit(LISTED)
            .select(Import::as_select())
            .load(&mut **tx)?)
    }

    /// A file that was read well enough to be asked about.
    pub fn create(
        tx: &mut Tx,
        id: Uuid,
        name: &str,
        table: &Table,
        source: Option<&str>,
        plan: &Plan,
    ) -> Result<Import> {
        let import: Import = diesel::insert_into(imports::table)
            .values((
                imports::id.eq(id),
                imports::file_name.eq(name),
                imports::size.eq(table.size as i64),
                imports::format.eq(serde_json::to_value(table.format)?),
                imports::header.eq(&table.header),
                imports::source.eq(source),
                imports::plan.eq(serde_json::to_value(plan)?),
            ))
            .returning(Import::as_returning())
            .get_result(&mut **tx)?;
        Ok(import)
    }

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
            fields::make_new(tx, &mut plan.columns, &self.header)?;
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

    /// The problems behind `after`, in the order of the file.
    pub fn problems(&self, tx: &mut Tx, after: (i64, i32), limit: i64) -> Result<Vec<Problem>> {
        let (row, seq) = after;
        let behind = import_problems::row.gt(row).or(import_problems::row
            .eq(row)
            .and(import_problems::seq.gt(seq)));
        Ok(import_problems::table
            .filter(import_problems::import_id.eq(self.id))
            .filter(behind)
            .order((import_problems::row, import_problems::seq))
            .limit(limit)
            .select(Problem::as_select())
            .load(&mut **tx)?)
    }
}

fn moved_on() -> Error {
    Error::Conflict("The import has moved on meanwhile. Please look at where it is now.".into())
}
