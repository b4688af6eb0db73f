//! The discussion of a record, beside it.

use askama::Template;
use diesel::prelude::*;
use platform::Result;
use platform::db::Tx;
use platform::records::kinds::Kind;
use platform::records::timeline::Aside;
use platform::schema::{messages, seats};
use platform::web::Form;
use platform::web::can::Member;
use platform::web::filters;
use serde::Serialize;
use uuid::Uuid;

use super::conversation::Conversation;
use super::message::{Message, MessageForm};
use super::shown::Shown;

/// So many of the newest messages stand beside a record.
const SHOWN: i64 = 3;

#[derive(Template, Serialize)]
#[template(path = "workspaces/chat/beside.html")]
pub struct Part {
    pub items: Vec<Shown>,
    pub conversation: Option<Uuid>,
    pub unread: i64,
    #[serde(skip)]
    pub form: Form<MessageForm>,
    /// `contact:…`.
    #[serde(skip)]
    about: String,
    #[serde(skip)]
    action: String,
    /// The whole of it.
    #[serde(skip)]
    all: Option<String>,
    #[serde(skip)]
    zone: chrono_tz::Tz,
    #[serde(skip)]
    may_write: bool,
}

impl Part {
    pub fn again(self, form: Form<MessageForm>) -> Part {
        Part { form, ..self }
    }
    fn badge(&self) -> String {
        super::lines::badge(self.unread)
    }
}

/// The newest of what is said about a record, which whoever asks may see.
pub fn part(tx: &mut Tx, member: &Member, kind: &Kind, record: Uuid) -> Result<Part> {
    let conversation = Conversation::about(tx, record)?;
    let (items, unread) = match &conversation {
        None => (Vec::new(), 0),
        Some(conversation) => {
            let said = messages::table
                .filter(messages::conversation_id.eq(conversation.id))
                .filter(messages::removed_at.is_null());
            let newest = said.order(messages::id.desc()).limit(SHOWN);
            let mut newest: Vec<Message> = newest.select(Message::as_select()).load(&mut **tx)?;
            newest.reverse();
            let unread = unread(tx, conversation.id, member.person().id)?;
            (Shown::of(tx, member, newest, None)?, unread)
        }
    };
    let id = conversation.map(|conversation| conversation.id);
    Ok(Part {
        items,
        conversation: id,
        unread,
        form: Form::default(),
        about: format!("{}:{record}", kind.name),
        action: member.url(&format!("/records/{}/{record}/discussion", kind.name)),
        all: id.map(|id| member.url(&format!("/chat/{id}"))),
        zone: member.zone,
        may_write: member.may("chat", "create"),
    })
}

/// What somebody who takes part in it has not read.
fn unread(tx: &mut Tx, conversation: Uuid, me: Uuid) -> Result<i64> {
    let read: Option<Uuid> = seats::table
        .filter(seats::conversation_id.eq(conversation))
        .filter(seats::person_id.eq(me))
        .select(seats::last_read)
        .first(&mut **tx)
        .optional()?;
    let Some(read) = read else { return Ok(0) };
    let new: Vec<Uuid> = messages::table
        .filter(messages::conversation_id.eq(conversation))
        .filter(messages::id.gt(read))
        .filter(messages::removed_at.is_null())
        .filter(messages::author_id.is_distinct_from(me))
        .limit(100)
        .select(messages::id)
        .load(&mut **tx)?;
    Ok(new.len() as i64)
}

pub fn beside(tx: &mut Tx, member: &Member, kind: &Kind, record: Uuid) -> Result<Aside> {
    if !member.may("chat", "view") {
        return Ok(Aside::default());
    }
    Ok(Aside {
        part: part(tx, member, kind, record)?.render()?,
        composer: None,
    })
}
