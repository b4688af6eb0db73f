//! What a person fills in about a contact.

use chrono::NaiveDate;
use diesel::prelude::*;
use platform::Result;
use platform::db::{Json, Tx};
use platform::records::{Custom, RecordForm};
use platform::schema::contacts;
use platform::web::fields::comma_separated;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::crm::address::{
    Address, Channel, addresses, are_addresses, are_emails, are_short, channels,
};
use crate::crm::companies::Company;

use super::choices::{Consent, LeadSource, LeadStatus, LifecycleStage};
use super::contact::Contact;

#[derive(
    Clone, Debug, Default, Deserialize, Serialize, Validate, JsonSchema, Insertable, AsChangeset,
)]
#[diesel(table_name = contacts, treat_none_as_null = true)]
#[serde(default)]
#[validate(schema(function = "has_a_name_or_address"))]
pub struct ContactForm {
    #[validate(length(max = 100))]
    pub first_name: String,
    #[validate(length(max = 100))]
    pub last_name: String,
    #[validate(email, length(max = 254))]
    pub email: Option<String>,
    #[validate(length(max = 40))]
    pub phone: Option<String>,
    #[validate(length(max = 150))]
    pub job_title: String,
    pub company_id: Option<Uuid>,
    /// A company by its name, where none was chosen: the one of that name, or a new one.
    #[serde(skip_serializing)]
    #[diesel(skip_insertion, skip_update)]
    #[validate(length(max = 200))]
    pub company_name: String,
    #[validate(length(max = 100))]
    pub company_role: String,
    pub lifecycle_stage: LifecycleStage,
    pub lead_status: LeadStatus,
    pub lead_source: LeadSource,
    #[serde(deserialize_with = "channels")]
    #[validate(custom(function = "are_emails"))]
    pub more_emails: Json<Vec<Channel>>,
    #[serde(deserialize_with = "channels")]
    #[validate(custom(function = "are_short"))]
    pub more_phones: Json<Vec<Channel>>,
    #[serde(deserialize_with = "addresses")]
    #[validate(custom(function = "are_addresses"))]
    pub addresses: Json<Vec<Address>>,
    #[validate(length(max = 100))]
    pub city: String,
    #[validate(length(max = 100))]
    pub country: String,
    pub birthday: Option<NaiveDate>,
    pub consent_email: Consent,
    pub consent_sms: Consent,
    pub consent_phone: Consent,
    #[validate(length(max = 20000))]
    pub description: String,
    pub owner_id: Option<Uuid>,
    #[serde(deserialize_with = "comma_separated")]
    pub tags: Vec<String>,
    pub custom: Custom,
}

impl RecordForm for ContactForm {
    fn tags(&mut self) -> Option<&mut Vec<String>> {
        Some(&mut self.tags)
    }
    fn custom(&mut self) -> Option<&mut Custom> {
        Some(&mut self.custom)
    }
    fn settle(&mut self, tx: &mut Tx) -> Result<()> {
        self.email = self.email.take().map(|e| e.trim().to_lowercase());
        let name = std::mem::take(&mut self.company_name);
        if self.company_id.is_none() && !name.trim().is_empty() {
            self.company_id = Some(Company::named(tx, name.trim())?);
        }
        Ok(())
    }
}

fn has_a_name_or_address(form: &ContactForm) -> std::result::Result<(), ValidationError> {
    let named = !form.first_name.is_empty() || !form.last_name.is_empty();
    if named || form.email.is_some() || form.phone.is_some() {
        return Ok(());
    }
    Err(ValidationError::new("nameless")
        .with_message("Please enter a name, an e-mail address or a phone number.".into()))
}

impl From<&Contact> for ContactForm {
    fn from(c: &Contact) -> ContactForm {
        ContactForm {
            first_name: c.first_name.clone(),
            last_name: c.last_name.clone(),
            email: c.email.clone(),
            phone: c.phone.clone(),
            job_title: c.job_title.clone(),
            company_id: c.company_id,
            company_name: String::new(),
            company_role: c.company_role.clone(),
            lifecycle_stage: c.lifecycle_stage,
            lead_status: c.lead_status,
            lead_source: c.lead_source,
            more_emails: c.more_emails.clone(),
            more_phones: c.more_phones.clone(),
            addresses: c.addresses.clone(),
            city: c.city.clone(),
            country: c.country.clone(),
            birthday: c.birthday,
            consent_email: c.consent_email,
            consent_sms: c.consent_sms,
            consent_phone: c.consent_phone,
            description: c.description.clone(),
            owner_id: c.owner_id,
            tags: c.tags.clone(),
            custom: c.custom.clone(),
        }
    }
}
