//! The mails that carry a link to set a password.
//!
//! The link's token is made when the mail is, from the job's id under our secret: no job ever holds it, and a job
//! that runs twice sends the same mail.

use std::sync::Arc;

use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::prelude::*;
use hmac::{Hmac, Mac};
use platform::config::Config;
use platform::db::Tx;
use platform::db::tx::Aftermath;
use platform::jobs::{Job, JobContext, NewJob, Queue, queue};
use platform::mail::{Address, Delivery, Mailbox, Outgoing, message_id};
use platform::schema::{members, people, workspaces};
use platform::web::App;
use platform::{Error, Result, clock};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

use super::token::{self, Purpose};

/// To somebody who lost their password; where there is no such person it does nothing.
#[derive(Debug, Serialize, Deserialize)]
pub struct SendReset {
    pub person: Uuid,
}

/// To somebody who was added to a workspace.
#[derive(Debug, Serialize, Deserialize)]
pub struct SendInvitation {
    pub person: Uuid,
}

/// Promises a mail that belongs to no workspace, and tells who sends it.
pub async fn promise(app: &Arc<App>, job: impl Job) -> Result<()> {
    let job = job.new_job();
    let queues = app
        .directory(move |conn| NewJob::insert_all(conn, None, &[job]))
        .await?;
    let aftermath = Aftermath {
        queues,
        ..Aftermath::default()
    };
    for reader in &app.readers {
        reader.committed(Uuid::nil(), &aftermath);
    }
    Ok(())
}

impl Job for SendReset {
    const QUEUE: Queue = queue::EMAIL;
    const NAME: &'static str = "identity.send_reset";

    async fn run(self, ctx: JobContext) -> Result<()> {
        let token = token_of(&ctx.app.config, ctx.id);
        let (person, issued) = (self.person, token.clone());
        let addressee = ctx
            .directory(move |conn| {
                let addressee = Addressee::of(conn, person)?;
                if addressee.is_some() {
                    token::issue(conn, person, Purpose::Reset, &issued)?;
                }
                Ok(addressee)
            })
            .await?;
        let Some(to) = addressee else {
            return Ok(());
        };
        let letter = Letter {
            subject: "Choose a new password".into(),
            name: to.name.clone(),
            text: "Somebody, probably you, asked for a new password for your account at Nexus."
                .into(),
            button: "Choose a new password",
            url: format!("{}/password/{token}", ctx.app.config.public_url),
            note: "The link works once, within an hour. If it wasn't you, do nothing: your password stays as it is.",
        };
        letter.send(&ctx, "Nexus", &to).await
    }
}

impl Job for SendInvitation {
    const QUEUE: Queue = queue::EMAIL;
    const NAME: &'static str = "identity.send_invitation";

    async fn run(self, ctx: JobContext) -> Result<()> {
        let person = self.person;
        let Some(invited) = ctx.tx(move |tx| Invited::find(tx, person)).await? else {
            return Ok(());
        };
        let token = token_of(&ctx.app.config, ctx.id);
        let issued = token.clone();
        let addressee = ctx
            .directory(move |conn| {
                let addressee = Addressee::of(conn, person)?;
                if addressee.as_ref().is_some_and(|to| !to.has_password) {
                    token::issue(conn, person, Purpose::Invite, &issued)?;
                }
                Ok(addressee)
            })
            .await?;
        let Some(to) = addressee else {
            return Ok(());
        };
        let letter = invited.letter(&ctx.app.config, &to, &token);
        letter.send(&ctx, &invited.workspace, &to).await
    }
}

fn token_of(config: &Config, job: Uuid) -> String {
    let key = config.key("password links");
    let mut mac = Hmac::<Sha256>::new_from_slice(&key)
        .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    mac.update(job.as_bytes());
    URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

#[derive(Queryable)]
struct Addressee {
    email: String,
    name: String,
    has_password: bool,
}

impl Addressee {
    fn of(conn: &mut PgConnection, person: Uuid) -> Result<Option<Addressee>> {
        Ok(people::table
            .find(person)
            .filter(people::disabled_at.is_null())
            .select((
                people::email,
                people::name,
                people::password_hash.is_not_null(),
            ))
            .first(conn)
            .optional()?)
    }
}

/// What the invitation speaks of.
struct Invited {
    workspace: String,
    slug: String,
    by: Option<String>,
    name: String,
}

impl Invited {
    /// `None` where the member was deactivated meanwhile.
    fn find(tx: &mut Tx, person: Uuid) -> Result<Option<Invited>> {
        let found: Option<(String, Option<Uuid>)> = members::table
            .filter(members::person_id.eq(person))
            .filter(members::active)
            .select((members::name, members::invited_by))
            .first(&mut **tx)
            .optional()?;
        let Some((name, invited_by)) = found else {
            return Ok(None);
        };
        let (workspace, slug) = workspaces::table
            .find(tx.workspace)
            .select((workspaces::name, workspaces::slug))
            .first(&mut **tx)?;
        let by = members::table
            .filter(members::person_id.nullable().eq(invited_by))
            .select(members::name)
            .first(&mut **tx)
            .optional()?;
        Ok(Some(Invited {
            workspace,
            slug,
            by,
            name,
        }))
    }

    /// Who has a password already only learns where to go.
    fn letter(&self, config: &Config, to: &Addressee, token: &str) -> Letter {
        let by = self.by.as_deref().unwrap_or("An admin");
        let base = &config.public_url;
        let (button, url, note) = match to.has_password {
            true => (
                "Open the workspace",
                format!("{base}/w/{}", self.slug),
                "Sign in with the password that you have already.",
            ),
            false => (
                "Choose a password",
                format!("{base}/password/{token}"),
                "The link works once, within three days. Afterwards ask for another one.",
            ),
        };
        Letter {
            subject: format!("You are invited to {}", self.workspace),
            name: self.name.clone(),
            text: format!(
                "{by} has invited you to work in {} at Nexus.",
                self.workspace
            ),
            button,
            url,
            note,
        }
    }
}

/// A short mail with one button.
struct Letter {
    subject: String,
    name: String,
    text: String,
    button: &'static str,
    url: String,
    note: &'static str,
}

#[derive(Template)]
#[template(path = "identity/passwords/mail.html")]
struct Html<'a> {
    letter: &'a Letter,
}

#[derive(Template)]
#[template(path = "identity/passwords/mail.txt")]
struct Text<'a> {
    letter: &'a Letter,
}

impl Letter {
    async fn send(&self, ctx: &JobContext, sender: &str, to: &Addressee) -> Result<()> {
        let mail = self.outgoing(ctx, sender, to)?;
        let bytes = mail.to_bytes(clock::now()).map_err(Error::internal)?;
        let transport = ctx.app.mail.transport()?;
        match transport.send(&mail.envelope(), &bytes).await {
            Delivery::Accepted { .. } => Ok(()),
            // The server's words may quote the address, which has no place in the log of jobs.
            Delivery::Rejected { code, .. } => Err(Error::Unavailable(format!(
                "The mail server refused the mail ({code})."
            ))),
            Delivery::Unanswered => Err(Error::Unavailable(
                "The mail server took the mail and did not answer.".into(),
            )),
            Delivery::Unreachable { reason } => Err(Error::Unavailable(format!(
                "The mail server can't be reached: {reason}."
            ))),
        }
    }

    fn outgoing(&self, ctx: &JobContext, sender: &str, to: &Addressee) -> Result<Outgoing> {
        let from = Mailbox::parse(&ctx.app.config.mail_from).map_err(Error::internal)?;
        let address = from.address().clone();
        let domain = address.domain().to_owned();
        let recipient = Address::parse(&to.email).map_err(Error::internal)?;
        Ok(Outgoing {
            from: Mailbox::new(Some(sender), address),
            to: Mailbox::new(Some(&to.name), recipient),
            reply_to: None,
            subject: self.subject.clone(),
            html: Html { letter: self }.render()?,
            text: Text { letter: self }.render()?,
            message_id: message_id(&format!("identity:{}", ctx.id), &domain),
            unsubscribe: None,
            list: None,
            headers: vec![("Auto-Submitted".into(), "auto-generated".into())],
        })
    }
}
