//! Dates in the orders people write them; which order a column uses is told by all its cells together.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

use super::moment::read;
use super::shown;

/// Which comes first in `05/03/2024`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DateOrder {
    DayFirst,
    #[default]
    MonthFirst,
}

/// Collects what a column's cells say about its order.
#[derive(Clone, Copy, Debug, Default)]
pub struct DateVotes {
    pub day_first: u64,
    pub month_first: u64,
    pub unclear: u64,
}

impl DateVotes {
    pub fn see(&mut self, cell: &str) {
        let day = read(cell, DateOrder::DayFirst).ok();
        let month = read(cell, DateOrder::MonthFirst).ok();
        match (day, month) {
            (Some(_), None) => self.day_first += 1,
            (None, Some(_)) => self.month_first += 1,
            (Some(day), Some(month)) if day.date != month.date => self.unclear += 1,
            _ => {}
        }
    }

    /// None while no cell decides it, or as many say one thing as the other.
    pub fn order(&self) -> Option<DateOrder> {
        match self.day_first.cmp(&self.month_first) {
            std::cmp::Ordering::Greater => Some(DateOrder::DayFirst),
            std::cmp::Ordering::Less => Some(DateOrder::MonthFirst),
            std::cmp::Ordering::Equal => None,
        }
    }
}

/// A day; a time of day in the cell is left out.
pub fn date(cell: &str, order: DateOrder) -> Result<NaiveDate, String> {
    read(cell, order)
        .map(|moment| moment.date)
        .map_err(|wrong| wrong.sentence(cell))
}

/// A day with its time of day, where there is one, on the clock in `zone`; midnight is no time that anybody means.
pub fn day_and_time(
    cell: &str,
    order: DateOrder,
    zone: Tz,
) -> Result<(NaiveDate, Option<NaiveTime>), String> {
    let moment = read(cell, order).map_err(|wrong| wrong.sentence(cell))?;
    let time = moment.time.filter(|time| *time != NaiveTime::MIN);
    match (time, moment.offset) {
        (Some(_), Some(_)) => {
            let local = date_time(cell, order, zone)?.with_timezone(&zone);
            Ok((local.date_naive(), Some(local.time())))
        }
        _ => Ok((moment.date, time)),
    }
}

/// A moment; without an offset in the cell it is meant in `zone`, without a time at midnight.
pub fn date_time(cell: &str, order: DateOrder, zone: Tz) -> Result<DateTime<Utc>, String> {
    let moment = read(cell, order).map_err(|wrong| wrong.sentence(cell))?;
    let local = NaiveDateTime::new(moment.date, moment.time.unwrap_or_default());
    let found = match moment.offset {
        Some(offset) => offset
            .from_local_datetime(&local)
            .single()
            .map(|time| time.to_utc()),
        None => zone
            .from_local_datetime(&local)
            .earliest()
            .map(|time| time.to_utc()),
    };
    found.ok_or_else(|| {
        format!(
            "{} does not exist: the clocks were put forward then.",
            shown(cell)
        )
    })
}

/// With words or separators; bare digits are left to the column's name to tell.
pub(super) fn looks_like_date(cell: &str) -> bool {
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    (3..=20).contains(&digits)
        && cell.len() <= 40
        && cell.contains(['-', '/', '.', ' ', '年'])
        && cell.parse::<f64>().is_err()
        && [DateOrder::DayFirst, DateOrder::MonthFirst]
            .into_iter()
            .any(|order| read(cell, order).is_ok())
}
