//! The file of an export as it grows: CSV, or a workbook.

use std::path::{Path, PathBuf};

use tokio::fs::File;
use tokio::io::{AsyncWriteExt, BufWriter};

use super::{Ask, Format, Sheet};
use crate::error::{Error, Result};
use crate::tabular::TableWriter;
use crate::tabular::workbook::{MOST_ROWS, WorkbookWriter};
use crate::tabular::writer::Style;

pub enum Growing {
    Csv {
        file: BufWriter<File>,
        columns: usize,
        style: Style,
    },
    Xlsx {
        book: Box<WorkbookWriter>,
        path: PathBuf,
        left: usize,
    },
}

impl Growing {
    /// With its header.
    pub async fn begin(path: &Path, ask: &Ask, sheet: &Sheet) -> Result<Growing> {
        let header = sheet.header();
        if ask.format == Format::Xlsx {
            let book = WorkbookWriter::new(&header, &sheet.kinds()).map_err(Error::internal)?;
            return Ok(Growing::Xlsx {
                book: Box::new(book),
                path: path.to_owned(),
                left: MOST_ROWS as usize,
            });
        }
        let file = File::create(path).await.map_err(Error::internal)?;
        let mut file = BufWriter::with_capacity(256 * 1024, file);
        let style = Style {
            mark: ask.mark,
            ..Style::default()
        };
        let table = TableWriter::new(Vec::new(), &header, style);
        put(&mut file, table.and_then(TableWriter::finish)).await?;
        Ok(Growing::Csv {
            file,
            columns: header.len(),
            style,
        })
    }

    pub async fn rows(&mut self, rows: &[Vec<String>]) -> Result<()> {
        match self {
            Growing::Csv {
                file,
                columns,
                style,
            } => {
                let mut table = TableWriter::rest(Vec::new(), *columns, *style);
                let rest = rows.iter().try_for_each(|row| table.row(row));
                put(file, rest.and_then(|()| table.finish())).await
            }
            Growing::Xlsx { book, left, .. } => {
                *left = left.checked_sub(rows.len()).ok_or_else(|| {
                    Error::Conflict(
                        "A sheet of Excel holds at most 1,048,575 rows. Export as CSV instead."
                            .into(),
                    )
                })?;
                let put = rows.iter().try_for_each(|row| book.row(row));
                put.map_err(Error::internal)
            }
        }
    }

    /// All of it on disk.
    pub async fn end(self) -> Result<()> {
        match self {
            Growing::Csv { mut file, .. } => {
                file.flush().await.map_err(Error::internal)?;
                file.get_ref().sync_all().await.map_err(Error::internal)
            }
            Growing::Xlsx { book, path, .. } => {
                let saved = tokio::task::spawn_blocking(move || book.save(&path)).await;
                saved.map_err(Error::internal)?.map_err(Error::internal)
            }
        }
    }
}

async fn put(file: &mut BufWriter<File>, bytes: std::io::Result<Vec<u8>>) -> Result<()> {
    let bytes = bytes.map_err(Error::internal)?;
    file.write_all(&bytes).await.map_err(Error::internal)
}
