//! Who is where: which record a page shows, and which field somebody is in there.
//!
//! It is kept in the memory of each process and told to the others; what nobody confirms for a while is forgotten, so that a
//! process that died leaves no ghosts.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::RoomKey;
use crate::clock;
use crate::web::filters;

/// A page confirms where it is at least twice in this time.
pub const KEPT: TimeDelta = TimeDelta::seconds(120);
/// The room of everybody who has a page of the workspace open.
pub const ANYWHERE: &str = "";
/// More faces than this are a crowd.
const FACES: usize = 8;

/// Somebody in a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Here {
    pub person: Uuid,
    pub name: String,
    /// `None`: they look. Else the field that they are in and what it is called, as far as that is known.
    pub editing: Option<(String, String)>,
    pub until: DateTime<Utc>,
}

impl Here {
    pub fn new(person: Uuid, name: &str, editing: Option<(String, String)>) -> Here {
        Here {
            person,
            name: name.to_owned(),
            editing,
            until: clock::now() + KEPT,
        }
    }

    fn is_same(&self, other: &Here) -> bool {
        (self.person, &self.editing) == (other.person, &other.editing)
    }
}

/// Page by page, who is in each room.
#[derive(Clone, Default)]
pub struct Whereabouts(Arc<Mutex<HashMap<RoomKey, HashMap<Uuid, Here>>>>);

impl Whereabouts {
    /// A page is here now; gives whether that is news.
    pub fn enter(&self, workspace: Uuid, room: &str, page: Uuid, here: Here) -> bool {
        let mut rooms = self.0.lock();
        let pages = rooms.entry((workspace, room.to_owned())).or_default();
        let news = pages.get(&page).is_none_or(|was| !was.is_same(&here));
        pages.insert(page, here);
        news
    }

    /// It is here no longer; gives whether it was.
    pub fn leave(&self, workspace: Uuid, room: &str, page: Uuid) -> bool {
        let mut rooms = self.0.lock();
        let key = (workspace, room.to_owned());
        let Some(pages) = rooms.get_mut(&key) else {
            return false;
        };
        let was = pages.remove(&page).is_some();
        if pages.is_empty() {
            rooms.remove(&key);
        }
        was
    }

    /// Everybody in a room, once each, by name; whoever edits in one of their pages edits.
    pub fn of(&self, workspace: Uuid, room: &str) -> Vec<Here> {
        let now = clock::now();
        let rooms = self.0.lock();
        let pages = rooms.get(&(workspace, room.to_owned()));
        let mut people: Vec<Here> = Vec::new();
        for here in pages.into_iter().flat_map(|pages| pages.values()) {
            if here.until <= now {
                continue;
            }
            match people.iter_mut().find(|known| known.person == here.person) {
                None => people.push(here.clone()),
                Some(known) if known.editing.is_none() => known.editing = here.editing.clone(),
                Some(_) => {}
            }
        }
        people.sort_by(|a, b| (&a.name, a.person).cmp(&(&b.name, b.person)));
        people
    }

    /// Whoever has a page open.
    pub fn online(&self, workspace: Uuid) -> Vec<Uuid> {
        let anywhere = self.of(workspace, ANYWHERE).into_iter();
        anywhere.map(|here| here.person).collect()
    }

    /// Forgets in one room what nobody confirmed; gives whether that is news.
    pub fn expire(&self, workspace: Uuid, room: &str) -> bool {
        let now = clock::now();
        let mut rooms = self.0.lock();
        let Some(pages) = rooms.get_mut(&(workspace, room.to_owned())) else {
            return false;
        };
        let before = pages.len();
        pages.retain(|_, here| here.until > now);
        pages.len() < before
    }

    /// The same in all rooms, of which nobody need hear.
    pub fn sweep(&self) {
        let now = clock::now();
        self.0.lock().retain(|_, pages| {
            pages.retain(|_, here| here.until > now);
            !pages.is_empty()
        });
    }
}

/// Who else is here, as one of them sees it.
#[derive(Template)]
#[template(path = "platform/live/presence.html")]
pub struct Present {
    pub room: String,
    pub people: Vec<Here>,
    /// It replaces the one on the page.
    pub live: bool,
}

impl Present {
    pub fn without(me: Uuid, room: &str, mut people: Vec<Here>, live: bool) -> Present {
        people.retain(|here| here.person != me);
        people.truncate(FACES);
        Present {
            room: room.to_owned(),
            people,
            live,
        }
    }

    fn id(&self) -> String {
        element(&self.room)
    }

    /// "Bob is viewing", "Carol is editing Amount".
    fn words(&self, here: &Here) -> String {
        match &here.editing {
            None => format!("{} is viewing", here.name),
            Some(_) if self.is_talk() => format!("{} is typing…", here.name),
            Some((_, label)) if label.is_empty() => format!("{} is editing", here.name),
            Some((_, label)) => format!("{} is editing {label}", here.name),
        }
    }

    fn field<'a>(&self, here: &'a Here) -> &'a str {
        here.editing.as_ref().map_or("", |(field, _)| field)
    }

    /// In a conversation only who writes is of interest.
    fn is_talk(&self) -> bool {
        self.room.starts_with("chat:")
    }

    fn is_shown(&self, here: &Here) -> bool {
        !self.is_talk() || here.editing.is_some()
    }
}

fn element(room: &str) -> String {
    format!("presence-{}", room.replace(':', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn somebody(name: &str, field: Option<&str>) -> Here {
        let field = field.map(|field| (field.to_owned(), "Amount".to_owned()));
        Here::new(Uuid::from_u128(name.len() as u128), name, field)
    }

    fn words(room: &Whereabouts, me: u128, at: &str) -> Vec<String> {
        let people = room.of(Uuid::nil(), at);
        let present = Present::without(Uuid::from_u128(me), at, people, true);
        let shown = present.people.iter().filter(|h| present.is_shown(h));
        shown.map(|here| present.words(here)).collect()
    }

    #[test]
    fn others_see_who_is_there_and_what_they_are_at() {
        let (all, ws) = (Whereabouts::default(), Uuid::nil());
        let [one, two, three] = [1, 2, 3].map(Uuid::from_u128);
        assert!(all.enter(ws, "deal:1", one, somebody("Bob", None)));
        assert!(all.enter(ws, "deal:1", two, somebody("Carol", None)));
        assert!(
            !all.enter(ws, "deal:1", two, somebody("Carol", None)),
            "no news"
        );
        assert!(all.enter(ws, "deal:1", three, somebody("Carol", Some("amount"))));
        assert_eq!(
            words(&all, 0, "deal:1"),
            ["Bob is viewing", "Carol is editing Amount"]
        );
        assert_eq!(words(&all, 3, "deal:1"), ["Carol is editing Amount"]);
        assert_eq!(words(&all, 0, "deal:2"), [""; 0]);
        assert!(all.leave(ws, "deal:1", three) && !all.leave(ws, "deal:1", three));
        assert_eq!(words(&all, 3, "deal:1"), ["Carol is viewing"]);
    }

    #[test]
    fn whom_nobody_confirms_is_forgotten() {
        let (all, ws, page) = (Whereabouts::default(), Uuid::nil(), Uuid::nil());
        let at = clock::now();
        let stopped = clock::freeze(at);
        all.enter(ws, "deal:1", page, somebody("Bob", None));
        all.enter(ws, ANYWHERE, page, somebody("Bob", None));
        drop(stopped);
        let stopped = clock::freeze(at + KEPT - TimeDelta::seconds(1));
        assert_eq!(all.online(ws).len(), 1);
        assert!(!all.expire(ws, "deal:1"));
        drop(stopped);
        let _stopped = clock::freeze(at + KEPT);
        assert_eq!(all.of(ws, "deal:1"), []);
        assert!(all.online(ws).is_empty());
        assert!(all.expire(ws, "deal:1"));
        all.sweep();
        assert!(all.0.lock().is_empty());
    }

    #[test]
    fn names_are_text_and_in_a_conversation_only_writers_show() {
        let all = Whereabouts::default();
        let bob = somebody("<b>Bob", Some("body"));
        all.enter(Uuid::nil(), "chat:1", Uuid::nil(), bob);
        all.enter(Uuid::nil(), "chat:1", Uuid::max(), somebody("Al", None));
        assert_eq!(words(&all, 0, "chat:1"), ["<b>Bob is typing…"]);
        let people = all.of(Uuid::nil(), "chat:1");
        let present = Present::without(Uuid::max(), "chat:1", people, true);
        let html = present.render().unwrap();
        assert!(!html.contains("<b>"), "{html}");
    }
}
