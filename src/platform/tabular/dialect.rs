//! How a CSV file is written (delimiter, quotes, what stands above the rows), guessed from its beginning.

use csv::{ReaderBuilder, StringRecord};
use serde::{Deserialize, Serialize};

use super::header;

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
const SAMPLE_ROWS: usize = 200;
const MAX_TITLE_ROWS: usize = 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialect {
    pub delimiter: u8,
    pub quote: u8,
    /// Quotes inside a quoted field are written `\"` instead of `""`.
    pub backslash: bool,
    /// The first line is Excel's `sep=;`.
    pub sep_line: bool,
    /// Rows above the header: the title of a report, the date it was made.
    pub title_rows: usize,
    pub header: bool,
}

impl Default for Dialect {
    fn default() -> Self {
        Self {
            delimiter: b',',
            quote: b'"',
            backslash: false,
            sep_line: false,
            title_rows: 0,
            header: true,
        }
    }
}

impl Dialect {
    /// `whole` says that the sample is all there is, so that its last row counts.
    pub fn sniff(sample: &str, whole: bool) -> Self {
        let mut dialect = Self::default();
        let mut body = sample;
        if let Some((delimiter, rest)) = sep_line(sample) {
            dialect.delimiter = delimiter;
            dialect.sep_line = true;
            body = rest;
        }
        dialect.quote = quote(body);
        let rows = if dialect.sep_line {
            dialect.split(body, whole)
        } else {
            dialect.choose_delimiter(body, whole)
        };
        dialect.backslash = dialect.quote == b'"' && escapes_by_backslash(body, dialect.delimiter);
        dialect.title_rows = title_rows(&rows);
        dialect.header = header::is_header(rows.get(dialect.title_rows..).unwrap_or_default());
        dialect
    }

    fn choose_delimiter(&mut self, body: &str, whole: bool) -> Vec<StringRecord> {
        let mut best = (0.0, self.delimiter, Vec::new());
        for delimiter in DELIMITERS {
            let rows = Self { delimiter, ..*self }.split(body, whole);
            let score = regularity(&rows);
            if score > best.0 || best.2.is_empty() {
                best = (score, delimiter, rows);
            }
        }
        self.delimiter = best.1;
        best.2
    }

    fn split(&self, text: &str, whole: bool) -> Vec<StringRecord> {
        let mut rows: Vec<StringRecord> = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.delimiter)
            .quote(self.quote)
            .from_reader(text.as_bytes())
            .into_records()
            .take(SAMPLE_ROWS)
            .map_while(Result::ok)
            .filter(|row| row.iter().any(|cell| !cell.trim().is_empty()))
            .collect();
        if !whole && rows.len() > 1 && rows.len() < SAMPLE_ROWS {
            rows.pop();
        }
        rows
    }
}

fn sep_line(sample: &str) -> Option<(u8, &str)> {
    let (line, rest) = sample.split_once(['\n', '\r'])?;
    let line = line.trim_matches([' ', '"']);
    let delimiter = line
        .strip_prefix("sep=")
        .or_else(|| line.strip_prefix("SEP="))?;
    match delimiter.as_bytes() {
        [byte] if byte.is_ascii() && !byte.is_ascii_alphanumeric() => Some((*byte, rest)),
        _ => None,
    }
}

/// Apostrophes enclose fields only where nothing else does and nearly each row has a pair of them.
fn quote(body: &str) -> u8 {
    if body.contains('"') {
        return b'"';
    }
    let encloses = |line: &&str| {
        line.split([',', ';', '\t', '|'])
            .map(str::trim)
            .any(|cell| cell.len() >= 2 && cell.starts_with('\'') && cell.ends_with('\''))
    };
    let lines: Vec<&str> = body
        .lines()
        .take(SAMPLE_ROWS)
        .filter(|line| !line.is_empty())
        .collect();
    let enclosed = lines.iter().copied().filter(|line| encloses(line)).count();
    if lines.len() > 1 && enclosed * 5 >= lines.len() * 4 {
        b'\''
    } else {
        b'"'
    }
}

/// A field that ends in a backslash (`"C:\"`) looks nearly the same, so what follows the quote decides.
fn escapes_by_backslash(body: &str, delimiter: u8) -> bool {
    let bytes = body.as_bytes();
    bytes.windows(3).any(|part| {
        part.starts_with(b"\\\"")
            && part[2] != delimiter
            && !matches!(part[2], b'"' | b'\r' | b'\n')
    })
}

/// How table-like the rows are: most of equal width, the first of the same, and the wider the better.
fn regularity(rows: &[StringRecord]) -> f64 {
    let width = usual_width(rows);
    if width < 2 {
        return 0.0;
    }
    let agreeing = rows.iter().filter(|row| row.len() == width).count() as f64;
    let headed = rows.first().is_some_and(|row| row.len() == width);
    let weight = if headed { 2.0 } else { 1.0 };
    agreeing / rows.len() as f64 * (1.0 - 1.0 / width as f64) * weight
}

fn usual_width(rows: &[StringRecord]) -> usize {
    let mut counts = std::collections::BTreeMap::<usize, usize>::new();
    for row in rows {
        *counts.entry(row.len()).or_default() += 1;
    }
    let most = counts
        .into_iter()
        .max_by_key(|(width, count)| (*count, *width));
    most.map_or(0, |(width, _)| width)
}

/// Lone cells above a wide table are its title, not its header.
fn title_rows(rows: &[StringRecord]) -> usize {
    let width = usual_width(rows);
    let is_title = |row: &StringRecord| {
        row.len() <= width && row.iter().filter(|cell| !cell.trim().is_empty()).count() <= 1
    };
    let titles = rows.iter().take_while(|row| is_title(row)).count();
    if width >= 3 && titles <= MAX_TITLE_ROWS && titles < rows.len() {
        titles
    } else {
        0
    }
}
