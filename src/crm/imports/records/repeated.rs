//! Rows of one file that are the same record, as a check tells them apart: it writes nothing that it could find again.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use super::Imported;
use super::staged::Staged;
use crate::crm::imports::plan::Duplicates;
use crate::crm::imports::problem::{Counts, Kind, Outcome, Problem};
use crate::crm::imports::source::Batch;

/// The keys of the batches before, as hashes, so that a long file fits in memory.
#[derive(Default)]
pub struct Keys {
    seen: HashSet<u64>,
    state: RandomState,
}

impl Keys {
    /// Counts the rows out whose record came in a batch before.
    pub fn drop_repeated<T: Imported>(
        &mut self,
        batch: &mut Batch<Staged>,
        duplicates: Duplicates,
    ) -> Counts {
        let mut counts = Counts::default();
        if duplicates == Duplicates::Create {
            return counts;
        }
        let mut fresh = Vec::new();
        for row in std::mem::take(&mut batch.staged) {
            let hash = self.state.hash_one(T::key(&row));
            if !self.seen.contains(&hash) {
                fresh.push(hash);
                batch.staged.push(row);
            } else if duplicates == Duplicates::Update {
                counts.updated += 1;
            } else {
                counts.skipped += 1;
                let reason = "An earlier row of this file is the same.".to_owned();
                let skipped = skipped(&row, batch.problems.len(), reason);
                batch.problems.push(skipped);
            }
        }
        self.seen.extend(fresh);
        counts
    }
}

/// A row that was left out because its record is here.
pub fn skipped(row: &Staged, seq: usize, reason: String) -> Problem {
    Problem {
        row: row.place.row,
        seq: seq as i32,
        line: row.place.line,
        outcome: Outcome::Skipped,
        kind: Kind::Duplicate,
        column: String::new(),
        value: row.text("name"),
        reason,
    }
}
