//! A table in a file: its format, its header, and its rows one after the other.

use std::fs::File;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::decode::Decoded;
use super::encoding::{Charset, SAMPLE};
use super::guard::unguard;
use super::row::Row;
use super::scan::Scanner;
use super::{Dialect, MAX_COLUMNS, MAX_ROWS, TableError, binary, header};

/// How a file is to be read; kept with an import, so that a later run reads it the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Format {
    pub charset: Charset,
    pub dialect: Dialect,
}

#[derive(Clone, Debug)]
pub struct Table {
    path: PathBuf,
    pub format: Format,
    pub header: Vec<String>,
    /// Bytes in the file, for a progress bar beside `Rows::position`.
    pub size: u64,
}

impl Table {
    /// Finds out the encoding and the dialect by itself.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, TableError> {
        let charset = Charset::detect(&mut File::open(&path)?)?;
        Self::open_in(path, charset)
    }

    /// In an encoding that a person has chosen.
    pub fn open_in(path: impl AsRef<Path>, charset: Charset) -> Result<Self, TableError> {
        let mut text = Vec::new();
        let mut source = Decoded::new(File::open(&path)?, charset);
        let mut whole = false;
        while text.len() < SAMPLE && !whole {
            whole = !source.fill(&mut text)?;
        }
        let sample = String::from_utf8_lossy(&text);
        if let Some(refusal) = binary::recognise_text(&sample) {
            return Err(refusal);
        }
        let dialect = Dialect::sniff(&sample, whole);
        Self::open_as(path, Format { charset, dialect })
    }

    /// In a format that is known, from an earlier look or by a person's choice.
    pub fn open_as(path: impl AsRef<Path>, format: Format) -> Result<Self, TableError> {
        let file = File::open(&path)?;
        let mut table = Self {
            path: path.as_ref().to_owned(),
            format,
            header: Vec::new(),
            size: file.metadata()?.len(),
        };
        let first = table.scan()?.next_row()?.ok_or(TableError::Empty)?;
        let cells: Vec<&str> = first.iter().collect();
        let filled = cells.iter().rposition(|cell| !cell.trim().is_empty());
        let width = filled.map_or(0, |last| last + 1);
        if width > MAX_COLUMNS {
            return Err(TableError::TooManyColumns(width));
        }
        let named = |cell: &'_ &str| {
            if format.dialect.header {
                unguard(cell)
            } else {
                ""
            }
            .to_owned()
        };
        let cells: Vec<String> = cells[..width].iter().map(named).collect();
        table.header = header::names(cells.iter().map(String::as_str));
        Ok(table)
    }

    /// The rows below the header, from the first, each time anew.
    pub fn rows(&self) -> Result<Rows, TableError> {
        let mut scanner = self.scan()?;
        if self.format.dialect.header {
            scanner.next_row()?;
        }
        scanner.expect(self.header.len());
        Ok(Rows {
            scanner,
            given: 0,
            ended: false,
        })
    }

    /// The first rows, to show and to guess from.
    pub fn sample(&self, rows: usize) -> Result<Vec<Row>, TableError> {
        self.rows()?.take(rows).collect()
    }

    /// A scanner that stands before the header.
    fn scan(&self) -> Result<Scanner, TableError> {
        let source = Decoded::new(File::open(&self.path)?, self.format.charset);
        let mut scanner = Scanner::new(source, &self.format.dialect);
        if self.format.dialect.sep_line {
            scanner.skip_line()?;
        }
        for _ in 0..self.format.dialect.title_rows {
            scanner.next_row()?;
        }
        Ok(scanner)
    }
}

/// The rows of a table; empty ones are passed over.
pub struct Rows {
    scanner: Scanner,
    given: u64,
    ended: bool,
}

impl Rows {
    /// Bytes of the file read so far.
    pub fn position(&self) -> u64 {
        self.scanner.position()
    }
}

impl Iterator for Rows {
    type Item = Result<Row, TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let row = match self.scanner.next_row() {
            Ok(Some(_)) if self.given == MAX_ROWS => Err(TableError::TooManyRows),
            Ok(row) => {
                self.given += 1;
                self.ended = row.is_none();
                return row.map(Ok);
            }
            Err(error) => Err(error.into()),
        };
        self.ended = true;
        Some(row)
    }
}
