//! Addresses that come twice in one file, told apart without the database.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use super::batch::{self, Batch};
use crate::crm::imports::plan::Duplicates;
use crate::crm::imports::problem::Counts;

/// The addresses of the batches before, as hashes, so that a file of millions fits in memory.
#[derive(Default)]
pub struct Addresses {
    seen: HashSet<u64>,
    state: RandomState,
}

impl Addresses {
    /// Counts the rows out whose address came before; a run finds those in the database by then.
    pub fn drop_repeated(&mut self, batch: &mut Batch, duplicates: Duplicates) -> Counts {
        let mut found = Counts::default();
        if duplicates == Duplicates::Create {
            return found;
        }
        let (mut fresh, mut repeated) = (Vec::new(), Vec::new());
        for row in std::mem::take(&mut batch.staged) {
            let hash = row.email.as_ref().map(|email| self.state.hash_one(email));
            match hash {
                Some(hash) if self.seen.contains(&hash) => repeated.push(row),
                hash => {
                    fresh.extend(hash);
                    batch.staged.push(row);
                }
            }
        }
        self.seen.extend(fresh);
        if duplicates == Duplicates::Update {
            found.updated += repeated.len() as i32;
            return found;
        }
        found.skipped += repeated.len() as i32;
        for row in repeated {
            let reason = "An earlier row of this file has the same address.".to_owned();
            let skipped = batch::skipped(&row, batch.problems.len(), reason);
            batch.problems.push(skipped);
        }
        found
    }
}
