//! Contacts, by the hundred thousand: read into rows of their table, and written by one statement a batch.

mod batch;
mod employers;
mod fields;
mod reading;
mod repeated;
mod rows;
mod undo;

use platform::Result;
use platform::db::Tx;
use platform::tabular::{Table, TableError};

pub use batch::Work;
pub use employers::{hold, insert_companies};
pub use fields::targets;
pub use reading::Reader;

use super::fields::Custom;
use super::import::Import;
use super::problem::Counts;
use super::reading::Owners;
use super::undo::Part;
use super::way::Way;
use super::what::What;
use batch::Batch;

impl Way for Work {
    type Reader = Reader;
    const UNDO: &'static [Part] = undo::PARTS;

    fn reader(tx: &mut Tx, import: &Import) -> Result<Reader> {
        let (custom, owners) = (Custom::all(tx, What::Contact)?, Owners::all(tx)?);
        Ok(Reader::new(import.plan(), &import.header, &custom, owners))
    }

    fn settle(reader: Reader, table: &Table) -> std::result::Result<Reader, TableError> {
        reader.settle(table)
    }

    fn begin(_: &mut Tx, import: Import) -> Result<Work> {
        Ok(Work::new(import))
    }

    fn import(&self) -> &Import {
        &self.import
    }

    fn look(&mut self, tx: &mut Tx, batch: &mut Batch) -> Result<Counts> {
        let repeated = self.seen.drop_repeated(batch, self.plan.duplicates);
        let counts = self.part(tx, batch)?.counts;
        Ok(Counts {
            updated: counts.updated + repeated.updated,
            skipped: counts.skipped + repeated.skipped,
            ..counts
        })
    }

    fn write(&mut self, tx: &mut Tx, batch: Batch) -> Result<bool> {
        Work::write(self, tx, batch)
    }
}
