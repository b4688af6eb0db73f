//! Comparing records side by side, and making one of them.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::http::header;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;
use validator::Validate;

use super::pages::Compared;
use super::{Joined, MOST, Wish};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::records::duplicates::{Pair, Place};
use crate::records::merge::leaves;
use crate::schema::merged_records;
use crate::web::can::{Action, Can, Edit, Member};
use crate::web::{Form, Id, Toast, View, link};

/// What the page of a merge sends, and a program.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate)]
#[serde(default)]
pub struct Chosen {
    #[validate(length(max = 1000, message = "Choose at most five records."))]
    pub ids: Vec<Uuid>,
    pub into: Option<Uuid>,
    /// The place in the queue that one works through, where one does.
    #[validate(length(max = 100))]
    pub queue: String,
}

/// By field, the record whose value stands.
fn fields(form: &Form<Chosen>) -> Result<BTreeMap<String, Uuid>> {
    let Some(serde_json::Value::Object(fields)) = form.raw("fields") else {
        return Ok(BTreeMap::new());
    };
    let mut chosen = BTreeMap::new();
    for (field, value) in leaves(fields) {
        let id = value.as_str().and_then(|id| id.parse().ok());
        let id = id.ok_or_else(|| {
            let message = "Name the record whose value stands, by its id.";
            Error::invalid(&format!("fields.{field}"), message)
        })?;
        chosen.insert(field, id);
    }
    Ok(chosen)
}

/// The right to edit is the guard's; whoever merges puts records away, too.
fn may_join<T: Joined>(member: &Member, owner: Option<Uuid>) -> Result<()> {
    match member.may_with(T::NAME, "archive", owner) {
        true => Ok(()),
        false => Err(Error::Forbidden(
            "Merging puts records away, which your role does not allow.".into(),
        )),
    }
}

pub async fn compare<T: Joined>(can: Can<Edit, T>) -> Result<HttpResponse> {
    let (mut ids, mut into) = (Vec::new(), None);
    for (key, value) in url::form_urlencoded::parse(can.asked.query.as_bytes()) {
        let mut found = value
            .split(',')
            .filter_map(|id| id.trim().parse::<Uuid>().ok());
        match &*key {
            "ids" => ids.extend(found),
            "into" => into = found.next_back(),
            _ => {}
        }
    }
    let queue = can.asked.param("queue").unwrap_or_default();
    let page = Compared::<T>::load(&can, ids, into, queue).await?;
    can.page(page)
}

pub async fn merge<T: Joined>(can: Can<Edit, T>, form: Form<Chosen>) -> Result<HttpResponse> {
    run(&can, form, None).await
}

pub async fn merge_into<T: Joined>(
    can: Can<Edit, T>,
    Id(id): Id,
    form: Form<Chosen>,
) -> Result<HttpResponse> {
    run(&can, form, Some(id)).await
}

async fn run<T: Joined>(
    can: &Can<Edit, T>,
    form: Form<Chosen>,
    into: Option<Uuid>,
) -> Result<HttpResponse> {
    let fields = fields(&form)?;
    let chosen = form.valid()?;
    let into = into.or(chosen.into);
    let into = into.ok_or_else(|| Error::invalid("into", "Choose the record that stays."))?;
    let mut wish = Wish {
        ids: chosen.ids.clone(),
        into,
        fields,
    };
    wish.ids.truncate(MOST + 1);
    let (member, place) = (can.member.clone(), Place::read(&chosen.queue));
    let merged = can.tx(move |tx| {
        for id in wish.ids.iter().chain([&wish.into]) {
            may_join::<T>(&member, T::find(tx, *id)?.owner())?;
        }
        let known = (&member.app.kinds, &member.setup);
        let (record, merge) = super::merge::<T>(tx, known, &wish)?;
        let next = match place {
            Some(place) => Pair::after(tx, T::NAME, T::KIND, place)?,
            None => None,
        };
        Ok((record, merge, next, wish.ids.len()))
    });
    let (record, merge, next, many) = merged.await?;
    let workspace = can.membership.workspace_id;
    can.app
        .dispatcher
        .tell_lists(&can.app, workspace, T::COLLECTION);
    let undo = can.url(&format!("/{}/merges/{merge}/undo", T::COLLECTION));
    if can.asked.json() {
        return Ok(HttpResponse::Ok()
            .insert_header((header::ETAG, format!("\"{}\"", record.version())))
            .insert_header((header::LOCATION, format!("/api/v1{}", record.url(can))))
            .json(json!({"record": record, "merge": merge, "undo": format!("/api/v1{undo}")})));
    }
    let toast = Toast::done(match many {
        0..=2 => format!("Merged into {}", record.title()),
        n => format!("{} others are merged into {}", n - 1, record.title()),
    });
    let on = match (chosen.queue.is_empty(), next) {
        (true, _) => record.url(can),
        (false, Some(next)) => next.compare_url(can, T::COLLECTION),
        (false, None) => can.url(&format!("/{}/duplicates", T::COLLECTION)),
    };
    can.redirect(&on, Some(toast.undo(undo)))
}

/// The rows that are chosen in the list, on to their comparison.
pub async fn chosen<T: Joined>(can: Can<Edit, T>, form: Form<Chosen>) -> Result<HttpResponse> {
    let chosen = form.valid()?;
    if !(2..=MOST).contains(&chosen.ids.len()) {
        let message = format!("Choose two to {MOST} records to merge.");
        return Err(Error::invalid("ids", message));
    }
    can.redirect(&compare_url::<T>(&can, &chosen.ids), None)
}

pub fn compare_url<T: Joined>(member: &Member, ids: &[Uuid]) -> String {
    let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
    let path = member.url(&format!("/{}/merge", T::COLLECTION));
    link::with(&path, [("ids", ids.join(","))])
}

/// The way on from the address of a record that was merged away; to whoever may not see where it went, it is not there.
pub async fn moved<A: Action, T: Joined>(can: &Can<A, T>, id: Uuid) -> Result<HttpResponse> {
    let record = can.tx(move |tx| gone_to::<T>(tx, id)).await?;
    let url = record.url(can);
    match can.asked.json() {
        true => Ok(HttpResponse::SeeOther()
            .insert_header((header::LOCATION, format!("/api/v1{url}")))
            .finish()),
        false => can.redirect(&url, None),
    }
}

fn gone_to<T: Joined>(tx: &mut Tx, id: Uuid) -> Result<T> {
    use diesel::prelude::*;
    let into: Uuid = merged_records::table
        .filter(merged_records::record_id.eq(id))
        .select(merged_records::into_id)
        .first(&mut **tx)?;
    T::find(tx, into)
}
