//! The local mailbox: where mail stays to be read when no server is configured.
//!
//! One `.eml` file a mail, and an index with one line a mail, so that listing reads one file. Several processes may
//! deliver at once; a lock file keeps them apart.

mod reading;
#[cfg(test)]
mod tests;

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, Utc};
use mail_parser::MessageParser;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use reading::{Attachment, StoredMail};

use super::address::single_line;
use super::{Delivery, Envelope};

/// The newest mails are kept, this many.
const KEPT: usize = 10_000;
const MAX_LISTED: usize = 500;

/// Cheap to clone.
#[derive(Clone)]
pub struct LocalMailbox(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    kept: usize,
    /// Lines in the index as far as this process knows; decides only when to tidy up.
    lines: AtomicUsize,
}

/// A mail in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedMail {
    pub id: Uuid,
    pub at: DateTime<Utc>,
    pub from: String,
    pub to: String,
    pub subject: String,
    pub size: usize,
}

impl LocalMailbox {
    pub fn open(folder: &Path) -> io::Result<Self> {
        Self::with_limit(folder, KEPT)
    }

    fn with_limit(folder: &Path, kept: usize) -> io::Result<Self> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        let inner = Inner {
            folder: folder.to_owned(),
            kept,
            lines: AtomicUsize::new(0),
        };
        inner.lines.store(inner.entries()?.len(), Ordering::Relaxed);
        Ok(Self(Arc::new(inner)))
    }

    /// Keeps one mail.
    pub async fn deliver(&self, envelope: &Envelope, mail: &[u8]) -> Delivery {
        let (to, mail) = (envelope.to.to_string(), mail.to_vec());
        match self.blocking(move |inner| inner.store(to, &mail)).await {
            Ok(id) => Delivery::Accepted {
                reply: format!("kept as {id}"),
            },
            Err(error) => Delivery::Unreachable {
                reason: format!("the local mailbox cannot be written: {error}"),
            },
        }
    }

    /// The newest mails first, at most `limit` of them; `search` is looked for in addresses and subjects.
    pub async fn list(&self, limit: usize, search: &str) -> io::Result<Vec<ListedMail>> {
        let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
        self.blocking(move |inner| {
            let mut entries = inner.entries()?;
            entries.reverse();
            entries.retain(|mail| mail.has(&words));
            entries.truncate(limit.min(MAX_LISTED));
            Ok(entries)
        })
        .await
    }

    /// One mail, taken apart for reading; none where there is no such mail any more.
    pub async fn read(&self, id: Uuid) -> io::Result<Option<StoredMail>> {
        let mail = self.raw(id).await?;
        Ok(mail.map(|mail| StoredMail::parse(id, &mail)))
    }

    /// One mail as it would have gone over the wire.
    pub async fn raw(&self, id: Uuid) -> io::Result<Option<Vec<u8>>> {
        self.blocking(move |inner| match fs::read(inner.mail_path(id)) {
            Ok(mail) => Ok(Some(mail)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        })
        .await
    }

    /// One of a mail's attachments, by its place, with what is in it.
    pub async fn attachment(
        &self,
        id: Uuid,
        place: usize,
    ) -> io::Result<Option<(Attachment, Vec<u8>)>> {
        let mail = self.raw(id).await?;
        Ok(mail.and_then(|mail| reading::attached(&mail, place)))
    }

    /// Throws everything away.
    pub async fn clear(&self) -> io::Result<()> {
        self.blocking(|inner| {
            let _lock = inner.lock()?;
            inner.keep_only(&[])
        })
        .await
    }

    /// Whether mails can be kept.
    pub async fn check(&self) -> Result<(), String> {
        let checked = self.blocking(|inner| inner.lock().map(drop)).await;
        checked.map_err(|error| format!("the local mailbox cannot be written: {error}"))
    }

    async fn blocking<T, F>(&self, work: F) -> io::Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Inner) -> io::Result<T> + Send + 'static,
    {
        let inner = self.0.clone();
        tokio::task::spawn_blocking(move || work(&inner))
            .await
            .map_err(io::Error::other)?
    }
}

impl ListedMail {
    fn has(&self, words: &[String]) -> bool {
        let hay = [&self.from, &self.to, &self.subject].map(|text| text.to_lowercase());
        words
            .iter()
            .all(|word| hay.iter().any(|text| text.contains(word.as_str())))
    }
}

impl Inner {
    fn store(&self, to: String, mail: &[u8]) -> io::Result<Uuid> {
        let id = Uuid::now_v7();
        let headers = MessageParser::default().parse_headers(mail);
        let from = headers
            .as_ref()
            .and_then(|mail| mail.from()?.first()?.address().map(str::to_owned));
        let subject = headers
            .as_ref()
            .and_then(|mail| mail.subject())
            .unwrap_or_default();
        let entry = ListedMail {
            id,
            at: Utc::now(),
            from: from.unwrap_or_default(),
            to,
            subject: single_line(subject, 200),
            size: mail.len(),
        };
        let mut line = serde_json::to_vec(&entry)?;
        line.push(b'\n');
        let _lock = self.lock()?;
        write_whole(&self.mail_path(id), mail)?;
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.index_path())?
            .write_all(&line)?;
        // Tidying up reads the whole index, so it waits until a twentieth more has come.
        if self.lines.fetch_add(1, Ordering::Relaxed) >= self.kept + self.kept / 20 {
            let entries = self.entries()?;
            self.keep_only(&entries[entries.len().saturating_sub(self.kept)..])?;
        }
        Ok(id)
    }

    /// The index, oldest first. A line that a crash cut short is passed over.
    fn entries(&self) -> io::Result<Vec<ListedMail>> {
        let index = match fs::read(self.index_path()) {
            Ok(index) => index,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let lines = index.split(|byte| *byte == b'\n');
        Ok(lines
            .filter_map(|line| serde_json::from_slice(line).ok())
            .collect())
    }

    /// Writes the index anew and removes every mail that is not in it. The lock must be held.
    fn keep_only(&self, entries: &[ListedMail]) -> io::Result<()> {
        let mut index = Vec::new();
        for entry in entries {
            serde_json::to_writer(&mut index, entry)?;
            index.push(b'\n');
        }
        write_whole(&self.index_path(), &index)?;
        self.lines.store(entries.len(), Ordering::Relaxed);
        let kept: std::collections::HashSet<Uuid> = entries.iter().map(|entry| entry.id).collect();
        for file in fs::read_dir(&self.folder)? {
            let path = file?.path();
            let id = path
                .file_stem()
                .and_then(|stem| Uuid::parse_str(stem.to_str()?).ok());
            if id.is_some_and(|id| !kept.contains(&id)) {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    fn lock(&self) -> io::Result<File> {
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.folder.join("lock"))?;
        file.lock()?;
        Ok(file)
    }

    fn mail_path(&self, id: Uuid) -> PathBuf {
        self.folder.join(format!("{id}.eml"))
    }

    fn index_path(&self) -> PathBuf {
        self.folder.join("index.jsonl")
    }
}

/// Under its name a file is there whole or not at all.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let unfinished = path.with_extension("tmp");
    fs::write(&unfinished, bytes)?;
    fs::rename(unfinished, path)
}
