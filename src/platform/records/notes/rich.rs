//! Notes as people format them: Markdown in, clean HTML out, and the colleagues that they name.

use std::collections::HashSet;
use std::sync::LazyLock;

use diesel::prelude::*;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, TextMergeStream, html};
use uuid::Uuid;

use crate::db::Tx;
use crate::error::Result;
use crate::schema::members;

const MOST_PEOPLE: i64 = 5_000;

/// Somebody who can be named.
pub struct Colleague {
    pub id: Uuid,
    pub name: String,
    /// What stands before the @ of their address.
    pub handle: String,
}

/// Everybody who works here, where the text may name somebody at all.
pub fn colleagues(tx: &mut Tx, text: &str) -> Result<Vec<Colleague>> {
    if !text.contains('@') {
        return Ok(Vec::new());
    }
    let all: Vec<(Uuid, String, String)> = members::table
        .filter(members::active)
        .order((members::name, members::person_id))
        .limit(MOST_PEOPLE)
        .select((members::person_id, members::name, members::email))
        .load(&mut **tx)?;
    let one = |(id, name, email): (Uuid, String, String)| Colleague {
        id,
        name,
        handle: email.split('@').next().unwrap_or_default().to_owned(),
    };
    Ok(all.into_iter().map(one).collect())
}

/// Where somebody is named: from the @ to the end of the name, and who it is.
fn named(text: &str, people: &[Colleague]) -> Vec<(std::ops::Range<usize>, Uuid)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices('@') {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '.' || c == '_') {
            continue;
        }
        if let Some((length, id)) = whom(&text[at + 1..], people) {
            found.push((at..at + 1 + length, id));
        }
    }
    found
}

/// The longest name that the text begins with; nobody where it is that of two.
fn whom(text: &str, people: &[Colleague]) -> Option<(usize, Uuid)> {
    let mut best: Option<(usize, Uuid)> = None;
    let mut twice = false;
    for person in people {
        for name in [&person.name, &person.handle] {
            let Some(start) = text.get(..name.len()).filter(|_| !name.is_empty()) else {
                continue;
            };
            let next = text[name.len()..].chars().next();
            if !start.eq_ignore_ascii_case(name) || next.is_some_and(char::is_alphanumeric) {
                continue;
            }
            match best {
                Some((length, _)) if length > name.len() => {}
                Some((length, id)) if length == name.len() => twice |= id != person.id,
                _ => {
                    best = Some((name.len(), person.id));
                    twice = false;
                }
            }
        }
    }
    best.filter(|_| !twice)
}

/// Who is named in a text, each once.
pub fn mentioned(text: &str, people: &[Colleague]) -> Vec<Uuid> {
    let mut seen = HashSet::new();
    let named = named(text, people).into_iter().map(|(_, id)| id);
    named.filter(|id| seen.insert(*id)).collect()
}

/// The Markdown as clean HTML. What looks like HTML in it is text; a line ends where it was ended.
pub fn rendered(text: &str, people: &[Colleague]) -> String {
    let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut in_code = false;
    let mut events = Vec::new();
    for event in TextMergeStream::new(Parser::new_ext(text, options)) {
        match event {
            Event::SoftBreak => events.push(Event::HardBreak),
            Event::Html(text) | Event::InlineHtml(text) => events.push(Event::Text(text)),
            // An image would tell its server who reads the note; its address is a link.
            Event::Start(Tag::Image {
                dest_url,
                title,
                id,
                link_type,
            }) => {
                events.push(Event::Start(Tag::Link {
                    link_type,
                    dest_url,
                    title,
                    id,
                }));
            }
            Event::End(TagEnd::Image) => events.push(Event::End(TagEnd::Link)),
            Event::Start(Tag::CodeBlock(kind)) => {
                in_code = true;
                events.push(Event::Start(Tag::CodeBlock(kind)));
            }
            Event::End(TagEnd::CodeBlock) => {
                in_code = false;
                events.push(Event::End(TagEnd::CodeBlock));
            }
            Event::Text(text) if !in_code => marked(&text, people, &mut events),
            other => events.push(other),
        }
    }
    let mut out = String::with_capacity(text.len() * 2);
    html::push_html(&mut out, events.into_iter());
    clean(&out)
}

/// The text with the names in it marked.
fn marked(text: &str, people: &[Colleague], events: &mut Vec<Event<'_>>) {
    let plain = |text: &str| Event::Text(CowStr::from(text.to_owned()));
    let mut done = 0;
    for (place, _) in named(text, people) {
        if place.start < done {
            continue;
        }
        events.push(plain(&text[done..place.start]));
        events.push(Event::InlineHtml(CowStr::from("<span class=\"mention\">")));
        events.push(plain(&text[place.clone()]));
        events.push(Event::InlineHtml(CowStr::from("</span>")));
        done = place.end;
    }
    events.push(plain(&text[done..]));
}

/// What may stand in a note, on its way in and once more on its way out.
pub fn clean(html: &str) -> String {
    static CLEANER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
        let mut cleaner = ammonia::Builder::default();
        cleaner
            .tags(HashSet::from([
                "p",
                "br",
                "strong",
                "em",
                "del",
                "a",
                "ul",
                "ol",
                "li",
                "code",
                "pre",
                "blockquote",
                "h1",
                "h2",
                "h3",
                "h4",
                "h5",
                "h6",
                "hr",
                "span",
            ]))
            .generic_attributes(HashSet::new())
            .tag_attributes(std::collections::HashMap::from([
                ("a", HashSet::from(["href"])),
                ("ol", HashSet::from(["start"])),
            ]))
            .allowed_classes(std::collections::HashMap::from([(
                "span",
                HashSet::from(["mention"]),
            )]))
            .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
            .url_relative(ammonia::UrlRelative::Deny)
            .link_rel(Some("noopener noreferrer nofollow"))
            .set_tag_attribute_value("a", "target", "_blank");
        cleaner
    });
    CLEANER.clean(html).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn people() -> Vec<Colleague> {
        [
            "Bob Brandt/agent",
            "Bob Brandtner/bob.b",
            "Ann Lee/ann",
            "Ann Lee/ann2",
        ]
        .iter()
        .enumerate()
        .map(|(i, both)| {
            let (name, handle) = both.split_once('/').unwrap();
            Colleague {
                id: Uuid::from_u128(i as u128 + 1),
                name: name.into(),
                handle: handle.into(),
            }
        })
        .collect()
    }

    #[test]
    fn somebody_is_named_by_name_or_address() {
        let who = |text| -> Vec<u128> {
            let all = mentioned(text, &people());
            all.into_iter().map(|id| id.as_u128()).collect()
        };
        assert_eq!(who("ask @Bob Brandt, please"), [1]);
        assert_eq!(who("@bob brandtner and @agent"), [2, 1]);
        assert_eq!(who("(@bob.b) again @bob.b"), [2]);
        assert_eq!(who("@Ann Lee"), [] as [u128; 0], "there are two");
        assert_eq!(who("@ann2 is one of them"), [4]);
        assert_eq!(who("mail me@agent.example or x@agent"), [] as [u128; 0]);
        assert_eq!(who("@agents"), [] as [u128; 0]);
        assert_eq!(who("@"), [] as [u128; 0]);
    }

    #[test]
    fn markdown_becomes_html_and_html_stays_text() {
        let html = rendered("**Call** @Bob Brandt\nagain\n\n- one\n- two", &people());
        for part in [
            "<strong>Call</strong>",
            "<span class=\"mention\">@Bob Brandt</span>",
            "<br>",
            "<li>one</li>",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
        let html = rendered("<b>bold</b> <script>alert(1)</script> a < b & c", &[]);
        assert!(
            html.contains("&lt;b&gt;bold") && !html.contains("<script"),
            "{html}"
        );
        assert!(html.contains("a &lt; b &amp; c"), "{html}");
        let html = rendered(
            "[x](javascript:alert(1)) [y](https://y.example) ![z](https://z.example/p.png)",
            &[],
        );
        assert!(
            !html.contains("javascript") && !html.contains("<img"),
            "{html}"
        );
        assert!(html.contains("href=\"https://y.example\""), "{html}");
        assert!(
            html.contains("rel=\"noopener noreferrer nofollow\""),
            "{html}"
        );
        let html = rendered("```\n@Bob Brandt\n```", &people());
        assert!(!html.contains("mention"), "{html}");
    }

    #[test]
    fn what_is_kept_is_cleaned_again() {
        let bad = "<p onclick=\"x()\">hi<img src=x onerror=y()><a href=\"data:text/html,x\">d</a><span class=\"sidebar\">s</span></p>";
        let html = clean(bad);
        for part in ["onclick", "onerror", "<img", "data:", "sidebar"] {
            assert!(!html.contains(part), "{part}: {html}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_is_typed_becomes_a_script(text in "[<>a-z/\"'=()\\[\\]!:;&*_`#@ \n-]{0,120}") {
            let html = rendered(&text, &people());
            prop_assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("<svg") && !html.contains("<iframe"));
            for tag in html.split('<').skip(1) {
                let tag = tag.split('>').next().unwrap_or_default();
                prop_assert!(!tag.contains(" on"), "{}", html);
                prop_assert!(!tag.contains("href=\"java"), "{}", html);
            }
            prop_assert_eq!(clean(&html), html, "clean is clean");
        }
    }
}
