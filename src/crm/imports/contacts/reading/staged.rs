//! A contact on its way from the file to its table.

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

/// A contact as the file gives it; what the file does not say is `None`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Staged {
    pub id: Uuid,
    pub row: i64,
    pub line: i64,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub job_title: Option<String>,
    pub company_id: Option<Uuid>,
    pub lifecycle_stage: Option<&'static str>,
    pub lead_status: Option<&'static str>,
    pub lead_source: Option<&'static str>,
    pub more_emails: Vec<Channel>,
    pub more_phones: Vec<Channel>,
    pub addresses: Vec<Address>,
    pub city: Option<String>,
    pub country: Option<String>,
    pub birthday: Option<NaiveDate>,
    pub consent_email: Option<&'static str>,
    pub description: Option<String>,
    pub owner_id: Option<Uuid>,
    pub tags: Vec<String>,
    pub custom: Map<String, Value>,
    #[serde(skip)]
    pub company: Option<Company>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Channel {
    pub label: String,
    pub value: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Address {
    pub street: String,
    pub postcode: String,
    pub city: String,
    pub region: String,
    pub country: String,
}

/// The company that a row names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Company {
    pub name: String,
    pub domain: Option<String>,
}

impl Staged {
    pub fn is_nameless(&self) -> bool {
        self.first_name.is_none()
            && self.last_name.is_none()
            && self.email.is_none()
            && self.phone.is_none()
    }

    /// Takes over what a later row of the file says of the same person.
    pub fn absorb(&mut self, later: Staged) {
        macro_rules! newer {
            ($($field:ident)*) => { $(if later.$field.is_some() { self.$field = later.$field; })* };
        }
        newer!(first_name last_name phone job_title company_id company lifecycle_stage lead_status lead_source
            city country birthday consent_email description owner_id);
        extend(&mut self.more_emails, later.more_emails);
        extend(&mut self.more_phones, later.more_phones);
        extend(&mut self.addresses, later.addresses);
        extend(&mut self.tags, later.tags);
        self.custom.extend(later.custom);
    }
}

/// Adds what is not there yet.
pub fn extend<T: PartialEq>(all: &mut Vec<T>, more: Vec<T>) {
    for one in more {
        if !all.contains(&one) {
            all.push(one);
        }
    }
}
