//! A kept mail, taken apart for the screen.

use mail_parser::{MessageParser, MimeHeaders};
use serde::Serialize;
use uuid::Uuid;

use crate::mail::address::single_line;

const MAX_HEADERS: usize = 100;
const MAX_ATTACHMENTS: usize = 50;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoredMail {
    pub id: Uuid,
    pub subject: String,
    /// As they stand in the mail, decoded, in their order.
    pub headers: Vec<(String, String)>,
    pub text: Option<String>,
    /// As it was sent: show it in a sandboxed frame only.
    pub html: Option<String>,
    pub attachments: Vec<Attachment>,
    pub size: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attachment {
    pub name: String,
    pub kind: String,
    pub size: usize,
}

impl StoredMail {
    /// Takes anything: what is no mail is shown as text.
    pub(super) fn parse(id: Uuid, mail: &[u8]) -> Self {
        let mut stored = Self {
            id,
            subject: String::new(),
            headers: Vec::new(),
            text: None,
            html: None,
            attachments: Vec::new(),
            size: mail.len(),
        };
        let Some(parsed) = MessageParser::default().parse(mail) else {
            stored.text = Some(String::from_utf8_lossy(mail).into_owned());
            return stored;
        };
        stored.subject = single_line(parsed.subject().unwrap_or_default(), 500);
        stored.headers = headers(mail, &parsed);
        // The parser makes up the part that a mail does not have, which would show what was never sent.
        let is_sent = |part: Option<&mail_parser::MessagePart>, html| {
            part.is_some_and(|part| part.is_text_html() == html)
        };
        if is_sent(parsed.text_part(0), false) {
            stored.text = parsed.body_text(0).map(|text| text.into_owned());
        }
        if is_sent(parsed.html_part(0), true) {
            stored.html = parsed.body_html(0).map(|html| html.into_owned());
        }
        stored.attachments = parsed
            .attachments()
            .take(MAX_ATTACHMENTS)
            .map(attachment)
            .collect();
        stored
    }
}

fn headers(mail: &[u8], parsed: &mail_parser::Message<'_>) -> Vec<(String, String)> {
    let headers = parsed.headers().iter().take(MAX_HEADERS);
    headers
        .map(|header| {
            let start = usize::try_from(header.offset_start()).unwrap_or(0);
            let end = usize::try_from(header.offset_end()).unwrap_or(0);
            let raw = mail.get(start..end).unwrap_or_default();
            (header.name().to_owned(), decoded(raw))
        })
        .collect()
}

/// Reads a header's value as free text, whichever header it is.
fn decoded(raw: &[u8]) -> String {
    let as_subject = [b"Subject:", raw, b"\r\n\r\n"].concat();
    let value = MessageParser::default()
        .parse_headers(&as_subject)
        .and_then(|parsed| parsed.subject().map(str::to_owned));
    single_line(
        &value.unwrap_or_else(|| String::from_utf8_lossy(raw).into_owned()),
        2_000,
    )
}

pub(super) fn attached(mail: &[u8], place: usize) -> Option<(Attachment, Vec<u8>)> {
    let parsed = MessageParser::default().parse(mail)?;
    let part = parsed.attachments().take(MAX_ATTACHMENTS).nth(place)?;
    Some((attachment(part), part.contents().to_vec()))
}

fn attachment(part: &mail_parser::MessagePart<'_>) -> Attachment {
    let kind = part.content_type().map(|kind| match kind.subtype() {
        Some(subtype) => format!("{}/{subtype}", kind.ctype()),
        None => kind.ctype().to_owned(),
    });
    Attachment {
        name: single_line(part.attachment_name().unwrap_or("unnamed"), 200),
        kind: kind.unwrap_or_else(|| "application/octet-stream".into()),
        size: part.contents().len(),
    }
}
