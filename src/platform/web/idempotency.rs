//! `Idempotency-Key`: a program may repeat a POST whose answer it missed, and nothing is done twice.
//!
//! The same key with the same request gets the answer of the first one, with another request 422, and 409 while the
//! first one runs. What failed is not remembered: nothing was written, so it may be tried again.

use actix_web::body::{BoxBody, MessageBody, to_bytes};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpResponse};
use bytes::Bytes;
use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::query_dsl::methods;
use diesel::upsert::excluded;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::can::{self, Member};
use super::form;
use super::request::Asked;
use crate::db::Scope;
use crate::db::tx::{Subject, Tx};
use crate::error::{Error, Result};
use crate::schema::idempotency_keys::{self, dsl};

const LONGEST_KEY: usize = 255;
/// Afterwards a key may be used anew.
const REMEMBERED: TimeDelta = TimeDelta::hours(24);
/// A request that has not ended by now died with its process.
const ABANDONED: TimeDelta = TimeDelta::minutes(5);

/// On an answer that is shown once, such as a new key: a repetition learns that it was done, and no more.
pub struct ShownOnce;

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = idempotency_keys, check_for_backend(diesel::pg::Pg))]
struct Remembered {
    id: Uuid,
    person_id: Uuid,
    key: String,
    fingerprint: Vec<u8>,
    status: Option<i32>,
    location: Option<String>,
    etag: Option<String>,
    body: Option<Vec<u8>>,
    created_at: chrono::DateTime<chrono::Utc>,
}

/// Around every route that takes a POST.
pub async fn once<B: MessageBody + 'static>(
    mut req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let Some(key) = key_of(&req) else {
        let response = next.call(req).await?;
        return Ok(response.map_into_boxed_body());
    };
    if key.is_empty() || key.len() > LONGEST_KEY {
        return Err(Error::bad_request("An Idempotency-Key has 1 to 255 characters.").into());
    }
    let member = can::member_of(req.request()).await?;
    let body = form::all(req.take_payload()).await?.freeze();
    let fingerprint = fingerprint(&req, &body);
    req.set_payload(Payload::from(body));
    match claim(&member, key.clone(), fingerprint).await? {
        Claim::Repeat(answer) => {
            let (req, _) = req.into_parts();
            Ok(ServiceResponse::new(req, answer))
        }
        Claim::First(id) => {
            let outcome = next.call(req).await;
            match outcome {
                Ok(response) => keep(&member, id, response).await,
                Err(error) => {
                    release(&member, id).await?;
                    Err(error)
                }
            }
        }
    }
}

/// Programs that POST to a workspace; files are sent in parts that differ each time.
fn key_of(req: &ServiceRequest) -> Option<String> {
    let key = req.headers().get("idempotency-key")?;
    let of_workspace = req.match_info().get("workspace").is_some();
    let is_upload = req.content_type().starts_with("multipart/");
    let applies = req.method() == Method::POST && of_workspace && !is_upload;
    (applies && Asked::of(req.request()).json())
        .then(|| key.to_str().unwrap_or_default().trim().to_owned())
}

fn fingerprint(req: &ServiceRequest, body: &[u8]) -> Vec<u8> {
    let mut hash = Sha256::new();
    for part in [req.path().as_bytes(), req.query_string().as_bytes(), body] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().to_vec()
}

enum Claim {
    First(Uuid),
    Repeat(HttpResponse),
}

async fn claim(member: &Member, key: String, fingerprint: Vec<u8>) -> Result<Claim> {
    let (person, print) = (member.person().id, fingerprint.clone());
    let held = member
        .app
        .tx(subject(member), move |tx| {
            let mine = Remembered {
                id: Uuid::now_v7(),
                person_id: person,
                key,
                fingerprint: print,
                status: None,
                location: None,
                etag: None,
                body: None,
                created_at: tx.now,
            };
            take(tx, mine)
        })
        .await?;
    match held {
        Held::ByUs(id) => Ok(Claim::First(id)),
        Held::ByEarlier(earlier) if earlier.fingerprint == fingerprint => {
            earlier.answer().map(Claim::Repeat)
        }
        Held::ByEarlier(_) => Err(Error::Refused(
            StatusCode::UNPROCESSABLE_ENTITY,
            "This Idempotency-Key came with another request before.".into(),
        )),
    }
}

enum Held {
    ByUs(Uuid),
    ByEarlier(Remembered),
}

fn take(tx: &mut Tx, mine: Remembered) -> Result<Held> {
    let free = dsl::created_at.lt(tx.now - REMEMBERED).or(dsl::status
        .is_null()
        .and(dsl::created_at.lt(tx.now - ABANDONED)));
    let claimed = diesel::insert_into(idempotency_keys::table)
        .values(&mine)
        .on_conflict((dsl::workspace_id, dsl::person_id, dsl::key))
        .do_update()
        .set((
            dsl::id.eq(excluded(dsl::id)),
            dsl::fingerprint.eq(excluded(dsl::fingerprint)),
            dsl::status.eq(excluded(dsl::status)),
            dsl::location.eq(excluded(dsl::location)),
            dsl::etag.eq(excluded(dsl::etag)),
            dsl::body.eq(excluded(dsl::body)),
            dsl::created_at.eq(excluded(dsl::created_at)),
        ));
    let taken: Option<Uuid> = methods::FilterDsl::filter(claimed, free)
        .returning(dsl::id)
        .get_result(&mut **tx)
        .optional()?;
    if let Some(id) = taken {
        return Ok(Held::ByUs(id));
    }
    let earlier = idempotency_keys::table
        .filter(dsl::person_id.eq(mine.person_id))
        .filter(dsl::key.eq(&mine.key))
        .select(Remembered::as_select())
        .first(&mut **tx)?;
    Ok(Held::ByEarlier(earlier))
}

impl Remembered {
    /// The answer once more.
    fn answer(self) -> Result<HttpResponse> {
        let Some(status) = self.status else {
            return Err(Error::Conflict(
                "The first request with this Idempotency-Key is still running.".into(),
            ));
        };
        let Some(body) = self.body else {
            return Err(Error::Conflict(
                "This was done already; its answer held a secret that is shown once.".into(),
            ));
        };
        let status = StatusCode::from_u16(status as u16).map_err(Error::internal)?;
        let mut answer = HttpResponse::build(status);
        answer.insert_header(("idempotent-replayed", "true"));
        answer.insert_header((header::CACHE_CONTROL, "no-store"));
        if let Some(location) = self.location {
            answer.insert_header((header::LOCATION, location));
        }
        if let Some(etag) = self.etag {
            answer.insert_header((header::ETAG, etag));
        }
        if body.is_empty() {
            return Ok(answer.finish());
        }
        Ok(answer.content_type("application/json").body(body))
    }
}

/// Keeps the answer for whoever asks again, and gives it to who asked first.
async fn keep<B: MessageBody + 'static>(
    member: &Member,
    id: Uuid,
    response: ServiceResponse<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let status = response.status();
    if !status.is_success() && !status.is_redirection() {
        release(member, id).await?;
        return Ok(response.map_into_boxed_body());
    }
    let shown_once = response.response().extensions().contains::<ShownOnce>();
    let text = |name| {
        let value = response.headers().get(name).and_then(|v| v.to_str().ok());
        value.map(str::to_owned)
    };
    let (location, etag) = (text(header::LOCATION), text(header::ETAG));
    let (req, response) = response.into_parts();
    let (head, body) = response.into_parts();
    let bytes = to_bytes(body)
        .await
        .map_err(|_| Error::internal("the answer could not be read"))?;
    remember(
        member,
        id,
        status,
        location,
        etag,
        (!shown_once).then(|| bytes.clone()),
    )
    .await?;
    let response = head.set_body(BoxBody::new(bytes));
    Ok(ServiceResponse::new(req, response))
}

async fn remember(
    member: &Member,
    id: Uuid,
    status: StatusCode,
    location: Option<String>,
    etag: Option<String>,
    body: Option<Bytes>,
) -> Result<()> {
    member
        .app
        .tx(subject(member), move |tx| {
            diesel::update(idempotency_keys::table.filter(dsl::id.eq(id)))
                .set((
                    dsl::status.eq(i32::from(status.as_u16())),
                    dsl::location.eq(location),
                    dsl::etag.eq(etag),
                    dsl::body.eq(body.map(|b| b.to_vec())),
                ))
                .execute(&mut **tx)?;
            Ok(())
        })
        .await
}

async fn release(member: &Member, id: Uuid) -> Result<()> {
    member
        .app
        .tx(subject(member), move |tx| {
            diesel::delete(idempotency_keys::table.filter(dsl::id.eq(id))).execute(&mut **tx)?;
            Ok(())
        })
        .await
}

fn subject(member: &Member) -> Subject {
    Subject {
        workspace: member.membership.workspace_id,
        person: Some(member.person().id),
        scope: Scope::All,
        origin: member.origin.clone(),
        reads: false,
    }
}
