//! What a person fills in about one of the __many__.

use diesel::prelude::*;
use platform::records::{Custom, RecordForm};
use platform::schema::widgets;
use platform::web::fields::comma_separated;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use super::widget::Widget;

#[derive(
    Clone, Debug, Default, Deserialize, Serialize, Validate, JsonSchema, Insertable, AsChangeset,
)]
#[diesel(table_name = widgets, treat_none_as_null = true)]
#[serde(default)]
pub struct WidgetForm {
    #[validate(length(min = 1, max = 200))]
    pub name: String,
    #[validate(length(max = 20000))]
    pub description: String,
    pub owner_id: Option<Uuid>,
    #[serde(deserialize_with = "comma_separated")]
    pub tags: Vec<String>,
    pub custom: Custom,
}

impl RecordForm for WidgetForm {
    fn tags(&mut self) -> Option<&mut Vec<String>> {
        Some(&mut self.tags)
    }
    fn custom(&mut self) -> Option<&mut Custom> {
        Some(&mut self.custom)
    }
}

impl From<&Widget> for WidgetForm {
    fn from(w: &Widget) -> WidgetForm {
        WidgetForm {
            name: w.name.clone(),
            description: w.description.clone(),
            owner_id: w.owner_id,
            tags: w.tags.clone(),
            custom: w.custom.clone(),
        }
    }
}
