//! The file of an export as it grows: CSV, a workbook, JSON, or a document that is laid out at the end.

use std::path::{Path, PathBuf};

use tokio::fs::File;
use tokio::io::{AsyncWriteExt, BufWriter};
use tokio::task::spawn_blocking;

use super::print::Print;
use super::{Ask, Format, Sheet};
use crate::error::{Error, Result};
use crate::records::kinds::Kind;
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
    Json {
        file: BufWriter<File>,
        empty: bool,
    },
    Pdf(Box<Print>),
}

impl Growing {
    /// With its header.
    pub async fn begin(path: &Path, ask: &Ask, kind: Kind, sheet: &Sheet) -> Result<Growing> {
        let header = sheet.header();
        Ok(match ask.format {
            Format::Csv => {
                let (mut file, columns) = (create(path).await?, header.len());
                let style = Style {
                    mark: ask.mark,
                    ..Style::default()
                };
                let table = TableWriter::new(Vec::new(), &header, style);
                put(&mut file, table.and_then(TableWriter::finish)).await?;
                Growing::Csv {
                    file,
                    columns,
                    style,
                }
            }
            Format::Xlsx => {
                let book = WorkbookWriter::new(&header, &sheet.kinds()).map_err(Error::internal)?;
                Growing::Xlsx {
                    book: Box::new(book),
                    path: path.to_owned(),
                    left: MOST_ROWS as usize,
                }
            }
            Format::Json => {
                let mut file = create(path).await?;
                put(&mut file, Ok(b"[".to_vec())).await?;
                Growing::Json { file, empty: true }
            }
            Format::Pdf => {
                let print = Print::new(path.to_owned(), ask, kind, sheet);
                Growing::Pdf(Box::new(print))
            }
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
                *left = left
                    .checked_sub(rows.len())
                    .ok_or_else(|| Error::Conflict(Format::Xlsx.too_many().into()))?;
                let put = rows.iter().try_for_each(|row| book.row(row));
                put.map_err(Error::internal)
            }
            Growing::Json { file, empty } => {
                let mut text = String::new();
                for object in rows.iter().flatten() {
                    text += if *empty { "\n" } else { ",\n" };
                    text += object;
                    *empty = false;
                }
                put(file, Ok(text.into_bytes())).await
            }
            Growing::Pdf(print) => print.rows(rows),
        }
    }

    /// All of it on disk.
    pub async fn end(self) -> Result<()> {
        match self {
            Growing::Csv { file, .. } => flush(file).await,
            Growing::Xlsx { book, path, .. } => {
                let saved = spawn_blocking(move || book.save(&path)).await;
                saved.map_err(Error::internal)?.map_err(Error::internal)
            }
            Growing::Json { mut file, empty } => {
                let end: &[u8] = if empty { b"]\n" } else { b"\n]\n" };
                put(&mut file, Ok(end.to_vec())).await?;
                flush(file).await
            }
            Growing::Pdf(print) => {
                let saved = spawn_blocking(move || print.save()).await;
                saved.map_err(Error::internal)?
            }
        }
    }
}

async fn create(path: &Path) -> Result<BufWriter<File>> {
    let file = File::create(path).await.map_err(Error::internal)?;
    Ok(BufWriter::with_capacity(256 * 1024, file))
}

async fn put(file: &mut BufWriter<File>, bytes: std::io::Result<Vec<u8>>) -> Result<()> {
    let bytes = bytes.map_err(Error::internal)?;
    file.write_all(&bytes).await.map_err(Error::internal)
}

async fn flush(mut file: BufWriter<File>) -> Result<()> {
    file.flush().await.map_err(Error::internal)?;
    file.get_ref().sync_all().await.map_err(Error::internal)
}
