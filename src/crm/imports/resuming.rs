//! Imports whose worker is gone are taken up again.

use diesel::prelude::*;
use platform::db::Tx;
use platform::jobs::{Job, Sweep, queue};
use platform::schema::{imports, jobs};
use platform::{Result, clock};
use serde_json::json;
use uuid::Uuid;

use super::import::{Import, State};
use super::jobs::{CheckImport, RunImport, UndoImport};

/// An import that shows no sign of life for this long has lost its worker.
const SILENT: i32 = 45;
/// So often it is taken up again without a single row of progress.
const MOST_STALLS: i32 = 3;

/// Takes up imports whose worker is gone: killed, or cut off from the database.
pub async fn resume(sweep: Sweep) -> Result<String> {
    let swept = sweep.each(resume_lost).await?;
    Ok(format!("{} imports taken up again", swept.total))
}

fn resume_lost(tx: &mut Tx) -> Result<i64> {
    let before = clock::now() - chrono::TimeDelta::seconds(i64::from(SILENT));
    let lost: Vec<Import> = imports::table
        .filter(imports::state.eq_any([State::Checking, State::Running, State::Undoing]))
        .filter(imports::updated_at.lt(before))
        .order(imports::updated_at)
        .limit(50)
        .for_update()
        .skip_locked()
        .select(Import::as_select())
        .load(&mut **tx)?;
    let mut resumed = 0;
    for import in lost {
        if waits(tx, import.id)? {
            continue;
        }
        if import.stalls >= MOST_STALLS {
            import.fail(tx, "It was cut off several times without getting further. Please try again, and tell an admin if it stays.")?;
            continue;
        }
        let now = tx.now;
        diesel::update(imports::table.filter(imports::id.eq(import.id)))
            .set((
                imports::stalls.eq(import.stalls + 1),
                imports::updated_at.eq(now),
            ))
            .execute(&mut **tx)?;
        let import_id = import.id;
        tx.enqueue(match import.state {
            State::Checking => CheckImport { import: import_id }.new_job(),
            State::Undoing => UndoImport { import: import_id }.new_job(),
            _ => RunImport { import: import_id }.new_job(),
        });
        resumed += 1;
    }
    Ok(resumed)
}

/// Whether its job still stands in the queue, behind another import perhaps.
fn waits(tx: &mut Tx, import: Uuid) -> Result<bool> {
    let workspace = tx.workspace;
    let waiting = jobs::table
        .filter(jobs::workspace_id.eq(workspace))
        .filter(jobs::queue.eq(queue::IMPORT.name))
        .filter(jobs::status.eq_any(["new", "running"]))
        .filter(jobs::payload.eq(json!({ "import": import })));
    Ok(diesel::select(diesel::dsl::exists(waiting)).get_result(&mut **tx)?)
}
