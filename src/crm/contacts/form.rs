//! What a person fills in about a contact.

use chrono::NaiveDate;
use diesel::prelude::*;
use platform::schema::contacts;
use platform::text_enum;
use platform::web::fields::comma_separated;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use super::contact::Contact;

text_enum! {
    pub enum LifecycleStage {
        Lead => "lead", "Lead";
        Subscriber => "subscriber", "Subscriber";
        MarketingQualified => "marketing_qualified", "Marketing qualified";
        SalesQualified => "sales_qualified", "Sales qualified";
        Opportunity => "opportunity", "Opportunity";
        Customer => "customer", "Customer";
        Evangelist => "evangelist", "Evangelist";
        Other => "other", "Other";
    }
}

text_enum! {
    pub enum LeadStatus {
        New => "new", "New";
        Open => "open", "Open";
        InProgress => "in_progress", "In progress";
        OpenDeal => "open_deal", "Open deal";
        Unqualified => "unqualified", "Unqualified";
        Attempted => "attempted", "Attempted to contact";
        Connected => "connected", "Connected";
        BadTiming => "bad_timing", "Bad timing";
    }
}

text_enum! {
    pub enum LeadSource {
        Other => "other", "Other";
        Website => "website", "Website";
        Referral => "referral", "Referral";
        Campaign => "campaign", "Campaign";
        Social => "social", "Social media";
        Event => "event", "Event";
        Phone => "phone", "Phone";
        WalkIn => "walk_in", "Walk-in";
        Partner => "partner", "Partner";
        Import => "import", "Import";
        Form => "form", "Form";
        Api => "api", "API";
    }
}

text_enum! {
    pub enum Consent {
        Unknown => "unknown", "Not asked";
        Given => "given", "Given";
        Withdrawn => "withdrawn", "Withdrawn";
    }
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate, Insertable, AsChangeset)]
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
    pub lifecycle_stage: LifecycleStage,
    pub lead_status: LeadStatus,
    pub lead_source: LeadSource,
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
    #[validate(length(max = 50, message = "Please use at most 50 tags."))]
    pub tags: Vec<String>,
}

fn has_a_name_or_address(form: &ContactForm) -> Result<(), ValidationError> {
    let named = !form.first_name.is_empty() || !form.last_name.is_empty();
    if named || form.email.is_some() || form.phone.is_some() {
        return Ok(());
    }
    Err(ValidationError::new("nameless")
        .with_message("Please enter a name, an e-mail address or a phone number.".into()))
}

impl ContactForm {
    /// In the shape in which it is kept and compared.
    pub fn tidy(mut self) -> ContactForm {
        self.email = self.email.map(|e| e.trim().to_lowercase());
        self
    }
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
            lifecycle_stage: c.lifecycle_stage,
            lead_status: c.lead_status,
            lead_source: c.lead_source,
            city: c.city.clone(),
            country: c.country.clone(),
            birthday: c.birthday,
            consent_email: c.consent_email,
            consent_sms: c.consent_sms,
            consent_phone: c.consent_phone,
            description: c.description.clone(),
            owner_id: c.owner_id,
            tags: c.tags.clone(),
        }
    }
}
