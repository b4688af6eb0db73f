//! Just enough of a tag reader for HTML and MJML: where tags are, and their attributes.

use std::ops::Range;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    pub name: &'a str,
    /// From `<` to behind `>`.
    pub span: Range<usize>,
    pub kind: Kind,
    pub attributes: Vec<Attribute<'a>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Open,
    Close,
    /// `<br/>`, or an element that never has content.
    Empty,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attribute<'a> {
    pub name: &'a str,
    /// Without the quotes.
    pub value: Range<usize>,
}

const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];

/// What stands inside is no markup.
const RAW: [&str; 3] = ["style", "script", "mj-style"];

impl Tag<'_> {
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    pub(super) fn attribute(&self, name: &str) -> Option<Range<usize>> {
        let mut attributes = self.attributes.iter();
        let found = attributes.find(|attribute| attribute.name.eq_ignore_ascii_case(name))?;
        Some(found.value.clone())
    }
}

/// All tags in order. Comments, declarations and the insides of style sheets and scripts are passed over.
pub(super) fn tags(source: &str) -> Vec<Tag<'_>> {
    let mut tags: Vec<Tag<'_>> = Vec::new();
    let mut at = 0;
    while let Some(found) = source[at..].find('<') {
        let start = at + found;
        let rest = &source[start..];
        at = if rest.starts_with("<!--") {
            end_of(source, start + 4, "-->")
        } else if rest.starts_with("<!") || rest.starts_with("<?") {
            end_of(source, start, ">")
        } else if !starts_tag(rest) {
            start + 1
        } else if let Some(tag) = tag(source, start) {
            let end = match tag.kind == Kind::Open && RAW.iter().any(|name| tag.is(name)) {
                true => closing(source, tag.span.end, tag.name),
                false => tag.span.end,
            };
            tags.push(tag);
            end
        } else {
            // A tag that never ends: there is nothing behind it, as for any reader of HTML.
            break;
        };
    }
    tags
}

fn starts_tag(text: &str) -> bool {
    let name = text[1..].strip_prefix('/').unwrap_or(&text[1..]);
    name.starts_with(|c: char| c.is_ascii_alphabetic())
}

fn end_of(source: &str, from: usize, mark: &str) -> usize {
    let tail = source.get(from..).unwrap_or_default();
    tail.find(mark)
        .map_or(source.len(), |at| from + at + mark.len())
}

/// Where `</name` comes next.
fn closing(source: &str, from: usize, name: &str) -> usize {
    let bytes = source.as_bytes();
    let candidates = memchr::memmem::find_iter(&bytes[from..], b"</").map(|at| from + at);
    let mut matching = candidates.filter(|at| {
        let after = bytes.get(at + 2..at + 2 + name.len());
        after.is_some_and(|after| after.eq_ignore_ascii_case(name.as_bytes()))
    });
    matching.next().unwrap_or(source.len())
}

/// The tag that starts here, if it ends.
fn tag(source: &str, start: usize) -> Option<Tag<'_>> {
    let bytes = source.as_bytes();
    let closes = bytes.get(start + 1) == Some(&b'/');
    let name_start = start + 1 + usize::from(closes);
    let name_end = skip(bytes, name_start, |b| {
        b.is_ascii_alphanumeric() || b"-_:".contains(&b)
    });
    let name = &source[name_start..name_end];
    let mut attributes = Vec::new();
    let mut at = name_end;
    loop {
        at = skip(bytes, at, |b| b.is_ascii_whitespace());
        match *bytes.get(at)? {
            b'>' => break,
            b'/' => at += 1,
            _ => {
                let (attribute, end) = attribute(source, at)?;
                attributes.push(attribute);
                at = end;
            }
        }
    }
    let empty = bytes[at - 1] == b'/' || VOID.iter().any(|void| name.eq_ignore_ascii_case(void));
    let kind = match (closes, empty) {
        (true, _) => Kind::Close,
        (false, true) => Kind::Empty,
        (false, false) => Kind::Open,
    };
    Some(Tag {
        name,
        span: start..at + 1,
        kind,
        attributes,
    })
}

/// An attribute and where it ends. Never empty, so that the caller moves on.
fn attribute(source: &str, start: usize) -> Option<(Attribute<'_>, usize)> {
    let bytes = source.as_bytes();
    let is_name = |b: u8| !b.is_ascii_whitespace() && !b"=>/".contains(&b);
    let name_end = skip(bytes, start, is_name).max(start + 1);
    let name = source.get(start..name_end)?;
    let equals = skip(bytes, name_end, |b| b.is_ascii_whitespace());
    if bytes.get(equals) != Some(&b'=') {
        return Some((
            Attribute {
                name,
                value: name_end..name_end,
            },
            name_end,
        ));
    }
    let value = skip(bytes, equals + 1, |b| b.is_ascii_whitespace());
    let quote = *bytes.get(value)?;
    if quote == b'"' || quote == b'\'' {
        let end = value + 1 + memchr::memchr(quote, &bytes[value + 1..])?;
        return Some((
            Attribute {
                name,
                value: value + 1..end,
            },
            end + 1,
        ));
    }
    let end = skip(bytes, value, |b| !b.is_ascii_whitespace() && b != b'>');
    Some((
        Attribute {
            name,
            value: value..end,
        },
        end.max(value),
    ))
}

fn skip(bytes: &[u8], from: usize, belongs: impl Fn(u8) -> bool) -> usize {
    let tail = bytes.get(from..).unwrap_or_default();
    from + tail.iter().position(|b| !belongs(*b)).unwrap_or(tail.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tags_and_attributes_are_found() {
        let source =
            "<!doctype html><A HREF='x>y' data-a=1 b>t</a ><br><img src=\"i\"/>a < b<!-- <p> -->";
        let found = tags(source);
        let names: Vec<_> = found.iter().map(|tag| (tag.name, tag.kind)).collect();
        assert_eq!(
            names,
            [
                ("A", Kind::Open),
                ("a", Kind::Close),
                ("br", Kind::Empty),
                ("img", Kind::Empty)
            ]
        );
        assert_eq!(&source[found[0].attribute("href").unwrap()], "x>y");
        assert_eq!(&source[found[0].attribute("data-a").unwrap()], "1");
        assert_eq!(found[0].attribute("b"), Some(39..39));
        assert_eq!(&source[found[3].attribute("src").unwrap()], "i");
    }

    #[test]
    fn style_sheets_and_conditional_comments_are_passed_over() {
        let source = "<style>a<b></style><!--[if mso]><td><![endif]--><!--[if !mso]><!--><p></p><!--<![endif]-->";
        let names: Vec<_> = tags(source).iter().map(|tag| tag.name).collect();
        assert_eq!(names, ["style", "style", "p", "p"]);
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(source in "[<>/a-b='\" !ü-]{0,60}|\\PC{0,60}") {
            for tag in tags(&source) {
                prop_assert!(source.get(tag.span).is_some());
                for attribute in tag.attributes {
                    prop_assert!(source.get(attribute.value).is_some());
                }
            }
        }
    }
}
