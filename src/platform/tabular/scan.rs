//! Cuts decoded text into rows, holding one row at a time, and finds its feet again after a stray quote.

use std::fs::File;
use std::io;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::decode::Decoded;
use super::quotes;
use super::row::{Problem, Row};
use super::window::Window;
use super::{Dialect, MAX_FIELD};

/// A row longer than this is taken for the work of a quote that was never closed.
const MAX_ROW: usize = 4 * MAX_FIELD;

pub struct Scanner {
    window: Window,
    dialect: Dialect,
    quoted: Reader,
    /// Takes quotes for ordinary characters.
    literal: Reader,
    fields: Vec<u8>,
    ends: Vec<usize>,
    expected: Option<usize>,
    number: u64,
    line: u64,
    after_return: bool,
}

enum Parsed {
    Row { used: usize, fields: usize },
    Unclosed,
    TooLong,
}

impl Scanner {
    pub fn new(source: Decoded<File>, dialect: &Dialect) -> Self {
        let mut builder = ReaderBuilder::new();
        builder.delimiter(dialect.delimiter).quote(dialect.quote);
        if dialect.backslash {
            builder.escape(Some(b'\\'));
        }
        Self {
            window: Window::new(source),
            dialect: *dialect,
            quoted: builder.build(),
            literal: builder.quoting(false).build(),
            fields: vec![0; 1024],
            ends: vec![0; 32],
            expected: None,
            number: 1,
            line: 1,
            after_return: false,
        }
    }

    /// From here on, rows of another width are told as such.
    pub fn expect(&mut self, width: usize) {
        self.expected = Some(width);
    }

    pub fn position(&self) -> u64 {
        self.window.position()
    }

    /// Passes over one physical line, which no spreadsheet counts as a row.
    pub fn skip_line(&mut self) -> io::Result<()> {
        if self.at_row()? {
            self.drop_line()?;
            self.number -= 1;
        }
        Ok(())
    }

    pub fn next_row(&mut self) -> io::Result<Option<Row>> {
        while self.at_row()? {
            let row = match self.parse(true)? {
                Parsed::Row { used, fields } => self.accept(used, fields)?,
                Parsed::Unclosed | Parsed::TooLong => self.first_line_alone()?,
            };
            if row.problem == Some(Problem::LongRow)
                || row.iter().any(|field| !field.trim().is_empty())
            {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    /// Passes over empty lines; false at the end of the file.
    fn at_row(&mut self) -> io::Result<bool> {
        loop {
            let Some(&next) = self.window.text().first() else {
                if self.window.more()? {
                    continue;
                }
                return Ok(false);
            };
            match next {
                b'\n' if self.after_return => {}
                b'\n' | b'\r' => {
                    self.number += 1;
                    self.line += 1;
                }
                _ => return Ok(true),
            }
            self.pass(1);
        }
    }

    fn pass(&mut self, bytes: usize) {
        self.after_return = self.window.pass(bytes) == Some(b'\r');
    }

    /// A row over several lines that is odd may begin with a quote that belongs to no pair.
    fn accept(&mut self, used: usize, fields: usize) -> io::Result<Row> {
        let expected = self.expected.unwrap_or(fields);
        if self.breaks(used) > 0 && (fields != expected || self.closes_badly(used)) {
            match self.parse(false)? {
                Parsed::Row { used, fields } if fields == expected => {
                    return Ok(self.take(used, fields, Some(Problem::StrayQuote)));
                }
                _ => self.parse(true)?,
            };
        }
        let problem = self.shape_problem(fields);
        Ok(self.take(used, fields, problem))
    }

    fn closes_badly(&self, used: usize) -> bool {
        quotes::close_badly(&self.window.text()[..used], &self.dialect)
    }

    fn first_line_alone(&mut self) -> io::Result<Row> {
        match self.parse(false)? {
            Parsed::Row { used, fields } => Ok(self.take(used, fields, Some(Problem::StrayQuote))),
            Parsed::Unclosed | Parsed::TooLong => {
                let row = Row::new(self.number, self.line, Some(Problem::LongRow), &[], &[]);
                self.drop_line()?;
                Ok(row)
            }
        }
    }

    /// Reads one row from `start` into `fields` and `ends`, without moving on.
    fn parse(&mut self, quoting: bool) -> io::Result<Parsed> {
        let (mut used, mut written, mut ended) = (0, 0, 0);
        self.quoted.reset();
        self.literal.reset();
        loop {
            let reader = if quoting {
                &mut self.quoted
            } else {
                &mut self.literal
            };
            let (result, took, wrote, ends) = reader.read_record(
                &self.window.text()[used..],
                &mut self.fields[written..],
                &mut self.ends[ended..],
            );
            used += took;
            written += wrote;
            ended += ends;
            match result {
                ReadRecordResult::InputEmpty if used > MAX_ROW => return Ok(Parsed::TooLong),
                ReadRecordResult::InputEmpty if !self.window.more()? => {
                    return Ok(Parsed::Unclosed);
                }
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.fields.resize(self.fields.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record | ReadRecordResult::End => {
                    return Ok(Parsed::Row {
                        used,
                        fields: ended,
                    });
                }
            }
        }
    }

    /// The row that was just parsed, made ready to outlive the buffers; moves on to the next.
    fn take(&mut self, used: usize, fields: usize, problem: Option<Problem>) -> Row {
        let ends = &self.ends[..fields];
        let text = &self.fields[..ends.last().copied().unwrap_or(0)];
        let row = Row::new(self.number, self.line, problem, text, ends);
        self.number += 1;
        self.line += 1 + self.breaks(used);
        self.pass(used);
        row
    }

    fn shape_problem(&self, found: usize) -> Option<Problem> {
        let ends = &self.ends[..found];
        let length =
            |column: usize| ends[column] - column.checked_sub(1).map_or(0, |before| ends[before]);
        if let Some(column) = (0..found).find(|column| length(*column) > MAX_FIELD) {
            return Some(Problem::LongField { column });
        }
        let expected = self.expected.unwrap_or(found);
        if found < expected {
            Some(Problem::Short { expected, found })
        } else if (expected..found).any(|column| length(column) > 0) {
            Some(Problem::Long { expected, found })
        } else {
            None
        }
    }

    /// Line breaks inside the row that begins at `start`, old Mac ones too.
    fn breaks(&self, used: usize) -> u64 {
        let body = &self.window.text()[..used.saturating_sub(1)];
        let count = |mark: u8| body.iter().filter(|byte| **byte == mark).count() as u64;
        match count(b'\n') {
            0 => count(b'\r'),
            breaks => breaks,
        }
    }

    fn drop_line(&mut self) -> io::Result<()> {
        self.number += 1;
        self.line += 1;
        loop {
            let text = self.window.text();
            let end = text.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let length = end.map_or(text.len(), |at| at + 1);
            self.pass(length);
            if end.is_some() || !self.window.more()? {
                return Ok(());
            }
        }
    }
}
