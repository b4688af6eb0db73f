//! From a row of the file to a contact that can be written, and what is wrong with the rest of it.

use std::collections::HashMap;

use chrono::NaiveDate;
use platform::Result;
use platform::db::Tx;
use platform::schema::members;
use platform::tabular::values::{self, Choice, DateOrder, DateVotes, Decimals, NumberVotes};
use platform::tabular::{Problem as Shape, Row, Table, TableError};
use serde::Serialize;
use serde_json::{Map, Number, Value, json};
use uuid::Uuid;

use super::fields::Custom;
use super::plan::{Dates, NEW, Plan, Unreadable};
use super::problem::{Kind, Outcome, Problem};
use super::source::Batch;
use crate::crm::contacts::{LeadSource, LeadStatus, LifecycleStage};

/// Rows that are looked at to tell the order of dates and the sign of decimals.
const VOTERS: usize = 20_000;
const LONGEST_SHOWN: usize = 200;
const LONGEST_REASON: usize = 500;

/// A contact as the file gives it; what the file does not say is `None`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Staged {
    pub id: Uuid,
    pub row: i64,
    pub line: i64,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub job_title: Option<String>,
    pub company_id: Option<Uuid>,
    pub lifecycle_stage: Option<&'static str>,
    pub lead_status: Option<&'static str>,
    pub lead_source: Option<&'static str>,
    pub more_emails: Vec<Channel>,
    pub more_phones: Vec<Channel>,
    pub addresses: Vec<Address>,
    pub city: Option<String>,
    pub country: Option<String>,
    pub birthday: Option<NaiveDate>,
    pub consent_email: Option<&'static str>,
    pub description: Option<String>,
    pub owner_id: Option<Uuid>,
    pub tags: Vec<String>,
    pub custom: Map<String, Value>,
    #[serde(skip)]
    pub company: Option<Company>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Channel {
    pub label: String,
    pub value: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Address {
    pub street: String,
    pub postcode: String,
    pub city: String,
    pub region: String,
    pub country: String,
}

/// The company that a row names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Company {
    pub name: String,
    pub domain: Option<String>,
}

impl Staged {
    fn is_nameless(&self) -> bool {
        self.first_name.is_none()
            && self.last_name.is_none()
            && self.email.is_none()
            && self.phone.is_none()
    }

    /// Takes over what a later row of the file says of the same person.
    pub fn absorb(&mut self, later: Staged) {
        macro_rules! newer {
            ($($field:ident)*) => { $(if later.$field.is_some() { self.$field = later.$field; })* };
        }
        newer!(first_name last_name phone job_title company_id company lifecycle_stage lead_status lead_source
            city country birthday consent_email description owner_id);
        extend(&mut self.more_emails, later.more_emails);
        extend(&mut self.more_phones, later.more_phones);
        extend(&mut self.addresses, later.addresses);
        extend(&mut self.tags, later.tags);
        self.custom.extend(later.custom);
    }
}

fn extend<T: PartialEq>(all: &mut Vec<T>, more: Vec<T>) {
    for one in more {
        if !all.contains(&one) {
            all.push(one);
        }
    }
}

/// What a column is to a contact.
#[derive(Clone, Debug)]
enum Cell {
    First,
    Last,
    Whole,
    Email,
    FurtherEmail,
    Phone(&'static str),
    JobTitle,
    Company,
    Website,
    Stage,
    Status,
    Source,
    Owner,
    Tags,
    Birthday,
    Street,
    City,
    Region,
    Postcode,
    Country,
    OptIn,
    OptOut,
    Description,
    Custom {
        key: String,
        kind: String,
        choices: Vec<Choice>,
    },
}

fn cell_of(key: &str, label: &str, custom: &[Custom]) -> Option<Cell> {
    Some(match key {
        "first_name" => Cell::First,
        "last_name" => Cell::Last,
        "full_name" => Cell::Whole,
        "email" => Cell::Email,
        "email_2" | "email_3" => Cell::FurtherEmail,
        "phone" => Cell::Phone(""),
        "mobile" => Cell::Phone("Mobile"),
        "phone_2" => Cell::Phone("Further"),
        "job_title" => Cell::JobTitle,
        "company" => Cell::Company,
        "website" => Cell::Website,
        "lifecycle_stage" => Cell::Stage,
        "lead_status" => Cell::Status,
        "lead_source" => Cell::Source,
        "owner" => Cell::Owner,
        "tags" => Cell::Tags,
        "birthday" => Cell::Birthday,
        "street" | "street_2" => Cell::Street,
        "city" => Cell::City,
        "region" => Cell::Region,
        "postal_code" => Cell::Postcode,
        "country" => Cell::Country,
        "email_opt_in" => Cell::OptIn,
        "email_opt_out" => Cell::OptOut,
        "description" => Cell::Description,
        _ => return custom_cell(key, label, custom),
    })
}

fn custom_cell(key: &str, label: &str, custom: &[Custom]) -> Option<Cell> {
    if let Some(kind) = key.strip_prefix(NEW) {
        return Some(Cell::Custom {
            key: label.to_owned(),
            kind: kind.to_owned(),
            choices: Vec::new(),
        });
    }
    let key = key.strip_prefix("custom.")?;
    let field = custom.iter().find(|field| field.key == key)?;
    Some(Cell::Custom {
        key: field.key.clone(),
        kind: field.kind.clone(),
        choices: field.choices.clone(),
    })
}

/// Whether a plan may send a column there.
pub fn is_field(key: &str, custom: &[Custom]) -> bool {
    match key.strip_prefix(NEW) {
        Some(kind) => ["text", "long_text", "number", "date", "checkbox"].contains(&kind),
        None => cell_of(key, "", custom).is_some(),
    }
}

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
                Cell::Company => within(text, 200, Cost::Value).map(|name| company = name),
                Cell::Website => domain(text).map(|domain| website = Some(domain)),
                Cell::Street => add_line(&mut place.street, text),
                Cell::City => set(&mut place.city, text),
                Cell::Region => set(&mut place.region, text),
                Cell::Postcode => set(&mut place.postcode, text),
                Cell::Country => set(&mut place.country, text),
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

    fn cell(&self, cell: &Cell, text: &str, staged: &mut Staged) -> std::result::Result<(), Wrong> {
        match cell {
            Cell::First => staged.first_name = Some(within(text, 100, Cost::Row)?),
            Cell::Last => staged.last_name = Some(within(text, 100, Cost::Row)?),
            Cell::Whole => whole_name(text, staged)?,
            Cell::Email => emails(text, staged, true)?,
            Cell::FurtherEmail => emails(text, staged, false)?,
            Cell::Phone(label) => phone(text, label, staged)?,
            Cell::JobTitle => staged.job_title = Some(within(text, 150, Cost::Value)?),
            Cell::Stage => {
                staged.lifecycle_stage = one_of(text, &self.stages, LifecycleStage::CHOICES)?
            }
            Cell::Status => staged.lead_status = one_of(text, &self.statuses, LeadStatus::CHOICES)?,
            Cell::Source => staged.lead_source = one_of(text, &self.sources, LeadSource::CHOICES)?,
            Cell::Owner => staged.owner_id = Some(self.owner(text)?),
            Cell::Tags => extend(&mut staged.tags, tags(text)?),
            Cell::Birthday => staged.birthday = Some(self.date(text)?),
            Cell::OptIn => {
                staged.consent_email = Some(if yes(text)? { "given" } else { "withdrawn" })
            }
            Cell::OptOut if yes(text)? => staged.consent_email = Some("withdrawn"),
            Cell::OptOut => {}
            Cell::Description => describe(text, staged)?,
            Cell::Custom { key, kind, choices } => {
                let value = self.custom(text, kind, choices)?;
                staged.custom.insert(key.clone(), value);
            }
            Cell::Company
            | Cell::Website
            | Cell::Street
            | Cell::City
            | Cell::Region
            | Cell::Postcode
            | Cell::Country => {}
        }
        Ok(())
    }

    fn owner(&self, text: &str) -> std::result::Result<Uuid, Wrong> {
        let known = self.owners.get(&text.to_lowercase()).copied();
        known.ok_or_else(|| {
            let reason = format!(
                "Nobody in this workspace is called “{}”.",
                shortened(text, 60)
            );
            (Kind::Owner, Cost::Nothing, reason)
        })
    }

    fn date(&self, text: &str) -> std::result::Result<NaiveDate, Wrong> {
        values::date(text, self.dates).map_err(|reason| (Kind::Date, Cost::Value, reason))
    }

    fn custom(
        &self,
        text: &str,
        kind: &str,
        choices: &[Choice],
    ) -> std::result::Result<Value, Wrong> {
        let wrong = |kind: Kind| move |reason: String| (kind, Cost::Value, reason);
        Ok(match kind {
            "number" => number(text, self.decimals)?,
            "money" => money(text, self.decimals)?,
            "date" => json!(self.date(text)?),
            "checkbox" => json!(yes(text)?),
            "choice" => json!(values::choice(text, choices).map_err(wrong(Kind::Choice))?),
            "multi_choice" => json!(values::choices(text, choices).map_err(wrong(Kind::Choice))?),
            "url" => json!(values::web_address(text).map_err(wrong(Kind::Value))?),
            "email" => json!(values::email(text).map_err(wrong(Kind::Value))?),
            "phone" => json!(within(text, 40, Cost::Value)?),
            "long_text" => json!(within(text, 20_000, Cost::Value)?),
            _ => json!(within(text, 500, Cost::Value)?),
        })
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

fn within(text: &str, longest: usize, cost: Cost) -> std::result::Result<String, Wrong> {
    values::text(text, longest).map_err(|reason| (Kind::Text, cost, reason))
}

fn set(place: &mut String, text: &str) -> std::result::Result<(), Wrong> {
    *place = within(text, 100, Cost::Value)?;
    Ok(())
}

fn add_line(street: &mut String, text: &str) -> std::result::Result<(), Wrong> {
    let line = within(text, 150, Cost::Value)?;
    if !street.is_empty() {
        street.push_str(", ");
    }
    street.push_str(&line);
    Ok(())
}

fn whole_name(text: &str, staged: &mut Staged) -> std::result::Result<(), Wrong> {
    let text = within(text, 200, Cost::Row)?;
    let (first, last) = values::names::split(&text);
    // Columns for the parts of a name say it better than we can guess.
    if staged.first_name.is_none() && !first.is_empty() {
        staged.first_name = Some(within(&first, 100, Cost::Row)?);
    }
    if staged.last_name.is_none() && !last.is_empty() {
        staged.last_name = Some(within(&last, 100, Cost::Row)?);
    }
    Ok(())
}

fn emails(text: &str, staged: &mut Staged, first: bool) -> std::result::Result<(), Wrong> {
    let cost = if first { Cost::Row } else { Cost::Value };
    let found = values::emails(text).map_err(|reason| (Kind::Email, cost, reason))?;
    let mut found = found.into_iter();
    if first {
        staged.email = found.next();
    }
    extend(
        &mut staged.more_emails,
        found.map(|value| labelled("", value)).collect(),
    );
    Ok(())
}

/// Numbers that name their country are kept in one form, the others as they stand: they are dialled from where they come.
fn phone(text: &str, label: &str, staged: &mut Staged) -> std::result::Result<(), Wrong> {
    for part in text
        .split(":::")
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        let number = match values::phone(part, None) {
            Ok(phone) => phone.to_string(),
            Err(_) => within(part, 40, Cost::Value)?,
        };
        if staged.phone.is_none() && label.is_empty() {
            staged.phone = Some(number);
        } else {
            extend(&mut staged.more_phones, vec![labelled(label, number)]);
        }
    }
    Ok(())
}

fn labelled(label: &str, value: String) -> Channel {
    Channel {
        label: label.to_owned(),
        value,
    }
}

fn one_of(
    text: &str,
    choices: &[Choice],
    keys: &'static [platform::db::text_enum::Choice],
) -> std::result::Result<Option<&'static str>, Wrong> {
    let key =
        values::choice(text, choices).map_err(|reason| (Kind::Choice, Cost::Value, reason))?;
    Ok(keys.iter().find(|c| c.key == key).map(|c| c.key))
}

fn tags(text: &str) -> std::result::Result<Vec<String>, Wrong> {
    let tags = values::tags(text).map_err(|reason| (Kind::Text, Cost::Value, reason))?;
    match tags.iter().find(|tag| tag.chars().count() > 60) {
        Some(long) => {
            let reason = format!(
                "The tag “{}” is longer than 60 characters.",
                shortened(long, 60)
            );
            Err((Kind::Text, Cost::Value, reason))
        }
        None => Ok(tags),
    }
}

fn yes(text: &str) -> std::result::Result<bool, Wrong> {
    values::boolean(text).map_err(|reason| (Kind::Value, Cost::Value, reason))
}

fn describe(text: &str, staged: &mut Staged) -> std::result::Result<(), Wrong> {
    let before = staged.description.take();
    let whole = match &before {
        Some(before) => format!("{before}\n{text}"),
        None => text.to_owned(),
    };
    match within(&whole, 20_000, Cost::Value) {
        Ok(text) => staged.description = Some(text),
        Err(wrong) => {
            staged.description = before;
            return Err(wrong);
        }
    }
    Ok(())
}

fn domain(text: &str) -> std::result::Result<String, Wrong> {
    let wrong = |reason: String| (Kind::Value, Cost::Value, reason);
    let address = values::web_address(text).map_err(wrong)?;
    let host = address.split("://").nth(1).unwrap_or_default();
    let host = host.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(host).to_lowercase();
    if host.is_empty() || host.len() > 253 {
        return Err(wrong("This is not a company's web address.".to_owned()));
    }
    Ok(host)
}

fn number(text: &str, decimals: Option<Decimals>) -> std::result::Result<Value, Wrong> {
    let wrong = |reason: String| (Kind::Number, Cost::Value, reason);
    let number = values::number(text, decimals).map_err(wrong)?;
    let whole = number.to_i64().map(Number::from);
    let number = whole.or_else(|| Number::from_f64(number.to_f64()));
    let number = number.ok_or_else(|| wrong("This number is out of range.".to_owned()))?;
    Ok(Value::Number(number))
}

fn money(text: &str, decimals: Option<Decimals>) -> std::result::Result<Value, Wrong> {
    let wrong = |reason: String| (Kind::Number, Cost::Value, reason);
    let (amount, _) = values::money(text, decimals).map_err(wrong)?;
    let minor = amount.minor_units(2);
    let minor = minor.ok_or_else(|| wrong("This amount has more than two decimals.".to_owned()))?;
    Ok(json!(minor))
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
