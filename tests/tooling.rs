//! The tools the other tests lean on: the mail sink, the made-up people, the CSV files.

#[path = "support/csv_files.rs"]
#[allow(dead_code)]
mod csv_files;
#[path = "support/people.rs"]
mod people;
#[path = "support/smtp_sink.rs"]
#[allow(dead_code)]
mod smtp_sink;

use std::collections::HashSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use std::{env, fs};

use smtp_sink::{Keep, SmtpSink};

const SOON: Duration = Duration::from_secs(5);

#[test]
fn the_committed_csv_files_are_what_the_generator_writes() {
    let folder = "tests/fixtures/csv";
    for (name, bytes) in csv_files::fixtures() {
        let path = format!("{folder}/{name}");
        if env::var_os("UPDATE_FIXTURES").is_some() {
            fs::write(&path, &bytes).unwrap();
        }
        assert!(
            fs::read(&path).unwrap() == bytes,
            "{name} differs: UPDATE_FIXTURES=1 cargo test --test tooling"
        );
    }
}

#[test]
fn a_large_file_is_as_long_as_it_was_asked_to_be() {
    let mut file = Vec::new();
    let contents = csv_files::large(&mut file, 1_000, usize::MAX).unwrap();
    assert_eq!(
        (contents.rows, contents.broken, contents.repeated),
        (1_000, 8, 4)
    );
    assert_eq!(contents.bytes, file.len());
    let contents = csv_files::large(&mut Vec::new(), usize::MAX, 1 << 20).unwrap();
    assert!((1 << 20..(1 << 20) + 1_000).contains(&contents.bytes));
}

#[test]
fn everybody_has_an_address_of_their_own() {
    let addresses: HashSet<_> = people::people(50_000).map(|person| person.email).collect();
    assert_eq!(addresses.len(), 50_000);
}

#[test]
fn the_sink_takes_pipelined_mails_and_keeps_them() {
    let sink = SmtpSink::start(Keep::Messages).unwrap();
    let talk = "EHLO me\r\nMAIL FROM:<a@x.example> SIZE=9\r\nRCPT TO:<b@y.example>\r\nRCPT TO:<C@y.example>\r\nDATA\r\n\
                Subject: Hi\r\nMessage-ID:\r\n <1@x.example>\r\n\r\n..dot\r\nbye\r\n.\r\nQUIT\r\n";
    assert_eq!(
        codes(&converse(&sink, talk)),
        [
            220, 250, 250, 250, 250, 250, 250, 250, 250, 250, 354, 250, 221
        ]
    );
    let mail = &sink.mails()[0];
    assert_eq!(
        (mail.from.as_str(), mail.to.as_slice()),
        (
            "a@x.example",
            &["b@y.example".into(), "C@y.example".into()][..]
        )
    );
    assert_eq!(mail.message_id.as_deref(), Some("<1@x.example>"));
    assert_eq!(mail.header("subject").as_deref(), Some("Hi"));
    assert!(mail.text().ends_with("\r\n\r\n.dot\r\nbye\r\n"));
    assert_eq!(sink.per_recipient()["c@y.example"], 1);
}

#[test]
fn the_sink_refuses_by_rule() {
    let sink = SmtpSink::start(Keep::Envelopes).unwrap();
    sink.refuse(|address| {
        address
            .starts_with("gone")
            .then(|| "550 5.1.1 No such user".into())
    });
    let answers = converse(
        &sink,
        "MAIL FROM:<a@x.example>\r\nRCPT TO:<gone@y.example>\r\nDATA\r\nQUIT\r\n",
    );
    assert_eq!(codes(&answers), [220, 250, 550, 503, 221]);
    assert_eq!(sink.accepted(), 0);
}

#[test]
fn the_sink_takes_a_last_mail_and_hangs_up_without_an_answer() {
    let sink = SmtpSink::start(Keep::Envelopes).unwrap();
    sink.hang_up_after(1);
    let mail = "MAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\nDATA\r\nhello\r\n.\r\n";
    assert_eq!(
        codes(&converse(&sink, &mail.repeat(3))),
        [220, 250, 250, 354, 250, 250, 250, 354]
    );
    assert!(sink.wait_for(2, SOON));
}

#[test]
fn a_paused_sink_answers_nobody_until_it_resumes() {
    let sink = SmtpSink::start(Keep::Counts).unwrap();
    sink.pause();
    let mut client = TcpStream::connect(sink.address()).unwrap();
    client
        .set_read_timeout(Some(Duration::from_millis(100)))
        .unwrap();
    assert!(client.read(&mut [0; 64]).is_err());
    sink.resume();
    client.set_read_timeout(Some(SOON)).unwrap();
    assert!(client.read(&mut [0; 64]).unwrap() > 0);
}

fn converse(sink: &SmtpSink, talk: &str) -> String {
    let mut client = TcpStream::connect(sink.address()).unwrap();
    client.set_read_timeout(Some(SOON)).unwrap();
    client.write_all(talk.as_bytes()).unwrap();
    let mut answers = Vec::new();
    // A connection that was cut ends with an error after what was said.
    let _ = client.read_to_end(&mut answers);
    String::from_utf8(answers).unwrap()
}

fn codes(answers: &str) -> Vec<u16> {
    answers
        .lines()
        .map(|line| line[..3].parse().unwrap())
        .collect()
}

/// It builds a copy of the product, which takes minutes: `cargo test --test tooling -- --ignored`. The copy has a fixed
/// place, so that the next time only what changed is built.
#[test]
#[ignore = "builds the product anew"]
fn a_new_resource_works_as_it_is_made() {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new-resource");
    if copy.exists() {
        fs::remove_dir_all(&copy).unwrap();
    }
    fs::create_dir_all(&copy).unwrap();
    let run = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        let done = command.args(arguments).current_dir(&copy).status();
        assert!(done.unwrap().success(), "{program} {arguments:?}");
    };
    let here = env::current_dir().unwrap();
    let sources = format!(
        "git -C '{}' ls-files -z | tar -C '{0}' --null -T - -c | tar -x",
        here.display()
    );
    run("bash", &["-c", &sources]);
    run("bin/new-resource", &["crm", "dry_dock", "dry_docks"]);
    run(
        "cargo",
        &["test", "--locked", "--bin", "nexus", "crm::dry_docks"],
    );
}
