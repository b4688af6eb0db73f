//! Names of columns, made comparable.

use crate::tabular::values::text::fold;

/// Words that say nothing about which field it is.
const FILLERS: &[&str] = &[
    "the", "a", "of", "your", "my", "field", "value", "text", "primary", "main", "default",
    "contact", "contacts", "person", "people", "lead", "customer", "client", "1", "required",
    "optional", "property",
];

/// What programs keep for themselves.
const INTERNAL: &[&str] = &[
    "id",
    "record id",
    "uuid",
    "guid",
    "is deleted",
    "system modstamp",
    "created date",
    "created time",
    "created at",
    "create date",
    "last modified date",
    "last modified by id",
    "modified time",
    "updated at",
    "update time",
    "last activity date",
    "created by id",
    "owner id",
    "master record id",
    "photo url",
    "photo",
];

#[derive(Clone, Debug)]
pub struct Header {
    /// As in the file.
    pub label: String,
    pub folded: String,
    /// The folded words without fillers, in their order, without spaces between.
    pub core: String,
}

impl Header {
    pub fn new(label: &str) -> Self {
        let folded = fold(&open_camel_case(label));
        Self {
            label: label.to_owned(),
            core: core(&folded),
            folded,
        }
    }

    pub fn is_internal(&self) -> bool {
        INTERNAL.contains(&self.folded.as_str())
            || self.folded.ends_with(" id")
            || self.folded.ends_with(" ids")
    }
}

fn core(folded: &str) -> String {
    let words: Vec<&str> = folded.split(' ').collect();
    let telling: Vec<&str> = words
        .iter()
        .copied()
        .filter(|word| !FILLERS.contains(word))
        .collect();
    if telling.is_empty() {
        words.concat()
    } else {
        telling.concat()
    }
}

/// `MailingPostalCode` → `Mailing Postal Code`
fn open_camel_case(name: &str) -> String {
    let mut open = String::with_capacity(name.len() + 8);
    let mut before = ' ';
    for letter in name.chars() {
        if letter.is_uppercase() && before.is_lowercase() {
            open.push(' ');
        }
        open.push(letter);
        before = letter;
    }
    open
}
