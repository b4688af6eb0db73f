//! How the rows of one kind of file are read, looked at and written: what the work on an import is made of.

use platform::Result;
use platform::db::Tx;
use platform::tabular::{Table, TableError};

use super::import::Import;
use super::problem::Counts;
use super::reading::Reader;
use super::source::Batch;
use super::undo::Part;

type Staged<W> = <<W as Way>::Reader as Reader>::Staged;

/// What is carried from batch to batch.
pub trait Way: Send + Sized + 'static {
    type Reader: Reader;
    /// What an undo goes through, in this order.
    const UNDO: &'static [Part];

    fn reader(tx: &mut Tx, import: &Import) -> Result<Self::Reader>;

    /// Lets the file itself tell how it is to be read.
    fn settle(reader: Self::Reader, table: &Table)
    -> std::result::Result<Self::Reader, TableError>;

    fn begin(tx: &mut Tx, import: Import) -> Result<Self>;

    /// As it is after the last batch.
    fn import(&self) -> &Import;

    /// What a run would do with the batch, to whose problems it adds; nothing is written.
    fn look(&mut self, tx: &mut Tx, batch: &mut Batch<Staged<Self>>) -> Result<Counts>;

    /// Writes the batch. `false`: the import was stopped, or another worker is ahead of this one.
    fn write(&mut self, tx: &mut Tx, batch: Batch<Staged<Self>>) -> Result<bool>;
}
