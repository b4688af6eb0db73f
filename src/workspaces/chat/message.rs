//! A message: its row, and its verbs.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;
use platform::db::Tx;
use platform::records::notes::rich;
use platform::schema::{messages, seats};
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use super::conversation::Conversation;
use super::telling;

/// Of a page of messages.
pub const PAGE: i64 = 50;

#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = messages, check_for_backend(diesel::pg::Pg))]
pub struct Message {
    pub id: Uuid,
    pub conversation_id: Uuid,
    pub author_id: Option<Uuid>,
    pub body: String,
    pub html: String,
    pub reply_to: Option<Uuid>,
    pub edited_at: Option<DateTime<Utc>>,
    pub removed_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct MessageForm {
    #[validate(length(
        min = 1,
        max = 4000,
        message = "Please write something, in at most 4,000 characters."
    ))]
    pub body: String,
    /// The message of the same conversation that it answers.
    pub reply_to: Option<Uuid>,
    /// The last one that the page shows, which gets what came since.
    #[serde(skip_serializing)]
    pub after: Option<Uuid>,
}

impl Message {
    /// Says something; whoever is named hears of it, and so does everybody in a conversation of a few, unless they look
    /// at it now.
    pub fn post(
        tx: &mut Tx,
        conversation: &Conversation,
        form: MessageForm,
        looking: &HashSet<Uuid>,
    ) -> Result<Message> {
        let me = tx.me()?;
        if conversation.archived_at.is_some() {
            let words = "This channel is put away. Bring it back to write in it.";
            return Err(Error::Conflict(words.into()));
        }
        conversation.hold(tx)?;
        if let Some(reply) = form.reply_to {
            Message::find(tx, conversation, reply).map_err(|error| match error {
                Error::NotFound => Error::invalid("reply_to", "What this answers is not there."),
                other => other,
            })?;
        }
        let people = rich::colleagues(tx, &form.body)?;
        let message: Message = diesel::insert_into(messages::table)
            .values((
                messages::id.eq(Uuid::now_v7()),
                messages::conversation_id.eq(conversation.id),
                messages::author_id.eq(me),
                messages::html.eq(rich::rendered(&form.body, &people)),
                messages::body.eq(form.body),
                messages::reply_to.eq(form.reply_to),
                messages::created_at.eq(tx.now),
            ))
            .returning(Message::as_returning())
            .get_result(&mut **tx)?;
        read(tx, conversation.id, me, message.id)?;
        let event = conversation.note(tx, "message.posted", None);
        let named = rich::mentioned(&message.body, &people);
        telling::of_message(tx, conversation, event, &named, looking)?;
        Ok(message)
    }

    /// One of that conversation, removed or not.
    pub fn find(tx: &mut Tx, conversation: &Conversation, id: Uuid) -> Result<Message> {
        let row = messages::table.filter(messages::id.eq(id));
        let row = row.filter(messages::conversation_id.eq(conversation.id));
        Ok(row.select(Message::as_select()).first(&mut **tx)?)
    }

    /// One's own, which is still there.
    pub fn mine(tx: &mut Tx, conversation: &Conversation, id: Uuid) -> Result<Message> {
        let found = Message::find(tx, conversation, id)?;
        match found.author_id == tx.person && found.removed_at.is_none() {
            true => Ok(found),
            false => Err(Error::NotFound),
        }
    }

    pub fn edit(
        &self,
        tx: &mut Tx,
        conversation: &Conversation,
        form: MessageForm,
        looking: &HashSet<Uuid>,
    ) -> Result<Message> {
        if form.body == self.body {
            return Ok(self.clone());
        }
        let people = rich::colleagues(tx, &form.body)?;
        let message: Message = diesel::update(messages::table.filter(messages::id.eq(self.id)))
            .set((
                messages::html.eq(rich::rendered(&form.body, &people)),
                messages::body.eq(form.body),
                messages::edited_at.eq(tx.now),
            ))
            .returning(Message::as_returning())
            .get_result(&mut **tx)?;
        let event = conversation.note(tx, "message.edited", Some(self.id));
        // Who was named before has heard of it.
        let before = rich::mentioned(&self.body, &people);
        let mut named = rich::mentioned(&message.body, &people);
        named.retain(|id| !before.contains(id));
        if !named.is_empty() {
            telling::of_names(tx, conversation, event, &named, looking)?;
        }
        Ok(message)
    }

    /// Takes back what was said; that something was said stays.
    pub fn remove(&self, tx: &mut Tx, conversation: &Conversation) -> Result<Message> {
        let message: Message = diesel::update(messages::table.filter(messages::id.eq(self.id)))
            .set((
                messages::body.eq(""),
                messages::html.eq(""),
                messages::removed_at.eq(tx.now),
            ))
            .returning(Message::as_returning())
            .get_result(&mut **tx)?;
        conversation.note(tx, "message.removed", Some(self.id));
        Ok(message)
    }

    /// The newest before that one, oldest first, and whether there are older ones.
    pub fn before(
        tx: &mut Tx,
        conversation: Uuid,
        before: Option<Uuid>,
    ) -> Result<(Vec<Message>, bool)> {
        let mut query = messages::table
            .filter(messages::conversation_id.eq(conversation))
            .into_boxed();
        if let Some(before) = before {
            query = query.filter(messages::id.lt(before));
        }
        let mut found: Vec<Message> = query
            .order(messages::id.desc())
            .limit(PAGE + 1)
            .select(Message::as_select())
            .load(&mut **tx)?;
        let more = found.len() as i64 > PAGE;
        found.truncate(PAGE as usize);
        found.reverse();
        Ok((found, more))
    }

    /// What was said after that one, oldest first. Of more than a page, the newest.
    pub fn after(tx: &mut Tx, conversation: Uuid, after: Uuid) -> Result<Vec<Message>> {
        let since = messages::table
            .filter(messages::conversation_id.eq(conversation))
            .filter(messages::id.gt(after));
        let newest = since.order(messages::id.desc()).limit(PAGE);
        let mut found: Vec<Message> = newest.select(Message::as_select()).load(&mut **tx)?;
        found.reverse();
        Ok(found)
    }

    /// Those among the messages of some conversations.
    pub fn known(tx: &mut Tx, ids: &[Uuid]) -> Result<Vec<Message>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows = messages::table.filter(messages::id.eq_any(ids.to_vec()));
        Ok(rows
            .limit(PAGE)
            .select(Message::as_select())
            .load(&mut **tx)?)
    }
}

/// Somebody has read a conversation as far as that message. Whoever reads or writes about a record has a seat there from
/// then on only if they wrote or were named.
pub fn read(tx: &mut Tx, conversation: Uuid, person: Uuid, upto: Uuid) -> Result<()> {
    diesel::insert_into(seats::table)
        .values((
            seats::conversation_id.eq(conversation),
            seats::person_id.eq(person),
            seats::last_read.eq(upto),
        ))
        .on_conflict((
            seats::workspace_id,
            seats::conversation_id,
            seats::person_id,
        ))
        .do_update()
        .set(seats::last_read.eq(sql::<SqlUuid>(
            "greatest(seats.last_read, excluded.last_read)",
        )))
        .execute(&mut **tx)?;
    Ok(())
}

/// The same for somebody who looks: where they have no seat about a record, looking gives them none.
pub fn looked(tx: &mut Tx, conversation: &Conversation, upto: Option<Uuid>) -> Result<()> {
    let (Some(me), Some(upto)) = (tx.person, upto) else {
        return Ok(());
    };
    if conversation.is_open() {
        return read(tx, conversation.id, me, upto);
    }
    let seat = seats::table
        .filter(seats::conversation_id.eq(conversation.id))
        .filter(seats::person_id.eq(me))
        .filter(seats::last_read.lt(upto));
    diesel::update(seat)
        .set(seats::last_read.eq(upto))
        .execute(&mut **tx)?;
    Ok(())
}
