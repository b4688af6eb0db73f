//! After a crash: what the journals of dead processes know is brought into the database.

use std::fs::{self, OpenOptions};
use std::sync::Arc;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Uuid as SqlUuid};
use platform::db::Tx;
use platform::db::tx::Subject;
use platform::mail::journal::{Outcome as Known, Recovered};
use platform::schema::workspaces;
use platform::web::App;
use platform::{Error, Result};
use uuid::Uuid;

use super::recorder::{Outcome, settle};

/// So many ids a statement.
const IDS: usize = 10_000;

/// Reads what dead processes of this machine left, and settles it. One at a time: whoever comes second finds it done.
pub fn recover(app: &Arc<App>) -> Result<u64> {
    let folder = app.mail.folder();
    fs::create_dir_all(&folder).map_err(Error::internal)?;
    let gate = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(folder.join("recovery.lock"))
        .map_err(Error::internal)?;
    gate.lock().map_err(Error::internal)?;
    let recovered = app.mail.journal()?.recover().map_err(Error::internal)?;
    let mut settled = 0;
    if !recovered.is_empty() {
        for workspace in all_workspaces(app)? {
            let subject = Subject::machine(workspace, "Nexus");
            settled += app.tx_now(subject, |tx| within(tx, &recovered))?;
        }
        tracing::info!(settled, "what a process left unsettled is settled");
    }
    recovered.forget().map_err(Error::internal)?;
    Ok(settled)
}

fn all_workspaces(app: &App) -> Result<Vec<Uuid>> {
    let mut conn = platform::db::pool::get(&app.pool)?;
    Ok(workspaces::table
        .select(workspaces::id)
        .order(workspaces::id)
        .load(&mut *conn)?)
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// What of it belongs to this workspace.
fn within(tx: &mut Tx, recovered: &Recovered) -> Result<u64> {
    let mut settled = 0;
    for (known, outcome) in [
        (Known::Accepted, Outcome::Sent),
        (Known::Refused, Outcome::Returned),
        (Known::Unanswered, Outcome::Held),
    ] {
        for ids in recovered.with(known).chunks(IDS) {
            let found: Vec<Found> = sql_query(
                "select id from campaign_recipients where id = any($1) and status = 'claimed'",
            )
            .bind::<Array<SqlUuid>, _>(ids)
            .load(&mut **tx)?;
            let outcomes: Vec<_> = found.iter().map(|f| (f.id, outcome.clone())).collect();
            settle(tx, &outcomes)?;
            settled += outcomes.len() as u64;
        }
    }
    Ok(settled)
}
