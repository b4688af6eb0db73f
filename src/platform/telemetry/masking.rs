//! What no log and no report may hold: addresses of people, passwords in URLs, tokens.

use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// A password in a URL, a bearer token, an e-mail address.
static SECRETS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?P<url>://[^\s/:@]*:)[^\s/@]+@|(?P<bearer>(?i:bearer) )[\w.~+/=-]+|[\w.+%'-]+@[\w-]+(\.[\w-]+)+",
    )
    .ok()
});

pub fn masked(text: &str) -> Cow<'_, str> {
    let Some(secrets) = SECRETS.as_ref() else {
        return Cow::Borrowed("(masked)");
    };
    secrets.replace_all(text, |found: &Captures| {
        match (found.name("url"), found.name("bearer")) {
            (Some(url), _) => format!("{}***@", url.as_str()),
            (_, Some(bearer)) => format!("{}***", bearer.as_str()),
            _ => "(e-mail address)".to_owned(),
        }
    })
}

/// Masks each line on its way out; the log writes whole lines.
pub struct Masking<W>(pub W);

impl<W: Write> Write for Masking<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0
            .write_all(masked(&String::from_utf8_lossy(line)).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_and_secrets_are_masked() {
        let said = [
            (
                "Key (email)=(o'brien+x@mail.example.ie) already exists",
                "Key (email)=((e-mail address)) already exists",
            ),
            (
                "connecting to postgres://nexus:s3cr3t@db:5432/nexus",
                "connecting to postgres://nexus:***@db:5432/nexus",
            ),
            (
                "Authorization: Bearer nx_ab.CD-ef/9=",
                "Authorization: Bearer ***",
            ),
            (
                "\"path\":\"/w/acme/contacts\",\"millis\":1.5",
                "\"path\":\"/w/acme/contacts\",\"millis\":1.5",
            ),
        ];
        for (text, kept) in said {
            assert_eq!(masked(text), kept);
        }
    }

    #[test]
    fn a_line_goes_out_masked() {
        let mut out = Vec::new();
        let mut masking = Masking(&mut out);
        masking.write_all(b"sent to ann@x.example\n").unwrap();
        assert_eq!(out, b"sent to (e-mail address)\n");
    }
}
