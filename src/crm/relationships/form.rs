//! What is filled in about a relationship.

use chrono::NaiveDate;
use platform::db::Tx;
use platform::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use super::kind::RelationshipKind;

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate, JsonSchema)]
#[serde(default)]
pub struct TieForm {
    /// The other contact; once it is there it stays the same one.
    pub other_id: Option<Uuid>,
    /// The id of the kind; with `:reverse` behind it where the contact is what the kind says of the other.
    #[validate(length(min = 1, max = 60, message = "Choose what they are to each other."))]
    pub kind: String,
    pub since: Option<NaiveDate>,
    #[validate(length(max = 500))]
    pub note: String,
}

/// Which kind a form names, and from which side.
pub struct Side {
    pub kind: RelationshipKind,
    reversed: bool,
}

impl Side {
    pub fn read(tx: &mut Tx, text: &str) -> Result<Side> {
        let (id, reversed) = match text.strip_suffix(":reverse") {
            Some(id) => (id, true),
            None => (text, false),
        };
        let unknown = || Error::invalid("kind", "Choose what they are to each other.");
        let id: Uuid = id.parse().map_err(|_| unknown())?;
        let kind = RelationshipKind::find(tx, id).map_err(|_| unknown())?;
        Ok(Side {
            reversed: reversed && !kind.is_mutual(),
            kind,
        })
    }

    /// What the other is to the contact, and the contact to the other.
    pub fn labels(&self) -> (&str, &str) {
        match self.reversed {
            true => (&self.kind.reverse, &self.kind.name),
            false => (&self.kind.name, &self.kind.reverse),
        }
    }

    pub fn ends(&self, contact: Uuid, other: Uuid) -> (Uuid, Uuid) {
        match self.reversed {
            true => (other, contact),
            false => (contact, other),
        }
    }
}
