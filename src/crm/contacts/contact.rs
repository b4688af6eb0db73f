//! A contact: its row and its verbs.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use platform::Result;
use platform::db::{Json, Tx};
use platform::events::Changes;
use platform::record_queries;
use platform::records::{Custom, Editable, Record, RecordForm};
use platform::schema::contacts;
use platform::web::Resource;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::crm::address::{Address, Channel};

use super::KIND;
use super::choices::{Consent, LeadSource, LeadStatus, LifecycleStage, Temperature};
use super::form::ContactForm;
use crate::workspaces::assignment::Sharing;

#[derive(Clone, Debug, Queryable, Selectable, Serialize, JsonSchema)]
#[diesel(table_name = contacts, check_for_backend(diesel::pg::Pg))]
pub struct Contact {
    pub id: Uuid,
    pub first_name: String,
    pub last_name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub job_title: String,
    pub company_id: Option<Uuid>,
    pub company_role: String,
    pub lifecycle_stage: LifecycleStage,
    pub lead_status: LeadStatus,
    pub lead_source: LeadSource,
    pub more_emails: Json<Vec<Channel>>,
    pub more_phones: Json<Vec<Channel>>,
    pub addresses: Json<Vec<Address>>,
    pub city: String,
    pub country: String,
    pub birthday: Option<NaiveDate>,
    pub consent_email: Consent,
    pub consent_sms: Consent,
    pub consent_phone: Consent,
    pub score: i32,
    pub temperature: Temperature,
    pub description: String,
    pub lifecycle_changed_at: DateTime<Utc>,
    pub last_activity_at: Option<DateTime<Utc>>,
    pub owner_id: Option<Uuid>,
    pub tags: Vec<String>,
    pub custom: Custom,
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

impl Editable for Contact {
    type Form = ContactForm;

    record_queries!(contacts);

    fn create(tx: &mut Tx, mut form: ContactForm) -> Result<Contact> {
        form.settle(tx)?;
        let sharing = Sharing::of_new(tx, &KIND, &mut form.owner_id)?;
        let mut contact: Contact = diesel::insert_into(contacts::table)
            .values((contacts::id.eq(Uuid::now_v7()), &form))
            .returning(Contact::as_returning())
            .get_result(&mut **tx)?;
        let given = sharing.give(tx, contact.id)?;
        if let Some(owner) = given.owner {
            form.owner_id = Some(owner);
            contact = diesel::update(contacts::table.filter(contacts::id.eq(contact.id)))
                .set(contacts::owner_id.eq(owner))
                .returning(Contact::as_returning())
                .get_result(&mut **tx)?;
        }
        let event = tx.track(&contact, "contact.created", Changes::of_new(&form));
        given.tell(event, &KIND);
        Ok(contact)
    }

    fn save(&self, tx: &mut Tx, mut form: ContactForm) -> Result<Contact> {
        form.settle(tx)?;
        let changes = Changes::between(&self.form(), &form);
        if changes.is_empty() {
            return Ok(self.clone());
        }
        let moved = form.lifecycle_stage != self.lifecycle_stage;
        let stage_since = moved.then_some(contacts::lifecycle_changed_at.eq(tx.now));
        let contact: Contact = diesel::update(contacts::table.filter(contacts::id.eq(self.id)))
            .set((&form, stage_since))
            .returning(Contact::as_returning())
            .get_result(&mut **tx)?;
        let kind = match moved {
            true => "contact.lifecycle_changed",
            false => "contact.updated",
        };
        tx.track(&contact, kind, changes);
        Ok(contact)
    }

    fn form(&self) -> ContactForm {
        ContactForm::from(self)
    }
}

impl Contact {
    /// The contact, held until the transaction ends, so that two changes of what hangs on it don't cross.
    pub fn held(tx: &mut Tx, id: Uuid) -> Result<Contact> {
        contacts::table
            .filter(contacts::id.eq(id))
            .select(contacts::id)
            .for_no_key_update()
            .first::<Uuid>(&mut **tx)
            .optional()?;
        Contact::find(tx, id)
    }

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
}
