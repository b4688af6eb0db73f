//! E-mail templates: MJML or HTML with merge fields and conditions, compiled once and rendered for each reader.
//!
//! `{{ contact.first_name | default("there") }}` is a merge field; `{% if contact.city %}…{% endif %}` a condition.
//! The markup is worked on while fields are hidden behind plain words, so nothing in them can confuse it.

mod compile;
mod engine;
mod error;
mod hidden;
mod links;
mod markup;
mod merge;
mod mjml;
#[cfg(test)]
mod tests;
mod text;
mod tokens;
mod values;

use std::fmt;
use std::sync::Arc;

use minijinja::Environment;

pub use error::{Part, TemplateError};
pub use links::Link;
pub(super) use merge::{Field, Piece};
pub(super) use values::{display, escape, lines};

use super::address::single_line;
use engine::{HTML, SUBJECT, Scope, TEXT, Urls};

const MAX_SUBJECT: usize = 500;

/// What a template is made from.
#[derive(Debug, Clone, Copy, Default)]
pub struct Source<'a> {
    pub subject: &'a str,
    /// MJML, or HTML: a whole page or what goes into its body.
    pub body: &'a str,
    /// Made from the HTML where there is none.
    pub text: Option<&'a str>,
    /// Goes below every mail: the sender's postal address and the way out.
    pub footer: Option<Footer<'a>>,
    pub tracking: Tracking,
}

#[derive(Debug, Clone, Copy)]
pub struct Footer<'a> {
    pub html: &'a str,
    pub text: &'a str,
}

/// What is learnt about readers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tracking {
    pub opens: bool,
    pub clicks: bool,
}

/// A template ready to be rendered. Costs some milliseconds to make, so keep it.
pub struct CompiledTemplate {
    env: Environment<'static>,
    subject: Vec<Piece>,
    html: Vec<Piece>,
    text: Vec<Piece>,
    links: Vec<Link>,
    fields: Vec<String>,
}

/// How the addresses in a mail are formed.
#[derive(Debug, Clone, Copy)]
pub enum Links<'a> {
    /// Targets as they are and no pixel: for a preview.
    Direct {
        unsubscribe: &'a str,
        preferences: &'a str,
    },
    /// By way of `{base}/t/{token}/{number}`; the base ends without a slash.
    Tracked { base: &'a str, token: &'a str },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    pub subject: String,
    pub html: String,
    pub text: String,
}

impl CompiledTemplate {
    /// Fills in one reader's fields: an object such as `{"contact": {"first_name": "Anna"}}`.
    pub fn render(
        &self,
        fields: &serde_json::Value,
        links: &Links<'_>,
    ) -> Result<Rendered, TemplateError> {
        let scope = Scope::value(fields, Arc::new(self.urls(fields, links)));
        let part = |name: &str| {
            engine::render(&self.env, name, &scope)
                .map_err(|error| TemplateError::of_engine(name, &error))
        };
        let text = part(TEXT)?;
        Ok(Rendered {
            subject: single_line(&part(SUBJECT)?, MAX_SUBJECT),
            html: part(HTML)?,
            text: if self.is_plain() {
                text
            } else {
                without_gaps(&text)
            },
        })
    }

    /// Where a link leads for one reader; none where that is no web address.
    pub fn link_target(&self, number: usize, fields: &serde_json::Value) -> Option<String> {
        let scope = Scope::value(fields, Arc::default());
        let target = engine::render(&self.env, &link_name(number), &scope).ok()?;
        links::web_address(&target)
    }

    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// The merge fields that the template uses, such as `contact.first_name`.
    pub fn fields(&self) -> &[String] {
        &self.fields
    }

    /// What a plain merge field becomes where its value is missing, by its path.
    pub fn fallbacks(&self) -> Vec<(&str, Option<&str>)> {
        let parts = [&self.subject, &self.html, &self.text];
        let mut found: Vec<(&str, Option<&str>)> = Vec::new();
        for piece in parts.into_iter().flatten() {
            if let Piece::Field(field) = piece
                && url_path(&field.path).is_none()
                && !found.iter().any(|(path, _)| *path == field.path)
            {
                found.push((&field.path, field.fallback.as_deref()));
            }
        }
        found
    }

    /// Whether HTML and text both offer the way out.
    pub fn has_unsubscribe(&self) -> bool {
        let offers = |pieces: &Vec<Piece>| engine::source(pieces).contains(engine::UNSUBSCRIBE);
        offers(&self.html) && offers(&self.text)
    }

    /// Whether merge fields are all there is to fill in: no conditions, no filters.
    pub(super) fn is_plain(&self) -> bool {
        let parts = [&self.subject, &self.html, &self.text];
        let mut pieces = parts.into_iter().flatten();
        pieces.all(|piece| !matches!(piece, Piece::Output(_) | Piece::Block(_)))
    }

    /// Subject, HTML and text.
    pub(super) fn pieces(&self) -> [&[Piece]; 3] {
        [&self.subject, &self.html, &self.text]
    }

    fn urls(&self, fields: &serde_json::Value, links: &Links<'_>) -> Urls {
        match *links {
            Links::Direct {
                unsubscribe,
                preferences,
            } => Urls {
                links: self
                    .links
                    .iter()
                    .map(|link| self.direct(link, fields))
                    .collect(),
                pixel: String::new(),
                unsubscribe: unsubscribe.into(),
                preferences: preferences.into(),
            },
            Links::Tracked { base, token } => Urls {
                links: self
                    .links
                    .iter()
                    .map(|link| format!("{base}/t/{token}/{}", link.number))
                    .collect(),
                pixel: format!("{PIXEL_BEFORE}{base}/o/{token}{PIXEL_AFTER}"),
                unsubscribe: format!("{base}/unsubscribe/{token}"),
                preferences: format!("{base}/preferences/{token}"),
            },
        }
    }

    fn direct(&self, link: &Link, fields: &serde_json::Value) -> String {
        self.link_target(link.number, fields)
            .unwrap_or_else(|| "#".into())
    }
}

/// What follows the base in an address that any template may use, up to the token.
pub(super) fn url_path(field: &str) -> Option<&'static str> {
    match field {
        engine::UNSUBSCRIBE => Some("/unsubscribe/"),
        engine::PREFERENCES => Some("/preferences/"),
        _ => None,
    }
}

pub(super) const PIXEL_BEFORE: &str = "<img src=\"";
pub(super) const PIXEL_AFTER: &str = ".gif\" width=\"1\" height=\"1\" alt=\"\" style=\"display:block;width:1px;height:1px;border:0\">";

fn link_name(number: usize) -> String {
    format!("link {number}")
}

/// At most one empty line in a row, as conditions leave them behind.
fn without_gaps(text: &str) -> String {
    let mut lines = Vec::new();
    for line in text.lines().map(str::trim_end) {
        if !line.is_empty() || lines.last().is_some_and(|last: &&str| !last.is_empty()) {
            lines.push(line);
        }
    }
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

impl fmt::Debug for CompiledTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let links = self.links.len();
        write!(
            f,
            "CompiledTemplate({} fields, {links} links)",
            self.fields.len()
        )
    }
}
