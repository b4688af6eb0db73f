//! What a person fills in about a task.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Timelike, Utc};
use diesel::prelude::*;
use platform::clock;
use platform::db::{Json, Tx};
use platform::records::{Custom, RecordForm};
use platform::schema::{records, tasks};
use platform::web::fields::comma_separated;
use platform::{Error, Result};
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;
use validator::Validate;

use super::checklist::{Check, are_short, lines};
use super::choices::{Priority, TaskKind};
use super::due;
use super::repeat::{Repeat, WEEKDAYS};
use super::task::Task;

#[derive(
    Clone, Debug, Default, Deserialize, Serialize, Validate, JsonSchema, Insertable, AsChangeset,
)]
#[diesel(table_name = tasks, treat_none_as_null = true)]
#[serde(default)]
pub struct TaskForm {
    #[validate(length(min = 1, max = 200))]
    pub name: String,
    pub kind: TaskKind,
    pub priority: Priority,
    pub due_on: Option<NaiveDate>,
    /// As the clock shows it where whoever sets it is.
    #[serde(deserialize_with = "time", serialize_with = "clock_time")]
    pub due_time: Option<NaiveTime>,
    /// Whose task it is.
    pub owner_id: Option<Uuid>,
    /// The record that it is about, of any kind.
    pub record_id: Option<Uuid>,
    /// A moment, `2026-11-30T09:00:00Z`, or one on the clock of whoever writes it, `2026-11-30T10:00`.
    #[diesel(skip_insertion, skip_update)]
    #[validate(length(max = 40))]
    pub remind_at: String,
    /// A rule of RFC 5545, `FREQ=WEEKLY;BYDAY=MO`.
    #[validate(length(max = 300))]
    pub repeat: String,
    /// The rule as people choose it; nothing leaves `repeat` as it is.
    #[serde(skip_serializing)]
    #[diesel(skip_insertion, skip_update)]
    pub repeat_every: String,
    #[serde(skip_serializing)]
    #[diesel(skip_insertion, skip_update)]
    pub repeat_interval: Option<i32>,
    #[serde(skip_serializing)]
    #[diesel(skip_insertion, skip_update)]
    pub repeat_days: Vec<String>,
    #[serde(skip_serializing)]
    #[diesel(skip_insertion, skip_update)]
    pub repeat_until: Option<NaiveDate>,
    #[serde(skip_serializing)]
    #[diesel(skip_insertion, skip_update)]
    pub repeat_count: Option<i32>,
    #[serde(deserialize_with = "lines")]
    #[validate(custom(function = "are_short"))]
    pub checklist: Json<Vec<Check>>,
    #[validate(length(max = 20000))]
    pub description: String,
    #[serde(deserialize_with = "comma_separated")]
    pub tags: Vec<String>,
    pub custom: Custom,
}

impl RecordForm for TaskForm {
    fn tags(&mut self) -> Option<&mut Vec<String>> {
        Some(&mut self.tags)
    }
    fn custom(&mut self) -> Option<&mut Custom> {
        Some(&mut self.custom)
    }
    fn settle(&mut self, tx: &mut Tx) -> Result<()> {
        if self.due_time.is_some() && self.due_on.is_none() {
            let words = "Please choose the day, too.";
            return Err(Error::invalid("due_on", words));
        }
        if self
            .due_on
            .is_some_and(|day| !clock::YEARS.contains(&day.year()))
        {
            let words = "Please choose a day of this age.";
            return Err(Error::invalid("due_on", words));
        }
        self.settle_repeat()?;
        if let Some(about) = self.record_id {
            let known = records::table.filter(records::id.eq(about));
            let known: bool = diesel::select(diesel::dsl::exists(known)).get_result(&mut **tx)?;
            if !known {
                let words = "That record is gone. Choose another one.";
                return Err(Error::invalid("record_id", words));
            }
        }
        if !self.remind_at.is_empty() {
            let at = match DateTime::parse_from_rfc3339(&self.remind_at) {
                Ok(at) => at.to_utc(),
                Err(_) => {
                    let local = due::at(&self.remind_at).ok_or_else(|| {
                        Error::invalid("remind_at", "Please enter a day and a time of day.")
                    })?;
                    due::moment(local, due::zone_of(tx)?)
                }
            };
            if !clock::YEARS.contains(&at.year()) {
                let words = "Please choose a day of this age.";
                return Err(Error::invalid("remind_at", words));
            }
            self.remind_at = written(at);
        }
        Ok(())
    }
}

impl TaskForm {
    /// The rule as it is kept, from what was chosen or written.
    fn settle_repeat(&mut self) -> Result<()> {
        let refused = |problem: String| Error::invalid("repeat", problem);
        let every = std::mem::take(&mut self.repeat_every);
        self.repeat = match every.as_str() {
            // As it was, or as a program wrote it.
            "" | "custom" if self.repeat.trim().is_empty() => String::new(),
            "" | "custom" => Repeat::parse(&self.repeat).map_err(refused)?.to_string(),
            "none" => String::new(),
            every => self.chosen(every).map_err(refused)?.to_string(),
        };
        if !self.repeat.is_empty() && self.due_on.is_none() {
            let words = "A task that repeats needs a day on which it is due first.";
            return Err(Error::invalid("due_on", words));
        }
        Ok(())
    }

    fn chosen(&self, every: &str) -> std::result::Result<Repeat, String> {
        let freq = Repeat::period(every).ok_or("Please choose how often it repeats.")?;
        let number = |given: Option<i32>| u32::try_from(given.unwrap_or(1)).unwrap_or(0);
        let mut repeat = Repeat::every(freq, number(self.repeat_interval));
        if freq == "WEEKLY" {
            let chosen = WEEKDAYS.iter().map(|(key, _)| (*key).to_owned());
            repeat.days = chosen
                .filter(|day| self.repeat_days.contains(day))
                .collect();
        }
        repeat.until = self.repeat_until;
        repeat.count = self.repeat_count.map(|n| number(Some(n)));
        // What was chosen is held against the same rules as what is written.
        Repeat::parse(&repeat.to_string())
    }

    pub fn remind_at(&self) -> Option<DateTime<Utc>> {
        let at = DateTime::parse_from_rfc3339(&self.remind_at).ok()?;
        Some(at.to_utc())
    }
}

/// A moment as a form holds it.
pub fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

/// `10:00`, as people write it and a field of a form holds it; seconds only where there are some.
fn clock_time<S: Serializer>(
    time: &Option<NaiveTime>,
    to: S,
) -> std::result::Result<S::Ok, S::Error> {
    let text = time.map(|time| match time.second() {
        0 => time.format("%H:%M").to_string(),
        _ => time.format("%H:%M:%S").to_string(),
    });
    text.serialize(to)
}

/// `10:00`, with or without seconds.
fn time<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<Option<NaiveTime>, D::Error> {
    let text = Option::<String>::deserialize(from)?.unwrap_or_default();
    if text.is_empty() {
        return Ok(None);
    }
    let short = NaiveTime::parse_from_str(&text, "%H:%M");
    let found = short.or_else(|_| NaiveTime::parse_from_str(&text, "%H:%M:%S%.f"));
    let found = found.map_err(|_| D::Error::custom("Please enter a time of day such as 14:30."))?;
    Ok(Some(found))
}

impl From<&Task> for TaskForm {
    fn from(t: &Task) -> TaskForm {
        TaskForm {
            name: t.name.clone(),
            kind: t.kind,
            priority: t.priority,
            due_on: t.due_on,
            due_time: t.due_time,
            owner_id: t.owner_id,
            record_id: t.record_id,
            remind_at: t.remind_at.map_or_else(String::new, written),
            repeat: t.repeat.clone(),
            checklist: t.checklist.clone(),
            description: t.description.clone(),
            tags: t.tags.clone(),
            custom: t.custom.clone(),
            ..TaskForm::default()
        }
    }
}
