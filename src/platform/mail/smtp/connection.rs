//! One SMTP connection and the dialogue that hands over one mail.

use std::fmt;
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Ehlo, Noop, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension};
use tokio::time::timeout;

use super::pool::Limits;
use super::tls::Tls;
use super::wire::{Content, Reply, open_stream, within};
use super::{Security, SmtpUrl};
use crate::mail::{Delivery, Envelope};

/// The server is shutting down or has had enough of this connection.
const CLOSING: u16 = 421;
/// The answer to DATA that asks for the mail's content.
const AWAITS_CONTENT: u16 = 354;

pub(super) struct Connection {
    inner: AsyncSmtpConnection,
    limits: Limits,
    pipelining: bool,
    eight_bit: bool,
    international: bool,
    usable: bool,
}

/// How one attempt on one connection ended.
pub(super) enum Attempt {
    Done(Delivery),
    /// The connection failed before any content left, so another one may be tried.
    Broken(String),
}

impl Connection {
    /// Connects, encrypts and signs in.
    pub(super) async fn open(url: &SmtpUrl, tls: &Tls, limits: Limits) -> Result<Self, String> {
        timeout(limits.connect, Self::establish(url, tls, limits))
            .await
            .map_err(|_| format!("{url} did not answer in time"))?
    }

    async fn establish(url: &SmtpUrl, tls: &Tls, limits: Limits) -> Result<Self, String> {
        let hello = match &url.helo {
            Some(name) => ClientId::Domain(name.clone()),
            None => ClientId::default(),
        };
        let stream = open_stream(url, tls)
            .await
            .map_err(|error| format!("{url}: {error}"))?;
        let mut inner = AsyncSmtpConnection::connect_with_transport(stream, &hello)
            .await
            .map_err(|error| error.to_string())?;
        if let Tls::Upgrade(parameters) = tls {
            if inner.can_starttls() {
                let upgraded = inner.starttls(parameters.clone(), &hello).await;
                upgraded.map_err(|error| error.to_string())?;
            } else if url.security == Security::Required {
                return Err(format!("{url} offers no encryption (STARTTLS)"));
            }
        }
        if let Some((user, password)) = &url.credentials {
            let credentials = Credentials::new(user.clone(), password.clone());
            let signed_in = inner
                .auth(&[Mechanism::Plain, Mechanism::Login], &credentials)
                .await;
            signed_in.map_err(|error| format!("{url} refused the sign-in: {error}"))?;
        }
        let pipelining = offers_pipelining(&mut inner, hello).await?;
        let offers = |extension| inner.server_info().supports_feature(extension);
        Ok(Self {
            pipelining,
            eight_bit: offers(Extension::EightBitMime),
            international: offers(Extension::SmtpUtfEight),
            usable: true,
            limits,
            inner,
        })
    }

    /// Whether the next mail may go over this connection.
    pub(super) fn is_usable(&self) -> bool {
        self.usable
    }

    /// Sends one mail. `hand_over` runs right before the content leaves; where it fails, the content stays.
    pub(super) async fn send<H>(
        &mut self,
        envelope: &Envelope,
        mail: &str,
        hand_over: &mut Option<H>,
    ) -> Attempt
    where
        H: FnOnce() -> std::io::Result<()>,
    {
        if let Some(refusal) = self.cannot_carry(envelope, mail) {
            return Attempt::Done(refusal);
        }
        // Until the dialogue is over the connection is in no state for another mail, also if this future is dropped.
        self.usable = false;
        match self.announce(envelope, mail.is_ascii()).await {
            Ok(None) => {}
            Ok(Some(refusal)) => {
                if refusal.code == CLOSING {
                    return Attempt::Broken(refusal.text);
                }
                self.usable = self.reset().await;
                return Attempt::Done(refusal.rejection());
            }
            Err(reason) => return Attempt::Broken(reason),
        }
        if let Some(Err(error)) = hand_over.take().map(|hand_over| hand_over()) {
            let reason = format!("the hand-over could not be recorded: {error}");
            return Attempt::Done(Delivery::Unreachable { reason });
        }
        Attempt::Done(self.content(mail).await)
    }

    /// MAIL, RCPT and DATA, in one write where the server allows it. Gives the refusal, if there is one.
    async fn announce(
        &mut self,
        envelope: &Envelope,
        ascii: bool,
    ) -> Result<Option<Reply>, String> {
        let body = if ascii { "" } else { " BODY=8BITMIME" };
        let utf8 = match envelope.from.is_international() || envelope.to.is_international() {
            true => " SMTPUTF8",
            false => "",
        };
        let mail = format!("MAIL FROM:<{}>{body}{utf8}\r\n", envelope.from);
        let rcpt = format!("RCPT TO:<{}>\r\n", envelope.to);
        let commands = [mail.as_str(), &rcpt, "DATA\r\n"];
        let mut replies = Vec::with_capacity(commands.len());
        if self.pipelining {
            replies.push(self.command(&commands.concat()).await?);
            for _ in 1..commands.len() {
                replies.push(self.reply().await?);
            }
        } else {
            for command in commands {
                replies.push(self.command(command).await?);
                if replies.last().is_some_and(|reply| reply.code >= 400) {
                    break;
                }
            }
        }
        let awaits_content = replies
            .last()
            .is_some_and(|reply| reply.code == AWAITS_CONTENT);
        let refusal = replies.into_iter().find(|reply| reply.code >= 400);
        match (&refusal, awaits_content) {
            (None, false) => Err("the mail server answered DATA out of turn".into()),
            (Some(_), true) => {
                // It refused the recipient and waits for content all the same: an empty mail to nobody ends that.
                self.command(".\r\n").await?;
                Ok(refusal)
            }
            _ => Ok(refusal),
        }
    }

    /// The content and its end in one write, then the answer that counts.
    async fn content(&mut self, mail: &str) -> Delivery {
        let limit = self.limits.answer;
        match self.exchange(limit, Content(mail)).await {
            Ok(reply) => {
                self.usable = reply.code != CLOSING;
                match reply.code {
                    200..=299 => Delivery::Accepted { reply: reply.text },
                    _ => reply.rejection(),
                }
            }
            Err(_) => Delivery::Unanswered,
        }
    }

    fn cannot_carry(&self, envelope: &Envelope, mail: &str) -> Option<Delivery> {
        let international = envelope.from.is_international() || envelope.to.is_international();
        let text = if international && !self.international {
            "The mail server takes no international addresses (SMTPUTF8)."
        } else if !self.eight_bit && !mail.is_ascii() {
            "The mail server takes no 8-bit content (8BITMIME)."
        } else {
            return None;
        };
        Some(Delivery::Rejected {
            code: 550,
            permanent: true,
            text: text.into(),
        })
    }

    /// Ends a refused transaction so that the next mail starts clean.
    async fn reset(&mut self) -> bool {
        matches!(self.exchange(self.limits.command, Rset).await, Ok(reply) if reply.code < 400)
    }

    /// Asks whether the server still listens.
    pub(super) async fn noop(&mut self) -> Result<(), String> {
        let reply = self.exchange(self.limits.command, Noop).await?;
        self.usable = reply.code < 400;
        if self.usable { Ok(()) } else { Err(reply.text) }
    }

    pub(super) async fn quit(mut self) {
        let _ = timeout(Duration::from_secs(2), self.inner.quit()).await;
    }

    async fn command(&mut self, command: &str) -> Result<Reply, String> {
        self.exchange(self.limits.command, command).await
    }

    async fn exchange(
        &mut self,
        limit: Duration,
        command: impl fmt::Display,
    ) -> Result<Reply, String> {
        within(limit, self.inner.command(command)).await
    }

    async fn reply(&mut self) -> Result<Reply, String> {
        within(self.limits.command, self.inner.read_response()).await
    }
}

/// Asks once more what the server offers: of that lettre keeps only what it knows itself, and pipelining is not among
/// it. A server that won't be asked twice offers nothing.
async fn offers_pipelining(
    inner: &mut AsyncSmtpConnection,
    hello: ClientId,
) -> Result<bool, String> {
    match inner.command(Ehlo::new(hello)).await {
        Ok(offered) => Ok(offered
            .message()
            .any(|line| line.eq_ignore_ascii_case("PIPELINING"))),
        Err(error) if error.status().is_some() => Ok(false),
        Err(error) => Err(error.to_string()),
    }
}
