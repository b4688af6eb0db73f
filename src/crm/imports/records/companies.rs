//! Companies: known by their domain, or else by their name; a parent is named.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Bool, Uuid as SqlUuid};
use platform::Result;
use platform::db::Tx;
use platform::records::Record;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::Imported;
use super::field::{Field, Named, To};
use super::links::companies::by_name_or_domain;
use super::staged::Staged;
use crate::crm::companies::{Company, CompanyKind, Engagement, Status, Tier};
use crate::crm::imports::import::Import;
use crate::crm::imports::reading::values::domain;
use crate::crm::imports::what::What;

impl Imported for Company {
    const WHAT: What = What::Company;

    const FIELDS: &'static [Field] = &[
        Field::new("name", "Name", To::Text("name")).called(&[
            "company name",
            "company",
            "account name",
            "account",
            "organization",
            "organisation",
            "organization name",
            "firma",
            "unternehmen",
            "société",
            "empresa",
            "公司",
        ]),
        Field::new("domain", "Domain", To::Domain("domain")),
        Field::new("website", "Website", To::Web("website")),
        Field::new("kind", "Type", To::Choice("kind", CompanyKind::CHOICES))
            .called(&["company type", "account type"]),
        Field::new("status", "Status", To::Choice("status", Status::CHOICES)),
        Field::new("tier", "Tier", To::Choice("tier", Tier::CHOICES)),
        Field::new(
            "engagement",
            "Engagement",
            To::Choice("engagement", Engagement::CHOICES),
        ),
        Field::new("industry", "Industry", To::Text("industry")),
        Field::new("employees", "Employees", To::Whole("employees")),
        Field::new("phone", "Phone", To::Text("phone")),
        Field::new("street", "Street", To::Part("address.street"))
            .called(&["billing street", "shipping street"]),
        Field::new(
            "street_2",
            "Street, second line",
            To::Part("address.street"),
        ),
        Field::new("postal_code", "Postcode", To::Text("address.postcode")),
        Field::new("city", "City", To::Text("address.city")),
        Field::new("region", "Region", To::Text("address.region")),
        Field::new("country", "Country", To::Text("address.country")),
        Field::new("parent", "Parent company", To::Named(Named::Parent)),
        Field::new("owner", "Owner", To::Owner),
        Field::new("tags", "Tags", To::Tags),
        Field::new("description", "Description", To::Lines("description")).called(&[
            "notes",
            "about us",
            "company description",
        ]),
        Field::new("id", "Nexus ID", To::Id),
    ];

    fn complete(staged: &mut Staged) {
        // A website is known by its host, and a company without a name by that.
        if staged.text("domain").is_empty()
            && let Ok(domain) = domain(&staged.text("website"))
        {
            staged.set("domain", domain);
        }
        if staged.text("name").is_empty() && !staged.text("domain").is_empty() {
            staged.set("name", staged.text("domain"));
        }
    }

    fn key(staged: &Staged) -> String {
        match (staged.id, staged.text("domain")) {
            (Some(id), _) => id.to_string(),
            (None, domain) if !domain.is_empty() => domain,
            _ => staged.text("name").to_lowercase(),
        }
    }

    fn known(tx: &mut Tx, typed: &Map<String, Value>) -> Result<(Vec<Uuid>, &'static str)> {
        let text = |field: &str| typed.get(field).and_then(Value::as_str).unwrap_or_default();
        let domain = Some(text("domain")).filter(|domain| !domain.is_empty());
        by_name_or_domain(tx, text("name"), domain)
    }

    fn is_used(&self, tx: &mut Tx, import: &Import) -> Result<bool> {
        #[derive(QueryableByName)]
        struct Used {
            #[diesel(sql_type = Bool)]
            used: bool,
        }
        let used: Used = sql_query(
            "select exists (select from contacts c where c.company_id = $1 and c.archived_at is null)
               or exists (select from deals d where d.company_id = $1 and d.archived_at is null)
               or exists (select from companies k where k.parent_id = $1 and k.archived_at is null and not exists (
                 select from import_changes i where i.import_id = $2 and i.record_id = k.id and i.changes = '{}')) as used",
        )
        .bind::<SqlUuid, _>(self.id())
        .bind::<SqlUuid, _>(import.id)
        .get_result(&mut **tx)?;
        Ok(used.used)
    }
}
