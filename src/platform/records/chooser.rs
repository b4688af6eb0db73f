//! Choosing a record: the likely ones, the search while typing, and the titles of those chosen.

use actix_web::{HttpRequest, HttpResponse};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Nullable, Text, Uuid as SqlUuid};
use serde::Serialize;
use uuid::Uuid;

use super::kinds::Kind;
use super::list::{Holds, tsquery};
use super::on::OfKind;
use crate::db::{Scope, Tx};
use crate::error::Result;
use crate::schema::records;
use crate::web::Routes;
use crate::web::can::View;

const LIKELY: i64 = 20;
const FOUND: i64 = 10;

#[derive(QueryableByName)]
struct Likely {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    title: String,
}

/// The one chosen and those touched last, as choices of a select.
pub fn likely(tx: &mut Tx, kind: &Kind, chosen: Option<Uuid>) -> Result<Vec<(String, String)>> {
    touched(tx, kind, chosen, &Scope::All)
}

/// Those touched last, of whoever's records may be seen.
pub fn likely_within(tx: &mut Tx, kind: &Kind, scope: &Scope) -> Result<Vec<(String, String)>> {
    touched(tx, kind, None, scope)
}

fn touched(
    tx: &mut Tx,
    kind: &Kind,
    chosen: Option<Uuid>,
    scope: &Scope,
) -> Result<Vec<(String, String)>> {
    let table = kind.table;
    let owners = scope.owners().map(<[Uuid]>::to_vec);
    let rows: Vec<Likely> = sql_query(format!(
        "select id, title from records where id = $1 or id = any(array(
           select id from {table} where archived_at is null and ($2 is null or owner_id = any($2))
           order by updated_at desc, id desc limit {LIKELY}))
         order by title, id"
    ))
    .bind::<SqlUuid, _>(chosen.unwrap_or_default())
    .bind::<Nullable<Array<SqlUuid>>, _>(owners)
    .load(&mut **tx)?;
    Ok(rows
        .into_iter()
        .map(|row| (row.id.to_string(), row.title))
        .collect())
}

#[derive(Serialize, Queryable)]
struct Found {
    id: Uuid,
    title: String,
    subtitle: String,
}

#[derive(Serialize)]
struct Choices {
    items: Vec<Found>,
}

pub fn routes(r: &mut Routes) {
    r.get("/records/{kind}/choices", choices);
}

/// What fits what somebody is typing: JSON, for the field that asks while they type.
async fn choices(can: OfKind<View>, req: HttpRequest) -> Result<HttpResponse> {
    let mut query = url::form_urlencoded::parse(req.query_string().as_bytes());
    let typed = query.find(|(key, _)| key == "q");
    let typed = typed.map(|(_, value)| value.into_owned());
    let (kind, words) = (can.kind.name, typed.as_deref().and_then(tsquery));
    let items = can.tx(move |tx| found(tx, kind, words)).await?;
    Ok(HttpResponse::Ok().json(Choices { items }))
}

fn found(tx: &mut Tx, kind: &'static str, words: Option<String>) -> Result<Vec<Found>> {
    let Some(words) = words else {
        return Ok(Vec::new());
    };
    let mut query = records::table
        .filter(records::kind.eq(kind))
        .filter(records::archived_at.is_null())
        .filter(Holds::new("records", words))
        .into_boxed();
    if let Some(owners) = tx.scope.owners() {
        query = query.filter(records::owner_id.eq_any(owners.to_vec()));
    }
    Ok(query
        .order((records::title, records::id))
        .limit(FOUND)
        .select((records::id, records::title, records::subtitle))
        .load(&mut **tx)?)
}
