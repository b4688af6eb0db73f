//! Writes one batch of rows, and how far the import is with it, in one transaction.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Nullable, Text, Uuid as SqlUuid};
use platform::Result;
use platform::db::Tx;
use uuid::Uuid;

use super::employers;
use super::reading::{Company, Staged};
use super::repeated::Addresses;
use crate::crm::imports::import::Import;
use crate::crm::imports::plan::{Duplicates, Plan};
use crate::crm::imports::problem::{self, Counts, Kind, Outcome, Problem, Totals};
use crate::crm::imports::source;
use crate::crm::imports::steps;

pub type Batch = source::Batch<Staged>;

/// Companies that were named before, so that a file of one company's people asks once.
const REMEMBERED: usize = 20_000;

/// What is carried from batch to batch.
pub struct Work {
    pub import: Import,
    pub plan: Plan,
    pub totals: Totals,
    companies: HashMap<Company, Uuid>,
    /// What a check has seen.
    pub(super) seen: Addresses,
}

/// A contact that has the address of a row.
#[derive(QueryableByName)]
struct Known {
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    owner_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    import_id: Option<Uuid>,
}

/// Rows parted by what is to be done with them.
#[derive(Default)]
pub struct Parted {
    pub new: Vec<Staged>,
    pub changed: Vec<Staged>,
    pub counts: Counts,
}

impl Work {
    pub fn new(import: Import) -> Work {
        Work {
            plan: import.plan(),
            totals: import.totals(),
            import,
            companies: HashMap::new(),
            seen: Addresses::default(),
        }
    }

    /// Writes the batch. `false`: the import was stopped, or another worker is ahead of this one.
    pub fn write(&mut self, tx: &mut Tx, mut batch: Batch) -> Result<bool> {
        if !steps::is_ours(tx, &self.import)? {
            return Ok(false);
        }
        let Parted {
            mut new,
            mut changed,
            counts,
        } = self.part(tx, &mut batch)?;
        let mut companies = self.companies.clone();
        let rows = new.iter_mut().chain(&mut changed);
        employers::assign(tx, &mut companies, self.import.id, rows)?;
        self.insert(tx, &new)?;
        self.update(tx, &changed)?;
        let mut totals = self.totals.clone();
        for problem in &batch.problems {
            problem::count(&mut totals, problem);
        }
        steps::list(tx, &self.import, &batch.problems)?;
        self.import = steps::advance(tx, &self.import, &batch, counts, &totals)?;
        self.totals = totals;
        self.companies = companies;
        if self.companies.len() > REMEMBERED {
            self.companies.clear();
        }
        Ok(true)
    }

    /// Finds out who is known, in the database or from an earlier row of the batch.
    pub fn part(&self, tx: &mut Tx, batch: &mut Batch) -> Result<Parted> {
        let staged = std::mem::take(&mut batch.staged);
        let mut parted = Parted::default();
        if self.plan.duplicates == Duplicates::Create {
            parted.new = staged;
        } else {
            let known = known(tx, &staged)?;
            self.match_known(staged, &known, &mut parted, &mut batch.problems);
        }
        parted.counts.created = parted.new.len() as i32;
        parted.counts.see(&batch.problems);
        Ok(parted)
    }

    fn match_known(
        &self,
        staged: Vec<Staged>,
        known: &HashMap<String, Known>,
        parted: &mut Parted,
        problems: &mut Vec<Problem>,
    ) {
        // Where in `new` or `changed` an address of this batch stands, and in which row it came.
        let mut seen: HashMap<String, (bool, usize, i64)> = HashMap::new();
        let update = self.plan.duplicates == Duplicates::Update;
        for mut row in staged {
            let Some(email) = row.email.clone() else {
                parted.new.push(row);
                continue;
            };
            if let Some((new, place, first)) = seen.get(&email) {
                if update {
                    parted.counts.updated += 1;
                    let all = if *new {
                        &mut parted.new
                    } else {
                        &mut parted.changed
                    };
                    all[*place].absorb(row);
                } else {
                    parted.counts.skipped += 1;
                    problems.push(skipped(
                        &row,
                        problems.len(),
                        format!("Row {first} of this file has the same address."),
                    ));
                }
                continue;
            }
            let Some(before) = known.get(&email) else {
                seen.insert(email, (true, parted.new.len(), row.row));
                parted.new.push(row);
                continue;
            };
            if !update {
                let of_this_file = before.import_id == Some(self.import.id);
                let reason = if of_this_file {
                    "An earlier row of this file has the same address."
                } else {
                    "There is a contact with this address already."
                };
                parted.counts.skipped += 1;
                problems.push(skipped(&row, problems.len(), reason.to_owned()));
            } else if !self.reaches(before) {
                problems.push(Problem {
                    outcome: Outcome::Refused,
                    kind: Kind::OutOfReach,
                    ..skipped(
                        &row,
                        problems.len(),
                        "The contact with this address belongs to somebody else.".to_owned(),
                    )
                });
            } else {
                row.id = before.id;
                parted.counts.updated += 1;
                seen.insert(email, (false, parted.changed.len(), row.row));
                parted.changed.push(row);
            }
        }
    }

    fn reaches(&self, known: &Known) -> bool {
        match &self.plan.reach {
            None => true,
            Some(owners) => known.owner_id.is_some_and(|owner| owners.contains(&owner)),
        }
    }
}

/// A row that was left out because its person is known.
pub fn skipped(row: &Staged, seq: usize, reason: String) -> Problem {
    Problem {
        row: row.row,
        seq: seq as i32,
        line: row.line,
        outcome: Outcome::Skipped,
        kind: Kind::Duplicate,
        column: String::new(),
        value: row.email.clone().unwrap_or_default(),
        reason,
    }
}

fn known(tx: &mut Tx, staged: &[Staged]) -> Result<HashMap<String, Known>> {
    let mut emails: Vec<&str> = staged
        .iter()
        .filter_map(|row| row.email.as_deref())
        .collect();
    emails.sort_unstable();
    emails.dedup();
    if emails.is_empty() {
        return Ok(HashMap::new());
    }
    let known: Vec<Known> = sql_query(
        "select distinct on (email) email, id, owner_id, import_id from contacts \
         where email = any($1) and archived_at is null order by email, created_at, id",
    )
    .bind::<Array<Text>, _>(emails)
    .load(&mut **tx)?;
    Ok(known.into_iter().map(|k| (k.email.clone(), k)).collect())
}
