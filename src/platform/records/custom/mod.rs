//! Custom fields: what a workspace wants to know about a kind of record beyond what everybody does.

mod field;
mod index;
mod inputs;
mod key;
mod read;

use serde_json::{Map, Value};

pub use field::{CustomField, TYPES};
pub use index::{IndexField, wanting};
pub use inputs::{CustomInputs, Links};
pub use key::free_key;
pub use read::{money, read};

use crate::db::Json;

/// The custom values of a record, by the keys of their fields.
pub type Custom = Json<Map<String, Value>>;
