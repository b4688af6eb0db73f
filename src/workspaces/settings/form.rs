//! What is filled in about a workspace.

use diesel::prelude::*;
use platform::schema::workspaces;
use platform::text_enum;
use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use super::currencies::CURRENCIES;
use crate::identity::profile::is_zone;
use crate::workspaces::brand::Colour;

text_enum! {
    pub enum Kind {
        Branch => "branch", "Branch";
        Company => "company", "Company";
        Port => "port", "Port";
        Showroom => "showroom", "Showroom";
        Agency => "agency", "Agency";
        Department => "department", "Department";
    }
}

#[derive(
    Clone,
    Debug,
    Default,
    PartialEq,
    Deserialize,
    Serialize,
    Validate,
    Queryable,
    Selectable,
    AsChangeset,
)]
#[diesel(table_name = workspaces, check_for_backend(diesel::pg::Pg), treat_none_as_null = true)]
#[serde(default)]
pub struct WorkspaceForm {
    #[validate(length(min = 1, max = 200))]
    pub name: String,
    pub kind: Kind,
    #[validate(length(max = 1000))]
    pub postal_address: String,
    #[validate(length(max = 200), custom(function = "is_one_line"))]
    pub sender_name: String,
    #[validate(length(max = 254), custom(function = "is_address_or_empty"))]
    pub sender_email: String,
    #[validate(custom(function = "is_currency"))]
    pub currency: String,
    #[validate(custom(function = "is_zone"))]
    pub zone: String,
    #[validate(custom(function = "is_colour"))]
    pub accent: Option<String>,
}

fn wrong(message: &'static str) -> ValidationError {
    ValidationError::new("wrong").with_message(message.into())
}

/// It goes into the header of mails.
fn is_one_line(text: &str) -> Result<(), ValidationError> {
    if text.chars().any(char::is_control) {
        return Err(wrong("Please leave line breaks out."));
    }
    Ok(())
}

fn is_address_or_empty(text: &str) -> Result<(), ValidationError> {
    if text.is_empty() || platform::mail::Address::parse(text).is_ok() {
        return Ok(());
    }
    Err(wrong(
        "Please enter an e-mail address such as hello@example.com.",
    ))
}

fn is_currency(code: &str) -> Result<(), ValidationError> {
    if CURRENCIES.contains(&code) {
        return Ok(());
    }
    Err(wrong("Please choose a currency from the list."))
}

fn is_colour(text: &str) -> Result<(), ValidationError> {
    if Colour::parse(text).is_some() {
        return Ok(());
    }
    Err(wrong("Please enter a colour such as #C9A84C."))
}
