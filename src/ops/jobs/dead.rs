//! Dead letters: jobs whose attempts are used up, kept with their error until somebody decides.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use platform::db::Tx;
use platform::events::Changes;
use platform::records::list::{COUNTED, Counted, Keyset, List, ListParams, Sort};
use platform::schema::jobs;
use platform::{Error, Result};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::Mine;

const SORTS: [Sort; 1] = [Sort {
    key: "died_at",
    column: "jobs.died_at",
    cast: "timestamptz",
}];

#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Serialize)]
#[diesel(table_name = jobs, check_for_backend(diesel::pg::Pg))]
pub struct DeadLetter {
    pub id: Uuid,
    pub queue: String,
    pub name: String,
    pub payload: Value,
    pub attempts: i32,
    pub last_error: Option<String>,
    pub created_at: DateTime<Utc>,
    pub died_at: Option<DateTime<Utc>>,
}

impl DeadLetter {
    pub fn list(tx: &mut Tx, mine: Mine, params: &ListParams) -> Result<List<DeadLetter>> {
        let keyset = Keyset::new(params, &SORTS, "jobs.id")?;
        let mut query = dead(mine).into_boxed();
        if let Some(after) = keyset.after() {
            query = query.filter(after);
        }
        let rows = query
            .order(keyset.order())
            .limit(keyset.rows())
            .select(DeadLetter::as_select())
            .load(&mut **tx)?;
        let place = |row: &DeadLetter, _: &str| {
            let died = row.died_at.unwrap_or(row.created_at);
            (died.to_rfc3339(), row.id)
        };
        List::of(rows, &keyset, place, || {
            let counted = dead(mine).select(jobs::id).limit(COUNTED + 1);
            Ok(Counted(counted).get_result(&mut **tx)?)
        })
    }

    pub fn find(tx: &mut Tx, mine: Mine, id: Uuid) -> Result<DeadLetter> {
        Ok(dead(mine)
            .filter(jobs::id.eq(id))
            .select(DeadLetter::as_select())
            .first(&mut **tx)?)
    }

    pub fn queue_label(&self) -> String {
        super::queues::label(&self.queue)
    }

    /// What went wrong, in one line.
    pub fn gist(&self) -> String {
        let error = self.last_error.as_deref().unwrap_or_default();
        let line = error.lines().next().unwrap_or_default();
        match line.char_indices().nth(160) {
            Some((end, _)) => format!("{}…", &line[..end]),
            None => line.to_owned(),
        }
    }
}

#[diesel::dsl::auto_type]
fn dead(mine: Mine) -> _ {
    let mine: diesel::expression::SqlLiteral<diesel::sql_types::Bool> = mine.jobs();
    jobs::table.filter(jobs::status.eq("dead")).filter(mine)
}

/// Gives one of them, or all, its attempts back; gives how many.
pub fn retry(tx: &mut Tx, mine: Mine, one: Option<Uuid>) -> Result<usize> {
    let again = (
        jobs::status.eq("new"),
        jobs::attempts.eq(0),
        jobs::run_at.eq(tx.now),
        jobs::died_at.eq(None::<DateTime<Utc>>),
    );
    let done = match one {
        Some(id) => diesel::update(dead(mine).filter(jobs::id.eq(id)))
            .set(again)
            .execute(&mut **tx)?,
        None => diesel::update(dead(mine)).set(again).execute(&mut **tx)?,
    };
    noted(tx, "jobs.retried", one, done)
}

/// Takes one of them, or all, from the list. For a day they can be brought back by the time this was done.
pub fn discard(tx: &mut Tx, mine: Mine, one: Option<Uuid>) -> Result<usize> {
    let gone = (jobs::status.eq("discarded"), jobs::discarded_at.eq(tx.now));
    let done = match one {
        Some(id) => diesel::update(dead(mine).filter(jobs::id.eq(id)))
            .set(gone)
            .execute(&mut **tx)?,
        None => diesel::update(dead(mine)).set(gone).execute(&mut **tx)?,
    };
    noted(tx, "jobs.discarded", one, done)
}

/// Brings back what was discarded at that time.
pub fn restore(tx: &mut Tx, mine: Mine, at: DateTime<Utc>) -> Result<usize> {
    let these = jobs::table
        .filter(jobs::status.eq("discarded"))
        .filter(jobs::discarded_at.eq(at))
        .filter(mine.jobs());
    let done = diesel::update(these)
        .set((
            jobs::status.eq("dead"),
            jobs::discarded_at.eq(None::<DateTime<Utc>>),
        ))
        .execute(&mut **tx)?;
    if done == 0 {
        return Err(Error::NotFound);
    }
    noted(tx, "jobs.restored", None, done)
}

fn noted(tx: &mut Tx, kind: &'static str, one: Option<Uuid>, done: usize) -> Result<usize> {
    if one.is_some() && done == 0 {
        return Err(Error::NotFound);
    }
    let title = one.map_or_else(|| format!("{done} jobs"), |id| id.to_string());
    tx.note_event(kind, &title, Changes::none())
        .with("jobs", done);
    Ok(done)
}
