mod fixtures;
mod formats;
mod mapping;
mod odd_rows;
mod presets;
mod quantities;
mod round_trip;
mod speed;
mod values;
mod vcards;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Row, Table, TableError};

/// A file of its own for each test, gone with it.
struct TempFile(PathBuf);

impl TempFile {
    fn new(bytes: impl AsRef<[u8]>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!(
            "tabular-{}-{}.csv",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let path = std::env::temp_dir().join(name);
        fs::write(&path, bytes).expect("a writable temporary folder");
        Self(path)
    }
}

impl AsRef<Path> for TempFile {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// A table in memory, for tests that only read it.
struct Read {
    header: Vec<String>,
    rows: Vec<Row>,
    table: Table,
}

impl Read {
    fn cells(&self) -> Vec<Vec<&str>> {
        self.rows.iter().map(|row| row.iter().collect()).collect()
    }
}

fn read(bytes: impl AsRef<[u8]>) -> Read {
    let file = TempFile::new(bytes);
    let table = Table::open(&file).expect("a readable table");
    let rows = table.rows().expect("rows").collect::<Result<_, _>>();
    Read {
        header: table.header.clone(),
        rows: rows.expect("readable rows"),
        table,
    }
}

fn refusal(bytes: impl AsRef<[u8]>) -> String {
    let refused: TableError = Table::open(TempFile::new(bytes)).expect_err("a refusal");
    refused.to_string()
}
