//! What one cell says, read into the contact.

use platform::tabular::values;

use super::Reader;
use super::cell::Cell;
use super::staged::{Channel, Staged, extend};
use crate::crm::contacts::{LeadSource, LeadStatus, LifecycleStage};
use crate::crm::imports::problem::Kind;
use crate::crm::imports::reading::values::{one_of, tags, within, yes};
use crate::crm::imports::reading::{Cost, Read};

impl Reader {
    /// Cells that only make sense together with others of their row (the company, the address) are not read here.
    pub(super) fn cell(&self, cell: &Cell, text: &str, staged: &mut Staged) -> Read<()> {
        match cell {
            Cell::First => staged.first_name = Some(within(text, 100, Cost::Row)?),
            Cell::Last => staged.last_name = Some(within(text, 100, Cost::Row)?),
            Cell::Whole => whole_name(text, staged)?,
            Cell::Email => emails(text, staged, true)?,
            Cell::FurtherEmail => emails(text, staged, false)?,
            Cell::Phone(label) => phone(text, label, staged)?,
            Cell::JobTitle => staged.job_title = Some(within(text, 150, Cost::Value)?),
            Cell::Stage => {
                staged.lifecycle_stage = one_of(text, &self.stages, LifecycleStage::CHOICES)?
            }
            Cell::Status => staged.lead_status = one_of(text, &self.statuses, LeadStatus::CHOICES)?,
            Cell::Source => staged.lead_source = one_of(text, &self.sources, LeadSource::CHOICES)?,
            Cell::Owner => staged.owner_id = Some(self.owners.find(text)?),
            Cell::Tags => extend(&mut staged.tags, tags(text)?),
            Cell::Birthday => staged.birthday = Some(self.spelling.date(text)?),
            Cell::OptIn => {
                staged.consent_email = Some(if yes(text)? { "given" } else { "withdrawn" })
            }
            Cell::OptOut if yes(text)? => staged.consent_email = Some("withdrawn"),
            Cell::OptOut => {}
            Cell::Description => describe(text, staged)?,
            Cell::Custom { key, kind, choices } => {
                let value = self.spelling.custom(text, kind, choices)?;
                staged.custom.insert(key.clone(), value);
            }
            Cell::Company
            | Cell::Website
            | Cell::Street
            | Cell::City
            | Cell::Region
            | Cell::Postcode
            | Cell::Country => {}
        }
        Ok(())
    }
}

pub(super) fn set(place: &mut String, text: &str) -> Read<()> {
    *place = within(text, 100, Cost::Value)?;
    Ok(())
}

pub(super) fn add_line(street: &mut String, text: &str) -> Read<()> {
    let line = within(text, 150, Cost::Value)?;
    if !street.is_empty() {
        street.push_str(", ");
    }
    street.push_str(&line);
    Ok(())
}

fn whole_name(text: &str, staged: &mut Staged) -> Read<()> {
    let text = within(text, 200, Cost::Row)?;
    let (first, last) = values::names::split(&text);
    // Columns for the parts of a name say it better than we can guess.
    if staged.first_name.is_none() && !first.is_empty() {
        staged.first_name = Some(within(&first, 100, Cost::Row)?);
    }
    if staged.last_name.is_none() && !last.is_empty() {
        staged.last_name = Some(within(&last, 100, Cost::Row)?);
    }
    Ok(())
}

fn emails(text: &str, staged: &mut Staged, first: bool) -> Read<()> {
    let cost = if first { Cost::Row } else { Cost::Value };
    let found = values::emails(text).map_err(|reason| (Kind::Email, cost, reason))?;
    let mut found = found.into_iter();
    if first {
        staged.email = found.next();
    }
    extend(
        &mut staged.more_emails,
        found.map(|value| labelled("", value)).collect(),
    );
    Ok(())
}

/// Numbers that name their country are kept in one form, the others as they stand: they are dialled from where they come.
fn phone(text: &str, label: &str, staged: &mut Staged) -> Read<()> {
    for part in text
        .split(":::")
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        let number = match values::phone(part, None) {
            Ok(phone) => phone.to_string(),
            Err(_) => within(part, 40, Cost::Value)?,
        };
        if staged.phone.is_none() && label.is_empty() {
            staged.phone = Some(number);
        } else {
            extend(&mut staged.more_phones, vec![labelled(label, number)]);
        }
    }
    Ok(())
}

fn labelled(label: &str, value: String) -> Channel {
    Channel {
        label: label.to_owned(),
        value,
    }
}

fn describe(text: &str, staged: &mut Staged) -> Read<()> {
    let before = staged.description.take();
    let whole = match &before {
        Some(before) => format!("{before}\n{text}"),
        None => text.to_owned(),
    };
    match within(&whole, 20_000, Cost::Value) {
        Ok(text) => staged.description = Some(text),
        Err(wrong) => {
            staged.description = before;
            return Err(wrong);
        }
    }
    Ok(())
}
