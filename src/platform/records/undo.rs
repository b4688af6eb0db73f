//! Undoing a change: the fields it changed get their old values back, if nobody changed them since (PLT-15).

use actix_web::{HttpResponse, web};
use diesel::prelude::*;
use serde_json::Value;
use uuid::Uuid;

use super::Editable;
use super::merge::{get, leaves, set};
use super::write::{as_json, from_json};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::events::{Event, shortened};
use crate::schema::events;
use crate::web::can::{Can, Edit};
use crate::web::{Routes, Toast};

/// `/w/{workspace}/{collection}/undo/{event}`.
type UndoPath = web::Path<(String, Uuid)>;

pub fn routes<T: Editable>(r: &mut Routes) {
    r.post(&format!("/{}/undo/{{event}}", T::COLLECTION), undo::<T>);
}

async fn undo<T: Editable>(can: Can<Edit, T>, path: UndoPath) -> Result<HttpResponse> {
    let (_, event) = path.into_inner();
    let record = can
        .tx(move |tx| {
            let event = find(tx, T::KIND, event)?;
            one::<T>(tx, &event)
        })
        .await?;
    // Back to where it was done, where that is not the record's own page.
    let root = can.url("/");
    let back = can.asked.param("back").filter(|b| b.starts_with(&root));
    can.updated(
        &back.unwrap_or_else(|| record.url(&can)),
        record.version(),
        &record,
        Toast::done("Undone"),
    )
}

pub(super) fn find(tx: &mut Tx, kind: &str, id: Uuid) -> Result<Event> {
    let event = events::table
        .filter(events::id.eq(id).and(events::record_kind.eq(kind)))
        .select(Event::as_select());
    Ok(event.first(&mut **tx)?)
}

/// Gives the fields of one event their old values back.
fn one<T: Editable>(tx: &mut Tx, event: &Event) -> Result<T> {
    let record = T::find(tx, event.record_id.ok_or(Error::NotFound)?)?;
    let changes = event.changes.as_object().cloned().unwrap_or_default();
    let mut fields = as_json(&record.form());
    let known: Vec<String> = leaves(&as_json(&T::Form::default()))
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    let mine = |field: &str| known.iter().any(|k| k == field) || field.starts_with("custom.");
    let mut any = false;
    for (field, pair) in changes.into_iter().filter(|(field, _)| mine(field)) {
        let (was, is) = (&pair[0], &pair[1]);
        if shortened(get(&fields, &field)) != *is {
            return Err(later_changes());
        }
        if shortened_away(was) {
            return Err(Error::Conflict(
                "The old text is too long to be kept in the history, so this can't be undone."
                    .into(),
            ));
        }
        set(&mut fields, &field, was.clone());
        any = true;
    }
    if !any {
        return Err(Error::Conflict("There is nothing in this to undo.".into()));
    }
    record.save(tx, from_json(fields)?)
}

pub(super) fn later_changes() -> Error {
    Error::Conflict(
        "Somebody changed it again since. Undoing would take that away, so everything stays as it is."
            .into(),
    )
}

/// Whether the log holds only the beginning of a value.
fn shortened_away(value: &Value) -> bool {
    matches!(value, Value::String(text) if text.ends_with('…') && shortened(Value::String(text.repeat(2))) != Value::String(text.repeat(2)))
}
