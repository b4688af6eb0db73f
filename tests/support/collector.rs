//! Takes what a process sends out over HTTP, and keeps it to be looked at.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::http::Result;

/// Path and body of what came, in the order of coming.
type Taken = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

pub struct Collector {
    pub address: SocketAddr,
    taken: Taken,
}

impl Collector {
    pub fn start() -> Result<Collector> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let taken = Taken::default();
        let kept = taken.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = kept.clone();
                thread::spawn(move || serve(stream, &kept));
            }
        });
        Ok(Collector { address, taken })
    }

    /// Whether something that came to `path` holds these bytes.
    pub fn has(&self, path: &str, bytes: &[u8]) -> bool {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let mut bodies = taken.iter().filter(|(at, _)| at == path);
        bodies.any(|(_, body)| body.windows(bytes.len()).any(|part| part == bytes))
    }
}

/// One connection, request after request, until it ends or says what is no HTTP.
fn serve(mut stream: TcpStream, taken: &Taken) -> Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    loop {
        let mut first = String::new();
        reader.read_line(&mut first)?;
        let path = first.split(' ').nth(1).ok_or("no request")?.to_owned();
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            match line.trim().to_ascii_lowercase().split_once(':') {
                Some(("content-length", value)) => length = value.trim().parse()?,
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let mut all = taken.lock().unwrap_or_else(PoisonError::into_inner);
        all.push((path, body));
        drop(all);
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")?;
    }
}
