//! What the environment says, checked once at start; everything wrong is told at once, a line each.

use std::env;
use std::fmt;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use sha2::{Digest, Sha256};
use tracing_subscriber::EnvFilter;

use crate::mail::Mailbox;
use crate::mail::SmtpUrl;

/// Where the tables live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// A private PostgreSQL that we start ourselves under the data directory.
    Embedded,
    Url(String),
}

#[derive(Clone)]
pub struct Config {
    pub host: String,
    pub port: u16,
    /// The address people type, without a slash at its end.
    pub public_url: String,
    pub data_dir: PathBuf,
    pub database: Database,
    pub redis_url: Option<String>,
    pub smtp_url: Option<String>,
    pub mail_from: String,
    pub metrics_token: Option<String>,
    /// Whose pages may call the API from a browser: `https://app.example`, as browsers send it.
    pub api_origins: Vec<String>,
    pub pool_size: u32,
    pub production: bool,
    pub log_json: bool,
    pub log_filter: String,
    /// The collector that takes traces by OTLP over HTTP, without the path of its signal.
    pub otlp_endpoint: Option<String>,
    pub sentry_dsn: Option<String>,
    /// Who knows the passwords of breaches, in the manner of Pwned Passwords.
    pub breached_passwords_url: Option<String>,
    /// Signs cookies and links; every key is derived from it.
    secret: [u8; 32],
}

/// One wrong or missing variable.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    pub variable: &'static str,
    pub what: String,
    pub example: &'static str,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} (for example {}={})",
            self.variable, self.what, self.variable, self.example
        )
    }
}

const PLACEHOLDERS: [&str; 6] = [
    "changeme",
    "change-me",
    "secret",
    "password",
    "example",
    "placeholder",
];

const BREACHED_PASSWORDS: &str = "https://api.pwnedpasswords.com/range";

impl Config {
    pub fn from_env() -> Result<Config, Vec<Problem>> {
        Self::from(|name| env::var(name).ok())
    }

    /// Reads the variables through `get`, so that tests need not touch the process's environment.
    pub fn from(get: impl Fn(&str) -> Option<String>) -> Result<Config, Vec<Problem>> {
        let mut vars = Vars {
            get: &get,
            problems: Vec::new(),
        };
        let production =
            vars.one_of("NEXUS_ENV", &["development", "production"], "development") == "production";
        let host = vars.text("HOST", "127.0.0.1");
        let port = vars.number("PORT", 8080u16, "8080");
        let public_url = vars
            .url(
                "PUBLIC_URL",
                &["http", "https"],
                "https://nexus.example.test",
            )
            .unwrap_or_else(|| format!("http://{host}:{port}"));
        let data_dir = PathBuf::from(vars.text("DATA_DIR", "var"));
        let database = match vars.url(
            "DATABASE_URL",
            &["postgres", "postgresql"],
            "postgres://nexus@localhost/nexus",
        ) {
            Some(url) => Database::Url(url),
            None => Database::Embedded,
        };
        let redis_url = vars.parsed("REDIS_URL", "redis://127.0.0.1:6379", |text| {
            deadpool_redis::redis::Client::open(text).map_err(|_| "is not a redis:// URL".into())
        });
        let smtp_url = vars.parsed(
            "SMTP_URL",
            "smtp://user:password@mail.example.test:587",
            |text| SmtpUrl::from_str(text).map_err(|problem| problem.to_string()),
        );
        let mail_from = vars.parsed("MAIL_FROM", "Nexus <nexus@example.test>", |text| {
            Mailbox::parse(text).map_err(|_| "is not a name with an e-mail address".into())
        });
        let mail_from = mail_from.unwrap_or_else(|| "Nexus <nexus@localhost.localdomain>".into());
        let pool_size = vars.number("DATABASE_POOL_SIZE", 12u32, "12");
        if !(2..=200).contains(&pool_size) {
            vars.wrong(
                "DATABASE_POOL_SIZE",
                "is not between 2 and 200".into(),
                "12",
            );
        }
        let log_json = match vars
            .one_of("LOG_FORMAT", &["auto", "json", "pretty"], "auto")
            .as_str()
        {
            "json" => true,
            "pretty" => false,
            _ => !std::io::IsTerminal::is_terminal(&std::io::stderr()),
        };
        let log_filter = vars.parsed("LOG", "info", |text| {
            EnvFilter::try_new(text).map_err(|_| format!("{text:?} names no level of the log"))
        });
        let log_filter = log_filter.unwrap_or_else(|| "info".into());
        let otlp_endpoint = vars.url(
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            &["http", "https"],
            "http://collector.example.test:4318",
        );
        let sentry_dsn = vars.parsed("SENTRY_DSN", "https://key@sentry.example.test/1", |text| {
            sentry::types::Dsn::from_str(text).map_err(|problem| problem.to_string())
        });
        let breached_passwords_url = match vars.text("BREACHED_PASSWORDS_URL", "").as_str() {
            "off" => None,
            "" => production.then(|| BREACHED_PASSWORDS.to_owned()),
            _ => vars.url("BREACHED_PASSWORDS_URL", &["https", "http"], "off"),
        };
        let api_origins = vars.origins("API_ORIGINS");
        let metrics_token = vars.optional("METRICS_TOKEN");
        let configured = vars.optional("NEXUS_SECRET");
        vars.check_secret(production, configured.as_deref());
        if !vars.problems.is_empty() {
            return Err(vars.problems);
        }
        let secret = match configured {
            Some(text) => Sha256::digest(text.as_bytes()).into(),
            None => kept_secret(&data_dir).map_err(|e| {
                vec![Problem {
                    variable: "DATA_DIR",
                    what: format!("{} can't be written ({e})", data_dir.display()),
                    example: "/var/lib/nexus",
                }]
            })?,
        };
        Ok(Config {
            host,
            port,
            public_url: public_url.trim_end_matches('/').to_owned(),
            data_dir,
            database,
            redis_url,
            smtp_url,
            mail_from,
            metrics_token,
            api_origins,
            pool_size,
            production,
            log_json,
            log_filter,
            otlp_endpoint,
            sentry_dsn,
            breached_passwords_url,
            secret,
        })
    }

    /// A key for one purpose; knowing one tells nothing of the others.
    pub fn key(&self, purpose: &str) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.secret);
        hash.update(purpose.as_bytes());
        hash.finalize().into()
    }
}

struct Vars<'a> {
    get: &'a dyn Fn(&str) -> Option<String>,
    problems: Vec<Problem>,
}

impl Vars<'_> {
    fn wrong(&mut self, variable: &'static str, what: String, example: &'static str) {
        self.problems.push(Problem {
            variable,
            what,
            example,
        });
    }

    fn optional(&self, name: &str) -> Option<String> {
        (self.get)(name)
            .map(|v| v.trim().to_owned())
            .filter(|v| !v.is_empty())
    }

    fn text(&self, name: &str, default: &str) -> String {
        self.optional(name).unwrap_or_else(|| default.to_owned())
    }

    fn number<N: std::str::FromStr + Copy>(
        &mut self,
        name: &'static str,
        default: N,
        example: &'static str,
    ) -> N {
        match self.optional(name) {
            None => default,
            Some(text) => text.parse().unwrap_or_else(|_| {
                self.wrong(name, format!("{text:?} is not a number in range"), example);
                default
            }),
        }
    }

    fn one_of(
        &mut self,
        name: &'static str,
        allowed: &[&'static str],
        default: &'static str,
    ) -> String {
        let value = self.text(name, default);
        if !allowed.contains(&value.as_str()) {
            self.wrong(
                name,
                format!("{value:?} is none of {}", allowed.join(", ")),
                default,
            );
        }
        value
    }

    fn url(
        &mut self,
        name: &'static str,
        schemes: &[&str],
        example: &'static str,
    ) -> Option<String> {
        let text = self.optional(name)?;
        match url::Url::parse(&text) {
            Ok(url) if schemes.contains(&url.scheme()) => Some(text),
            // The value may hold a password, so it is not repeated.
            _ => {
                self.wrong(name, format!("is not a {}:// URL", schemes[0]), example);
                None
            }
        }
    }

    /// A text that `parse` understands; its problem must not repeat a password.
    fn parsed<T>(
        &mut self,
        name: &'static str,
        example: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<String> {
        let text = self.optional(name)?;
        match parse(&text) {
            Ok(_) => Some(text),
            Err(problem) => {
                self.wrong(name, problem, example);
                None
            }
        }
    }

    /// Origins with commas between them, in the spelling of browsers.
    fn origins(&mut self, name: &'static str) -> Vec<String> {
        let text = self.text(name, "");
        let mut origins = Vec::new();
        for one in text.split(',').map(str::trim).filter(|one| !one.is_empty()) {
            match url::Url::parse(one).map(|url| url.origin()) {
                Ok(origin) if origin.is_tuple() => origins.push(origin.ascii_serialization()),
                _ => self.wrong(
                    name,
                    format!("{one:?} is no origin"),
                    "https://app.example.test",
                ),
            }
        }
        origins
    }

    fn check_secret(&mut self, production: bool, secret: Option<&str>) {
        const EXAMPLE: &str = "$(openssl rand -hex 32)";
        match secret {
            Some(text) if text.len() < 32 => {
                self.wrong(
                    "NEXUS_SECRET",
                    "is shorter than 32 characters".into(),
                    EXAMPLE,
                );
            }
            Some(text) if PLACEHOLDERS.iter().any(|p| text.to_lowercase().contains(p)) => {
                self.wrong("NEXUS_SECRET", "looks like a placeholder".into(), EXAMPLE);
            }
            None if production => {
                self.wrong("NEXUS_SECRET", "is needed in production".into(), EXAMPLE);
            }
            _ => {}
        }
    }
}

/// The secret of this data directory, made at the first start so that a restart signs nobody out.
///
/// It is written aside and put in place whole, so that two processes that start at once have the same.
fn kept_secret(data_dir: &Path) -> std::io::Result<[u8; 32]> {
    fs::create_dir_all(data_dir)?;
    let path = data_dir.join("secret");
    if !path.try_exists()? {
        // Such a file can be read by its owner alone.
        let mut aside = tempfile::NamedTempFile::new_in(data_dir)?;
        writeln!(aside, "{}", hex::encode(rand::random::<[u8; 32]>()))?;
        match aside.persist_noclobber(&path) {
            Err(taken) if taken.error.kind() != ErrorKind::AlreadyExists => return Err(taken.error),
            _ => {}
        }
    }
    let text = fs::read_to_string(&path)?;
    let secret = hex::decode(text.trim()).ok();
    let secret = secret.and_then(|bytes| bytes.try_into().ok());
    secret.ok_or_else(|| std::io::Error::other("the file 'secret' holds no 64 hexadecimal digits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(vars: &[(&str, &str)]) -> Result<Config, Vec<Problem>> {
        let dir = std::env::temp_dir().join(format!("nexus-config-{}", std::process::id()));
        Config::from(|name| {
            vars.iter()
                .find(|(n, _)| *n == name)
                .map(|(_, v)| (*v).to_owned())
                .or_else(|| (name == "DATA_DIR").then(|| dir.display().to_string()))
        })
    }

    #[test]
    fn an_empty_environment_is_enough() {
        let config = with(&[]).ok().unwrap();
        assert_eq!(config.database, Database::Embedded);
        assert_eq!(config.public_url, "http://127.0.0.1:8080");
    }

    #[test]
    fn every_wrong_variable_has_its_own_line() {
        let problems = with(&[
            ("PORT", "99999"),
            ("DATABASE_URL", "mysql://x"),
            ("SMTP_URL", "mail"),
            ("NEXUS_ENV", "prod"),
        ])
        .err()
        .unwrap();
        let named: Vec<_> = problems.iter().map(|p| p.variable).collect();
        assert_eq!(named, ["NEXUS_ENV", "PORT", "DATABASE_URL", "SMTP_URL"]);
        assert!(problems[1].to_string().contains("for example PORT=8080"));
    }

    #[test]
    fn production_refuses_a_missing_or_placeholder_secret() {
        for secret in ["", "changeme-changeme-changeme-changeme"] {
            let problems = with(&[("NEXUS_ENV", "production"), ("NEXUS_SECRET", secret)])
                .err()
                .unwrap();
            assert_eq!(problems[0].variable, "NEXUS_SECRET");
        }
    }

    #[test]
    fn the_kept_secret_stays_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let secrets: Vec<_> = std::thread::scope(|scope| {
            let starting = (0..8).map(|_| scope.spawn(|| kept_secret(dir.path()).unwrap()));
            let starting: Vec<_> = starting.collect();
            starting.into_iter().map(|s| s.join().unwrap()).collect()
        });
        assert!(secrets.iter().all(|secret| *secret == secrets[0]));
        fs::write(dir.path().join("secret"), "cut o").unwrap();
        assert!(
            kept_secret(dir.path()).is_err(),
            "it is not made anew unasked"
        );
        let a = with(&[]).ok().unwrap();
        assert_ne!(a.key("cookie"), a.key("links"));
    }
}
