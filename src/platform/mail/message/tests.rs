use super::*;
use mail_parser::MessageParser;

fn mail() -> Outgoing {
    Outgoing {
        from: Mailbox::parse("Acme, Inc. <hello@acme.test>").unwrap(),
        to: Mailbox::parse("Nguyễn Văn <nguyen@example.com>").unwrap(),
        reply_to: Some(Mailbox::parse("support@acme.test").unwrap()),
        subject: "Grüße & 你好".into(),
        html: "<p>Grüße</p>\n".into(),
        text: "Grüße\n.\nEnde".into(),
        message_id: message_id("reset:42", "acme.test"),
        unsubscribe: Some("https://acme.test/unsubscribe/abc".into()),
        list: Some(ListId {
            label: "News".into(),
            id: "news.acme.test".into(),
        }),
        headers: vec![("X-Entity-Ref-ID".into(), "42".into())],
    }
}

fn now() -> DateTime<Utc> {
    "2026-03-01T10:00:00Z".parse().unwrap()
}

#[test]
fn a_mail_comes_back_as_it_was_written() {
    let bytes = mail().to_bytes(now()).unwrap();
    assert!(bytes.is_ascii());
    let parsed = MessageParser::default().parse(&bytes).unwrap();
    assert_eq!(parsed.subject(), Some("Grüße & 你好"));
    assert_eq!(
        parsed
            .body_text(0)
            .unwrap()
            .replace("\r\n", "\n")
            .trim_end(),
        "Grüße\n.\nEnde"
    );
    assert_eq!(parsed.body_html(0).unwrap().trim_end(), "<p>Grüße</p>");
    assert_eq!(
        parsed.from().unwrap().first().unwrap().name(),
        Some("Acme, Inc.")
    );
    assert_eq!(
        parsed.to().unwrap().first().unwrap().name(),
        Some("Nguyễn Văn")
    );
    let text = String::from_utf8(bytes).unwrap();
    for line in [
        "Date: Sun, 01 Mar 2026 10:00:00 +0000",
        "List-Unsubscribe: <https://acme.test/unsubscribe/abc>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "List-Id: News <news.acme.test>",
        "X-Entity-Ref-ID: 42",
        "Reply-To: support@acme.test",
    ] {
        assert!(
            text.contains(&format!("{line}\r\n")),
            "{line} is missing in {text}"
        );
    }
}

#[test]
fn no_field_can_smuggle_a_header() {
    let evil = "x\r\nBcc: eve@example.com\r\n\r\nbody";
    let mut mail = mail();
    mail.subject = evil.into();
    mail.message_id = format!("<a@b>{evil}");
    mail.list = Some(ListId {
        label: evil.into(),
        id: "news.acme.test".into(),
    });
    mail.headers = vec![("X-Note".into(), evil.into())];
    mail.from = Mailbox::new(Some(evil), mail.from.address().clone());
    let bytes = mail.to_bytes(now()).unwrap();
    let parsed = MessageParser::default().parse(&bytes).unwrap();
    assert!(parsed.bcc().is_none());
    assert_eq!(parsed.to().unwrap().iter().count(), 1);
}

#[test]
fn headers_that_change_the_mail_are_refused() {
    for name in [
        "Bcc",
        "content-type",
        "List-Unsubscribe",
        "X Y",
        "X:Y",
        "",
        "X\r\nBcc",
    ] {
        let mut mail = mail();
        mail.headers = vec![(name.into(), "1".into())];
        assert!(
            matches!(mail.to_bytes(now()), Err(MessageError::Header(_))),
            "{name:?}"
        );
    }
    let mut mail = mail();
    mail.unsubscribe = Some("javascript:alert(1)".into());
    assert_eq!(mail.to_bytes(now()), Err(MessageError::Unsubscribe));
}

#[test]
fn one_key_gives_one_message_id() {
    assert_eq!(message_id("a", "acme.test"), message_id("a", "acme.test"));
    assert_ne!(message_id("a", "acme.test"), message_id("b", "acme.test"));
    assert!(message_id("a", "x>\r\nBcc: e").ends_with("@xBcce>"));
}
