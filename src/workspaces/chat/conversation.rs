//! A conversation: a channel, a few people, or the one about a record; who is in it, and its verbs.

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use platform::db::Tx;
use platform::records::{Card, kinds::Kind as RecordKind};
use platform::schema::{conversations, records, seats};
use platform::text_enum;
use platform::web::Resource;
use platform::web::can::Member;
use platform::{Error, Result};
use serde::Serialize;
use uuid::Uuid;

/// More people than this want a channel.
pub const MOST_BETWEEN: usize = 8;

/// What the rights to all of it are called by.
pub struct Chat;

impl Resource for Chat {
    const NAME: &'static str = "chat";
}

text_enum! {
    pub enum Kind {
        Channel => "channel", "Channel";
        Direct => "direct", "Direct message";
        Record => "record", "Discussion";
    }
}

#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = conversations, check_for_backend(diesel::pg::Pg))]
pub struct Conversation {
    pub id: Uuid,
    pub kind: Kind,
    pub name: String,
    pub purpose: String,
    pub private: bool,
    pub general: bool,
    pub record_id: Option<Uuid>,
    pub created_by: Option<Uuid>,
    pub created_at: DateTime<Utc>,
    pub archived_at: Option<DateTime<Utc>>,
}

impl Conversation {
    /// One that this member may know of; any other is not there.
    pub fn find(tx: &mut Tx, member: &Member, id: Uuid) -> Result<Conversation> {
        let row = conversations::table.filter(conversations::id.eq(id));
        let found: Conversation = row.select(Conversation::as_select()).first(&mut **tx)?;
        match found.admits(tx, member)? {
            true => Ok(found),
            false => Err(Error::NotFound),
        }
    }

    /// Held until the transaction ends, so that messages stand in the order in which they are kept.
    pub fn hold(&self, tx: &mut Tx) -> Result<()> {
        let row = conversations::table.filter(conversations::id.eq(self.id));
        let _: Uuid = row
            .select(conversations::id)
            .for_no_key_update()
            .first(&mut **tx)?;
        Ok(())
    }

    /// Whether it is open to whoever may talk here at all.
    pub fn is_open(&self) -> bool {
        self.kind == Kind::Channel && !self.private
    }

    fn admits(&self, tx: &mut Tx, member: &Member) -> Result<bool> {
        match self.record_id {
            _ if self.is_open() => Ok(true),
            Some(record) => Ok(subject(tx, member, record)?.is_some()),
            None => self.seats(tx, member.person().id),
        }
    }

    /// Whether somebody has a seat in it.
    pub fn seats(&self, tx: &mut Tx, person: Uuid) -> Result<bool> {
        let seat = seats::table.filter(
            seats::conversation_id
                .eq(self.id)
                .and(seats::person_id.eq(person)),
        );
        Ok(diesel::select(exists(seat)).get_result(&mut **tx)?)
    }

    /// Who has a seat in it.
    pub fn people(&self, tx: &mut Tx) -> Result<Vec<Uuid>> {
        let mine = seats::table.filter(seats::conversation_id.eq(self.id));
        let people = mine.order(seats::person_id).select(seats::person_id);
        Ok(people.limit(5_000).load(&mut **tx)?)
    }

    /// Takes these people in.
    pub fn seat(&self, tx: &mut Tx, people: &[Uuid]) -> Result<()> {
        let row = |id: &Uuid| (seats::conversation_id.eq(self.id), seats::person_id.eq(*id));
        diesel::insert_into(seats::table)
            .values(people.iter().map(row).collect::<Vec<_>>())
            .on_conflict_do_nothing()
            .execute(&mut **tx)?;
        Ok(())
    }

    /// The one between these people and whoever asks, made where they have not talked yet.
    pub fn between(tx: &mut Tx, member: &Member, others: &[Uuid]) -> Result<Conversation> {
        let me = tx.me()?;
        let mut people: Vec<Uuid> = others.to_vec();
        people.push(me);
        people.sort_unstable();
        people.dedup();
        let active = |id: &Uuid| member.setup.person(*id).is_some_and(|p| p.active);
        if people.len() < 2 {
            return Err(Error::invalid("people", "Please choose somebody else."));
        }
        if people.len() > MOST_BETWEEN {
            let words = "At most seven others: for more, make a channel.";
            return Err(Error::invalid("people", words));
        }
        if !people.iter().all(active) {
            let words = "Please choose people from the list.";
            return Err(Error::invalid("people", words));
        }
        let id = Uuid::now_v7();
        let made = diesel::insert_into(conversations::table)
            .values((
                conversations::id.eq(id),
                conversations::kind.eq(Kind::Direct),
                conversations::between_ids.eq(&people),
                conversations::created_by.eq(me),
                conversations::created_at.eq(tx.now),
            ))
            .on_conflict_do_nothing()
            .execute(&mut **tx)?;
        let row = conversations::table.filter(conversations::between_ids.eq(&people));
        let found: Conversation = row.select(Conversation::as_select()).first(&mut **tx)?;
        if made > 0 {
            found.seat(tx, &people)?;
            found.note(tx, "chat.opened", None);
        }
        Ok(found)
    }

    /// The one about this record, where somebody has begun it.
    pub fn about(tx: &mut Tx, record: Uuid) -> Result<Option<Conversation>> {
        let row = conversations::table.filter(conversations::record_id.eq(record));
        Ok(row
            .select(Conversation::as_select())
            .first(&mut **tx)
            .optional()?)
    }

    /// The same, begun now where nobody has; the record's timeline tells of it.
    pub fn begin(tx: &mut Tx, record: &Card) -> Result<Conversation> {
        let made = diesel::insert_into(conversations::table)
            .values((
                conversations::id.eq(Uuid::now_v7()),
                conversations::kind.eq(Kind::Record),
                conversations::record_id.eq(record.id),
                conversations::created_by.eq(tx.person),
                conversations::created_at.eq(tx.now),
            ))
            .on_conflict_do_nothing()
            .execute(&mut **tx)?;
        if made > 0 {
            let event = tx.note_event("chat.begun", &record.title, Default::default());
            event.record_kind = Some(record.kind.clone());
            event.record_id = Some(record.id);
            event.with("text", "began a discussion");
        }
        Conversation::about(tx, record.id)?.ok_or(Error::NotFound)
    }

    /// Leaves the event of something that happened in it. What others may not know of is not named in the log.
    /// `changed` is a message that was there before.
    pub fn note(&self, tx: &mut Tx, kind: &'static str, changed: Option<Uuid>) -> Uuid {
        let title = match (self.kind, self.private) {
            (Kind::Channel, false) => format!("#{}", self.name),
            (Kind::Channel, true) => "A private channel".to_owned(),
            (kind, _) => kind.label().to_owned(),
        };
        let event = tx.note_event(kind, &title, Default::default());
        event.with("conversation", self.id);
        if let Some(message) = changed {
            event.with("message", message);
        }
        event.id
    }
}

/// The record that a conversation is about, if this member may see it.
pub fn subject(tx: &mut Tx, member: &Member, record: Uuid) -> Result<Option<(RecordKind, Card)>> {
    let row = records::table.filter(records::id.eq(record));
    let card: Option<Card> = row.select(Card::as_select()).first(&mut **tx).optional()?;
    Ok(card.and_then(|card| seen(member, card)))
}

/// The same of a record that is known already.
pub fn seen(member: &Member, card: Card) -> Option<(RecordKind, Card)> {
    let kind = member.app.kinds.get(&card.kind)?;
    let may = member.may_with(kind.resource(), "view", card.owner_id);
    may.then_some((*kind, card))
}
