//! A channel: made, changed, put away, joined and left.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Text;
use platform::db::Tx;
use platform::events::Changes;
use platform::name_is_free;
use platform::schema::{conversations, seats};
use platform::web::can::Member;
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use super::conversation::{Conversation, Kind};

/// More channels than this are nobody's.
const MOST: i64 = 500;

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct ChannelForm {
    #[validate(length(min = 1, max = 80))]
    pub name: String,
    #[validate(length(max = 250))]
    pub purpose: String,
    pub private: bool,
    /// Who is in it, where it is private.
    #[validate(length(max = 500, message = "A private channel has at most 500 people."))]
    pub people: Vec<Uuid>,
}

impl ChannelForm {
    fn settle(&mut self, member: &Member) -> Result<()> {
        self.name = self.name.trim_start_matches('#').trim().to_owned();
        if self.name.is_empty() {
            return Err(Error::invalid("name", "Please fill this in."));
        }
        if !self.private {
            self.people.clear();
            return Ok(());
        }
        self.people.sort_unstable();
        self.people.dedup();
        let known = |id: &Uuid| member.setup.person(*id).is_some();
        match self.people.iter().all(known) {
            true => Ok(()),
            false => Err(Error::invalid(
                "people",
                "Please choose people from the list.",
            )),
        }
    }

    /// What the log may know of it.
    fn told(&self) -> Changes {
        match self.private {
            true => Changes::none(),
            false => Changes::of_new(self),
        }
    }
}

impl Conversation {
    /// All open channels and the private ones of whoever asks, by name; those put away apart.
    pub fn channels(tx: &mut Tx, me: Uuid, archived: bool) -> Result<Vec<Conversation>> {
        let mine = seats::table
            .filter(seats::person_id.eq(me))
            .select(seats::conversation_id);
        let mut query = conversations::table
            .filter(conversations::kind.eq(Kind::Channel))
            .filter(
                conversations::private
                    .eq(false)
                    .or(conversations::id.eq_any(mine)),
            )
            .into_boxed();
        query = match archived {
            true => query.filter(conversations::archived_at.is_not_null()),
            false => query.filter(conversations::archived_at.is_null()),
        };
        Ok(query
            .order((
                conversations::general.desc(),
                sql::<Text>("lower(name)"),
                conversations::id,
            ))
            .limit(MOST)
            .select(Conversation::as_select())
            .load(&mut **tx)?)
    }

    /// A channel that this member may know of.
    pub fn channel(tx: &mut Tx, member: &Member, id: Uuid) -> Result<Conversation> {
        let found = Conversation::find(tx, member, id)?;
        match found.kind {
            Kind::Channel => Ok(found),
            Kind::Direct | Kind::Record => Err(Error::NotFound),
        }
    }

    pub fn open(tx: &mut Tx, member: &Member, mut form: ChannelForm) -> Result<Conversation> {
        form.settle(member)?;
        free(tx, &form, None)?;
        let count: i64 = conversations::table
            .filter(conversations::kind.eq(Kind::Channel))
            .count()
            .get_result(&mut **tx)?;
        if count >= MOST {
            let words = format!("There are {MOST} channels already, which is all there can be.");
            return Err(Error::invalid("name", words));
        }
        let me = tx.me()?;
        let channel: Conversation = diesel::insert_into(conversations::table)
            .values((
                conversations::id.eq(Uuid::now_v7()),
                conversations::kind.eq(Kind::Channel),
                conversations::name.eq(&form.name),
                conversations::purpose.eq(&form.purpose),
                conversations::private.eq(form.private),
                conversations::created_by.eq(me),
                conversations::created_at.eq(tx.now),
            ))
            .returning(Conversation::as_returning())
            .get_result(&mut **tx)?;
        if form.private {
            form.people.push(me);
            channel.seat(tx, &form.people)?;
        }
        channel.tell(tx, "channel.created", form.told());
        Ok(channel)
    }

    /// An open channel stays open and a private one private: what was said there was said to those who were there.
    pub fn change(
        &self,
        tx: &mut Tx,
        member: &Member,
        mut form: ChannelForm,
    ) -> Result<Conversation> {
        form.private = self.private;
        form.settle(member)?;
        free(tx, &form, Some(self.id))?;
        let before = self.form(tx)?;
        let channel: Conversation =
            diesel::update(conversations::table.filter(conversations::id.eq(self.id)))
                .set((
                    conversations::name.eq(&form.name),
                    conversations::purpose.eq(&form.purpose),
                ))
                .returning(Conversation::as_returning())
                .get_result(&mut **tx)?;
        if self.private {
            let me = tx.me()?;
            form.people.push(me);
            let gone = seats::table
                .filter(seats::conversation_id.eq(self.id))
                .filter(seats::person_id.ne_all(&form.people));
            diesel::delete(gone).execute(&mut **tx)?;
            self.seat(tx, &form.people)?;
        }
        let changes = match self.private {
            true => Changes::none(),
            false => Changes::between(&before, &form),
        };
        channel.tell(tx, "channel.updated", changes);
        Ok(channel)
    }

    pub fn form(&self, tx: &mut Tx) -> Result<ChannelForm> {
        Ok(ChannelForm {
            name: self.name.clone(),
            purpose: self.purpose.clone(),
            private: self.private,
            people: match self.private {
                true => self.people(tx)?,
                false => Vec::new(),
            },
        })
    }

    /// Nothing more is said in it; what was said can be read and found.
    pub fn put_away(&self, tx: &mut Tx, away: bool) -> Result<Conversation> {
        if self.general {
            let words = "This channel is everybody's and stays.";
            return Err(Error::Conflict(words.into()));
        }
        if self.archived_at.is_some() == away {
            return Ok(self.clone());
        }
        if !away {
            let form = self.form(tx)?;
            free(tx, &form, Some(self.id))?;
        }
        let channel: Conversation =
            diesel::update(conversations::table.filter(conversations::id.eq(self.id)))
                .set(conversations::archived_at.eq(away.then_some(tx.now)))
                .returning(Conversation::as_returning())
                .get_result(&mut **tx)?;
        let kind = match away {
            true => "channel.archived",
            false => "channel.restored",
        };
        channel.tell(tx, kind, Changes::none());
        Ok(channel)
    }

    /// Whoever leaves a private channel comes back only if somebody takes them in.
    pub fn leave(&self, tx: &mut Tx) -> Result<()> {
        let me = tx.me()?;
        if !self.private {
            let words = "This channel is open to everybody; there is nothing to leave.";
            return Err(Error::Conflict(words.into()));
        }
        let seat = seats::table
            .filter(seats::conversation_id.eq(self.id))
            .filter(seats::person_id.eq(me));
        diesel::delete(seat).execute(&mut **tx)?;
        self.tell(tx, "channel.left", Changes::none());
        Ok(())
    }

    /// Whether this member may change or archive it: who made it, and who keeps channels.
    pub fn may_change(&self, member: &Member) -> bool {
        let mine = self.created_by == Some(member.person().id);
        self.kind == Kind::Channel
            && (member.may("chat", "manage") || (mine && member.may("chat", "create")))
    }

    fn tell(&self, tx: &mut Tx, kind: &'static str, changes: Changes) {
        let title = match self.private {
            true => "A private channel".to_owned(),
            false => format!("#{}", self.name),
        };
        let event = tx.note_event(kind, &title, changes);
        event.with("conversation", self.id);
    }
}

fn free(tx: &mut Tx, form: &ChannelForm, but: Option<Uuid>) -> Result<()> {
    if form.private {
        return Ok(());
    }
    name_is_free!(
        tx,
        conversations,
        &form.name,
        but,
        "There is a channel of this name already.",
        conversations::kind.eq(Kind::Channel),
        conversations::private.eq(false),
        conversations::archived_at.is_null(),
    )
}
