//! What the work on an import writes about itself: how far it is, and that it is done.

use diesel::prelude::*;
use platform::Result;
use platform::db::Tx;
use platform::events::Changes;
use platform::schema::imports;
use serde_json::json;
use uuid::Uuid;

use super::import::{Import, State};
use super::source::Batch;

/// Says how far the check is; `false` where somebody stopped it.
pub fn look_alive(tx: &mut Tx, import: &Import, batch: &Batch) -> Result<bool> {
    let now = tx.now;
    let mine = imports::table
        .filter(imports::id.eq(import.id))
        .filter(imports::state.eq(State::Checking));
    let seen = diesel::update(mine)
        .set((
            imports::rows.eq(imports::rows + batch.rows),
            imports::position.eq(batch.position),
            imports::updated_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(seen == 1)
}

pub fn finish_check(tx: &mut Tx, id: Uuid, preview: serde_json::Value) -> Result<()> {
    let now = tx.now;
    let mine = imports::table
        .filter(imports::id.eq(id))
        .filter(imports::state.eq(State::Checking));
    diesel::update(mine)
        .set((
            imports::state.eq(State::Checked),
            imports::preview.eq(preview),
            imports::rows.eq(0),
            imports::position.eq(0),
            imports::updated_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

pub fn finish_run(tx: &mut Tx, import: &Import) -> Result<()> {
    let now = tx.now;
    let mine = imports::table
        .filter(imports::id.eq(import.id))
        .filter(imports::state.eq(State::Running))
        .filter(imports::last_row.eq(import.last_row));
    let ended = diesel::update(mine)
        .set((
            imports::state.eq(State::Done),
            imports::position.eq(import.size),
            (imports::finished_at.eq(now), imports::updated_at.eq(now)),
        ))
        .execute(&mut **tx)?;
    if ended == 0 {
        return Ok(());
    }
    let counts = json!({"rows": import.rows, "created": import.created, "updated": import.updated,
        "skipped": import.skipped, "refused": import.refused});
    tx.note_event("import.finished", &import.file_name, Changes::none())
        .with("import_id", import.id)
        .with("counts", counts);
    Ok(())
}
