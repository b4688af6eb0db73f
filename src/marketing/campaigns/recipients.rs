//! The recipients of a campaign, one row each.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use platform::db::Tx;
use platform::schema::campaign_recipients as r;
use platform::web::Can;
use platform::web::can::View as See;
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::campaign::Campaign;

#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = r, check_for_backend(diesel::pg::Pg))]
pub struct Recipient {
    pub id: Uuid,
    pub contact_id: Option<Uuid>,
    pub email: String,
    pub status: String,
    pub error: String,
    pub sent_at: Option<DateTime<Utc>>,
    pub opened_at: Option<DateTime<Utc>>,
    pub clicked_at: Option<DateTime<Utc>>,
    pub unsubscribed_at: Option<DateTime<Utc>>,
}

impl Recipient {
    pub fn of(
        tx: &mut Tx,
        campaign: Uuid,
        status: Option<&str>,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Recipient>> {
        let mut query = r::table.filter(r::campaign_id.eq(campaign)).into_boxed();
        if let Some(status) = status {
            query = query.filter(r::status.eq(status.to_owned()));
        }
        if let Some(after) = after {
            query = query.filter(r::id.gt(after));
        }
        Ok(query
            .order(r::id)
            .limit(limit)
            .select(Recipient::as_select())
            .load(&mut **tx)?)
    }

    /// Those of whom something is to be said: failed and held, the first of them.
    pub fn amiss(tx: &mut Tx, campaign: Uuid, limit: i64) -> Result<Vec<Recipient>> {
        Ok(r::table
            .filter(r::campaign_id.eq(campaign))
            .filter(r::status.eq_any(["held", "failed"]))
            .order((r::status.desc(), r::id))
            .limit(limit)
            .select(Recipient::as_select())
            .load(&mut **tx)?)
    }
}

#[derive(Deserialize)]
struct Asked {
    status: Option<String>,
    cursor: Option<Uuid>,
    limit: Option<i64>,
}

pub async fn index(
    can: Can<See, Campaign>,
    id: web::Path<(String, Uuid)>,
    req: HttpRequest,
) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let asked = web::Query::<Asked>::from_query(req.query_string())
        .map_err(|_| Error::bad_request("The cursor is not one of ours."))?
        .into_inner();
    let limit = asked.limit.unwrap_or(50).clamp(1, 1_000);
    let mut items = can
        .tx(move |tx| {
            let campaign = Campaign::find(tx, id)?;
            Recipient::of(
                tx,
                campaign.id,
                asked.status.as_deref(),
                asked.cursor,
                limit + 1,
            )
        })
        .await?;
    let more = items.len() as i64 > limit;
    items.truncate(limit as usize);
    let next = items.last().filter(|_| more).map(|r| r.id);
    Ok(HttpResponse::Ok().json(serde_json::json!({ "items": items, "next_cursor": next })))
}
