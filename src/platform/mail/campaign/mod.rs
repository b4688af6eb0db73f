//! One mail to many people: what is the same in all is encoded once, and the rest is filled in.
//!
//! A mail of 20 kB is then a copy of ready bytes with a few fields and a token between them. Content with conditions
//! takes the way through the template engine; both ways give the same mail.

mod segments;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::address::single_line;
use super::message::{is_free_header, message_id};
use super::template::{CompiledTemplate, Links, TemplateError};
use super::{ListId, Mailbox, MessageError, header, qp};
use segments::{Segments, Subject};

const MAX_SUBJECT: usize = 500;
/// In quoted-printable `=` is followed by digits or the end of a line, so no content can hold this.
const BOUNDARY: &str = "=_alternative";
const PART_TEXT: &[u8] = b"\r\n--=_alternative\r\nContent-Type: text/plain; charset=utf-8\r\n\
    Content-Transfer-Encoding: quoted-printable\r\n\r\n";
const PART_HTML: &[u8] = b"\r\n--=_alternative\r\nContent-Type: text/html; charset=utf-8\r\n\
    Content-Transfer-Encoding: quoted-printable\r\n\r\n";
const END: &[u8] = b"\r\n--=_alternative--\r\n";

/// Who sends, and what all mails of a campaign have in common.
#[derive(Debug, Clone)]
pub struct Sender {
    pub from: Mailbox,
    pub reply_to: Option<Mailbox>,
    pub list: Option<ListId>,
    /// Further headers, such as `Feedback-ID`.
    pub headers: Vec<(String, String)>,
    /// Where links, pixel and unsubscribing lead: `https://nexus.example.com`.
    pub base: String,
    /// The host in Message-IDs.
    pub host: String,
}

/// One reader.
#[derive(Debug, Clone, Copy)]
pub struct Recipient<'a> {
    pub to: &'a Mailbox,
    /// Signed by the caller; see [`TokenKey`](super::TokenKey).
    pub token: &'a str,
    /// The same key gives the same Message-ID: the id of the recipient's row.
    pub key: &'a str,
    /// What the merge fields are filled from: `{"contact": {"first_name": "Anna"}}`.
    pub fields: &'a Value,
}

/// Content and sender, ready for recipients.
pub struct Campaign {
    template: CompiledTemplate,
    /// The headers that are the same for all.
    head: String,
    base: String,
    host: String,
    /// None where the content takes the engine.
    fast: Option<Fast>,
}

struct Fast {
    subject: Subject,
    text: Segments,
    html: Segments,
}

impl Campaign {
    pub fn new(template: CompiledTemplate, sender: &Sender) -> Result<Self, MessageError> {
        let base = checked_base(&sender.base)?;
        let fast = template.is_plain().then(|| {
            let [subject, html, text] = template.pieces();
            Fast {
                subject: Subject::new(subject),
                text: Segments::new(text, &base, false),
                html: Segments::new(html, &base, true),
            }
        });
        Ok(Self {
            head: head(sender)?,
            host: sender.host.clone(),
            template,
            base,
            fast,
        })
    }

    pub fn template(&self) -> &CompiledTemplate {
        &self.template
    }

    /// The Message-ID that the mail with this key has.
    pub fn message_id(&self, key: &str) -> String {
        message_id(key, &self.host)
    }

    /// The mail to one recipient, ready to be handed over.
    pub fn mail(
        &self,
        recipient: &Recipient<'_>,
        now: DateTime<Utc>,
    ) -> Result<Vec<u8>, TemplateError> {
        let mut mail = Vec::with_capacity(self.usual_size());
        self.write(recipient, now, &mut mail)?;
        Ok(mail)
    }

    /// Room for a mail and some more, so that writing one does not copy it again and again while it grows.
    fn usual_size(&self) -> usize {
        let fast = self.fast.as_ref();
        fast.map_or(8_192, |f| {
            self.head.len() + f.text.size() + f.html.size() + 2_048
        })
    }

    /// Like [`mail`](Self::mail), into a buffer that is used again and again. What was in it is replaced.
    pub fn write(
        &self,
        recipient: &Recipient<'_>,
        now: DateTime<Utc>,
        mail: &mut Vec<u8>,
    ) -> Result<(), TemplateError> {
        mail.clear();
        match &self.fast {
            Some(fast) => {
                self.headers(recipient, now, &fast.subject.fill(recipient.fields), mail);
                let token = segments::token(recipient.token);
                mail.extend_from_slice(PART_TEXT);
                fast.text.fill(recipient.fields, &token, mail);
                mail.extend_from_slice(PART_HTML);
                fast.html.fill(recipient.fields, &token, mail);
            }
            None => {
                let links = Links::Tracked {
                    base: &self.base,
                    token: recipient.token,
                };
                let rendered = self.template.render(recipient.fields, &links)?;
                self.headers(recipient, now, &rendered.subject, mail);
                mail.extend_from_slice(PART_TEXT);
                qp::encode(mail, &rendered.text);
                mail.extend_from_slice(PART_HTML);
                qp::encode(mail, &rendered.html);
            }
        }
        mail.extend_from_slice(END);
        Ok(())
    }

    fn headers(
        &self,
        recipient: &Recipient<'_>,
        now: DateTime<Utc>,
        subject: &str,
        mail: &mut Vec<u8>,
    ) {
        let mut own = String::with_capacity(512);
        header::mailbox(&mut own, "To", recipient.to);
        header::text(&mut own, "Subject", &single_line(subject, MAX_SUBJECT));
        header::raw(&mut own, "Date", &[&now.to_rfc2822()]);
        header::raw(&mut own, "Message-ID", &[&self.message_id(recipient.key)]);
        let unsubscribe = ["<", &self.base, "/unsubscribe/", recipient.token, ">"];
        header::raw(&mut own, "List-Unsubscribe", &unsubscribe);
        mail.extend_from_slice(self.head.as_bytes());
        mail.extend_from_slice(own.as_bytes());
    }
}

fn head(sender: &Sender) -> Result<String, MessageError> {
    let mut head = String::new();
    header::mailbox(&mut head, "From", &sender.from);
    if let Some(reply_to) = &sender.reply_to {
        header::mailbox(&mut head, "Reply-To", reply_to);
    }
    if let Some(list) = &sender.list {
        header::text(&mut head, "List-Id", &list.value()?);
    }
    for (name, value) in &sender.headers {
        if !is_free_header(name) {
            return Err(MessageError::Header(single_line(name, 80)));
        }
        header::text(&mut head, name, &single_line(value, 2_000));
    }
    header::raw(
        &mut head,
        "List-Unsubscribe-Post",
        &["List-Unsubscribe=One-Click"],
    );
    header::raw(&mut head, "MIME-Version", &["1.0"]);
    let content = ["multipart/alternative; boundary=\"", BOUNDARY, "\""];
    header::raw(&mut head, "Content-Type", &content);
    Ok(head)
}

/// The base goes into attributes and headers as it is, so it must be plain.
fn checked_base(base: &str) -> Result<String, MessageError> {
    let url = url::Url::parse(base).map_err(|_| MessageError::Unsubscribe)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/[]".contains(c);
    if !matches!(url.scheme(), "http" | "https") || !url.as_str().chars().all(plain) {
        return Err(MessageError::Unsubscribe);
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}
