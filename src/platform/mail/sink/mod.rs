//! A mail server that swallows what it is sent, with the manners a test or a bench asks for.

mod session;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use session::Session;

/// How the server behaves; may be changed while it runs.
#[derive(Clone, Default)]
pub struct Manners {
    /// How many of the mails to keep for [`Sink::mails`]; the rest are only counted.
    pub keep: usize,
    /// Whether PIPELINING is offered.
    pub pipelining: bool,
    /// Refuses a second EHLO, as some servers do.
    pub greets_once: bool,
    /// Recipients that contain this are refused with the code.
    pub refuse: Option<(String, u16)>,
    pub content: Answer,
    /// Says 421 when a connection asks for one more.
    pub mails_per_connection: Option<usize>,
    /// Asks for this user name and password before any mail.
    pub credentials: Option<(String, String)>,
    /// Offers STARTTLS.
    pub tls: Option<TlsAcceptor>,
    /// Speaks TLS from the first byte.
    pub implicit_tls: bool,
}

/// What a mail's content is answered with.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum Answer {
    #[default]
    Accept,
    Refuse(u16),
    /// Takes the mail and hangs up without a word.
    HangUp,
    /// Takes the mail and says nothing.
    Silence,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    pub from: String,
    pub to: String,
    pub mail: Vec<u8>,
    pub encrypted: bool,
}

pub struct Sink {
    address: SocketAddr,
    shared: Arc<Shared>,
    listening: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    manners: Mutex<Manners>,
    mails: Mutex<Vec<Received>>,
    accepted: AtomicU64,
    connections: AtomicU64,
    open: AtomicU64,
}

impl Sink {
    /// Listens on a free port of this machine.
    pub async fn start(manners: Manners) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            manners: Mutex::new(manners),
            ..Shared::default()
        });
        let serving = shared.clone();
        let listening = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(socket, serving.clone()));
            }
        });
        Ok(Self {
            address,
            shared,
            listening,
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many mails were answered with 250, or taken without an answer.
    pub fn accepted(&self) -> u64 {
        self.shared.accepted.load(Ordering::Relaxed)
    }

    /// How many connections were ever made.
    pub fn connections(&self) -> u64 {
        self.shared.connections.load(Ordering::Relaxed)
    }

    pub fn open_connections(&self) -> u64 {
        self.shared.open.load(Ordering::Relaxed)
    }

    pub fn mails(&self) -> Vec<Received> {
        self.shared.mails.lock().clone()
    }

    pub fn behave(&self, change: impl FnOnce(&mut Manners)) {
        change(&mut self.shared.manners.lock());
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn serve(mut socket: TcpStream, shared: Arc<Shared>) {
    shared.connections.fetch_add(1, Ordering::Relaxed);
    shared.open.fetch_add(1, Ordering::Relaxed);
    let _ = socket.set_nodelay(true);
    let manners = shared.manners.lock().clone();
    // A client that goes away in the middle is no error of the server's.
    let _: io::Result<()> = async {
        let acceptor = match manners.tls {
            Some(acceptor) if manners.implicit_tls => {
                let mut stream = acceptor.accept(socket).await?;
                return Session::new(&shared, true)
                    .greet(&mut stream)
                    .await
                    .map(drop);
            }
            other => other,
        };
        let starts_tls = Session::new(&shared, false).greet(&mut socket).await?;
        if let (true, Some(acceptor)) = (starts_tls, acceptor) {
            let mut stream = acceptor.accept(socket).await?;
            Session::new(&shared, true).converse(&mut stream).await?;
        }
        Ok(())
    }
    .await;
    shared.open.fetch_sub(1, Ordering::Relaxed);
}
