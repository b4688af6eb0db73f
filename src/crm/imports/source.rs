//! The uploaded file: where it lies, and its rows read in the background, batch by batch.

use std::path::PathBuf;

use platform::config::Config;
use platform::tabular::{Format, Table, TableError};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::problem::Problem;
use super::reading::Reader;

/// Long rows make a batch of fewer.
const BYTES_A_BATCH: u64 = 4 * 1024 * 1024;
/// Batches read ahead of the database.
const AHEAD: usize = 2;

pub fn path(config: &Config, workspace: Uuid, import: Uuid) -> PathBuf {
    folder(config, workspace).join(import.to_string())
}

pub fn folder(config: &Config, workspace: Uuid) -> PathBuf {
    config.data_dir.join("imports").join(workspace.to_string())
}

/// Rows as they were read, and where in the file the last of them ends.
pub struct Batch<S> {
    pub staged: Vec<S>,
    pub problems: Vec<Problem>,
    pub rows: i32,
    pub last_row: i64,
    pub position: i64,
}

impl<S> Default for Batch<S> {
    fn default() -> Batch<S> {
        Batch {
            staged: Vec::new(),
            problems: Vec::new(),
            rows: 0,
            last_row: 0,
            position: 0,
        }
    }
}

/// Batches on their way from the file to the database.
pub type Batches<S> = mpsc::Receiver<Result<Batch<S>, TableError>>;

/// Reads the rows behind `after` on a thread of its own; it ends when nobody takes them any more.
pub fn read<R: Reader>(path: PathBuf, format: Format, reader: R, after: i64) -> Batches<R::Staged> {
    let (sender, receiver) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        if let Err(error) = pump(path, format, &reader, after, &sender) {
            // Whoever has stopped listening needs no reason.
            let _ = sender.blocking_send(Err(error));
        }
    });
    receiver
}

fn pump<R: Reader>(
    path: PathBuf,
    format: Format,
    reader: &R,
    after: i64,
    sender: &mpsc::Sender<Result<Batch<R::Staged>, TableError>>,
) -> Result<(), TableError> {
    let mut rows = Table::open_as(path, format)?.rows()?;
    let (mut batch, mut began) = (Batch::default(), 0);
    while let Some(row) = rows.next() {
        let row = row?;
        let number = row.number as i64;
        if number <= after {
            began = rows.position();
            continue;
        }
        reader.read(&row, &mut batch);
        batch.rows += 1;
        batch.last_row = number;
        batch.position = rows.position() as i64;
        let long = rows.position().saturating_sub(began) > BYTES_A_BATCH;
        if batch.rows as usize == R::ROWS_A_BATCH || long {
            began = rows.position();
            if sender
                .blocking_send(Ok(std::mem::take(&mut batch)))
                .is_err()
            {
                return Ok(());
            }
        }
    }
    if batch.rows > 0 {
        let _ = sender.blocking_send(Ok(batch));
    }
    Ok(())
}
