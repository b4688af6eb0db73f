//! What reading a row of the file is, whatever it becomes: cell by cell, with what is wrong and what that costs.

mod owners;
mod spelling;
pub mod values;

pub use owners::Owners;
pub use spelling::Spelling;

use platform::tabular::{Problem as Shape, Row};

use super::plan::{Plan, Unreadable};
use super::problem::{Kind, Outcome, Problem};
use super::source::Batch;

const LONGEST_SHOWN: usize = 200;
const LONGEST_REASON: usize = 500;

/// What a problem costs.
pub type Wrong = (Kind, Cost, String);
pub type Read<T> = std::result::Result<T, Wrong>;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// Without this value they could be taken for somebody else.
    Row,
    /// The row, or the value alone: as the plan says.
    Value,
    /// There is always something to put in its place.
    Nothing,
}

/// Everything needed to read rows, and nothing of the database.
pub trait Reader: Send + Sync + 'static {
    /// A row on its way to its table.
    type Staged: Send + 'static;
    /// As many are written at once.
    const ROWS_A_BATCH: usize;

    /// Puts the row, or why it is refused, into the batch.
    fn read(&self, row: &Row, batch: &mut Batch<Self::Staged>);
}

/// A row of the file, told as people find it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place {
    pub row: i64,
    pub line: i64,
}

impl From<&Row> for Place {
    fn from(row: &Row) -> Place {
        Place {
            row: row.number as i64,
            line: row.line as i64,
        }
    }
}

/// Lists what is wrong; whether it costs the row.
pub fn add(
    plan: &Plan,
    place: Place,
    (column, value): (&str, &str),
    (kind, cost, reason): Wrong,
    problems: &mut Vec<Problem>,
) -> bool {
    let refused = match cost {
        Cost::Row => true,
        Cost::Value => plan.unreadable == Unreadable::Refuse,
        Cost::Nothing => false,
    };
    problems.push(Problem {
        row: place.row,
        seq: problems.len() as i32,
        line: place.line,
        outcome: if refused {
            Outcome::Refused
        } else {
            Outcome::Noted
        },
        kind,
        column: column.to_owned(),
        value: shortened(value, LONGEST_SHOWN),
        reason: shortened(&reason, LONGEST_REASON),
    });
    refused
}

/// Lists what is odd about the row's shape; whether it costs the row.
pub fn shape(plan: &Plan, row: &Row, problems: &mut Vec<Problem>) -> bool {
    let Some(shape) = &row.problem else {
        return false;
    };
    let cost = match shape {
        Shape::Short { .. } => Cost::Value,
        _ => Cost::Row,
    };
    let wrong = (Kind::Shape, cost, shape.to_string());
    add(plan, row.into(), ("", ""), wrong, problems)
}

/// A refused row is refused as a whole; what else is wrong with it is mended in the same go.
pub fn refuse(problems: &mut [Problem]) {
    for problem in problems {
        problem.outcome = Outcome::Refused;
    }
}

pub fn shortened(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
