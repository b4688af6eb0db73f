//! What one cell says, read into the contact.

use chrono::NaiveDate;
use platform::db::text_enum;
use platform::tabular::values::{self, Choice, Decimals};
use serde_json::{Number, Value, json};
use uuid::Uuid;

use super::cell::Cell;
use super::staged::{Channel, Staged, extend};
use super::{Cost, Reader, Wrong, shortened};
use crate::crm::contacts::{LeadSource, LeadStatus, LifecycleStage};
use crate::crm::imports::problem::Kind;

type Read<T> = std::result::Result<T, Wrong>;

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
            Cell::Owner => staged.owner_id = Some(self.owner(text)?),
            Cell::Tags => extend(&mut staged.tags, tags(text)?),
            Cell::Birthday => staged.birthday = Some(self.date(text)?),
            Cell::OptIn => {
                staged.consent_email = Some(if yes(text)? { "given" } else { "withdrawn" })
            }
            Cell::OptOut if yes(text)? => staged.consent_email = Some("withdrawn"),
            Cell::OptOut => {}
            Cell::Description => describe(text, staged)?,
            Cell::Custom { key, kind, choices } => {
                let value = self.custom(text, kind, choices)?;
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

    fn owner(&self, text: &str) -> Read<Uuid> {
        let known = self.owners.get(&text.to_lowercase()).copied();
        known.ok_or_else(|| {
            let reason = format!(
                "Nobody in this workspace is called “{}”.",
                shortened(text, 60)
            );
            (Kind::Owner, Cost::Nothing, reason)
        })
    }

    fn date(&self, text: &str) -> Read<NaiveDate> {
        values::date(text, self.dates).map_err(|reason| (Kind::Date, Cost::Value, reason))
    }

    fn custom(&self, text: &str, kind: &str, choices: &[Choice]) -> Read<Value> {
        let wrong = |kind: Kind| move |reason: String| (kind, Cost::Value, reason);
        Ok(match kind {
            "number" => number(text, self.decimals)?,
            "money" => money(text, self.decimals)?,
            "date" => json!(self.date(text)?),
            "checkbox" => json!(yes(text)?),
            "choice" => json!(values::choice(text, choices).map_err(wrong(Kind::Choice))?),
            "multi_choice" => json!(values::choices(text, choices).map_err(wrong(Kind::Choice))?),
            "url" => json!(values::web_address(text).map_err(wrong(Kind::Value))?),
            "email" => json!(values::email(text).map_err(wrong(Kind::Value))?),
            "phone" => json!(within(text, 40, Cost::Value)?),
            "long_text" => json!(within(text, 20_000, Cost::Value)?),
            _ => json!(within(text, 500, Cost::Value)?),
        })
    }
}

pub(super) fn within(text: &str, longest: usize, cost: Cost) -> Read<String> {
    values::text(text, longest).map_err(|reason| (Kind::Text, cost, reason))
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

fn one_of(
    text: &str,
    choices: &[Choice],
    keys: &'static [text_enum::Choice],
) -> Read<Option<&'static str>> {
    let key =
        values::choice(text, choices).map_err(|reason| (Kind::Choice, Cost::Value, reason))?;
    Ok(keys.iter().find(|c| c.key == key).map(|c| c.key))
}

fn tags(text: &str) -> Read<Vec<String>> {
    let tags = values::tags(text).map_err(|reason| (Kind::Text, Cost::Value, reason))?;
    match tags.iter().find(|tag| tag.chars().count() > 60) {
        Some(long) => {
            let reason = format!(
                "The tag “{}” is longer than 60 characters.",
                shortened(long, 60)
            );
            Err((Kind::Text, Cost::Value, reason))
        }
        None => Ok(tags),
    }
}

fn yes(text: &str) -> Read<bool> {
    values::boolean(text).map_err(|reason| (Kind::Value, Cost::Value, reason))
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

pub(super) fn domain(text: &str) -> Read<String> {
    let wrong = |reason: String| (Kind::Value, Cost::Value, reason);
    let address = values::web_address(text).map_err(wrong)?;
    let host = address.split("://").nth(1).unwrap_or_default();
    let host = host.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(host).to_lowercase();
    if host.is_empty() || host.len() > 253 {
        return Err(wrong("This is not a company's web address.".to_owned()));
    }
    Ok(host)
}

fn number(text: &str, decimals: Option<Decimals>) -> Read<Value> {
    let wrong = |reason: String| (Kind::Number, Cost::Value, reason);
    let number = values::number(text, decimals).map_err(wrong)?;
    let whole = number.to_i64().map(Number::from);
    let number = whole.or_else(|| Number::from_f64(number.to_f64()));
    let number = number.ok_or_else(|| wrong("This number is out of range.".to_owned()))?;
    Ok(Value::Number(number))
}

fn money(text: &str, decimals: Option<Decimals>) -> Read<Value> {
    let wrong = |reason: String| (Kind::Number, Cost::Value, reason);
    let (amount, _) = values::money(text, decimals).map_err(wrong)?;
    let minor = amount.minor_units(2);
    let minor = minor.ok_or_else(|| wrong("This amount has more than two decimals.".to_owned()))?;
    Ok(json!(minor))
}
