//! Addresses as somebody pastes them: one a line, as many as there are.

use std::collections::BTreeSet;

use platform::db::Tx;
use platform::events::Changes;
use platform::mail::Address;
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use validator::Validate;

use super::suppression::{Reason, suppress};

const MOST: usize = 20_000;

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct SuppressForm {
    #[validate(length(max = 1_000_000, message = "Please add at most 20,000 at a time."))]
    pub emails: String,
    /// One alone, as a program sends it.
    #[serde(skip_serializing)]
    #[validate(length(max = 254))]
    pub email: String,
    pub reason: Reason,
    #[validate(length(max = 200))]
    pub source: String,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Added {
    pub added: usize,
    /// Those that were on the list before.
    pub known: usize,
}

impl SuppressForm {
    pub fn suppress(&self, tx: &mut Tx) -> Result<Added> {
        let emails = self.addresses()?;
        let source = match self.source.trim() {
            "" => "by hand",
            source => source,
        };
        let added = suppress(tx, &emails, self.reason, source)?;
        let title = match emails.as_slice() {
            [email] => email.clone(),
            emails => format!("{} addresses", emails.len()),
        };
        tx.note_event("suppression.added", &title, Changes::none())
            .with("reason", self.reason)
            .with("source", source)
            .with("count", added);
        let known = emails.len() - added;
        Ok(Added { added, known })
    }

    /// Each address once; the first that is none is told with its line.
    fn addresses(&self) -> Result<Vec<String>> {
        let mut found = BTreeSet::new();
        for (number, line) in self.emails.lines().chain([self.email.as_str()]).enumerate() {
            let words = line.split([',', ';', '\t', ' ']).map(str::trim);
            for word in words.filter(|word| !word.is_empty()) {
                let address = Address::parse(word.trim_matches(['<', '>', '"']));
                let address = address.map_err(|_| {
                    let text = format!("Line {}: “{word}” is no e-mail address.", number + 1);
                    Error::invalid("emails", text)
                })?;
                found.insert(address.to_string().to_lowercase());
            }
        }
        match found.len() {
            0 => Err(Error::invalid(
                "emails",
                "Please enter at least one address.",
            )),
            n if n > MOST => Err(Error::invalid(
                "emails",
                "Please add at most 20,000 at a time.",
            )),
            _ => Ok(found.into_iter().collect()),
        }
    }
}
