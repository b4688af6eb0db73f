//! What the work on an import writes about itself: how far it is, and that it is done.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Integer, Jsonb, Text, Timestamptz, Uuid as SqlUuid};
use platform::Result;
use platform::db::Tx;
use platform::events::Changes;
use platform::schema::imports;
use serde_json::json;
use uuid::Uuid;

use super::import::{Import, State};
use super::problem::{Counts, Problem, Totals};
use super::source::Batch;

/// Says how far the check is; `false` where somebody stopped it.
pub fn look_alive(tx: &mut Tx, import: &Import, (rows, position): (i32, i64)) -> Result<bool> {
    let now = tx.now;
    let mine = imports::table
        .filter(imports::id.eq(import.id))
        .filter(imports::state.eq(State::Checking));
    let seen = diesel::update(mine)
        .set((
            imports::rows.eq(imports::rows + rows),
            imports::position.eq(position),
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

/// Holds the import's row until the commit, so that no other worker writes the same batch.
pub fn is_ours(tx: &mut Tx, import: &Import) -> Result<bool> {
    // What a crash of the database forgets, it forgets together with how far the import was.
    let held = sql_query(
        "select 1 from imports where id = $1 and state = 'running' and last_row = $2 \
         and set_config('synchronous_commit', 'off', true) = 'off' for update",
    )
    .bind::<SqlUuid, _>(import.id)
    .bind::<BigInt, _>(import.last_row)
    .execute(&mut **tx)?;
    Ok(held == 1)
}

pub fn list(tx: &mut Tx, import: &Import, problems: &[Problem]) -> Result<()> {
    if problems.is_empty() {
        return Ok(());
    }
    sql_query(
        "insert into import_problems (import_id, row, seq, line, outcome, kind, column_name, value, reason) \
         select $2, p.row, p.seq, p.line, p.outcome, p.kind, p.\"column\", p.value, p.reason \
         from json_to_recordset($1::json) as p(row bigint, seq int, line bigint, outcome text, kind text, \"column\" text, value text, reason text)",
    )
    .bind::<Text, _>(serde_json::to_string(problems)?)
    .bind::<SqlUuid, _>(import.id)
    .execute(&mut **tx)?;
    Ok(())
}

/// Keeps how far the import is with this batch, and what became of its rows.
pub fn advance<S>(
    tx: &mut Tx,
    import: &Import,
    batch: &Batch<S>,
    counts: Counts,
    totals: &Totals,
) -> Result<Import> {
    let now = tx.now;
    sql_query(
        "update imports set last_row = $2, position = $3, rows = rows + $4, created = created + $5, updated = updated + $6, \
           skipped = skipped + $7, refused = refused + $8, noted = noted + $9, problems = $10, stalls = 0, updated_at = $11 \
         where id = $1",
    )
    .bind::<SqlUuid, _>(import.id)
    .bind::<BigInt, _>(batch.last_row)
    .bind::<BigInt, _>(batch.position)
    .bind::<Integer, _>(batch.rows)
    .bind::<Integer, _>(counts.created)
    .bind::<Integer, _>(counts.updated)
    .bind::<Integer, _>(counts.skipped)
    .bind::<Integer, _>(counts.refused)
    .bind::<Integer, _>(counts.noted)
    .bind::<Jsonb, _>(json!(totals))
    .bind::<Timestamptz, _>(now)
    .execute(&mut **tx)?;
    Import::find(tx, import.id)
}
