//! What the compiler can't tell about the templates.

use std::fs;
use std::path::{Path, PathBuf};

fn templates(below: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(below).unwrap().map(|e| e.unwrap().path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => templates(&path),
            false => vec![path],
        })
        .filter(|path| path.extension().is_some_and(|e| e == "html"))
        .collect()
}

fn all() -> Vec<(PathBuf, String)> {
    let found = templates(Path::new("templates"));
    assert!(!found.is_empty());
    found
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            (path, text)
        })
        .collect()
}

/// The tags of a template in order, without their dashes: `call ui::icon("x")`.
fn tags(text: &str) -> Vec<&str> {
    text.split("{%")
        .skip(1)
        .filter_map(|rest| rest.split_once("%}"))
        .map(|(tag, _)| tag.trim_matches(['-', '~', '+', ' ', '\n']))
        .collect()
}

/// askama renders the body of a call outside every block twice once the template has a block.
#[test]
fn in_a_page_with_blocks_every_call_is_in_one() {
    for (path, text) in all() {
        let tags = tags(&text);
        if !tags.iter().any(|t| t.starts_with("block ")) {
            continue;
        }
        let mut depth = 0;
        for tag in tags {
            match tag.split_whitespace().next().unwrap_or_default() {
                "block" => depth += 1,
                "endblock" => depth -= 1,
                "call" => assert!(
                    depth > 0,
                    "{}: `{tag}` stands outside the blocks",
                    path.display()
                ),
                _ => {}
            }
        }
    }
}

/// The content policy forbids both, so they would silently do nothing.
#[test]
fn there_are_no_inline_styles_and_scripts() {
    // A mail is no page of ours: mail programs know nothing but inline styles.
    let pages = all()
        .into_iter()
        .filter(|(path, _)| !path.ends_with("identity/passwords/mail.html"));
    for (path, text) in pages {
        for forbidden in [
            " style=",
            "<style",
            " onclick=",
            " onchange=",
            " hx-on",
            "javascript:",
        ] {
            assert!(
                !text.contains(forbidden),
                "{} has {forbidden}",
                path.display()
            );
        }
        for script in text.split("<script").skip(1) {
            assert!(
                script.trim_start().starts_with("src="),
                "{} has an inline script",
                path.display()
            );
        }
    }
}

#[test]
fn every_icon_is_in_the_sprite() {
    let sprite = fs::read_to_string("static/icons.svg").unwrap();
    for (path, text) in all() {
        for call in text
            .split("::icon(\"")
            .skip(1)
            .chain(text.split("::sized(\"").skip(1))
        {
            let name = call.split('"').next().unwrap_or_default();
            assert!(
                sprite.contains(&format!("id=\"{name}\"")),
                "{}: no icon {name}",
                path.display()
            );
        }
    }
}
