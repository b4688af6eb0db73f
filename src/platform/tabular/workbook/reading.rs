//! A workbook's first sheet as CSV.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

use calamine::{DataRef, Reader, Xlsx};
use zip::ZipArchive;

use super::measure::{LARGEST, Measure};
use crate::tabular::writer::Style;
use crate::tabular::{MAX_COLUMNS, MAX_FIELD, TableError, TableWriter, replace};

const WHAT: &str = "workbook";
/// Files in the archive.
const MOST_ENTRIES: usize = 10_000;
/// Rows without anything are kept so far, so that a row has the number that it has in Excel.
const MOST_BLANK: u32 = 10_000;

/// Makes the file at `path` CSV, if it is a workbook; gives whether it was. Blocking.
pub fn unfold(path: &Path) -> Result<bool, TableError> {
    let mut head = [0; 4];
    let mut file = File::open(path)?;
    if file.read(&mut head)? < 4 || &head != b"PK\x03\x04" || !is_workbook(path)? {
        return Ok(false);
    }
    replace(path, |part| write(path, part))?;
    Ok(true)
}

/// Whether the archive holds a workbook of bearable size.
fn is_workbook(path: &Path) -> Result<bool, TableError> {
    let Ok(mut archive) = ZipArchive::new(BufReader::new(File::open(path)?)) else {
        return Ok(false);
    };
    if archive.index_for_name("xl/workbook.xml").is_none() {
        return Ok(false);
    }
    let too_large = || TableError::TooLarge(WHAT);
    if archive.len() > MOST_ENTRIES {
        return Err(too_large());
    }
    let mut left = LARGEST;
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).map_err(unreadable)?;
        let (name, packed) = (entry.name().to_lowercase(), entry.compressed_size());
        let mut measure = Measure::of(&name, packed, left);
        match io::copy(&mut entry, &mut measure) {
            Err(_) if measure.bursts() => return Err(too_large()),
            Err(error) => return Err(unreadable(error)),
            Ok(size) => left -= size,
        }
    }
    Ok(true)
}

fn write(path: &Path, part: &Path) -> Result<(), TableError> {
    let mut book: Xlsx<_> = Xlsx::new(BufReader::new(File::open(path)?)).map_err(unreadable)?;
    for sheet in book.sheet_names() {
        // A sheet that is a chart has no cells.
        let Ok(mut cells) = book.worksheet_cells_reader(&sheet) else {
            continue;
        };
        let mut rows = Rows::new(part);
        while let Some(cell) = cells.next_cell().map_err(unreadable)? {
            let text = text(cell.get_value());
            if !text.is_empty() {
                let (row, column) = cell.get_position();
                rows.put(row, column as usize, text)?;
            }
        }
        if rows.finish()? {
            return Ok(());
        }
    }
    Err(TableError::NoSheet)
}

/// The rows of a sheet, written as they come cell by cell.
struct Rows<'a> {
    path: &'a Path,
    table: Option<TableWriter<BufWriter<File>>>,
    /// As many as the header has.
    columns: usize,
    row: Vec<String>,
    /// The number of `row` in the sheet, from 0.
    at: u32,
    blank: u32,
}

impl Rows<'_> {
    fn new(path: &Path) -> Rows<'_> {
        Rows {
            path,
            table: None,
            columns: 0,
            row: Vec::new(),
            at: 0,
            blank: 0,
        }
    }

    fn put(&mut self, row: u32, column: usize, text: String) -> Result<(), TableError> {
        if column >= MAX_COLUMNS {
            return Err(TableError::TooManyColumns(column + 1));
        }
        if row > self.at && !self.row.is_empty() {
            self.write()?;
            let gap = (row - self.at - 1).min(MOST_BLANK - self.blank);
            self.blank += gap;
            for _ in 0..gap {
                self.row.push(String::new());
                self.write()?;
            }
        }
        self.at = row;
        if self.row.len() <= column {
            self.row.resize(column + 1, String::new());
        }
        self.row[column] = text;
        Ok(())
    }

    fn write(&mut self) -> io::Result<()> {
        let mut row = std::mem::take(&mut self.row);
        // Excel leaves out the empty cells at the end of a row.
        row.resize(row.len().max(self.columns), String::new());
        match &mut self.table {
            Some(table) => table.row(row),
            None => {
                self.columns = row.len();
                let out = BufWriter::new(File::create(self.path)?);
                self.table = Some(TableWriter::new(out, &row, Style::default())?);
                Ok(())
            }
        }
    }

    /// Whether there was anything.
    fn finish(mut self) -> io::Result<bool> {
        if !self.row.is_empty() {
            self.write()?;
        }
        match self.table {
            Some(table) => table.finish()?.flush().map(|()| true),
            None => Ok(false),
        }
    }
}

/// A cell as a person would have typed it into a CSV file.
fn text(value: &DataRef<'_>) -> String {
    let mut text = match value {
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            format!("{number:.0}")
        }
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTime(at) => match at.as_datetime() {
            Some(at) if at.time() == chrono::NaiveTime::MIN => at.format("%Y-%m-%d").to_string(),
            Some(at) => at.format("%Y-%m-%d %H:%M:%S").to_string(),
            None => String::new(),
        },
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    };
    if text.len() > MAX_FIELD {
        let end = (0..=MAX_FIELD).rev().find(|at| text.is_char_boundary(*at));
        text.truncate(end.unwrap_or(0));
    }
    text
}

fn unreadable(error: impl std::fmt::Display) -> TableError {
    TableError::Broken(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tabular::Table;
    use crate::tabular::workbook::{CellKind, WorkbookWriter};

    fn book(rows: &[&[&str]], kinds: &[CellKind]) -> tempfile::TempPath {
        let path = tempfile::NamedTempFile::new().unwrap().into_temp_path();
        let mut book = WorkbookWriter::new(rows[0], kinds).unwrap();
        for row in &rows[1..] {
            book.row(*row).unwrap();
        }
        book.save(&path).unwrap();
        path
    }

    #[test]
    fn what_is_written_is_read_as_it_was() {
        let rows: &[&[&str]] = &[
            &["Name", "Born", "Boats"],
            &["O'Brien, \"Nguyễn\"\n李雷", "1990-05-31", "12.5"],
            &["=1+1", "", "7"],
        ];
        let path = book(rows, &[CellKind::Text, CellKind::Day, CellKind::Number]);
        assert!(unfold(&path).unwrap());
        let table = Table::open(&path).unwrap();
        assert_eq!(table.header, rows[0]);
        let read: Vec<Vec<String>> = table
            .sample(10)
            .unwrap()
            .into_iter()
            .map(|row| row.iter().map(str::to_owned).collect())
            .collect();
        assert_eq!(read, [rows[1], rows[2]]);
    }

    #[test]
    fn an_archive_that_is_no_workbook_is_left_as_it_is() {
        let path = tempfile::NamedTempFile::new().unwrap().into_temp_path();
        std::fs::write(&path, b"PK\x03\x04 clients.csv").unwrap();
        assert!(!unfold(&path).unwrap());
        std::fs::write(&path, b"name\nAnn\n").unwrap();
        assert!(!unfold(&path).unwrap());
    }
}
