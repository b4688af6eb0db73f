use super::*;
use crate::mail::{Address, Mailbox, Outgoing, message_id};
use tempfile::tempdir;

fn mail(subject: &str, to: &str) -> (Envelope, Vec<u8>) {
    let mail = Outgoing {
        from: Mailbox::parse("Acme <hello@acme.test>").unwrap(),
        to: Mailbox::parse(to).unwrap(),
        reply_to: None,
        subject: subject.into(),
        html: "<p>Grüße</p>".into(),
        text: "Grüße".into(),
        message_id: message_id(subject, "acme.test"),
        unsubscribe: None,
        list: None,
        headers: Vec::new(),
    };
    (mail.envelope(), mail.to_bytes(Utc::now()).unwrap())
}

async fn deliver(mailbox: &LocalMailbox, subject: &str, to: &str) {
    let (envelope, bytes) = mail(subject, to);
    assert!(mailbox.deliver(&envelope, &bytes).await.is_accepted());
}

#[tokio::test]
async fn mails_are_listed_newest_first_searched_and_read() {
    let folder = tempdir().unwrap();
    let mailbox = LocalMailbox::open(folder.path()).unwrap();
    deliver(&mailbox, "Willkommen, Anna", "Anna <anna@example.com>").await;
    deliver(&mailbox, "你好", "li@example.com").await;

    let listed = mailbox.list(10, "").await.unwrap();
    assert_eq!(
        listed
            .iter()
            .map(|m| m.subject.as_str())
            .collect::<Vec<_>>(),
        ["你好", "Willkommen, Anna"]
    );
    assert_eq!(
        (listed[0].from.as_str(), listed[0].to.as_str()),
        ("hello@acme.test", "li@example.com")
    );
    assert_eq!(mailbox.list(1, "").await.unwrap().len(), 1);
    assert_eq!(mailbox.list(10, "ANNA willkommen").await.unwrap().len(), 1);
    assert!(mailbox.list(10, "nobody").await.unwrap().is_empty());

    let read = mailbox.read(listed[1].id).await.unwrap().unwrap();
    assert_eq!(read.subject, "Willkommen, Anna");
    assert_eq!(read.text.as_deref().map(str::trim), Some("Grüße"));
    assert_eq!(read.html.as_deref().map(str::trim), Some("<p>Grüße</p>"));
    let from = read
        .headers
        .iter()
        .find(|(name, _)| name == "From")
        .unwrap();
    assert_eq!(from.1, "Acme <hello@acme.test>");
    assert!(mailbox.read(Uuid::nil()).await.unwrap().is_none());
}

#[tokio::test]
async fn only_the_newest_are_kept() {
    let folder = tempdir().unwrap();
    let mailbox = LocalMailbox::with_limit(folder.path(), 20).unwrap();
    for n in 0..50 {
        deliver(&mailbox, &format!("mail {n}"), "anna@example.com").await;
    }
    let listed = mailbox.list(100, "").await.unwrap();
    assert!((20..=21).contains(&listed.len()), "{}", listed.len());
    assert_eq!(listed[0].subject, "mail 49");
    let mails = fs::read_dir(folder.path()).unwrap();
    let mails =
        mails.filter(|file| file.as_ref().unwrap().path().extension() == Some("eml".as_ref()));
    assert_eq!(mails.count(), listed.len());
    mailbox.clear().await.unwrap();
    assert!(mailbox.list(100, "").await.unwrap().is_empty());
    assert!(mailbox.read(listed[0].id).await.unwrap().is_none());
}

#[tokio::test]
async fn two_processes_share_one_mailbox() {
    let folder = tempdir().unwrap();
    let one = LocalMailbox::with_limit(folder.path(), 30).unwrap();
    let two = LocalMailbox::with_limit(folder.path(), 30).unwrap();
    let deliveries = (0..40).map(|n| {
        let mailbox = if n % 2 == 0 { one.clone() } else { two.clone() };
        tokio::spawn(
            async move { deliver(&mailbox, &format!("mail {n}"), "anna@example.com").await },
        )
    });
    for delivered in deliveries.collect::<Vec<_>>() {
        delivered.await.unwrap();
    }
    for mail in one.list(100, "").await.unwrap() {
        assert!(two.read(mail.id).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_broken_index_line_and_a_mail_that_is_none_do_no_harm() {
    let folder = tempdir().unwrap();
    let mailbox = LocalMailbox::open(folder.path()).unwrap();
    deliver(&mailbox, "first", "anna@example.com").await;
    let index = folder.path().join("index.jsonl");
    let mut bytes = fs::read(&index).unwrap();
    bytes.extend_from_slice(b"{\"id\":\"0\n");
    fs::write(&index, bytes).unwrap();
    let envelope = Envelope {
        from: Address::parse("a@acme.test").unwrap(),
        to: Address::parse("b@acme.test").unwrap(),
    };
    for strange in [
        b"".as_slice(),
        b"\xff\xfe\0",
        b"no header at all",
        b"\r\n\r\nbody",
    ] {
        assert!(mailbox.deliver(&envelope, strange).await.is_accepted());
    }
    let listed = mailbox.list(10, "").await.unwrap();
    assert_eq!(listed.len(), 5);
    for mail in listed {
        mailbox.read(mail.id).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn attachments_are_named() {
    let mail = b"Subject: Report\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
        --b\r\nContent-Type: text/plain\r\n\r\nSee below.\r\n\
        --b\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename=\"report.csv\"\r\n\r\na,b\r\n--b--\r\n";
    let read = StoredMail::parse(Uuid::nil(), mail);
    assert_eq!(read.html, None, "no HTML is made up");
    assert_eq!(read.attachments[0].name, "report.csv");
    assert_eq!(read.attachments[0].kind, "text/csv");
}

#[tokio::test]
async fn a_mailbox_that_cannot_be_written_says_so() {
    let folder = tempdir().unwrap();
    let mailbox = LocalMailbox::open(&folder.path().join("mail")).unwrap();
    mailbox.check().await.unwrap();
    fs::remove_dir_all(folder.path().join("mail")).unwrap();
    assert!(mailbox.check().await.is_err());
    let (envelope, bytes) = mail("x", "anna@example.com");
    let delivery = mailbox.deliver(&envelope, &bytes).await;
    assert!(matches!(delivery, Delivery::Unreachable { .. }));
}
