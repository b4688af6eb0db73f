//! Writes one batch of rows, and how far the import is with it, in one transaction.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{
    Array, BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use platform::Result;
use platform::db::Tx;
use serde_json::json;
use uuid::Uuid;

use super::employers;
use super::import::Import;
use super::plan::{Duplicates, Plan};
use super::problem::{self, Kind, Outcome, Problem, Totals};
use super::reading::{Company, Staged};
use super::source::Batch;

/// Companies that were named before, so that a file of one company's people asks once.
const REMEMBERED: usize = 20_000;

/// What is carried from batch to batch.
pub struct Work {
    pub import: Import,
    pub plan: Plan,
    pub totals: Totals,
    companies: HashMap<Company, Uuid>,
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
        }
    }

    /// Writes the batch. `false`: the import was stopped, or another worker is ahead of this one.
    pub fn write(&mut self, tx: &mut Tx, mut batch: Batch) -> Result<bool> {
        if !self.is_ours(tx)? {
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
        self.list(tx, &batch.problems)?;
        self.import = self.advance(tx, &batch, counts, &totals)?;
        self.totals = totals;
        self.companies = companies;
        if self.companies.len() > REMEMBERED {
            self.companies.clear();
        }
        Ok(true)
    }

    /// Holds the import's row until the commit, so that no other worker writes the same batch.
    fn is_ours(&self, tx: &mut Tx) -> Result<bool> {
        // What a crash of the database forgets, it forgets together with how far the import was.
        let held = sql_query(
            "select 1 from imports where id = $1 and state = 'running' and last_row = $2 \
             and set_config('synchronous_commit', 'off', true) = 'off' for update",
        )
        .bind::<SqlUuid, _>(self.import.id)
        .bind::<BigInt, _>(self.import.last_row)
        .execute(&mut **tx)?;
        Ok(held == 1)
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
        let mut last_refused = -1;
        for problem in &batch.problems {
            match problem.outcome {
                Outcome::Refused if problem.row != last_refused => {
                    last_refused = problem.row;
                    parted.counts.refused += 1;
                }
                Outcome::Noted => parted.counts.noted += 1,
                _ => {}
            }
        }
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

    fn list(&self, tx: &mut Tx, problems: &[Problem]) -> Result<()> {
        if problems.is_empty() {
            return Ok(());
        }
        sql_query(
            "insert into import_problems (import_id, row, seq, line, outcome, kind, column_name, value, reason) \
             select $2, p.row, p.seq, p.line, p.outcome, p.kind, p.\"column\", p.value, p.reason \
             from json_to_recordset($1::json) as p(row bigint, seq int, line bigint, outcome text, kind text, \"column\" text, value text, reason text)",
        )
        .bind::<Text, _>(serde_json::to_string(problems)?)
        .bind::<SqlUuid, _>(self.import.id)
        .execute(&mut **tx)?;
        Ok(())
    }

    fn advance(
        &self,
        tx: &mut Tx,
        batch: &Batch,
        counts: Counts,
        totals: &Totals,
    ) -> Result<Import> {
        let now = tx.now;
        sql_query(
            "update imports set last_row = $2, position = $3, rows = rows + $4, created = created + $5, updated = updated + $6, \
               skipped = skipped + $7, refused = refused + $8, noted = noted + $9, problems = $10, stalls = 0, updated_at = $11 \
             where id = $1",
        )
        .bind::<SqlUuid, _>(self.import.id)
        .bind::<BigInt, _>(batch.last_row)
        .bind::<BigInt, _>(batch.position)
        .bind::<Integer, _>(batch.rows)
        .bind::<Integer, _>(counts.created)
        .bind::<Integer, _>(counts.updated)
        .bind::<Integer, _>(counts.skipped)
        .bind::<Integer, _>(counts.refused)
        .bind::<Integer, _>(counts.noted)
        .bind::<Jsonb, _>(json!(totals))
        .bind::<Timestamptz, _>(now)
        .execute(&mut **tx)?;
        Import::find(tx, self.import.id)
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
