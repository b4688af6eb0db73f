//! What one cell says, whatever it is a cell of.

use platform::db::text_enum;
use platform::tabular::values::{self, Choice};

use super::{Cost, Read, shortened};
use crate::crm::imports::problem::Kind;

pub fn within(text: &str, longest: usize, cost: Cost) -> Read<String> {
    values::text(text, longest).map_err(|reason| (Kind::Text, cost, reason))
}

pub fn choices(all: &[text_enum::Choice]) -> Vec<Choice> {
    let all = all.iter();
    all.map(|choice| Choice::new(choice.key, choice.label))
        .collect()
}

/// The key of the choice that the cell names.
pub fn one_of(
    text: &str,
    choices: &[Choice],
    keys: &'static [text_enum::Choice],
) -> Read<Option<&'static str>> {
    let key =
        values::choice(text, choices).map_err(|reason| (Kind::Choice, Cost::Value, reason))?;
    Ok(keys.iter().find(|c| c.key == key).map(|c| c.key))
}

pub fn tags(text: &str) -> Read<Vec<String>> {
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

pub fn yes(text: &str) -> Read<bool> {
    values::boolean(text).map_err(|reason| (Kind::Value, Cost::Value, reason))
}

/// The host of a web address, without `www.`: what a company is known by.
pub fn domain(text: &str) -> Read<String> {
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
