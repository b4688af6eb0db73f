//! Tables as people have them: CSV in any encoding and dialect, read as a stream and written safely.

mod binary;
mod decode;
pub mod dialect;
pub mod encoding;
mod guard;
mod header;
pub mod mapping;
mod quotes;
pub mod reader;
mod row;
mod scan;
mod survey;
pub mod values;
pub mod vcards;
mod window;
pub mod workbook;
pub mod writer;

#[cfg(test)]
mod tests;

use std::fs;
use std::path::Path;

pub use dialect::Dialect;
pub use encoding::Charset;
pub use reader::{Format, Rows, Table};
pub use row::{Problem, Row};
pub use writer::TableWriter;

/// Makes the file at `path` CSV, if it is something else that holds a table: a workbook, or vCards. Blocking.
pub fn unfold(path: &Path) -> Result<(), TableError> {
    let _ = workbook::unfold(path)? || vcards::unfold(path)?;
    Ok(())
}

/// Puts what `write` writes in the place of the file at `path`, which stays as it is where that fails.
fn replace(
    path: &Path,
    write: impl FnOnce(&Path) -> Result<(), TableError>,
) -> Result<(), TableError> {
    let part = path.with_extension("part");
    let written = write(&part).and_then(|()| Ok(fs::rename(&part, path)?));
    if written.is_err() {
        // The attempt is told of by its error; a part that can't be removed is found by its age.
        let _ = fs::remove_file(&part);
    }
    written
}

pub const MAX_COLUMNS: usize = 500;
pub const MAX_FIELD: usize = 1_000_000;
pub const MAX_ROWS: u64 = 5_000_000;

/// Why a file cannot be read as a table, in words for the person who chose it.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    #[error("The file is empty.")]
    Empty,
    #[error("This is {what}, not a CSV file. {remedy}")]
    NotText {
        what: &'static str,
        remedy: &'static str,
    },
    #[error("The file has {0} columns; at most {MAX_COLUMNS} can be read. Split it into several.")]
    TooManyColumns(usize),
    #[error("The file has more than {MAX_ROWS} rows. Split it into several.")]
    TooManyRows,
    #[error("The {0} holds too much to be read at once. Split it into several.")]
    TooLarge(&'static str),
    #[error("The workbook has no sheet with anything in it.")]
    NoSheet,
    #[error(
        "The workbook can't be read: {0}. Open it in a spreadsheet program and save it as “CSV UTF-8”."
    )]
    Broken(String),
    #[error("The file could not be read: {0}")]
    Io(#[from] std::io::Error),
}
