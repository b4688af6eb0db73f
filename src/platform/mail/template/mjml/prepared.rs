//! MJML as the renderer needs it, and its faults as places in what was written.

use mrml::prelude::parser::Error;

use crate::mail::template::markup::tags;
use crate::mail::template::merge::Fault;

/// The renderer writes attributes as Rust writes strings in a debugger: quotes, backslashes and some characters of
/// emoji and accents would arrive as escapes. As entities they pass.
pub(super) struct Prepared {
    pub text: String,
    /// Where in `text` a stretch begins that stands in the source as it is, and where it stands there.
    same: Vec<(usize, usize)>,
}

impl Prepared {
    pub(super) fn new(source: &str) -> Self {
        let mut text = String::with_capacity(source.len());
        let mut same = vec![(0, 0)];
        let mut from = 0;
        for attribute in tags(source).into_iter().flat_map(|tag| tag.attributes) {
            text.push_str(&source[from..attribute.value.start]);
            for c in source[attribute.value.clone()].chars() {
                match c {
                    '\n' | '\r' | '\t' => text.push(' '),
                    c if c == '\'' || c.escape_debug().eq([c]) => text.push(c),
                    c => text.push_str(&format!("&#{};", u32::from(c))),
                }
            }
            from = attribute.value.end;
            same.push((text.len(), from));
        }
        text.push_str(&source[from..]);
        Self { text, same }
    }

    pub(super) fn fault(&self, error: Error) -> Fault {
        let (at, says) = match error {
            Error::UnexpectedElement { position, .. } => {
                (position.start, "this element cannot stand here".into())
            }
            Error::UnexpectedToken { position, .. } => {
                (position.start, "this cannot stand here".into())
            }
            Error::MissingAttribute { name, position, .. } => {
                (position.start, format!("the attribute “{name}” is missing"))
            }
            Error::InvalidAttribute { position, .. } => {
                (position.start, "this attribute is not valid".into())
            }
            Error::InvalidFormat { position, .. } => {
                (position.start, "this value is not valid".into())
            }
            Error::ParserError { source, .. } => {
                let row = usize::try_from(source.pos().row).unwrap_or(1);
                let lines = self.text.split_inclusive('\n').take(row.saturating_sub(1));
                let says = source.to_string();
                let says = says.split(" at ").next().unwrap_or_default().to_owned();
                (lines.map(str::len).sum(), says)
            }
            Error::NoRootNode => (0, "the template must start with <mjml>".into()),
            other => (0, other.to_string()),
        };
        (self.in_source(at), says)
    }

    fn in_source(&self, at: usize) -> usize {
        let stretch = self.same.iter().rev().find(|(start, _)| *start <= at);
        stretch.map_or(0, |(start, source)| source + at - start)
    }
}
