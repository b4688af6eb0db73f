//! What every record shares, and what hangs on any of them.

pub mod kinds;
pub mod list;

use uuid::Uuid;

/// A row that people look at one by one: it has a page, a timeline, an owner, and notes, tags and tasks hang on it.
pub trait Record {
    /// The name in `records.kind`, in events and in URLs of the API: singular, snake case.
    const KIND: &'static str;

    fn id(&self) -> Uuid;
    fn title(&self) -> String;
    fn version(&self) -> i32;
}
