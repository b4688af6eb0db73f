//! What a person fills in about a deal.

use chrono::NaiveDate;
use diesel::prelude::*;
use platform::db::Tx;
use platform::records::custom::money;
use platform::records::{Custom, RecordForm};
use platform::schema::deals;
use platform::web::fields::comma_separated;
use platform::{Error, Result};
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use uuid::Uuid;
use validator::Validate;

use super::choices::DealKind;
use super::deal::Deal;
use crate::crm::companies::Company;
use crate::crm::contacts::LeadSource;
use crate::workspaces::settings::CURRENCIES;

#[derive(
    Clone, Debug, Default, Deserialize, Serialize, Validate, JsonSchema, Insertable, AsChangeset,
)]
#[diesel(table_name = deals, treat_none_as_null = true)]
#[serde(default)]
pub struct DealForm {
    #[validate(length(min = 1, max = 200))]
    pub name: String,
    /// None: where deals of the pipeline begin.
    #[diesel(skip_insertion, skip_update)]
    pub stage_id: Option<Uuid>,
    /// For a new deal of which only the pipeline is known.
    #[serde(skip_serializing)]
    #[diesel(skip_insertion, skip_update)]
    pub pipeline_id: Option<Uuid>,
    /// A number is in the minor unit; a text is as people write it, `1,250.50`.
    #[serde(deserialize_with = "minor")]
    #[validate(range(
        min = 0,
        max = 1_000_000_000_000_000_i64,
        message = "Please enter an amount from 0 to 10,000,000,000,000."
    ))]
    pub amount: i64,
    /// Empty: that of the pipeline.
    pub currency: String,
    pub closes_on: Option<NaiveDate>,
    pub kind: DealKind,
    pub source: LeadSource,
    pub company_id: Option<Uuid>,
    /// A company by its name, where none was chosen: the one of that name, or a new one.
    #[serde(skip_serializing)]
    #[diesel(skip_insertion, skip_update)]
    #[validate(length(max = 200))]
    pub company_name: String,
    pub contact_id: Option<Uuid>,
    /// Why it was won or lost.
    pub reason_id: Option<Uuid>,
    #[validate(length(max = 20000))]
    pub description: String,
    pub owner_id: Option<Uuid>,
    #[serde(deserialize_with = "comma_separated")]
    pub tags: Vec<String>,
    pub custom: Custom,
}

impl RecordForm for DealForm {
    fn tags(&mut self) -> Option<&mut Vec<String>> {
        Some(&mut self.tags)
    }
    fn custom(&mut self) -> Option<&mut Custom> {
        Some(&mut self.custom)
    }
    fn settle(&mut self, tx: &mut Tx) -> Result<()> {
        self.currency = self.currency.trim().to_uppercase();
        if !self.currency.is_empty() && !CURRENCIES.contains(&self.currency.as_str()) {
            let words = "Please choose a currency, such as EUR.";
            return Err(Error::invalid("currency", words));
        }
        let name = std::mem::take(&mut self.company_name);
        if self.company_id.is_none() && !name.trim().is_empty() {
            self.company_id = Some(Company::named(tx, name.trim())?);
        }
        Ok(())
    }
}

fn minor<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<i64, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let text = match &value {
        Value::Null => return Ok(0),
        Value::Number(number) => {
            let whole = number.as_i64();
            return whole.ok_or_else(|| D::Error::custom("Please enter a whole number of cents."));
        }
        Value::String(text) => text.trim(),
        _ => return Err(D::Error::custom("Please enter an amount such as 1,250.50.")),
    };
    match text {
        "" => Ok(0),
        text => money(text).map_err(D::Error::custom),
    }
}

impl From<&Deal> for DealForm {
    fn from(d: &Deal) -> DealForm {
        DealForm {
            name: d.name.clone(),
            stage_id: Some(d.stage_id),
            pipeline_id: None,
            amount: d.amount,
            currency: d.currency.clone(),
            closes_on: d.closes_on,
            kind: d.kind,
            source: d.source,
            company_id: d.company_id,
            company_name: String::new(),
            contact_id: d.contact_id,
            reason_id: d.reason_id,
            description: d.description.clone(),
            owner_id: d.owner_id,
            tags: d.tags.clone(),
            custom: d.custom.clone(),
        }
    }
}
