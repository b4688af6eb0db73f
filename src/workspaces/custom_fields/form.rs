//! What is filled in about a custom field.

use platform::records::custom::TYPES;
use platform::records::kinds::Kinds;
use platform::web::Form;
use serde::{Deserialize, Deserializer, Serialize};
use validator::Validate;

use super::definition::Definition;

const MOST_CHOICES: usize = 200;
const LONGEST_CHOICE: usize = 100;

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct FieldForm {
    /// Stays as it is once the field is made, like the key and the type: values are kept under them.
    pub record_kind: String,
    #[validate(length(min = 1, max = 100))]
    pub label: String,
    #[validate(length(max = 63))]
    pub key: String,
    #[serde(rename = "type")]
    pub kind: String,
    /// One a line.
    #[serde(deserialize_with = "lines")]
    pub choices: String,
    /// The kind of record that a link leads to.
    pub target: String,
    pub required: bool,
    #[validate(length(max = 300))]
    pub help: String,
}

/// A text of lines, or a list.
fn lines<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Lines {
        List(Vec<String>),
        Text(Option<String>),
    }
    Ok(match Lines::deserialize(from)? {
        Lines::List(lines) => lines.join("\n"),
        Lines::Text(text) => text.unwrap_or_default(),
    })
}

/// What a field can't become once values are kept under it.
pub fn refuse_moves(form: &mut Form<FieldForm>, current: &FieldForm) {
    let data = &form.data;
    let moved = [
        ("record_kind", data.record_kind != current.record_kind),
        ("key", data.key != current.key),
        ("type", data.kind != current.kind),
        ("target", data.target != current.target),
    ];
    for (name, _) in moved.into_iter().filter(|(_, moved)| *moved) {
        form.refuse(
            name,
            "This stays as it is, because values are kept under it.",
        );
    }
}

impl From<&Definition> for FieldForm {
    fn from(field: &Definition) -> FieldForm {
        FieldForm {
            record_kind: field.record_kind.clone(),
            label: field.label.clone(),
            key: field.key.clone(),
            kind: field.kind.clone(),
            choices: field.choices.join("\n"),
            target: field.target.clone(),
            required: field.required,
            help: field.help.clone(),
        }
    }
}

impl FieldForm {
    pub fn choices(&self) -> Vec<String> {
        let lines = self.choices.lines().map(str::trim);
        let mut all: Vec<String> = Vec::new();
        for line in lines.filter(|line| !line.is_empty()) {
            if !all.iter().any(|known| known == line) {
                all.push(line.to_owned());
            }
        }
        all
    }

    fn is_choice(&self) -> bool {
        matches!(self.kind.as_str(), "choice" | "multi_choice")
    }
}

/// Holds the form against what there is to choose from.
pub fn check(form: &mut Form<FieldForm>, kinds: &Kinds) {
    let data = form.data.clone();
    if kinds
        .get(&data.record_kind)
        .is_none_or(|k| !k.takes_custom())
    {
        form.refuse("record_kind", "Choose what the field is about.");
    }
    if !TYPES.iter().any(|(key, _)| *key == data.kind) {
        form.refuse("type", "Choose what the field holds.");
    }
    if data.label.trim().is_empty() && form.error("label").is_none() {
        form.refuse("label", "Please fill this in.");
    }
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let begins = data.key.starts_with(|c: char| c.is_ascii_lowercase());
    let fits = begins && data.key.chars().all(good);
    if !data.key.is_empty() && !fits {
        form.refuse(
            "key",
            "A key is made of small letters, digits and underscores, and begins with a letter.",
        );
    }
    let choices = data.choices();
    if data.is_choice() {
        if choices.is_empty() {
            form.refuse("choices", "Name at least one choice, one a line.");
        } else if choices.len() > MOST_CHOICES {
            form.refuse(
                "choices",
                format!("A field has at most {MOST_CHOICES} choices."),
            );
        } else if choices.iter().any(|c| c.chars().count() > LONGEST_CHOICE) {
            form.refuse(
                "choices",
                format!("A choice has at most {LONGEST_CHOICE} characters."),
            );
        } else if data.kind == "multi_choice" && choices.iter().any(|c| c.contains(',')) {
            form.refuse(
                "choices",
                "Where several can be chosen, none of them may hold a comma.",
            );
        }
    }
    if data.kind == "record" && kinds.get(&data.target).is_none() {
        form.refuse("target", "Choose what the link leads to.");
    }
}
