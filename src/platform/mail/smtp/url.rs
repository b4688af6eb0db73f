//! `SMTP_URL`: where the mail server is and how to talk to it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use percent_encoding::percent_decode_str;

const DEFAULT_CONNECTIONS: usize = 8;
const MAX_CONNECTIONS: usize = 64;

/// `smtp://user:password@host:port?tls=required&connections=8`
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpUrl {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub credentials: Option<(String, String)>,
    /// The name given in EHLO.
    pub helo: Option<String>,
    pub connections: usize,
    /// A PEM file with further authorities to trust, for a relay with a certificate of one's own.
    pub ca: Option<PathBuf>,
}

/// How a connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// `?tls=none`: never encrypted.
    None,
    /// `?tls=opportunistic`: STARTTLS when offered, whatever the certificate says.
    Opportunistic,
    /// `?tls=required`: STARTTLS with a valid certificate, or no mail.
    Required,
    /// `smtps://`: TLS from the first byte, with a valid certificate.
    Implicit,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SmtpUrlError {
    #[error("it is not a URL; an example: smtp://user:password@mail.example.com:587?tls=required")]
    NotAUrl,
    #[error("it must start with smtp:// or smtps://")]
    Scheme,
    #[error("it names no host")]
    NoHost,
    #[error("the user name or the password is not valid UTF-8 after decoding")]
    Credentials,
    #[error("tls must be required, opportunistic or none")]
    Tls,
    #[error("smtps:// is always encrypted, so tls cannot be set")]
    TlsOnImplicit,
    #[error("connections must be a number from 1 to 64")]
    Connections,
    #[error("“{0}” is not an option; known are tls, connections, helo and ca")]
    Option(String),
}

impl FromStr for SmtpUrl {
    type Err = SmtpUrlError;

    fn from_str(text: &str) -> Result<Self, SmtpUrlError> {
        let url = url::Url::parse(text.trim()).map_err(|_| SmtpUrlError::NotAUrl)?;
        let implicit = match url.scheme() {
            "smtp" => false,
            "smtps" => true,
            _ => return Err(SmtpUrlError::Scheme),
        };
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host
            .ok_or(SmtpUrlError::NoHost)?
            .trim_matches(['[', ']'])
            .to_owned();
        let credentials = credentials(&url)?;
        let default_port = match (implicit, &credentials) {
            (true, _) => 465,
            (false, Some(_)) => 587,
            (false, None) => 25,
        };
        let mut smtp = Self {
            port: url.port().unwrap_or(default_port),
            security: default_security(implicit, credentials.is_some(), &host),
            host,
            credentials,
            helo: None,
            connections: DEFAULT_CONNECTIONS,
            ca: None,
        };
        for (name, value) in url.query_pairs() {
            smtp.set(&name, &value, implicit)?;
        }
        Ok(smtp)
    }
}

impl SmtpUrl {
    fn set(&mut self, name: &str, value: &str, implicit: bool) -> Result<(), SmtpUrlError> {
        match name {
            "tls" if implicit => return Err(SmtpUrlError::TlsOnImplicit),
            "tls" => {
                self.security = match value {
                    "required" => Security::Required,
                    "opportunistic" => Security::Opportunistic,
                    "none" => Security::None,
                    _ => return Err(SmtpUrlError::Tls),
                }
            }
            "connections" => {
                let connections = value.parse().map_err(|_| SmtpUrlError::Connections)?;
                if !(1..=MAX_CONNECTIONS).contains(&connections) {
                    return Err(SmtpUrlError::Connections);
                }
                self.connections = connections;
            }
            "helo" => self.helo = Some(value.chars().filter(|c| c.is_ascii_graphic()).collect()),
            "ca" => self.ca = Some(PathBuf::from(value)),
            _ => return Err(SmtpUrlError::Option(name.to_owned())),
        }
        Ok(())
    }
}

/// A password must not cross a network in the clear unless that is asked for.
fn default_security(implicit: bool, has_credentials: bool, host: &str) -> Security {
    let local = matches!(host, "localhost" | "127.0.0.1" | "::1");
    match (implicit, has_credentials && !local) {
        (true, _) => Security::Implicit,
        (false, true) => Security::Required,
        (false, false) => Security::Opportunistic,
    }
}

fn credentials(url: &url::Url) -> Result<Option<(String, String)>, SmtpUrlError> {
    let decode = |text: &str| {
        percent_decode_str(text)
            .decode_utf8()
            .map(|text| text.into_owned())
            .map_err(|_| SmtpUrlError::Credentials)
    };
    if url.username().is_empty() {
        return Ok(None);
    }
    let password = decode(url.password().unwrap_or_default())?;
    Ok(Some((decode(url.username())?, password)))
}

/// Without the credentials: this is what a log or a status page may show.
impl fmt::Display for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.security {
            Security::Implicit => "smtps",
            _ => "smtp",
        };
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SmtpUrl({self}, {:?})", self.security)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<SmtpUrl, SmtpUrlError> {
        text.parse()
    }

    #[test]
    fn a_whole_url_is_read() {
        let url = parse("smtp://anna%40acme:p%3Ass@mail.example.com:2525?tls=required&connections=16&helo=acme.test&ca=/etc/relay.pem").unwrap();
        assert_eq!((url.host.as_str(), url.port), ("mail.example.com", 2525));
        assert_eq!(url.credentials, Some(("anna@acme".into(), "p:ss".into())));
        assert_eq!((url.security, url.connections), (Security::Required, 16));
        assert_eq!(url.helo.as_deref(), Some("acme.test"));
        assert_eq!(url.ca, Some(PathBuf::from("/etc/relay.pem")));
    }

    #[test]
    fn what_is_left_out_is_chosen_safely() {
        let plain = parse("smtp://localhost").unwrap();
        assert_eq!((plain.port, plain.security), (25, Security::Opportunistic));
        let submission = parse("smtp://u:p@mail.example.com").unwrap();
        assert_eq!(
            (submission.port, submission.security),
            (587, Security::Required)
        );
        let implicit = parse("smtps://u:p@mail.example.com").unwrap();
        assert_eq!(
            (implicit.port, implicit.security),
            (465, Security::Implicit)
        );
        assert_eq!(parse("smtp://[::1]:25").unwrap().host, "::1");
    }

    #[test]
    fn wrong_urls_are_refused_with_a_sentence() {
        for (text, error) in [
            ("mail.example.com", SmtpUrlError::NotAUrl),
            ("http://mail.example.com", SmtpUrlError::Scheme),
            ("smtp://", SmtpUrlError::NoHost),
            ("smtp://u:%ff@h", SmtpUrlError::Credentials),
            ("smtp://h?tls=maybe", SmtpUrlError::Tls),
            ("smtps://h?tls=none", SmtpUrlError::TlsOnImplicit),
            ("smtp://h?connections=0", SmtpUrlError::Connections),
            ("smtp://h?pool=3", SmtpUrlError::Option("pool".into())),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn what_is_printed_holds_no_password() {
        let url = parse("smtp://anna:secret@mail.example.com").unwrap();
        assert_eq!(format!("{url} {url:?}").matches("secret").count(), 0);
    }
}
