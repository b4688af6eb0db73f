//! What of a timeline somebody wants to see: a part of it, and what holds some words.

use chrono::{DateTime, Utc};

use crate::events::Event;

/// A part of a timeline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    #[default]
    All,
    Notes,
    Calls,
    Mails,
    Tasks,
    Changes,
}

pub const PARTS: [(Part, &str, &str); 6] = [
    (Part::All, "", "All"),
    (Part::Notes, "notes", "Notes"),
    (Part::Calls, "calls", "Calls and meetings"),
    (Part::Mails, "mails", "E-mails"),
    (Part::Tasks, "tasks", "Tasks"),
    (Part::Changes, "changes", "Changes"),
];

impl Part {
    pub fn named(key: &str) -> Part {
        let found = PARTS.iter().find(|(_, name, _)| *name == key);
        found.map_or(Part::All, |(part, ..)| *part)
    }

    pub fn key(self) -> &'static str {
        let found = PARTS.iter().find(|(part, ..)| *part == self);
        found.map_or("", |(_, key, _)| key)
    }

    /// Which events belong to it, by their aspect; what people log is told from its own rows.
    pub fn aspects(self) -> &'static [&'static str] {
        match self {
            Part::All => &["note", "task", "mail", "change"],
            Part::Notes => &["note"],
            Part::Calls => &[],
            Part::Mails => &["mail"],
            Part::Tasks => &["task"],
            Part::Changes => &["change"],
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Sought {
    pub part: Part,
    /// What it has to hold, in one piece; empty where anything will do.
    pub words: String,
}

impl Sought {
    pub fn wants(&self, part: Part) -> bool {
        self.part == Part::All || self.part == part
    }

    /// As the address of a timeline says it.
    pub fn pairs(&self) -> [(&'static str, String); 2] {
        [
            ("part", self.part.key().to_owned()),
            ("q", self.words.clone()),
        ]
    }

    pub fn is_everything(&self) -> bool {
        self.part == Part::All && self.words.is_empty()
    }
}

/// What a source found.
#[derive(Debug, Default)]
pub struct Found {
    pub events: Vec<Event>,
    /// How far back it looked, where there is more beyond.
    pub horizon: Option<DateTime<Utc>>,
}

impl From<Vec<Event>> for Found {
    fn from(events: Vec<Event>) -> Found {
        Found {
            events,
            horizon: None,
        }
    }
}
