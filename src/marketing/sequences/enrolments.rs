//! Who is on a sequence: put on it by hand, taken off it, and listed.

use actix_web::{HttpResponse, web};
use diesel::dsl::count_star;
use diesel::prelude::*;
use platform::db::Tx;
use platform::records::Editable;
use platform::schema::{contacts, records, sequence_enrolments as e};
use platform::web::can::Edit;
use platform::web::{Can, Form, Id, Toast};
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use super::enrolment::{self, Enrolment};
use super::sequence::Sequence;

const SHOWN: i64 = 100;

/// An enrolment with the contact's name.
#[derive(Clone, Debug, Queryable, Serialize)]
pub struct Enrolled {
    #[serde(flatten)]
    pub enrolment: Enrolment,
    pub name: String,
}

impl Enrolled {
    /// The newest of them; all where `status` says nothing.
    pub fn newest(tx: &mut Tx, sequence: Uuid, status: &str) -> Result<Vec<Enrolled>> {
        let mut query = e::table
            .inner_join(records::table.on(records::id.eq(e::contact_id)))
            .filter(e::sequence_id.eq(sequence))
            .into_boxed();
        if !status.is_empty() {
            query = query.filter(e::status.eq(status.to_owned()));
        }
        Ok(query
            .order((e::created_at.desc(), e::id.desc()))
            .limit(SHOWN)
            .select((Enrolment::as_select(), records::title))
            .load(&mut **tx)?)
    }
}

/// How many stand where.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Numbers {
    pub active: i64,
    pub finished: i64,
    pub exited: i64,
}

impl Numbers {
    pub fn of(tx: &mut Tx, sequence: Uuid) -> Result<Numbers> {
        let counted: Vec<(String, i64)> = e::table
            .filter(e::sequence_id.eq(sequence))
            .group_by(e::status)
            .select((e::status, count_star()))
            .load(&mut **tx)?;
        let of = |status: &str| {
            counted
                .iter()
                .find(|(s, _)| s == status)
                .map_or(0, |(_, n)| *n)
        };
        Ok(Numbers {
            active: of("active"),
            finished: of("finished"),
            exited: of("exited"),
        })
    }
}

/// Whom to enrol, by address or id.
#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct Enrol {
    #[validate(length(max = 254))]
    email: String,
    contact_id: Option<Uuid>,
}

impl Enrol {
    fn contact(&self, tx: &mut Tx) -> Result<Uuid> {
        let mut query = contacts::table
            .filter(contacts::archived_at.is_null())
            .into_boxed();
        query = match self.contact_id {
            Some(contact) => query.filter(contacts::id.eq(contact)),
            None => query.filter(contacts::email.eq(self.email.trim().to_lowercase())),
        };
        let found: Option<Uuid> = query
            .order((contacts::created_at, contacts::id))
            .select(contacts::id)
            .first(&mut **tx)
            .optional()?;
        found.ok_or_else(|| Error::invalid("email", "No contact has this address."))
    }
}

pub async fn create(
    can: Can<Edit, Sequence>,
    Id(id): Id,
    form: Form<Enrol>,
) -> Result<HttpResponse> {
    let wanted = form.valid()?;
    let added = can.tx(move |tx| {
        let sequence = Sequence::find(tx, id)?;
        if sequence.archived_at.is_some() {
            return Err(Error::Conflict("The sequence is archived.".into()));
        }
        let contact = wanted.contact(tx)?;
        enrolment::enrol(tx, id, contact, "by hand")
    });
    let text = match added.await? {
        true => "Enrolled",
        false => "Already on this sequence",
    };
    can.done(&can.url(&format!("/sequences/{id}")), Toast::done(text))
}

/// `/w/{workspace}/sequences/{id}/enrolments/{enrolment}`.
type EnrolmentPath = web::Path<(String, Uuid, Uuid)>;

pub async fn exit(can: Can<Edit, Sequence>, path: EnrolmentPath) -> Result<HttpResponse> {
    let (_, id, enrolment) = path.into_inner();
    let reason = format!("taken off by {}", can.person().name);
    can.tx(move |tx| {
        let sequence = Sequence::find(tx, id)?;
        let enrolment = Enrolment::find(tx, enrolment)?;
        let enrolment = enrolment.filter(|e| e.sequence_id == sequence.id);
        enrolment
            .ok_or(Error::NotFound)?
            .exit(tx, &sequence, &reason)
    })
    .await?;
    let toast = Toast::done("Taken off the sequence");
    can.done(&can.url(&format!("/sequences/{id}")), toast)
}
