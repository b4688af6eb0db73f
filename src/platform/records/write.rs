//! Making and changing a record from a form: the rules that hold for every kind, the lock, and what comes of it.

use std::sync::Arc;

use actix_web::HttpResponse;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Uuid as SqlUuid;
use serde_json::Value;
use uuid::Uuid;

use super::custom::{self, Custom};
use super::editing::on_page;
use super::merge::{self, Clash, Since};
use super::setup::Setup;
use super::{Editable, RecordForm, tags};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::web::can::{Can, Create, Edit, Member};
use crate::web::{Form, Toast};

/// What came of a change.
pub enum Written<T: Editable> {
    Saved(Saved<T>),
    /// The form with what is wrong with it, and the record as it is.
    Refused {
        form: Form<T::Form>,
        record: T,
    },
    /// Somebody else changed the same fields since.
    Stale(Box<Clash<T>>),
}

pub struct Saved<T> {
    pub record: T,
    /// The event of the change; `None` where nothing was changed.
    pub event: Option<Uuid>,
    /// Who else changed something since the form was opened.
    pub beside: Option<String>,
}

impl<T: Editable> Saved<T> {
    /// What the person is told, with the way back.
    pub fn toast(&self, member: &Member, words: &str) -> Toast {
        let words = match &self.beside {
            Some(who) => format!("{words}, together with what {who} changed meanwhile"),
            None => words.to_owned(),
        };
        match self.event {
            Some(event) => undoable(member, T::COLLECTION, event, &words),
            None => Toast::done(words),
        }
    }

    /// The record for a program; on to its page for a person.
    pub fn answer(&self, member: &Member) -> Result<HttpResponse> {
        let toast = self.toast(member, "Saved");
        member.updated(
            &on_page(&self.record, member),
            self.record.version(),
            &self.record,
            toast,
        )
    }
}

/// A word about a change that can be undone.
pub fn undoable(member: &Member, collection: &str, event: Uuid, words: &str) -> Toast {
    Toast::done(words).undo(member.url(&format!("/{collection}/undo/{event}")))
}

/// Makes a record, or gives the form back with what is wrong with it.
pub async fn create<T: Editable>(
    can: &Can<Create, T>,
    form: Form<T::Form>,
) -> Result<Result<T, Form<T::Form>>> {
    let form = checked::<T>(&can.setup, form, &Custom::default(), |_| true);
    form.write(can, |tx, mut data| {
        data.settle(tx)?;
        T::create(tx, data)
    })
    .await
}

/// The same as part of a transaction that does more.
pub fn make_within<T: Editable>(
    tx: &mut Tx,
    setup: &Setup,
    form: Form<T::Form>,
) -> Result<Result<T, Form<T::Form>>> {
    let mut form = checked::<T>(setup, form, &Custom::default(), |_| true);
    if !form.is_valid() {
        return Ok(Err(form));
    }
    form.data.settle(tx)?;
    T::create(tx, form.data).map(Ok)
}

/// Changes the record `id` by what came in. A change of a version that is no longer the newest is merged where it
/// touches other fields than those changed since; a program is told instead.
pub async fn update<T: Editable>(
    can: &Can<Edit, T>,
    id: Uuid,
    form: Form<T::Form>,
) -> Result<Written<T>> {
    let version = expected(can, &form)?;
    let (setup, program) = (can.setup.clone(), can.asked.json());
    let form = merge::resolved(form);
    let sent = form.clone();
    let written = can.tx(move |tx| within(tx, &setup, id, sent, version, program));
    match written.await {
        // What only the database could tell goes back into the form; nothing was written.
        Err(Error::Invalid(problems)) => {
            let record = can.tx(move |tx| T::find(tx, id)).await?;
            let mut form = form.over(&record.form());
            form.refuse_all(problems);
            Ok(Written::Refused { form, record })
        }
        written => written,
    }
}

/// The version that a change begins from, as the request or its form names it.
pub fn expected<T>(member: &Member, form: &Form<T>) -> Result<Option<i32>> {
    match (member.asked.version(), form.value("version").as_str()) {
        (Some(version), _) => Ok(Some(version)),
        (None, "") => Ok(None),
        (None, text) => text.parse().map(Some).map_err(|_| {
            Error::invalid(
                "version",
                "The version is the number that came with the record.",
            )
        }),
    }
}

/// The same change as part of a transaction that does more.
pub fn within<T: Editable>(
    tx: &mut Tx,
    setup: &Arc<Setup>,
    id: Uuid,
    sent: Form<T::Form>,
    version: Option<i32>,
    program: bool,
) -> Result<Written<T>> {
    lock(tx, T::NAME, id)?;
    let record = T::find(tx, id)?;
    let mut current = record.form();
    let before = current.custom().cloned().unwrap_or_default();
    let names: Vec<String> = merge::leaves(sent.typed())
        .into_iter()
        .map(|(k, _)| k)
        .collect();
    let is_sent = |name: &str| names.iter().any(|n| n == name);
    let mut form = checked::<T>(setup, sent.over(&current), &before, is_sent);
    if !form.is_valid() {
        return Ok(Written::Refused { form, record });
    }
    form.data.settle(tx)?;
    let since = match version {
        Some(version) if version < record.version() => Since::version(tx, id, version)?,
        _ => Since::default(),
    };
    if version.is_some_and(|v| v != record.version()) && program {
        return Ok(Written::Stale(Box::new(Clash::of_program(record, since))));
    }
    let beside = since.who();
    let form = match merge::merge(&record, form, &names, since)? {
        Ok(form) => form,
        Err(both) => return Ok(Written::Stale(Box::new(Clash::new(record, both)))),
    };
    let version = record.version();
    let record = record.save(tx, form.data)?;
    Ok(Written::Saved(Saved {
        event: tx.tracked().filter(|_| record.version() != version),
        record,
        beside,
    }))
}

/// Holds the row until the transaction ends, so that two changes don't cross.
fn lock(tx: &mut Tx, table: &'static str, id: Uuid) -> Result<()> {
    sql_query(format!(
        "select 1 from {table} where id = $1 for no key update"
    ))
    .bind::<SqlUuid, _>(id)
    .execute(&mut **tx)?;
    Ok(())
}

/// Holds the form against what the workspace has set up: its custom fields, and its spelling of tags.
fn checked<T: Editable>(
    setup: &Setup,
    mut form: Form<T::Form>,
    before: &Custom,
    sent: impl Fn(&str) -> bool,
) -> Form<T::Form> {
    let mut problems = Vec::new();
    if let Some(custom) = form.data.custom() {
        let fields = setup.fields_of(T::KIND);
        (*custom, problems) = custom::read(fields, custom, before, sent);
    }
    if let Some(tags) = form.data.tags() {
        for tag in tags.iter_mut() {
            *tag = setup.spelled(tag.trim());
        }
        if let Err(problem) = tags::tidy(tags) {
            form.refuse("tags", problem);
        }
    }
    form.refuse_all(problems);
    form
}

/// A form as the log and the merge compare it.
pub fn as_json<F: RecordForm>(form: &F) -> serde_json::Map<String, Value> {
    match serde_json::to_value(form) {
        Ok(Value::Object(map)) => map,
        _ => serde_json::Map::new(),
    }
}

/// A form from its fields, which must be good.
pub fn from_json<F: RecordForm>(fields: serde_json::Map<String, Value>) -> Result<F> {
    Form::read(fields).valid()
}
