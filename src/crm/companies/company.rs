//! A company: its row and its verbs.

use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Bool, Text, Uuid as SqlUuid};
use platform::db::{Json, Tx};
use platform::events::Changes;
use platform::records::list::{Holds, tsquery};
use platform::records::{Custom, Editable, Record, RecordForm};
use platform::schema::companies;
use platform::web::Resource;
use platform::{Error, Result, record_queries};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::KIND;
use super::choices::{CompanyKind, Engagement, Status, Tier};
use super::form::CompanyForm;
use crate::crm::address::Address;

/// Deeper than any group of companies.
const DEEPEST: i32 = 20;
use crate::workspaces::assignment::Sharing;

#[derive(Clone, Debug, Queryable, Selectable, Serialize, JsonSchema)]
#[diesel(table_name = companies, check_for_backend(diesel::pg::Pg))]
pub struct Company {
    pub id: Uuid,
    pub name: String,
    pub domain: Option<String>,
    pub kind: CompanyKind,
    pub status: Status,
    pub tier: Tier,
    pub engagement: Engagement,
    pub industry: String,
    pub employees: Option<i32>,
    pub phone: String,
    pub website: String,
    pub address: Json<Address>,
    pub description: String,
    pub parent_id: Option<Uuid>,
    pub enrichment: serde_json::Value,
    pub owner_id: Option<Uuid>,
    pub tags: Vec<String>,
    pub custom: Custom,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub archived_at: Option<DateTime<Utc>>,
}

impl Resource for Company {
    const NAME: &'static str = "companies";
}

impl Record for Company {
    const KIND: &'static str = "company";
    fn id(&self) -> Uuid {
        self.id
    }
    fn title(&self) -> String {
        self.name.clone()
    }
    fn version(&self) -> i32 {
        self.version
    }
}

impl Editable for Company {
    type Form = CompanyForm;

    record_queries!(companies);

    fn create(tx: &mut Tx, mut form: CompanyForm) -> Result<Company> {
        form.settle(tx)?;
        let sharing = Sharing::of_new(tx, &KIND, &mut form.owner_id)?;
        let mut company: Company = diesel::insert_into(companies::table)
            .values((companies::id.eq(Uuid::now_v7()), &form))
            .returning(Company::as_returning())
            .get_result(&mut **tx)?;
        let given = sharing.give(tx, company.id)?;
        if let Some(owner) = given.owner {
            form.owner_id = Some(owner);
            company = diesel::update(companies::table.filter(companies::id.eq(company.id)))
                .set(companies::owner_id.eq(owner))
                .returning(Company::as_returning())
                .get_result(&mut **tx)?;
        }
        let event = tx.track(&company, "company.created", Changes::of_new(&form));
        given.tell(event, &KIND);
        Ok(company)
    }

    fn save(&self, tx: &mut Tx, mut form: CompanyForm) -> Result<Company> {
        form.settle(tx)?;
        let changes = Changes::between(&self.form(), &form);
        if changes.is_empty() {
            return Ok(self.clone());
        }
        if let Some(parent) = form.parent_id.filter(|_| form.parent_id != self.parent_id) {
            self.refuse_circle(tx, parent)?;
        }
        let company: Company = diesel::update(companies::table.filter(companies::id.eq(self.id)))
            .set(&form)
            .returning(Company::as_returning())
            .get_result(&mut **tx)?;
        tx.track(&company, "company.updated", changes);
        Ok(company)
    }

    fn form(&self) -> CompanyForm {
        CompanyForm::from(self)
    }
}

#[derive(QueryableByName)]
struct Above {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

impl Company {
    /// The company of that name, in any case; a new one where there is none.
    pub fn named(tx: &mut Tx, name: &str) -> Result<Uuid> {
        let same = sql::<Bool>("fold(companies.name) = fold(").bind::<Text, _>(name.to_owned());
        let words = tsquery(name).unwrap_or_else(|| "''".into());
        let known: Option<Uuid> = companies::table
            .filter(companies::archived_at.is_null())
            .filter(Holds::new("companies", words))
            .filter(same.sql(")"))
            .order(companies::created_at)
            .select(companies::id)
            .first(&mut **tx)
            .optional()?;
        match known {
            Some(id) => Ok(id),
            None => {
                let form = CompanyForm {
                    name: name.to_owned(),
                    ..CompanyForm::default()
                };
                Ok(Company::create(tx, form)?.id)
            }
        }
    }

    /// A company can't stand above itself.
    fn refuse_circle(&self, tx: &mut Tx, parent: Uuid) -> Result<()> {
        let above: Vec<Above> = sql_query(
            "with recursive above (id, parent_id, depth) as (
               select id, parent_id, 1 from companies where id = $1
               union all select c.id, c.parent_id, depth + 1 from companies c join above a on c.id = a.parent_id
               where depth <= $2)
             select id from above",
        )
        .bind::<SqlUuid, _>(parent)
        .bind::<diesel::sql_types::Integer, _>(DEEPEST)
        .load(&mut **tx)?;
        if above.iter().any(|company| company.id == self.id) {
            return Err(Error::invalid(
                "parent_id",
                "That company already stands below this one.",
            ));
        }
        if above.len() > DEEPEST as usize {
            return Err(Error::invalid(
                "parent_id",
                format!("A hierarchy has at most {DEEPEST} levels."),
            ));
        }
        Ok(())
    }
}
