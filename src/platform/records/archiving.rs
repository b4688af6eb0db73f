//! Putting a record away and bringing it back.

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Nullable, Timestamptz, Uuid as SqlUuid};

use super::Editable;
use crate::db::Tx;
use crate::error::Result;
use crate::events::Changes;
use crate::web::Id;
use crate::web::Toast;
use crate::web::can::{Archive, Can};

pub async fn archive<T: Editable>(can: Can<Archive, T>, Id(id): Id) -> Result<HttpResponse> {
    let version = can.asked.version();
    let record = can
        .tx(move |tx| T::find(tx, id)?.expected_at(version)?.archive(tx))
        .await?;
    let undo = record.url(&can) + "/restoration";
    let toast = Toast::done(format!("{} is archived", record.title())).undo(undo);
    can.done(&can.url(&format!("/{}", T::COLLECTION)), toast)
}

pub async fn restore<T: Editable>(can: Can<Archive, T>, Id(id): Id) -> Result<HttpResponse> {
    let record = can.tx(move |tx| T::find(tx, id)?.restore(tx)).await?;
    let toast = Toast::done(format!("{} is back", record.title()));
    can.updated(&record.url(&can), record.version(), &record, toast)
}

/// Writes since when the record is away, or that it is back, and leaves the event.
pub fn set_archived<T: Editable>(tx: &mut Tx, record: &T, at: Option<DateTime<Utc>>) -> Result<T> {
    let was = record.archived_at();
    if was.is_some() == at.is_some() {
        return T::find(tx, record.id());
    }
    sql_query(format!(
        "update {} set archived_at = $1 where id = $2",
        T::NAME
    ))
    .bind::<Nullable<Timestamptz>, _>(at)
    .bind::<SqlUuid, _>(record.id())
    .execute(&mut **tx)?;
    let record = T::find(tx, record.id())?;
    let verb = if at.is_some() { "archived" } else { "restored" };
    let changes = Changes::none().set("archived_at", was, at);
    tx.track(&record, &format!("{}.{verb}", T::KIND), changes);
    Ok(record)
}
