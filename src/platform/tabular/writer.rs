//! Writes a table as CSV that spreadsheet programs open safely and `Table` reads back unchanged.

use std::io::{self, Write};

use csv::{QuoteStyle, Terminator, WriterBuilder};

use super::guard::guard;

#[derive(Clone, Copy, Debug)]
pub struct Style {
    pub delimiter: u8,
    /// Excel takes a file without the mark for the old encoding of its country.
    pub mark: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            delimiter: b',',
            mark: true,
        }
    }
}

pub struct TableWriter<W: Write> {
    rows: csv::Writer<W>,
}

impl<W: Write> TableWriter<W> {
    pub fn new<S: AsRef<str>>(mut out: W, header: &[S], style: Style) -> io::Result<Self> {
        if style.mark {
            out.write_all(b"\xEF\xBB\xBF")?;
        }
        let mut table = Self::rest(out, header.len(), style);
        table.row(header)?;
        Ok(table)
    }

    /// Goes on with a table whose beginning was written elsewhere.
    pub fn rest(out: W, columns: usize, style: Style) -> Self {
        let rows = WriterBuilder::new()
            .delimiter(style.delimiter)
            .terminator(Terminator::CRLF)
            .flexible(true)
            .quote_style(quotes(columns))
            .from_writer(out);
        Self { rows }
    }

    pub fn row<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) -> io::Result<()> {
        for cell in cells {
            self.rows.write_field(guard(cell.as_ref()).as_bytes())?;
        }
        self.rows.write_record(None::<&[u8]>)?;
        Ok(())
    }

    /// Writes out what is buffered and gives the sink back.
    pub fn finish(self) -> io::Result<W> {
        self.rows.into_inner().map_err(|error| error.into_error())
    }
}

/// In a single column, any separator inside a cell would pass for the file's delimiter.
fn quotes(columns: usize) -> QuoteStyle {
    if columns < 2 {
        QuoteStyle::Always
    } else {
        QuoteStyle::Necessary
    }
}
