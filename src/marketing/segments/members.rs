//! The contacts in a segment: listed for both kinds, added and removed for static ones.

use actix_web::{HttpRequest, HttpResponse, web};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid};
use platform::db::Tx;
use platform::events::Changes;
use platform::records::Editable;
use platform::schema::{contacts, segment_members};
use platform::web::can::{Edit, View as See};
use platform::web::{Can, Form, Id, Toast};
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use super::audience::Audience;
use super::form::SegmentKind;
use super::segment::Segment;

/// Members shown at once.
pub const SHOWN: i64 = 100;
const MOST_ADDED: u64 = 10_000;

/// A member as the page and the API show them.
#[derive(Clone, Debug, QueryableByName, Serialize)]
pub struct Member {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub email: Option<String>,
}

struct Members<'a> {
    audience: &'a Audience,
    after: Option<Uuid>,
    limit: i64,
}

impl QueryFragment<Pg> for Members<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "select id, coalesce(nullif(trim(first_name || ' ' || last_name), ''), email, phone, '') as name, email \
             from contacts where archived_at is null and ",
        );
        self.audience.walk_ast(out.reborrow())?;
        if let Some(after) = &self.after {
            out.push_sql(" and contacts.id > ");
            out.push_bind_param::<SqlUuid, _>(after)?;
        }
        out.push_sql(" order by contacts.workspace_id, contacts.id limit ");
        out.push_bind_param::<BigInt, _>(&self.limit)
    }
}

impl QueryId for Members<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Members<'_> {
    type SqlType = diesel::sql_types::Untyped;
}

impl RunQueryDsl<PgConnection> for Members<'_> {}

impl Member {
    pub fn of(
        tx: &mut Tx,
        audience: &Audience,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Member>> {
        let query = Members {
            audience,
            after,
            limit,
        };
        Ok(query.load(&mut **tx)?)
    }
}

#[derive(Deserialize)]
struct Asked {
    cursor: Option<Uuid>,
    limit: Option<i64>,
}

pub async fn index(can: Can<See, Segment>, Id(id): Id, req: HttpRequest) -> Result<HttpResponse> {
    let asked = web::Query::<Asked>::from_query(req.query_string())
        .map_err(|_| Error::bad_request("The cursor is not one of ours."))?
        .into_inner();
    let limit = asked.limit.unwrap_or(50).clamp(1, 200);
    let mut items = can
        .tx(move |tx| {
            let audience = Segment::find(tx, id)?.audience(tx)?;
            Member::of(tx, &audience, asked.cursor, limit + 1)
        })
        .await?;
    let more = items.len() as i64 > limit;
    items.truncate(limit as usize);
    let next = items.last().filter(|_| more).map(|m| m.id);
    Ok(HttpResponse::Ok().json(serde_json::json!({ "items": items, "next_cursor": next })))
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct AddForm {
    /// Contacts by id, as the list sends them.
    #[validate(length(max = 10000, message = "Please add at most 10,000 at a time."))]
    pub contacts: Vec<Uuid>,
    /// Or by address, as somebody types them: separated by commas, spaces or lines.
    #[validate(length(max = 100000))]
    pub emails: String,
}

pub async fn create(
    can: Can<Edit, Segment>,
    Id(id): Id,
    form: Form<AddForm>,
) -> Result<HttpResponse> {
    let form = form.valid()?;
    let added = can
        .tx(move |tx| Segment::find(tx, id)?.add(tx, &form))
        .await?;
    let word = if added == 1 { "contact" } else { "contacts" };
    can.done(
        &can.url(&format!("/segments/{id}")),
        Toast::done(format!("{added} {word} added")),
    )
}

pub async fn destroy(
    can: Can<Edit, Segment>,
    id: web::Path<(String, Uuid, Uuid)>,
) -> Result<HttpResponse> {
    let (_, id, contact) = id.into_inner();
    can.tx(move |tx| Segment::find(tx, id)?.remove(tx, contact))
        .await?;
    can.done(&can.url(&format!("/segments/{id}")), Toast::done("Removed"))
}

impl Segment {
    /// Puts contacts into a static segment; gives how many are new in it.
    pub fn add(&self, tx: &mut Tx, form: &AddForm) -> Result<usize> {
        self.must_be_static()?;
        let emails: Vec<String> = form
            .emails
            .split([',', ';', ' ', '\n', '\r', '\t'])
            .map(|e| e.trim().to_lowercase())
            .filter(|e| !e.is_empty())
            .collect();
        let found = contacts::table
            .filter(contacts::archived_at.is_null())
            .filter(
                contacts::id
                    .eq_any(form.contacts.clone())
                    .or(contacts::email.eq_any(emails)),
            )
            .limit(MOST_ADDED as i64)
            .select((self.id.into_sql::<SqlUuid>(), contacts::id));
        let added = diesel::insert_into(segment_members::table)
            .values(found)
            .into_columns((segment_members::segment_id, segment_members::contact_id))
            .on_conflict_do_nothing()
            .execute(&mut **tx)?;
        if added > 0 {
            tx.track(self, "segment.members_added", Changes::none())
                .with("count", added);
        }
        Ok(added)
    }

    pub fn remove(&self, tx: &mut Tx, contact: Uuid) -> Result<()> {
        self.must_be_static()?;
        let row = segment_members::table
            .filter(segment_members::segment_id.eq(self.id))
            .filter(segment_members::contact_id.eq(contact));
        if diesel::delete(row).execute(&mut **tx)? > 0 {
            tx.track(self, "segment.member_removed", Changes::none())
                .with("contact", contact);
        }
        Ok(())
    }

    fn must_be_static(&self) -> Result<()> {
        match self.kind {
            SegmentKind::Static => Ok(()),
            SegmentKind::Dynamic => Err(Error::Conflict(
                "A dynamic segment finds its members by its filter.".into(),
            )),
        }
    }
}
