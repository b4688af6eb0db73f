//! Deals: known by their name within their company; company, people, pipeline and stage are named.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Nullable, Text, Uuid as SqlUuid};
use platform::Result;
use platform::db::Tx;
use platform::schema::deal_contacts;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::Imported;
use super::field::{Field, Named, To};
use super::staged::Staged;
use crate::crm::contacts::LeadSource;
use crate::crm::deals::{Deal, DealKind, Role};
use crate::crm::imports::what::What;

const PEOPLE: &str = "people";

impl Imported for Deal {
    const WHAT: What = What::Deal;

    const FIELDS: &'static [Field] = &[
        Field::new("name", "Name", To::Text("name")).called(&[
            "deal name",
            "deal",
            "deal title",
            "opportunity name",
            "opportunity",
            "title",
        ]),
        Field::new("stage", "Stage", To::Named(Named::Stage)).called(&[
            "deal stage",
            "sales stage",
            "opportunity stage",
            "phase",
        ]),
        Field::new("pipeline", "Pipeline", To::Named(Named::Pipeline))
            .called(&["deal pipeline", "sales pipeline"]),
        Field::new("amount", "Amount", To::Amount("amount", "currency")).called(&[
            "deal amount",
            "deal value",
            "value",
            "betrag",
            "montant",
            "importe",
        ]),
        Field::new("currency", "Currency", To::Text("currency")).called(&[
            "deal currency",
            "currency code",
            "währung",
        ]),
        Field::new("closes_on", "Expected close", To::Day("closes_on")).called(&[
            "close date",
            "closing date",
            "expected close date",
            "expected closing date",
        ]),
        Field::new("kind", "Type", To::Choice("kind", DealKind::CHOICES))
            .called(&["deal type", "opportunity type"]),
        Field::new(
            "source",
            "Source",
            To::Choice("source", LeadSource::CHOICES),
        )
        .called(&["deal source"]),
        Field::new("company", "Company", To::Named(Named::Company)),
        Field::new(
            "domain",
            "Company's domain",
            To::Named(Named::CompanyDomain),
        )
        .called(&["company website"]),
        Field::new("contact", "Primary contact", To::Named(Named::Contact)).called(&[
            "contact",
            "associated contact",
            "contact email",
            "contact e-mail",
            "contact person",
            "person",
        ]),
        Field::new("contacts", "Further people", To::Named(Named::People)).called(&[
            "contacts",
            "associated contacts",
            "people",
        ]),
        Field::new("reason", "Reason", To::Named(Named::Reason)).called(&[
            "lost reason",
            "loss reason",
            "won reason",
        ]),
        Field::new("owner", "Owner", To::Owner).called(&["deal owner", "opportunity owner"]),
        Field::new("tags", "Tags", To::Tags),
        Field::new("description", "Description", To::Lines("description"))
            .called(&["notes", "deal description"]),
        Field::new("id", "Nexus ID", To::Id),
    ];

    fn key(staged: &Staged) -> String {
        let named = |what| {
            staged
                .names(what)
                .map_or("", |(_, text)| text)
                .to_lowercase()
        };
        match staged.id {
            Some(id) => id.to_string(),
            None => format!(
                "{}\n{}\n{}",
                staged.text("name").to_lowercase(),
                named(Named::Company),
                named(Named::CompanyDomain)
            ),
        }
    }

    fn known(tx: &mut Tx, typed: &Map<String, Value>) -> Result<(Vec<Uuid>, &'static str)> {
        let text = |field: &str| typed.get(field).and_then(Value::as_str).unwrap_or_default();
        let company: Option<Uuid> = text("company_id").parse().ok();
        let found: Vec<Found> = sql_query(
            "select id from deals where archived_at is null and company_id = $2 and fold(name) = fold($1)
             union all
             select id from deals where archived_at is null and $2 is null and company_id is null and name = $1
             limit 2",
        )
        .bind::<Text, _>(text("name").trim())
        .bind::<Nullable<SqlUuid>, _>(company)
        .load(&mut **tx)?;
        let by = match company {
            Some(_) => "name in this company",
            None => "name and no company",
        };
        Ok((found.into_iter().map(|row| row.id).collect(), by))
    }

    fn finish(&self, tx: &mut Tx, _: &Staged, people: &[Uuid]) -> Result<()> {
        for person in people {
            if Some(*person) != self.contact_id {
                self.add_person(tx, *person, Role::Other)?;
            }
        }
        Ok(())
    }

    fn beside(&self, tx: &mut Tx) -> Result<Map<String, Value>> {
        let people: Vec<Uuid> = people(tx, self.id)?;
        Ok(Map::from_iter([(PEOPLE.to_owned(), json!(people))]))
    }

    fn put_back(&self, tx: &mut Tx, _: &str, old: &Value) -> Result<()> {
        let old: Vec<Uuid> = serde_json::from_value(old.clone())?;
        for person in people(tx, self.id)? {
            if !old.contains(&person) {
                self.remove_person(tx, person)?;
            }
        }
        Ok(())
    }
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

fn people(tx: &mut Tx, deal: Uuid) -> Result<Vec<Uuid>> {
    Ok(deal_contacts::table
        .filter(deal_contacts::deal_id.eq(deal))
        .order(deal_contacts::contact_id)
        .limit(100)
        .select(deal_contacts::contact_id)
        .load(&mut **tx)?)
}
