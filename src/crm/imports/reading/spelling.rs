//! Which way round a file writes its dates and decimals.

use chrono::NaiveDate;
use platform::tabular::values::{self, Choice, DateOrder, DateVotes, Decimals, NumberVotes};
use platform::tabular::{Table, TableError};
use serde_json::{Number, Value, json};

use super::values::{within, yes};
use super::{Cost, Read};
use crate::crm::imports::plan::{Dates, Plan};
use crate::crm::imports::problem::Kind;

/// Rows that are looked at to tell the order of dates and the sign of decimals.
const VOTERS: usize = 20_000;

#[derive(Clone, Copy, Debug, Default)]
pub struct Spelling {
    pub dates: DateOrder,
    pub decimals: Option<Decimals>,
}

impl Spelling {
    pub fn of(plan: &Plan) -> Spelling {
        Spelling {
            dates: match plan.dates {
                Dates::DayFirst => DateOrder::DayFirst,
                _ => DateOrder::MonthFirst,
            },
            decimals: None,
        }
    }

    /// As the file itself tells, by its columns of dates and its columns of numbers.
    pub fn settled(
        mut self,
        plan: &Plan,
        table: &Table,
        dates: &[usize],
        numbers: &[usize],
    ) -> Result<Spelling, TableError> {
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
        if let (Dates::Auto, Some(order)) = (plan.dates, date_votes.order()) {
            self.dates = order;
        }
        self.decimals = number_votes.decimals();
        Ok(self)
    }

    pub fn date(&self, text: &str) -> Read<NaiveDate> {
        values::date(text, self.dates).map_err(|reason| (Kind::Date, Cost::Value, reason))
    }

    pub fn number(&self, text: &str) -> Read<Value> {
        let wrong = |reason: String| (Kind::Number, Cost::Value, reason);
        let number = values::number(text, self.decimals).map_err(wrong)?;
        let whole = number.to_i64().map(Number::from);
        let number = whole.or_else(|| Number::from_f64(number.to_f64()));
        let number = number.ok_or_else(|| wrong("This number is out of range.".to_owned()))?;
        Ok(Value::Number(number))
    }

    /// In the minor unit, with the currency where the cell names it.
    pub fn money(&self, text: &str) -> Read<(i64, Option<String>)> {
        let wrong = |reason: String| (Kind::Number, Cost::Value, reason);
        let (amount, currency) = values::money(text, self.decimals).map_err(wrong)?;
        let minor = amount.minor_units(2);
        let minor =
            minor.ok_or_else(|| wrong("This amount has more than two decimals.".to_owned()))?;
        Ok((minor, currency))
    }

    /// The value of a field that the workspace added, as it is kept.
    pub fn custom(&self, text: &str, kind: &str, choices: &[Choice]) -> Read<Value> {
        let wrong = |kind: Kind| move |reason: String| (kind, Cost::Value, reason);
        Ok(match kind {
            "number" => self.number(text)?,
            "money" => json!(self.money(text)?.0),
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
}
