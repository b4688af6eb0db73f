//! A few connections, shared by everything that sends.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout};

use super::SmtpUrl;
use super::connection::{Attempt, Connection};
use super::tls::Tls;
use crate::mail::{Delivery, Envelope};

/// How long to wait for the server.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For connecting, encrypting and signing in together.
    pub connect: Duration,
    /// For the answer to a command.
    pub command: Duration,
    /// For the answer to a mail's content: giving up early means not knowing.
    pub answer: Duration,
    /// After this long without a mail a connection is closed.
    pub idle: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            command: Duration::from_secs(60),
            answer: Duration::from_secs(300),
            idle: Duration::from_secs(30),
        }
    }
}

/// Cheap to clone; all clones share the connections. They belong to the runtime that first used them, so send from
/// one that lives as long as the process.
#[derive(Clone)]
pub struct SmtpPool(Arc<Inner>);

struct Inner {
    url: SmtpUrl,
    tls: Tls,
    limits: Limits,
    slots: Semaphore,
    idle: Mutex<Vec<Idle>>,
    reaping: AtomicBool,
}

struct Idle {
    connection: Connection,
    since: Instant,
}

impl SmtpPool {
    /// Connects to nothing yet. Fails when the certificates named in the URL cannot be read.
    pub fn new(url: SmtpUrl, limits: Limits) -> Result<Self, String> {
        Ok(Self(Arc::new(Inner {
            tls: Tls::new(&url)?,
            slots: Semaphore::new(url.connections),
            idle: Mutex::new(Vec::with_capacity(url.connections)),
            reaping: AtomicBool::new(false),
            limits,
            url,
        })))
    }

    pub fn url(&self) -> &SmtpUrl {
        &self.0.url
    }

    /// How many mails can be under way at once.
    pub fn connections(&self) -> usize {
        self.0.url.connections
    }

    /// Hands over one mail, waiting for a free connection.
    pub async fn send(&self, envelope: &Envelope, mail: &[u8]) -> Delivery {
        self.send_noting(envelope, mail, || Ok(())).await
    }

    /// Like [`send`](Self::send); `hand_over` runs right before the content leaves, at most once.
    pub async fn send_noting<H>(&self, envelope: &Envelope, mail: &[u8], hand_over: H) -> Delivery
    where
        H: FnOnce() -> io::Result<()>,
    {
        let Ok(mail) = std::str::from_utf8(mail) else {
            return Delivery::Rejected {
                code: 554,
                permanent: true,
                text: "The mail is neither ASCII nor UTF-8.".into(),
            };
        };
        let mut hand_over = Some(hand_over);
        // The semaphore is never closed.
        let _slot = self.0.slots.acquire().await;
        loop {
            let (mut connection, kept) = match self.connection().await {
                Ok(connection) => connection,
                Err(reason) => return Delivery::Unreachable { reason },
            };
            let attempt = connection.send(envelope, mail, &mut hand_over).await;
            self.keep(connection);
            match attempt {
                Attempt::Done(delivery) => return delivery,
                // The server may have closed a kept connection long ago, so a new one is tried before giving up.
                Attempt::Broken(_) if kept => continue,
                Attempt::Broken(reason) => return Delivery::Unreachable { reason },
            }
        }
    }

    /// Whether the server answers and lets us in.
    pub async fn check(&self) -> Result<(), String> {
        let slot = timeout(self.0.limits.connect, self.0.slots.acquire()).await;
        let _slot = match slot {
            Ok(slot) => slot,
            // Every connection is busy sending, which is an answer too.
            Err(_) => return Ok(()),
        };
        loop {
            let (mut connection, kept) = self.connection().await?;
            let answer = connection.noop().await;
            if answer.is_err() && kept {
                continue;
            }
            self.keep(connection);
            return answer;
        }
    }

    /// Says goodbye on the connections that are not in use.
    pub async fn close(&self) {
        let idle = std::mem::take(&mut *self.0.idle.lock());
        for idle in idle {
            idle.connection.quit().await;
        }
    }

    /// A connection, and whether it was used before.
    async fn connection(&self) -> Result<(Connection, bool), String> {
        let Inner {
            url, tls, limits, ..
        } = &*self.0;
        let kept = self.0.idle.lock().pop();
        match kept {
            Some(idle) if idle.since.elapsed() < limits.idle => Ok((idle.connection, true)),
            _ => Ok((Connection::open(url, tls, *limits).await?, false)),
        }
    }

    fn keep(&self, connection: Connection) {
        if !connection.is_usable() {
            return;
        }
        self.0.idle.lock().push(Idle {
            connection,
            since: Instant::now(),
        });
        if !self.0.reaping.swap(true, Ordering::AcqRel) {
            tokio::spawn(reap(Arc::downgrade(&self.0), self.0.limits.idle));
        }
    }
}

/// Closes connections that nobody used for a while; ends when none is left, or the pool is gone.
async fn reap(pool: Weak<Inner>, idle: Duration) {
    loop {
        sleep(idle / 2).await;
        let Some(pool) = pool.upgrade() else { return };
        let (stale, done) = {
            let mut kept = pool.idle.lock();
            let old = |connection: &mut Idle| connection.since.elapsed() >= idle;
            let stale: Vec<Idle> = kept.extract_if(.., old).collect();
            if kept.is_empty() {
                pool.reaping.store(false, Ordering::Release);
            }
            (stale, kept.is_empty())
        };
        for idle in stale {
            idle.connection.quit().await;
        }
        if done {
            return;
        }
    }
}
