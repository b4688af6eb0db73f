//! What an editor fills in about a form, and what its fields ask for.

use diesel::prelude::*;
use platform::Result;
use platform::db::Tx;
use platform::records::{Custom, RecordForm};
use platform::schema::forms;
use platform::text_enum;
use platform::web::fields::comma_separated;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::{Validate, ValidationError};

pub const MOST_FIELDS: u64 = 40;

text_enum! {
    pub enum FieldKind {
        Text => "text", "Text";
        Email => "email", "E-mail";
        Phone => "phone", "Phone";
        LongText => "long_text", "Long text";
        Choice => "choice", "Choice";
        Date => "date", "Date";
        Consent => "consent", "Consent";
        Hidden => "hidden", "Hidden value";
    }
}

text_enum! {
    /// Where an answer goes on the contact.
    pub enum Target {
        Nowhere => "nowhere", "Only the submission";
        FirstName => "first_name", "First name";
        LastName => "last_name", "Last name";
        Email => "email", "E-mail";
        Phone => "phone", "Phone";
        JobTitle => "job_title", "Job title";
        City => "city", "City";
        Country => "country", "Country";
        Description => "description", "Description";
        ConsentEmail => "consent_email", "Consent to e-mail";
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Validate)]
#[serde(default)]
pub struct Question {
    #[validate(length(max = 150))]
    pub label: String,
    pub kind: FieldKind,
    pub target: Target,
    pub required: bool,
    /// What can be chosen, one a line; for a hidden value, the value itself.
    #[validate(length(max = 2000))]
    pub choices: String,
}

impl Question {
    pub fn options(&self) -> Vec<&str> {
        self.choices
            .lines()
            .map(str::trim)
            .filter(|l| !l.is_empty())
            .take(100)
            .collect()
    }

    pub fn is(&self, kind: &str) -> bool {
        self.kind.key() == kind
    }
}

#[derive(Clone, Debug, Deserialize, Serialize, Validate)]
#[serde(default)]
#[validate(schema(function = "asks_for_an_address"))]
pub struct Definition {
    #[validate(length(min = 1, max = 150))]
    pub name: String,
    #[validate(length(max = 5000))]
    pub intro: String,
    #[validate(length(min = 1, max = 60))]
    pub button: String,
    #[validate(length(max = 2000))]
    pub thanks: String,
    #[validate(
        url(message = "Please enter a web address such as https://example.com/thanks."),
        length(max = 2000)
    )]
    pub redirect_url: Option<String>,
    #[serde(deserialize_with = "comma_separated")]
    #[validate(length(max = 20, message = "Please use at most 20 tags."))]
    pub add_tags: Vec<String>,
    pub sequence_id: Option<Uuid>,
    #[validate(
        nested,
        length(max = "MOST_FIELDS", message = "A form has at most 40 fields.")
    )]
    pub fields: Vec<Question>,
    /// Of the form itself; `add_tags` are for the contact.
    #[serde(deserialize_with = "comma_separated")]
    pub tags: Vec<String>,
    pub custom: Custom,
}

impl Default for Definition {
    fn default() -> Definition {
        let ask = |label: &str, kind, target, required| Question {
            label: label.into(),
            kind,
            target,
            required,
            choices: String::new(),
        };
        Definition {
            name: String::new(),
            intro: String::new(),
            button: "Send".into(),
            thanks: "Thank you. We will be in touch.".into(),
            redirect_url: None,
            add_tags: Vec::new(),
            sequence_id: None,
            fields: vec![
                ask("First name", FieldKind::Text, Target::FirstName, false),
                ask("Last name", FieldKind::Text, Target::LastName, false),
                ask("E-mail", FieldKind::Email, Target::Email, true),
                ask(
                    "I agree to be written to by e-mail.",
                    FieldKind::Consent,
                    Target::ConsentEmail,
                    false,
                ),
            ],
            tags: Vec::new(),
            custom: Custom::default(),
        }
    }
}

fn asks_for_an_address(definition: &Definition) -> std::result::Result<(), ValidationError> {
    let reaches =
        |q: &Question| matches!(q.target, Target::Email | Target::Phone) && !q.label.is_empty();
    if definition.fields.iter().any(reaches) {
        return Ok(());
    }
    Err(ValidationError::new("unreachable")
        .with_message("Please ask for an e-mail address or a phone number.".into()))
}

impl RecordForm for Definition {
    fn tags(&mut self) -> Option<&mut Vec<String>> {
        Some(&mut self.tags)
    }
    fn custom(&mut self) -> Option<&mut Custom> {
        Some(&mut self.custom)
    }
    /// Rows that were left blank ask nothing.
    fn settle(&mut self, _: &mut Tx) -> Result<()> {
        self.fields.retain(|q| !q.label.trim().is_empty());
        let is_web = |u: &String| u.starts_with("https://") || u.starts_with("http://");
        self.redirect_url = self.redirect_url.take().filter(is_web);
        Ok(())
    }
}

/// The columns that a definition is kept in.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = forms, treat_none_as_null = true)]
pub struct Columns {
    name: String,
    intro: String,
    button: String,
    thanks: String,
    redirect_url: Option<String>,
    add_tags: Vec<String>,
    sequence_id: Option<Uuid>,
    fields: serde_json::Value,
    tags: Vec<String>,
    custom: Custom,
}

impl TryFrom<&Definition> for Columns {
    type Error = platform::Error;
    fn try_from(d: &Definition) -> Result<Columns> {
        Ok(Columns {
            name: d.name.clone(),
            intro: d.intro.clone(),
            button: d.button.clone(),
            thanks: d.thanks.clone(),
            redirect_url: d.redirect_url.clone(),
            add_tags: d.add_tags.clone(),
            sequence_id: d.sequence_id,
            fields: serde_json::to_value(&d.fields)?,
            tags: d.tags.clone(),
            custom: d.custom.clone(),
        })
    }
}
