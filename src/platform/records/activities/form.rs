//! What a person fills in about a call, a meeting or an e-mail.

use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use validator::Validate;

use super::logged::{Direction, LoggedKind, Outcome};
use crate::error::{Error, Result};
use crate::schema::activities;

/// How far ahead a clock may be.
const GRACE: TimeDelta = TimeDelta::minutes(10);

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate, JsonSchema)]
#[serde(default)]
pub struct LoggedForm {
    pub kind: LoggedKind,
    pub direction: Direction,
    pub outcome: Outcome,
    #[validate(length(max = 200))]
    pub subject: String,
    #[validate(length(max = 20000))]
    pub body: String,
    /// A moment, or one on the clock of whoever writes it; nothing for now.
    #[validate(length(max = 40))]
    pub at: String,
    #[validate(range(min = 0, max = 1440, message = "A number of minutes, at most a day."))]
    pub minutes: Option<i32>,
}

#[derive(AsChangeset, Insertable)]
#[diesel(table_name = activities, treat_none_as_null = true)]
pub struct Columns {
    kind: LoggedKind,
    direction: Direction,
    outcome: Outcome,
    subject: String,
    body: String,
    at: DateTime<Utc>,
    minutes: Option<i32>,
}

impl LoggedForm {
    pub fn columns(&self, now: DateTime<Utc>, zone: Tz) -> Result<Columns> {
        let at = match self.at.as_str() {
            "" => now,
            text => moment(text, zone)
                .ok_or_else(|| Error::invalid("at", "Please enter a day and a time of day."))?,
        };
        if at.year() < 1900 {
            return Err(Error::invalid("at", "Please enter a day of this age."));
        }
        if at > now + GRACE {
            let words = "That is still to come. Make a task of it.";
            return Err(Error::invalid("at", words));
        }
        Ok(Columns {
            kind: self.kind,
            direction: self.direction,
            outcome: self.outcome,
            subject: self.subject.clone(),
            body: self.body.clone(),
            at,
            minutes: self.minutes,
        })
    }
}

fn moment(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.to_utc());
    }
    let short = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M");
    let local = short.or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S"));
    let local = local.ok()?;
    let found = zone.from_local_datetime(&local).earliest();
    Some(found.map_or_else(|| local.and_utc(), |at| at.to_utc()))
}
