//! Whether a password is known from a breach, asked by k-anonymity: only the first five digits of its SHA-1 go out.
//!
//! The interface is that of Pwned Passwords (https://haveibeenpwned.com/API/v3#PwnedPasswords).

use std::time::Duration;

use actix_web::web;
use platform::http;
use platform::web::App;
use sha1::{Digest, Sha1};

/// Nobody is kept waiting for long by somebody else's server.
const PATIENCE: Duration = Duration::from_secs(3);

/// Bytes of an answer; it has some forty thousand.
const LONGEST: u64 = 500_000;

const KNOWN: &str = "This password is known from a breach of another site. Please choose one that you use nowhere else.";

/// What is wrong with the password, or `None`; also where nobody can be asked.
pub async fn problem(app: &App, password: &str) -> Option<String> {
    let url = app.config.breached_passwords_url.clone()?;
    let digest = hex::encode_upper(Sha1::digest(password.as_bytes()));
    let asked = web::block(move || is_known(&url, &digest)).await.ok()?;
    match asked {
        Ok(known) => known.then(|| KNOWN.to_owned()),
        Err(error) => {
            tracing::warn!(%error, "breached passwords could not be asked for");
            None
        }
    }
}

fn is_known(url: &str, digest: &str) -> Result<bool, ureq::Error> {
    let (start, rest) = digest.split_at(5);
    let mut answer = http::agent(PATIENCE)
        .get(format!("{}/{start}", url.trim_end_matches('/')))
        // Answers of one length tell a listener nothing.
        .header("Add-Padding", "true")
        .call()?;
    if !answer.status().is_success() {
        return Err(ureq::Error::StatusCode(answer.status().as_u16()));
    }
    let lines = answer.body_mut().with_config().limit(LONGEST);
    Ok(holds(&lines.read_to_string()?, rest))
}

/// Lines of `rest:count`; those that only pad have a count of 0.
fn holds(lines: &str, rest: &str) -> bool {
    let mut known = lines.lines().filter_map(|line| line.trim().split_once(':'));
    known.any(|(one, count)| one.eq_ignore_ascii_case(rest) && count != "0")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;

    #[test]
    fn what_only_pads_is_not_known() {
        let lines =
            "1E4C9B93F3F0682250B6CF8331B7EE68FD8:3\r\n00D4F6E8FA6EECAD2A3AA415EEC418D38EC:0";
        assert!(holds(lines, "1e4c9b93f3f0682250b6cf8331b7ee68fd8"));
        assert!(!holds(lines, "00D4F6E8FA6EECAD2A3AA415EEC418D38EC"));
        assert!(!holds(lines, "1E4C9B93F3F0682250B6CF8331B7EE68FD9"));
    }

    #[test]
    fn only_five_digits_go_out() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/range/", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut first = String::new();
            reader.read_line(&mut first).unwrap();
            let mut line = first.clone();
            while line.trim() != "" {
                line.clear();
                reader.read_line(&mut line).unwrap();
            }
            let body = "1E4C9B93F3F0682250B6CF8331B7EE68FD8:3";
            let length = body.len();
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
            )
            .unwrap();
            first
        });
        // SHA-1 of "password".
        let digest = "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8";
        assert!(is_known(&url, digest).unwrap());
        assert_eq!(server.join().unwrap().trim(), "GET /range/5BAA6 HTTP/1.1");
        assert!(is_known(&url, digest).is_err(), "nobody is there any more");
    }
}
