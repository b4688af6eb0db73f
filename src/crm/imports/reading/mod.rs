//! From a row of the file to a contact that can be written, and what is wrong with the rest of it.

mod cell;
mod staged;
mod values;

use std::collections::HashMap;

use platform::Result;
use platform::db::Tx;
use platform::schema::members;
use platform::tabular::values::{Choice, DateOrder, DateVotes, Decimals, NumberVotes};
use platform::tabular::{Problem as Shape, Row, Table, TableError};
use uuid::Uuid;

pub use cell::is_field;
use cell::{Cell, cell_of};
use staged::{Address, extend};
pub use staged::{Company, Staged};

use super::fields::Custom;
use super::plan::{Dates, Plan, Unreadable};
use super::problem::{Kind, Outcome, Problem};
use super::source::Batch;
use crate::crm::contacts::{LeadSource, LeadStatus, LifecycleStage};

/// Rows that are looked at to tell the order of dates and the sign of decimals.
const VOTERS: usize = 20_000;
const LONGEST_SHOWN: usize = 200;
const LONGEST_REASON: usize = 500;

/// What a problem costs.
type Wrong = (Kind, Cost, String);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Cost {
    /// Without this value they could be taken for somebody else.
    Row,
    /// The row, or the value alone: as the plan says.
    Value,
    /// There is always something to put in its place.
    Nothing,
}

/// Everything needed to read rows, and nothing of the database.
pub struct Reader {
    columns: Vec<(usize, String, Cell)>,
    plan: Plan,
    owners: HashMap<String, Uuid>,
    dates: DateOrder,
    decimals: Option<Decimals>,
    stages: Vec<Choice>,
    statuses: Vec<Choice>,
    sources: Vec<Choice>,
}

impl Reader {
    pub fn new(
        plan: Plan,
        header: &[String],
        custom: &[Custom],
        owners: HashMap<String, Uuid>,
    ) -> Reader {
        let columns = plan.columns.iter().zip(header).enumerate();
        let columns = columns.filter_map(|(column, (key, label))| {
            Some((column, label.clone(), cell_of(key, label, custom)?))
        });
        let choices = |all: &[platform::db::text_enum::Choice]| {
            all.iter()
                .map(|c| Choice::new(c.key, c.label))
                .collect::<Vec<_>>()
        };
        Reader {
            columns: columns.collect(),
            owners,
            dates: match plan.dates {
                Dates::DayFirst => DateOrder::DayFirst,
                _ => DateOrder::MonthFirst,
            },
            decimals: None,
            stages: choices(LifecycleStage::CHOICES),
            statuses: choices(LeadStatus::CHOICES),
            sources: choices(LeadSource::CHOICES),
            plan,
        }
    }

    /// Lets the file itself tell which way round its dates and decimals are written.
    pub fn settle(mut self, table: &Table) -> std::result::Result<Reader, TableError> {
        let holds = |kinds: &[&str], cell: &Cell| match cell {
            Cell::Birthday => kinds.contains(&"date"),
            Cell::Custom { kind, .. } => kinds.contains(&kind.as_str()),
            _ => false,
        };
        let columns = |kinds: &[&str]| -> Vec<usize> {
            let found = self
                .columns
                .iter()
                .filter(|(_, _, cell)| holds(kinds, cell));
            found.map(|(column, ..)| *column).collect()
        };
        let (dates, numbers) = (columns(&["date"]), columns(&["number", "money"]));
        if dates.is_empty() && numbers.is_empty() {
            return Ok(self);
        }
        let (mut date_votes, mut number_votes) = (DateVotes::default(), NumberVotes::default());
        for row in table.rows()?.take(VOTERS) {
            let row = row?;
            dates
                .iter()
                .for_each(|column| date_votes.see(row.get(*column)));
            numbers
                .iter()
                .for_each(|column| number_votes.see(row.get(*column)));
        }
        if let (Dates::Auto, Some(order)) = (self.plan.dates, date_votes.order()) {
            self.dates = order;
        }
        self.decimals = number_votes.decimals();
        Ok(self)
    }

    /// Puts the row, or why it is refused, into the batch.
    pub fn read(&self, row: &Row, batch: &mut Batch) {
        let first = batch.problems.len();
        let mut staged = Staged {
            id: Uuid::now_v7(),
            row: row.number as i64,
            line: row.line as i64,
            ..Staged::default()
        };
        let mut refused = self.shape(row, &mut batch.problems);
        if !refused {
            refused = self.cells(row, &mut staged, &mut batch.problems);
        }
        if refused {
            // A refused row is refused as a whole; what else is wrong with it is mended in the same go.
            for problem in &mut batch.problems[first..] {
                problem.outcome = Outcome::Refused;
            }
            return;
        }
        batch.staged.push(staged);
    }

    fn shape(&self, row: &Row, problems: &mut Vec<Problem>) -> bool {
        let Some(shape) = &row.problem else {
            return false;
        };
        let cost = match shape {
            Shape::Short { .. } => Cost::Value,
            _ => Cost::Row,
        };
        self.add(
            row,
            "",
            "",
            (Kind::Shape, cost, shape.to_string()),
            problems,
        )
    }

    /// Whether the row is refused.
    fn cells(&self, row: &Row, staged: &mut Staged, problems: &mut Vec<Problem>) -> bool {
        let (mut refused, mut place) = (false, Address::default());
        let (mut company, mut website) = (String::new(), None);
        for (column, label, cell) in &self.columns {
            let text = row.get(*column).trim();
            if text.is_empty() {
                continue;
            }
            let read = match cell {
                Cell::Company => values::within(text, 200, Cost::Value).map(|name| company = name),
                Cell::Website => values::domain(text).map(|domain| website = Some(domain)),
                Cell::Street => values::add_line(&mut place.street, text),
                Cell::City => values::set(&mut place.city, text),
                Cell::Region => values::set(&mut place.region, text),
                Cell::Postcode => values::set(&mut place.postcode, text),
                Cell::Country => values::set(&mut place.country, text),
                cell => self.cell(cell, text, staged),
            };
            if let Err(wrong) = read {
                refused |= self.add(row, label, text, wrong, problems);
            }
        }
        finish(staged, place, company, website, &self.plan);
        if !refused && staged.is_nameless() {
            let reason = "The row has no name, no e-mail address and no phone number.".to_owned();
            let wrong = (Kind::Nameless, Cost::Row, reason);
            refused = self.add(row, "", "", wrong, problems);
        }
        refused
    }

    /// Lists what is wrong; whether it costs the row.
    fn add(
        &self,
        row: &Row,
        column: &str,
        value: &str,
        wrong: Wrong,
        problems: &mut Vec<Problem>,
    ) -> bool {
        let (kind, cost, reason) = wrong;
        let refused = match cost {
            Cost::Row => true,
            Cost::Value => self.plan.unreadable == Unreadable::Refuse,
            Cost::Nothing => false,
        };
        problems.push(Problem {
            row: row.number as i64,
            seq: problems.len() as i32,
            line: row.line as i64,
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
}

/// Everybody who can own a contact, by e-mail address and by name, in lower case.
pub fn owners(tx: &mut Tx) -> Result<HashMap<String, Uuid>> {
    use diesel::prelude::*;
    let people: Vec<(Uuid, String, String)> = members::table
        .filter(members::active)
        .limit(5_000)
        .select((members::person_id, members::name, members::email))
        .load(&mut **tx)?;
    let mut owners = HashMap::new();
    for (id, name, email) in people {
        owners.insert(name.to_lowercase(), id);
        owners.insert(email.to_lowercase(), id);
    }
    Ok(owners)
}

pub fn shortened(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// What can only be told when the whole row is read.
fn finish(
    staged: &mut Staged,
    place: Address,
    company: String,
    domain: Option<String>,
    plan: &Plan,
) {
    let filled = |text: &str| Some(text.to_owned()).filter(|t| !t.is_empty());
    staged.city = filled(&place.city);
    staged.country = filled(&place.country);
    if [&place.street, &place.postcode, &place.region]
        .iter()
        .any(|part| !part.is_empty())
    {
        staged.addresses.push(place);
    }
    let name = filled(&company).or_else(|| domain.clone());
    staged.company = name.map(|name| Company { name, domain });
    if staged.phone.is_none() && !staged.more_phones.is_empty() {
        staged.phone = Some(staged.more_phones.remove(0).value);
    }
    if staged.email.is_none() && !staged.more_emails.is_empty() {
        staged.email = Some(staged.more_emails.remove(0).value);
    }
    let email = staged.email.clone();
    staged
        .more_emails
        .retain(|more| Some(&more.value) != email.as_ref());
    let phone = staged.phone.clone();
    staged
        .more_phones
        .retain(|more| Some(&more.value) != phone.as_ref());
    extend(&mut staged.tags, plan.tags.clone());
    // A cell of nothing but control characters is empty.
    for name in [
        &mut staged.first_name,
        &mut staged.last_name,
        &mut staged.job_title,
    ] {
        name.take_if(|text| text.is_empty());
    }
}
