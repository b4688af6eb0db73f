//! What an editor fills in about a sequence, and when its steps may go out.

use std::fmt;

use chrono::{DateTime, Datelike, Days, NaiveTime, TimeDelta, TimeZone, Timelike, Utc, Weekday};
use chrono_tz::Tz;
use diesel::prelude::*;
use platform::Result;
use platform::db::Tx;
use platform::records::{Custom, RecordForm};
use platform::schema::sequences;
use platform::web::fields::comma_separated;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::{Validate, ValidationError};

pub const MOST_STEPS: u64 = 20;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Validate)]
#[serde(default)]
pub struct Step {
    pub template_id: Option<Uuid>,
    /// Hours after the step before (or the enrolment).
    #[validate(range(min = 0, max = 8760, message = "A pause lasts from 0 to 8,760 hours."))]
    pub delay_hours: i32,
}

#[derive(Clone, Debug, Deserialize, Serialize, Validate)]
#[serde(default)]
#[validate(schema(function = "has_a_window"))]
pub struct Plan {
    #[validate(length(min = 1, max = 150))]
    pub name: String,
    #[validate(
        nested,
        length(max = "MOST_STEPS", message = "A sequence has at most 20 steps.")
    )]
    pub steps: Vec<Step>,
    pub weekdays_only: bool,
    #[validate(range(min = 0, max = 23, message = "An hour from 0 to 23."))]
    pub from_hour: i32,
    #[validate(range(min = 1, max = 24, message = "An hour from 1 to 24."))]
    pub to_hour: i32,
    /// Readers who do not want it are left out, and leave when they refuse it.
    pub topic_id: Option<Uuid>,
    #[serde(deserialize_with = "comma_separated")]
    pub tags: Vec<String>,
    pub custom: Custom,
}

impl Default for Plan {
    fn default() -> Plan {
        Plan {
            name: String::new(),
            steps: vec![
                Step::default(),
                Step {
                    template_id: None,
                    delay_hours: 48,
                },
            ],
            weekdays_only: true,
            from_hour: 8,
            to_hour: 18,
            topic_id: None,
            tags: Vec::new(),
            custom: Custom::default(),
        }
    }
}

fn has_a_window(plan: &Plan) -> std::result::Result<(), ValidationError> {
    if plan.from_hour < plan.to_hour {
        return Ok(());
    }
    Err(ValidationError::new("window")
        .with_message("The sending hours must begin before they end.".into()))
}

impl RecordForm for Plan {
    fn tags(&mut self) -> Option<&mut Vec<String>> {
        Some(&mut self.tags)
    }
    fn custom(&mut self) -> Option<&mut Custom> {
        Some(&mut self.custom)
    }
    /// A step for which no template was chosen is none.
    fn settle(&mut self, _: &mut Tx) -> Result<()> {
        self.steps.retain(|step| step.template_id.is_some());
        Ok(())
    }
}

/// When mails may go out: hours of the day in a zone, perhaps on weekdays alone.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub from_hour: i32,
    pub to_hour: i32,
    pub weekdays_only: bool,
    pub zone: Tz,
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = match self.weekdays_only {
            true => "Monday to Friday",
            false => "Every day",
        };
        let (from, to, zone) = (self.from_hour, self.to_hour, self.zone.name());
        write!(f, "{days}, {from}:00–{to}:00 ({})", zone.replace('_', " "))
    }
}

impl Window {
    /// The first moment from `at` on that lies in the window.
    pub fn next(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        let mut local = at.with_timezone(&self.zone);
        // Two weeks hold every combination of weekend and clock change.
        for _ in 0..14 {
            let day_is_on =
                !self.weekdays_only || !matches!(local.weekday(), Weekday::Sat | Weekday::Sun);
            let hour = local.hour() as i32;
            if day_is_on && hour >= self.from_hour && hour < self.to_hour {
                return local.with_timezone(&Utc);
            }
            let today_still = day_is_on && hour < self.from_hour;
            let date = if today_still {
                local.date_naive()
            } else {
                local.date_naive() + Days::new(1)
            };
            let opens =
                NaiveTime::from_hms_opt(self.from_hour as u32, 0, 0).unwrap_or(NaiveTime::MIN);
            let naive = date.and_time(opens);
            // An hour that the clock change skips begins when the clock goes on.
            local = match self.zone.from_local_datetime(&naive).earliest() {
                Some(local) => local,
                None => match self
                    .zone
                    .from_local_datetime(&(naive + TimeDelta::hours(1)))
                    .earliest()
                {
                    Some(local) => local,
                    None => return at,
                },
            };
        }
        at
    }
}

/// The columns that a plan is kept in.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = sequences, treat_none_as_null = true)]
pub struct Columns {
    name: String,
    steps: serde_json::Value,
    weekdays_only: bool,
    from_hour: i32,
    to_hour: i32,
    topic_id: Option<Uuid>,
    tags: Vec<String>,
    custom: Custom,
}

impl TryFrom<&Plan> for Columns {
    type Error = platform::Error;
    fn try_from(plan: &Plan) -> Result<Columns> {
        Ok(Columns {
            name: plan.name.clone(),
            steps: serde_json::to_value(&plan.steps)?,
            weekdays_only: plan.weekdays_only,
            from_hour: plan.from_hour,
            to_hour: plan.to_hour,
            topic_id: plan.topic_id,
            tags: plan.tags.clone(),
            custom: plan.custom.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn office() -> Window {
        Window {
            from_hour: 8,
            to_hour: 18,
            weekdays_only: true,
            zone: chrono_tz::Europe::Berlin,
        }
    }

    fn next(at: &str) -> String {
        office().next(at.parse().unwrap()).to_rfc3339()
    }

    #[test]
    fn within_the_window_nothing_waits() {
        assert_eq!(next("2026-11-20T10:30:00Z"), "2026-11-20T10:30:00+00:00");
    }

    #[test]
    fn friday_evening_waits_for_monday_morning() {
        assert_eq!(next("2026-11-20T18:00:00Z"), "2026-11-23T07:00:00+00:00");
    }

    #[test]
    fn early_morning_waits_for_the_same_day_in_the_zone() {
        assert_eq!(next("2026-07-01T03:00:00Z"), "2026-07-01T06:00:00+00:00");
    }

    #[test]
    fn an_hour_that_the_clock_skips_is_not_lost() {
        let window = Window {
            from_hour: 2,
            to_hour: 4,
            weekdays_only: false,
            zone: chrono_tz::Europe::Berlin,
        };
        let at = "2026-03-28T20:00:00Z".parse().unwrap();
        assert_eq!(window.next(at).to_rfc3339(), "2026-03-29T01:00:00+00:00");
    }
}
