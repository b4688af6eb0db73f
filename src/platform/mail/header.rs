//! Header lines in ASCII: folded, encoded by RFC 2047 where they need to be, one line whatever the value holds.

use std::fmt::Write;

use email_encoding::headers::{quoted_string, rfc2047, writer::EmailWriter};

use super::Mailbox;

/// A word longer than this cannot be folded within the 998 bytes a line may have, so it is encoded.
const MAX_PLAIN_WORD: usize = 200;

/// Writes `Name: value` for free text such as a subject.
pub(super) fn text(out: &mut String, name: &str, value: &str) {
    start(out, name);
    let column = name.len() + 2;
    let mut writer = EmailWriter::new(out, column, 0, false);
    // Writing to a String never fails.
    let _ = if is_plain(value) {
        writer.folding().write_str(value)
    } else {
        rfc2047::encode(value, &mut writer)
    };
    drop(writer);
    out.push_str("\r\n");
}

/// Writes `Name: "Display name" <address>`.
pub(super) fn mailbox(out: &mut String, name: &str, mailbox: &Mailbox) {
    start(out, name);
    let column = name.len() + 2;
    let mut writer = EmailWriter::new(out, column, 0, false);
    let _ = match mailbox.name() {
        Some(shown) => {
            phrase(shown, &mut writer).and_then(|()| write!(writer, " <{}>", mailbox.address()))
        }
        None => write!(writer, "{}", mailbox.address()),
    };
    drop(writer);
    out.push_str("\r\n");
}

/// Writes `Name: value` for a value that is built from checked parts and must not be folded, such as a URL.
pub(super) fn raw(out: &mut String, name: &str, value: &[&str]) {
    start(out, name);
    for part in value {
        out.extend(part.chars().filter(|c| (' '..='~').contains(c)));
    }
    out.push_str("\r\n");
}

fn start(out: &mut String, name: &str) {
    out.push_str(name);
    out.push_str(": ");
}

fn phrase(name: &str, writer: &mut EmailWriter<'_>) -> std::fmt::Result {
    if name.contains("=?") {
        rfc2047::encode(name, writer)
    } else {
        quoted_string::encode(name, writer)
    }
}

/// A value that looks like an encoded word would be decoded by the reader, so it is no plain value.
fn is_plain(value: &str) -> bool {
    value.bytes().all(|b| (0x20..0x7f).contains(&b))
        && !value.contains("=?")
        && value.split(' ').all(|word| word.len() <= MAX_PLAIN_WORD)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn subject(value: &str) -> String {
        let mut out = String::new();
        text(&mut out, "Subject", value);
        out
    }

    fn decoded(value: &str) -> String {
        let mail = format!("{}\r\n", subject(value));
        let parsed = mail_parser::MessageParser::default().parse(mail.as_bytes());
        parsed.unwrap().subject().unwrap_or_default().to_owned()
    }

    #[test]
    fn ascii_stays_readable_and_the_rest_is_encoded() {
        assert_eq!(subject("Hello Anna"), "Subject: Hello Anna\r\n");
        assert!(subject("Grüße").starts_with("Subject: =?utf-8?b?"));
        assert!(subject("=?utf-8?q?x?=").starts_with("Subject: =?utf-8?b?"));
    }

    #[test]
    fn long_values_are_folded_and_come_back_whole() {
        for value in [
            "A quite long subject that has many ordinary words in it and goes on and on until it is folded",
            "Ein sehr langer Betreff mit Umlauten: äöü ÄÖÜ ß, der über mehrere Zeilen geht, weil er so lang ist",
            "🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉",
        ] {
            assert!(subject(value).lines().all(|line| line.len() <= 78));
            assert_eq!(decoded(value), value);
        }
    }

    #[test]
    fn names_with_commas_quotes_and_accents_survive() {
        for name in [
            "Acme, Inc.",
            "O'Brien",
            "Nguyễn",
            "a \"b\" c",
            "=?x?=",
            "مريم",
        ] {
            let address = super::super::Address::parse("a@example.com").unwrap();
            let mut out = String::new();
            mailbox(&mut out, "To", &Mailbox::new(Some(name), address));
            out.push_str("\r\n");
            let mail = mail_parser::MessageParser::default()
                .parse(out.as_bytes())
                .unwrap();
            let first = mail.to().unwrap().first().unwrap();
            assert_eq!(first.name.as_deref(), Some(name), "{out}");
            assert_eq!(first.address.as_deref(), Some("a@example.com"));
        }
    }

    proptest! {
        #[test]
        fn no_value_makes_a_second_header(value in "\\PC*|[ -~\r\n\u{0}]*") {
            let line = subject(&value);
            let folded = line.strip_suffix("\r\n").unwrap();
            for (index, _) in folded.match_indices('\n') {
                prop_assert!(folded[index + 1..].starts_with([' ', '\t']), "{line:?}");
            }
            prop_assert!(line.is_ascii());
        }
    }
}
