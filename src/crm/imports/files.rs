//! The files that an import gives back: its refused rows, to mend and upload again, and the list of all that was wrong.

use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};
use std::path::PathBuf;

use platform::tabular::writer::Style;
use platform::tabular::{Format, Table, TableError, TableWriter};
use platform::{Error, Result};
use tokio::sync::mpsc;

use super::fields::REFUSED;
use super::problem::{Outcome, Problem};

/// Pages of problems on their way from the database to a writer.
pub type Pages = mpsc::Receiver<Vec<Problem>>;

/// A file without a name: it is gone when nobody reads it any more.
fn nameless(folder: &std::path::Path) -> io::Result<File> {
    let path = folder.join(format!("{}.tmp", uuid::Uuid::now_v7()));
    let file = File::options()
        .create_new(true)
        .read(true)
        .write(true)
        .open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}

/// The refused rows as they stood in the file, each with its number and what is wrong with it.
pub fn refused(source: PathBuf, format: Format, mut pages: Pages) -> Result<File, TableError> {
    let table = Table::open_as(&source, format)?;
    let file = nameless(source.parent().unwrap_or(&source))?;
    let header: Vec<&str> = REFUSED
        .into_iter()
        .chain(table.header.iter().map(String::as_str))
        .collect();
    let mut out = TableWriter::new(BufWriter::new(file), &header, Style::default())?;
    let mut rows = table.rows()?;
    let mut waiting: Option<(i64, String)> = None;
    while let Some(page) = pages.blocking_recv() {
        for problem in page.into_iter().filter(|p| p.outcome == Outcome::Refused) {
            match &mut waiting {
                Some((row, reasons)) if *row == problem.row => {
                    reasons.push(' ');
                    reasons.push_str(&problem.reason);
                }
                _ => {
                    copy(
                        &mut rows,
                        waiting.replace((problem.row, problem.reason)),
                        &mut out,
                    )?;
                }
            }
        }
    }
    copy(&mut rows, waiting, &mut out)?;
    rewound(out.finish()?)
}

/// Goes on to the row of that number and writes it.
fn copy(
    rows: &mut platform::tabular::Rows,
    wanted: Option<(i64, String)>,
    out: &mut TableWriter<BufWriter<File>>,
) -> Result<(), TableError> {
    let Some((number, reasons)) = wanted else {
        return Ok(());
    };
    for row in rows {
        let row = row?;
        if row.number as i64 == number {
            let number = number.to_string();
            let first = [number.as_str(), reasons.as_str()];
            out.row(first.into_iter().chain(row.iter()))?;
            return Ok(());
        }
    }
    Ok(())
}

/// Everything that was wrong, a line each.
pub fn report(folder: PathBuf, mut pages: Pages) -> Result<File, TableError> {
    let header = ["Row", "Line", "What became of it", "Column", "Value", "Why"];
    let mut out = TableWriter::new(
        BufWriter::new(nameless(&folder)?),
        &header,
        Style::default(),
    )?;
    while let Some(page) = pages.blocking_recv() {
        for p in page {
            let (row, line) = (p.row.to_string(), p.line.to_string());
            out.row([
                &row,
                &line,
                p.outcome.label(),
                &p.column,
                &p.value,
                &p.reason,
            ])?;
        }
    }
    rewound(out.finish()?)
}

fn rewound(mut out: BufWriter<File>) -> Result<File, TableError> {
    out.flush()?;
    let mut file = out.into_inner().map_err(|error| error.into_error())?;
    file.rewind()?;
    Ok(file)
}

pub fn unreadable(error: TableError) -> Error {
    match error {
        TableError::Io(error) if error.kind() == io::ErrorKind::NotFound => Error::NotFound,
        TableError::Io(error) => Error::internal(error),
        other => Error::Conflict(other.to_string()),
    }
}
