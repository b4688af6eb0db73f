//! Deals in a list, and the names that their ids stand for.

use diesel::prelude::*;
use diesel::sql_types::{Integer, Nullable, Text};
use platform::clock;
use platform::db::{Fixed, fixed};
use platform::list_queries;
use platform::records::list::{Sort, Spared};
use platform::records::{Cells, Custom, Listed, Shown};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::deal::Deal;
use super::fields::{COLUMNS, NEVER, SORTS};
use crate::crm::pipelines::StageKind;

#[derive(Clone, Debug, Queryable, Selectable, Serialize, JsonSchema)]
#[schemars(rename = "DealRow")]
#[diesel(table_name = deals, check_for_backend(diesel::pg::Pg))]
pub struct Row {
    #[serde(flatten)]
    #[diesel(embed)]
    pub deal: Deal,
    #[diesel(select_expression = fixed(STAGE), select_expression_type = Fixed<Nullable<Text>>)]
    pub stage: Option<String>,
    #[diesel(select_expression = fixed(PROBABILITY), select_expression_type = Fixed<Nullable<Integer>>)]
    pub probability: Option<i32>,
    #[diesel(select_expression = fixed(COMPANY), select_expression_type = Fixed<Nullable<Text>>)]
    pub company: Option<String>,
    #[diesel(select_expression = fixed(OWNER), select_expression_type = Fixed<Nullable<Text>>)]
    pub owner: Option<String>,
}

const STAGE: &str = "(select name from stages s where s.workspace_id = deals.workspace_id and s.id = deals.stage_id)";
const PROBABILITY: &str = "(select probability from stages s where s.workspace_id = deals.workspace_id and s.id = deals.stage_id)";
const COMPANY: &str = "(select name from companies c where c.workspace_id = deals.workspace_id and c.id = deals.company_id)";
const OWNER: &str = "(select name from members m where m.workspace_id = deals.workspace_id and m.person_id = deals.owner_id)";

impl Row {
    /// The amount times how likely it is.
    pub fn weighted(&self) -> i64 {
        weighted(self.deal.amount, self.probability.unwrap_or(0))
    }
}

/// So many hundredths of an amount, rounded down.
pub fn weighted(amount: i64, probability: i32) -> i64 {
    let exact = i128::from(amount) * i128::from(probability) / 100;
    i64::try_from(exact).unwrap_or(i64::MAX)
}

impl Listed for Deal {
    type Row = Row;
    const ABOUT: &'static str =
        "Deals are what you might sell: to whom, for how much, and how far each has come.";
    const SORTS: &'static [Sort] = &SORTS;
    const COLUMNS: &'static [&'static str] = &COLUMNS;
    const EXPORTED: bool = true;
    const IMPORTED: bool = true;
    const SPARED: &'static [Spared] = &[
        Spared::Name(STAGE),
        Spared::Name(PROBABILITY),
        Spared::Name(COMPANY),
        Spared::Name(OWNER),
        Spared::Column("custom"),
    ];

    list_queries!(deals);

    fn place(&self, key: &str) -> String {
        match key {
            "updated_at" => self.updated_at.to_rfc3339(),
            "name" => self.name.clone(),
            "amount" => self.amount.to_string(),
            "closes_on" => self.closes_on.map_or(NEVER.into(), |day| day.to_string()),
            "stage_since" => self.stage_since.to_rfc3339(),
            _ => self.created_at.to_rfc3339(),
        }
    }

    fn of(row: &Row) -> &Deal {
        &row.deal
    }
}

impl Cells for Row {
    fn shown(&self, key: &str) -> Shown<'_> {
        let d = &self.deal;
        match key {
            "name" => Shown::text(&d.name),
            "stage_id" => Shown::Chosen(d.stage_id),
            "pipeline_id" => Shown::Chosen(d.pipeline_id),
            "status" => Shown::State(d.status.label(), tone(d.status)),
            "amount" => Shown::Amount(d.amount, &d.currency),
            "weighted" => Shown::Amount(self.weighted(), &d.currency),
            "currency" => Shown::text(&d.currency),
            "closes_on" => d.closes_on.map_or(Shown::Nothing, Shown::Day),
            "owner_id" => Shown::member(d.owner_id),
            "company_id" => Shown::linked(d.company_id),
            "contact_id" => Shown::linked(d.contact_id),
            "kind" => Shown::text(d.kind.label()),
            "source" => Shown::text(d.source.label()),
            "tags" => Shown::tags(&d.tags),
            "days_in_stage" => Shown::number((clock::now() - d.stage_since).num_days().max(0)),
            "stage_since" => Shown::Moment(d.stage_since),
            "reason_id" => d.reason_id.map_or(Shown::Nothing, Shown::Chosen),
            "closed_at" => Shown::moment(d.closed_at),
            "description" => Shown::long(&d.description),
            "created_at" => Shown::Moment(d.created_at),
            "updated_at" => Shown::Moment(d.updated_at),
            _ => Shown::Nothing,
        }
    }

    fn records(&self) -> Vec<Uuid> {
        let d = &self.deal;
        d.company_id.into_iter().chain(d.contact_id).collect()
    }

    fn custom(&self) -> &Custom {
        &self.deal.custom
    }
}

pub fn tone(status: StageKind) -> &'static str {
    match status {
        StageKind::Open => "info",
        StageKind::Won => "success",
        StageKind::Lost => "danger",
    }
}

/// Whether a field that a stage may ask for is still to be filled in.
pub fn is_blank(deal: &Deal, key: &str) -> bool {
    match key {
        "amount" => deal.amount == 0,
        "closes_on" => deal.closes_on.is_none(),
        "company_id" => deal.company_id.is_none(),
        "contact_id" => deal.contact_id.is_none(),
        "owner_id" => deal.owner_id.is_none(),
        "description" => deal.description.trim().is_empty(),
        _ => {
            let own = key.strip_prefix("custom.").unwrap_or(key);
            match deal.custom.get(own) {
                None | Some(Value::Null) => true,
                Some(Value::String(text)) => text.is_empty(),
                Some(Value::Array(items)) => items.is_empty(),
                Some(_) => false,
            }
        }
    }
}
