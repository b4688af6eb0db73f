//! What contacts are filtered, sorted and listed by.

use platform::filter::{Field, FieldType};
use platform::records::list::Sort;

use super::choices::{Consent, LeadSource, LeadStatus, LifecycleStage, Temperature};
use crate::crm::{companies, relationships};

const COMPANY: &str =
    "companies.workspace_id = contacts.workspace_id and companies.id = contacts.company_id";

pub fn fields() -> Vec<Field> {
    use FieldType::*;
    let own = [
        Field::column("first_name", "First name", Text, "contacts.first_name"),
        Field::column("last_name", "Last name", Text, "contacts.last_name"),
        Field::column("email", "E-mail", Email, "contacts.email").folded(),
        Field::column("phone", "Phone", Phone, "contacts.phone"),
        Field::column(
            "company_id",
            "Company",
            Record("company"),
            "contacts.company_id",
        ),
        Field::column("company_role", "Role there", Text, "contacts.company_role"),
        Field::column("job_title", "Job title", Text, "contacts.job_title"),
        Field::column(
            "lifecycle_stage",
            "Stage",
            Choice,
            "contacts.lifecycle_stage",
        )
        .choices(LifecycleStage::options()),
        Field::column("lead_status", "Lead status", Choice, "contacts.lead_status")
            .choices(LeadStatus::options()),
        Field::column("lead_source", "Source", Choice, "contacts.lead_source")
            .choices(LeadSource::options()),
        Field::column("owner_id", "Owner", Person, "contacts.owner_id"),
        Field::column("tags", "Tags", Tags, "contacts.tags"),
        Field::column("score", "Score", Number, "contacts.score").whole(),
        Field::column("temperature", "Temperature", Choice, "contacts.temperature")
            .choices(Temperature::options()),
        Field::column("city", "City", Text, "contacts.city"),
        Field::column("country", "Country", Text, "contacts.country"),
        Field::column("birthday", "Birthday", Date, "contacts.birthday"),
        Field::column(
            "consent_email",
            "Consent to e-mail",
            Choice,
            "contacts.consent_email",
        )
        .choices(Consent::options()),
        Field::column(
            "consent_sms",
            "Consent to SMS",
            Choice,
            "contacts.consent_sms",
        )
        .choices(Consent::options()),
        Field::column(
            "consent_phone",
            "Consent to calls",
            Choice,
            "contacts.consent_phone",
        )
        .choices(Consent::options()),
        Field::column(
            "description",
            "Description",
            LongText,
            "contacts.description",
        ),
        Field::column("created_at", "Created", DateTime, "contacts.created_at"),
        Field::column("updated_at", "Changed", DateTime, "contacts.updated_at"),
        Field::column(
            "lifecycle_changed_at",
            "Stage since",
            DateTime,
            "contacts.lifecycle_changed_at",
        ),
        Field::column(
            "last_activity_at",
            "Last activity",
            DateTime,
            "contacts.last_activity_at",
        ),
    ];
    own.into_iter()
        .chain(companies::related(COMPANY))
        .chain([relationships::field()])
        .collect()
}

pub const SORTS: [Sort; 4] = [
    Sort {
        key: "created_at",
        column: "contacts.created_at",
        cast: "timestamptz",
    },
    Sort {
        key: "updated_at",
        column: "contacts.updated_at",
        cast: "timestamptz",
    },
    Sort {
        key: "name",
        column: "contacts.last_name",
        cast: "text",
    },
    Sort {
        key: "score",
        column: "contacts.score",
        cast: "int",
    },
];

pub const COLUMNS: [&str; 6] = [
    "email",
    "company_id",
    "lifecycle_stage",
    "owner_id",
    "score",
    "created_at",
];
