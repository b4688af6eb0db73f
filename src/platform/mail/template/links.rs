//! Links in a mail: which are followed by way of us, under which number, and where they lead.

use std::ops::Range;

use super::engine::{self, URLS};
use super::hidden::Hidden;
use super::markup::{Kind, Tag, tags};
use super::merge::{Piece, unescape};
use crate::mail::address::single_line;

const MAX_LINKS: usize = 500;
/// A link that is never closed does not have the rest of the mail for its label.
const MAX_LABEL_TAGS: usize = 50;

/// A link that is followed by way of us. Its number is its place in the mail, from 1 on.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Link {
    pub number: usize,
    /// What the reader clicks on.
    pub label: String,
    /// Where it leads, merge fields as written.
    pub target: String,
}

/// What a link's address is as far as we care.
enum Address {
    Tracked,
    Left,
    Refused(String),
}

/// The links of a mail as they are found, part by part.
#[derive(Default)]
pub(super) struct Numbering {
    pub links: Vec<Link>,
    /// Where the links lead, as the engine reads it.
    pub targets: Vec<String>,
}

impl Numbering {
    /// Checks every link, and where they are tracked puts numbers in the place of web addresses.
    pub(super) fn number(
        &mut self,
        hidden: &mut Hidden,
        html: &str,
        tracked: bool,
    ) -> Result<String, String> {
        let mut numbered = String::with_capacity(html.len());
        let mut from = 0;
        for (href, label) in hrefs(html) {
            let pieces = hidden.reveal(&unescape(html[href.clone()].trim()));
            match address(&pieces) {
                Address::Refused(reason) => return Err(reason),
                Address::Tracked if tracked => {}
                Address::Tracked | Address::Left => continue,
            }
            let link = self.add(&pieces, engine::source(&hidden.reveal(&label)))?;
            numbered.push_str(&html[from..href.start]);
            numbered.push_str(&hidden.hide(link));
            from = href.end;
        }
        numbered.push_str(&html[from..]);
        Ok(numbered)
    }

    fn add(&mut self, pieces: &[Piece], label: String) -> Result<Piece, String> {
        let number = self.links.len() + 1;
        if number > MAX_LINKS {
            return Err(format!("a mail can have at most {MAX_LINKS} links"));
        }
        let target = engine::source(pieces);
        self.links.push(Link {
            number,
            label,
            target,
        });
        self.targets.push(target_source(pieces));
        Ok(Piece::Link(number))
    }
}

/// The addresses of all links and what stands between `<a>` and `</a>`.
fn hrefs(html: &str) -> Vec<(Range<usize>, String)> {
    let tags = tags(html);
    let links = tags
        .iter()
        .enumerate()
        .filter(|(_, tag)| (tag.is("a") || tag.is("area")) && tag.kind != Kind::Close);
    links
        .filter_map(|(at, tag)| Some((tag.attribute("href")?, label(html, tag, &tags[at + 1..]))))
        .collect()
}

fn label(html: &str, link: &Tag<'_>, following: &[Tag<'_>]) -> String {
    let mut label = String::new();
    let mut from = link.span.end;
    for tag in following.iter().take(MAX_LABEL_TAGS) {
        label.push_str(&html[from..tag.span.start]);
        label.push(' ');
        if let Some(alt) = tag.attribute("alt") {
            label.push_str(&html[alt]);
        }
        if tag.is("a") {
            break;
        }
        from = tag.span.end;
    }
    single_line(&unescape(&label), 100)
}

fn address(pieces: &[Piece]) -> Address {
    let text = match pieces.first() {
        None => return Address::Left,
        Some(Piece::Field(field)) if URLS.contains(&field.path.as_str()) => return Address::Left,
        Some(Piece::Text(text)) => text.trim_start().to_ascii_lowercase(),
        Some(_) => return Address::Tracked,
    };
    if text.starts_with("https://") || text.starts_with("http://") {
        return Address::Tracked;
    }
    let left = ["mailto:", "tel:", "sms:", "#"];
    if left.iter().any(|start| text.starts_with(start)) {
        return Address::Left;
    }
    Address::Refused(format!(
        "the link “{}” must start with https://",
        single_line(&text, 100)
    ))
}

/// The target for the engine. Fields in it are values and get encoded; a field that it starts with is the address
/// itself.
fn target_source(pieces: &[Piece]) -> String {
    let as_is = match pieces.first() {
        Some(Piece::Field(_) | Piece::Output(_)) => engine::source(&pieces[..1]),
        _ => return engine::source(pieces),
    };
    let inner = as_is.trim_start_matches("{{").trim_end_matches("}}");
    let inner = inner.trim_matches(|c: char| c == '-' || c == '+');
    format!(
        "{{{{ ({inner}) | __as_is }}}}{}",
        engine::source(&pieces[1..])
    )
}

/// A rendered target, if it is a web address; one without `https://` gets it.
pub(super) fn web_address(target: &str) -> Option<String> {
    let target = target.trim();
    let url = match url::Url::parse(target) {
        Ok(url) => url,
        Err(_) if target.contains('.') => url::Url::parse(&format!("https://{target}")).ok()?,
        Err(_) => return None,
    };
    let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
    is_web.then(|| url.to_string())
}

/// Puts `addition` before the end of the body.
pub(super) fn append(html: &str, addition: &str) -> String {
    let tags = tags(html);
    let body = tags
        .iter()
        .rev()
        .find(|tag| tag.is("body") && tag.kind == Kind::Close);
    let at = body.map_or(html.len(), |tag| tag.span.start);
    format!("{}{addition}{}", &html[..at], &html[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(html: &str) -> Result<(String, Vec<Link>, Vec<String>), String> {
        let mut hidden = Hidden::new(html, &[html]).unwrap();
        let text = hidden.text.clone();
        let mut numbering = Numbering::default();
        let html = numbering.number(&mut hidden, &text, true)?;
        Ok((
            engine::source(&hidden.reveal(&html)),
            numbering.links,
            numbering.targets,
        ))
    }

    #[test]
    fn web_links_are_numbered_and_others_left() {
        let (html, links, targets) = numbered(
            "<a href=\"https://a.test/?x=1&amp;y={{ contact.id }}\">One <b>link</b></a><a href='#top'>up</a>\
             <a href=\"mailto:x@a.test\">mail</a><A HREF=' {{ contact.website | default(\"https://b.test\") }} '><img alt='Logo'></A>\
             <a href=\"{{ unsubscribe_url }}\">off</a><a name=x>",
        )
        .unwrap();
        assert!(html.starts_with("<a href=\"{{ __link_1 }}\">One"), "{html}");
        assert!(
            html.contains("<A HREF='{{ __link_2 }}'>")
                && html.contains("\"{{ unsubscribe_url }}\"")
        );
        assert_eq!(links.len(), 2);
        assert_eq!(
            (links[0].label.as_str(), links[1].label.as_str()),
            ("One link", "Logo")
        );
        assert_eq!(links[0].target, "https://a.test/?x=1&y={{ contact.id }}");
        assert_eq!(
            targets[1],
            "{{ ( contact.website | default(\"https://b.test\") ) | __as_is }}"
        );
    }

    #[test]
    fn links_that_lead_nowhere_are_refused() {
        for href in [
            "www.acme.test",
            "/path",
            "javascript:alert(1)",
            "ftp://a.test",
            "data:text/html,x",
        ] {
            assert!(
                numbered(&format!("<a href=\"{href}\">x</a>")).is_err(),
                "{href}"
            );
        }
    }

    #[test]
    fn only_web_addresses_are_targets() {
        assert_eq!(
            web_address(" https://a.test/ü "),
            Some("https://a.test/%C3%BC".into())
        );
        assert_eq!(
            web_address("acme.test/x"),
            Some("https://acme.test/x".into())
        );
        for target in [
            "",
            "javascript:alert(1)",
            "mailto:a@b.test",
            "x",
            "https://",
            "//a b",
        ] {
            assert_eq!(web_address(target), None, "{target}");
        }
    }

    #[test]
    fn additions_go_before_the_end_of_the_body() {
        assert_eq!(
            append("<body>a</BODY></html>", "+"),
            "<body>a+</BODY></html>"
        );
        assert_eq!(append("a", "+"), "a+");
    }
}
