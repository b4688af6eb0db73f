use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{ServerConfig, crypto};

use super::*;

#[tokio::test]
async fn signing_in_works_and_a_wrong_password_is_reported_without_it() {
    let credentials = Some(("anna".to_owned(), "s3cret".to_owned()));
    let sink = Sink::start(Manners {
        credentials,
        ..keeping()
    })
    .await
    .unwrap();
    let with = |user: &str| format!("smtp://{user}@{}", sink.address()).parse().unwrap();
    let right = SmtpPool::new(with("anna:s3cret"), limits()).unwrap();
    assert!(
        right
            .send(&envelope("anna@example.com"), MAIL)
            .await
            .is_accepted()
    );
    right.check().await.unwrap();
    let wrong = SmtpPool::new(with("anna:s3kret"), limits()).unwrap();
    let reason = wrong.check().await.unwrap_err();
    assert!(
        reason.contains("535") && !reason.contains("s3kret"),
        "{reason}"
    );
}

/// A certificate for 127.0.0.1 that signs itself, and the file a client trusts it by.
fn certificate() -> (TlsAcceptor, tempfile::NamedTempFile) {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".into()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), made.cert.pem()).unwrap();
    (TlsAcceptor::from(std::sync::Arc::new(config)), file)
}

#[tokio::test]
async fn mail_is_encrypted_by_starttls_and_by_smtps() {
    let (acceptor, ca) = certificate();
    let ca = ca.path().display();
    for (implicit_tls, scheme, options) in [
        (false, "smtp", format!("?tls=required&ca={ca}")),
        (false, "smtp", "?tls=opportunistic".into()),
        (true, "smtps", format!("?ca={ca}")),
    ] {
        let tls = Some(acceptor.clone());
        let sink = Sink::start(Manners {
            tls,
            implicit_tls,
            ..keeping()
        })
        .await
        .unwrap();
        let url = format!("{scheme}://{}{options}", sink.address());
        let pool = SmtpPool::new(url.parse().unwrap(), limits()).unwrap();
        for _ in 0..2 {
            let delivery = pool.send(&envelope("anna@example.com"), MAIL).await;
            assert!(delivery.is_accepted(), "{url}: {delivery:?}");
        }
        assert!(
            sink.mails()
                .iter()
                .all(|mail| mail.encrypted && mail.mail == MAIL)
        );
    }
}

#[tokio::test]
async fn required_encryption_is_not_given_up() {
    let sink = Sink::start(keeping()).await.unwrap();
    let plain = pool(&sink, "?tls=required")
        .send(&envelope("anna@example.com"), MAIL)
        .await;
    assert!(
        matches!(plain, Delivery::Unreachable { .. }),
        "no STARTTLS: {plain:?}"
    );

    let (acceptor, _ca) = certificate();
    let tls = Some(acceptor);
    let sink = Sink::start(Manners { tls, ..keeping() }).await.unwrap();
    let stranger = pool(&sink, "?tls=required")
        .send(&envelope("anna@example.com"), MAIL)
        .await;
    assert!(
        matches!(stranger, Delivery::Unreachable { .. }),
        "unknown authority: {stranger:?}"
    );
    assert_eq!(sink.accepted(), 0);
}
