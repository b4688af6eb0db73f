//! Companies, deals and tasks: each row fills in the form of its record, and is written as a person's would be, so that
//! every rule of the record holds.

mod companies;
mod deals;
mod field;
mod keeping;
mod links;
mod reading;
mod repeated;
mod row;
mod staged;
mod tasks;
mod undo;
mod writing;

use platform::Result;
use platform::db::Tx;
use platform::records::Editable;
use platform::tabular::mapping::Target;
use platform::tabular::{Table, TableError};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::import::Import;
use super::problem::Counts;
use super::source::Batch;
use super::undo::{COMPANIES, Part};
use super::way::Way;
use super::what::What;
use field::Field;
use reading::Reader;
use staged::Staged;
pub use writing::Work;

/// What of a kind is particular to its import.
pub trait Imported: Editable {
    const WHAT: What;
    /// What columns can go to.
    const FIELDS: &'static [Field];

    /// Fills in what the other cells of the row tell.
    fn complete(_: &mut Staged) {}

    /// By what two rows of a file are the same record.
    fn key(staged: &Staged) -> String;

    /// Those that are here already under the key of a row, two at most, and what the key is called. `typed` is what its
    /// form is given.
    fn known(tx: &mut Tx, typed: &Map<String, Value>) -> Result<(Vec<Uuid>, &'static str)>;

    /// What a row says beyond the form.
    fn finish(&self, _: &mut Tx, _: &Staged, _people: &[Uuid]) -> Result<()> {
        Ok(())
    }

    /// What of the record `finish` may change, as it is.
    fn beside(&self, _: &mut Tx) -> Result<Map<String, Value>> {
        Ok(Map::new())
    }

    /// Puts that back.
    fn put_back(&self, _: &mut Tx, _field: &str, _old: &Value) -> Result<()> {
        Ok(())
    }

    /// Whether something hangs on it that did not come with this import.
    fn is_used(&self, _: &mut Tx, _: &Import) -> Result<bool> {
        Ok(false)
    }
}

pub fn targets<T: Imported>() -> Vec<Target> {
    T::FIELDS.iter().map(Field::target).collect()
}

impl<T: Imported + 'static> Way for Work<T> {
    type Reader = Reader<T>;
    const UNDO: &'static [Part] = &[Part::counted(undo::portion::<T>), COMPANIES];

    fn reader(tx: &mut Tx, import: &Import) -> Result<Reader<T>> {
        Reader::new(tx, import)
    }

    fn settle(reader: Reader<T>, table: &Table) -> std::result::Result<Reader<T>, TableError> {
        reader.settle(table)
    }

    fn begin(tx: &mut Tx, import: Import) -> Result<Work<T>> {
        Work::new(tx, import)
    }

    fn import(&self) -> &Import {
        &self.import
    }

    fn look(&mut self, tx: &mut Tx, batch: &mut Batch<Staged>) -> Result<Counts> {
        self.rehearse(tx, batch)
    }

    fn write(&mut self, tx: &mut Tx, batch: Batch<Staged>) -> Result<bool> {
        Work::write(self, tx, batch)
    }
}
