//! From a row of the file to a contact that can be written, and what is wrong with the rest of it.

mod cell;
mod staged;
mod values;

use platform::tabular::values::Choice;
use platform::tabular::{Row, Table, TableError};
use uuid::Uuid;

use cell::{Cell, cell_of};
use staged::{Address, extend};
pub use staged::{Company, Staged};

use crate::crm::contacts::{LeadSource, LeadStatus, LifecycleStage};
use crate::crm::imports::fields::Custom;
use crate::crm::imports::plan::Plan;
use crate::crm::imports::problem::{Kind, Problem};
use crate::crm::imports::reading::values::{choices, domain, within};
use crate::crm::imports::reading::{self, Cost, Owners, Spelling};
use crate::crm::imports::source::Batch;

pub struct Reader {
    columns: Vec<(usize, String, Cell)>,
    plan: Plan,
    owners: Owners,
    spelling: Spelling,
    stages: Vec<Choice>,
    statuses: Vec<Choice>,
    sources: Vec<Choice>,
}

impl Reader {
    pub fn new(plan: Plan, header: &[String], custom: &[Custom], owners: Owners) -> Reader {
        let columns = plan.columns.iter().zip(header).enumerate();
        let columns = columns.filter_map(|(column, (key, label))| {
            Some((column, label.clone(), cell_of(key, label, custom)?))
        });
        Reader {
            columns: columns.collect(),
            owners,
            spelling: Spelling::of(&plan),
            stages: choices(LifecycleStage::CHOICES),
            statuses: choices(LeadStatus::CHOICES),
            sources: choices(LeadSource::CHOICES),
            plan,
        }
    }

    /// Lets the file itself tell which way round its dates and decimals are written.
    pub fn settle(mut self, table: &Table) -> Result<Reader, TableError> {
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
        self.spelling = self.spelling.settled(&self.plan, table, &dates, &numbers)?;
        Ok(self)
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
                Cell::Company => within(text, 200, Cost::Value).map(|name| company = name),
                Cell::Website => domain(text).map(|domain| website = Some(domain)),
                Cell::Street => values::add_line(&mut place.street, text),
                Cell::City => values::set(&mut place.city, text),
                Cell::Region => values::set(&mut place.region, text),
                Cell::Postcode => values::set(&mut place.postcode, text),
                Cell::Country => values::set(&mut place.country, text),
                cell => self.cell(cell, text, staged),
            };
            if let Err(wrong) = read {
                refused |= reading::add(&self.plan, row.into(), (label, text), wrong, problems);
            }
        }
        finish(staged, place, company, website, &self.plan);
        if !refused && staged.is_nameless() {
            let reason = "The row has no name, no e-mail address and no phone number.".to_owned();
            let wrong = (Kind::Nameless, Cost::Row, reason);
            refused = reading::add(&self.plan, row.into(), ("", ""), wrong, problems);
        }
        refused
    }
}

impl reading::Reader for Reader {
    type Staged = Staged;
    const ROWS_A_BATCH: usize = 2_000;

    fn read(&self, row: &Row, batch: &mut Batch<Staged>) {
        let first = batch.problems.len();
        let mut staged = Staged {
            id: Uuid::now_v7(),
            row: row.number as i64,
            line: row.line as i64,
            ..Staged::default()
        };
        let mut refused = reading::shape(&self.plan, row, &mut batch.problems);
        if !refused {
            refused = self.cells(row, &mut staged, &mut batch.problems);
        }
        if refused {
            reading::refuse(&mut batch.problems[first..]);
            return;
        }
        batch.staged.push(staged);
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
