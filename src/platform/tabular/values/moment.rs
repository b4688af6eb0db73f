//! One cell's date and time, in the formats that programs and people write.

use chrono::{DateTime, Days, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime};

use super::dates::DateOrder;
use super::text::fold;
use super::{calendar, shown};

/// What a cell says about a point in time.
pub(super) struct Moment {
    pub date: NaiveDate,
    pub time: Option<NaiveTime>,
    pub offset: Option<FixedOffset>,
}

pub(super) enum Wrong {
    NotADate,
    NoYear,
    NoDay,
    NoSuchDay,
}

impl Wrong {
    pub fn sentence(&self, cell: &str) -> String {
        let cell = shown(cell);
        match self {
            Self::NotADate => format!("{cell} is not a date."),
            Self::NoDay => format!("{cell} has a year and a month, but no day."),
            Self::NoYear => format!("{cell} has no year."),
            Self::NoSuchDay => format!("{cell} is not a day of the calendar."),
        }
    }
}

pub(super) fn read(cell: &str, order: DateOrder) -> Result<Moment, Wrong> {
    let cell = cell.trim();
    if cell.is_empty() || cell.len() > 64 {
        return Err(Wrong::NotADate);
    }
    if cell
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.')
        && cell.matches('.').count() < 2
    {
        return serial(cell);
    }
    let cell: String = cell
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .collect();
    let (day, clock) = divide(&cell);
    let date = calendar_day(day, order)?;
    let (time, offset) = match clock {
        Some(clock) => time_of_day(clock).ok_or(Wrong::NotADate)?,
        None => (None, None),
    };
    Ok(Moment { date, time, offset })
}

/// Bare digits: `20240305`, a spreadsheet's day number, or seconds or milliseconds since 1970.
fn serial(cell: &str) -> Result<Moment, Wrong> {
    let value: f64 = cell.parse().map_err(|_| Wrong::NotADate)?;
    let whole = value.trunc() as i64;
    let moment = |time: NaiveDateTime| Moment {
        date: time.date(),
        time: Some(time.time()),
        offset: FixedOffset::east_opt(0),
    };
    match (cell.len(), whole) {
        (8, 10_000_101..=29_991_231) if !cell.contains('.') => {
            let date = NaiveDate::parse_from_str(cell, "%Y%m%d").map_err(|_| Wrong::NoSuchDay)?;
            Ok(Moment {
                date,
                time: None,
                offset: None,
            })
        }
        (10, _) if !cell.contains('.') => DateTime::from_timestamp(whole, 0)
            .map(|time| moment(time.naive_utc()))
            .ok_or(Wrong::NotADate),
        (13, _) if !cell.contains('.') => DateTime::from_timestamp_millis(whole)
            .map(|time| moment(time.naive_utc()))
            .ok_or(Wrong::NotADate),
        (_, 61..=99_999) if cell.len() >= 5 => spreadsheet_day(value),
        _ => Err(Wrong::NotADate),
    }
}

/// Spreadsheets count days from 30 December 1899.
fn spreadsheet_day(value: f64) -> Result<Moment, Wrong> {
    let zero = NaiveDate::from_ymd_opt(1899, 12, 30).ok_or(Wrong::NotADate)?;
    let date = zero
        .checked_add_days(Days::new(value.trunc() as u64))
        .ok_or(Wrong::NotADate)?;
    let seconds = (value.fract() * 86_400.0).round() as u32;
    let time = (seconds > 0)
        .then(|| NaiveTime::from_num_seconds_from_midnight_opt(seconds.min(86_399), 0))
        .flatten();
    Ok(Moment {
        date,
        time,
        offset: None,
    })
}

/// The day and, if there is a colon, the time of day behind it.
fn divide(cell: &str) -> (&str, Option<&str>) {
    let Some(colon) = cell.find(':') else {
        return (cell.strip_suffix(['T', 'Z']).unwrap_or(cell), None);
    };
    match cell[..colon].rfind(['T', 't', ' ', ',']) {
        Some(at) => (
            cell[..at].trim_end_matches([' ', ',']),
            Some(cell[at + 1..].trim()),
        ),
        None => (cell, None),
    }
}

fn calendar_day(day: &str, order: DateOrder) -> Result<NaiveDate, Wrong> {
    let folded = fold(day);
    let mut month = None;
    let mut numbers = Vec::new();
    for word in folded
        .split(|c: char| c == ' ' || "年月日".contains(c))
        .filter(|word| !word.is_empty())
    {
        let digits = word.trim_end_matches(|c: char| c.is_alphabetic());
        if digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.is_empty() {
            if !matches!(
                &word[digits.len()..],
                "" | "st" | "nd" | "rd" | "th" | "er" | "e"
            ) {
                return Err(Wrong::NotADate);
            }
            numbers.push(digits);
        } else if let Some(found) = calendar::month(word) {
            month = Some(found).filter(|_| month.is_none());
        } else if !calendar::is_beside_a_date(word) {
            return Err(Wrong::NotADate);
        }
    }
    let (year, month, day) = arrange(&numbers, month, order)?;
    NaiveDate::from_ymd_opt(full_year(year)?, small(month)?, small(day)?).ok_or(Wrong::NoSuchDay)
}

enum Part<'a> {
    Digits(&'a str),
    Named(u32),
}

fn arrange<'a>(
    numbers: &[&'a str],
    month: Option<u32>,
    order: DateOrder,
) -> Result<(&'a str, Part<'a>, Part<'a>), Wrong> {
    use Part::{Digits, Named};
    match (numbers, month) {
        (&[year, day], Some(month)) if year.len() == 4 => Ok((year, Named(month), Digits(day))),
        (&[day, year], Some(month)) => Ok((year, Named(month), Digits(day))),
        (&[year, month, day], None) if year.len() == 4 => Ok((year, Digits(month), Digits(day))),
        (&[first, second, year], None) => Ok(match order {
            DateOrder::DayFirst => (year, Digits(second), Digits(first)),
            DateOrder::MonthFirst => (year, Digits(first), Digits(second)),
        }),
        (&[year, _] | &[_, year], None) if year.len() == 4 => Err(Wrong::NoDay),
        (&[year], Some(_)) if year.len() == 4 => Err(Wrong::NoDay),
        (&[_], Some(_)) | (&[_, _], None) => Err(Wrong::NoYear),
        _ => Err(Wrong::NotADate),
    }
}

fn small(part: Part<'_>) -> Result<u32, Wrong> {
    match part {
        Part::Named(number) => Ok(number),
        Part::Digits(digits) if digits.len() <= 2 => digits.parse().map_err(|_| Wrong::NotADate),
        Part::Digits(_) => Err(Wrong::NotADate),
    }
}

/// Two digits mean 1950 to 2049.
fn full_year(digits: &str) -> Result<i32, Wrong> {
    let year: i32 = digits.parse().map_err(|_| Wrong::NotADate)?;
    match digits.len() {
        4 if year >= 1000 => Ok(year),
        2 if year < 50 => Ok(2000 + year),
        2 => Ok(1900 + year),
        _ => Err(Wrong::NotADate),
    }
}

fn time_of_day(clock: &str) -> Option<(Option<NaiveTime>, Option<FixedOffset>)> {
    let clock = clock
        .to_uppercase()
        .replace("A.M.", "AM")
        .replace("P.M.", "PM");
    let (clock, offset) = calendar::split_offset(&clock)?;
    let formats = [
        "%H:%M",
        "%H:%M:%S",
        "%H:%M:%S%.f",
        "%I:%M %p",
        "%I:%M%p",
        "%I:%M:%S %p",
        "%I:%M:%S%p",
    ];
    let time = formats
        .iter()
        .find_map(|format| NaiveTime::parse_from_str(clock, format).ok())?;
    Some((Some(time), offset))
}
