//! Finding what was said, in conversations that one may read.

use actix_web::HttpResponse;
use askama::Template;
use chrono_tz::Tz;
use diesel::prelude::*;
use platform::Result;
use platform::db::Tx;
use platform::records::list::{Holds, tsquery};
use platform::schema::messages;
use platform::web::can::{self, Member};
use platform::web::{Can, Crumb, Page, View, filters};
use serde::Serialize;
use uuid::Uuid;

use super::conversation::{Chat, Conversation};
use super::lines::Line;
use super::message::{Message, PAGE};
use super::shown::Shown;

const LONGEST: usize = 100;

#[derive(Serialize)]
struct Hit {
    #[serde(flatten)]
    shown: Shown,
    /// The conversation that it stands in.
    place: String,
}

#[derive(Template, Serialize)]
#[template(path = "workspaces/chat/search.html")]
struct Index {
    query: String,
    items: Vec<Hit>,
    #[serde(skip)]
    root: String,
    #[serde(skip)]
    zone: Tz,
}

impl Page for Index {
    fn title(&self) -> String {
        match self.query.as_str() {
            "" => "Search in messages".into(),
            query => format!("Messages with “{query}”"),
        }
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to("Chat", format!("{}/chat", self.root)),
            Crumb::here("Search"),
        ]
    }
}

impl Index {
    /// The conversation as it was then.
    fn url(&self, hit: &Hit) -> String {
        let message = &hit.shown.message;
        // The page that ends with it.
        let next = Uuid::from_u128(message.id.as_u128().saturating_add(1));
        let (root, to, id) = (&self.root, message.conversation_id, message.id);
        format!("{root}/chat/{to}?cursor={next}#message-{id}")
    }
    fn excerpt(&self, hit: &Hit) -> String {
        hit.shown.message.body.chars().take(300).collect()
    }
}

pub async fn index(can: Can<can::View, Chat>) -> Result<HttpResponse> {
    let q = can.asked.param("q").unwrap_or_default();
    let q: String = q
        .trim()
        .chars()
        .filter(|c| !c.is_control())
        .take(LONGEST)
        .collect();
    let (member, words) = (can.member.clone(), tsquery(&q));
    let items = match words {
        None => Vec::new(),
        Some(words) => can.tx(move |tx| found(tx, &member, words)).await?,
    };
    can.page(Index {
        query: q,
        items,
        root: can.url(""),
        zone: can.zone,
    })
}

fn found(tx: &mut Tx, member: &Member, words: String) -> Result<Vec<Hit>> {
    let mut places: Vec<(Uuid, String)> = Line::mine(tx, member)?
        .into_iter()
        .map(|line| (line.id, line.title))
        .collect();
    // What was said in a channel that is put away can still be found.
    let away = Conversation::channels(tx, member.person().id, true)?;
    places.extend(away.into_iter().map(|c| (c.id, c.name)));
    let ids: Vec<Uuid> = places.iter().map(|(id, _)| *id).collect();
    let found: Vec<Message> = messages::table
        .filter(messages::conversation_id.eq_any(ids))
        .filter(messages::removed_at.is_null())
        .filter(Holds::new("messages", words))
        .order(messages::id.desc())
        .limit(PAGE)
        .select(Message::as_select())
        .load(&mut **tx)?;
    let shown = Shown::of(tx, member, found, None)?;
    let place = |id: Uuid| {
        let known = places.iter().find(|(of, _)| *of == id);
        known.map_or_else(String::new, |(_, title)| title.clone())
    };
    Ok(shown
        .into_iter()
        .map(|shown| Hit {
            place: place(shown.message.conversation_id),
            shown,
        })
        .collect())
}
