//! Open pages by the thousand: WebSocket clients that only note when something comes, and a bare broadcaster
//! that shows how fast it could come.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::Result;

const KEY: &str = "bmV4dXMtYmVuY2gta2V5IQ==";
const PATIENCE: Duration = Duration::from_secs(20);

/// One page's way in.
#[derive(Clone)]
pub struct Page {
    pub path: String,
    pub cookie: String,
    /// What it says first, as the page's script does.
    pub hello: String,
}

/// Pages that listen.
pub struct Crowd {
    runtime: Runtime,
    heard: mpsc::UnboundedReceiver<Instant>,
    shared: Arc<Shared>,
    size: usize,
}

#[derive(Default)]
struct Shared {
    /// Counted up before each event; a page tells its first message of each.
    round: AtomicU64,
    open: AtomicUsize,
    bytes: AtomicU64,
    messages: AtomicU64,
}

impl Crowd {
    pub fn connect(address: SocketAddr, pages: &[Page]) -> Result<Crowd> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        let shared = Arc::new(Shared::default());
        let (tell, heard) = mpsc::unbounded_channel();
        for group in pages.chunks(100) {
            let opening: Vec<_> = group
                .iter()
                .map(|page| runtime.spawn(open(address, page.clone())))
                .collect();
            for task in opening {
                let stream = runtime.block_on(task)??;
                let (shared, tell) = (Arc::clone(&shared), tell.clone());
                shared.open.fetch_add(1, Ordering::SeqCst);
                runtime.spawn(async move {
                    // Whoever is cut off is missed when the next event comes.
                    let _ = listen(stream, &shared, &tell).await;
                    shared.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        }
        Ok(Crowd {
            runtime,
            heard,
            shared,
            size: pages.len(),
        })
    }

    /// How long after the beginning of `event` each page heard of it.
    pub fn hear(&mut self, event: impl FnOnce() -> Result<()>) -> Result<Vec<Duration>> {
        let quiet = Duration::from_millis(300);
        while self
            .runtime
            .block_on(async { timeout(quiet, self.heard.recv()).await.is_ok() })
        {}
        let open = self.shared.open.load(Ordering::SeqCst);
        if open < self.size {
            return Err(format!("only {open} of {} sockets are open", self.size).into());
        }
        self.shared.round.fetch_add(1, Ordering::SeqCst);
        let started = Instant::now();
        event()?;
        let mut times = Vec::with_capacity(self.size);
        while times.len() < self.size {
            let next = self
                .runtime
                .block_on(async { timeout(PATIENCE, self.heard.recv()).await });
            match next {
                Ok(Some(at)) => times.push(at.duration_since(started)),
                _ => {
                    return Err(format!("only {} of {} pages heard", times.len(), self.size).into());
                }
            }
        }
        times.sort();
        Ok(times)
    }

    /// The mean size of what was heard.
    pub fn message_size(&self) -> usize {
        let messages = self.shared.messages.load(Ordering::SeqCst).max(1);
        (self.shared.bytes.load(Ordering::SeqCst) / messages) as usize
    }
}

async fn open(address: SocketAddr, page: Page) -> Result<TcpStream> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\nCookie: {}\r\n\r\n",
        page.path, page.cookie
    );
    stream.write_all(request.as_bytes()).await?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        // Byte by byte, so as not to read into the first frame.
        head.push(timeout(PATIENCE, stream.read_u8()).await??);
    }
    if !head.starts_with(b"HTTP/1.1 101") {
        let line: String = String::from_utf8_lossy(&head).lines().take(1).collect();
        return Err(format!("{}: {line}", page.path).into());
    }
    if !page.hello.is_empty() {
        stream
            .write_all(&frame(1, page.hello.as_bytes(), true))
            .await?;
    }
    Ok(stream)
}

async fn listen(
    mut stream: TcpStream,
    shared: &Shared,
    tell: &mpsc::UnboundedSender<Instant>,
) -> Result<()> {
    let mut input = Vec::with_capacity(4 * 1024);
    let mut told = 0;
    loop {
        while let Some((code, payload, size)) = parse(&input) {
            let reply = (code == 9).then(|| frame(10, &input[payload.clone()], true));
            let length = payload.len();
            input.drain(..size);
            match code {
                1 | 2 => {
                    shared.messages.fetch_add(1, Ordering::Relaxed);
                    shared.bytes.fetch_add(length as u64, Ordering::Relaxed);
                    let round = shared.round.load(Ordering::SeqCst);
                    if told < round {
                        told = round;
                        tell.send(Instant::now())?;
                    }
                }
                8 => return Ok(()),
                _ => {}
            }
            if let Some(pong) = reply {
                stream.write_all(&pong).await?;
            }
        }
        if stream.read_buf(&mut input).await? == 0 {
            return Ok(());
        }
    }
}

/// The first whole frame of a server: its opcode, where its payload lies, and its size.
fn parse(input: &[u8]) -> Option<(u8, std::ops::Range<usize>, usize)> {
    let (code, short) = (*input.first()? & 0x0f, usize::from(*input.get(1)? & 0x7f));
    let (start, length): (usize, usize) = match short {
        126 => (
            4,
            usize::from(u16::from_be_bytes(input.get(2..4)?.try_into().ok()?)),
        ),
        127 => (
            10,
            u64::from_be_bytes(input.get(2..10)?.try_into().ok()?) as usize,
        ),
        length => (2, length),
    };
    let end = start.checked_add(length)?;
    (input.len() >= end).then_some((code, start..end, end))
}

/// A frame; a client's is masked, here with zeros.
fn frame(code: u8, payload: &[u8], masked: bool) -> Vec<u8> {
    let mask = if masked { 0x80 } else { 0 };
    let mut frame = vec![0x80 | code];
    match payload.len() {
        length @ 0..=125 => frame.push(mask | length as u8),
        length @ 126..=65_535 => {
            frame.push(mask | 126);
            frame.extend((length as u16).to_be_bytes());
        }
        length => {
            frame.push(mask | 127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    if masked {
        frame.extend([0; 4]);
    }
    frame.extend_from_slice(payload);
    frame
}

/// Writes one ready frame to every socket, and does nothing else: the limit.
pub struct Broadcaster {
    runtime: Runtime,
    pub address: SocketAddr,
    sockets: Arc<tokio::sync::Mutex<Vec<TcpStream>>>,
    frame: Vec<u8>,
}

impl Broadcaster {
    pub fn start(message_size: usize) -> Result<Broadcaster> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let address = listener.local_addr()?;
        let sockets = Arc::new(tokio::sync::Mutex::new(Vec::new()));
        let accepted = Arc::clone(&sockets);
        runtime.spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let accepted = Arc::clone(&accepted);
                tokio::spawn(async move {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        head.push(stream.read_u8().await?);
                    }
                    stream.set_nodelay(true)?;
                    stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n").await?;
                    accepted.lock().await.push(stream);
                    std::io::Result::Ok(())
                });
            }
        });
        Ok(Broadcaster {
            runtime,
            address,
            sockets,
            frame: frame(1, &vec![b'x'; message_size], false),
        })
    }

    pub fn broadcast(&self) -> Result<()> {
        let (sockets, frame) = (Arc::clone(&self.sockets), self.frame.clone());
        self.runtime.spawn(async move {
            for socket in sockets.lock().await.iter_mut() {
                if socket.write_all(&frame).await.is_err() {
                    return;
                }
            }
        });
        Ok(())
    }
}

#[derive(Clone, Copy)]
pub struct Spread {
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub last_ms: f64,
}

/// What most, nearly all and the last had to wait.
pub fn spread(times: &[Duration]) -> Spread {
    let at = |share: f64| {
        let index = ((times.len() as f64 * share).ceil() as usize).clamp(1, times.len().max(1)) - 1;
        times
            .get(index)
            .map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
    };
    Spread {
        p50_ms: at(0.5),
        p99_ms: at(0.99),
        last_ms: at(1.0),
    }
}
