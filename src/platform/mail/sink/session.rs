//! The dialogue of one connection to the sink.

use std::io;
use std::sync::atomic::Ordering;
use std::time::Duration;

use base64::prelude::*;
use memchr::memmem;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{Answer, Manners, Received, Shared};

pub(super) struct Session<'a> {
    shared: &'a Shared,
    encrypted: bool,
    input: Vec<u8>,
    from: String,
    to: Option<String>,
    greeted: bool,
    signed_in: bool,
    mails: usize,
}

enum Next {
    Go(String),
    Content,
    StartTls,
    /// The last words before hanging up.
    End(&'static str),
}

impl<'a> Session<'a> {
    pub(super) fn new(shared: &'a Shared, encrypted: bool) -> Self {
        Self {
            shared,
            encrypted,
            input: Vec::with_capacity(64 * 1024),
            from: String::new(),
            to: None,
            greeted: false,
            signed_in: false,
            mails: 0,
        }
    }

    pub(super) async fn greet<S: AsyncRead + AsyncWrite + Unpin>(
        mut self,
        stream: &mut S,
    ) -> io::Result<bool> {
        stream.write_all(b"220 sink\r\n").await?;
        self.converse_on(stream).await
    }

    pub(super) async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
        mut self,
        stream: &mut S,
    ) -> io::Result<bool> {
        self.converse_on(stream).await
    }

    /// Answers until the client leaves, or asks for TLS (then true). Replies wait until all that was sent is read.
    async fn converse_on<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        stream: &mut S,
    ) -> io::Result<bool> {
        let mut replies = String::new();
        loop {
            let Some(end) = memmem::find(&self.input, b"\r\n") else {
                stream.write_all(replies.as_bytes()).await?;
                stream.flush().await?;
                replies.clear();
                if stream.read_buf(&mut self.input).await? == 0 {
                    return Ok(false);
                }
                continue;
            };
            let line = String::from_utf8_lossy(&self.input[..end]).into_owned();
            self.input.drain(..end + 2);
            match self.command(&line) {
                Next::Go(reply) => replies.push_str(&reply),
                Next::StartTls => {
                    stream.write_all(b"220 go ahead\r\n").await?;
                    return Ok(true);
                }
                Next::End(words) => {
                    replies.push_str(words);
                    stream.write_all(replies.as_bytes()).await?;
                    return Ok(false);
                }
                Next::Content => {
                    replies.push_str("354 send it\r\n");
                    stream.write_all(replies.as_bytes()).await?;
                    stream.flush().await?;
                    replies.clear();
                    match self.content(stream).await? {
                        Some(reply) => replies.push_str(&reply),
                        None => return Ok(false),
                    }
                }
            }
        }
    }

    fn command(&mut self, line: &str) -> Next {
        let manners = self.shared.manners.lock();
        let verb = line
            .split([' ', ':'])
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase();
        let reply = match verb.as_str() {
            "EHLO" if self.greeted && manners.greets_once => "503 once is enough\r\n".into(),
            "EHLO" => {
                self.greeted = true;
                ehlo(&manners, self.encrypted)
            }
            "STARTTLS" if manners.tls.is_some() && !self.encrypted => return Next::StartTls,
            "AUTH" => {
                self.signed_in = manners
                    .credentials
                    .as_ref()
                    .is_some_and(|(user, password)| {
                        let plain = BASE64_STANDARD.encode(format!("\0{user}\0{password}"));
                        line == format!("AUTH PLAIN {plain}")
                    });
                let signed_in = self.signed_in;
                if signed_in {
                    "235 welcome\r\n"
                } else {
                    "535 no\r\n"
                }
                .to_owned()
            }
            "MAIL" if manners.credentials.is_some() && !self.signed_in => {
                "530 sign in first\r\n".into()
            }
            "MAIL"
                if manners
                    .mails_per_connection
                    .is_some_and(|most| self.mails >= most) =>
            {
                return Next::End("421 enough for one connection\r\n");
            }
            "MAIL" => {
                self.from = bracketed(line);
                self.to = None;
                "250 ok\r\n".into()
            }
            "RCPT" => {
                let to = bracketed(line);
                match &manners.refuse {
                    Some((part, code)) if to.contains(part.as_str()) => {
                        format!("{code} <{to}> not wanted\r\n")
                    }
                    _ => {
                        self.to = Some(to);
                        "250 ok\r\n".into()
                    }
                }
            }
            "DATA" if self.to.is_none() => "503 nobody to send to\r\n".into(),
            "DATA" => return Next::Content,
            "QUIT" => return Next::End("221 bye\r\n"),
            "RSET" | "NOOP" => "250 ok\r\n".into(),
            _ => "502 unknown\r\n".into(),
        };
        Next::Go(reply)
    }

    /// Reads up to the single dot and gives the answer; none where the server hangs up.
    async fn content<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut S,
    ) -> io::Result<Option<String>> {
        let mut seen = 0;
        let end = loop {
            if self.input.starts_with(b".\r\n") {
                self.input.drain(..3);
                return Ok(Some("554 no content\r\n".into()));
            }
            if let Some(at) = memmem::find(&self.input[seen..], b"\r\n.\r\n") {
                break seen + at;
            }
            seen = self.input.len().saturating_sub(4);
            if stream.read_buf(&mut self.input).await? == 0 {
                return Ok(None);
            }
        };
        let (answer, keep) = {
            let manners = self.shared.manners.lock();
            (manners.content, manners.keep)
        };
        self.mails += 1;
        if let Answer::Refuse(code) = answer {
            self.input.drain(..end + 5);
            return Ok(Some(format!("{code} content not wanted\r\n")));
        }
        self.shared.accepted.fetch_add(1, Ordering::Relaxed);
        if keep > 0 {
            self.store(&self.input[..end + 2], keep);
        }
        self.input.drain(..end + 5);
        match answer {
            Answer::HangUp => return Ok(None),
            Answer::Silence => tokio::time::sleep(Duration::from_secs(3_600)).await,
            Answer::Accept | Answer::Refuse(_) => {}
        }
        Ok(Some("250 taken\r\n".into()))
    }

    fn store(&self, content: &[u8], keep: usize) {
        let mut mails = self.shared.mails.lock();
        if mails.len() >= keep {
            return;
        }
        let text = String::from_utf8_lossy(content).replace("\r\n..", "\r\n.");
        mails.push(Received {
            from: self.from.clone(),
            to: self.to.clone().unwrap_or_default(),
            mail: text
                .strip_prefix("..")
                .map(|rest| format!(".{rest}"))
                .unwrap_or(text)
                .into_bytes(),
            encrypted: self.encrypted,
        });
    }
}

fn ehlo(manners: &Manners, encrypted: bool) -> String {
    let mut lines = vec!["sink"];
    lines.extend(manners.pipelining.then_some("PIPELINING"));
    lines.extend((manners.tls.is_some() && !encrypted).then_some("STARTTLS"));
    lines.extend(manners.credentials.is_some().then_some("AUTH PLAIN"));
    lines.extend(["8BITMIME", "SMTPUTF8"]);
    let last = lines.len() - 1;
    let numbered = lines.iter().enumerate();
    numbered
        .map(|(at, line)| format!("250{}{line}\r\n", if at == last { ' ' } else { '-' }))
        .collect()
}

fn bracketed(line: &str) -> String {
    let inside = line
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'));
    inside
        .map(|(address, _)| address.to_owned())
        .unwrap_or_default()
}
