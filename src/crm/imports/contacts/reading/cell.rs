//! What the columns of a file are to a contact.

use platform::tabular::values::Choice;

use crate::crm::imports::fields::Custom;
use crate::crm::imports::plan::NEW;

/// What a column is to a contact.
#[derive(Clone, Debug)]
pub enum Cell {
    First,
    Last,
    Whole,
    Email,
    FurtherEmail,
    Phone(&'static str),
    JobTitle,
    Company,
    Website,
    Stage,
    Status,
    Source,
    Owner,
    Tags,
    Birthday,
    Street,
    City,
    Region,
    Postcode,
    Country,
    OptIn,
    OptOut,
    Description,
    Custom {
        key: String,
        kind: String,
        choices: Vec<Choice>,
    },
}

pub fn cell_of(key: &str, label: &str, custom: &[Custom]) -> Option<Cell> {
    Some(match key {
        "first_name" => Cell::First,
        "last_name" => Cell::Last,
        "full_name" => Cell::Whole,
        "email" => Cell::Email,
        "email_2" | "email_3" => Cell::FurtherEmail,
        "phone" => Cell::Phone(""),
        "mobile" => Cell::Phone("Mobile"),
        "phone_2" => Cell::Phone("Further"),
        "job_title" => Cell::JobTitle,
        "company" => Cell::Company,
        "website" => Cell::Website,
        "lifecycle_stage" => Cell::Stage,
        "lead_status" => Cell::Status,
        "lead_source" => Cell::Source,
        "owner" => Cell::Owner,
        "tags" => Cell::Tags,
        "birthday" => Cell::Birthday,
        "street" | "street_2" => Cell::Street,
        "city" => Cell::City,
        "region" => Cell::Region,
        "postal_code" => Cell::Postcode,
        "country" => Cell::Country,
        "email_opt_in" => Cell::OptIn,
        "email_opt_out" => Cell::OptOut,
        "description" => Cell::Description,
        _ => return custom_cell(key, label, custom),
    })
}

fn custom_cell(key: &str, label: &str, custom: &[Custom]) -> Option<Cell> {
    if let Some(kind) = key.strip_prefix(NEW) {
        return Some(Cell::Custom {
            key: label.to_owned(),
            kind: kind.to_owned(),
            choices: Vec::new(),
        });
    }
    let key = key.strip_prefix("custom.")?;
    let field = custom.iter().find(|field| field.key == key)?;
    Some(Cell::Custom {
        key: field.key.clone(),
        kind: field.kind.clone(),
        choices: field.choices.clone(),
    })
}
