//! A row of a table, and what may be odd about it.

use std::fmt;

use super::MAX_FIELD;
use super::guard::unguard;

/// One row as it stands in the file, whatever is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// As a spreadsheet counts: the header and empty rows count too, a quoted line break does not.
    pub number: u64,
    /// As a text editor counts: the line on which the row begins.
    pub line: u64,
    pub problem: Option<Problem>,
    text: String,
    /// Where each field ends in the text.
    ends: Vec<u32>,
}

impl Row {
    /// From the fields one behind the other and where each ends.
    pub(super) fn new(
        number: u64,
        line: u64,
        problem: Option<Problem>,
        text: &[u8],
        ends: &[usize],
    ) -> Self {
        let (text, ends) = match std::str::from_utf8(text) {
            Ok(text) => (
                text.to_owned(),
                ends.iter().map(|end| *end as u32).collect(),
            ),
            Err(_) => lossy(text, ends),
        };
        Self {
            number,
            line,
            problem,
            text,
            ends,
        }
    }

    /// The field of a column; a row too short to have it gives the empty text.
    pub fn get(&self, column: usize) -> &str {
        let Some(&end) = self.ends.get(column) else {
            return "";
        };
        let start = column.checked_sub(1).map_or(0, |before| self.ends[before]);
        unguard(&self.text[start as usize..end as usize])
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|column| self.get(column))
    }
}

/// What is odd about a row's shape; its fields are still there, unless it is too long to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    Short { expected: usize, found: usize },
    Long { expected: usize, found: usize },
    StrayQuote,
    LongField { column: usize },
    LongRow,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short { expected, found } => {
                write!(f, "The row has {found} fields, the header has {expected}.")
            }
            Self::Long { expected, found } => {
                write!(f, "The row has {found} fields, the header only {expected}.")
            }
            Self::StrayQuote => f.write_str("A quotation mark opens in this row and never closes."),
            Self::LongField { column } => {
                write!(
                    f,
                    "Field {} is longer than {MAX_FIELD} characters.",
                    column + 1
                )
            }
            Self::LongRow => f.write_str("The row is too long to be read."),
        }
    }
}

/// A delimiter that was set by hand may cut through letters.
fn lossy(text: &[u8], ends: &[usize]) -> (String, Vec<u32>) {
    let (mut whole, mut new_ends, mut start) = (String::new(), Vec::new(), 0);
    for &end in ends {
        whole.push_str(&String::from_utf8_lossy(&text[start..end]));
        new_ends.push(whole.len() as u32);
        start = end;
    }
    (whole, new_ends)
}
