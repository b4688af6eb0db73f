//! Where in a timeline somebody is, and what comes next from there.

use std::cmp::Reverse;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::sought::{Part, Sought};
use crate::db::Tx;
use crate::error::Result;
use crate::events::Event;
use crate::records::kinds::Kinds;
use crate::web::link;

const ENTRIES: i64 = 30;
const LONGEST_WORDS: usize = 100;

/// What a timeline is asked for.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// The events before this one.
    before: Option<i64>,
    /// Of what is kept elsewhere, that before this moment.
    until: Option<DateTime<Utc>>,
    /// The day whose heading stands already.
    pub(super) day: Option<NaiveDate>,
    pub(super) sought: Sought,
}

impl Place {
    pub(super) fn read(query: &str) -> Place {
        let mut place = Place::default();
        for (key, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match &*key {
                "before" => place.before = value.parse().ok(),
                "until" => {
                    place.until = value.parse().ok().and_then(DateTime::from_timestamp_micros)
                }
                "day" => place.day = value.parse().ok(),
                "part" => place.sought.part = Part::named(&value),
                "q" => {
                    place.sought.words = value
                        .trim()
                        .chars()
                        .filter(|c| !c.is_control())
                        .take(LONGEST_WORDS)
                        .collect()
                }
                _ => {}
            }
        }
        place
    }

    /// The next events of a record from here on, at most [`ENTRIES`], and whether there are more.
    pub(super) fn next(
        &mut self,
        tx: &mut Tx,
        kinds: &Kinds,
        kind: &str,
        record: Uuid,
    ) -> Result<(Vec<Event>, bool)> {
        let (aspects, words) = (self.sought.part.aspects(), self.sought.words.as_str());
        let (logged, walked) =
            Event::of_record(tx, record, aspects, words, self.before, ENTRIES + 1)?;
        let mut others = Vec::new();
        let mut horizon = None;
        for source in kinds.elsewhere(kind) {
            let found = source(tx, record, self.until, ENTRIES + 1, &self.sought)?;
            others.extend(found.events);
            horizon = horizon.max(found.horizon);
        }
        // What lies behind the horizon of one source comes when that has been looked through, too.
        others.retain(|event| horizon.is_none_or(|horizon| event.at >= horizon));
        others.sort_by_key(|event| Reverse(event.at));
        let mut more = logged.len() + others.len() > ENTRIES as usize;
        let (mut logged, mut others) =
            (logged.into_iter().peekable(), others.into_iter().peekable());
        let mut events = Vec::new();
        while events.len() < ENTRIES as usize {
            let later = match (logged.peek(), others.peek()) {
                (Some(event), Some(other)) => other.at > event.at,
                (event, _) => event.is_none(),
            };
            let next = match later {
                true => others.next().inspect(|event| self.until = Some(event.at)),
                false => logged.next().inspect(|event| self.before = Some(event.seq)),
            };
            let Some(next) = next else { break };
            events.push(next);
        }
        if !more && (walked.is_some() || horizon.is_some()) {
            self.before = walked.or(self.before);
            self.until = horizon.or(self.until);
            more = true;
        }
        Ok((events, more))
    }

    /// The timeline at `path` from here on, as [`Place::read`] reads it.
    pub(super) fn url(&self, path: &str) -> String {
        let before = self.before.map(|seq| seq.to_string());
        let until = self.until.map(|at| at.timestamp_micros().to_string());
        let day = self.day.map(|day| day.to_string());
        let pairs = [("before", before), ("until", until), ("day", day)];
        let told = pairs.map(|(key, value)| (key, value.unwrap_or_default()));
        link::filled(path, told.into_iter().chain(self.sought.pairs()))
    }
}
