//! A real SMTP server for tests and benches: it takes every mail, counts it, and can be slow, rude or dead on demand.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How much of each mail is kept in memory.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Keep {
    Counts,
    Envelopes,
    Messages,
}

/// One accepted mail. `data` is empty unless the sink keeps messages.
#[derive(Clone, Debug, Default)]
pub struct Mail {
    pub from: String,
    pub to: Vec<String>,
    pub message_id: Option<String>,
    pub data: Vec<u8>,
}

impl Mail {
    /// The value of the first header of that name, unfolded.
    pub fn header(&self, name: &str) -> Option<String> {
        header(&self.data, name)
    }

    /// The message as text, with what is not UTF-8 replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.data).into_owned()
    }
}

/// Decides about one recipient: `None` accepts, otherwise the reply to give, as in `"550 5.1.1 No such user"`.
pub type RecipientRule = dyn Fn(&str) -> Option<String> + Send + Sync;

pub struct SmtpSink {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    keep: Keep,
    stopped: AtomicBool,
    accepted: AtomicU64,
    bytes: AtomicU64,
    opened: AtomicU64,
    /// Mails still to be answered before the sink hangs up on everybody; u64::MAX is 'never'.
    answers_left: AtomicU64,
    mails: Mutex<Vec<Mail>>,
    arrived: Condvar,
    paused: Mutex<bool>,
    resumed: Condvar,
    rule: Mutex<Option<Arc<RecipientRule>>>,
    open: Mutex<HashMap<u64, TcpStream>>,
}

impl SmtpSink {
    /// Listens on a free port of the loopback interface.
    pub fn start(keep: Keep) -> io::Result<Self> {
        Self::start_on("127.0.0.1:0", keep)
    }

    /// Listens on a given address, to come back where a stopped sink was.
    pub fn start_on(address: &str, keep: Keep) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            keep,
            stopped: AtomicBool::new(false),
            accepted: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            opened: AtomicU64::new(0),
            answers_left: AtomicU64::new(u64::MAX),
            mails: Mutex::default(),
            arrived: Condvar::new(),
            paused: Mutex::new(false),
            resumed: Condvar::new(),
            rule: Mutex::new(None),
            open: Mutex::default(),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || accepting.accept(&listener));
        Ok(Self { address, shared })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What SMTP_URL takes.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// Mails taken since the start.
    pub fn accepted(&self) -> u64 {
        self.shared.accepted.load(Ordering::SeqCst)
    }

    /// Bytes of those mails, envelopes not counted.
    pub fn bytes(&self) -> u64 {
        self.shared.bytes.load(Ordering::SeqCst)
    }

    /// Connections opened since the start.
    pub fn connections(&self) -> u64 {
        self.shared.opened.load(Ordering::SeqCst)
    }

    /// A copy of what is kept, in the order of arrival.
    pub fn mails(&self) -> Vec<Mail> {
        lock(&self.shared.mails).clone()
    }

    /// How many mails each recipient got.
    pub fn per_recipient(&self) -> HashMap<String, u64> {
        let mut counts = HashMap::new();
        for recipient in lock(&self.shared.mails).iter().flat_map(|mail| &mail.to) {
            *counts.entry(recipient.to_lowercase()).or_default() += 1;
        }
        counts
    }

    /// Waits until `count` mails were taken; `false` if they did not come in time.
    pub fn wait_for(&self, count: u64, at_most: Duration) -> bool {
        let deadline = Instant::now() + at_most;
        let mut mails = lock(&self.shared.mails);
        while self.accepted() < count {
            let Some(left) = deadline.checked_duration_since(Instant::now()) else {
                return false;
            };
            let wait = left.min(Duration::from_millis(20));
            mails = self
                .shared
                .arrived
                .wait_timeout(mails, wait)
                .map_or_else(|broken| broken.into_inner().0, |(guard, _)| guard);
        }
        true
    }

    /// Stops answering until `resume`; connections stay open and clients wait.
    pub fn pause(&self) {
        *lock(&self.shared.paused) = true;
    }

    pub fn resume(&self) {
        *lock(&self.shared.paused) = false;
        self.shared.resumed.notify_all();
    }

    /// Refuses recipients by a rule.
    pub fn refuse(&self, rule: impl Fn(&str) -> Option<String> + Send + Sync + 'static) {
        *lock(&self.shared.rule) = Some(Arc::new(rule));
    }

    /// Answers that many further mails; the next one is taken but never answered, and every connection is cut.
    pub fn hang_up_after(&self, mails: u64) {
        self.shared.answers_left.store(mails, Ordering::SeqCst);
    }

    /// Cuts every connection, as a crashing server does. New ones are welcome.
    pub fn cut(&self) {
        self.shared.cut();
    }

    /// Cuts every connection and stops listening.
    pub fn stop(&self) {
        if self.shared.stopped.swap(true, Ordering::SeqCst) {
            return;
        }
        self.resume();
        self.shared.cut();
        // Wakes the accepting thread, which then sees the flag.
        drop(TcpStream::connect_timeout(
            &self.address,
            Duration::from_millis(200),
        ));
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn accept(self: &Arc<Self>, listener: &TcpListener) {
        for stream in listener.incoming() {
            if self.stopped.load(Ordering::SeqCst) {
                return;
            }
            let Ok(stream) = stream else { continue };
            let shared = Arc::clone(self);
            thread::spawn(move || shared.serve(stream));
        }
    }

    fn serve(self: Arc<Self>, stream: TcpStream) {
        let number = self.opened.fetch_add(1, Ordering::SeqCst);
        let Ok(handle) = stream.try_clone() else {
            return;
        };
        lock(&self.open).insert(number, handle);
        let _ = stream.set_nodelay(true);
        // A client that goes away in the middle is part of the trade.
        let _ = Session::new(&self, stream).run();
        lock(&self.open).remove(&number);
    }

    fn cut(&self) {
        for (_, stream) in lock(&self.open).drain() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn wait_while_paused(&self) {
        let mut paused = lock(&self.paused);
        while *paused && !self.stopped.load(Ordering::SeqCst) {
            paused = self
                .resumed
                .wait(paused)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Takes a mail; `false` when it must not be answered any more.
    fn take(&self, mut mail: Mail, data: &[u8]) -> bool {
        if self.keep >= Keep::Envelopes {
            mail.message_id = header(data, "message-id");
        }
        if self.keep == Keep::Messages {
            mail.data = unstuff(data);
        }
        self.bytes.fetch_add(data.len() as u64, Ordering::SeqCst);
        if self.keep == Keep::Counts {
            self.accepted.fetch_add(1, Ordering::SeqCst);
        } else {
            let mut mails = lock(&self.mails);
            mails.push(mail);
            self.accepted.fetch_add(1, Ordering::SeqCst);
        }
        self.arrived.notify_all();
        let left = self.answers_left.load(Ordering::SeqCst);
        left == u64::MAX
            || self
                .answers_left
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1))
                .is_ok()
    }
}

/// One connection: commands in, replies out, the replies held back while more pipelined commands are at hand.
struct Session<'a> {
    shared: &'a Shared,
    stream: TcpStream,
    input: Vec<u8>,
    read: usize,
    replies: Vec<u8>,
    mail: Option<Mail>,
}

impl<'a> Session<'a> {
    fn new(shared: &'a Shared, stream: TcpStream) -> Self {
        Self {
            shared,
            stream,
            input: Vec::with_capacity(64 * 1024),
            read: 0,
            replies: Vec::new(),
            mail: None,
        }
    }

    fn run(mut self) -> io::Result<()> {
        self.reply("220 sink.test ESMTP");
        while let Some(line) = self.line()? {
            let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
            match verb.to_ascii_uppercase().as_str() {
                "EHLO" => self.reply("250-sink.test\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n250-AUTH PLAIN LOGIN\r\n250 SMTPUTF8"),
                "HELO" | "NOOP" => self.reply("250 sink.test"),
                "AUTH" => self.authenticate(rest)?,
                "MAIL" => {
                    self.mail = Some(Mail { from: address(rest), ..Mail::default() });
                    self.reply("250 2.1.0 Ok");
                }
                "RCPT" => self.recipient(address(rest)),
                "DATA" => {
                    if !self.data()? {
                        self.shared.cut();
                        return Ok(());
                    }
                }
                "RSET" => {
                    self.mail = None;
                    self.reply("250 2.0.0 Ok");
                }
                "QUIT" => {
                    self.reply("221 2.0.0 Bye");
                    return self.flush();
                }
                _ => self.reply("502 5.5.2 Command not known"),
            }
        }
        Ok(())
    }

    fn reply(&mut self, text: &str) {
        self.replies.extend_from_slice(text.as_bytes());
        self.replies.extend_from_slice(b"\r\n");
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.replies.is_empty() {
            self.shared.wait_while_paused();
            self.stream.write_all(&self.replies)?;
            self.replies.clear();
        }
        Ok(())
    }

    /// Reads more input, after the client has been told all there is to tell. `false` at the end of the stream.
    fn fill(&mut self) -> io::Result<bool> {
        self.flush()?;
        if self.read > 0 {
            self.input.drain(..self.read);
            self.read = 0;
        }
        let held = self.input.len();
        self.input.resize(held + 64 * 1024, 0);
        let got = self.stream.read(&mut self.input[held..]);
        self.input.truncate(held + *got.as_ref().unwrap_or(&0));
        Ok(got? > 0)
    }

    fn line(&mut self) -> io::Result<Option<String>> {
        loop {
            if let Some(end) = find(&self.input[self.read..], b"\n") {
                let line = String::from_utf8_lossy(&self.input[self.read..self.read + end])
                    .trim_end()
                    .to_owned();
                self.read += end + 1;
                return Ok(Some(line));
            }
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    fn authenticate(&mut self, how: &str) -> io::Result<()> {
        let questions: &[&str] = match how.split(' ').collect::<Vec<_>>()[..] {
            ["PLAIN", _] => &[],
            ["PLAIN"] => &["334 "],
            _ => &["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"],
        };
        for question in questions {
            self.reply(question);
            self.line()?;
        }
        self.reply("235 2.7.0 Welcome");
        Ok(())
    }

    fn recipient(&mut self, recipient: String) {
        let rule = lock(&self.shared.rule).clone();
        let refusal = rule.and_then(|rule| rule(&recipient));
        match (&mut self.mail, refusal) {
            (None, _) => self.reply("503 5.5.1 MAIL first"),
            (_, Some(refusal)) => self.reply(&refusal),
            (Some(mail), None) => {
                mail.to.push(recipient);
                self.reply("250 2.1.5 Ok");
            }
        }
    }

    /// Reads a message to its final dot; `false` when the connection must end without an answer.
    fn data(&mut self) -> io::Result<bool> {
        let Some(mail) = self.mail.take().filter(|mail| !mail.to.is_empty()) else {
            self.reply("503 5.5.1 RCPT first");
            return Ok(true);
        };
        self.reply("354 Go on");
        self.flush()?;
        let mut seen = 0;
        let end = loop {
            let held = &self.input[self.read..];
            if held.starts_with(b".\r\n") {
                break 0;
            }
            if let Some(at) = find(&held[seen..], b"\r\n.\r\n") {
                break seen + at + 2;
            }
            seen = held.len().saturating_sub(4);
            if !self.fill()? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        };
        let start = self.read;
        self.read += end + 3;
        let answered = self.shared.take(mail, &self.input[start..start + end]);
        if answered {
            self.reply("250 2.0.0 Taken");
        }
        Ok(answered)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `FROM:<a@b.example> SIZE=100` → `a@b.example`.
fn address(argument: &str) -> String {
    let inner = argument
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'))
        .map(|(address, _)| address);
    inner
        .unwrap_or_else(|| {
            argument
                .split_once(':')
                .map_or(argument, |(_, rest)| rest.trim())
        })
        .to_owned()
}

fn header(message: &[u8], name: &str) -> Option<String> {
    let end = find(message, b"\r\n\r\n").unwrap_or(message.len());
    let head = String::from_utf8_lossy(&message[..end])
        .replace("\r\n ", " ")
        .replace("\r\n\t", " ");
    head.split("\r\n").find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name)
            .then(|| value.trim().to_owned())
    })
}

/// Takes away the dots that the client doubled at the beginning of lines.
fn unstuff(data: &[u8]) -> Vec<u8> {
    let mut message = Vec::with_capacity(data.len());
    for line in data.split_inclusive(|&byte| byte == b'\n') {
        message.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
    }
    message
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    memchr::memmem::find(haystack, needle)
}
