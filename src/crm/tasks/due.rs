//! When a task is due: a day, or a moment that a clock on a wall somewhere shows.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use platform::Result;
use platform::clock;
use platform::db::Tx;
use platform::schema::people;

/// When a day begins for whoever wants to be reminded of a day.
const MORNING: NaiveTime = match NaiveTime::from_hms_opt(9, 0, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};
/// How far off "later today" is.
const LATER: TimeDelta = TimeDelta::hours(3);

/// The moment at which the clock in `zone` shows this. What the clock leaves out in spring comes an hour later; what it
/// shows twice in autumn is meant the first time.
pub fn moment(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    let found = zone.from_local_datetime(&local).earliest();
    let found = found.or_else(|| {
        let later = local + TimeDelta::hours(1);
        zone.from_local_datetime(&later).earliest()
    });
    found.map_or_else(|| local.and_utc(), |at| at.to_utc())
}

/// The zone of the person behind this transaction, or the workspace's own.
pub fn zone_of(tx: &mut Tx) -> Result<Tz> {
    let own: Option<Option<String>> = match tx.person {
        Some(person) => people::table
            .find(person)
            .select(people::zone)
            .first(&mut **tx)
            .optional()?,
        None => None,
    };
    match own.flatten() {
        Some(name) => Ok(clock::zone(&name)),
        None => tx.zone(),
    }
}

/// When a task is due as a person sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    pub day: NaiveDate,
    pub time: Option<NaiveTime>,
}

impl Due {
    pub fn local(&self) -> NaiveDateTime {
        self.day.and_time(self.time.unwrap_or(NaiveTime::MIN))
    }

    /// `Today`, `Tomorrow, 10:00`, `21 Nov`.
    pub fn words(&self, today: NaiveDate) -> String {
        let day = match (self.day - today).num_days() {
            -1 => "Yesterday".to_owned(),
            0 => "Today".to_owned(),
            1 => "Tomorrow".to_owned(),
            2..7 => self.day.format("%A").to_string(),
            -300..300 => self.day.format("%-d %b").to_string(),
            _ => self.day.format("%-d %b %Y").to_string(),
        };
        match self.time {
            Some(time) => format!("{day}, {}", time.format("%H:%M")),
            None => day,
        }
    }

    /// The same within a sentence: `today`, `tomorrow, 10:00`; the days of the week and the months keep their capital.
    pub fn within(&self, today: NaiveDate) -> String {
        let words = self.words(today);
        match (self.day - today).num_days() {
            -1..=1 => words.to_lowercase(),
            _ => words,
        }
    }
}

/// What a day is said to be in few words: `today`, `tomorrow`, `next_week`, `2026-11-30`; a moment is
/// `later` or `2026-11-30T10:00`.
pub fn meant(text: &str, now: DateTime<Utc>, zone: Tz) -> Option<Due> {
    let local = now.with_timezone(&zone).naive_local();
    let today = local.date();
    let day = |day| Some(Due { day, time: None });
    match text {
        "later" => Some(later(local)),
        "today" => day(today),
        "tomorrow" => day(today + Days::new(1)),
        "next_week" => day(monday_after(today)),
        text => match text.parse::<NaiveDate>() {
            Ok(date) => day(date),
            Err(_) => at(text).map(|local| Due {
                day: local.date(),
                time: Some(local.time()),
            }),
        },
    }
}

/// `2026-11-30T10:00`, with or without seconds.
pub fn at(text: &str) -> Option<NaiveDateTime> {
    let short = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M");
    let long = || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S");
    short.or_else(|_| long()).ok()
}

/// Some hours on, at a quarter; tomorrow morning where the day is over by then.
fn later(local: NaiveDateTime) -> Due {
    use chrono::Timelike;
    let then = local + LATER;
    if then.date() != local.date() {
        return Due {
            day: local.date() + Days::new(1),
            time: Some(MORNING),
        };
    }
    let quarter = then.minute() / 15 * 15;
    Due {
        day: then.date(),
        time: NaiveTime::from_hms_opt(then.hour(), quarter, 0),
    }
}

pub fn monday_after(day: NaiveDate) -> NaiveDate {
    use chrono::Datelike;
    day + Days::new(u64::from(7 - day.weekday().num_days_from_monday()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_clock_that_is_put_on_skips_no_task() {
        let zone = chrono_tz::Europe::Berlin;
        let gap = at("2026-03-29T02:30").unwrap();
        assert_eq!(
            moment(gap, zone).to_rfc3339(),
            "2026-03-29T01:30:00+00:00",
            "03:30 summer time"
        );
        let twice = at("2026-10-25T02:30").unwrap();
        assert_eq!(
            moment(twice, zone).to_rfc3339(),
            "2026-10-25T00:30:00+00:00"
        );
    }

    #[test]
    fn few_words_mean_a_day() {
        let zone = chrono_tz::America::New_York;
        // Already Sunday in Berlin, still Saturday evening in New York.
        let now = "2026-11-22T02:10:00Z".parse().unwrap();
        let meant = |text| meant(text, now, zone).unwrap();
        assert_eq!(meant("today").day, day("2026-11-21"));
        assert_eq!(meant("tomorrow").day, day("2026-11-22"));
        assert_eq!(meant("next_week").day, day("2026-11-23"));
        assert_eq!(meant("2027-01-05").day, day("2027-01-05"));
        assert_eq!(
            meant("2027-01-05T10:30").words(day("2027-01-04")),
            "Tomorrow, 10:30"
        );
        let due = meant("2027-01-05T10:30");
        assert_eq!(due.within(day("2027-01-04")), "tomorrow, 10:30");
        assert_eq!(due.within(day("2027-01-02")), "Tuesday, 10:30");
        let later = meant("later");
        assert_eq!((later.day, later.time), (day("2026-11-22"), Some(MORNING)));
        assert_eq!(super::meant("soon", now, zone), None);
    }
}
