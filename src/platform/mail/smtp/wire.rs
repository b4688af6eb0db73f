//! What goes over the wire: streams, replies, and a mail's content as SMTP wants it.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use lettre::transport::smtp::client::AsyncTokioStream;
use lettre::transport::smtp::response::Response;
use memchr::memchr_iter;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::SmtpUrl;
use super::tls::{Tls, TlsSocket};
use crate::mail::Delivery;
use crate::mail::address::single_line;

const MAX_REPLY: usize = 500;

pub(super) async fn open_stream(
    url: &SmtpUrl,
    tls: &Tls,
) -> std::io::Result<Box<dyn AsyncTokioStream>> {
    let socket = TcpStream::connect((url.host.as_str(), url.port)).await?;
    socket.set_nodelay(true)?;
    match tls {
        Tls::Implicit(connector, name) => {
            let stream = connector.connect(name.clone(), socket).await?;
            Ok(Box::new(TlsSocket(stream)))
        }
        Tls::None | Tls::Upgrade(_) => Ok(Box::new(socket)),
    }
}

/// One reply of the server, good or bad.
pub(super) struct Reply {
    pub(super) code: u16,
    pub(super) text: String,
}

impl Reply {
    pub(super) fn rejection(self) -> Delivery {
        Delivery::Rejected {
            permanent: self.code >= 500,
            code: self.code,
            text: self.text,
        }
    }
}

pub(super) type Answer = Result<Response, lettre::transport::smtp::Error>;

/// Waits for a reply; a refusal is one too, and an error only where none came.
pub(super) async fn within(
    limit: Duration,
    answer: impl Future<Output = Answer>,
) -> Result<Reply, String> {
    let answer = timeout(limit, answer).await;
    match answer.map_err(|_| "the mail server did not answer in time")? {
        Ok(response) => Ok(Reply {
            code: response.code().into(),
            text: single_line(&response.message().collect::<Vec<_>>().join(" "), MAX_REPLY),
        }),
        Err(error) => match error.status() {
            Some(code) => Ok(Reply {
                code: code.into(),
                text: std::error::Error::source(&error)
                    .map(|text| single_line(&text.to_string(), MAX_REPLY))
                    .unwrap_or_default(),
            }),
            None => Err(error.to_string()),
        },
    }
}

/// A mail as SMTP wants it: dots at the start of a line doubled, and the line with the single dot at its end.
pub(super) struct Content<'a>(pub(super) &'a str);

impl fmt::Display for Content<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mail = self.0;
        if mail.starts_with('.') {
            f.write_str(".")?;
        }
        let mut from = 0;
        // After a bare LF too: a server that takes it for the end of a line must not see the end of the mail there.
        for dot in memchr_iter(b'.', mail.as_bytes()) {
            if dot > 0 && mail.as_bytes()[dot - 1] == b'\n' {
                f.write_str(&mail[from..dot])?;
                f.write_str(".")?;
                from = dot;
            }
        }
        f.write_str(&mail[from..])?;
        f.write_str(if mail.ends_with("\r\n") {
            ".\r\n"
        } else {
            "\r\n.\r\n"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Content;

    #[test]
    fn dots_at_the_start_of_lines_are_doubled_and_the_end_is_marked_once() {
        for (mail, sent) in [
            ("a\r\n", "a\r\n.\r\n"),
            ("a", "a\r\n.\r\n"),
            ("", "\r\n.\r\n"),
            (".a.\r\n.\r\n..b\r\n", "..a.\r\n..\r\n...b\r\n.\r\n"),
            ("a\n.\nb\r\n", "a\n..\nb\r\n.\r\n"),
        ] {
            assert_eq!(Content(mail).to_string(), sent, "{mail:?}");
        }
    }
}
