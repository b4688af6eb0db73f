//! Repeating: the rules of RFC 5545 that tasks know, and the day that comes next.
//!
//! A rule is reckoned on the clock on the wall, so that what is due at nine stays due at nine when the clocks change.

use std::fmt;

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use rrule::{RRule, RRuleSet, Tz, Unvalidated};

/// Longer series, and pauses, are nobody's.
const MOST: u32 = 999;
/// Occurrences that are passed over at most, which is ten years of days.
const PASSED_OVER: usize = 4_000;

pub const WEEKDAYS: [(&str, &str); 7] = [
    ("MO", "Monday"),
    ("TU", "Tuesday"),
    ("WE", "Wednesday"),
    ("TH", "Thursday"),
    ("FR", "Friday"),
    ("SA", "Saturday"),
    ("SU", "Sunday"),
];

const PERIODS: [(&str, &str, &str); 4] = [
    ("DAILY", "day", "days"),
    ("WEEKLY", "week", "weeks"),
    ("MONTHLY", "month", "months"),
    ("YEARLY", "year", "years"),
];

const OTHERS: [&str; 7] = [
    "BYMONTH",
    "BYMONTHDAY",
    "BYYEARDAY",
    "BYWEEKNO",
    "BYSETPOS",
    "WKST",
    "BYDAY",
];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// One of [`PERIODS`].
    pub freq: &'static str,
    pub interval: u32,
    /// Days of the week, for rules that name nothing else.
    pub days: Vec<String>,
    pub until: Option<NaiveDate>,
    /// How many there are in all, the one at hand among them.
    pub count: Option<u32>,
    /// What people do not choose but programs send.
    others: Vec<(String, String)>,
}

impl Repeat {
    /// `FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20261231`, or in a sentence what is wrong with it.
    pub fn parse(text: &str) -> Result<Repeat, String> {
        let text = text.trim().to_uppercase();
        let text = text.strip_prefix("RRULE:").unwrap_or(&text);
        if text.len() > 300 {
            return Err("This rule is too long.".into());
        }
        let mut repeat = Repeat::every("", 1);
        for part in text.split(';').filter(|part| !part.is_empty()) {
            let (key, value) = part.split_once('=').ok_or_else(not_a_rule)?;
            repeat.take(key, value)?;
        }
        if repeat.freq.is_empty() {
            return Err(not_a_rule());
        }
        if repeat.until.is_some() && repeat.count.is_some() {
            return Err("A rule ends on a day or after a number of times, not both.".into());
        }
        let start = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default();
        repeat.rule(start.and_hms_opt(12, 0, 0).unwrap_or_default())?;
        Ok(repeat)
    }

    pub fn every(freq: &'static str, interval: u32) -> Repeat {
        Repeat {
            freq,
            interval,
            days: Vec::new(),
            until: None,
            count: None,
            others: Vec::new(),
        }
    }

    /// The period of that name in small letters, `daily`.
    pub fn period(name: &str) -> Option<&'static str> {
        let found = PERIODS
            .iter()
            .find(|(freq, ..)| freq.eq_ignore_ascii_case(name));
        found.map(|(freq, ..)| *freq)
    }

    /// Whether the form can say it.
    pub fn is_plain(&self) -> bool {
        self.others.iter().all(|(key, _)| key == "WKST")
    }

    fn take(&mut self, key: &str, value: &str) -> Result<(), String> {
        let number = |what: &str| {
            let number = value.parse::<u32>().ok().filter(|n| (1..=MOST).contains(n));
            number.ok_or_else(|| format!("{what} is a number from 1 to {MOST}."))
        };
        match key {
            "FREQ" => {
                self.freq = Repeat::period(value)
                    .ok_or("A task repeats by days, weeks, months or years.")?;
            }
            "INTERVAL" => self.interval = number("The interval")?,
            "COUNT" => self.count = Some(number("The number of times")?),
            "UNTIL" => {
                let day = NaiveDate::parse_from_str(value.get(..8).unwrap_or_default(), "%Y%m%d");
                self.until =
                    Some(day.map_err(|_| "The last day is written as in UNTIL=20261231.")?);
            }
            "BYDAY"
                if value
                    .split(',')
                    .all(|day| WEEKDAYS.iter().any(|(key, _)| *key == day)) =>
            {
                self.days = value.split(',').map(str::to_owned).collect();
            }
            key if OTHERS.contains(&key) => self.others.push((key.to_owned(), value.to_owned())),
            key => {
                return Err(format!(
                    "{} is not something that tasks repeat by.",
                    shortened(key)
                ));
            }
        }
        Ok(())
    }

    /// The rule without its count, which is reckoned here.
    fn rule(&self, start: NaiveDateTime) -> Result<RRuleSet, String> {
        let endless = Repeat {
            count: None,
            until: None,
            ..self.clone()
        };
        let rule: RRule<Unvalidated> = endless.to_string().parse().map_err(|_| not_a_rule())?;
        let start = start.and_utc().with_timezone(&Tz::UTC);
        let rule = rule.validate(start).map_err(|_| not_a_rule())?;
        Ok(RRuleSet::new(start).rrule(rule).limit())
    }

    /// The first time after `from` that is not before `not_before`, and the rule from there on; `None` where it has ended.
    pub fn next(
        &self,
        from: NaiveDateTime,
        not_before: NaiveDateTime,
    ) -> Option<(NaiveDateTime, Repeat)> {
        let set = self.rule(from).ok()?;
        let mut left = self.count;
        let times = (&set)
            .into_iter()
            .take(PASSED_OVER)
            .map(|at: DateTime<Tz>| at.naive_utc());
        for at in times.filter(|at| *at > from) {
            if self.until.is_some_and(|until| at.date() > until) {
                return None;
            }
            left = match left {
                Some(..=1) => return None,
                Some(n) => Some(n - 1),
                None => None,
            };
            if at >= not_before {
                let rest = Repeat {
                    count: left,
                    ..self.clone()
                };
                return Some((at, rest));
            }
        }
        None
    }

    /// `Every 2 weeks on Monday and Wednesday, until 31 Dec 2026`.
    pub fn words(&self) -> String {
        let (_, one, many) = PERIODS
            .iter()
            .find(|(freq, ..)| *freq == self.freq)
            .copied()
            .unwrap_or(("", "time", "times"));
        let mut words = match self.interval {
            1 => format!("Every {one}"),
            n => format!("Every {n} {many}"),
        };
        let names = WEEKDAYS
            .iter()
            .filter(|(key, _)| self.days.iter().any(|d| d == key));
        let names: Vec<&str> = names.map(|(_, name)| *name).collect();
        match names.split_last() {
            Some((last, [])) => words += &format!(" on {last}"),
            Some((last, rest)) => words += &format!(" on {} and {last}", rest.join(", ")),
            None => {}
        }
        if !self.is_plain() {
            words += " on certain days";
        }
        match (self.until, self.count) {
            (Some(until), _) => words += &format!(", until {}", until.format("%-d %b %Y")),
            (_, Some(1)) => words += ", for the last time",
            (_, Some(n)) => words += &format!(", {n} times"),
            _ => {}
        }
        words
    }
}

/// As RFC 5545 writes it.
impl fmt::Display for Repeat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FREQ={}", self.freq)?;
        if self.interval != 1 {
            write!(f, ";INTERVAL={}", self.interval)?;
        }
        if !self.days.is_empty() {
            write!(f, ";BYDAY={}", self.days.join(","))?;
        }
        for (key, value) in &self.others {
            write!(f, ";{key}={value}")?;
        }
        if let Some(until) = self.until {
            write!(f, ";UNTIL={}", until.format("%Y%m%d"))?;
        }
        if let Some(count) = self.count {
            write!(f, ";COUNT={count}")?;
        }
        Ok(())
    }
}

fn not_a_rule() -> String {
    "Please write a rule such as FREQ=WEEKLY;BYDAY=MO (RFC 5545).".into()
}

fn shortened(key: &str) -> String {
    key.chars().take(20).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crm::tasks::due;
    use proptest::prelude::*;

    fn at(text: &str) -> NaiveDateTime {
        due::at(text).unwrap()
    }

    fn next(rule: &str, from: &str) -> Option<String> {
        let from = at(from);
        let found = Repeat::parse(rule).unwrap().next(from, from);
        found.map(|(at, _)| at.format("%Y-%m-%dT%H:%M").to_string())
    }

    #[test]
    fn the_next_day_is_found() {
        for (rule, from, then) in [
            ("FREQ=DAILY", "2026-11-22T09:00", Some("2026-11-23T09:00")),
            (
                "RRULE:freq=daily;interval=3",
                "2026-11-22T09:00",
                Some("2026-11-25T09:00"),
            ),
            (
                "FREQ=WEEKLY;BYDAY=MO,TH",
                "2026-11-23T00:00",
                Some("2026-11-26T00:00"),
            ),
            (
                "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO",
                "2026-11-23T00:00",
                Some("2026-12-07T00:00"),
            ),
            ("FREQ=MONTHLY", "2026-01-31T08:00", Some("2026-03-31T08:00")),
            (
                "FREQ=MONTHLY;BYMONTHDAY=-1",
                "2026-01-31T08:00",
                Some("2026-02-28T08:00"),
            ),
            ("FREQ=YEARLY", "2024-02-29T08:00", Some("2028-02-29T08:00")),
            ("FREQ=DAILY;UNTIL=20261122", "2026-11-22T09:00", None),
            (
                "FREQ=DAILY;UNTIL=20261123T235959Z",
                "2026-11-22T09:00",
                Some("2026-11-23T09:00"),
            ),
            ("FREQ=DAILY;COUNT=1", "2026-11-22T09:00", None),
        ] {
            assert_eq!(next(rule, from).as_deref(), then, "{rule} {from}");
        }
    }

    #[test]
    fn a_rule_that_can_not_be_is_refused() {
        for rule in [
            "",
            "often",
            "FREQ=HOURLY",
            "FREQ=DAILY;COUNT=0",
            "FREQ=DAILY;INTERVAL=0",
            "FREQ=DAILY;COUNT=2;UNTIL=20270101",
            "FREQ=WEEKLY;BYDAY=XX",
            "FREQ=DAILY;BYHOUR=1",
            "FREQ=DAILY\nDTSTART:20260101",
            "FREQ=DAILY;UNTIL=tomorrow",
            "FREQ=MONTHLY;BYMONTHDAY=45",
        ] {
            assert!(Repeat::parse(rule).is_err(), "{rule}");
        }
    }

    #[test]
    fn what_is_late_by_far_goes_on_from_today() {
        let rule = Repeat::parse("FREQ=DAILY;COUNT=100").unwrap();
        let (then, rest) = rule
            .next(at("2026-11-01T09:00"), at("2026-11-20T00:00"))
            .unwrap();
        assert_eq!(then, at("2026-11-20T09:00"));
        assert_eq!(rest.count, Some(81), "those that were left out count too");
    }

    #[test]
    fn rules_read_as_sentences() {
        let words = |rule| Repeat::parse(rule).unwrap().words();
        assert_eq!(words("FREQ=DAILY"), "Every day");
        assert_eq!(
            words("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;UNTIL=20261231"),
            "Every 2 weeks on Monday and Wednesday, until 31 Dec 2026"
        );
        assert_eq!(
            words("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3"),
            "Every month on certain days, 3 times"
        );
    }

    prop_compose! {
        fn rules()(freq in 0usize..4, interval in 1u32..60, days in proptest::sample::subsequence(WEEKDAYS.to_vec(), 0..4),
            end in 0u32..3, count in 1u32..20, until in 0i64..900) -> Repeat {
            let freq = PERIODS[freq].0;
            let day = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
            Repeat {
                days: if freq == "WEEKLY" { days.into_iter().map(|(key, _)| key.to_owned()).collect() } else { Vec::new() },
                count: (end == 1).then_some(count),
                until: (end == 2).then(|| day + chrono::TimeDelta::days(until)),
                ..Repeat::every(freq, interval)
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_comes_next_comes_later_and_ends_in_time(rule in rules(), day in 0i64..800, minute in 0i64..1440) {
            prop_assert_eq!(&Repeat::parse(&rule.to_string()).unwrap(), &rule);
            let start = at("2026-01-01T00:00") + chrono::TimeDelta::days(day) + chrono::TimeDelta::minutes(minute);
            let zone = chrono_tz::Europe::Berlin;
            let (mut from, mut rest, mut times) = (start, rule.clone(), 1);
            while let Some((then, next)) = rest.next(from, from) {
                prop_assert!(then > from);
                prop_assert_eq!(then.time(), start.time(), "the clock on the wall shows the same");
                // An hour that the clock leaves out or repeats moves nothing past its neighbour.
                prop_assert!(due::moment(then, zone) > due::moment(from, zone));
                if let Some(until) = rule.until { prop_assert!(then.date() <= until); }
                (from, rest) = (then, next);
                times += 1;
                if times > 25 { break; }
            }
            if let Some(count) = rule.count { prop_assert!(times <= count.min(26)); }
        }
    }
}
