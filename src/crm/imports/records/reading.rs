//! From a row of the file to what the form of its record is given.

use std::marker::PhantomData;

use chrono_tz::Tz;
use platform::Result;
use platform::db::Tx;
use platform::records::merge;
use platform::tabular::values::{self, Choice};
use platform::tabular::{Row, Table, TableError};
use serde_json::{Value, json};

use super::Imported;
use super::field::{Field, To};
use super::staged::{Cell, Staged};
use crate::crm::imports::fields::Custom;
use crate::crm::imports::import::Import;
use crate::crm::imports::plan::{NEW, Plan};
use crate::crm::imports::problem::{Kind, Problem};
use crate::crm::imports::reading::values::{choices, domain, tags, within, yes};
use crate::crm::imports::reading::{self, Cost, Owners, Read, Spelling};
use crate::crm::imports::source::Batch;
use crate::crm::tasks;

/// The form says what is too long; what it is given is not longer than a cell can be.
const LONGEST: usize = platform::tabular::MAX_FIELD;

pub struct Reader<T> {
    columns: Vec<Column>,
    plan: Plan,
    owners: Owners,
    spelling: Spelling,
    /// Where the clock hangs that the file's times of day are read from.
    zone: Tz,
    _of: PhantomData<fn() -> T>,
}

struct Column {
    at: usize,
    label: String,
    goes: Goes,
}

enum Goes {
    Own(&'static Field, Vec<Choice>),
    Custom(Custom),
    /// To a field that is only made when the import runs: a check looks whether it could.
    New(String),
}

impl<T: Imported> Reader<T> {
    pub fn new(tx: &mut Tx, import: &Import) -> Result<Reader<T>> {
        let plan = import.plan();
        let custom = Custom::all(tx, T::WHAT)?;
        let columns = plan.columns.iter().zip(&import.header).enumerate();
        let columns = columns.filter_map(|(at, (key, label))| {
            Some(Column {
                at,
                label: label.clone(),
                goes: goes::<T>(key, &custom)?,
            })
        });
        Ok(Reader {
            columns: columns.collect(),
            owners: Owners::all(tx)?,
            spelling: Spelling::of(&plan),
            zone: tasks::zone_of(tx)?,
            plan,
            _of: PhantomData,
        })
    }

    /// Lets the file itself tell which way round its dates and decimals are written.
    pub fn settle(mut self, table: &Table) -> std::result::Result<Reader<T>, TableError> {
        let (mut dates, mut numbers) = (Vec::new(), Vec::new());
        for column in &self.columns {
            match &column.goes {
                Goes::Own(field, _) => match field.to {
                    To::Day(_) | To::Moment(_) | To::DayAndTime(..) => dates.push(column.at),
                    To::Whole(_) | To::Amount(..) => numbers.push(column.at),
                    _ => {}
                },
                Goes::Custom(Custom { kind, .. }) | Goes::New(kind) => match kind.as_str() {
                    "date" => dates.push(column.at),
                    "number" | "money" => numbers.push(column.at),
                    _ => {}
                },
            }
        }
        self.spelling = self.spelling.settled(&self.plan, table, &dates, &numbers)?;
        Ok(self)
    }

    /// Whether the row is refused.
    fn cells(&self, row: &Row, staged: &mut Staged, problems: &mut Vec<Problem>) -> bool {
        let mut refused = false;
        for column in &self.columns {
            let text = row.get(column.at).trim();
            if text.is_empty() {
                continue;
            }
            let field = match &column.goes {
                Goes::Own(field, _) => field.to.field().to_owned(),
                Goes::Custom(field) => format!("custom.{}", field.key),
                Goes::New(_) => String::new(),
            };
            staged.cells.push(Cell {
                field,
                column: column.label.clone(),
                text: text.to_owned(),
            });
            if let Err(wrong) = self.cell(&column.goes, text, staged) {
                let told = (column.label.as_str(), text);
                refused |= reading::add(&self.plan, staged.place, told, wrong, problems);
            }
        }
        refused
    }

    fn cell(&self, goes: &Goes, text: &str, staged: &mut Staged) -> Read<()> {
        let (field, choices) = match goes {
            Goes::Own(field, choices) => (field, choices),
            Goes::Custom(field) => {
                let value = self.spelling.custom(text, &field.kind, &field.choices)?;
                staged.set(&format!("custom.{}", field.key), value);
                return Ok(());
            }
            Goes::New(kind) => return self.spelling.custom(text, kind, &[]).map(drop),
        };
        match field.to {
            To::Text(name) => staged.set(name, within(text, LONGEST, Cost::Value)?),
            To::Lines(name) => join(staged, name, "\n", text)?,
            To::Part(name) => join(staged, name, ", ", text)?,
            To::Choice(name, _) => {
                let key = values::choice(text, choices);
                staged.set(name, key.map_err(wrong(Kind::Choice))?);
            }
            To::Day(name) => staged.set(name, json!(self.spelling.date(text)?)),
            To::Moment(name) => {
                let at = values::date_time(text, self.spelling.dates, self.zone);
                staged.set(name, at.map_err(wrong(Kind::Date))?.to_rfc3339());
            }
            To::DayAndTime(day, time) => {
                let read = values::day_and_time(text, self.spelling.dates, self.zone);
                let (on, at) = read.map_err(wrong(Kind::Date))?;
                staged.set(day, json!(on));
                if let Some(at) = at {
                    staged.set(time, at.format("%H:%M:%S").to_string());
                }
            }
            To::Whole(name) => {
                let number = self.spelling.number(text)?;
                let whole = number.as_i64().and_then(|n| i32::try_from(n).ok());
                let reason = || "This is no whole number of a usual size.".to_owned();
                staged.set(name, whole.ok_or_else(|| wrong(Kind::Number)(reason()))?);
            }
            To::Amount(amount, currency) => {
                let (minor, named) = self.spelling.money(text)?;
                staged.set(amount, minor);
                if let Some(named) = named.filter(|_| !staged.typed.contains_key(currency)) {
                    staged.set(currency, named);
                }
            }
            To::Domain(name) => staged.set(name, domain(text)?),
            To::Web(name) => {
                let address = values::web_address(text);
                staged.set(name, address.map_err(wrong(Kind::Value))?);
            }
            To::Tags => add_tags(staged, tags(text)?),
            To::Owner => staged.set("owner_id", json!(self.owners.find(text)?)),
            To::Named(named) => staged.named.push((named, staged.cells.len() - 1)),
            To::Id => {
                let reason = |_| "This is no Nexus ID.".to_owned();
                staged.id = Some(text.parse().map_err(reason).map_err(wrong(Kind::Value))?);
            }
            To::Done => staged.done = Some(done(text)?),
        }
        Ok(())
    }
}

impl<T: Imported + 'static> reading::Reader for Reader<T> {
    type Staged = Staged;
    const ROWS_A_BATCH: usize = 200;

    fn read(&self, row: &Row, batch: &mut Batch<Staged>) {
        let first = batch.problems.len();
        let mut staged = Staged {
            place: row.into(),
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
        add_tags(&mut staged, self.plan.tags.clone());
        T::complete(&mut staged);
        batch.staged.push(staged);
    }
}

fn goes<T: Imported>(key: &str, custom: &[Custom]) -> Option<Goes> {
    if let Some(kind) = key.strip_prefix(NEW) {
        return Some(Goes::New(kind.to_owned()));
    }
    if let Some(key) = key.strip_prefix("custom.") {
        let field = custom.iter().find(|field| field.key == key)?;
        return Some(Goes::Custom(field.clone()));
    }
    let field = T::FIELDS.iter().find(|field| field.key == key)?;
    let choices = match field.to {
        To::Choice(_, all) => choices(all),
        _ => Vec::new(),
    };
    Some(Goes::Own(field, choices))
}

fn wrong(kind: Kind) -> impl Fn(String) -> reading::Wrong {
    move |reason| (kind, Cost::Value, reason)
}

/// Puts a text behind what is there already.
fn join(staged: &mut Staged, field: &str, between: &str, text: &str) -> Read<()> {
    let text = within(text, LONGEST, Cost::Value)?;
    let before = staged.text(field);
    staged.set(
        field,
        match before.is_empty() {
            true => text,
            false => format!("{before}{between}{text}"),
        },
    );
    Ok(())
}

pub fn add_tags(staged: &mut Staged, more: Vec<String>) {
    if more.is_empty() {
        return;
    }
    let mut all: Vec<Value> = match merge::get(&staged.typed, "tags") {
        Value::Array(all) => all,
        _ => Vec::new(),
    };
    for tag in more {
        let tag = Value::String(tag);
        if !all.contains(&tag) {
            all.push(tag);
        }
    }
    staged.set("tags", all);
}

/// What programs call the states of a task.
fn done(text: &str) -> Read<bool> {
    const DONE: [&str; 5] = ["done", "completed", "complete", "closed", "finished"];
    const OPEN: [&str; 8] = [
        "open",
        "not started",
        "in progress",
        "waiting",
        "waiting on someone else",
        "deferred",
        "new",
        "pending",
    ];
    let folded = values::text::fold(text);
    let is = |words: &[&str]| words.contains(&folded.as_str());
    match (is(&DONE), is(&OPEN)) {
        (true, _) => Ok(true),
        (_, true) => Ok(false),
        _ => yes(text).map_err(|_| {
            let shown = reading::shortened(text, 60);
            wrong(Kind::Choice)(format!("“{shown}” is neither open nor done."))
        }),
    }
}
