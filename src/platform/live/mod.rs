//! Live updates: finished HTML fragments, rendered once for each room and streamed to the pages that show it.
//!
//! Rooms are a person (`me:…`), a list (`contacts`) and a record (`contact:…`), each within a workspace.

mod dispatch;
mod place;
mod progress;
mod relay;
mod socket;
mod whereabouts;

use std::collections::HashMap;
use std::sync::Arc;

use bytestring::ByteString;
use parking_lot::Mutex;
use tokio::sync::{broadcast, watch};
use uuid::Uuid;

use crate::db::Tx;
use crate::error::Result;
use crate::web::can::Member;

pub use dispatch::{Dispatcher, Fragment, Render, bell, unread};
pub use progress::{Bar, Progress};
pub use relay::{Ears, Message, Relay, Way};
pub use socket::routes;
pub use whereabouts::{Here, Present, Whereabouts};

/// What a slow page may lag behind before it is told to load itself anew.
const BACKLOG: usize = 256;

pub type RoomKey = (Uuid, String);

/// A kind of room that is about no record: `import:…`.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    pub kind: &'static str,
    pub resource: &'static str,
    /// Whether a member who may view the resource may be in that room; without it, whoever may view all of it may.
    pub admits: Option<Admits>,
}

pub type Admits = fn(&mut Tx, &Member, Uuid) -> Result<bool>;

/// The rooms of this process and who listens in them.
#[derive(Clone, Default)]
pub struct Hub {
    closing: Closing,
    rooms: Arc<Mutex<HashMap<RoomKey, broadcast::Sender<ByteString>>>>,
    /// How many sockets each person has open.
    open: Arc<Mutex<HashMap<Uuid, usize>>>,
    /// Who is where, in all processes.
    pub whereabouts: Whereabouts,
}

/// Says to every socket that the process ends.
#[derive(Clone)]
struct Closing(Arc<watch::Sender<bool>>);

impl Default for Closing {
    fn default() -> Closing {
        Closing(Arc::new(watch::channel(false).0))
    }
}

impl Hub {
    /// Closes every socket with 1012 (service restart), so that pages come back and shutting down waits for none.
    pub fn close(&self) {
        self.closing.0.send_replace(true);
    }

    /// Resolves when the process ends.
    async fn closed(&self) {
        let mut closing = self.closing.0.subscribe();
        // The sender lives as long as the hub, so waiting can't fail.
        let _ = closing.wait_for(|closing| *closing).await;
    }

    pub fn join(&self, workspace: Uuid, room: &str) -> broadcast::Receiver<ByteString> {
        let mut rooms = self.rooms.lock();
        let sender = rooms
            .entry((workspace, room.to_owned()))
            .or_insert_with(|| broadcast::channel(BACKLOG).0);
        sender.subscribe()
    }

    /// Whether anybody would see what is sent there.
    pub fn listened_to(&self, workspace: Uuid, room: &str) -> bool {
        let rooms = self.rooms.lock();
        rooms
            .get(&(workspace, room.to_owned()))
            .is_some_and(|s| s.receiver_count() > 0)
    }

    /// Gives the fragment to every page in the room; nobody waits for a slow one.
    pub fn send(&self, workspace: Uuid, room: &str, html: impl Into<ByteString>) -> usize {
        let sender = self
            .rooms
            .lock()
            .get(&(workspace, room.to_owned()))
            .cloned();
        sender.and_then(|s| s.send(html.into()).ok()).unwrap_or(0)
    }

    /// Forgets rooms that everybody has left.
    fn sweep(&self) {
        self.rooms
            .lock()
            .retain(|_, sender| sender.receiver_count() > 0);
        self.whereabouts.sweep();
    }

    /// Counts a person's socket in, or refuses it where they have too many.
    fn enter(&self, person: Uuid) -> Option<Counted> {
        let mut open = self.open.lock();
        let count = open.entry(person).or_default();
        if *count >= socket::MOST_A_PERSON {
            return None;
        }
        *count += 1;
        Some(Counted {
            hub: self.clone(),
            person,
        })
    }

    /// Open sockets, for the metrics.
    pub fn sockets(&self) -> usize {
        self.open.lock().values().sum()
    }
}

/// One open socket; counted out when it is dropped.
struct Counted {
    hub: Hub,
    person: Uuid,
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut open = self.hub.open.lock();
        if let Some(count) = open.get_mut(&self.person) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.person);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_room_is_heard_by_those_in_it_and_by_nobody_else() {
        let hub = Hub::default();
        let (acme, globex) = (Uuid::now_v7(), Uuid::now_v7());
        let mut here = hub.join(acme, "contacts");
        let mut elsewhere = hub.join(globex, "contacts");
        assert_eq!(hub.send(acme, "contacts", "<p>"), 1);
        assert_eq!(here.recv().await.unwrap(), "<p>");
        assert!(elsewhere.try_recv().is_err());
        drop(here);
        assert!(!hub.listened_to(acme, "contacts"));
    }

    #[test]
    fn one_person_has_a_bounded_number_of_sockets() {
        let hub = Hub::default();
        let person = Uuid::now_v7();
        let mut all: Vec<_> = (0..socket::MOST_A_PERSON)
            .map(|_| hub.enter(person).unwrap())
            .collect();
        assert!(hub.enter(person).is_none());
        all.pop();
        assert!(hub.enter(person).is_some());
    }
}
