//! Who is told of a message, and where it is shown live.

use std::collections::HashSet;

use askama::Template;
use diesel::prelude::*;
use platform::Result;
use platform::db::Tx;
use platform::db::tx::Subject;
use platform::events::Event;
use platform::live::{Fragment, Room};
use platform::schema::{conversations, members, notifications, records};
use platform::web::App;
use platform::web::can::Member;
use uuid::Uuid;

use super::conversation::{Conversation, Kind};

/// More than anybody names at once.
const MOST_NAMED: usize = 50;

/// The pages that show one conversation; whoever may read it may be in its room.
pub const ROOM: Room = Room {
    kind: "chat",
    resource: "chat",
    admits: Some(admits),
};

fn admits(tx: &mut Tx, member: &Member, id: Uuid) -> Result<bool> {
    match Conversation::find(tx, member, id) {
        Ok(_) => Ok(true),
        Err(platform::Error::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Everybody in a conversation of a few hears of each message, and elsewhere whoever is named in it.
pub fn of_message(
    tx: &mut Tx,
    conversation: &Conversation,
    event: Uuid,
    named: &[Uuid],
    looking: &HashSet<Uuid>,
) -> Result<()> {
    if conversation.kind != Kind::Direct {
        return of_names(tx, conversation, event, named, looking);
    }
    let people = conversation.people(tx)?;
    tell(tx, conversation, event, "chat.wrote", &people, looking)
}

/// Whoever is named: of a private channel only those who are in it.
pub fn of_names(
    tx: &mut Tx,
    conversation: &Conversation,
    event: Uuid,
    named: &[Uuid],
    looking: &HashSet<Uuid>,
) -> Result<()> {
    let mut named: Vec<Uuid> = named.iter().copied().take(MOST_NAMED).collect();
    if conversation.private || conversation.kind == Kind::Direct {
        let people = conversation.people(tx)?;
        named.retain(|id| people.contains(id));
    } else if conversation.kind == Kind::Record {
        // From now on the discussion stands in their list, with what they have not read.
        conversation.seat(tx, &named)?;
    }
    tell(tx, conversation, event, "chat.mentioned", &named, looking)
}

fn tell(
    tx: &mut Tx,
    conversation: &Conversation,
    event: Uuid,
    kind: &str,
    people: &[Uuid],
    looking: &HashSet<Uuid>,
) -> Result<()> {
    let title = match conversation.kind {
        Kind::Channel => format!("#{}", conversation.name),
        Kind::Direct => "Direct message".to_owned(),
        Kind::Record => records::table
            .filter(records::id.nullable().eq(conversation.record_id))
            .select(records::title)
            .first(&mut **tx)
            .optional()?
            .unwrap_or_default(),
    };
    // Who was deactivated hears of nothing.
    let people: Vec<Uuid> = members::table
        .filter(members::person_id.eq_any(people.to_vec()))
        .filter(members::active)
        .select(members::person_id)
        .load(&mut **tx)?;
    let (origin, now, me) = (tx.origin.clone(), tx.now, tx.person);
    let path = format!("/chat/{}", conversation.id);
    let told = people
        .iter()
        .filter(|id| Some(**id) != me && !looking.contains(id));
    let rows: Vec<_> = told
        .map(|id| {
            (
                notifications::id.eq(Uuid::now_v7()),
                notifications::person_id.eq(*id),
                notifications::kind.eq(kind),
                notifications::title.eq(&title),
                notifications::path.eq(&path),
                notifications::event_id.eq(Some(event)),
                notifications::actor_name.eq(&origin.name),
                notifications::created_at.eq(now),
            )
        })
        .collect();
    diesel::insert_into(notifications::table)
        .values(rows)
        .execute(&mut **tx)?;
    Ok(())
}

/// Says that there is something new: pages that may see it ask for it, as themselves. Nothing of it is in the fragment.
#[derive(Template)]
#[template(path = "workspaces/chat/news.html")]
struct News<'a> {
    event: Uuid,
    conversation: Uuid,
    /// One that is there already and is another now.
    message: &'a str,
    /// The record that it is about: `contact:…`.
    about: &'a str,
}

pub fn live(app: &App, workspace: Uuid, event: &Event) -> Result<Vec<Fragment>> {
    let is_ours = ["message.", "channel.", "chat."]
        .iter()
        .any(|noun| event.kind.starts_with(noun));
    let id = event.data.get("conversation").and_then(|id| id.as_str());
    let Some(id) = id.and_then(|id| id.parse::<Uuid>().ok()) else {
        return Ok(Vec::new());
    };
    if !is_ours {
        return Ok(Vec::new());
    }
    let found = app.tx_now(Subject::reader(workspace), |tx| {
        let row = conversations::table.filter(conversations::id.eq(id));
        let found: Conversation = row.select(Conversation::as_select()).first(&mut **tx)?;
        let people = match found.is_open() {
            true => Vec::new(),
            false => found.people(tx)?,
        };
        let about: Option<(String, Uuid)> = records::table
            .filter(records::id.nullable().eq(found.record_id))
            .select((records::kind, records::id))
            .first(&mut **tx)
            .optional()?;
        Ok((found, people, about))
    });
    let (conversation, people, about) = match found {
        // Gone again meanwhile.
        Err(platform::Error::NotFound) => return Ok(Vec::new()),
        found => found?,
    };
    let about = about.map(|(kind, id)| format!("{kind}:{id}"));
    let news = News {
        event: event.id,
        conversation: id,
        message: event.data["message"].as_str().unwrap_or_default(),
        about: about.as_deref().unwrap_or_default(),
    };
    let html = news.render()?;
    let mut rooms: Vec<String> = people.iter().map(|id| format!("me:{id}")).collect();
    if conversation.is_open() {
        rooms.push("chat".to_owned());
    }
    rooms.extend(about);
    let heard = rooms
        .into_iter()
        .filter(|room| app.live.listened_to(workspace, room));
    let fragment = |room| Fragment {
        room,
        html: html.clone(),
    };
    Ok(heard.map(fragment).collect())
}
