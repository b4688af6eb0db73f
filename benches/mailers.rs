//! How many mails a second the sink takes from clients that do nothing but send ready bytes.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::Result;
use crate::smtp_sink::SmtpSink;

/// Mails a second over so many connections, each mail of so many bytes.
pub fn limit(sink: &SmtpSink, connections: usize, bytes: usize, time: Duration) -> Result<f64> {
    let address = sink.address();
    let before = sink.accepted();
    let started = Instant::now();
    let clients: Vec<_> = (0..connections)
        .map(|_| std::thread::spawn(move || send(address, bytes, time)))
        .collect();
    for client in clients {
        client.join().map_err(|_| "a mail client panicked")??;
    }
    Ok((sink.accepted() - before) as f64 / started.elapsed().as_secs_f64())
}

/// One mail a round trip: the end of each goes out together with the envelope of the next.
fn send(address: SocketAddr, bytes: usize, time: Duration) -> Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut answers = BufReader::new(stream.try_clone()?);
    let envelope = "MAIL FROM:<bench@acme.test>\r\nRCPT TO:<somebody@bench.example>\r\nDATA\r\n";
    let line = "All work and no play makes Jack a dull boy, says the bench.\r\n";
    let body = line.repeat(bytes / line.len() + 1);
    let head = "Subject: Bench\r\nMessage-ID: <1@bench.example>\r\n\r\n";
    let next = format!("{head}{body}.\r\n{envelope}");
    stream.write_all(format!("EHLO bench\r\n{envelope}").as_bytes())?;
    until(&mut answers, "354")?;
    let started = Instant::now();
    while started.elapsed() < time {
        stream.write_all(next.as_bytes())?;
        until(&mut answers, "354")?;
    }
    stream.write_all(b".\r\nQUIT\r\n")?;
    until(&mut answers, "221")
}

fn until(answers: &mut impl BufRead, code: &str) -> Result<()> {
    let mut line = String::new();
    while !line.starts_with(code) {
        line.clear();
        if answers.read_line(&mut line)? == 0 {
            return Err("the sink hung up".into());
        }
    }
    Ok(())
}
