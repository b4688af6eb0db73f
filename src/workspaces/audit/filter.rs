//! What the URL of the log asks for.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use platform::web::link;
use platform::{Error, Result};
use uuid::Uuid;

const PAGE: i64 = 50;
const MOST: i64 = 200;

/// Who did it: somebody, or nobody in person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    Person(Uuid),
    Machine,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuditFilter {
    pub search: String,
    pub kind: String,
    pub actor: Option<Actor>,
    pub from: Option<NaiveDate>,
    /// The last day that counts.
    pub to: Option<NaiveDate>,
    /// What is older than this place in the log.
    pub before: Option<i64>,
    pub limit: i64,
}

impl AuditFilter {
    pub fn read(query: &str) -> Result<AuditFilter> {
        let mut filter = AuditFilter {
            limit: PAGE,
            ..AuditFilter::default()
        };
        for (key, value) in url::form_urlencoded::parse(query.as_bytes()).take(50) {
            let value = value.trim();
            if value.is_empty() {
                continue;
            }
            let text = || {
                value
                    .chars()
                    .filter(|c| !c.is_control())
                    .take(200)
                    .collect()
            };
            match &*key {
                "search" => filter.search = text(),
                "kind" => filter.kind = text(),
                "actor" if value == "machine" => filter.actor = Some(Actor::Machine),
                "actor" => filter.actor = Some(Actor::Person(read("actor", value)?)),
                "from" => filter.from = Some(read("from", value)?),
                "to" => filter.to = Some(read("to", value)?),
                "cursor" => filter.before = Some(read("cursor", value)?),
                "limit" => filter.limit = read::<i64>("limit", value)?.clamp(1, MOST),
                _ => {}
            }
        }
        Ok(filter)
    }

    /// The moments between which `from` and `to` lie in that zone.
    pub fn between(&self, zone: Tz) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        let start = |day: NaiveDate| {
            let midnight = zone.from_local_datetime(&day.and_time(NaiveTime::MIN));
            // Where the clock is put forward at midnight, the day begins in UTC.
            let at = midnight.earliest().map(|at| at.with_timezone(&Utc));
            at.unwrap_or_else(|| day.and_time(NaiveTime::MIN).and_utc())
        };
        let end = self.to.and_then(|day| day.checked_add_days(Days::new(1)));
        (self.from.map(start), end.map(start))
    }

    pub fn is_empty(&self) -> bool {
        let bare = AuditFilter {
            limit: self.limit,
            before: self.before,
            ..AuditFilter::default()
        };
        *self == bare
    }

    /// This filter as a query string, from another place on.
    pub fn url(&self, before: Option<i64>) -> String {
        let day = |day: Option<NaiveDate>| day.map(|d| d.to_string()).unwrap_or_default();
        let before = before.map(|seq| seq.to_string()).unwrap_or_default();
        let pairs = [
            ("search", self.search.clone()),
            ("kind", self.kind.clone()),
            ("actor", self.actor_key()),
            ("from", day(self.from)),
            ("to", day(self.to)),
            ("cursor", before),
        ];
        link::filled("", pairs)
    }

    pub fn actor_key(&self) -> String {
        match self.actor {
            Some(Actor::Person(id)) => id.to_string(),
            Some(Actor::Machine) => "machine".into(),
            None => String::new(),
        }
    }
}

fn read<T: std::str::FromStr>(field: &'static str, text: &str) -> Result<T> {
    text.parse().map_err(|_| {
        let message = match field {
            "from" | "to" => "Please enter a date such as 2026-05-31.",
            "actor" => "Please choose somebody from the list.",
            _ => "This is not one of our links. Start again from the first page.",
        };
        Error::invalid(field, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_and_ends_where_the_reader_is() {
        let filter = AuditFilter::read("from=2026-03-29&to=2026-03-29").unwrap();
        let (from, to) = filter.between(Tz::Europe__Berlin);
        assert_eq!(from.unwrap().to_rfc3339(), "2026-03-28T23:00:00+00:00");
        assert_eq!(to.unwrap().to_rfc3339(), "2026-03-29T22:00:00+00:00");
    }

    #[test]
    fn what_is_no_date_is_refused_and_what_is_empty_is_nothing() {
        assert!(AuditFilter::read("from=yesterday").is_err());
        assert!(AuditFilter::read("cursor=9e9").is_err());
        assert!(AuditFilter::read("from=&actor=&x=1").unwrap().is_empty());
    }
}
