//! MJML to HTML, with the faults that people make found first and named by line.

mod prepared;

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use mrml::prelude::render::RenderOptions;

use super::markup::{Kind, tags};
use super::merge::Fault;
use prepared::Prepared;

/// The renderer recurses, so that markup nested without end would end the process.
const MAX_DEPTH: usize = 100;

const ELEMENTS: [&str; 34] = [
    "mj-accordion",
    "mj-accordion-element",
    "mj-accordion-text",
    "mj-accordion-title",
    "mj-all",
    "mj-attributes",
    "mj-body",
    "mj-breakpoint",
    "mj-button",
    "mj-carousel",
    "mj-carousel-image",
    "mj-class",
    "mj-column",
    "mj-divider",
    "mj-font",
    "mj-group",
    "mj-head",
    "mj-hero",
    "mj-image",
    "mj-navbar",
    "mj-navbar-link",
    "mj-preview",
    "mj-raw",
    "mj-section",
    "mj-social",
    "mj-social-element",
    "mj-spacer",
    "mj-style",
    "mj-table",
    "mj-text",
    "mj-title",
    "mj-wrapper",
    "mj-html-attributes",
    "mj-selector",
];

pub(super) fn is_mjml(source: &str) -> bool {
    tags(source).first().is_some_and(|tag| tag.is("mjml"))
}

/// Renders MJML. Positions in faults are those of `source`.
pub(super) fn to_html(source: &str) -> Result<String, Fault> {
    check(source)?;
    let prepared = Prepared::new(source);
    let rendered = catch_unwind(AssertUnwindSafe(|| {
        let parsed = mrml::parse(&prepared.text).map_err(|error| prepared.fault(error))?;
        let html = parsed.element.render(&options());
        html.map_err(|error| (0, format!("the MJML cannot be rendered: {error}")))
    }));
    rendered.unwrap_or_else(|_| Err((0, "the MJML cannot be rendered".into())))
}

/// Without the web fonts that are fetched from elsewhere: no reader asked for that.
fn options() -> RenderOptions {
    RenderOptions {
        fonts: HashMap::new(),
        ..RenderOptions::default()
    }
}

/// Every element must be known, closed, and not too deep.
fn check(source: &str) -> Result<(), Fault> {
    let mut open: Vec<(&str, usize)> = Vec::new();
    for tag in tags(source) {
        let at = tag.span.start;
        if tag.is("mj-include") {
            return Err((at, "other files cannot be included".into()));
        }
        if tag.name.starts_with("mj-") && !ELEMENTS.contains(&tag.name) {
            return Err((at, format!("there is no element <{}>", tag.name)));
        }
        match tag.kind {
            Kind::Open => open.push((tag.name, at)),
            Kind::Empty => {}
            Kind::Close => match open.pop() {
                Some((name, _)) if name == tag.name => {}
                Some((name, opened)) => {
                    let closes = format!("<{name}> is not closed before </{}>", tag.name);
                    return Err((opened, closes));
                }
                None => return Err((at, format!("</{}> closes nothing", tag.name))),
            },
        }
        if open.len() > MAX_DEPTH {
            return Err((
                at,
                format!("elements are nested more than {MAX_DEPTH} deep"),
            ));
        }
    }
    match open.pop() {
        Some((name, opened)) => Err((opened, format!("<{name}> is never closed"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn page(content: &str) -> String {
        format!(
            "<mjml><mj-body><mj-section><mj-column>{content}</mj-column></mj-section></mj-body></mjml>"
        )
    }

    #[test]
    fn mjml_becomes_html() {
        let html = to_html(&page(
            "<mj-text>Grüße <b>an</b><br/>Anna &amp; Li</mj-text>",
        ))
        .unwrap();
        assert!(html.starts_with("<!doctype html>"));
        assert!(html.contains("Grüße <b>an</b><br />Anna &amp; Li"));
        assert!(
            !html.contains("//fonts."),
            "nothing is fetched that the author did not ask for"
        );
    }

    #[test]
    fn attributes_arrive_as_they_were_written() {
        let source = page(
            "<mj-image src=\"https://x.test/a.png\" alt='❤️ \"a\" \\ né'/><mj-button href='https://x.test/?a=1&amp;b=2'>Go</mj-button>",
        );
        let html = to_html(&source).unwrap();
        assert!(
            html.contains("alt=\"❤&#65039; &#34;a&#34; &#92; né\""),
            "{html}"
        );
        assert!(html.contains("href=\"https://x.test/?a=1&amp;b=2\""));
    }

    #[test]
    fn faults_are_named_with_their_place() {
        for (source, place, says) in [
            (
                page("<mj-texx>a</mj-texx>"),
                "<mj-texx>",
                "no element <mj-texx>",
            ),
            (
                page("<mj-text>a"),
                "<mj-text>",
                "<mj-text> is not closed before </mj-column>",
            ),
            (
                page("<mj-text><p>a</mj-text>"),
                "<p>",
                "<p> is not closed before </mj-text>",
            ),
            (
                page("</div>"),
                "<mj-column>",
                "<mj-column> is not closed before </div>",
            ),
            (
                "<mjml><mj-body>".into(),
                "<mj-body>",
                "<mj-body> is never closed",
            ),
            ("<mjml><p></p></mjml>".into(), "<p>", "cannot stand here"),
            (
                "<mjml lang='\u{200d}'>\n<p></p></mjml>".into(),
                "<p>",
                "cannot stand here",
            ),
            (
                "<mjml>\n<mj-body a=b></mj-body></mjml>".into(),
                "<mj-body",
                "invalid attribute",
            ),
            (
                page("<mj-include path=\"/etc/passwd\"/>"),
                "<mj-include",
                "cannot be included",
            ),
        ] {
            let (at, fault) = to_html(&source).unwrap_err();
            assert!(fault.contains(says), "{fault}");
            assert!(
                source[at..].starts_with(place),
                "{fault} at {}",
                &source[at..]
            );
        }
    }

    #[test]
    fn nesting_has_a_limit_that_the_stack_survives() {
        let deep = |n: usize| {
            page(&format!(
                "<mj-text>{}a{}</mj-text>",
                "<div>".repeat(n),
                "</div>".repeat(n)
            ))
        };
        assert!(to_html(&deep(90)).is_ok());
        assert!(to_html(&deep(5_000)).unwrap_err().1.contains("nested"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_source_brings_the_renderer_down(
            element in prop::sample::select(ELEMENTS.as_slice()),
            name in "(width|height|padding|border|color|align|css-class|src|href|mode|icon-[a-z]{1,8})",
            value in "(-?[0-9.]{0,6}(px|%|em)?|[a-z ]{0,8}|\\PC{0,6})",
            content in "(text|<mj-text>x</mj-text>|<mj-column></mj-column>|)",
        ) {
            let value = value.replace(['"', '<', '&'], "");
            let inner = format!("<{element} {name}=\"{value}\">{content}</{element}>");
            let _ = to_html(&page(&inner));
            let _ = to_html(&format!("<mjml><mj-head>{inner}</mj-head><mj-body>{inner}</mj-body></mjml>"));
        }
    }
}
