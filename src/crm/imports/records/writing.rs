//! Batches of rows, each in one transaction with how far the import is; a row that is refused takes none with it.

use std::marker::PhantomData;
use std::sync::Arc;

use platform::db::Tx;
use platform::error::FieldError;
use platform::records::setup::Setup;
use platform::{Error, Result};

use super::Imported;
use super::links::Links;
use super::repeated::{Keys, skipped};
use super::row::Fate;
use super::staged::Staged;
use crate::crm::imports::import::Import;
use crate::crm::imports::plan::Plan;
use crate::crm::imports::problem::{self, Counts, Kind, Outcome, Problem, Totals};
use crate::crm::imports::reading::{self, Cost};
use crate::crm::imports::source::Batch;
use crate::crm::imports::steps;

/// What is carried from batch to batch.
pub struct Work<T> {
    pub import: Import,
    pub plan: Plan,
    pub setup: Arc<Setup>,
    totals: Totals,
    links: Links,
    /// What a check has seen.
    seen: Keys,
    _of: PhantomData<fn() -> T>,
}

impl<T: Imported + 'static> Work<T> {
    pub fn new(tx: &mut Tx, import: Import) -> Result<Work<T>> {
        let kind = T::WHAT.kind();
        Ok(Work {
            plan: import.plan(),
            setup: Arc::new(Setup::load(tx, &[(kind.name, kind.lists)])?),
            totals: import.totals(),
            links: Links::load(tx, T::WHAT)?,
            seen: Keys::default(),
            import,
            _of: PhantomData,
        })
    }

    /// Writes the batch. `false`: the import was stopped, or another worker is ahead of this one.
    pub fn write(&mut self, tx: &mut Tx, mut batch: Batch<Staged>) -> Result<bool> {
        if !steps::is_ours(tx, &self.import)? {
            return Ok(false);
        }
        let counts = self.rows(tx, &mut batch)?;
        let mut totals = self.totals.clone();
        for problem in &batch.problems {
            problem::count(&mut totals, problem);
        }
        steps::list(tx, &self.import, &batch.problems)?;
        self.import = steps::advance(tx, &self.import, &batch, counts, &totals)?;
        self.totals = totals;
        Ok(true)
    }

    /// Writes the batch for the sake of what would come of it.
    pub fn rehearse(&mut self, tx: &mut Tx, batch: &mut Batch<Staged>) -> Result<Counts> {
        let repeated = self.seen.drop_repeated::<T>(batch, self.plan.duplicates);
        let links = self.links.clone();
        let counts = tx.rehearse(|tx| self.rows(tx, batch));
        self.links = links;
        let counts = counts?;
        Ok(Counts {
            updated: counts.updated + repeated.updated,
            skipped: counts.skipped + repeated.skipped,
            ..counts
        })
    }

    fn rows(&mut self, tx: &mut Tx, batch: &mut Batch<Staged>) -> Result<Counts> {
        let mut counts = Counts::default();
        for row in std::mem::take(&mut batch.staged) {
            match self.row(tx, &row, &mut batch.problems)? {
                Some(Fate::Created) => counts.created += 1,
                Some(Fate::Updated) => counts.updated += 1,
                Some(Fate::Skipped(reason)) => {
                    counts.skipped += 1;
                    let seq = batch.problems.len();
                    batch.problems.push(skipped(&row, seq, reason));
                }
                Some(Fate::Refused(..)) | None => {}
            }
        }
        batch
            .problems
            .sort_by_key(|problem| (problem.row, problem.seq));
        counts.see(&batch.problems);
        Ok(counts)
    }

    /// `None`: the row is refused, and listed.
    fn row(
        &mut self,
        tx: &mut Tx,
        row: &Staged,
        problems: &mut Vec<Problem>,
    ) -> Result<Option<Fate>> {
        let found = self.links.resolve(tx, &self.plan, row)?;
        let mut refused = false;
        for (cell, wrong) in &found.wrong {
            let cell = &row.cells[*cell];
            let told = (cell.column.as_str(), cell.text.as_str());
            refused |= reading::add(&self.plan, row.place, told, wrong.clone(), problems);
        }
        if refused {
            refuse(row, problems);
            return Ok(None);
        }
        let mut list = |told: (&str, &str), kind, reason| {
            let wrong = (kind, Cost::Row, reason);
            reading::add(&self.plan, row.place, told, wrong, problems)
        };
        let fate = match tx.attempt(|tx| self.write_row(tx, row, &found)) {
            Ok((Fate::Refused(kind, reason), _)) => {
                list(("", ""), kind, reason);
                None
            }
            Ok((fate, made)) => {
                if let Some((make, id)) = made {
                    self.links.companies.remember(&make, id);
                }
                Some(fate)
            }
            Err(Error::Invalid(wrong)) => {
                for FieldError { field, message } in wrong {
                    let told = match row.told(&field) {
                        ("", "") => (self.column_of(&field), ""),
                        told => told,
                    };
                    list(told, Kind::Form, message);
                }
                None
            }
            Err(error) if error.status().is_client_error() => {
                list(("", ""), Kind::Form, error.to_string());
                None
            }
            Err(error) => return Err(error),
        };
        if fate.is_none() {
            refuse(row, problems);
        }
        Ok(fate)
    }

    /// What the file calls the column of a field whose cell is blank; `contact` goes to `contact_id`.
    fn column_of(&self, field: &str) -> &str {
        let short = field.strip_suffix("_id").unwrap_or(field);
        let mut columns = self.plan.columns.iter().zip(&self.import.header);
        let found = columns.find(|(key, _)| *key == field || *key == short);
        found.map_or("", |(_, column)| column.as_str())
    }
}

/// A refused row is refused as a whole.
fn refuse(row: &Staged, problems: &mut [Problem]) {
    let own = problems.iter_mut().filter(|p| p.row == row.place.row);
    own.for_each(|problem| problem.outcome = Outcome::Refused);
}
