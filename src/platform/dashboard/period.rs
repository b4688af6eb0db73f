//! From which day to which, as the reader's calendar has them; and the stretch before, to compare with.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use serde_json::{Value, json};

use crate::clock;
use crate::filter::start_of;

/// Longer than this is a report, not a dashboard.
const LONGEST: i64 = 5 * 366;
/// Up to so many days each has a place of its own in a chart; up to so many, each week.
const BY_DAY: i64 = 31;
const BY_WEEK: i64 = 184;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Span {
    #[serde(rename = "today")]
    Today,
    #[serde(rename = "7")]
    Week,
    #[serde(rename = "30")]
    Days,
    #[serde(rename = "month")]
    Month,
    #[serde(rename = "quarter")]
    Quarter,
    #[serde(rename = "year")]
    Year,
    #[serde(rename = "own")]
    Own,
}

impl Span {
    pub const ALL: [(Span, &'static str, &'static str); 7] = [
        (Span::Today, "today", "Today"),
        (Span::Week, "7", "Last 7 days"),
        (Span::Days, "30", "Last 30 days"),
        (Span::Month, "month", "This month"),
        (Span::Quarter, "quarter", "This quarter"),
        (Span::Year, "year", "This year"),
        (Span::Own, "own", "From … to …"),
    ];

    pub fn key(self) -> &'static str {
        let found = Span::ALL.iter().find(|(span, ..)| *span == self);
        found.map_or("", |(_, key, _)| key)
    }

    fn parse(key: &str) -> Option<Span> {
        let found = Span::ALL.iter().find(|(_, known, _)| *known == key);
        found.map(|(span, ..)| *span)
    }
}

/// Whole days, the last one included.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Period {
    pub span: Span,
    pub from: NaiveDate,
    pub to: NaiveDate,
}

/// A part of a period: a place in a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Bucket {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub label: String,
    pub short: String,
}

impl Period {
    /// What an address says, or what is wrong with it. `today` is the reader's.
    pub fn read(key: &str, from: &str, to: &str, today: NaiveDate) -> Result<Period, &'static str> {
        let span = match key {
            "" if from.is_empty() && to.is_empty() => Span::Days,
            "" => Span::Own,
            key => Span::parse(key).ok_or("Choose one of the periods.")?,
        };
        if span != Span::Own {
            return Ok(Period::of(span, today));
        }
        // Somebody has just chosen to say it themselves, and begins with what was on screen.
        if from.is_empty() && to.is_empty() {
            let period = Period::of(Span::Days, today);
            return Ok(Period { span, ..period });
        }
        let day = |text: &str, missing: NaiveDate| match text {
            "" => Some(missing),
            text => NaiveDate::parse_from_str(text, "%Y-%m-%d").ok(),
        };
        let read = day(from, today).zip(day(to, today));
        let known = |day: NaiveDate| clock::YEARS.contains(&day.year());
        let (from, to) = read
            .filter(|(from, to)| known(*from) && known(*to))
            .ok_or("Give both days as 2026-11-21.")?;
        match (to - from).num_days() {
            ..0 => Err("The first day comes after the last."),
            LONGEST.. => Err("At most five years can be shown at once."),
            _ => Ok(Period { span, from, to }),
        }
    }

    pub fn of(span: Span, today: NaiveDate) -> Period {
        let month = today - Days::new(u64::from(today.day0()));
        let from = match span {
            Span::Today => today,
            Span::Week => today - Days::new(6),
            Span::Days | Span::Own => today - Days::new(29),
            Span::Month => month,
            Span::Quarter => month - Months::new(today.month0() % 3),
            Span::Year => month - Months::new(today.month0()),
        };
        Period {
            span,
            from,
            to: today,
        }
    }

    /// The stretch before it: of a month, a quarter or a year so far the same part of the last one, else as many days.
    pub fn before(&self) -> Period {
        let months = match self.span {
            Span::Month => 1,
            Span::Quarter => 3,
            Span::Year => 12,
            _ => 0,
        };
        let (from, to) = match months {
            0 => {
                let days = Days::new((self.to - self.from).num_days().unsigned_abs() + 1);
                (self.from - days, self.to - days)
            }
            months => {
                let months = Months::new(months);
                (self.from - months, self.to - months)
            }
        };
        Period {
            span: Span::Own,
            from,
            to,
        }
    }

    /// That a day or a moment in this field falls into it.
    pub fn rule(&self, field: &str) -> Value {
        within(field, self.from, self.to)
    }

    /// `24 Oct – 22 Nov 2026`.
    pub fn told(&self) -> String {
        told(self.from, self.to)
    }

    /// The days, weeks or months in it.
    pub fn buckets(&self) -> Vec<Bucket> {
        let days = (self.to - self.from).num_days() + 1;
        let step = match (days <= BY_DAY, days <= BY_WEEK) {
            (true, _) => Step::Day,
            (_, true) => Step::Week,
            _ => Step::Month,
        };
        let mut all = Vec::new();
        let mut from = self.from;
        while from <= self.to {
            let until = step.next(from);
            let to = (until - Days::new(1)).min(self.to);
            let (label, short) = match step {
                Step::Day => (from.format("%a %-d %b").to_string(), "%-d %b"),
                Step::Week => (told(from, to), "%-d %b"),
                Step::Month => (from.format("%B %Y").to_string(), "%b"),
            };
            let short = from.format(short);
            all.push(Bucket {
                from,
                to,
                label,
                short: short.to_string(),
            });
            from = until;
        }
        all
    }
}

/// How long a bucket is.
#[derive(Clone, Copy)]
enum Step {
    Day,
    Week,
    Month,
}

impl Step {
    /// The first day of the next one.
    fn next(self, day: NaiveDate) -> NaiveDate {
        match self {
            Step::Day => day + Days::new(1),
            Step::Week => day + Days::new(u64::from(7 - day.weekday().num_days_from_monday())),
            Step::Month => day - Days::new(u64::from(day.day0())) + Months::new(1),
        }
    }
}

impl Bucket {
    pub fn rule(&self, field: &str) -> Value {
        within(field, self.from, self.to)
    }
}

fn within(field: &str, from: NaiveDate, to: NaiveDate) -> Value {
    match from == to {
        true => json!({"field": field, "op": "on", "value": from}),
        false => json!({"field": field, "op": "between", "value": [from, to]}),
    }
}

fn told(from: NaiveDate, to: NaiveDate) -> String {
    let end = to.format("%-d %b %Y");
    match (from == to, from.year() == to.year()) {
        (true, _) => end.to_string(),
        (_, true) if from.month() == to.month() => format!("{} – {end}", from.format("%-d")),
        (_, true) => format!("{} – {end}", from.format("%-d %b")),
        _ => format!("{} – {end}", from.format("%-d %b %Y")),
    }
}

/// Where the buckets begin, and where the last one ends.
pub fn edges(buckets: &[Bucket], zone: Tz) -> Vec<DateTime<Utc>> {
    let starts = buckets.iter().map(|bucket| bucket.from);
    let end = buckets.last().map(|bucket| bucket.to + Days::new(1));
    starts.chain(end).map(|day| start_of(day, zone)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn told_of(span: Span, today: &str) -> (String, String) {
        let period = Period::of(span, day(today));
        (period.told(), period.before().told())
    }

    #[test]
    fn a_period_is_compared_with_as_much_before_it() {
        let today = "2026-03-31";
        let of = |span| told_of(span, today);
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(of(Span::Today), pair("31 Mar 2026", "30 Mar 2026"));
        assert_eq!(of(Span::Week), pair("25 – 31 Mar 2026", "18 – 24 Mar 2026"));
        assert_eq!(
            of(Span::Days),
            pair("2 – 31 Mar 2026", "31 Jan – 1 Mar 2026")
        );
        // February ends where it ends.
        assert_eq!(of(Span::Month), pair("1 – 31 Mar 2026", "1 – 28 Feb 2026"));
        let quarter = pair("1 Jan – 31 Mar 2026", "1 Oct – 31 Dec 2025");
        assert_eq!(of(Span::Quarter), quarter);
        let year = pair("1 Jan – 31 Mar 2026", "1 Jan – 31 Mar 2025");
        assert_eq!(of(Span::Year), year);
    }

    #[test]
    fn what_an_address_says_is_read_or_refused() {
        let today = day("2026-11-22");
        let read = |key, from, to| Period::read(key, from, to, today);
        assert_eq!(read("", "", "").unwrap().span, Span::Days);
        assert_eq!(read("own", "", "").unwrap().from, day("2026-10-24"));
        assert_eq!(read("", "2026-01-01", "").unwrap().to, today);
        for (key, from, to) in [
            ("own", "2026-02-30", ""),
            ("own", "2026-02-03", "2026-02-01"),
            ("own", "1990-01-01", "2026-01-01"),
            ("own", "-262143-01-01", "262142-12-31"),
            ("fortnight", "", ""),
        ] {
            assert!(read(key, from, to).is_err(), "{key} {from} {to}");
        }
    }

    #[test]
    fn buckets_cover_the_period_without_gaps() {
        for (from, to, count) in [
            ("2026-11-22", "2026-11-22", 1),
            ("2026-10-23", "2026-11-22", 31),
            ("2026-09-01", "2026-11-22", 12),
            ("2025-12-15", "2026-11-22", 12),
        ] {
            let period = Period {
                span: Span::Own,
                from: day(from),
                to: day(to),
            };
            let all = period.buckets();
            assert_eq!(all.len(), count, "{from} {to}: {all:?}");
            assert_eq!((all[0].from, all[count - 1].to), (period.from, period.to));
            assert!(
                all.windows(2)
                    .all(|two| two[0].to.succ_opt() == Some(two[1].from))
            );
        }
    }

    #[test]
    fn edges_are_the_readers_midnights() {
        let period = Period::of(Span::Week, day("2026-03-30"));
        let edges = edges(&period.buckets(), Tz::Europe__Berlin);
        assert_eq!(edges.len(), 8);
        // The clocks went forward on Sunday.
        let hours: Vec<i64> = edges
            .windows(2)
            .map(|two| (two[1] - two[0]).num_hours())
            .collect();
        assert_eq!(hours, [24, 24, 24, 24, 24, 23, 24]);
    }
}
