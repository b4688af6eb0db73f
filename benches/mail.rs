//! What mail costs: sending into a sink on this machine. `cargo bench --bench mail [-- smtp]`

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use platform::mail::sink::{Manners, Sink};
use platform::mail::smtp::Limits;
use platform::mail::{Address, Envelope, SmtpPool};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const BYTES: usize = 20_000;
const TIME: Duration = Duration::from_secs(3);

fn main() {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with('-'))
        .collect();
    let wants = |case: &str| wanted.is_empty() || wanted.iter().any(|name| name == case);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime starts");
    if wants("smtp") {
        runtime.block_on(smtp());
    }
}

/// Ready mails of 20 kB over a pool, the sink in the same process on the same cores.
async fn smtp() {
    for pipelining in [false, true] {
        for connections in [1, 4, 8, 16] {
            let manners = Manners {
                pipelining,
                ..Manners::default()
            };
            let sink = Sink::start(manners).await.expect("the sink listens");
            let url = format!("smtp://{}?connections={connections}", sink.address());
            let url = url.parse().expect("the URL is right");
            let pool = SmtpPool::new(url, Limits::default()).expect("the pool opens");
            let rate = send_for(TIME, &pool, connections).await;
            let how = if pipelining {
                "pipelined"
            } else {
                "step by step"
            };
            println!("smtp, {connections:>2} connections, {how:<12}  {rate:>8.0} mails/s");
        }
    }
}

async fn send_for(time: Duration, pool: &SmtpPool, connections: usize) -> f64 {
    let mail = body();
    let start = Instant::now();
    let workers: FuturesUnordered<_> = (0..connections)
        .map(|_| {
            let (pool, mail) = (pool.clone(), mail.clone());
            tokio::spawn(async move {
                let envelope = envelope();
                let mut sent = 0u64;
                while start.elapsed() < time {
                    assert!(pool.send(&envelope, &mail).await.is_accepted());
                    sent += 1;
                }
                sent
            })
        })
        .collect();
    let counts: Vec<u64> = workers
        .map(|sent| sent.expect("the worker ends"))
        .collect()
        .await;
    counts.iter().sum::<u64>() as f64 / start.elapsed().as_secs_f64()
}

fn envelope() -> Envelope {
    Envelope {
        from: Address::parse("hello@acme.test").expect("an address"),
        to: Address::parse("anna@example.com").expect("an address"),
    }
}

fn body() -> Vec<u8> {
    let line =
        "<td style=3D\"padding:0 12px\">Spring offers for you, and a few words more</td>\r\n";
    let mut mail = b"Subject: Bench\r\n\r\n".to_vec();
    while mail.len() < BYTES {
        mail.extend_from_slice(line.as_bytes());
    }
    mail
}
