//! How the file of an import is to be read: where each column goes, and what holds for all its rows.

use std::collections::HashSet;

use platform::records::tags;
use platform::text_enum;
use platform::web::fields::comma_separated;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::crm::contacts::LifecycleStage;

/// What a column is given that is left out.
pub const SKIP: &str = "skip";
/// Before the type of a custom field that is made of a column.
pub const NEW: &str = "new.";

text_enum! {
    /// What becomes of a row whose record is here already.
    pub enum Duplicates {
        Skip => "skip", "Leave them as they are";
        Update => "update", "Fill in what the file says";
        Create => "create", "Add them once more";
    }
}

text_enum! {
    /// What `03/04/2026` means.
    pub enum Dates {
        Auto => "auto", "As the file shows";
        DayFirst => "day_first", "Day first: 31/12/2026";
        MonthFirst => "month_first", "Month first: 12/31/2026";
    }
}

text_enum! {
    /// What becomes of a row with a value that can't be read.
    pub enum Unreadable {
        Leave => "leave", "Import the row without that value, and list it";
        Refuse => "refuse", "Refuse the row, and list it";
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Validate)]
#[serde(default)]
pub struct Plan {
    /// For each column the key of its field, or `skip`.
    #[validate(custom(function = "each_field_once"))]
    pub columns: Vec<String>,
    pub duplicates: Duplicates,
    pub dates: Dates,
    pub unreadable: Unreadable,
    pub owner_id: Option<Uuid>,
    /// Of contacts.
    pub lifecycle_stage: LifecycleStage,
    /// Where deals go; none: where deals begin.
    pub pipeline_id: Option<Uuid>,
    #[serde(deserialize_with = "comma_separated")]
    #[validate(custom(function = "are_tags"))]
    pub tags: Vec<String>,
    /// The owners whose records may be changed; not asked for, but taken from who runs it. `None`: anybody's.
    pub reach: Option<Vec<Uuid>>,
}

/// Cells of several columns may go to these.
const SHARED: [&str; 5] = ["tags", "description", "email_2", "phone_2", "contacts"];

fn are_tags(tags: &[String]) -> Result<(), ValidationError> {
    let fit = tags::tidy(&mut tags.to_vec());
    fit.map_err(|problem| ValidationError::new("tags").with_message(problem.into()))
}

fn each_field_once(columns: &[String]) -> Result<(), ValidationError> {
    let mut seen = HashSet::new();
    let taken = columns.iter().find(|key| {
        let single = *key != SKIP && !key.starts_with(NEW) && !SHARED.contains(&key.as_str());
        single && !seen.insert(key.as_str())
    });
    if let Some(key) = taken {
        let message = format!(
            "Two columns go to “{}”. Please leave one out.",
            key.replace('_', " ")
        );
        return Err(ValidationError::new("twice").with_message(message.into()));
    }
    if columns.iter().all(|key| key == SKIP) {
        return Err(ValidationError::new("nothing")
            .with_message("Please choose a field for at least one column.".into()));
    }
    Ok(())
}
