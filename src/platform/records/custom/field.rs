//! A custom field, and how it is filtered by.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use uuid::Uuid;

use crate::db::Tx;
use crate::error::Result;
use crate::filter::{Field, FieldType};
use crate::schema::custom_fields;

const MOST: i64 = 2_000;

/// The types there are, as people are offered them.
pub const TYPES: [(&str, &str); 13] = [
    ("text", "Text"),
    ("long_text", "Long text"),
    ("number", "Number"),
    ("money", "Money"),
    ("date", "Date"),
    ("choice", "Choice"),
    ("multi_choice", "Several choices"),
    ("checkbox", "Checkbox"),
    ("url", "Web address"),
    ("email", "E-mail address"),
    ("phone", "Phone number"),
    ("person", "Person of the team"),
    ("record", "Link to a record"),
];

#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = custom_fields, check_for_backend(diesel::pg::Pg))]
pub struct CustomField {
    pub id: Uuid,
    pub record_kind: String,
    pub key: String,
    pub label: String,
    #[serde(rename = "type")]
    #[diesel(column_name = type_)]
    pub kind: String,
    pub choices: Vec<String>,
    pub required: bool,
    pub help: String,
    pub position: i32,
    /// The kind of record that a field of the type `record` points at.
    pub target: String,
    /// Since when its values are kept for an index as they are written, and since when all of them are there.
    #[serde(skip)]
    pub sought_at: Option<DateTime<Utc>>,
    #[serde(skip)]
    pub indexed_at: Option<DateTime<Utc>>,
}

impl CustomField {
    /// All that are in use, by kind of record and position.
    pub fn in_use(tx: &mut Tx) -> Result<Vec<CustomField>> {
        Ok(custom_fields::table
            .filter(custom_fields::archived_at.is_null())
            .order((
                custom_fields::record_kind,
                custom_fields::position,
                custom_fields::label,
                custom_fields::id,
            ))
            .limit(MOST)
            .select(CustomField::as_select())
            .load(&mut **tx)?)
    }

    /// Its name in forms, filters and events.
    pub fn name(&self) -> String {
        format!("custom.{}", self.key)
    }

    /// The same for an element's id, which dots would make hard to select.
    pub fn element(&self) -> String {
        self.name().replace('.', "-")
    }

    pub fn field_type(&self) -> FieldType {
        FieldType::named(&self.kind, "record").unwrap_or(FieldType::Text)
    }

    /// The choices as a select takes them.
    pub fn options(&self) -> Vec<(&str, &str)> {
        self.choices
            .iter()
            .map(|c| (c.as_str(), c.as_str()))
            .collect()
    }

    /// What lists and segments filter by, in the column of custom values named.
    pub fn as_field(&self, column: &'static str) -> Option<Field> {
        let field = Field::custom(column, &self.key, &self.label, self.field_type())?;
        let field = field.choices(self.options());
        Some(match self.indexed_at {
            Some(_) => field.kept(self.id),
            None => field,
        })
    }
}
