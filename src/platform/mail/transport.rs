//! Where mail goes: to a mail server, or into the local mailbox.

use std::io;
use std::path::Path;

use super::{Delivery, Envelope, LocalMailbox, SmtpPool};
use crate::mail::smtp::{Limits, SmtpUrl};

#[derive(Clone)]
pub enum Transport {
    Smtp(SmtpPool),
    Mailbox(LocalMailbox),
}

impl Transport {
    /// The server that is configured, or the mailbox in the data directory where none is.
    pub fn new(smtp: Option<SmtpUrl>, data_dir: &Path) -> Result<Self, String> {
        match smtp {
            Some(url) => Ok(Self::Smtp(SmtpPool::new(url, Limits::default())?)),
            None => LocalMailbox::open(&data_dir.join("mailbox"))
                .map(Self::Mailbox)
                .map_err(|error| format!("the local mailbox cannot be opened: {error}")),
        }
    }

    /// How many mails are worth sending at once.
    pub fn width(&self) -> usize {
        match self {
            Self::Smtp(pool) => pool.connections(),
            Self::Mailbox(_) => 2,
        }
    }

    pub async fn send(&self, envelope: &Envelope, mail: &[u8]) -> Delivery {
        self.send_noting(envelope, mail, || Ok(())).await
    }

    /// Sends; `hand_over` runs right before the content leaves, at most once. Where it fails, nothing leaves.
    pub async fn send_noting<H>(&self, envelope: &Envelope, mail: &[u8], hand_over: H) -> Delivery
    where
        H: FnOnce() -> io::Result<()>,
    {
        match self {
            Self::Smtp(pool) => pool.send_noting(envelope, mail, hand_over).await,
            Self::Mailbox(mailbox) => match hand_over() {
                Ok(()) => mailbox.deliver(envelope, mail).await,
                Err(error) => Delivery::Unreachable {
                    reason: format!("the hand-over could not be recorded: {error}"),
                },
            },
        }
    }

    /// Whether mail can be sent now; the error says why not.
    pub async fn check(&self) -> Result<(), String> {
        match self {
            Self::Smtp(pool) => pool.check().await,
            Self::Mailbox(mailbox) => mailbox.check().await,
        }
    }

    /// Where mail goes, without credentials.
    pub fn describe(&self) -> String {
        match self {
            Self::Smtp(pool) => pool.url().to_string(),
            Self::Mailbox(_) => "local mailbox".into(),
        }
    }

    /// The local mailbox, where that is where mail goes.
    pub fn mailbox(&self) -> Option<&LocalMailbox> {
        match self {
            Self::Smtp(_) => None,
            Self::Mailbox(mailbox) => Some(mailbox),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::Address;
    use crate::mail::sink::{Manners, Sink};

    fn envelope() -> Envelope {
        Envelope {
            from: Address::parse("hello@acme.test").unwrap(),
            to: Address::parse("anna@example.com").unwrap(),
        }
    }

    #[tokio::test]
    async fn without_a_server_mail_stays_in_the_local_mailbox() {
        let folder = tempfile::tempdir().unwrap();
        let transport = Transport::new(None, folder.path()).unwrap();
        transport.check().await.unwrap();
        assert!(
            transport
                .send(&envelope(), b"Subject: Hi\r\n\r\nHello\r\n")
                .await
                .is_accepted()
        );
        let listed = transport.mailbox().unwrap().list(10, "").await.unwrap();
        assert_eq!(listed[0].subject, "Hi");
    }

    #[tokio::test]
    async fn with_a_server_mail_goes_there() {
        let sink = Sink::start(Manners {
            keep: 1,
            ..Manners::default()
        })
        .await
        .unwrap();
        let url = format!("smtp://{}", sink.address()).parse().unwrap();
        let transport = Transport::new(Some(url), Path::new("/nowhere")).unwrap();
        transport.check().await.unwrap();
        assert!(
            transport
                .send(&envelope(), b"Subject: Hi\r\n\r\nHello\r\n")
                .await
                .is_accepted()
        );
        assert_eq!(sink.accepted(), 1);
        assert!(transport.mailbox().is_none());
    }
}
