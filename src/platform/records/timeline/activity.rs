//! What stands beside a record: where things are written down, and what happened.

use askama::Template;
use serde::Serialize;
use uuid::Uuid;

use super::Entries;
use super::aside::{Aside, Composer};
use super::place::Place;
use super::sought::{PARTS, Part, Sought};
use crate::db::Tx;
use crate::error::Result;
use crate::records::followers;
use crate::records::kinds::Kind;
use crate::records::notes::{Note, Shown as ShownNote};
use crate::web::can::Member;
use crate::web::{filters, link};

/// More colleagues to pick from are no help.
const MOST_NAMED: usize = 300;

/// What stands beside a record: the composer, what slices put there, the pinned notes, and the timeline.
#[derive(Clone, Debug, Template, Serialize)]
#[template(path = "records/activity.html", blocks = ["timeline"])]
pub struct Activity {
    pub entries: Entries,
    #[serde(skip)]
    asides: Vec<Aside>,
    /// Who can be named in a note.
    #[serde(skip)]
    people: Vec<String>,
    #[serde(skip)]
    sought: Sought,
    pub pinned: Vec<ShownNote>,
    pub following: bool,
    /// `/w/acme/records/contact/{id}`.
    #[serde(skip)]
    url: String,
    #[serde(skip)]
    singular: &'static str,
    #[serde(skip)]
    room: String,
    #[serde(skip)]
    may_note: bool,
}

impl Activity {
    pub fn load(
        tx: &mut Tx,
        member: &Member,
        kind: &Kind,
        record: Uuid,
        place: Place,
    ) -> Result<Activity> {
        let pinned = Note::pinned(tx, record)?.into_iter();
        let besides = member.app.kinds.besides().iter();
        let asides: Result<Vec<Aside>> = besides
            .map(|beside| beside(tx, member, kind, record))
            .collect();
        let people = member.setup.people.iter().filter(|person| person.active);
        Ok(Activity {
            asides: asides?,
            people: people.take(MOST_NAMED).map(|p| p.name.clone()).collect(),
            sought: place.sought.clone(),
            entries: Entries::load(tx, member, kind, record, place)?,
            pinned: pinned
                .map(|note| ShownNote::of(member, kind, note))
                .collect(),
            following: followers::follows(tx, record, member.person().id)?,
            url: member.url(&format!("/records/{}/{record}", kind.name)),
            singular: kind.singular,
            room: format!("{}:{record}", kind.name),
            may_note: member.may("notes", "create"),
        })
    }

    fn composers(&self) -> impl Iterator<Item = &Composer> {
        self.asides
            .iter()
            .filter_map(|aside| aside.composer.as_ref())
    }

    fn logged_kinds(&self) -> [(&'static str, &'static str, &'static str); 3] {
        [
            ("call", "Call", "phone"),
            ("meeting", "Meeting", "users-round"),
            ("email", "E-mail", "mail"),
        ]
    }

    /// How such a thing can have come out.
    fn outcomes(&self, kind: &str) -> &'static [(&'static str, &'static str)] {
        match kind {
            "call" => &[
                ("reached", "Reached"),
                ("no_answer", "No answer"),
                ("left_message", "Left a message"),
                ("busy", "Busy"),
                ("wrong_number", "Wrong number"),
            ],
            "meeting" => &[("held", "Took place"), ("cancelled", "Cancelled")],
            _ => &[("replied", "Replied"), ("no_reply", "No reply")],
        }
    }

    fn parts(&self) -> [(Part, &'static str, &'static str); 6] {
        PARTS
    }

    fn shows(&self, part: &Part) -> bool {
        self.sought.part == *part
    }

    /// The timeline narrowed to a part; the words stay.
    fn part_url(&self, part: &Part) -> String {
        let words = ("q", self.sought.words.clone());
        let part = ("part", part.key().to_owned());
        link::filled(&format!("{}/timeline", self.url), [part, words])
    }

    /// The list alone, to take the place of the one on the page.
    pub fn refreshed(&self) -> Refreshed<'_> {
        Refreshed {
            entries: &self.entries,
        }
    }
}

#[derive(Template)]
#[template(path = "records/timeline_oob.html")]
pub struct Refreshed<'a> {
    entries: &'a Entries,
}
