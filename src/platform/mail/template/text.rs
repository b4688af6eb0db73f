//! The plain-text part, made from the HTML.

use html2text::config;
use html2text::render::TextDecorator;

use super::markup::{Kind, Tag, tags};

/// Wider than any mail is long, so that nothing is wrapped: a field's word must stay whole, and mail programs wrap to
/// the reader's window.
const WIDTH: usize = 100_000_000;
/// Rendering takes a time that grows with the square of the depth.
const MAX_DEPTH: usize = 500;
/// Elements that end by themselves where the next one starts.
const UNCLOSED: [&str; 8] = ["p", "li", "td", "th", "tr", "dt", "dd", "option"];
/// Stands alone on a line to keep it empty; no text has it.
const MARK: char = '\u{fdd0}';
const PARAGRAPH: &str = "<div>\u{fdd0}</div>";

/// Reads the HTML as a person would who sees no pictures: paragraphs, lists, and links with their address behind.
pub(super) fn from_html(html: &str) -> Result<String, String> {
    if depth(html) > MAX_DEPTH {
        return Err(format!("elements are nested more than {MAX_DEPTH} deep"));
    }
    let blocks = as_blocks(html);
    let text = config::with_decorator(Plain::default())
        .raw_mode(true)
        .link_footnotes(false)
        .allow_width_overflow()
        .string_from_read(blocks.as_bytes(), WIDTH)
        .map_err(|error| format!("no text can be made of the HTML: {error}"))?;
    Ok(tidy(&text.replace(MARK, "")))
}

fn depth(html: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0);
    let nesting = tags(html)
        .into_iter()
        .filter(|tag| !UNCLOSED.iter().any(|name| tag.is(name)));
    for tag in nesting {
        match tag.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            Kind::Empty => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// The page as blocks after each other. A parser moves text out of tables where it stands between rows, and the
/// conditions that stand there must not move. The preview line, which MJML hides at the top, is left out.
fn as_blocks(html: &str) -> String {
    let mut blocks = String::with_capacity(html.len());
    let mut layouts = Vec::new();
    let mut from = 0;
    for tag in tags(html) {
        if tag.span.start < from {
            continue;
        }
        let is_layout = layouts.last().copied().unwrap_or(false);
        let instead = match (tag.name.to_ascii_lowercase().as_str(), tag.kind) {
            ("table", Kind::Open) => {
                let role = tag.attribute("role").map(|role| &html[role]);
                layouts.push(role == Some("presentation"));
                "<div>"
            }
            ("table", _) => {
                layouts.pop();
                "</div>"
            }
            ("thead" | "tbody" | "tfoot" | "colgroup" | "col", _) => "",
            ("td" | "th", Kind::Open) if is_layout => PARAGRAPH,
            ("td" | "th", Kind::Open) => " ",
            ("td" | "th", _) => "",
            ("tr", Kind::Open) => "<div>",
            ("tr", _) => "</div>",
            ("div", Kind::Open) if is_hidden(html, &tag) => {
                blocks.push_str(&html[from..tag.span.start]);
                let end = html[tag.span.end..].find("</div>");
                from = end.map_or(tag.span.end, |at| tag.span.end + at + "</div>".len());
                continue;
            }
            _ => continue,
        };
        blocks.push_str(&html[from..tag.span.start]);
        blocks.push_str(instead);
        from = tag.span.end;
    }
    blocks.push_str(&html[from..]);
    blocks
}

fn is_hidden(html: &str, tag: &Tag<'_>) -> bool {
    let style = tag
        .attribute("style")
        .map(|style| html[style].replace(' ', ""));
    style.is_some_and(|style| style.to_ascii_lowercase().contains("display:none"))
}

/// No spaces at the ends of lines, at most one empty line in a row, none around it all.
fn tidy(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.trim().lines() {
        let line = line.trim_end().trim_start_matches('\u{a0}');
        empty = if line.trim().is_empty() { empty + 1 } else { 0 };
        if empty < 2 {
            tidied.push_str(line.trim_end_matches('\u{a0}'));
            tidied.push('\n');
        }
    }
    tidied
}

/// No stars and hashes; a link's address follows in angle brackets.
#[derive(Debug, Clone, Default)]
struct Plain {
    link: String,
}

impl TextDecorator for Plain {
    type Annotation = ();

    fn decorate_link_start(&mut self, url: &str) -> (String, ()) {
        self.link = url.trim().to_owned();
        (String::new(), ())
    }

    fn decorate_link_end(&mut self) -> String {
        match std::mem::take(&mut self.link) {
            link if link.is_empty() || link.starts_with('#') => String::new(),
            link => format!(" <{link}>"),
        }
    }

    fn decorate_em_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_em_end(&self) -> String {
        String::new()
    }

    fn decorate_strong_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_strong_end(&self) -> String {
        String::new()
    }

    fn decorate_strikeout_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_strikeout_end(&self) -> String {
        String::new()
    }

    fn decorate_code_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_code_end(&self) -> String {
        String::new()
    }

    fn decorate_preformat_first(&self) {}

    fn decorate_preformat_cont(&self) {}

    fn decorate_image(&mut self, _src: &str, title: &str) -> (String, ()) {
        (title.to_owned(), ())
    }

    fn header_prefix(&self, _level: usize) -> String {
        String::new()
    }

    fn quote_prefix(&self) -> String {
        "> ".into()
    }

    fn unordered_item_prefix(&self) -> String {
        "- ".into()
    }

    fn ordered_item_prefix(&self, i: i64) -> String {
        format!("{i}. ")
    }

    fn make_subblock_decorator(&self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_reads_as_text() {
        let html = "<html><head><title>T</title><style>p{}</style></head><body>\
            <div style=\"display: none; x\">Preview</div><h1>Spring</h1><p>Dear <b>Anna</b>,&nbsp;come &amp; see.</p>\
            <table><tr><td><a href=\"https://a.test/x\">Shop now</a></td></tr><tr><td><img src=\"i\" alt=\"A boat\"></td></tr></table>\
            <ul><li>one<li>two</ul><a href=\"#top\">up</a></body></html>";
        let text = from_html(html).unwrap();
        assert_eq!(
            text,
            "Spring\n\nDear Anna,\u{a0}come & see.\n\nShop now <https://a.test/x>\nA boat\n- one\n- two\nup\n"
        );
    }

    #[test]
    fn conditions_between_the_rows_of_tables_stay_in_their_place() {
        let html = "a<table role=\"presentation\"><tbody>IF<tr><td>b</td></tr>ENDIF<tr><td>c\
            <table><tr><th>d</th><td>1</td></tr>IF<tr><td>e</td><td>2</td></tr>ENDIF</table></td></tr></tbody></table>";
        assert_eq!(
            from_html(html).unwrap(),
            "a\nIF\n\nb\nENDIF\n\nc\nd 1\nIF\ne 2\nENDIF\n"
        );
    }

    #[test]
    fn long_lines_and_words_are_not_broken() {
        let word = "x".repeat(300_000);
        let html = format!("<p>{word} {word}</p>");
        assert_eq!(from_html(&html).unwrap(), format!("{word} {word}\n"));
    }

    #[test]
    fn nesting_has_a_limit() {
        assert!(from_html(&"<div>".repeat(400)).is_ok());
        assert!(from_html(&"<div>".repeat(600)).is_err());
        assert!(from_html(&"<p>a<li>b".repeat(2_000)).is_ok());
    }

    #[test]
    fn no_html_is_too_broken() {
        for html in [
            "",
            "<",
            "<div style='display:none'>",
            "<table><td><table>",
            "<a href=",
            "\u{0}",
        ] {
            from_html(html).unwrap();
        }
    }
}
