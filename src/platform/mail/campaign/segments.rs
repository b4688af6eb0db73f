//! Content as ready bytes with gaps: the encoded literals, and between them what differs from mail to mail.

use std::borrow::Cow;

use minijinja::value::Serde;
use serde_json::Value;

use crate::mail::qp::{self, SOFT_BREAK};
use crate::mail::template::{
    Field, PIXEL_AFTER, PIXEL_BEFORE, Piece, display, escape, lines, url_path,
};
use crate::mail::token::TOKEN_LENGTH;

/// One part of a mail. Each segment starts on a line of its own and ends with a soft line break, so that none needs
/// to know what stands before it.
pub(super) struct Segments(Vec<Segment>);

enum Segment {
    /// In quoted-printable.
    Literal(Vec<u8>),
    Token,
    Field {
        field: Path,
        /// In quoted-printable, escaped where it needs to be.
        fallback: Option<Vec<u8>>,
        html: bool,
    },
}

/// `contact.first_name`, taken apart.
struct Path(Vec<String>);

impl Segments {
    /// From pieces without outputs and blocks.
    pub(super) fn new(pieces: &[Piece], base: &str, html: bool) -> Self {
        let mut segments = Vec::new();
        let mut literal = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => literal.push_str(text),
                Piece::Link(number) => {
                    token_in(&mut segments, &mut literal, &format!("{base}/t/"));
                    literal.push_str(&format!("/{number}"));
                }
                Piece::Pixel => {
                    token_in(
                        &mut segments,
                        &mut literal,
                        &format!("{PIXEL_BEFORE}{base}/o/"),
                    );
                    literal.push_str(PIXEL_AFTER);
                }
                Piece::Field(field) => match url_path(&field.path) {
                    Some(path) => token_in(&mut segments, &mut literal, &format!("{base}{path}")),
                    None => {
                        segments.extend(joined(&mut literal));
                        segments.push(Segment::field(field, html));
                    }
                },
                Piece::Output(_) | Piece::Block(_) => {}
            }
        }
        if !literal.is_empty() {
            segments.push(Segment::Literal(encoded(&literal)));
        }
        Self(segments)
    }

    /// About how many bytes it fills.
    pub(super) fn size(&self) -> usize {
        let sizes = self.0.iter().map(|segment| match segment {
            Segment::Literal(bytes) => bytes.len(),
            Segment::Token => TOKEN_LENGTH + SOFT_BREAK.len(),
            Segment::Field { .. } => 64,
        });
        sizes.sum()
    }

    /// Adds the part for one recipient; `token` as [`token`] makes it.
    pub(super) fn fill(&self, fields: &Value, token: &[u8], mail: &mut Vec<u8>) {
        for segment in &self.0 {
            match segment {
                Segment::Literal(bytes) => mail.extend_from_slice(bytes),
                Segment::Token => mail.extend_from_slice(token),
                Segment::Field {
                    field,
                    fallback,
                    html,
                } => {
                    match (field.find(fields), fallback) {
                        (value, Some(fallback)) if is_missing(value) => {
                            mail.extend_from_slice(fallback)
                        }
                        (Some(value), _) => qp::encode(mail, &shown(value, *html)),
                        (None, _) => continue,
                    }
                    mail.extend_from_slice(SOFT_BREAK);
                }
            }
        }
    }
}

impl Segment {
    fn field(field: &Field, html: bool) -> Self {
        let fallback = field.fallback.as_deref();
        Self::Field {
            field: Path::new(&field.path),
            fallback: fallback.map(|text| encoded(&escaped(lines(text), html))),
            html,
        }
    }
}

impl Path {
    fn new(path: &str) -> Self {
        Self(path.split('.').map(str::to_owned).collect())
    }

    fn find<'v>(&self, fields: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(fields, |value, key| value.get(key))
    }
}

/// A token on a line of its own, as [`Segments::fill`] takes it.
pub(super) fn token(token: &str) -> Vec<u8> {
    let mut line = Vec::with_capacity(token.len() + SOFT_BREAK.len());
    qp::encode(&mut line, token);
    line.extend_from_slice(SOFT_BREAK);
    line
}

/// Ends the literal with what stands before a token, and puts the token behind it.
fn token_in(segments: &mut Vec<Segment>, literal: &mut String, before: &str) {
    literal.push_str(before);
    segments.extend(joined(literal));
    segments.push(Segment::Token);
}

/// The literal so far with a soft break at its end.
fn joined(literal: &mut String) -> Option<Segment> {
    if literal.is_empty() {
        return None;
    }
    let mut bytes = encoded(&std::mem::take(literal));
    bytes.extend_from_slice(SOFT_BREAK);
    Some(Segment::Literal(bytes))
}

fn encoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    qp::encode(&mut bytes, text);
    bytes
}

fn shown(value: &Value, html: bool) -> Cow<'_, str> {
    match value {
        Value::String(text) => escaped(lines(text), html),
        Value::Null => Cow::Borrowed(""),
        other => {
            let value = minijinja::Value::from(Serde(other));
            let text = display(&value).into_owned();
            escaped(Cow::Owned(text), html)
        }
    }
}

fn escaped(text: Cow<'_, str>, html: bool) -> Cow<'_, str> {
    if !html || !text.contains(['&', '<', '>', '"', '\'']) {
        return text;
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    // Writing to a String never fails.
    let _ = escape(&mut escaped, &text);
    Cow::Owned(escaped)
}

/// As the engine's `default` sees it.
fn is_missing(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(Value::Array(items)) => items.is_empty(),
        Some(Value::Object(fields)) => fields.is_empty(),
        Some(_) => false,
    }
}

/// The subject with its gaps; encoded only when it is whole.
pub(super) struct Subject(Vec<SubjectPart>);

enum SubjectPart {
    Literal(String),
    Field {
        field: Path,
        fallback: Option<String>,
    },
}

impl Subject {
    /// From pieces without outputs and blocks; a subject has no links.
    pub(super) fn new(pieces: &[Piece]) -> Self {
        let part = |piece: &Piece| match piece {
            Piece::Text(text) => Some(SubjectPart::Literal(text.clone())),
            Piece::Field(field) => Some(SubjectPart::Field {
                field: Path::new(&field.path),
                fallback: field.fallback.clone(),
            }),
            _ => None,
        };
        Self(pieces.iter().filter_map(part).collect())
    }

    pub(super) fn fill(&self, fields: &Value) -> String {
        let mut subject = String::new();
        for part in &self.0 {
            match part {
                SubjectPart::Literal(text) => subject.push_str(text),
                SubjectPart::Field { field, fallback } => match (field.find(fields), fallback) {
                    (value, Some(fallback)) if is_missing(value) => subject.push_str(fallback),
                    (Some(value), _) => subject.push_str(&shown(value, false)),
                    (None, _) => {}
                },
            }
        }
        subject
    }
}
