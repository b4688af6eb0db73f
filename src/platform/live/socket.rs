//! `GET /w/{workspace}/live`: the one WebSocket of a page.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::{HttpRequest, HttpResponse, web};
use actix_ws::{CloseCode, CloseReason, Message, Session};
use bytestring::ByteString;
use futures_util::StreamExt;
use serde::Deserialize;
use tokio_stream::StreamMap;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;
use uuid::Uuid;

use super::Admits;
use super::Counted;
use super::dispatch;
use super::place::Place;
use crate::db::Scope;
use crate::error::{Error, Result};
use crate::records::work::Work;
use crate::schema::records;
use crate::web::can::{Member, View};
use crate::web::{Can, Resource, Routes};

pub const MOST_A_PERSON: usize = 10;
const MOST_ROOMS: usize = 20;
const LARGEST_MESSAGE: usize = 64 * 1024;
const HEARTBEAT: Duration = Duration::from_secs(25);
const SILENT_FOR: Duration = Duration::from_secs(70);

/// Every member who may see anything has a page with a socket.
pub struct Live;

impl Resource for Live {
    const NAME: &'static str = "notifications";
}

pub fn routes(r: &mut Routes) {
    r.get("/live", open);
}

async fn open(can: Can<View, Live>, req: HttpRequest, body: web::Payload) -> Result<HttpResponse> {
    if !same_origin(&req) {
        return Err(Error::Forbidden(
            "This socket was opened from another site.".into(),
        ));
    }
    // The benchmark opens thousands as one person; everybody else has ten.
    let counted = can.app.live.enter(can.me());
    let Some(counted) = counted.or_else(|| unlimited(&can)) else {
        return Err(Error::TooMany { retry_after: 30 });
    };
    let (response, session, stream) = actix_ws::handle(&req, body)
        .map_err(|e| Error::bad_request(format!("This is no WebSocket request: {e}.")))?;
    let stream = stream.max_frame_size(LARGEST_MESSAGE);
    let page = Page {
        member: can.member.clone(),
        session,
        rooms: StreamMap::new(),
        place: Place::new(&can.member),
        _counted: counted,
    };
    actix_web::rt::spawn(page.run(stream));
    Ok(response)
}

/// `NEXUS_LIVE_UNLIMITED=1` in development lifts the limit of sockets a person, for measurements.
fn unlimited(can: &Can<View, Live>) -> Option<Counted> {
    let lifted = !can.app.config.production && std::env::var_os("NEXUS_LIVE_UNLIMITED").is_some();
    lifted.then(|| Counted {
        hub: can.app.live.clone(),
        person: Uuid::nil(),
    })
}

/// Browsers send `Origin` with every WebSocket; what has none is no browser and carries no stolen cookie.
fn same_origin(req: &HttpRequest) -> bool {
    let header = |name: &str| req.headers().get(name).and_then(|v| v.to_str().ok());
    match header("origin") {
        None => true,
        Some(origin) => origin
            .split_once("://")
            .is_some_and(|(_, o)| o.eq_ignore_ascii_case(header("host").unwrap_or_default())),
    }
}

/// What a page says: the rooms it shows, the last event it saw before it was cut off, or in which of its rooms somebody
/// is, perhaps in a field there.
#[derive(Deserialize)]
#[serde(untagged)]
enum Said {
    Rooms { rooms: Vec<String> },
    Since { since: Uuid },
    Here { here: String, field: Option<String> },
}

struct Page {
    member: Arc<Member>,
    session: Session,
    rooms: StreamMap<String, BroadcastStream<ByteString>>,
    place: Place,
    _counted: Counted,
}

/// Why a page's task ends.
enum End {
    Gone,
    Refused(CloseCode),
}

impl Page {
    async fn run(mut self, stream: actix_ws::MessageStream) {
        let end = self.talk(stream).await;
        let reason = match end {
            End::Gone => None,
            End::Refused(code) => Some(CloseReason::from(code)),
        };
        // Dropped before closing, so that the rooms are empty as soon as the page is gone.
        self.rooms.clear();
        self.place.left();
        let hub = self.member.app.live.clone();
        let _ = self.session.close(reason).await;
        hub.sweep();
    }

    async fn talk(&mut self, mut stream: actix_ws::MessageStream) -> End {
        let mine = format!("me:{}", self.member.person().id);
        self.join(mine);
        if self.ring().await.is_err() {
            return End::Refused(CloseCode::Error);
        }
        let mut heard = Instant::now();
        let mut heartbeat = tokio::time::interval(HEARTBEAT);
        heartbeat.tick().await;
        let hub = self.member.app.live.clone();
        let closed = hub.closed();
        tokio::pin!(closed);
        loop {
            let done = tokio::select! {
                () = &mut closed => Err(End::Refused(CloseCode::Restart)),
                message = stream.recv() => {
                    heard = Instant::now();
                    match message {
                        Some(Ok(message)) => self.answer(message).await,
                        _ => Err(End::Gone),
                    }
                }
                Some((_, fragment)) = self.rooms.next(), if !self.rooms.is_empty() => self.pass_on(fragment).await,
                _ = heartbeat.tick() => {
                    if heard.elapsed() > SILENT_FOR { Err(End::Gone) } else { self.beat().await }
                }
            };
            if let Err(end) = done {
                return end;
            }
        }
    }

    async fn answer(&mut self, message: Message) -> Result<(), End> {
        match message {
            Message::Ping(bytes) => self.session.pong(&bytes).await.map_err(|_| End::Gone),
            Message::Text(text) => match serde_json::from_str::<Said>(&text) {
                Ok(Said::Rooms { rooms }) => self.show(rooms).await,
                Ok(Said::Since { since }) => self.catch_up(since).await,
                // Whoever may be in the room may be seen there.
                Ok(Said::Here { here, field }) => {
                    let there = self.rooms.contains_key(&here);
                    self.place.said(there.then_some((here, field)));
                    Ok(())
                }
                Err(_) => Err(End::Refused(CloseCode::Invalid)),
            },
            Message::Pong(_) | Message::Nop => Ok(()),
            Message::Close(_) => Err(End::Gone),
            Message::Binary(_) | Message::Continuation(_) => {
                Err(End::Refused(CloseCode::Unsupported))
            }
        }
    }

    async fn pass_on(
        &mut self,
        fragment: Result<ByteString, BroadcastStreamRecvError>,
    ) -> Result<(), End> {
        let text = match fragment {
            Ok(html) => html,
            Err(BroadcastStreamRecvError::Lagged(_)) => ByteString::from_static(LAGGED),
        };
        self.session.text(text).await.map_err(|_| End::Gone)
    }

    /// Asks for a sign of life, and looks whether this member still may be here.
    async fn beat(&mut self) -> Result<(), End> {
        let person = self.member.person().id;
        let identity = crate::web::can::identity(&self.member.app, person).await;
        match identity {
            Ok(Some(identity))
                if identity
                    .in_workspace(&self.member.membership.slug)
                    .is_some() =>
            {
                self.stay().await?;
                self.place.confirm();
                self.session.ping(b"").await.map_err(|_| End::Gone)
            }
            Ok(_) => Err(End::Refused(CloseCode::Policy)),
            Err(_) => Ok(()),
        }
    }

    /// Leaves the rooms whose door has closed meanwhile: somebody was taken out of a conversation.
    async fn stay(&mut self) -> Result<(), End> {
        let doors = self.rooms.keys().filter(|room| self.door(room).is_some());
        let doors: Vec<String> = doors.cloned().collect();
        if doors.is_empty() {
            return Ok(());
        }
        let open = self.allowed(doors.clone()).await?;
        for room in doors.iter().filter(|room| !open.contains(room)) {
            self.rooms.remove(room);
            self.place.without(room);
        }
        Ok(())
    }

    /// What decides who may be in that room, where not everybody may who sees all of it.
    fn door(&self, room: &str) -> Option<Admits> {
        let (kind, _) = room.split_once(':')?;
        let rooms = self.member.app.rooms.iter();
        rooms
            .filter(|room| room.kind == kind)
            .find_map(|room| room.admits)
    }

    fn join(&mut self, room: String) {
        let receiver = self
            .member
            .app
            .live
            .join(self.member.membership.workspace_id, &room);
        self.rooms.insert(room, BroadcastStream::new(receiver));
    }

    /// Joins the rooms that the page shows now, and leaves the others.
    async fn show(&mut self, wanted: Vec<String>) -> Result<(), End> {
        let wanted: Vec<String> = wanted.into_iter().take(MOST_ROOMS).collect();
        let left: Vec<String> = self
            .rooms
            .keys()
            .filter(|r| !wanted.contains(r) && !r.starts_with("me:"))
            .cloned()
            .collect();
        for room in left {
            self.rooms.remove(&room);
            self.place.without(&room);
        }
        let known: HashMap<String, ()> = self.rooms.keys().map(|r| (r.clone(), ())).collect();
        let new: Vec<String> = wanted
            .into_iter()
            .filter(|r| !known.contains_key(r))
            .collect();
        for room in self.allowed(new).await? {
            self.join(room);
        }
        Ok(())
    }

    /// Those of the rooms that this member could also open as a page.
    async fn allowed(&self, rooms: Vec<String>) -> Result<Vec<String>, End> {
        let mut allowed = Vec::new();
        for room in rooms {
            let may = match room.split_once(':') {
                None => {
                    let kind = self.member.app.kinds.of_collection(&room);
                    let resource = kind.map_or(room.as_str(), |kind| kind.resource());
                    self.member.may(resource, "view") && self.sees_all(resource)
                }
                Some((kind, id)) if self.door(&room).is_some() => self
                    .admitted(kind, self.door(&room), id)
                    .await
                    .map_err(|_| End::Refused(CloseCode::Error))?,
                Some((kind, _)) if self.resource_of(kind).is_some() => self
                    .resource_of(kind)
                    .is_some_and(|of| self.member.may(of, "view") && self.sees_all(of)),
                Some((kind, id)) => self
                    .sees_record(kind, id)
                    .await
                    .map_err(|_| End::Refused(CloseCode::Error))?,
            };
            if may {
                allowed.push(room);
            }
        }
        Ok(allowed)
    }

    async fn admitted(&self, kind: &str, door: Option<Admits>, id: &str) -> Result<bool> {
        let may = self
            .resource_of(kind)
            .is_some_and(|of| self.member.may(of, "view"));
        let (Some(door), Ok(id), true) = (door, id.parse::<Uuid>(), may) else {
            return Ok(false);
        };
        let member = self.member.clone();
        let mut subject = crate::db::tx::Subject::reader(member.membership.workspace_id);
        subject.person = Some(member.person().id);
        let app = member.app.clone();
        app.tx(subject, move |tx| door(tx, &member, id)).await
    }

    /// What rooms of that kind are about, where it is no kind of record.
    fn resource_of(&self, kind: &str) -> Option<&'static str> {
        let rooms = &self.member.app.rooms;
        rooms.iter().find(|r| r.kind == kind).map(|r| r.resource)
    }

    /// A list's fragments are the same for everybody in its room, so only those who see every row may be in it.
    fn sees_all(&self, resource: &str) -> bool {
        self.member.permissions.reach(resource, "view") == Some(crate::web::access::Reach::All)
    }

    async fn sees_record(&self, kind: &str, id: &str) -> Result<bool> {
        use diesel::prelude::*;
        if kind == crate::records::work::ROOM {
            return self.asked_for(id).await;
        }
        let (Some(kind), Ok(id)) = (self.member.app.kinds.get(kind), id.parse::<Uuid>()) else {
            return Ok(false);
        };
        let Some(scope) = self.member.scope(kind.resource(), "view").await? else {
            return Ok(false);
        };
        let mut subject = crate::db::tx::Subject::reader(self.member.membership.workspace_id);
        subject.scope = scope;
        let found: i64 = self
            .member
            .app
            .tx(subject, move |tx| {
                let mut query = records::table.filter(records::id.eq(id)).into_boxed();
                if let Scope::Owners(owners) = &tx.scope {
                    query = query.filter(records::owner_id.eq_any(owners.clone()));
                }
                Ok(query.count().get_result(&mut **tx)?)
            })
            .await?;
        Ok(found > 0)
    }

    /// Whether the piece of work is one of this person's.
    async fn asked_for(&self, id: &str) -> Result<bool> {
        let Ok(id) = id.parse::<Uuid>() else {
            return Ok(false);
        };
        let me = self.member.person().id;
        let subject = crate::db::tx::Subject::reader(self.member.membership.workspace_id);
        let app = &self.member.app;
        let found = app.tx(subject, move |tx| Work::find(tx, id, me)).await;
        match found {
            Ok(_) => Ok(true),
            Err(Error::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn ring(&mut self) -> Result<()> {
        let person = self.member.person().id;
        let subject = crate::db::tx::Subject::reader(self.member.membership.workspace_id);
        let unread = self
            .member
            .app
            .tx(subject, move |tx| dispatch::unread(tx, person))
            .await?;
        self.session
            .text(dispatch::bell(unread))
            .await
            .map_err(Error::internal)
    }

    /// Sends what the page's rooms showed while it was away.
    async fn catch_up(&mut self, since: Uuid) -> Result<(), End> {
        let rooms: Vec<String> = self.rooms.keys().cloned().collect();
        let (app, workspace) = (self.member.app.clone(), self.member.membership.workspace_id);
        let missed =
            web::block(move || dispatch::missed(&app, workspace, since, &app.dispatcher, &rooms))
                .await;
        let html = match missed {
            Ok(Ok(Some(fragments))) => fragments.into_iter().map(|f| f.html).collect::<String>(),
            Ok(Ok(None)) => LAGGED.to_owned(),
            _ => return Ok(()),
        };
        if html.is_empty() {
            return Ok(());
        }
        self.session.text(html).await.map_err(|_| End::Gone)
    }
}

/// Told to a page that has missed something: nothing is lost but the picture.
const LAGGED: &str = "<span class=\"live-state\" id=\"live-state\" role=\"status\" hx-swap-oob=\"true\">\
    Something was missed. <a href=\"\">Load again</a></span>";
