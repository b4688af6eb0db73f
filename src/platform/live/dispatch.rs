//! From a committed event to the fragments that show it.

use std::sync::{Arc, Weak};

use askama::Template;
use bytestring::ByteString;
use diesel::prelude::*;
use parking_lot::RwLock;
use uuid::Uuid;

use super::relay::{Message, Relay};
use super::whereabouts::{ANYWHERE, Here, Present};
use crate::db::tx::{Aftermath, Subject};
use crate::error::Result;
use crate::events::Event;
use crate::schema::{events, notifications};
use crate::web::App;
use crate::web::app::AfterCommit;

/// More events than this in one transaction are a bulk act: its lists are told to look again, once.
const MOST_SHOWN: usize = 50;
/// What a page that was away for long catches up on at most.
const MOST_CAUGHT_UP: i64 = 100;

#[derive(Clone, Debug)]
pub struct Fragment {
    pub room: String,
    pub html: String,
}

/// How a slice shows an event live. It runs on a blocking thread, and only where somebody is in the room it asks for.
pub type Render = fn(&App, Uuid, &Event) -> Result<Vec<Fragment>>;

/// Reads committed events and sends what they look like to the rooms.
#[derive(Clone)]
pub struct Dispatcher {
    /// Set once the application stands; weak, because the application owns us.
    app: Arc<RwLock<Weak<App>>>,
    renders: Arc<Vec<Render>>,
    relay: Option<Relay>,
}

impl Dispatcher {
    pub fn new(renders: Vec<Render>, relay: Option<Relay>) -> Dispatcher {
        Dispatcher {
            app: Arc::new(RwLock::new(Weak::new())),
            renders: Arc::new(renders),
            relay,
        }
    }

    pub fn attach(&self, app: &Arc<App>) {
        *self.app.write() = Arc::downgrade(app);
    }

    /// Renders and sends, on this (blocking) thread.
    pub fn show(&self, app: &App, workspace: Uuid, shown: &[Event]) {
        for event in shown.iter().take(MOST_SHOWN) {
            for render in self.renders.iter() {
                match render(app, workspace, event) {
                    Ok(fragments) => send(app, workspace, fragments),
                    Err(error) => tracing::warn!(
                        ?error,
                        kind = event.kind,
                        "an event could not be shown live"
                    ),
                }
            }
        }
        if let Err(error) = ring(app, workspace, shown) {
            tracing::warn!(?error, "the bell could not be rung");
        }
    }

    /// Sends a fragment that comes of no event, such as how far a job is, to the room in every process.
    pub fn tell(&self, app: &App, workspace: Uuid, room: &str, html: String) {
        if let Some(relay) = &self.relay {
            relay.send(Message::Html {
                workspace,
                room: room.to_owned(),
                html: html.clone(),
            });
        }
        app.live.send(workspace, room, html);
    }

    /// Tells the lists of a collection that many of their rows changed.
    pub fn tell_lists(&self, app: &App, workspace: Uuid, collection: &str) {
        match Fresh.render() {
            Ok(html) => self.tell(app, workspace, collection, html),
            Err(error) => tracing::warn!(?error, "the lists could not be told of a change"),
        }
    }

    /// A page is in this room now, or (`None`) there no longer. Whoever is there with it sees that, in every process.
    pub fn moved(&self, app: &App, workspace: Uuid, room: &str, page: Uuid, here: Option<Here>) {
        if let Some(relay) = &self.relay {
            relay.send(Message::Whereabouts {
                workspace,
                room: room.to_owned(),
                page,
                here: here.clone(),
            });
        }
        noted(app, workspace, room, page, here);
    }

    /// Tells the other processes to look again at what the workspace has set up.
    pub fn forget_setup(&self, workspace: Uuid) {
        if let Some(relay) = &self.relay {
            relay.send(Message::Setup { workspace });
        }
    }

    /// What came from another process.
    pub fn relayed(&self, message: Message) {
        let Some(app) = self.app.read().upgrade() else {
            return;
        };
        if let Message::Events { workspace, .. } = &message {
            app.pages.changed(*workspace);
        }
        let this = self.clone();
        actix_web::rt::task::spawn_blocking(move || match message {
            Message::Html {
                workspace,
                room,
                html,
            } => {
                app.live.send(workspace, &room, html);
            }
            Message::Setup { workspace } => {
                app.kinds.setups.forget(workspace);
                app.pages.changed(workspace);
            }
            Message::Changed { workspace } => app.pages.changed(workspace),
            Message::Events { workspace, ids } => match load(&app, workspace, ids) {
                Ok(events) => this.show(&app, workspace, &events),
                Err(error) => tracing::warn!(?error, "relayed events could not be read"),
            },
            Message::Whereabouts {
                workspace,
                room,
                page,
                here,
            } => noted(&app, workspace, &room, page, here),
            Message::Jobs { .. } => {}
        });
    }
}

impl AfterCommit for Dispatcher {
    fn committed(&self, workspace: Uuid, aftermath: &Aftermath) {
        if aftermath.events.is_empty() {
            if let Some(relay) = &self.relay {
                relay.changed(workspace);
            }
            return;
        }
        let Some(app) = self.app.read().upgrade() else {
            return;
        };
        let shown: Vec<Event> = aftermath.events.iter().take(MOST_SHOWN).cloned().collect();
        if let Some(relay) = &self.relay {
            let ids = shown.iter().map(|e| e.id).collect();
            relay.send(Message::Events { workspace, ids });
        }
        let this = self.clone();
        // Rendering waits for a thread of the blocking pool, never for the request that caused it.
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn_blocking(move || this.show(&app, workspace, &shown));
            }
            Err(_) => this.show(&app, workspace, &shown),
        }
    }
}

fn noted(app: &App, workspace: Uuid, room: &str, page: Uuid, here: Option<Here>) {
    let all = &app.live.whereabouts;
    let news = match here {
        Some(here) => all.enter(workspace, room, page, here),
        None => all.leave(workspace, room, page),
    };
    if news {
        show_present(app, workspace, room);
    }
}

/// Shows everybody in a room who else is there.
pub fn show_present(app: &App, workspace: Uuid, room: &str) {
    if room == ANYWHERE {
        return;
    }
    let people = app.live.whereabouts.of(workspace, room);
    for here in &people {
        let theirs = format!("me:{}", here.person);
        if !app.live.listened_to(workspace, &theirs) {
            continue;
        }
        let present = Present::without(here.person, room, people.clone(), true);
        match present.render() {
            Ok(html) => app.live.send(workspace, &theirs, html),
            Err(error) => {
                tracing::warn!(?error, "who is here could not be shown");
                0
            }
        };
    }
}

fn send(app: &App, workspace: Uuid, fragments: Vec<Fragment>) {
    for fragment in fragments {
        app.live
            .send(workspace, &fragment.room, ByteString::from(fragment.html));
    }
}

/// The bell of everybody whom these events gave a notification.
fn ring(app: &App, workspace: Uuid, shown: &[Event]) -> Result<()> {
    let ids: Vec<Uuid> = shown.iter().map(|e| e.id).collect();
    let told: Vec<(Uuid, i64)> = app.tx_now(Subject::reader(workspace), |tx| {
        let people: Vec<Uuid> = notifications::table
            .filter(notifications::event_id.eq_any(ids))
            .select(notifications::person_id)
            .distinct()
            .limit(10_000)
            .load(&mut **tx)?;
        people
            .into_iter()
            .map(|p| Ok((p, unread(tx, p)?)))
            .collect()
    })?;
    for (person, count) in told {
        app.live
            .send(workspace, &format!("me:{person}"), bell(count));
    }
    Ok(())
}

pub fn unread(conn: &mut PgConnection, person: Uuid) -> Result<i64> {
    Ok(notifications::table
        .filter(
            notifications::person_id
                .eq(person)
                .and(notifications::read_at.is_null()),
        )
        .count()
        .get_result(conn)?)
}

/// The bell's count, as the shell's template writes it.
pub fn bell(unread: i64) -> String {
    let text = match unread {
        0 => String::new(),
        1..=99 => unread.to_string(),
        _ => "99+".into(),
    };
    format!("<span id=\"bell-count\" class=\"bell__count\" hx-swap-oob=\"true\">{text}</span>")
}

/// What a list says after an act on many of its rows.
#[derive(Template)]
#[template(path = "platform/live/fresh.html")]
struct Fresh;

fn load(app: &App, workspace: Uuid, ids: Vec<Uuid>) -> Result<Vec<Event>> {
    app.tx_now(Subject::reader(workspace), |tx| {
        Ok(events::table
            .filter(events::id.eq_any(ids))
            .order(events::seq)
            .limit(MOST_SHOWN as i64)
            .select(Event::as_select())
            .load(&mut **tx)?)
    })
}

/// What these rooms showed since the event `since`; `None` where that is too much to repeat.
pub fn missed(
    app: &App,
    workspace: Uuid,
    since: Uuid,
    renders: &Dispatcher,
    rooms: &[String],
) -> Result<Option<Vec<Fragment>>> {
    let newer: Vec<Event> = app.tx_now(Subject::reader(workspace), |tx| {
        let seq: Option<i64> = events::table
            .filter(events::id.eq(since))
            .select(events::seq)
            .first(&mut **tx)
            .optional()?;
        let Some(seq) = seq else {
            return Ok(Vec::new());
        };
        Ok(events::table
            .filter(events::seq.gt(seq))
            .order(events::seq)
            .limit(MOST_CAUGHT_UP + 1)
            .select(Event::as_select())
            .load(&mut **tx)?)
    })?;
    if newer.len() as i64 > MOST_CAUGHT_UP {
        return Ok(None);
    }
    let mut fragments = Vec::new();
    for event in &newer {
        for render in renders.renders.iter() {
            fragments.extend(render(app, workspace, event)?);
        }
    }
    fragments.retain(|f| rooms.contains(&f.room));
    Ok(Some(fragments))
}
