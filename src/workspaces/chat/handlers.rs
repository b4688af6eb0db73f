//! The page of a conversation, and the list beside it.

use std::collections::HashSet;

use actix_web::HttpResponse;
use askama::Template;
use platform::Result;
use platform::db::Tx;
use platform::live::Present;
use platform::web::can::{self, Member};
use platform::web::{Can, Crumb, Id, Page, View};
use serde::Serialize;
use uuid::Uuid;

use super::conversation::{Chat, Conversation, Kind, subject};
use super::lines::{Line, Lines, badge, named};
use super::message::{Message, looked};
use super::messages::Composer;
use super::shown::{Messages, Quote};

/// Who looks at a conversation now and need not be told what they see.
pub fn looking(member: &Member, conversation: Uuid) -> HashSet<Uuid> {
    let all = &member.app.live.whereabouts;
    let here = all.of(
        member.membership.workspace_id,
        &format!("chat:{conversation}"),
    );
    here.into_iter().map(|here| here.person).collect()
}

#[derive(Template, Serialize)]
#[template(path = "workspaces/chat/index.html")]
struct Index {
    #[serde(flatten)]
    lines: Lines,
}

impl Page for Index {
    fn title(&self) -> String {
        "Chat".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![Crumb::here("Chat")]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        (id == "conversations").then(|| self.lines.render())
    }
}

pub async fn index(can: Can<can::View, Chat>) -> Result<HttpResponse> {
    let open = can.asked.param("open").and_then(|id| id.parse().ok());
    let member = can.member.clone();
    let items = can.tx(move |tx| Line::mine(tx, &member)).await?;
    can.page(Index {
        lines: Lines::of(&can, items, open),
    })
}

/// How much is unread in all conversations.
#[derive(Template, Serialize)]
#[template(path = "workspaces/chat/unread.html")]
struct Unread {
    unread: i64,
    #[serde(skip)]
    id: &'static str,
    #[serde(skip)]
    url: String,
    #[serde(skip)]
    chat: String,
}

impl Page for Unread {
    fn title(&self) -> String {
        "Unread messages".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to("Chat", self.chat.clone()),
            Crumb::here("Unread messages"),
        ]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        let (id_of, url) = (self.id, &self.url);
        let text = badge(self.unread);
        (id == self.id).then(|| {
            Count {
                id: id_of,
                url,
                text,
            }
            .render()
        })
    }
}

/// The same, in the sidebar.
#[derive(Template)]
#[template(path = "workspaces/chat/count.html")]
struct Count<'a> {
    id: &'a str,
    url: &'a str,
    text: String,
}

pub async fn unread(can: Can<can::View, Chat>) -> Result<HttpResponse> {
    let member = can.member.clone();
    let lines = can.tx(move |tx| Line::mine(tx, &member)).await?;
    let (id, path) = super::COUNT;
    can.page(Unread {
        unread: Line::unread(&lines),
        id,
        url: can.url(path),
        chat: can.url("/chat"),
    })
}

/// A conversation, open.
#[derive(Template, Serialize)]
#[template(path = "workspaces/chat/show.html")]
pub struct Show {
    #[serde(flatten)]
    conversation: Conversation,
    title: String,
    /// Who is in it, where not everybody is.
    people: Vec<String>,
    #[serde(flatten)]
    messages: Messages,
    #[serde(skip)]
    lines: Lines,
    #[serde(skip)]
    composer: Composer,
    #[serde(skip)]
    presence: Present,
    /// The page of the record that it is about.
    #[serde(skip)]
    about: Option<String>,
    /// These are older ones: what is said now stands elsewhere.
    #[serde(skip)]
    past: bool,
    #[serde(skip)]
    may_change: bool,
    #[serde(skip)]
    root: String,
}

impl Page for Show {
    fn title(&self) -> String {
        self.called()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to("Chat", format!("{}/chat", self.root)),
            Crumb::here(self.called()),
        ]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        match id {
            "older" => Some(self.messages.render()),
            "composer" => Some(self.composer.render()),
            "conversations" => Some(self.lines.render()),
            _ => None,
        }
    }
}

impl Show {
    fn called(&self) -> String {
        match self.conversation.kind {
            Kind::Channel => format!("#{}", self.title),
            Kind::Direct | Kind::Record => self.title.clone(),
        }
    }
    fn icon(&self) -> &'static str {
        match (self.conversation.kind, self.conversation.private) {
            (Kind::Channel, false) => "hash",
            (Kind::Channel, true) => "lock",
            (Kind::Direct, _) => "user",
            (Kind::Record, _) => "message-square",
        }
    }
    fn channel_url(&self) -> String {
        format!("{}/channels/{}", self.root, self.conversation.id)
    }
    fn edit_url(&self) -> String {
        format!("{}/edit", self.channel_url())
    }
    fn leave_url(&self) -> String {
        format!("{}/membership", self.channel_url())
    }
    /// What it is for, or who is in it.
    fn sub(&self) -> String {
        match self.conversation.kind {
            Kind::Record => "A discussion of everybody who may see the record".into(),
            Kind::Direct if self.people.len() > 2 => self.people.join(", "),
            Kind::Direct => String::new(),
            Kind::Channel if self.conversation.private => {
                let people = format!("{} people", self.people.len());
                match self.conversation.purpose.as_str() {
                    "" => people,
                    purpose => format!("{purpose} · {people}"),
                }
            }
            Kind::Channel => self.conversation.purpose.clone(),
        }
    }
    fn nothing(&self) -> &'static str {
        match self.conversation.kind {
            Kind::Channel => "Nobody has said anything here yet.",
            Kind::Direct => "This is the beginning of your conversation.",
            Kind::Record => "Nobody has said anything about this yet.",
        }
    }
}

pub async fn show(can: Can<can::View, Chat>, Id(id): Id) -> Result<HttpResponse> {
    let param = |name: &str| can.asked.param(name);
    let before: Option<Uuid> = param("cursor").and_then(|id| id.parse().ok());
    let above = param("day").and_then(|day| day.parse().ok());
    let reply: Option<Uuid> = param("reply").and_then(|id| id.parse().ok());
    let member = can.member.clone();
    let page = can.write(move |tx| {
        let conversation = Conversation::find(tx, &member, id)?;
        let messages = Messages::before(tx, &member, &conversation, before, above)?;
        if before.is_none() {
            looked(tx, &conversation, messages.last())?;
        }
        let reply = match reply {
            Some(id) => Some(Message::find(tx, &conversation, id)?),
            None => None,
        };
        let reply = reply.map(|message| Quote::of(&member, &message));
        let composer = Composer::new(&member, &conversation, messages.last(), reply);
        let page = of(tx, &member, conversation, messages, composer)?;
        Ok(Show {
            past: before.is_some(),
            ..page
        })
    });
    can.page(page.await?)
}

/// The whole page around some messages and what is being written.
pub fn of(
    tx: &mut Tx,
    member: &Member,
    conversation: Conversation,
    messages: Messages,
    composer: Composer,
) -> Result<Show> {
    let seats = match conversation.is_open() || conversation.kind == Kind::Record {
        true => Vec::new(),
        false => conversation.people(tx)?,
    };
    let about = match conversation.record_id {
        Some(record) => subject(tx, member, record)?,
        None => None,
    };
    let title = match (&about, conversation.kind) {
        (Some((_, card)), _) => card.title.clone(),
        (None, Kind::Direct) => named(member, &seats).0,
        (None, _) => conversation.name.clone(),
    };
    let names = seats.iter().filter_map(|id| member.setup.person(*id));
    let lines = Line::mine(tx, member)?;
    Ok(Show {
        title,
        people: names.map(|person| person.name.clone()).collect(),
        presence: member.present(&format!("chat:{}", conversation.id)),
        lines: Lines::of(member, lines, Some(conversation.id)),
        about: about.map(|(kind, card)| member.url(&format!("/{}/{}", kind.collection, card.id))),
        past: false,
        may_change: conversation.may_change(member) && conversation.archived_at.is_none(),
        root: member.url(""),
        messages,
        composer,
        conversation,
    })
}
