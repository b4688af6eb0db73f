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
#[derive(Clone, Debug, Serialize)]
pub struct Added {
    pub added: usize,
    /// Those that were on the list before.
    pub known: usize,
    /// What is no address, in the order of its lines.
    pub refused: Vec<Refused>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Refused {
    /// From 1 on.
    pub line: usize,
    pub text: String,
}

impl SuppressForm {
    pub fn suppress(&self, tx: &mut Tx) -> Result<Added> {
        let (emails, refused) = self.addresses()?;
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
        Ok(Added {
            added,
            known,
            refused,
        })
    }

    /// What is left to correct: the form again, with nothing in it but what was refused.
    pub fn rest(&self, refused: &[Refused]) -> SuppressForm {
        let lines: Vec<&str> = refused.iter().map(|one| one.text.as_str()).collect();
        SuppressForm {
            emails: lines.join("\n"),
            email: String::new(),
            ..self.clone()
        }
    }

    /// Each address once, and what is none. Where there is no address at all, the first that is none is told.
    fn addresses(&self) -> Result<(Vec<String>, Vec<Refused>)> {
        let (mut found, mut refused) = (BTreeSet::new(), Vec::new());
        for (number, line) in self.emails.lines().chain([self.email.as_str()]).enumerate() {
            let words = line.split([',', ';', '\t', ' ']).map(str::trim);
            for word in words.filter(|word| !word.is_empty()) {
                match Address::parse(word.trim_matches(['<', '>', '"'])) {
                    Ok(address) => _ = found.insert(address.to_string().to_lowercase()),
                    Err(_) => refused.push(Refused {
                        line: number + 1,
                        text: word.to_owned(),
                    }),
                }
            }
        }
        match found.len() {
            0 => {
                let first = refused.first();
                let told = |one: &Refused| {
                    format!("Line {}: “{}” is no e-mail address.", one.line, one.text)
                };
                let nothing = || "Please enter at least one address.".to_owned();
                Err(Error::invalid("emails", first.map_or_else(nothing, told)))
            }
            n if n > MOST => Err(Error::invalid(
                "emails",
                "Please add at most 20,000 at a time.",
            )),
            _ => Ok((found.into_iter().collect(), refused)),
        }
    }
}
