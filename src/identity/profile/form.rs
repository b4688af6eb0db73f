//! What a person fills in about themselves.

use diesel::prelude::*;
use platform::schema::people;
use platform::web::access::Person;
use platform::{clock, text_enum};
use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

text_enum! {
    pub enum Theme {
        System => "system", "As the system is";
        Light => "light", "Light";
        Dark => "dark", "Dark";
    }
}

text_enum! {
    pub enum Density {
        Comfortable => "comfortable", "Comfortable";
        Compact => "compact", "Compact";
    }
}

text_enum! {
    /// The languages that Nexus speaks.
    pub enum Language {
        English => "en", "English";
    }
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, Validate, AsChangeset)]
#[diesel(table_name = people, treat_none_as_null = true)]
#[serde(default)]
pub struct ProfileForm {
    #[validate(length(min = 1, max = 200))]
    pub name: String,
    pub theme: Theme,
    pub density: Density,
    #[validate(custom(function = "is_zone"))]
    pub zone: Option<String>,
    pub language: Language,
    pub shortcuts: bool,
}

pub fn is_zone(name: &str) -> Result<(), ValidationError> {
    if clock::zones().any(|zone| zone == name) {
        return Ok(());
    }
    Err(ValidationError::new("zone")
        .with_message("Please choose a time zone from the list, such as Europe/Lisbon.".into()))
}

impl From<&Person> for ProfileForm {
    fn from(person: &Person) -> ProfileForm {
        ProfileForm {
            name: person.name.clone(),
            theme: Theme::parse(&person.theme).unwrap_or_default(),
            density: Density::parse(&person.density).unwrap_or_default(),
            zone: person.zone.clone(),
            language: Language::parse(&person.language).unwrap_or_default(),
            shortcuts: person.shortcuts,
        }
    }
}
