//! Contacts as marketing sees them: what they can be filtered by, and what a mail may say of them.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Jsonb, Nullable};
use platform::Result;
use platform::db::Tx;
use platform::filter::{Catalogue, Context, Field, FieldType};
use platform::schema::{campaigns, contacts, custom_fields, members, segments, tags};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::crm::contacts::{Consent, LeadSource, LeadStatus, LifecycleStage};

/// A list to pick from is no longer than this.
const CHOICES: i64 = 500;
const READS: &str = "campaign_recipients r";
const OF_CONTACT: &str = "r.workspace_id = contacts.workspace_id and r.contact_id = contacts.id";

/// What a mail may say, as SQL over `contacts`: one object for the merge fields.
pub const FIELDS: &str = "jsonb_build_object('first_name', contacts.first_name, 'last_name', contacts.last_name, \
     'name', trim(contacts.first_name || ' ' || contacts.last_name), 'email', contacts.email, 'phone', contacts.phone, \
     'job_title', contacts.job_title, 'city', contacts.city, 'country', contacts.country, \
     'lifecycle_stage', contacts.lifecycle_stage, 'custom', contacts.custom, \
     'company', (select c.name from companies c where c.workspace_id = contacts.workspace_id and c.id = contacts.company_id))";

/// The fields that a merge field can name, for the help beside the editor.
pub const MERGE_FIELDS: [&str; 10] = [
    "contact.first_name",
    "contact.last_name",
    "contact.name",
    "contact.email",
    "contact.phone",
    "contact.job_title",
    "contact.company",
    "contact.city",
    "contact.country",
    "contact.custom.…",
];

/// Everything a segment can ask about a contact.
pub fn catalogue(tx: &mut Tx) -> Result<Catalogue> {
    let mut catalogue = Catalogue::new(own());
    for (key, label, kind, choices) in custom(tx)? {
        let Some(kind) = FieldType::named(&kind, "contact") else {
            continue;
        };
        let field = Field::custom("contacts.custom", &key, &label, kind);
        catalogue.extend(field.map(|f| f.choices(choices.into_iter().map(|c| (c.clone(), c)))));
    }
    catalogue.add(
        Field::column("owner", "Owner", FieldType::Person, "contacts.owner_id")
            .choices(people(tx)?),
    );
    catalogue.add(
        Field::column("tags", "Tags", FieldType::Tags, "contacts.tags").choices(known_tags(tx)?),
    );
    catalogue.extend(behaviour(tx)?);
    Ok(catalogue)
}

/// When and by whom a filter is asked.
pub fn context(tx: &Tx, zone: chrono_tz::Tz) -> Context {
    Context {
        now: tx.now,
        zone,
        me: tx.person,
    }
}

fn own() -> Vec<Field> {
    use FieldType::{Checkbox, Choice, Date, DateTime, Email, Number, Phone, Text};
    let column = Field::column;
    let choices = |all: &'static [platform::db::text_enum::Choice]| {
        all.iter().map(|c| (c.key, c.label)).collect::<Vec<_>>()
    };
    let company = |key, label, kind, column| {
        Field::related(
            key,
            label,
            kind,
            "companies co",
            "co.workspace_id = contacts.workspace_id and co.id = contacts.company_id",
            column,
        )
        .group("Company")
    };
    vec![
        column("first_name", "First name", Text, "contacts.first_name"),
        column("last_name", "Last name", Text, "contacts.last_name"),
        column("email", "E-mail", Email, "contacts.email").folded(),
        column("phone", "Phone", Phone, "contacts.phone"),
        column("job_title", "Job title", Text, "contacts.job_title"),
        column(
            "lifecycle_stage",
            "Life-cycle stage",
            Choice,
            "contacts.lifecycle_stage",
        )
        .choices(choices(LifecycleStage::CHOICES)),
        column("lead_status", "Lead status", Choice, "contacts.lead_status")
            .choices(choices(LeadStatus::CHOICES)),
        column("lead_source", "Lead source", Choice, "contacts.lead_source")
            .choices(choices(LeadSource::CHOICES)),
        column("city", "City", Text, "contacts.city"),
        column("country", "Country", Text, "contacts.country"),
        column("birthday", "Birthday", Date, "contacts.birthday"),
        column("score", "Score", Number, "contacts.score").whole(),
        column(
            "consent_email",
            "Consent to e-mail",
            Choice,
            "contacts.consent_email",
        )
        .choices(choices(Consent::CHOICES)),
        column(
            "has_email",
            "Has an e-mail address",
            Checkbox,
            "(contacts.email is not null)",
        ),
        column("created_at", "Created", DateTime, "contacts.created_at"),
        column("updated_at", "Updated", DateTime, "contacts.updated_at"),
        column(
            "last_activity_at",
            "Last activity",
            DateTime,
            "contacts.last_activity_at",
        ),
        company("company.name", "Company name", Text, "co.name"),
        company("company.industry", "Industry", Text, "co.industry"),
        company(
            "company.employees",
            "Employees",
            FieldType::Number,
            "co.employees",
        ),
    ]
}

/// What contacts did with the mails they got, and the lists they are on.
fn behaviour(tx: &mut Tx) -> Result<Vec<Field>> {
    let campaigns = sent_campaigns(tx)?;
    let of_campaign = |key, label, on| {
        Field::related(
            key,
            label,
            FieldType::Record("campaign"),
            READS,
            on,
            "r.campaign_id",
        )
        .group("E-mail")
        .choices(campaigns.clone())
    };
    Ok(vec![
        Field::behaviour(
            "opened",
            "Opened an e-mail",
            READS,
            OF_CONTACT,
            "r.opened_at",
        )
        .group("E-mail"),
        Field::behaviour(
            "clicked",
            "Clicked in an e-mail",
            READS,
            OF_CONTACT,
            "r.clicked_at",
        )
        .group("E-mail"),
        Field::behaviour("received", "Got an e-mail", READS, OF_CONTACT, "r.sent_at")
            .group("E-mail"),
        of_campaign(
            "campaign.received",
            "Got campaign",
            "r.workspace_id = contacts.workspace_id and r.contact_id = contacts.id and r.sent_at is not null",
        ),
        of_campaign(
            "campaign.opened",
            "Opened campaign",
            "r.workspace_id = contacts.workspace_id and r.contact_id = contacts.id and r.opened_at is not null",
        ),
        of_campaign(
            "campaign.clicked",
            "Clicked in campaign",
            "r.workspace_id = contacts.workspace_id and r.contact_id = contacts.id and r.clicked_at is not null",
        ),
        Field::related(
            "segment",
            "In static segment",
            FieldType::Record("segment"),
            "segment_members sm",
            "sm.workspace_id = contacts.workspace_id and sm.contact_id = contacts.id",
            "sm.segment_id",
        )
        .group("E-mail")
        .choices(static_segments(tx)?),
    ])
}

type Named = Vec<(Uuid, String)>;

fn sent_campaigns(tx: &mut Tx) -> Result<Named> {
    Ok(campaigns::table
        .filter(campaigns::started_at.is_not_null())
        .filter(campaigns::archived_at.is_null())
        .order(campaigns::started_at.desc())
        .limit(CHOICES)
        .select((campaigns::id, campaigns::name))
        .load(&mut **tx)?)
}

fn static_segments(tx: &mut Tx) -> Result<Named> {
    Ok(segments::table
        .filter(segments::kind.eq("static"))
        .filter(segments::archived_at.is_null())
        .order(segments::name)
        .limit(CHOICES)
        .select((segments::id, segments::name))
        .load(&mut **tx)?)
}

fn people(tx: &mut Tx) -> Result<Named> {
    Ok(members::table
        .filter(members::active)
        .order(members::name)
        .limit(CHOICES)
        .select((members::person_id, members::name))
        .load(&mut **tx)?)
}

fn known_tags(tx: &mut Tx) -> Result<Vec<(String, String)>> {
    let names: Vec<String> = tags::table
        .order(tags::name)
        .limit(CHOICES)
        .select(tags::name)
        .load(&mut **tx)?;
    Ok(names.into_iter().map(|n| (n.clone(), n)).collect())
}

type CustomField = (String, String, String, Vec<String>);

fn custom(tx: &mut Tx) -> Result<Vec<CustomField>> {
    Ok(custom_fields::table
        .filter(custom_fields::record_kind.eq("contact"))
        .filter(custom_fields::archived_at.is_null())
        .order((custom_fields::position, custom_fields::label))
        .limit(CHOICES)
        .select((
            custom_fields::key,
            custom_fields::label,
            custom_fields::type_,
            custom_fields::choices,
        ))
        .load(&mut **tx)?)
}

/// A contact to try a template on: the one named, else the newest with an address, else somebody made up.
pub fn sample(tx: &mut Tx, id: Option<Uuid>) -> Result<Value> {
    let mut query = contacts::table
        .filter(contacts::archived_at.is_null())
        .into_boxed();
    query = match id {
        Some(id) => query.filter(contacts::id.eq(id)),
        None => query
            .filter(contacts::email.is_not_null())
            .order((contacts::created_at.desc(), contacts::id.desc())),
    };
    if let Some(owners) = tx.scope.owners() {
        query = query.filter(contacts::owner_id.eq_any(owners.to_vec()));
    }
    let found: Option<Option<Value>> = query
        .select(sql::<Nullable<Jsonb>>(FIELDS))
        .first(&mut **tx)
        .optional()?;
    match (found.flatten(), id) {
        (Some(contact), _) => Ok(json!({ "contact": contact })),
        (None, Some(_)) => Err(platform::Error::NotFound),
        (None, None) => Ok(
            json!({"contact": {"first_name": "Anna", "last_name": "Example",
            "name": "Anna Example", "email": "anna@example.com", "city": "Bonn", "country": "Germany",
            "company": "Example Ltd", "job_title": "Buyer"}}),
        ),
    }
}
