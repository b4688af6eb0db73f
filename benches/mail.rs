//! What mail costs: content, journal, and sending into a sink on this machine.
//! `cargo bench --bench mail [-- content|journal|smtp|campaign]`

#[path = "../tests/support/smtp_sink.rs"]
#[allow(dead_code)]
mod smtp_sink;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chrono::Utc;
use platform::mail::template::{Footer, Source, Tracking};
use platform::mail::{
    Address, Campaign, CompiledTemplate, Envelope, Journal, Links, Mailbox, Purpose, Recipient,
    Sender, SmtpPool, Token, TokenKey, smtp::Limits,
};
use serde_json::{Value, json};
use smtp_sink::{Keep, SmtpSink};
use uuid::Uuid;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const TIME: Duration = Duration::from_secs(3);
const LINKS: usize = 8;

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
    if wants("content") {
        content();
    }
    if wants("journal") {
        journal();
    }
    if wants("smtp") {
        runtime.block_on(smtp());
    }
    if wants("campaign") {
        runtime.block_on(whole());
    }
}

/// Content alone, on one core.
fn content() {
    let key = TokenKey::derive(b"bench");
    let start = Instant::now();
    let fast = campaign("");
    println!(
        "compile            {:>9.1} µs",
        start.elapsed().as_secs_f64() * 1e6
    );
    let full = campaign("{% if contact.vip %}<p>Gold</p>{% endif %}");
    let to = Mailbox::parse("Anna Nguyễn <anna@example.com>").expect("a mailbox");
    let mut mail = Vec::new();
    for (way, campaign) in [("fields", &fast), ("conditions", &full)] {
        each(way, || {
            let id = Uuid::from_u128(42);
            let token = key.sign(&token(id));
            let recipient = Recipient {
                to: &to,
                token: &token,
                key: "42",
                fields: &contact("Anna"),
            };
            campaign
                .write(&recipient, Utc::now(), &mut mail)
                .expect("the mail is made");
        });
        println!(
            "                   {:>9} bytes, {} links",
            mail.len(),
            campaign.template().links().len()
        );
    }
    each("preview", || {
        let links = Links::Tracked {
            base: "https://nexus.acme.test",
            token: "t",
        };
        fast.template()
            .render(&contact("Anna"), &links)
            .expect("the mail is rendered");
    });
    each("token", || {
        std::hint::black_box(key.sign(&token(Uuid::from_u128(42))));
    });
}

fn journal() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = Journal::open(folder.path()).expect("a journal");
    let mut ids = Vec::new();
    each("journal", || {
        let id = Uuid::now_v7();
        journal.handed_over(id).expect("it is written");
        journal.answered(id, true).expect("it is written");
        ids.push(id);
        if ids.len() == 500 {
            journal.settled(&ids).expect("it is written");
            ids.clear();
        }
    });
}

/// Ready mails over the pool: what sending alone can do.
async fn smtp() {
    let ready: Vec<u8> = {
        let mut mail = Vec::new();
        maker()(0, &mut mail);
        mail
    };
    for connections in [1, 4, 8, 16] {
        let ready = ready.clone();
        let make = Arc::new(move |_, mail: &mut Vec<u8>| mail.clone_from(&ready));
        let rate = send(connections, make, None).await;
        println!("smtp, {connections:>2} connections {rate:>8.0} mails/s");
    }
}

/// Content, token, journal and sending together, the sink on the same cores.
async fn whole() {
    for connections in [8, 16] {
        let folder = tempfile::tempdir().expect("a folder");
        let journal = Arc::new(Journal::open(folder.path()).expect("a journal"));
        let rate = send(connections, Arc::new(maker()), Some(journal)).await;
        println!("campaign, {connections:>2} connections {rate:>4.0} mails/s");
    }
}

type Make = dyn Fn(u64, &mut Vec<u8>) + Send + Sync;

/// Mails a second over that many connections, each kept busy by a task of its own.
async fn send(connections: usize, make: Arc<Make>, journal: Option<Arc<Journal>>) -> f64 {
    let sink = SmtpSink::start(Keep::Counts).expect("the sink listens");
    let url = format!("{}?connections={connections}", sink.url());
    let pool = SmtpPool::new(url.parse().expect("a URL"), Limits::default()).expect("a pool");
    let count = Arc::new(AtomicU64::new(0));
    let start = Instant::now();
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..connections {
        let (pool, make, journal, count) =
            (pool.clone(), make.clone(), journal.clone(), count.clone());
        workers.spawn(async move {
            let envelope = Envelope {
                from: Address::parse("hello@acme.test").expect("an address"),
                to: Address::parse("anna@example.com").expect("an address"),
            };
            let mut mail = Vec::new();
            while start.elapsed() < TIME {
                let number = count.fetch_add(1, Ordering::Relaxed);
                make(number, &mut mail);
                let id = Uuid::from_u128(number.into());
                let note = || {
                    journal
                        .as_ref()
                        .map_or(Ok(()), |journal| journal.handed_over(id))
                };
                assert!(pool.send_noting(&envelope, &mail, note).await.is_accepted());
                if let Some(journal) = &journal {
                    journal.answered(id, true).expect("it is written");
                    journal.settled(&[id]).expect("it is written");
                }
            }
        });
    }
    workers.join_all().await;
    let seconds = start.elapsed().as_secs_f64();
    assert_eq!(sink.accepted(), count.load(Ordering::Relaxed));
    sink.accepted() as f64 / seconds
}

/// Makes the mail with a number, each to someone else.
fn maker() -> impl Fn(u64, &mut Vec<u8>) + Send + Sync {
    let key = TokenKey::derive(b"bench");
    let campaign = campaign("");
    let address = Address::parse("anna@example.com").expect("an address");
    move |number, mail| {
        let id = Uuid::from_u128(number.into());
        let name = format!("Anna {number}");
        let to = Mailbox::new(Some(&name), address.clone());
        let token = key.sign(&token(id));
        let recipient = Recipient {
            to: &to,
            token: &token,
            key: &id.to_string(),
            fields: &contact(&name),
        };
        campaign
            .write(&recipient, Utc::now(), mail)
            .expect("the mail is made");
    }
}

/// A newsletter of about 20 kB with eight links.
fn campaign(extra: &str) -> Campaign {
    let mut body = String::from(
        "<mjml><mj-body><mj-section><mj-column><mj-text>Dear {{ contact.first_name | default(\"friend\") }},</mj-text>",
    );
    let filler =
        "Spring is here and the harbour is open again, with new berths and longer evenings. "
            .repeat(14);
    for link in 1..LINKS {
        body.push_str(&format!(
            "<mj-text><h2>{{{{ contact.city }}}} {link}</h2><p>{filler}</p></mj-text>\
             <mj-button href=\"https://acme.test/offer/{link}?c={{{{ contact.id }}}}\">See offer {link}</mj-button>",
        ));
    }
    body.push_str(&format!(
        "<mj-text>{extra}</mj-text></mj-column></mj-section></mj-body></mjml>"
    ));
    let source = Source {
        subject: "Spring offers for {{ contact.first_name }}",
        body: &body,
        text: Some(
            "Dear {{ contact.first_name }}, read this mail on our site. {{ unsubscribe_url }}",
        ),
        footer: Some(Footer {
            html: "<p>Acme, Harbour 1 <a href=\"https://acme.test/legal\">Legal</a> \
                   <a href=\"{{ unsubscribe_url }}\">Unsubscribe</a></p>",
            text: "Acme, Harbour 1",
        }),
        tracking: Tracking {
            opens: true,
            clicks: true,
        },
    };
    let sender = Sender {
        from: Mailbox::parse("Acme <hello@acme.test>").expect("a mailbox"),
        reply_to: None,
        list: None,
        headers: Vec::new(),
        base: "https://nexus.acme.test".into(),
        host: "acme.test".into(),
    };
    let template = CompiledTemplate::compile(&source).expect("the template is right");
    Campaign::new(template, &sender).expect("the sender is right")
}

fn contact(name: &str) -> Value {
    json!({"contact": {"id": 42, "first_name": name, "city": "Oslo", "vip": true}})
}

fn token(recipient: Uuid) -> Token {
    Token {
        workspace: Uuid::from_u128(7),
        recipient,
        purpose: Purpose::Campaign,
    }
}

/// Prints what one call costs.
fn each(what: &str, mut call: impl FnMut()) {
    for _ in 0..1_000 {
        call();
    }
    let start = Instant::now();
    let mut calls = 0u32;
    while start.elapsed() < TIME / 3 {
        for _ in 0..100 {
            call();
        }
        calls += 100;
    }
    let micros = start.elapsed().as_secs_f64() * 1e6 / f64::from(calls);
    println!("{what:<18} {micros:>9.2} µs each");
}
