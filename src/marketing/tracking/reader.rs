//! The reader behind a token.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use platform::db::Tx;
use platform::db::tx::Subject;
use platform::events::Changes;
use platform::mail::{Purpose, Token};
use platform::schema::{
    campaign_recipients as r, campaigns, contacts, sequence_mails as m, sequences,
};
use platform::web::can::Public;
use platform::{Error, Result};
use uuid::Uuid;

/// A reader's mail leaves at most so many rows, however often it is opened.
const MOST_EVENTS: i64 = 200;

/// What the mail was a part of.
#[derive(Clone, Debug)]
pub enum Source {
    Campaign(Uuid),
    /// With where the mail's links lead, in the order of their numbers.
    Sequence(Uuid, Vec<String>),
}

/// Somebody who got one mail.
#[derive(Clone, Debug)]
pub struct Reader {
    pub recipient: Uuid,
    pub source: Source,
    /// The campaign's or the sequence's.
    pub name: String,
    pub topic: Option<Uuid>,
    pub contact: Option<Uuid>,
    pub email: String,
    pub opened_at: Option<DateTime<Utc>>,
}

/// What the token says, if we have signed it.
pub fn token(public: &Public, text: &str) -> Result<Token> {
    let token = public.app.mail.tokens.verify(text);
    token
        .filter(|t| matches!(t.purpose, Purpose::Campaign | Purpose::Sequence))
        .ok_or(Error::NotFound)
}

/// Runs `work` for the reader of this token in the workspace that it names.
pub async fn of<T: Send + 'static>(
    public: &Public,
    text: &str,
    work: impl FnOnce(&mut Tx, Reader) -> Result<T> + Send + 'static,
) -> Result<T> {
    let token = token(public, text)?;
    let subject = Subject {
        origin: public.origin.clone(),
        ..Subject::machine(token.workspace, "")
    };
    public
        .app
        .tx(subject, move |tx| {
            let reader = match token.purpose {
                Purpose::Sequence => Reader::of_sequence(tx, token.recipient)?,
                _ => Reader::of_campaign(tx, token.recipient)?,
            };
            work(tx, reader)
        })
        .await
}

impl Reader {
    fn of_campaign(tx: &mut Tx, recipient: Uuid) -> Result<Reader> {
        type Row = (Uuid, Option<Uuid>, String, Option<DateTime<Utc>>);
        let (campaign, contact, email, opened_at): Row = r::table
            .filter(r::id.eq(recipient))
            .select((r::campaign_id, r::contact_id, r::email, r::opened_at))
            .first(&mut **tx)?;
        let (name, topic) = campaigns::table
            .filter(campaigns::id.eq(campaign))
            .select((campaigns::name, campaigns::topic_id))
            .first(&mut **tx)?;
        Ok(Reader {
            recipient,
            source: Source::Campaign(campaign),
            name,
            topic,
            contact,
            email,
            opened_at,
        })
    }

    fn of_sequence(tx: &mut Tx, mail: Uuid) -> Result<Reader> {
        type Row = (
            Uuid,
            Option<Uuid>,
            String,
            Option<DateTime<Utc>>,
            Vec<String>,
        );
        let (sequence, contact, email, opened_at, links): Row = m::table
            .filter(m::id.eq(mail))
            .select((
                m::sequence_id,
                m::contact_id,
                m::email,
                m::opened_at,
                m::links,
            ))
            .first(&mut **tx)?;
        let (name, topic) = sequences::table
            .filter(sequences::id.eq(sequence))
            .select((sequences::name, sequences::topic_id))
            .first(&mut **tx)?;
        Ok(Reader {
            recipient: mail,
            source: Source::Sequence(sequence, links),
            name,
            topic,
            contact,
            email,
            opened_at,
        })
    }

    /// The table with the row of the mail.
    fn table(&self) -> &'static str {
        match self.source {
            Source::Campaign(_) => "campaign_recipients",
            Source::Sequence(..) => "sequence_mails",
        }
    }

    /// Says in the mail's row that something has happened; gives whether it is the first time.
    fn mark_first(&self, tx: &mut Tx, column: &'static str) -> Result<bool> {
        let marked = sql_query(format!(
            "update {} set {column} = $2 where id = $1 and {column} is null",
            self.table()
        ))
        .bind::<SqlUuid, _>(self.recipient)
        .bind::<Timestamptz, _>(tx.now)
        .execute(&mut **tx)?;
        Ok(marked > 0)
    }

    /// Leaves a row of what the reader did, up to a limit.
    pub fn note(&self, tx: &mut Tx, kind: &str, link: Option<i32>) -> Result<()> {
        let (source, campaign) = match &self.source {
            Source::Campaign(id) => ("campaign", Some(*id)),
            Source::Sequence(..) => ("sequence", None),
        };
        let agent: String = tx
            .origin
            .user_agent
            .clone()
            .unwrap_or_default()
            .chars()
            .take(200)
            .collect();
        sql_query(
            "insert into mail_events (id, kind, source, recipient_id, campaign_id, contact_id, link, user_agent, at) \
             select $1, $2, $10, $3, $4, $5, $6, $7, $8 \
             where (select count(*) from (select from mail_events where recipient_id = $3 limit $9) known) < $9",
        )
        .bind::<SqlUuid, _>(Uuid::now_v7())
        .bind::<Text, _>(kind)
        .bind::<SqlUuid, _>(self.recipient)
        .bind::<Nullable<SqlUuid>, _>(campaign)
        .bind::<Nullable<SqlUuid>, _>(self.contact)
        .bind::<Nullable<Integer>, _>(link)
        .bind::<Text, _>(agent)
        .bind::<Timestamptz, _>(tx.now)
        .bind::<diesel::sql_types::BigInt, _>(MOST_EVENTS)
        .bind::<Text, _>(source)
        .execute(&mut **tx)?;
        Ok(())
    }

    pub fn opened(&self, tx: &mut Tx) -> Result<()> {
        if self.mark_first(tx, "opened_at")? {
            self.tell(tx, "contact.email_opened")?;
        }
        Ok(())
    }

    /// A click is an open too, also where pictures are not loaded.
    pub fn clicked(&self, tx: &mut Tx) -> Result<()> {
        if self.opened_at.is_none() {
            self.opened(tx)?;
        }
        if self.mark_first(tx, "clicked_at")? {
            self.tell(tx, "contact.email_clicked")?;
        }
        Ok(())
    }

    pub fn unsubscribed(&self, tx: &mut Tx, at: Option<DateTime<Utc>>) -> Result<()> {
        sql_query(format!(
            "update {} set unsubscribed_at = $2 where id = $1",
            self.table()
        ))
        .bind::<SqlUuid, _>(self.recipient)
        .bind::<Nullable<Timestamptz>, _>(at)
        .execute(&mut **tx)?;
        let kind = match at {
            Some(_) => "contact.unsubscribed",
            None => "contact.resubscribed",
        };
        self.tell(tx, kind)
    }

    /// One event on the contact's timeline.
    pub fn tell(&self, tx: &mut Tx, kind: &'static str) -> Result<()> {
        let Some(contact) = self.contact else {
            return Ok(());
        };
        let name: Option<(String, String)> = contacts::table
            .filter(contacts::id.eq(contact))
            .select((contacts::first_name, contacts::last_name))
            .first(&mut **tx)
            .optional()?;
        let Some((first, last)) = name else {
            return Ok(());
        };
        let name = format!("{first} {last}").trim().to_owned();
        let title = if name.is_empty() {
            self.email.clone()
        } else {
            name
        };
        let event = tx.note_event(kind, &title, Changes::none());
        event.record_kind = Some("contact".to_owned());
        event.record_id = Some(contact);
        event.actor_name = title;
        if matches!(kind, "contact.email_opened" | "contact.email_clicked") {
            event.quietly();
        }
        match &self.source {
            Source::Campaign(id) => event.with("campaign_id", id).with("campaign", &self.name),
            Source::Sequence(id, _) => event.with("sequence_id", id).with("sequence", &self.name),
        };
        Ok(())
    }
}
