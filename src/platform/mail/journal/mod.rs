//! What left the building, written down before and after: the record that a killed process leaves behind.
//!
//! The database learns what was sent in groups, some milliseconds late. This file learns it at once: a record of 17
//! bytes right before a mail's content leaves and another with the answer. After a crash the difference is what was
//! handed over without an answer. The records survive the end of the process, not that of the machine's power:
//! nothing is forced to disk.
//!
//! Each process writes files of its own and holds a lock on them for as long as it lives; so a file without a lock
//! is what a dead process left, and any process may take it over.

mod recovery;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use parking_lot::Mutex;
use uuid::Uuid;

pub use recovery::{Outcome, Recovered};

const RECORD: usize = 17;
const SEGMENT_BYTES: u64 = (RECORD * 64 * 1024) as u64;
/// A file whose mails are all settled is emptied once it is this long.
const EMPTY_AT_BYTES: u64 = (RECORD * 1024) as u64;
const EXTENSION: &str = "journal";

const HANDED_OVER: u8 = b'H';
const ACCEPTED: u8 = b'A';
const REFUSED: u8 = b'R';
const SETTLED: u8 = b'S';

/// The journal of this process. Each id stands for one mail and must be new for each attempt to send another one.
pub struct Journal {
    folder: PathBuf,
    process: Uuid,
    state: Mutex<State>,
}

struct State {
    segments: VecDeque<Segment>,
    /// The mails that are not settled, with the segment that their first record is in.
    open: HashMap<Uuid, u64>,
}

struct Segment {
    number: u64,
    path: PathBuf,
    file: File,
    length: u64,
    open: usize,
}

impl Journal {
    /// Starts a new file in `folder`; what dead processes left there waits for [`recover`](Self::recover).
    pub fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let process = Uuid::now_v7();
        let first = Segment::create(folder, process, 0)?;
        Ok(Self {
            folder: folder.to_owned(),
            process,
            state: Mutex::new(State {
                segments: VecDeque::from([first]),
                open: HashMap::new(),
            }),
        })
    }

    /// The mail's content is about to leave. Where this fails the mail must not be sent.
    pub fn handed_over(&self, id: Uuid) -> io::Result<()> {
        let mut state = self.state.lock();
        if state.current().length >= SEGMENT_BYTES {
            let next = state.current().number + 1;
            let segment = Segment::create(&self.folder, self.process, next)?;
            state.segments.push_back(segment);
        }
        let segment = state.current();
        segment.append(&[(HANDED_OVER, id)])?;
        let number = segment.number;
        if state.open.insert(id, number).is_none() {
            state.current().open += 1;
        }
        Ok(())
    }

    /// The server has answered: it took the mail, or it did not.
    pub fn answered(&self, id: Uuid, accepted: bool) -> io::Result<()> {
        let kind = if accepted { ACCEPTED } else { REFUSED };
        self.state.lock().current().append(&[(kind, id)])
    }

    /// The database knows what became of these mails; call it after each commit, or the journal only grows.
    pub fn settled(&self, ids: &[Uuid]) -> io::Result<()> {
        let mut state = self.state.lock();
        let records: Vec<_> = ids.iter().map(|id| (SETTLED, *id)).collect();
        state.current().append(&records)?;
        for id in ids {
            state.settle(id);
        }
        state.shrink()
    }

    /// How many mails are in the journal that the database does not know of yet.
    pub fn open_mails(&self) -> usize {
        self.state.lock().open.len()
    }

    /// What processes that are dead by now left unsettled. Ask at start, and before another process's claims are
    /// taken over.
    pub fn recover(&self) -> io::Result<Recovered> {
        Recovered::read(&self.folder)
    }
}

/// A process that ends with everything settled leaves nothing to recover.
impl Drop for Journal {
    fn drop(&mut self) {
        let state = self.state.get_mut();
        if state.open.is_empty() {
            for segment in &state.segments {
                let _ = fs::remove_file(&segment.path);
            }
        }
    }
}

impl State {
    /// The segment that is written to; there is always one.
    fn current(&mut self) -> &mut Segment {
        let last = self.segments.len() - 1;
        &mut self.segments[last]
    }

    fn settle(&mut self, id: &Uuid) {
        let Some(number) = self.open.remove(id) else {
            return;
        };
        if let Some(segment) = self.segments.iter_mut().find(|s| s.number == number) {
            segment.open -= 1;
        }
    }

    /// Drops what is settled from the oldest on. In this order only: a later segment may hold the answer to what an
    /// earlier one handed over.
    fn shrink(&mut self) -> io::Result<()> {
        while self.segments.len() > 1 && self.segments[0].open == 0 {
            fs::remove_file(&self.segments[0].path)?;
            self.segments.pop_front();
        }
        let only = self.segments.len() == 1;
        let current = self.current();
        if only && current.open == 0 && current.length >= EMPTY_AT_BYTES {
            current.truncate(0)?;
        }
        Ok(())
    }
}

impl Segment {
    /// Gets its name only once it is locked: a file that can be seen and is not locked belongs to the dead.
    fn create(folder: &Path, process: Uuid, number: u64) -> io::Result<Self> {
        let path = folder.join(format!("{}-{number:08}.{EXTENSION}", process.simple()));
        let unnamed = path.with_extension("new");
        let file = OpenOptions::new()
            .create_new(true)
            .append(true)
            .open(&unnamed)?;
        file.lock()?;
        fs::rename(&unnamed, &path)?;
        Ok(Self {
            number,
            path,
            file,
            length: 0,
            open: 0,
        })
    }

    /// All records in one write. After a failed one the file is cut back, so that records stay aligned.
    fn append(&mut self, records: &[(u8, Uuid)]) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(records.len() * RECORD);
        for (kind, id) in records {
            bytes.push(*kind);
            bytes.extend_from_slice(id.as_bytes());
        }
        if let Err(error) = self.file.write_all(&bytes) {
            self.truncate(self.length)?;
            return Err(error);
        }
        self.length += bytes.len() as u64;
        Ok(())
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)?;
        self.length = length;
        Ok(())
    }
}
