mod security;

use std::time::Duration;

use super::*;
use crate::mail::sink::{Answer, Manners, Sink};
use crate::mail::{Address, Delivery, Envelope};

fn limits() -> Limits {
    Limits {
        connect: Duration::from_secs(5),
        command: Duration::from_secs(5),
        answer: Duration::from_millis(300),
        idle: Duration::from_secs(30),
    }
}

fn keeping() -> Manners {
    Manners {
        keep: 100,
        pipelining: true,
        ..Manners::default()
    }
}

fn pool(sink: &Sink, options: &str) -> SmtpPool {
    let url = format!("smtp://{}{options}", sink.address());
    SmtpPool::new(url.parse().unwrap(), limits()).unwrap()
}

fn envelope(to: &str) -> Envelope {
    Envelope {
        from: Address::parse("hello@acme.test").unwrap(),
        to: Address::parse(to).unwrap(),
    }
}

const MAIL: &[u8] = b"Subject: Hi\r\n\r\n.dot\r\n..two\r\nend\r\n";

#[tokio::test]
async fn mails_arrive_as_they_were_sent_with_and_without_pipelining() {
    for pipelining in [true, false] {
        let sink = Sink::start(Manners {
            pipelining,
            ..keeping()
        })
        .await
        .unwrap();
        let pool = pool(&sink, "");
        for to in ["anna@example.com", "li@example.com"] {
            let delivery = pool.send(&envelope(to), MAIL).await;
            assert_eq!(
                delivery,
                Delivery::Accepted {
                    reply: "taken".into()
                }
            );
        }
        let mails = sink.mails();
        assert_eq!(mails[1].to, "li@example.com");
        assert_eq!(mails[1].from, "hello@acme.test");
        assert_eq!(mails[0].mail, MAIL);
        assert_eq!(sink.connections(), 1, "the connection is kept");
    }
}

#[tokio::test]
async fn a_server_that_will_not_be_asked_twice_gets_its_mail_step_by_step() {
    let sink = Sink::start(Manners {
        greets_once: true,
        ..keeping()
    })
    .await
    .unwrap();
    let delivery = pool(&sink, "")
        .send(&envelope("anna@example.com"), MAIL)
        .await;
    assert!(delivery.is_accepted(), "{delivery:?}");
}

#[tokio::test]
async fn no_more_connections_are_open_than_allowed() {
    let sink = Sink::start(keeping()).await.unwrap();
    let pool = pool(&sink, "?connections=3");
    let sending = (0..60).map(|n| {
        let pool = pool.clone();
        tokio::spawn(async move {
            pool.send(&envelope(&format!("p{n}@example.com")), MAIL)
                .await
        })
    });
    for sent in sending.collect::<Vec<_>>() {
        assert!(sent.await.unwrap().is_accepted());
    }
    assert_eq!(sink.accepted(), 60);
    assert!(sink.connections() <= 3);
}

#[tokio::test]
async fn a_refused_recipient_leaves_the_connection_usable() {
    for (pipelining, code) in [(true, 550), (false, 550), (true, 451)] {
        let refuse = Some(("eve".to_owned(), code));
        let sink = Sink::start(Manners {
            pipelining,
            refuse,
            ..keeping()
        })
        .await
        .unwrap();
        let pool = pool(&sink, "");
        let refused = pool.send(&envelope("eve@example.com"), MAIL).await;
        let Delivery::Rejected {
            code: answer,
            permanent,
            ..
        } = refused
        else {
            panic!("{refused:?}")
        };
        assert_eq!((answer, permanent), (code, code == 550));
        assert!(
            pool.send(&envelope("anna@example.com"), MAIL)
                .await
                .is_accepted()
        );
        assert_eq!((sink.connections(), sink.accepted()), (1, 1));
    }
}

#[tokio::test]
async fn refused_content_is_a_rejection() {
    let sink = Sink::start(Manners {
        content: Answer::Refuse(554),
        ..keeping()
    })
    .await
    .unwrap();
    let delivery = pool(&sink, "")
        .send(&envelope("anna@example.com"), MAIL)
        .await;
    assert!(matches!(
        delivery,
        Delivery::Rejected {
            code: 554,
            permanent: true,
            ..
        }
    ));
}

#[tokio::test]
async fn no_answer_after_the_content_is_unanswered_and_is_not_sent_again() {
    for content in [Answer::HangUp, Answer::Silence] {
        let sink = Sink::start(Manners {
            content,
            ..keeping()
        })
        .await
        .unwrap();
        let pool = pool(&sink, "");
        assert_eq!(
            pool.send(&envelope("anna@example.com"), MAIL).await,
            Delivery::Unanswered
        );
        assert_eq!(sink.accepted(), 1);
        sink.behave(|manners| manners.content = Answer::Accept);
        assert!(
            pool.send(&envelope("li@example.com"), MAIL)
                .await
                .is_accepted()
        );
    }
}

#[tokio::test]
async fn a_connection_that_the_server_ended_is_replaced() {
    let sink = Sink::start(Manners {
        mails_per_connection: Some(2),
        ..keeping()
    })
    .await
    .unwrap();
    let pool = pool(&sink, "?connections=1");
    for n in 0..7 {
        let envelope = envelope(&format!("p{n}@example.com"));
        assert!(pool.send(&envelope, MAIL).await.is_accepted());
    }
    assert_eq!((sink.accepted(), sink.connections()), (7, 4));
}

#[tokio::test]
async fn an_unreachable_server_says_so_and_nothing_was_handed_over() {
    let sink = Sink::start(keeping()).await.unwrap();
    let pool = pool(&sink, "");
    drop(sink);
    tokio::task::yield_now().await;
    let delivery = pool
        .send_noting(&envelope("anna@example.com"), MAIL, || {
            panic!("nothing is handed over")
        })
        .await;
    assert!(
        matches!(delivery, Delivery::Unreachable { .. }),
        "{delivery:?}"
    );
    assert!(delivery.may_retry());
    assert!(pool.check().await.is_err());
}

#[tokio::test]
async fn the_hand_over_is_noted_before_the_content_and_only_then() {
    let refuse = Some(("eve".to_owned(), 550));
    let sink = Sink::start(Manners {
        refuse,
        ..keeping()
    })
    .await
    .unwrap();
    let pool = pool(&sink, "");
    let mut noted = 0;
    for to in ["anna@example.com", "eve@example.com"] {
        pool.send_noting(&envelope(to), MAIL, || {
            noted += 1;
            Ok(())
        })
        .await;
    }
    assert_eq!(noted, 1);
    let failing = || Err(std::io::Error::other("disk full"));
    let delivery = pool
        .send_noting(&envelope("anna@example.com"), MAIL, failing)
        .await;
    assert!(matches!(delivery, Delivery::Unreachable { .. }));
    assert_eq!(sink.accepted(), 1, "what cannot be noted is not sent");
}

#[tokio::test]
async fn idle_connections_are_closed() {
    let sink = Sink::start(keeping()).await.unwrap();
    let url = format!("smtp://{}", sink.address()).parse().unwrap();
    let idle = Duration::from_millis(40);
    let pool = SmtpPool::new(url, Limits { idle, ..limits() }).unwrap();
    pool.send(&envelope("anna@example.com"), MAIL).await;
    assert_eq!(sink.open_connections(), 1);
    while sink.open_connections() > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(
        pool.send(&envelope("li@example.com"), MAIL)
            .await
            .is_accepted()
    );
}

#[tokio::test]
async fn international_addresses_and_eight_bit_content_pass_where_the_server_takes_them() {
    let sink = Sink::start(keeping()).await.unwrap();
    let mail = "Subject: Grüße\r\n\r\n你好\r\n";
    let delivery = pool(&sink, "")
        .send(&envelope("李雷@example.com"), mail.as_bytes())
        .await;
    assert!(delivery.is_accepted());
    assert_eq!(sink.mails()[0].mail, mail.as_bytes());
    let delivery = pool(&sink, "")
        .send(&envelope("anna@example.com"), b"\xff")
        .await;
    assert!(!delivery.may_retry() && !delivery.is_accepted());
}
