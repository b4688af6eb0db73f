use mail_parser::MessageParser;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::mail::template::{Footer, Source, Tracking};

const TOKEN: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn sender() -> Sender {
    Sender {
        from: Mailbox::parse("Acme, Inc. <hello@acme.test>").unwrap(),
        reply_to: Some(Mailbox::parse("Büro <office@acme.test>").unwrap()),
        list: Some(ListId {
            label: "Spring".into(),
            id: "spring.acme.test".into(),
        }),
        headers: vec![("Feedback-ID".into(), "spring:acme".into())],
        base: "https://nexus.acme.test/".into(),
        host: "acme.test".into(),
    }
}

fn campaign(subject: &str, body: &str, text: Option<&str>) -> Campaign {
    let source = Source {
        subject,
        body,
        text,
        footer: Some(Footer {
            html: "<p>Harbour 1 <a href='{{ unsubscribe_url }}'>off</a></p>",
            text: "Harbour 1 {{ unsubscribe_url }} {{ preferences_url }}",
        }),
        tracking: Tracking {
            opens: true,
            clicks: true,
        },
    };
    Campaign::new(CompiledTemplate::compile(&source).unwrap(), &sender()).unwrap()
}

fn now() -> DateTime<Utc> {
    "2026-03-01T10:00:00Z".parse().unwrap()
}

fn mail(campaign: &Campaign, fields: &Value) -> Vec<u8> {
    let to = Mailbox::parse("Nguyễn Văn <nguyen@example.com>").unwrap();
    let recipient = Recipient {
        to: &to,
        token: TOKEN,
        key: "42",
        fields,
    };
    campaign.mail(&recipient, now()).unwrap()
}

/// Subject, text and HTML as a reader gets them.
fn read(mail: &[u8]) -> (String, String, String) {
    let parsed = MessageParser::default().parse(mail).unwrap();
    let part = |text: Option<std::borrow::Cow<'_, str>>| text.unwrap().replace("\r\n", "\n");
    let subject = parsed.subject().unwrap_or_default().to_owned();
    (
        subject,
        part(parsed.body_text(0)),
        part(parsed.body_html(0)),
    )
}

const BODY: &str = "<p title=\"{{ contact.title }}\">Dear {{ contact.name | default(\"Tom & 'Li'\") }}, ü=\n.{{ contact.note }}</p>\n\
    <a href=\"https://a.test/?c={{ contact.id }}\">One</a> <a href=\"https://b.test/\">Two</a>\n";

#[test]
fn a_mail_has_all_that_a_mail_of_a_list_needs() {
    let campaign = campaign("Grüße, {{ contact.name }}", BODY, None);
    let bytes = mail(&campaign, &json!({"contact": {"name": "Anna <3"}}));
    assert!(bytes.is_ascii());
    let mail = String::from_utf8(bytes.clone()).unwrap();
    for line in [
        "Date: Sun, 1 Mar 2026 10:00:00 +0000",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        &format!("List-Unsubscribe: <https://nexus.acme.test/unsubscribe/{TOKEN}>"),
        &format!("Message-ID: {}", message_id("42", "acme.test")),
        "List-Id: Spring <spring.acme.test>",
        "Feedback-ID: spring:acme",
        "MIME-Version: 1.0",
    ] {
        assert!(
            mail.contains(&format!("{line}\r\n")),
            "{line} is missing in {mail}"
        );
    }
    assert!(
        mail.split("\r\n")
            .all(|line| line.len() <= 200 && !line.contains('\n'))
    );
    assert!(
        !mail.contains("\n."),
        "nothing is left for the SMTP layer to escape"
    );
    let parsed = MessageParser::default().parse(&bytes).unwrap();
    assert_eq!(
        parsed.from().unwrap().first().unwrap().name(),
        Some("Acme, Inc.")
    );
    assert_eq!(
        parsed.to().unwrap().first().unwrap().name(),
        Some("Nguyễn Văn")
    );
    assert_eq!(
        parsed.reply_to().unwrap().first().unwrap().name(),
        Some("Büro")
    );
    let (subject, text, html) = read(&bytes);
    assert_eq!(subject, "Grüße, Anna <3");
    assert!(html.contains(&format!(
        "<a href=\"https://nexus.acme.test/t/{TOKEN}/2\">Two</a>"
    )));
    assert!(html.contains(&format!(
        "<img src=\"https://nexus.acme.test/o/{TOKEN}.gif\""
    )));
    assert!(html.contains("Dear Anna &lt;3, ü=\n.</p>"));
    assert!(text.starts_with("Dear Anna <3, ü= ."), "{text}");
    assert!(text.contains(&format!(
        "Harbour 1 https://nexus.acme.test/unsubscribe/{TOKEN}"
    )));
}

#[test]
fn conditions_take_the_engine_and_arrive_too() {
    let campaign = campaign(
        "s",
        "{% if contact.vip %}<p>Gold {{ contact.name | upper }}</p>{% endif %}",
        None,
    );
    assert!(campaign.fast.is_none());
    let (_, text, html) = read(&mail(
        &campaign,
        &json!({"contact": {"vip": true, "name": "Anna"}}),
    ));
    assert!(html.contains("<p>Gold ANNA</p>") && text.starts_with("Gold ANNA\n"));
}

#[test]
fn a_token_of_the_real_length_fits_a_line() {
    assert_eq!(TOKEN.len(), crate::mail::token::TOKEN_LENGTH);
    assert_eq!(segments::token(TOKEN), format!("{TOKEN}=\r\n").into_bytes());
}

#[test]
fn a_base_that_could_break_out_is_refused() {
    let template = || CompiledTemplate::compile(&Source::default()).unwrap();
    for base in [
        "acme.test",
        "javascript:x",
        "https://a.test/\"><script>",
        "https://a.test/?a=<b>",
        "ftp://a.test",
    ] {
        let sender = Sender {
            base: base.into(),
            ..sender()
        };
        assert!(Campaign::new(template(), &sender).is_err(), "{base}");
    }
}

#[test]
fn one_buffer_serves_many_mails() {
    let campaign = campaign("s {{ contact.name }}", BODY, None);
    let to = Mailbox::parse("anna@example.com").unwrap();
    let mut buffer = Vec::new();
    for name in ["a very long name indeed", "b"] {
        let fields = json!({"contact": {"name": name}});
        let recipient = Recipient {
            to: &to,
            token: TOKEN,
            key: name,
            fields: &fields,
        };
        campaign.write(&recipient, now(), &mut buffer).unwrap();
        assert_eq!(read(&buffer).0, format!("s {name}"));
    }
}

fn value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "[ -~]{0,90}",
        "\\PC{0,20}",
        "[ .=\r\n\t<&\"]{0,12}",
        Just(String::new())
    ];
    prop_oneof![
        6 => text.prop_map(Value::from),
        1 => Just(Value::Null),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => prop::collection::vec("[a-z<\n]{0,5}", 0..3).prop_map(Value::from),
        1 => Just(json!({})),
        1 => Just(json!({"a": [1, {"b": 2}]})),
    ]
}

/// A piece of a template that the fast path can take.
fn source() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -%'-;=?-z|}~\n.üé🎉]{0,80}",
        Just("{{ contact.a }}".to_owned()),
        Just("{{contact.b|default(\"fall <b> & 'back'\")}}".to_owned()),
        Just("{{ contact.c.d | d('=\u{fc}.') }}".to_owned()),
        Just("{{ unsubscribe_url }}{{ preferences_url }}".to_owned()),
        Just("<a href=\"https://x.test/{{ contact.a }}\">x</a>".to_owned()),
        Just("\r\n.\r\n".to_owned()),
        Just("{# gone #}".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn both_ways_give_the_same_mail(
        subject in prop::collection::vec(source(), 0..3).prop_map(|pieces| pieces.concat().replace("_url", "")),
        body in prop::collection::vec(source(), 0..8),
        text in prop::option::of(prop::collection::vec(source(), 0..5)),
        (a, b, d) in (value(), value(), value()),
    ) {
        let text = text.map(|pieces| pieces.concat());
        let mut campaign = campaign(&subject, &body.concat(), text.as_deref());
        let fields = json!({"contact": {"a": a, "b": b, "c": {"d": d}}});
        prop_assert!(campaign.fast.is_some());
        let fast = mail(&campaign, &fields);
        campaign.fast = None;
        let full = mail(&campaign, &fields);
        prop_assert!(fast.is_ascii() && !String::from_utf8_lossy(&fast).contains("\n."));
        prop_assert_eq!(read(&fast), read(&full));
    }
}
