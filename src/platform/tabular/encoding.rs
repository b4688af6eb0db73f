//! Which encoding a file is in: told by its byte-order mark, by its NULs, or by looking through it once.

use std::io::{self, Read};

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use serde::{Deserialize, Serialize};

use super::survey::Survey;
use super::{TableError, binary};

/// How much of a file is looked at to tell its encoding's family and its dialect.
pub const SAMPLE: usize = 64 * 1024;

const MIXED: &str = "UTF-8 with Windows-1252";

/// The encoding of a text file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Charset {
    Utf8,
    /// UTF-8 with some bytes that are not; files glued together from several sources look like this.
    Mixed,
    Other(&'static Encoding),
}

impl Charset {
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Mixed => MIXED,
            Self::Other(encoding) => encoding.name(),
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case(MIXED) {
            return Some(Self::Mixed);
        }
        let encoding = Encoding::for_label(name.as_bytes())?;
        Some(if encoding == encoding_rs::UTF_8 {
            Self::Utf8
        } else {
            Self::Other(encoding)
        })
    }

    /// Reads the file to its end, in pieces: one odd byte may sit in the last row.
    pub fn detect(file: &mut impl Read) -> Result<Self, TableError> {
        let mut head = Vec::with_capacity(SAMPLE);
        file.by_ref().take(SAMPLE as u64).read_to_end(&mut head)?;
        if head.is_empty() {
            return Err(TableError::Empty);
        }
        if let Some(refusal) = binary::recognise(&head) {
            return Err(refusal);
        }
        if let Some(encoding) = utf16(&head) {
            refuse_nul_characters(&head, file)?;
            return Ok(Self::Other(encoding));
        }
        if looks_binary(&head) {
            return Err(binary::unknown());
        }
        survey(head, file)
    }
}

impl From<Charset> for String {
    fn from(charset: Charset) -> Self {
        charset.name().to_owned()
    }
}

impl TryFrom<String> for Charset {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        Self::from_name(&name).ok_or_else(|| format!("“{name}” is not a known encoding."))
    }
}

fn utf16(head: &[u8]) -> Option<&'static Encoding> {
    match head {
        [0xFF, 0xFE, ..] => Some(UTF_16LE),
        [0xFE, 0xFF, ..] => Some(UTF_16BE),
        _ => utf16_without_mark(head),
    }
}

/// Delimiters and line ends are ASCII, so their empty half falls on one side in each pair.
fn utf16_without_mark(head: &[u8]) -> Option<&'static Encoding> {
    let (pairs, _) = head.as_chunks::<2>();
    let empty = |half: usize| pairs.iter().filter(|pair| pair[half] == 0).count();
    let enough = |count: usize, line_end: [u8; 2]| {
        count * 50 >= pairs.len() && pairs.contains(&line_end) || count * 3 >= pairs.len()
    };
    match (empty(0), empty(1)) {
        (0, count) if count > 0 && enough(count, [b'\n', 0]) => Some(UTF_16LE),
        (count, 0) if count > 0 && enough(count, [0, b'\n']) => Some(UTF_16BE),
        _ => None,
    }
}

fn refuse_nul_characters(head: &[u8], rest: &mut impl Read) -> Result<(), TableError> {
    let mut source = head.chain(rest);
    let mut buffer = vec![0; SAMPLE];
    loop {
        let length = read_full(&mut source, &mut buffer)?;
        let (pairs, _) = buffer[..length].as_chunks::<2>();
        if pairs.contains(&[0, 0]) {
            return Err(binary::unknown());
        }
        if length < buffer.len() {
            return Ok(());
        }
    }
}

fn looks_binary(head: &[u8]) -> bool {
    let odd =
        |byte: &&u8| **byte < 32 && !matches!(**byte, b'\t' | b'\n' | b'\r' | 0x0B | 0x0C | 0x1B);
    head.contains(&0) || head.iter().filter(odd).count() > head.len() / 20
}

fn survey(head: Vec<u8>, rest: &mut impl Read) -> Result<Charset, TableError> {
    let mut survey = Survey::default();
    let mut source = head.as_slice().chain(rest);
    let mut buffer = vec![0; SAMPLE];
    let mut kept = 0;
    loop {
        let read = read_full(&mut source, &mut buffer[kept..])?;
        let last = kept + read < buffer.len();
        let bytes = &buffer[..kept + read];
        if bytes.contains(&0) {
            return Err(binary::unknown());
        }
        let seen = survey.see(bytes, last);
        if last {
            return Ok(survey.verdict());
        }
        kept = bytes.len() - seen;
        buffer.copy_within(seen.., 0);
    }
}

/// Short reads mean the end only when the buffer could not be filled.
pub fn read_full(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match source.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
