//! Reading what dead processes left.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::{ACCEPTED, EXTENSION, HANDED_OVER, RECORD, REFUSED, SETTLED};

/// What is known of a mail whose process died before the database was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Accepted,
    Refused,
    /// Its content left and no answer was seen.
    Unanswered,
}

/// The journals of dead processes, held locked while their contents are brought into the database.
#[derive(Debug, Default)]
pub struct Recovered {
    outcomes: HashMap<Uuid, Outcome>,
    files: Vec<(PathBuf, File)>,
}

impl Recovered {
    pub(super) fn read(folder: &Path) -> io::Result<Self> {
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == EXTENSION)
            {
                paths.push(path);
            }
        }
        // Names begin with the time of their process's start and end with the segment's number.
        paths.sort();
        let mut recovered = Self::default();
        for path in paths {
            if let Some(mut file) = abandoned(&path)? {
                let mut bytes = Vec::new();
                file.read_to_end(&mut bytes)?;
                recovered.replay(&bytes);
                recovered.files.push((path, file));
            }
        }
        Ok(recovered)
    }

    /// The last record of an id counts. A record cut short by the crash never took effect, so it is passed over.
    fn replay(&mut self, bytes: &[u8]) {
        for record in bytes.chunks_exact(RECORD) {
            let Ok(id) = Uuid::from_slice(&record[1..]) else {
                continue;
            };
            match record[0] {
                HANDED_OVER => self.outcomes.insert(id, Outcome::Unanswered),
                ACCEPTED => self.outcomes.insert(id, Outcome::Accepted),
                REFUSED => self.outcomes.insert(id, Outcome::Refused),
                SETTLED => self.outcomes.remove(&id),
                _ => None,
            };
        }
    }

    pub fn is_empty(&self) -> bool {
        self.outcomes.is_empty()
    }

    pub fn get(&self, id: Uuid) -> Option<Outcome> {
        self.outcomes.get(&id).copied()
    }

    /// The mails with this outcome, in the order of their ids.
    pub fn with(&self, outcome: Outcome) -> Vec<Uuid> {
        let mut ids: Vec<Uuid> = self
            .outcomes
            .iter()
            .filter(|(_, known)| **known == outcome)
            .map(|(id, _)| *id)
            .collect();
        ids.sort();
        ids
    }

    /// The database knows it all: the files can go. Without this call they are found again next time.
    pub fn forget(self) -> io::Result<()> {
        for (path, _locked) in &self.files {
            fs::remove_file(path)?;
        }
        Ok(())
    }
}

/// Opens and locks a file, unless its process lives or another one recovers it at this moment.
fn abandoned(path: &Path) -> io::Result<Option<File>> {
    let file = match OpenOptions::new().read(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    // Between opening and locking someone else may have recovered it and removed it.
    match fs::metadata(path) {
        Ok(named) if named.ino() == file.metadata()?.ino() => Ok(Some(file)),
        Ok(_) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
