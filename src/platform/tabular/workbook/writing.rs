//! A table as a workbook that needs no more memory for a million rows than for a thousand.

use std::io;
use std::path::Path;

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

/// What a sheet holds below its header (Excel's own limit).
pub const MOST_ROWS: u32 = 1_048_575;
/// What a cell holds (Excel's own limit), in characters.
const LONGEST: usize = 32_767;
const WIDTH: f64 = 20.0;

/// What a column holds; a cell that is something else all the same stands there as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellKind {
    Text,
    Number,
    /// `2026-11-22`
    Day,
}

pub struct WorkbookWriter {
    book: Workbook,
    kinds: Vec<CellKind>,
    day: Format,
    next: u32,
}

impl WorkbookWriter {
    pub fn new<S: AsRef<str>>(header: &[S], kinds: &[CellKind]) -> io::Result<WorkbookWriter> {
        let mut book = Workbook::new();
        let bold = Format::new().set_bold();
        let sheet = book.add_worksheet_with_constant_memory();
        sheet.set_freeze_panes(1, 0).map_err(io::Error::other)?;
        for (column, label) in (0u16..).zip(header) {
            let put = sheet
                .set_column_width(column, WIDTH)
                .and_then(|sheet| sheet.write_with_format(0, column, label.as_ref(), &bold));
            put.map_err(io::Error::other)?;
        }
        Ok(WorkbookWriter {
            book,
            kinds: kinds.to_vec(),
            day: Format::new().set_num_format("yyyy-mm-dd"),
            next: 1,
        })
    }

    pub fn row<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) -> io::Result<()> {
        let (row, day) = (self.next, self.day.clone());
        let sheet = self
            .book
            .worksheet_from_index(0)
            .map_err(io::Error::other)?;
        for (column, cell) in (0u16..).zip(cells) {
            let kind = self.kinds.get(usize::from(column)).copied();
            put(sheet, (row, column), cell.as_ref(), kind, &day).map_err(io::Error::other)?;
        }
        self.next += 1;
        Ok(())
    }

    /// Blocking.
    pub fn save(mut self, path: &Path) -> io::Result<()> {
        self.book.save(path).map_err(io::Error::other)
    }
}

fn put(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &str,
    kind: Option<CellKind>,
    day: &Format,
) -> Result<(), XlsxError> {
    if cell.is_empty() {
        return Ok(());
    }
    if kind == Some(CellKind::Number)
        && let Ok(number) = cell.parse::<f64>()
        && number.is_finite()
    {
        return sheet.write_number(row, column, number).map(drop);
    }
    if kind == Some(CellKind::Day)
        && let Ok(at) = ExcelDateTime::parse_from_str(cell)
    {
        return sheet
            .write_datetime_with_format(row, column, at, day)
            .map(drop);
    }
    let text: String = cell.chars().take(LONGEST).collect();
    sheet.write_string(row, column, text).map(drop)
}
