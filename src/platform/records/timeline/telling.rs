//! Events as entries of a timeline: told in one way, whether they are looked up or happen before the reader's eyes.

use std::sync::Arc;

use chrono_tz::Tz;
use serde_json::Value;
use uuid::Uuid;

use super::words::{What, Words, icon, ids};
use super::{Entries, Entry};
use crate::clock;
use crate::db::Tx;
use crate::error::Result;
use crate::events::Event;
use crate::records::activities::{Logged, LoggedKind, Shown as ShownLogged};
use crate::records::kinds::{Kind, Kinds};
use crate::records::notes::{Note, Shown as ShownNote};
use crate::records::setup::Setup;
use crate::records::shown::Names;
use crate::records::titles::Titles;
use crate::records::undo;

/// What events are told with.
pub struct Telling<'a> {
    pub kinds: &'a Kinds,
    pub setup: &'a Arc<Setup>,
    pub kind: &'a Kind,
    pub zone: Tz,
}

impl Telling<'_> {
    pub fn entries(
        &self,
        tx: &mut Tx,
        events: &[Event],
        shown: impl Fn(Note) -> ShownNote,
        done: impl Fn(Logged) -> ShownLogged,
    ) -> Result<Vec<Entry>> {
        let catalogue = self.setup.catalogue(self.kind);
        let titles = Titles::of(tx, self.kinds, &ids(&catalogue, events))?;
        let notes = Note::of_events(tx, events)?;
        let logged = Logged::of_events(tx, events)?;
        let names = Names {
            setup: self.setup.clone(),
            records: titles.0,
        };
        let words = Words {
            kind: self.kind,
            catalogue: &catalogue,
            names: &names,
            zone: self.zone,
        };
        let entries = events.iter().filter_map(|event| {
            let note = match note_of(event) {
                None => None,
                // A note that is gone, and the changing of one that is not, say nothing.
                Some(id) => Some(notes.iter().find(|n| n.id == id && is_first(event))?),
            };
            let activity = match id_in(event, "activity") {
                None => None,
                Some(id) => {
                    let first = event.kind == "activity.logged";
                    Some(logged.iter().find(|one| one.id == id && first)?)
                }
            };
            Some(Entry {
                seq: event.seq,
                id: event.id,
                kind: event.kind.clone(),
                at: event.at,
                who: event.actor_name.clone(),
                what: match activity {
                    Some(logged) => What::Said(logged.sentence()),
                    None => words.of(event),
                },
                activity: activity.map(|logged| done(logged.clone())),
                note: note.map(|note| shown(note.clone())),
                icon: match activity.map(|logged| logged.kind) {
                    Some(LoggedKind::Call) => "phone",
                    Some(LoggedKind::Meeting) => "users-round",
                    Some(LoggedKind::Email) => "mail",
                    None => icon(event),
                },
                undoable: undo::is_undoable(event, clock::now()),
                undo: None,
                day: None,
                now: false,
            })
        });
        Ok(entries.collect())
    }
}

/// An event as it joins the timelines on screen. Nobody in particular reads it, so nothing in it is to be changed.
pub fn live(tx: &mut Tx, kinds: &Kinds, kind: &Kind, event: &Event) -> Result<Entries> {
    let told = Telling {
        kinds,
        setup: &kinds.setups.within(tx)?,
        kind,
        zone: tx.zone()?,
    };
    let author = event.actor_name.clone();
    let shown = |note| ShownNote::to_nobody(note, author.clone());
    let mut items = told.entries(
        tx,
        std::slice::from_ref(event),
        shown,
        ShownLogged::to_nobody,
    )?;
    for entry in &mut items {
        entry.day = Some(super::TODAY.to_owned());
        entry.now = true;
    }
    Ok(Entries {
        items,
        earlier: None,
        zone: told.zone,
    })
}

fn note_of(event: &Event) -> Option<Uuid> {
    id_in(event, "note")
}

fn id_in(event: &Event, key: &str) -> Option<Uuid> {
    let id = event.data.get(key).and_then(Value::as_str)?;
    id.parse().ok()
}

fn is_first(event: &Event) -> bool {
    event.kind == "note.created"
}
