//! The lines of a task that are ticked one by one.

use platform::db::Json;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use validator::ValidationError;

pub const MOST: usize = 100;
const LONGEST: usize = 300;

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub struct Check {
    pub text: String,
    pub done: bool,
}

/// For `#[serde(deserialize_with)]`: the lines that somebody filled in.
pub fn lines<'de, D: Deserializer<'de>>(from: D) -> Result<Json<Vec<Check>>, D::Error> {
    let mut all = Vec::<Check>::deserialize(from)?;
    all.retain(|line| !line.text.is_empty());
    Ok(Json(all))
}

pub fn are_short(all: &Json<Vec<Check>>) -> Result<(), ValidationError> {
    if all.len() <= MOST && all.iter().all(|line| line.text.chars().count() <= LONGEST) {
        return Ok(());
    }
    let words = format!("Please use at most {MOST} lines of at most {LONGEST} characters.");
    Err(ValidationError::new("checklist").with_message(words.into()))
}
