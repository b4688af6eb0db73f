//! Contacts as marketing sees them: what they can be filtered by, and what a mail may say of them.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Jsonb, Nullable};
use platform::Result;
use platform::db::Tx;
use platform::filter::{Catalogue, Context, Field, FieldType};
use platform::records::setup::Setup;
use platform::schema::{campaigns, contacts, segments};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::crm;

/// A list to pick from is no longer than this.
const CHOICES: i64 = 500;
const READS: &str = "campaign_recipients r";
const OF_CONTACT: &str = "r.workspace_id = contacts.workspace_id and r.contact_id = contacts.id";

/// What a mail may say, as SQL over `contacts`: one object for the merge fields. Amounts come with their currency.
pub const FIELDS: &str = "jsonb_build_object('first_name', contacts.first_name, 'last_name', contacts.last_name, \
     'name', trim(contacts.first_name || ' ' || contacts.last_name), 'email', contacts.email, 'phone', contacts.phone, \
     'job_title', contacts.job_title, 'city', contacts.city, 'country', contacts.country, \
     'lifecycle_stage', contacts.lifecycle_stage, \
     'custom', case when contacts.custom = '{}' then contacts.custom else contacts.custom || coalesce(( \
       select jsonb_object_agg(f.key, to_char((contacts.custom->>f.key)::numeric / 100, 'FM999,999,999,999,999,990.00') || ' ' || w.currency) \
       from custom_fields f join workspaces w on w.id = f.workspace_id \
       where f.workspace_id = contacts.workspace_id and f.record_kind = 'contact' and f.type = 'money' \
         and jsonb_typeof(contacts.custom->f.key) = 'number'), '{}') end, \
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

/// Everything a segment can ask about a contact: what their list can be filtered by, and what they did with mail.
pub fn catalogue(tx: &mut Tx) -> Result<Catalogue> {
    let all = Setup::load(tx, &[])?.catalogue(&crm::contacts::KIND);
    // A field that points at records is no use where none can be picked.
    let own = all.fields().iter();
    let own = own.filter(|field| !matches!(field.kind, FieldType::Record(_)));
    let mut catalogue: Catalogue = own.map(|field| (**field).clone()).collect();
    catalogue.add(Field::column(
        "has_email",
        "Has an e-mail address",
        FieldType::Checkbox,
        "(contacts.email is not null)",
    ));
    catalogue.add(Field::related(
        "company.employees",
        "Company’s employees",
        FieldType::Number,
        "companies co",
        "co.workspace_id = contacts.workspace_id and co.id = contacts.company_id",
        "co.employees",
    ));
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
