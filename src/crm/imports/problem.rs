//! What is wrong with a row, and what became of it.

use std::collections::BTreeMap;

use diesel::prelude::*;
use platform::schema::import_problems;
use platform::text_enum;
use serde::{Deserialize, Serialize};

use super::what::What;

text_enum! {
    pub enum Outcome {
        Refused => "refused", "Refused";
        Skipped => "skipped", "Left as it was";
        Noted => "noted", "Imported without it";
    }
}

text_enum! {
    pub enum Kind {
        Shape => "shape", "Rows that don't fit the header";
        Email => "email", "E-mail addresses that can't be used";
        Nameless => "nameless", "Rows without a name, an address or a number";
        Duplicate => "duplicate", "People who are here already";
        OutOfReach => "out_of_reach", "People whom somebody else looks after";
        Choice => "choice", "Values that are not in the list";
        Owner => "owner", "Owners who are not in this workspace";
        Date => "date", "Dates that can't be read";
        Number => "number", "Numbers that can't be read";
        Text => "text", "Texts that are too long";
        Value => "value", "Other values that can't be read";
        Link => "link", "Names that nobody or several go by";
        Form => "form", "Rows that the form refuses";
    }
}

impl Kind {
    /// As it is said of rows that become records of that kind.
    pub fn told(self, what: What) -> &'static str {
        match self {
            Kind::Duplicate if what != What::Contact => "Those that are here already",
            Kind::OutOfReach if what != What::Contact => "Those that somebody else looks after",
            kind => kind.label(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Queryable, Selectable)]
#[diesel(table_name = import_problems, check_for_backend(diesel::pg::Pg))]
pub struct Problem {
    pub row: i64,
    pub seq: i32,
    pub line: i64,
    pub outcome: Outcome,
    pub kind: Kind,
    #[diesel(column_name = column_name)]
    pub column: String,
    pub value: String,
    pub reason: String,
}

/// What became of the rows of a batch.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub created: i32,
    pub updated: i32,
    pub skipped: i32,
    pub refused: i32,
    pub noted: i32,
}

impl Counts {
    /// Counts what is wrong, row by row, in the order of the file.
    pub fn see(&mut self, problems: &[Problem]) {
        let mut last_refused = -1;
        for problem in problems {
            match problem.outcome {
                Outcome::Refused if problem.row != last_refused => {
                    last_refused = problem.row;
                    self.refused += 1;
                }
                Outcome::Noted => self.noted += 1,
                _ => {}
            }
        }
    }
}

/// How often each kind was met, by outcome: `refused.email`.
pub type Totals = BTreeMap<String, i64>;

pub fn count(totals: &mut Totals, problem: &Problem) {
    let key = format!("{}.{}", problem.outcome.key(), problem.kind.key());
    *totals.entry(key).or_default() += 1;
}

/// The totals as people read them, the most frequent first.
pub fn told(totals: &Totals) -> Vec<(Outcome, Kind, i64)> {
    let mut told: Vec<_> = totals
        .iter()
        .filter_map(|(key, count)| {
            let (outcome, kind) = key.split_once('.')?;
            Some((Outcome::parse(outcome)?, Kind::parse(kind)?, *count))
        })
        .collect();
    told.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
    told
}
