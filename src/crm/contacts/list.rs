//! Contacts in a list, and the names that their ids stand for.

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use platform::db::{Fixed, fixed};
use platform::list_queries;
use platform::records::list::{Sort, Spared};
use platform::records::{Cells, Custom, Listed, Shown};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::contact::Contact;
use super::fields::{COLUMNS, SORTS};
use crate::crm::address::{Address, Channel};

#[derive(Clone, Debug, Queryable, Selectable, Serialize, JsonSchema)]
#[schemars(rename = "ContactRow")]
#[diesel(table_name = contacts, check_for_backend(diesel::pg::Pg))]
pub struct Row {
    #[serde(flatten)]
    #[diesel(embed)]
    pub contact: Contact,
    #[diesel(select_expression = fixed(COMPANY), select_expression_type = Fixed<Nullable<Text>>)]
    pub company: Option<String>,
    #[diesel(select_expression = fixed(OWNER), select_expression_type = Fixed<Nullable<Text>>)]
    pub owner: Option<String>,
}

const COMPANY: &str = "(select name from companies c where c.workspace_id = contacts.workspace_id and c.id = contacts.company_id)";
const OWNER: &str = "(select name from members m where m.workspace_id = contacts.workspace_id and m.person_id = contacts.owner_id)";

impl Listed for Contact {
    type Row = Row;
    const ABOUT: &'static str =
        "Contacts are the people your team knows: leads, customers, partners.";
    const FACES: bool = true;
    const SORTS: &'static [Sort] = &SORTS;
    const COLUMNS: &'static [&'static str] = &COLUMNS;
    const EXPORTED: bool = true;
    const IMPORTED: bool = true;
    const SPARED: &'static [Spared] = &[
        Spared::Name(COMPANY),
        Spared::Name(OWNER),
        Spared::Column("more_emails"),
        Spared::Column("more_phones"),
        Spared::Column("addresses"),
        Spared::Column("custom"),
    ];

    list_queries!(contacts);

    fn place(&self, key: &str) -> String {
        match key {
            "updated_at" => self.updated_at.to_rfc3339(),
            "name" => self.last_name.clone(),
            "score" => self.score.to_string(),
            _ => self.created_at.to_rfc3339(),
        }
    }

    fn of(row: &Row) -> &Contact {
        &row.contact
    }
}

impl Cells for Row {
    fn shown(&self, key: &str) -> Shown<'_> {
        let c = &self.contact;
        match key {
            "first_name" => Shown::text(&c.first_name),
            "last_name" => Shown::text(&c.last_name),
            "email" => Shown::email(c.email.as_deref().unwrap_or_default()),
            "phone" => Shown::phone(c.phone.as_deref().unwrap_or_default()),
            "company_id" => Shown::linked(c.company_id),
            "company_role" => Shown::text(&c.company_role),
            "job_title" => Shown::text(&c.job_title),
            "lifecycle_stage" => Shown::State(c.lifecycle_stage.label(), c.lifecycle_stage.tone()),
            "lead_status" => Shown::State(c.lead_status.label(), c.lead_status.tone()),
            "lead_source" => Shown::text(c.lead_source.label()),
            "owner_id" => Shown::member(c.owner_id),
            "tags" => Shown::tags(&c.tags),
            "score" => Shown::number(c.score),
            "temperature" => Shown::State(c.temperature.label(), c.temperature.tone()),
            "city" => Shown::text(&c.city),
            "country" => Shown::text(&c.country),
            "birthday" => c.birthday.map_or(Shown::Nothing, Shown::Day),
            "consent_email" => Shown::State(c.consent_email.label(), c.consent_email.tone()),
            "consent_sms" => Shown::State(c.consent_sms.label(), c.consent_sms.tone()),
            "consent_phone" => Shown::State(c.consent_phone.label(), c.consent_phone.tone()),
            "description" => Shown::long(&c.description),
            "created_at" => Shown::Moment(c.created_at),
            "updated_at" => Shown::Moment(c.updated_at),
            "lifecycle_changed_at" => Shown::Moment(c.lifecycle_changed_at),
            "last_activity_at" => c.last_activity_at.map_or(Shown::Nothing, Shown::Moment),
            "more_emails" => Shown::lines(c.more_emails.iter().map(Channel::labelled).collect()),
            "more_phones" => Shown::lines(c.more_phones.iter().map(Channel::labelled).collect()),
            "addresses" => Shown::lines(c.addresses.iter().map(Address::labelled).collect()),
            _ => Shown::Nothing,
        }
    }

    fn records(&self) -> Vec<Uuid> {
        self.contact.company_id.into_iter().collect()
    }

    fn custom(&self) -> &Custom {
        &self.contact.custom
    }
}
