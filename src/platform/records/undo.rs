//! Undoing a change: the fields it changed get their old values back; where somebody changed them since, one is asked (PLT-15).

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use parking_lot::RwLock;
use serde_json::Value;
use uuid::Uuid;

use super::Editable;
use super::merge::{Clash, Since, get, leaves, set};
use super::write::{as_json, from_json};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::events::{Event, shortened};
use crate::schema::events;
use crate::web::can::{Can, Edit, Member};
use crate::web::{Routes, Toast};

/// `/w/{workspace}/{collection}/undo/{event}`.
type UndoPath = web::Path<(String, Uuid)>;

pub fn routes<T: Editable>(r: &mut Routes) {
    r.post(&format!("/{}/undo/{{event}}", T::COLLECTION), undo::<T>);
    FILLED_IN.write().insert(T::KIND, filled_in::<T>());
}

/// What people fill in of each kind that has a history to undo, as it was said when the routes were made.
static FILLED_IN: RwLock<BTreeMap<&str, Vec<String>>> = RwLock::new(BTreeMap::new());

fn filled_in<T: Editable>() -> Vec<String> {
    let leaves = leaves(&as_json(&T::Form::default())).into_iter();
    leaves.map(|(name, _)| name).collect()
}

/// A change can be undone so long from the record's history.
const KEPT: TimeDelta = TimeDelta::days(30);
/// Events whose changes are no fields that somebody filled in, or that have a way back of their own.
const OTHERWISE: [&str; 8] = [
    "created",
    "imported",
    "archived",
    "restored",
    "merged",
    "unmerged",
    "completed",
    "temperature_changed",
];

/// Whether the history offers to undo it.
pub fn is_undoable(event: &Event, now: DateTime<Utc>) -> bool {
    let verb = event.kind.rsplit('.').next().unwrap_or_default();
    let kind = event.kind.split('.').next().unwrap_or_default();
    let own = event.record_kind.as_deref() == Some(kind);
    own && !OTHERWISE.contains(&verb) && event.at + KEPT > now && changes_a_field(kind, event)
}

/// Whether any of what it changed is a field that somebody fills in, and so can be given its old value.
fn changes_a_field(kind: &str, event: &Event) -> bool {
    let known = FILLED_IN.read();
    let mine = |field: &String| {
        let fields = known.get(kind);
        fields.is_some_and(|fields| fields.contains(field) || field.starts_with("custom."))
    };
    let changes = event.changes.as_object();
    changes.is_some_and(|changes| changes.keys().any(mine))
}

/// Where the change that left `event` is undone.
pub fn url<T: Editable>(member: &Member, event: Uuid) -> String {
    member.url(&format!("/{}/undo/{event}", T::COLLECTION))
}

/// What came of wanting to undo a change.
enum Undone<T: Editable> {
    Done(T),
    /// It was changed again since; somebody has to say what becomes of that.
    Asked(Box<Clash<T>>),
}

async fn undo<T: Editable>(can: Can<Edit, T>, path: UndoPath) -> Result<HttpResponse> {
    let (_, event) = path.into_inner();
    let undone = can
        .tx(move |tx| {
            let event = find(tx, T::KIND, event)?;
            one::<T>(tx, &event)
        })
        .await?;
    let record = match undone {
        Undone::Done(record) => record,
        Undone::Asked(clash) => return clash.answer(&can).await,
    };
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

fn find(tx: &mut Tx, kind: &str, id: Uuid) -> Result<Event> {
    let event = events::table
        .filter(events::id.eq(id).and(events::record_kind.eq(kind)))
        .select(Event::as_select());
    Ok(event.first(&mut **tx)?)
}

/// Gives the fields of one event their old values back, unless some of them were changed again since.
fn one<T: Editable>(tx: &mut Tx, event: &Event) -> Result<Undone<T>> {
    let record = T::find(tx, event.record_id.ok_or(Error::NotFound)?)?;
    let changes = event.changes.as_object().cloned().unwrap_or_default();
    let mut fields = as_json(&record.form());
    let known = filled_in::<T>();
    let mine = |field: &str| known.iter().any(|k| k == field) || field.starts_with("custom.");
    let mut later = Vec::new();
    let (mut any, mut back) = (false, true);
    for (field, pair) in changes.into_iter().filter(|(field, _)| mine(field)) {
        let (was, is) = (&pair[0], &pair[1]);
        if shortened_away(was) {
            return Err(Error::Conflict(
                "The old text is too long to be kept in the history, so this can't be undone."
                    .into(),
            ));
        }
        any = true;
        let now = shortened(get(&fields, &field));
        if now == *was {
            continue;
        }
        back = false;
        match now == *is {
            true => set(&mut fields, &field, was.clone()),
            false => later.push((field, is.clone(), was.clone())),
        }
    }
    if !any {
        return Err(Error::Conflict("There is nothing in this to undo.".into()));
    }
    if back {
        return Err(Error::Conflict("It is as it was before already.".into()));
    }
    if later.is_empty() {
        return Ok(Undone::Done(record.revert(tx, from_json(fields)?)?));
    }
    let version = event.data["version"].as_i64().unwrap_or_default();
    let since = Since::version(tx, record.id(), version as i32)?;
    Ok(Undone::Asked(Box::new(Clash::of_undo(
        record, fields, later, &since,
    ))))
}

/// Whether the log holds only the beginning of a value.
fn shortened_away(value: &Value) -> bool {
    matches!(value, Value::String(text) if text.ends_with('…') && shortened(Value::String(text.repeat(2))) != Value::String(text.repeat(2)))
}
