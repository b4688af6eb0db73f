//! One mail of its own: a reset link, an invitation, a test send.

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use lettre::message::header::{
    ContentTransferEncoding, ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0,
};
use lettre::message::{Body, Message, MultiPart, SinglePart};
use sha2::{Digest, Sha256};

use super::address::single_line;
use super::{Address, Envelope, Mailbox};

const MAX_SUBJECT: usize = 500;
const MAX_HEADER: usize = 2_000;

/// A mail to one person, HTML and plain text.
#[derive(Debug, Clone)]
pub struct Outgoing {
    pub from: Mailbox,
    pub to: Mailbox,
    pub reply_to: Option<Mailbox>,
    pub subject: String,
    pub html: String,
    pub text: String,
    /// With the angle brackets, as [`message_id`] makes it.
    pub message_id: String,
    /// The address that unsubscribes with one click (RFC 8058).
    pub unsubscribe: Option<String>,
    pub list: Option<ListId>,
    /// Further headers, such as `Auto-Submitted` or `X-Entity-Ref-ID`.
    pub headers: Vec<(String, String)>,
}

/// What mail programs group and filter the mails of one list by (RFC 2919).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListId {
    pub label: String,
    /// Looks like a host name: `newsletter.acme.example.com`.
    pub id: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    #[error("“{0}” cannot be set as a header of a mail.")]
    Header(String),
    #[error("The unsubscribe link is not a web address.")]
    Unsubscribe,
    #[error("The list's id is not a host name.")]
    List,
    #[error("The mail could not be put together: {0}")]
    Build(String),
}

impl Outgoing {
    /// Who the server is told; bounces go to the sender.
    pub fn envelope(&self) -> Envelope {
        Envelope {
            from: self.from.address().clone(),
            to: self.to.address().clone(),
        }
    }

    /// The mail as it goes over the wire (RFC 5322), in 7-bit characters and with CRLF.
    pub fn to_bytes(&self, now: DateTime<Utc>) -> Result<Vec<u8>, MessageError> {
        let mut message = Message::builder()
            .from(self.from.lettre())
            .to(self.to.lettre())
            .subject(single_line(&self.subject, MAX_SUBJECT))
            .date(now.into())
            .message_id(Some(single_line(&self.message_id, MAX_HEADER)))
            .header(MIME_VERSION_1_0);
        if let Some(reply_to) = &self.reply_to {
            message = message.reply_to(reply_to.lettre());
        }
        for (name, value) in self.list_headers()? {
            message = message.raw_header(header(name, &value)?);
        }
        for (name, value) in &self.headers {
            message = message.raw_header(extra_header(name, value)?);
        }
        let content = MultiPart::alternative()
            .singlepart(part(ContentType::TEXT_PLAIN, &self.text)?)
            .singlepart(part(ContentType::TEXT_HTML, &self.html)?);
        message
            .multipart(content)
            .map(|message| message.formatted())
            .map_err(|error| MessageError::Build(error.to_string()))
    }

    fn list_headers(&self) -> Result<Vec<(&'static str, String)>, MessageError> {
        let mut headers = Vec::new();
        if let Some(url) = &self.unsubscribe {
            headers.extend(unsubscribe_headers(url)?);
        }
        if let Some(list) = &self.list {
            headers.push(("List-Id", list.value()?));
        }
        Ok(headers)
    }
}

impl ListId {
    pub(super) fn value(&self) -> Result<String, MessageError> {
        let id = Address::parse(&format!("list@{}", self.id)).map_err(|_| MessageError::List)?;
        let label = single_line(&self.label, 100).replace(['<', '>', '"'], "");
        Ok(match label.is_empty() {
            true => format!("<{}>", id.domain()),
            false => format!("{label} <{}>", id.domain()),
        })
    }
}

/// The pair of headers that lets a mail program unsubscribe with one click.
pub(super) fn unsubscribe_headers(url: &str) -> Result<[(&'static str, String); 2], MessageError> {
    let url = url::Url::parse(url)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .ok_or(MessageError::Unsubscribe)?;
    Ok([
        ("List-Unsubscribe", format!("<{url}>")),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".into()),
    ])
}

/// The same key gives the same Message-ID, so that a mail sent twice can be recognised as one.
pub fn message_id(key: &str, host: &str) -> String {
    let digest = Sha256::digest(key.as_bytes());
    let mut id = String::with_capacity(40 + host.len());
    id.push('<');
    id.push_str(&hex::encode(&digest[..16]));
    id.push('@');
    id.extend(
        host.chars()
            .filter(|c| c.is_ascii_alphanumeric() || ".-".contains(*c)),
    );
    id.push('>');
    id
}

fn part(kind: ContentType, text: &str) -> Result<SinglePart, MessageError> {
    let body = Body::new_with_encoding(text.to_owned(), ContentTransferEncoding::QuotedPrintable)
        .map_err(|_| MessageError::Build("the content cannot be encoded".into()))?;
    Ok(SinglePart::builder().header(kind).body(body))
}

/// Refuses names that the mail itself is made of: a second `To` or `Content-Type` changes what it is.
pub(super) fn is_free_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let taken = [
        "from",
        "sender",
        "to",
        "cc",
        "bcc",
        "subject",
        "date",
        "message-id",
        "mime-version",
        "reply-to",
        "return-path",
        "received",
        "dkim-signature",
    ];
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.len() <= 70
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !taken.contains(&name.as_str())
        && !["content-", "resent-", "list-"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
}

fn extra_header(name: &str, value: &str) -> Result<HeaderValue, MessageError> {
    if !is_free_header(name) {
        return Err(MessageError::Header(single_line(name, 80)));
    }
    header(name, value)
}

fn header(name: &str, value: &str) -> Result<HeaderValue, MessageError> {
    let name = HeaderName::new_from_ascii(name.to_owned())
        .map_err(|_| MessageError::Header(single_line(name, 80)))?;
    Ok(HeaderValue::new(name, single_line(value, MAX_HEADER)))
}
