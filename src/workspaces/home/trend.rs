//! New contacts of the last days, as bars.

use chrono::{DateTime, Days as Span, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;
use platform::web::filters::thousands;
use platform::web::link;
use serde::Serialize;
use serde_json::json;

use super::overview::COUNTED;

pub const SHOWN: usize = 14;

/// The last two weeks as the reader's calendar has them, today last.
#[derive(Clone, Debug)]
pub struct Days {
    /// One more than is shown: the end of today.
    edges: Vec<(NaiveDate, DateTime<Utc>)>,
}

impl Days {
    pub fn until(now: DateTime<Utc>, zone: Tz) -> Days {
        let today = now.with_timezone(&zone).date_naive();
        let edges = (0..=SHOWN).rev().filter_map(|back| {
            let day = match back {
                0 => today.checked_add_days(Span::new(1))?,
                back => today.checked_sub_days(Span::new(back as u64 - 1))?,
            };
            Some((day, begins(day, zone)))
        });
        Days {
            edges: edges.collect(),
        }
    }

    pub fn starts(&self) -> Vec<DateTime<Utc>> {
        let shown = self.edges.len().saturating_sub(1);
        self.edges[..shown].iter().map(|e| e.1).collect()
    }

    pub fn ends(&self) -> Vec<DateTime<Utc>> {
        self.edges.iter().skip(1).map(|e| e.1).collect()
    }
}

/// The first moment of a day; where the clocks skip midnight, the hour after.
fn begins(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let at = |hour| {
        let local = day.and_hms_opt(hour, 0, 0)?;
        zone.from_local_datetime(&local).earliest()
    };
    at(0)
        .or_else(|| at(1))
        .map_or_else(|| Utc.from_utc_datetime(&day.into()), |t| t.to_utc())
}

#[derive(Clone, Debug, Serialize)]
pub struct Bar {
    pub day: NaiveDate,
    pub count: i64,
    #[serde(skip)]
    pub url: String,
    #[serde(skip)]
    pub x: usize,
    #[serde(skip)]
    pub y: i64,
    #[serde(skip)]
    pub height: i64,
}

impl Bar {
    pub fn said(&self) -> String {
        format!("{}: {}", self.day.format("%a %-d %b"), told(self.count))
    }

    pub fn label(&self) -> String {
        self.day.format("%a %-d %b").to_string()
    }

    pub fn told(&self) -> String {
        told(self.count)
    }
}

fn told(count: i64) -> String {
    match count {
        n if n > COUNTED => format!("{}+", thousands(&COUNTED.to_string())),
        n => thousands(&n.to_string()),
    }
}

#[derive(Clone, Debug, Serialize)]
pub struct Trend {
    pub bars: Vec<Bar>,
}

pub const HEIGHT: i64 = 56;
/// The bars that are drawn; the week before them is only told.
const DRAWN: usize = 7;
const STEP: usize = 36;

impl Trend {
    /// `list` is where contacts are listed; each bar leads to those of its day.
    pub fn of(days: &Days, counts: &[i64], list: &str) -> Trend {
        let most = counts.iter().copied().max().unwrap_or(0).max(1);
        let bars = days.edges.iter().zip(counts).enumerate();
        let bars = bars.map(|(i, ((day, _), count))| {
            // A day without anybody still has its mark, or there would be nothing to point at.
            let height = (count * HEIGHT / most).max(2);
            let filter = json!({"and": [{"field": "created_at", "op": "on", "value": day}]});
            Bar {
                day: *day,
                count: *count,
                url: link::filtered(list, &filter),
                x: i % DRAWN * STEP,
                y: HEIGHT - height,
                height,
            }
        });
        Trend {
            bars: bars.collect(),
        }
    }

    pub fn drawn(&self) -> &[Bar] {
        &self.bars[self.bars.len().saturating_sub(DRAWN)..]
    }

    /// Of the last seven days.
    pub fn week(&self) -> String {
        sum(self.drawn())
    }

    pub fn week_before(&self) -> String {
        sum(&self.bars[..self.bars.len().saturating_sub(DRAWN)])
    }

    pub fn width(&self) -> usize {
        DRAWN * STEP - 8
    }
}

fn sum(bars: &[Bar]) -> String {
    let open = bars.iter().any(|b| b.count > COUNTED);
    let sum: i64 = bars.iter().map(|b| b.count.min(COUNTED)).sum();
    let sum = thousands(&sum.to_string());
    if open { format!("{sum}+") } else { sum }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_days_are_those_of_the_reader_and_touch_each_other() {
        let now = Utc.with_ymd_and_hms(2026, 3, 29, 22, 30, 0).unwrap();
        let days = Days::until(now, Tz::Europe__Berlin);
        let (starts, ends) = (days.starts(), days.ends());
        assert_eq!((starts.len(), ends.len()), (SHOWN, SHOWN));
        assert_eq!(starts[1..], ends[..SHOWN - 1]);
        // In Berlin it is the thirtieth already, and the day before had 23 hours.
        assert!(starts[SHOWN - 1] <= now && now < ends[SHOWN - 1]);
        assert_eq!((ends[SHOWN - 2] - starts[SHOWN - 2]).num_hours(), 23);
    }

    #[test]
    fn a_day_beyond_counting_says_so() {
        let days = Days::until(
            Utc.with_ymd_and_hms(2026, 11, 21, 12, 0, 0).unwrap(),
            Tz::UTC,
        );
        let mut counts = vec![0; SHOWN];
        counts[SHOWN - 1] = COUNTED + 1;
        let trend = Trend::of(&days, &counts, "/w/acme/contacts");
        assert_eq!(trend.week(), "10,000+");
        assert_eq!(trend.week_before(), "0");
        assert_eq!(trend.bars[SHOWN - 1].said(), "Sat 21 Nov: 10,000+");
        assert_eq!(trend.bars[SHOWN - 1].height, HEIGHT);
    }
}
