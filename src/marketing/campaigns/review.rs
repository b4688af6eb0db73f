//! What stands between a draft and its sending: whom it would reach, and what is wrong with it.

use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Nullable, Uuid as SqlUuid};
use platform::Result;
use platform::db::Tx;
use platform::mail::{Campaign as Mailing, ListId, Mailbox, Sender};
use platform::records::Editable;
use serde::Serialize;
use uuid::Uuid;

use super::campaign::Campaign;
use super::states::Installation;
use crate::marketing::brand::Brand;
use crate::marketing::segments::{Audience, Segment};
use crate::marketing::templates::{Content, EmailTemplate};
use crate::marketing::wanted;

/// Whom a campaign would reach now.
#[derive(Clone, Copy, Debug, Default, QueryableByName, Serialize)]
pub struct Reach {
    /// Different addresses in the segment.
    #[diesel(sql_type = BigInt)]
    pub addresses: i64,
    /// Of these, those that are left out: suppressed, withdrawn, bounced.
    #[diesel(sql_type = BigInt)]
    pub suppressed: i64,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct Review {
    pub reach: Reach,
    /// Of the segment, those whom no mail can reach.
    pub without_address: i64,
    /// What the reader sees of it in the inbox; empty where that can't be told yet.
    pub subject: String,
    pub sender: String,
    pub problems: Vec<String>,
}

impl Review {
    pub fn is_good(&self) -> bool {
        self.problems.is_empty()
    }

    pub fn recipients(&self) -> i64 {
        self.reach.addresses - self.reach.suppressed
    }
}

/// The addresses of an audience, each once, with the reason why it gets nothing or null.
pub struct Addressees<'a> {
    pub audience: &'a Audience,
    pub topic: Option<Uuid>,
}

impl QueryFragment<Pg> for Addressees<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("select distinct on (contacts.email) contacts.id as contact_id, contacts.email as email, ");
        out.push_sql(wanted::WHY_NOT);
        out.push_sql(" as reason from contacts");
        out.push_sql(&wanted::known_of("contacts.email"));
        out.push_bind_param::<Nullable<SqlUuid>, _>(&self.topic)?;
        out.push_sql(
            " where contacts.archived_at is null and contacts.email is not null and contacts.email <> '' and ",
        );
        self.audience.walk_ast(out.reborrow())?;
        out.push_sql(" order by contacts.email, contacts.id");
        Ok(())
    }
}

/// How many of an audience have no address at all.
struct Unreachable<'a>(&'a Audience);

impl QueryFragment<Pg> for Unreachable<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "select count(*) from contacts where contacts.archived_at is null \
             and coalesce(contacts.email, '') = '' and ",
        );
        self.0.walk_ast(out.reborrow())
    }
}

impl QueryId for Unreachable<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Unreachable<'_> {
    type SqlType = BigInt;
}

impl RunQueryDsl<PgConnection> for Unreachable<'_> {}

struct Reaching<'a>(Addressees<'a>);

impl QueryFragment<Pg> for Reaching<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("select count(*) as addresses, count(reason) as suppressed from (");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(") a");
        Ok(())
    }
}

impl QueryId for Reaching<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Reaching<'_> {
    type SqlType = diesel::sql_types::Untyped;
}

impl RunQueryDsl<PgConnection> for Reaching<'_> {}

impl Campaign {
    /// Looks at everything that sending needs, and tells all that is wrong at once.
    pub fn review(
        &self,
        tx: &mut Tx,
        brand: &Brand,
        installation: &Installation,
    ) -> Result<Review> {
        let mut review = Review::default();
        let Installation { mail_from, base } = installation;
        match self.template_id {
            None => review.problems.push("Choose a template.".into()),
            Some(id) => {
                let template = EmailTemplate::find(tx, id)?;
                let content = self.content(&template, brand);
                if let Err(problem) = self.mailing(&content, brand, mail_from, base) {
                    review.problems.push(problem);
                }
                review.subject = content.subject.trim().to_owned();
                if review.subject.is_empty() {
                    review.problems.push("The mail needs a subject.".into());
                }
            }
        }
        let sender = brand.sender(&self.sender_name, &self.sender_email, mail_from);
        review.sender = sender.map_or_else(|_| String::new(), |sender| sender.to_string());
        if brand.postal_address.trim().is_empty() {
            review.problems.push(
                "Enter the postal address of the workspace in its settings: every mail to many must carry it.".into(),
            );
        }
        match self.segment_id {
            None => review.problems.push("Choose a segment.".into()),
            Some(id) => match Segment::find(tx, id)?.audience(tx) {
                Ok(audience) => {
                    let topic = self.topic_id;
                    let reaching = Reaching(Addressees {
                        audience: &audience,
                        topic,
                    });
                    review.reach = reaching.get_result(&mut **tx)?;
                    review.without_address = Unreachable(&audience).get_result(&mut **tx)?;
                    if review.recipients() == 0 {
                        review
                            .problems
                            .push("Nobody in the segment can get this mail.".into());
                    }
                }
                Err(problem) => review.problems.push(problem.to_string()),
            },
        }
        Ok(review)
    }

    /// What this campaign says with that template.
    pub fn content(&self, template: &EmailTemplate, brand: &Brand) -> Content {
        let subject = match self.subject.trim() {
            "" => &template.subject,
            own => own,
        };
        Content::new(subject, &template.body, &template.body_text, brand)
    }

    /// The content compiled and addressed, ready for recipients; or what is wrong with it.
    pub fn mailing(
        &self,
        content: &Content,
        brand: &Brand,
        mail_from: &str,
        base: &str,
    ) -> Result<Mailing, String> {
        let template = content.compile().map_err(|e| e.to_string())?;
        let from = brand
            .sender(&self.sender_name, &self.sender_email, mail_from)
            .map_err(|e| format!("Sender: {e}"))?;
        let reply_to = match self.reply_to.as_str() {
            "" => None,
            address => Some(Mailbox::parse(address).map_err(|e| format!("Reply-to: {e}"))?),
        };
        let host = from.address().domain().to_owned();
        let sender = Sender {
            reply_to,
            list: Some(ListId {
                label: brand.name.clone(),
                id: format!("{}.{host}", brand.slug),
            }),
            headers: vec![(
                "Feedback-ID".into(),
                format!("{}:{}:nexus", self.id.simple(), brand.slug),
            )],
            base: base.to_owned(),
            host,
            from,
        };
        Mailing::new(template, &sender).map_err(|e| e.to_string())
    }
}
