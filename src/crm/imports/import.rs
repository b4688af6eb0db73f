//! An import: its row.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use platform::db::Tx;
use platform::schema::{import_problems, imports};
use platform::tabular::{Format, Table};
use platform::web::Resource;
use platform::{Error, Result, text_enum};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::plan::Plan;
use super::problem::{self, Counts, Problem, Totals};
use super::what::What;

/// How many of the latest imports the list shows; older ones are found by the contacts that they made.
const LISTED: i64 = 200;
pub const PROBLEMS_A_PAGE: i64 = 1_000;
/// As many as the page of a check shows; a run lists them all.
const PREVIEWED: usize = 100;

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
    /// The kind of record that the rows become.
    pub record_kind: What,
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

impl Preview {
    /// What was found in so many rows more.
    pub fn add(&mut self, rows: i32, counts: Counts, problems: Vec<Problem>) {
        self.rows += rows;
        self.created += counts.created;
        self.updated += counts.updated;
        self.skipped += counts.skipped;
        self.refused += counts.refused;
        self.noted += counts.noted;
        for problem in problems {
            problem::count(&mut self.totals, &problem);
            if self.first.len() < PREVIEWED {
                self.first.push(problem);
            }
        }
    }
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

    /// What is made of one row, or changed by it.
    pub fn noun(&self, count: i32) -> &'static str {
        let kind = self.record_kind.kind();
        match count {
            1 => kind.singular,
            _ => kind.plural,
        }
    }

    /// One that this transaction's member may see; anything else is not there.
    pub fn find(tx: &mut Tx, id: Uuid) -> Result<Import> {
        let mut query = imports::table.filter(imports::id.eq(id)).into_boxed();
        if let Some(owners) = tx.scope.owners() {
            query = query.filter(imports::created_by.eq_any(owners.to_vec()));
        }
        Ok(query.select(Import::as_select()).first(&mut **tx)?)
    }

    /// One of that kind, told as the same by the address of its page.
    pub fn of(tx: &mut Tx, what: What, id: Uuid) -> Result<Import> {
        let import = Import::find(tx, id)?;
        match import.record_kind == what {
            true => Ok(import),
            false => Err(Error::NotFound),
        }
    }

    /// Of one kind, or of all.
    pub fn latest(tx: &mut Tx, what: Option<What>) -> Result<Vec<Import>> {
        let mut query = imports::table.into_boxed();
        if let Some(what) = what {
            query = query.filter(imports::record_kind.eq(what));
        }
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
        (what, id): (What, Uuid),
        name: &str,
        table: &Table,
        source: Option<&str>,
        plan: &Plan,
    ) -> Result<Import> {
        let import: Import = diesel::insert_into(imports::table)
            .values((
                imports::id.eq(id),
                imports::record_kind.eq(what),
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
