//! A contact: its row and its verbs.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use platform::db::Tx;
use platform::events::Changes;
use platform::records::Record;
use platform::schema::contacts;
use platform::web::Resource;
use platform::{Error, Result};
use serde::Serialize;
use uuid::Uuid;

use super::form::{Consent, ContactForm, LeadSource, LeadStatus, LifecycleStage};

#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = contacts, check_for_backend(diesel::pg::Pg))]
pub struct Contact {
    pub id: Uuid,
    pub first_name: String,
    pub last_name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub job_title: String,
    pub company_id: Option<Uuid>,
    pub lifecycle_stage: LifecycleStage,
    pub lead_status: LeadStatus,
    pub lead_source: LeadSource,
    pub city: String,
    pub country: String,
    pub birthday: Option<NaiveDate>,
    pub consent_email: Consent,
    pub consent_sms: Consent,
    pub consent_phone: Consent,
    pub score: i32,
    pub description: String,
    pub owner_id: Option<Uuid>,
    pub tags: Vec<String>,
    pub custom: serde_json::Value,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub archived_at: Option<DateTime<Utc>>,
}

impl Resource for Contact {
    const NAME: &'static str = "contacts";
}

impl Record for Contact {
    const KIND: &'static str = "contact";
    fn id(&self) -> Uuid {
        self.id
    }
    fn title(&self) -> String {
        self.name()
    }
    fn version(&self) -> i32 {
        self.version
    }
}

impl Contact {
    /// What to call them: the name, else the address, else the number.
    pub fn name(&self) -> String {
        let name = format!("{} {}", self.first_name, self.last_name)
            .trim()
            .to_owned();
        if !name.is_empty() {
            return name;
        }
        self.email
            .clone()
            .or_else(|| self.phone.clone())
            .unwrap_or_default()
    }

    /// One that this transaction's member may see; anything else is not there.
    pub fn find(tx: &mut Tx, id: Uuid) -> Result<Contact> {
        let mut query = contacts::table.filter(contacts::id.eq(id)).into_boxed();
        if let Some(owners) = tx.scope.owners() {
            query = query.filter(contacts::owner_id.eq_any(owners.to_vec()));
        }
        Ok(query.select(Contact::as_select()).first(&mut **tx)?)
    }

    pub fn create(tx: &mut Tx, form: ContactForm) -> Result<Contact> {
        let mut form = form.tidy();
        form.owner_id = form.owner_id.or(tx.person);
        let contact: Contact = diesel::insert_into(contacts::table)
            .values((contacts::id.eq(Uuid::now_v7()), &form))
            .returning(Contact::as_returning())
            .get_result(&mut **tx)?;
        tx.track(&contact, "contact.created", Changes::of_new(&form));
        Ok(contact)
    }

    /// Writes the form over version `version`; fails as stale where that is no longer the newest.
    pub fn update(&self, tx: &mut Tx, version: i32, form: ContactForm) -> Result<Contact> {
        let form = form.tidy();
        let changes = Changes::between(&ContactForm::from(self), &form);
        if version != self.version {
            return Err(Error::Stale {
                current: self.version,
            });
        }
        if changes.is_empty() {
            return Ok(self.clone());
        }
        let moved = form.lifecycle_stage != self.lifecycle_stage;
        let stage_since = moved.then_some(contacts::lifecycle_changed_at.eq(tx.now));
        let row = contacts::table
            .filter(contacts::id.eq(self.id))
            .filter(contacts::version.eq(version));
        let updated: Option<Contact> = diesel::update(row)
            .set((&form, stage_since))
            .returning(Contact::as_returning())
            .get_result(&mut **tx)
            .optional()?;
        let contact = updated.ok_or(Error::Stale {
            current: version + 1,
        })?;
        let kind = if moved {
            "contact.lifecycle_changed"
        } else {
            "contact.updated"
        };
        tx.track(&contact, kind, changes);
        Ok(contact)
    }

    pub fn archive(&self, tx: &mut Tx) -> Result<Contact> {
        self.set_archived(tx, Some(tx.now), "contact.archived")
    }

    pub fn restore(&self, tx: &mut Tx) -> Result<Contact> {
        self.set_archived(tx, None, "contact.restored")
    }

    fn set_archived(
        &self,
        tx: &mut Tx,
        at: Option<DateTime<Utc>>,
        kind: &'static str,
    ) -> Result<Contact> {
        if self.archived_at.is_some() == at.is_some() {
            return Ok(self.clone());
        }
        let contact: Contact = diesel::update(contacts::table.filter(contacts::id.eq(self.id)))
            .set(contacts::archived_at.eq(at))
            .returning(Contact::as_returning())
            .get_result(&mut **tx)?;
        tx.track(
            &contact,
            kind,
            Changes::none().set("archived_at", self.archived_at, at),
        );
        Ok(contact)
    }
}
