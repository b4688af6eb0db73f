//! Messages as their reader sees them.

use std::collections::HashMap;

use askama::Template;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use platform::Result;
use platform::db::Tx;
use platform::records::notes::rich;
use platform::records::timeline::heading;
use platform::web::can::Member;
use platform::web::filters;
use serde::Serialize;
use uuid::Uuid;

use super::conversation::Conversation;
use super::lines::GONE;
use super::message::Message;

/// What somebody says within this of what they said before stands under it.
const TOGETHER: TimeDelta = TimeDelta::minutes(5);
/// Of what is answered, so much is repeated.
const QUOTED: usize = 140;

#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    #[serde(flatten)]
    pub message: Message,
    pub author: String,
    #[serde(skip)]
    pub mine: bool,
    /// What it answers.
    pub reply: Option<Quote>,
    /// The heading of its day, where it is the first of it.
    #[serde(skip)]
    pub day: Option<(NaiveDate, String)>,
    /// It goes on from the one above.
    #[serde(skip)]
    pub goes_on: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct Quote {
    pub id: Uuid,
    pub author: String,
    pub text: String,
}

impl Quote {
    pub fn of(member: &Member, message: &Message) -> Quote {
        let text = match message.removed_at {
            Some(_) => "This message was taken back".to_owned(),
            None => {
                let short: String = message.body.chars().take(QUOTED).collect();
                match short.len() < message.body.len() {
                    true => format!("{short}…"),
                    false => short,
                }
            }
        };
        Quote {
            id: message.id,
            author: author(member, message),
            text,
        }
    }
}

fn author(member: &Member, message: &Message) -> String {
    let known = message.author_id.and_then(|id| member.setup.person(id));
    known.map_or_else(|| GONE.to_owned(), |person| person.name.clone())
}

impl Shown {
    /// `day` is that whose heading stands already.
    pub fn of(
        tx: &mut Tx,
        member: &Member,
        messages: Vec<Message>,
        mut day: Option<NaiveDate>,
    ) -> Result<Vec<Shown>> {
        let answered: Vec<Uuid> = messages.iter().filter_map(|m| m.reply_to).collect();
        let quoted = Message::known(tx, &answered)?;
        let quotes: HashMap<Uuid, Quote> = quoted
            .iter()
            .map(|m| (m.id, Quote::of(member, m)))
            .collect();
        let mut before: Option<(Option<Uuid>, DateTime<Utc>)> = None;
        let mut shown = Vec::new();
        for mut message in messages {
            message.html = rich::clean(&message.html);
            let heading = heading(message.created_at, member.zone, &mut day);
            let at = message.created_at.with_timezone(&member.zone).date_naive();
            let same = before.is_some_and(|(who, when)| {
                who == message.author_id && message.created_at - when < TOGETHER
            });
            before = Some((message.author_id, message.created_at));
            let reply = message.reply_to.and_then(|id| quotes.get(&id)).cloned();
            shown.push(Shown {
                author: author(member, &message),
                mine: message.author_id == Some(member.person().id),
                goes_on: same && heading.is_none() && reply.is_none(),
                day: heading.map(|words| (at, words)),
                reply,
                message,
            });
        }
        Ok(shown)
    }

    pub fn is_removed(&self) -> bool {
        self.message.removed_at.is_some()
    }
}

/// Messages one under the other, and the way to the older ones above them.
#[derive(Template, Serialize)]
#[template(path = "workspaces/chat/messages.html")]
pub struct Messages {
    pub items: Vec<Shown>,
    pub next_cursor: Option<Uuid>,
    #[serde(skip)]
    pub older: Option<String>,
    /// A heading that stood above what was the oldest, where it stands higher now.
    #[serde(skip)]
    pub moved: Option<NaiveDate>,
    /// The last one, once these stand on the page, for whoever asks what came since.
    #[serde(skip)]
    pub after: Option<Uuid>,
    /// `/w/acme/chat/{id}`.
    #[serde(skip)]
    pub url: String,
    #[serde(skip)]
    pub zone: Tz,
    #[serde(skip)]
    pub may_write: bool,
}

impl Messages {
    /// A page of them: the newest, or those before one. `above` is the day whose heading stands above that one.
    pub fn before(
        tx: &mut Tx,
        member: &Member,
        conversation: &Conversation,
        before: Option<Uuid>,
        above: Option<NaiveDate>,
    ) -> Result<Messages> {
        let (found, more) = Message::before(tx, conversation.id, before)?;
        let items = Shown::of(tx, member, found, None)?;
        let mut messages = Messages::made(member, conversation, items);
        let day = |shown: &Shown| {
            let at = shown.message.created_at.with_timezone(&member.zone);
            at.date_naive()
        };
        if let (true, Some(first)) = (more, messages.items.first()) {
            let (id, day) = (first.message.id, day(first));
            messages.next_cursor = Some(id);
            messages.older = Some(format!("{}?cursor={id}&day={day}", messages.url));
        }
        messages.moved = above.filter(|above| messages.items.last().map(day) == Some(*above));
        Ok(messages)
    }

    /// What was said since `after`.
    pub fn since(
        tx: &mut Tx,
        member: &Member,
        conversation: &Conversation,
        after: Uuid,
    ) -> Result<Messages> {
        let found = Message::after(tx, conversation.id, after)?;
        let above = Message::known(tx, &[after])?.pop();
        let above = above.filter(|message| message.conversation_id == conversation.id);
        let day = above.as_ref().map(|message| {
            let at = message.created_at.with_timezone(&member.zone);
            at.date_naive()
        });
        let mut items = Shown::of(tx, member, found, day)?;
        if let (Some(above), Some(first)) = (above, items.first_mut()) {
            let soon = first.message.created_at - above.created_at < TOGETHER;
            let same = first.message.author_id == above.author_id && soon;
            first.goes_on = same && first.day.is_none() && first.reply.is_none();
        }
        let mut messages = Messages::made(member, conversation, items);
        let last = messages.items.last().map(|shown| shown.message.id);
        messages.after = Some(last.unwrap_or(after));
        Ok(messages)
    }

    /// One alone, as it is now.
    pub fn one(
        tx: &mut Tx,
        member: &Member,
        conversation: &Conversation,
        message: Message,
    ) -> Result<Messages> {
        let day = message.created_at.with_timezone(&member.zone).date_naive();
        let items = Shown::of(tx, member, vec![message], Some(day))?;
        Ok(Messages::made(member, conversation, items))
    }

    fn made(member: &Member, conversation: &Conversation, items: Vec<Shown>) -> Messages {
        Messages {
            items,
            next_cursor: None,
            older: None,
            moved: None,
            after: None,
            url: member.url(&format!("/chat/{}", conversation.id)),
            zone: member.zone,
            may_write: member.may("chat", "create") && conversation.archived_at.is_none(),
        }
    }

    /// The newest of them.
    pub fn last(&self) -> Option<Uuid> {
        self.items.last().map(|shown| shown.message.id)
    }
}
