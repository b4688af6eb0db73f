//! What contacts and companies have several of: postal addresses, e-mail addresses, phone numbers.

use platform::db::Json;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use validator::{ValidateEmail, ValidationError};

const LONGEST: usize = 200;
/// The most that a record has of each.
pub const MOST: usize = 20;

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub struct Address {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub label: String,
    pub street: String,
    pub postcode: String,
    pub city: String,
    pub region: String,
    pub country: String,
}

impl Address {
    fn parts(&self) -> [&str; 5] {
        let Address {
            street,
            postcode,
            city,
            region,
            country,
            ..
        } = self;
        [street, postcode, city, region, country].map(String::as_str)
    }

    fn is_blank(&self) -> bool {
        self.parts().iter().all(|part| part.is_empty())
    }

    /// On one line, as on an envelope.
    pub fn line(&self) -> String {
        let town = format!("{} {}", self.postcode, self.city);
        let lines = [&self.street, town.trim(), &self.region, &self.country];
        let filled: Vec<&str> = lines.into_iter().filter(|line| !line.is_empty()).collect();
        filled.join(", ")
    }

    pub fn labelled(&self) -> String {
        labelled(&self.label, &self.line())
    }
}

/// An e-mail address or a phone number beside the first one.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub struct Channel {
    pub label: String,
    pub value: String,
}

impl Channel {
    pub fn labelled(&self) -> String {
        labelled(&self.label, &self.value)
    }
}

fn labelled(label: &str, value: &str) -> String {
    if label.is_empty() {
        return value.to_owned();
    }
    format!("{label}: {value}")
}

/// For `#[serde(deserialize_with)]`: the lines of a form that somebody filled in.
pub fn addresses<'de, D: Deserializer<'de>>(from: D) -> Result<Json<Vec<Address>>, D::Error> {
    let mut all = Vec::<Address>::deserialize(from)?;
    all.retain(|address| !address.is_blank());
    Ok(Json(all))
}

/// The same for e-mail addresses and phone numbers.
pub fn channels<'de, D: Deserializer<'de>>(from: D) -> Result<Json<Vec<Channel>>, D::Error> {
    let mut all = Vec::<Channel>::deserialize(from)?;
    all.retain(|channel| !channel.value.is_empty());
    Ok(Json(all))
}

pub fn are_emails(all: &Json<Vec<Channel>>) -> Result<(), ValidationError> {
    are_short(all)?;
    match all.iter().find(|c| !c.value.validate_email()) {
        Some(wrong) => Err(problem(format!(
            "“{}” is not an e-mail address.",
            wrong.value
        ))),
        None => Ok(()),
    }
}

pub fn are_short(all: &Json<Vec<Channel>>) -> Result<(), ValidationError> {
    let long = |text: &str| text.chars().count() > LONGEST;
    if all.len() > MOST || all.iter().any(|c| long(&c.label) || long(&c.value)) {
        return Err(too_much());
    }
    Ok(())
}

pub fn are_addresses(all: &Json<Vec<Address>>) -> Result<(), ValidationError> {
    if all.len() > MOST {
        return Err(too_much());
    }
    all.iter().try_for_each(is_address)
}

pub fn is_address(address: &Address) -> Result<(), ValidationError> {
    let long = |text: &&str| text.chars().count() > LONGEST;
    if address.parts().iter().any(long) || address.label.chars().count() > LONGEST {
        return Err(too_much());
    }
    Ok(())
}

fn too_much() -> ValidationError {
    problem(format!(
        "Please use at most {MOST} lines of at most {LONGEST} characters."
    ))
}

fn problem(message: String) -> ValidationError {
    ValidationError::new("channels").with_message(message.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_as_on_an_envelope() {
        let address = Address {
            label: "Office".into(),
            street: "1 Harbour Street".into(),
            postcode: "21000".into(),
            city: "Split".into(),
            country: "HR".into(),
            ..Address::default()
        };
        assert_eq!(
            address.labelled(),
            "Office: 1 Harbour Street, 21000 Split, HR"
        );
        assert!(Address::default().is_blank());
    }
}
