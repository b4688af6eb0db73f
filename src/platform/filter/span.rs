//! Spans of time, and dates relative to now, as the half-open stretches of time that they are where the person is.

use chrono::{
    DateTime, Datelike, Days, MappedLocalTime, Months, NaiveDate, NaiveTime, TimeDelta, TimeZone,
    Utc,
};
use chrono_tz::{GapInfo, Tz};

use super::compile::Context;
use super::operator::Operator;
use super::value::Value;

/// A stretch of time counted in days, weeks or months.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub count: u32,
    pub unit: Unit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Days,
    Weeks,
    Months,
}

impl Unit {
    pub const ALL: [Self; 3] = [Self::Days, Self::Weeks, Self::Months];

    pub fn name(self) -> &'static str {
        match self {
            Self::Days => "days",
            Self::Weeks => "weeks",
            Self::Months => "months",
        }
    }
}

/// From the first on, and before the second; a side that is missing is open.
pub(super) type Stretch<T> = (Option<T>, Option<T>);

/// The days that an operator of dates means.
pub(super) fn days(op: Operator, value: &Value, context: &Context) -> Stretch<NaiveDate> {
    let today = context.now.with_timezone(&context.zone).date_naive();
    let of = |first: NaiveDate, months: u32| (Some(first), Some(first + Months::new(months)));
    let month = today - Days::new(u64::from(today.day0()));
    match (op, value) {
        (Operator::On, Value::Day(day)) => (Some(*day), Some(next(*day))),
        (Operator::Before, Value::Day(day)) => (None, Some(*day)),
        (Operator::After, Value::Day(day)) => (Some(next(*day)), None),
        (Operator::Between, Value::Days(from, to)) => (Some(*from), Some(next(*to))),
        (Operator::InLast, Value::Span(span)) => (Some(back(today, *span)), Some(next(today))),
        (Operator::InNext, Value::Span(span)) => (Some(today), Some(next(ahead(today, *span)))),
        (Operator::MoreThanAgo, Value::Span(span)) => (None, Some(back(today, *span))),
        (Operator::Today, _) => (Some(today), Some(next(today))),
        (Operator::ThisWeek, _) => {
            let monday = today - Days::new(u64::from(today.weekday().num_days_from_monday()));
            (Some(monday), Some(monday + Days::new(7)))
        }
        (Operator::ThisMonth, _) => of(month, 1),
        (Operator::ThisQuarter, _) => of(month - Months::new(today.month0() % 3), 3),
        (Operator::ThisYear, _) => of(month - Months::new(today.month0()), 12),
        _ => (None, None),
    }
}

/// The instants that an operator of dates means: whole days in the person's zone, but the last days end now, and the next
/// days start now.
pub(super) fn instants(op: Operator, value: &Value, context: &Context) -> Stretch<DateTime<Utc>> {
    let (from, until) = days(op, value, context);
    let from = from.map(|day| start_of(day, context.zone));
    let until = until.map(|day| start_of(day, context.zone));
    match op {
        Operator::InLast => (from, Some(context.now + TimeDelta::microseconds(1))),
        Operator::InNext => (Some(context.now), until),
        _ => (from, until),
    }
}

/// When a behaviour must have happened to count.
pub(super) fn since(within: Span, context: &Context) -> DateTime<Utc> {
    let today = context.now.with_timezone(&context.zone).date_naive();
    start_of(back(today, within), context.zone)
}

/// The first instant of a day; where clocks are put forward at midnight, the day starts later.
pub fn start_of(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    match zone.from_local_datetime(&midnight) {
        MappedLocalTime::Single(instant) | MappedLocalTime::Ambiguous(instant, _) => {
            instant.to_utc()
        }
        MappedLocalTime::None => GapInfo::new(&midnight, &zone)
            .and_then(|gap| gap.end)
            .map_or_else(|| midnight.and_utc(), |end| end.to_utc()),
    }
}

fn next(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(day)
}

fn back(day: NaiveDate, span: Span) -> NaiveDate {
    let count = u64::from(span.count);
    match span.unit {
        Unit::Days => day.checked_sub_days(Days::new(count)),
        Unit::Weeks => day.checked_sub_days(Days::new(count * 7)),
        Unit::Months => day.checked_sub_months(Months::new(span.count)),
    }
    .unwrap_or(day)
}

fn ahead(day: NaiveDate, span: Span) -> NaiveDate {
    let count = u64::from(span.count);
    match span.unit {
        Unit::Days => day.checked_add_days(Days::new(count)),
        Unit::Weeks => day.checked_add_days(Days::new(count * 7)),
        Unit::Months => day.checked_add_months(Months::new(span.count)),
    }
    .unwrap_or(day)
}
