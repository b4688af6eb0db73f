//! A list for print: what it is at its head, and a table of its rows.

use std::io::Write;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{Ask, Format, Sheet};
use crate::documents::{self, Column, Document, Paper, Table};
use crate::error::{Error, Result};
use crate::records::kinds::Kind;
use crate::tabular::workbook::CellKind;
use crate::web::filters::thousands;

/// Nobody sees more of a cell.
const LONGEST: usize = 700;
/// A table with more columns than this is printed across.
const UPRIGHT: usize = 5;

pub struct Print {
    path: PathBuf,
    ask: Ask,
    kind: Kind,
    at: DateTime<Utc>,
    zone: Tz,
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

impl Print {
    pub fn new(path: PathBuf, ask: &Ask, kind: Kind, sheet: &Sheet) -> Print {
        let labels = sheet.header().into_iter().zip(sheet.kinds());
        let columns = labels.map(|(label, kind)| Column {
            label: documents::clean(&label, LONGEST),
            number: matches!(kind, CellKind::Number),
        });
        Print {
            path,
            kind,
            at: ask.selection.at(),
            zone: ask.selection.zone(),
            columns: columns.collect(),
            rows: Vec::new(),
            ask: ask.clone(),
        }
    }

    pub fn rows(&mut self, rows: &[Vec<String>]) -> Result<()> {
        let cleaned = rows.iter().map(|row| {
            let cells = row.iter().map(|cell| documents::clean(cell, LONGEST));
            cells.collect()
        });
        self.rows.extend(cleaned);
        match Format::Pdf.most() {
            Some(most) if self.rows.len() as i64 > most => {
                Err(Error::Conflict(Format::Pdf.too_many().into()))
            }
            _ => Ok(()),
        }
    }

    /// Lays it out and puts it on disk.
    pub fn save(self) -> Result<()> {
        let path = self.path.clone();
        let mut file = std::fs::File::create(path).map_err(Error::internal)?;
        file.write_all(&self.document()).map_err(Error::internal)?;
        file.sync_all().map_err(Error::internal)
    }

    fn document(&self) -> Vec<u8> {
        let paper = match self.columns.len() <= UPRIGHT {
            true => Paper::A4,
            false => Paper::A4.landscape(),
        };
        let heading = &self.ask.heading;
        let mut document = Document::new(&heading.title, paper, self.at);
        let about = [&heading.workspace, &heading.narrowed];
        let about = about.into_iter().filter(|text| !text.is_empty());
        document.note(&about.cloned().collect::<Vec<_>>().join(" · "));
        let when = self.at.with_timezone(&self.zone);
        let when = when.format("%-d %b %Y, %H:%M");
        document.note(&format!("{when} ({}) · {}", self.zone, self.count()));
        document.table(&Table {
            columns: &self.columns,
            rows: &self.rows,
            kept: self.kind.named.len().max(1),
        });
        if self.rows.is_empty() {
            document.text(&format!("There are no {} here.", self.kind.plural));
        }
        document.finish()
    }

    /// `1 contact`, `2,400 contacts`
    fn count(&self) -> String {
        match self.rows.len() {
            1 => format!("1 {}", self.kind.singular),
            many => format!("{} {}", thousands(&many.to_string()), self.kind.plural),
        }
    }
}
