//! The way out for all mail of this process: the transport, the journal, and the key of the tokens in links.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use uuid::Uuid;

use super::smtp::SmtpUrl;
use super::{Journal, TokenKey, Transport};
use crate::config::Config;
use crate::error::{Error, Result};

/// Opened at first use, so that a command that sends nothing touches no files.
pub struct Outbound {
    smtp_url: Option<String>,
    data_dir: PathBuf,
    opened: OnceLock<std::result::Result<Opened, String>>,
    pub tokens: TokenKey,
}

struct Opened {
    transport: Transport,
    journal: Journal,
    node: Uuid,
}

impl Outbound {
    pub fn new(config: &Config) -> Outbound {
        Outbound {
            smtp_url: config.smtp_url.clone(),
            data_dir: config.data_dir.clone(),
            opened: OnceLock::new(),
            tokens: TokenKey::derive(&config.key("mail tokens")),
        }
    }

    pub fn transport(&self) -> Result<&Transport> {
        Ok(&self.opened()?.transport)
    }

    /// What left this process, before and after.
    pub fn journal(&self) -> Result<&Journal> {
        Ok(&self.opened()?.journal)
    }

    /// Who we are to the journals in the data directory; it stays over restarts.
    pub fn node(&self) -> Result<Uuid> {
        Ok(self.opened()?.node)
    }

    /// Where the journals are, and what else mail keeps.
    pub fn folder(&self) -> PathBuf {
        self.data_dir.join("mail")
    }

    fn opened(&self) -> Result<&Opened> {
        self.opened
            .get_or_init(|| self.open())
            .as_ref()
            .map_err(|problem| Error::Unavailable(problem.clone()))
    }

    fn open(&self) -> std::result::Result<Opened, String> {
        let smtp: Option<SmtpUrl> = match &self.smtp_url {
            Some(url) => Some(url.parse().map_err(|e| format!("SMTP_URL: {e}"))?),
            None => None,
        };
        let folder = self.folder();
        let unusable = |e: io::Error| format!("{} can't be used ({e})", folder.display());
        Ok(Opened {
            transport: Transport::new(smtp, &self.data_dir)?,
            journal: Journal::open(&folder.join("journal")).map_err(unusable)?,
            node: node(&folder.join("node")).map_err(unusable)?,
        })
    }
}

/// The id in the file; made when there is none.
fn node(path: &Path) -> io::Result<Uuid> {
    if let Ok(text) = fs::read_to_string(path)
        && let Ok(id) = text.trim().parse()
    {
        return Ok(id);
    }
    let id = Uuid::new_v4();
    let unnamed = path.with_extension(id.simple().to_string());
    fs::write(&unnamed, id.to_string())?;
    // Two processes may start at once: the first to name its file wins.
    let linked = fs::hard_link(&unnamed, path);
    fs::remove_file(&unnamed)?;
    match linked {
        Ok(()) => Ok(id),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let text = fs::read_to_string(path)?;
            text.trim()
                .parse()
                .map_err(|_| io::Error::other("the node's id can't be read"))
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_node_keeps_its_id() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("node");
        let first = node(&path).unwrap();
        assert_eq!(node(&path).unwrap(), first);
    }
}
