//! Where one page is, and what somebody does there, as it says itself.

use std::sync::Arc;
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::dispatch::show_present;
use super::whereabouts::{ANYWHERE, Here};
use crate::web::can::Member;

/// A page that says more than this is not listened to until the next heartbeat.
const MOST: u32 = 20;
const WITHIN: Duration = Duration::from_secs(10);
/// Longer names of fields are nobody's.
const LONGEST_FIELD: usize = 80;

/// The room, and the field.
type Told = Option<(String, Option<String>)>;

/// Of one page, named by an id of its own.
pub struct Place {
    page: Uuid,
    member: Arc<Member>,
    now: Told,
    /// What it said when it was not listened to.
    unheard: Option<Told>,
    told: u32,
    since: Instant,
}

impl Place {
    /// Somewhere in the workspace, in no room yet.
    pub fn new(member: &Arc<Member>) -> Place {
        let place = Place {
            page: Uuid::now_v7(),
            member: member.clone(),
            now: None,
            unheard: None,
            told: 0,
            since: Instant::now(),
        };
        place.tell(ANYWHERE, Some(place.here(None)));
        place
    }

    pub fn said(&mut self, told: Told) {
        if self.since.elapsed() > WITHIN {
            (self.told, self.since) = (0, Instant::now());
        }
        self.told += 1;
        match self.told > MOST {
            true => self.unheard = Some(told),
            false => self.go(told),
        }
    }

    fn go(&mut self, told: Told) {
        self.unheard = None;
        let left = |room: &String| told.as_ref().is_none_or(|(next, _)| next != room);
        if let Some((room, _)) = self.now.as_ref().filter(|(room, _)| left(room)) {
            self.tell(room, None);
        }
        self.now = told;
        self.stand();
    }

    fn stand(&self) {
        if let Some((room, field)) = &self.now {
            let editing = field.as_ref().map(|field| self.called(room, field));
            self.tell(room, Some(self.here(editing)));
        }
    }

    /// The field as this kind of record knows it: what a page calls a field is shown to nobody.
    fn called(&self, room: &str, field: &str) -> (String, String) {
        let kind = room.split_once(':').map_or("", |(kind, _)| kind);
        let kind = self.member.app.kinds.get(kind);
        let known = kind
            .filter(|_| field.len() <= LONGEST_FIELD)
            .and_then(|kind| {
                let catalogue = self.member.setup.catalogue(kind);
                let field = catalogue.get(field)?;
                Some((field.key.clone(), field.label.clone()))
            });
        known.unwrap_or_default()
    }

    /// The page has left that room.
    pub fn without(&mut self, room: &str) {
        if self.now.as_ref().is_some_and(|(now, _)| now == room) {
            self.go(None);
        }
    }

    /// It is still there: says so again, and looks whether the others are.
    pub fn confirm(&mut self) {
        self.tell(ANYWHERE, Some(self.here(None)));
        match self.unheard.take() {
            Some(told) => self.go(told),
            None => self.stand(),
        }
        if let Some((room, _)) = &self.now {
            let (app, workspace) = (&self.member.app, self.member.membership.workspace_id);
            if app.live.whereabouts.expire(workspace, room) {
                show_present(app, workspace, room);
            }
        }
    }

    /// The page is gone.
    pub fn left(&mut self) {
        self.go(None);
        self.tell(ANYWHERE, None);
    }

    fn here(&self, editing: Option<(String, String)>) -> Here {
        let person = self.member.person();
        Here::new(person.id, &person.name, editing)
    }

    fn tell(&self, room: &str, here: Option<Here>) {
        let (app, workspace) = (&self.member.app, self.member.membership.workspace_id);
        app.dispatcher.moved(app, workspace, room, self.page, here);
    }
}
