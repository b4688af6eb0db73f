//! TLS for both ways in: from the first byte (SMTPS), and by STARTTLS, where lettre does the upgrade.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use lettre::transport::smtp::client::{AsyncTokioStream, Certificate, TlsParameters};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

use super::{Security, SmtpUrl};

/// What the pool needs to encrypt, built once.
#[derive(Clone)]
pub(super) enum Tls {
    None,
    Upgrade(TlsParameters),
    Implicit(TlsConnector, ServerName<'static>),
}

impl Tls {
    pub(super) fn new(url: &SmtpUrl) -> Result<Self, String> {
        match url.security {
            Security::None => Ok(Self::None),
            Security::Opportunistic | Security::Required => starttls(url).map(Self::Upgrade),
            Security::Implicit => implicit(url),
        }
    }
}

fn starttls(url: &SmtpUrl) -> Result<TlsParameters, String> {
    // Opportunistic encryption protects from those who only listen, and a certificate that cannot be checked is no
    // reason to send in the clear instead.
    let unchecked = url.security == Security::Opportunistic;
    let mut parameters = TlsParameters::builder(url.host.clone())
        .dangerous_accept_invalid_certs(unchecked)
        .dangerous_accept_invalid_hostnames(unchecked);
    if let Some(pem) = authorities(url)? {
        let certificate = Certificate::from_pem(&pem).map_err(|error| error.to_string())?;
        parameters = parameters.add_root_certificate(certificate);
    }
    parameters.build_rustls().map_err(|error| error.to_string())
}

fn implicit(url: &SmtpUrl) -> Result<Tls, String> {
    let mut roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    if let Some(pem) = authorities(url)? {
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            let certificate = certificate.map_err(|error| error.to_string())?;
            roots.add(certificate).map_err(|error| error.to_string())?;
        }
    }
    let provider = Arc::new(crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(url.host.clone()).map_err(|error| error.to_string())?;
    Ok(Tls::Implicit(TlsConnector::from(Arc::new(config)), name))
}

fn authorities(url: &SmtpUrl) -> Result<Option<Vec<u8>>, String> {
    let Some(path) = &url.ca else { return Ok(None) };
    let pem = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(Some(pem))
}

/// A TLS stream in the form in which lettre takes streams made elsewhere.
#[derive(Debug)]
pub(super) struct TlsSocket(pub(super) TlsStream<TcpStream>);

impl AsyncTokioStream for TlsSocket {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.get_ref().0.peer_addr()
    }
}

impl AsyncRead for TlsSocket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for TlsSocket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
