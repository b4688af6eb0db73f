//! What runs by the clock, for the whole installation.

use chrono::{DateTime, Utc};
use diesel::dsl::IsNotNull;
use diesel::prelude::*;
use platform::db::Tx;
use platform::events::Changes;
use platform::schema::job_schedules;
use platform::{Error, Result};
use serde::Serialize;

use super::Mine;

#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Serialize)]
#[diesel(table_name = job_schedules, check_for_backend(diesel::pg::Pg))]
pub struct ScheduleRow {
    pub name: String,
    pub label: String,
    pub cadence: String,
    pub next_run: DateTime<Utc>,
    pub last_run: Option<DateTime<Utc>>,
    pub last_duration_ms: Option<i64>,
    pub last_result: Option<String>,
    pub last_failed: bool,
    #[diesel(select_expression = job_schedules::running_by.is_not_null())]
    #[diesel(select_expression_type = IsNotNull<job_schedules::running_by>)]
    pub running: bool,
}

const MOST: i64 = 200;

impl ScheduleRow {
    pub fn all(tx: &mut Tx, mine: Mine) -> Result<Vec<ScheduleRow>> {
        let mut rows: Vec<ScheduleRow> = job_schedules::table
            .order(job_schedules::label)
            .limit(MOST)
            .select(ScheduleRow::as_select())
            .load(&mut **tx)?;
        if !mine.installation {
            // An error may speak of another workspace.
            for row in rows.iter_mut().filter(|row| row.last_failed) {
                row.last_result = Some("It failed; the log of the installation says why.".into());
            }
        }
        Ok(rows)
    }

    /// How long the last run took, as people say it.
    pub fn took(&self) -> String {
        match self.last_duration_ms {
            None => String::new(),
            Some(ms) if ms < 1_000 => format!("{ms} ms"),
            Some(ms) if ms < 60_000 => format!("{:.1} s", ms as f64 / 1_000.0),
            Some(ms) => format!("{} min {} s", ms / 60_000, ms / 1_000 % 60),
        }
    }
}

/// Makes a schedule due at once; the workers look every second. One that is running already stays as it is.
pub fn run_now(tx: &mut Tx, name: &str) -> Result<String> {
    let this = job_schedules::table.find(name);
    let label: String = diesel::update(this)
        .set(job_schedules::next_run.eq(tx.now))
        .returning(job_schedules::label)
        .get_result(&mut **tx)
        .optional()?
        .ok_or(Error::NotFound)?;
    tx.note_event("schedule.run", name, Changes::none());
    Ok(label)
}
