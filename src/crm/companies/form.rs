//! What a person fills in about a company.

use diesel::prelude::*;
use platform::Result;
use platform::db::{Json, Tx};
use platform::records::{Custom, RecordForm};
use platform::schema::companies;
use platform::web::fields::comma_separated;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use super::choices::{CompanyKind, Engagement, Status, Tier};
use super::company::Company;
use crate::crm::address::{Address, is_address};

#[derive(
    Clone, Debug, Default, Deserialize, Serialize, Validate, JsonSchema, Insertable, AsChangeset,
)]
#[diesel(table_name = companies, treat_none_as_null = true)]
#[serde(default)]
pub struct CompanyForm {
    #[validate(length(min = 1, max = 200))]
    pub name: String,
    #[validate(length(max = 253), custom(function = "is_domain"))]
    pub domain: Option<String>,
    pub kind: CompanyKind,
    pub status: Status,
    pub tier: Tier,
    pub engagement: Engagement,
    #[validate(length(max = 100))]
    pub industry: String,
    #[validate(range(min = 0, message = "Please enter how many people work there."))]
    pub employees: Option<i32>,
    #[validate(length(max = 40))]
    pub phone: String,
    #[validate(length(max = 300), custom(function = "is_web_address"))]
    pub website: String,
    #[validate(custom(function = "address_fits"))]
    pub address: Json<Address>,
    #[validate(length(max = 20000))]
    pub description: String,
    pub parent_id: Option<Uuid>,
    pub owner_id: Option<Uuid>,
    #[serde(deserialize_with = "comma_separated")]
    pub tags: Vec<String>,
    pub custom: Custom,
}

impl RecordForm for CompanyForm {
    fn tags(&mut self) -> Option<&mut Vec<String>> {
        Some(&mut self.tags)
    }
    fn custom(&mut self) -> Option<&mut Custom> {
        Some(&mut self.custom)
    }
    fn settle(&mut self, _: &mut Tx) -> Result<()> {
        self.domain = self.domain.take().map(|d| d.trim().to_lowercase());
        Ok(())
    }
}

type Checked = std::result::Result<(), ValidationError>;

fn is_domain(domain: &str) -> Checked {
    let labels: Vec<&str> = domain.split('.').collect();
    let fits =
        |label: &&str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    if labels.len() < 2 || !labels.iter().all(fits) {
        return Err(ValidationError::new("domain")
            .with_message("Please enter a domain such as example.com.".into()));
    }
    Ok(())
}

/// Only what a browser opens as a page may become a link.
fn is_web_address(address: &str) -> Checked {
    let web =
        address.is_empty() || address.starts_with("https://") || address.starts_with("http://");
    if !web || (!address.is_empty() && url::Url::parse(address).is_err()) {
        return Err(ValidationError::new("url")
            .with_message("Please enter a web address such as https://example.com.".into()));
    }
    Ok(())
}

fn address_fits(address: &Json<Address>) -> Checked {
    is_address(address)
}

impl From<&Company> for CompanyForm {
    fn from(c: &Company) -> CompanyForm {
        CompanyForm {
            name: c.name.clone(),
            domain: c.domain.clone(),
            kind: c.kind,
            status: c.status,
            tier: c.tier,
            engagement: c.engagement,
            industry: c.industry.clone(),
            employees: c.employees,
            phone: c.phone.clone(),
            website: c.website.clone(),
            address: c.address.clone(),
            description: c.description.clone(),
            parent_id: c.parent_id,
            owner_id: c.owner_id,
            tags: c.tags.clone(),
            custom: c.custom.clone(),
        }
    }
}
