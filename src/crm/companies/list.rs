//! Companies in a list, and the names that their ids stand for.

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use platform::db::{Fixed, fixed};
use platform::list_queries;
use platform::records::list::{Sort, Spared};
use platform::records::{Cells, Custom, Listed, Shown};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::company::Company;
use super::fields::{COLUMNS, SORTS};

#[derive(Clone, Debug, Queryable, Selectable, Serialize, JsonSchema)]
#[schemars(rename = "CompanyRow")]
#[diesel(table_name = companies, check_for_backend(diesel::pg::Pg))]
pub struct Row {
    #[serde(flatten)]
    #[diesel(embed)]
    pub company: Company,
    #[diesel(select_expression = fixed(PARENT), select_expression_type = Fixed<Nullable<Text>>)]
    pub parent: Option<String>,
    #[diesel(select_expression = fixed(OWNER), select_expression_type = Fixed<Nullable<Text>>)]
    pub owner: Option<String>,
}

const PARENT: &str = "(select name from companies p where p.workspace_id = companies.workspace_id and p.id = companies.parent_id)";
const OWNER: &str = "(select name from members m where m.workspace_id = companies.workspace_id and m.person_id = companies.owner_id)";

impl Listed for Company {
    type Row = Row;
    const ABOUT: &'static str =
        "Companies are the organisations your contacts work for, buy for or supply.";
    const SORTS: &'static [Sort] = &SORTS;
    const COLUMNS: &'static [&'static str] = &COLUMNS;
    const EXPORTED: bool = true;
    const IMPORTED: bool = true;
    const SPARED: &'static [Spared] = &[
        Spared::Name(PARENT),
        Spared::Name(OWNER),
        Spared::Column("custom"),
    ];

    list_queries!(companies);

    fn place(&self, key: &str) -> String {
        match key {
            "updated_at" => self.updated_at.to_rfc3339(),
            "name" => self.name.clone(),
            _ => self.created_at.to_rfc3339(),
        }
    }

    fn of(row: &Row) -> &Company {
        &row.company
    }
}

impl Cells for Row {
    fn shown(&self, key: &str) -> Shown<'_> {
        let c = &self.company;
        match key {
            "name" => Shown::text(&c.name),
            "domain" => Shown::text(c.domain.as_deref().unwrap_or_default()),
            "kind" => Shown::State(c.kind.label(), c.kind.tone()),
            "status" => Shown::State(c.status.label(), c.status.tone()),
            "tier" => Shown::State(c.tier.label(), c.tier.tone()),
            "engagement" => Shown::State(c.engagement.label(), c.engagement.tone()),
            "industry" => Shown::text(&c.industry),
            "employees" => c.employees.map_or(Shown::Nothing, Shown::number),
            "phone" => Shown::phone(&c.phone),
            "website" => Shown::url(&c.website),
            "address.street" => Shown::text(&c.address.street),
            "address.postcode" => Shown::text(&c.address.postcode),
            "address.city" => Shown::text(&c.address.city),
            "address.region" => Shown::text(&c.address.region),
            "address.country" => Shown::text(&c.address.country),
            "parent_id" => Shown::linked(c.parent_id),
            "owner_id" => Shown::member(c.owner_id),
            "tags" => Shown::tags(&c.tags),
            "description" => Shown::long(&c.description),
            "created_at" => Shown::Moment(c.created_at),
            "updated_at" => Shown::Moment(c.updated_at),
            _ => Shown::Nothing,
        }
    }

    fn records(&self) -> Vec<Uuid> {
        self.company.parent_id.into_iter().collect()
    }

    fn custom(&self) -> &Custom {
        &self.company.custom
    }
}
