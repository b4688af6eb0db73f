//! Turns a file's bytes into UTF-8, piece by piece.

use std::io::{self, Read};

use encoding_rs::{Decoder, UTF_8, WINDOWS_1252};

use super::encoding::{Charset, read_full};

const PIECE: usize = 64 * 1024;

pub struct Decoded<R> {
    source: R,
    /// None for the mixed encoding, which no decoder knows.
    decoder: Option<Decoder>,
    raw: Vec<u8>,
    kept: usize,
    read: u64,
    done: bool,
}

impl<R: Read> Decoded<R> {
    pub fn new(source: R, charset: Charset) -> Self {
        let decoder = match charset {
            Charset::Utf8 => Some(UTF_8.new_decoder_with_bom_removal()),
            Charset::Mixed => None,
            Charset::Other(encoding) => Some(encoding.new_decoder_with_bom_removal()),
        };
        Self {
            source,
            decoder,
            raw: vec![0; PIECE],
            kept: 0,
            read: 0,
            done: false,
        }
    }

    /// Bytes taken from the file so far.
    pub fn read(&self) -> u64 {
        self.read
    }

    /// Appends the next piece of text; false at the end.
    pub fn fill(&mut self, text: &mut Vec<u8>) -> io::Result<bool> {
        let before = text.len();
        while text.len() == before {
            if self.done {
                return Ok(false);
            }
            let read = read_full(&mut self.source, &mut self.raw[self.kept..])?;
            self.read += read as u64;
            self.done = self.kept + read < self.raw.len();
            let length = self.kept + read;
            match &mut self.decoder {
                Some(decoder) => decode(decoder, &self.raw[..length], text, self.done),
                None => {
                    self.kept = mend(
                        &mut self.raw[..length],
                        text,
                        self.done,
                        self.read == read as u64,
                    )
                }
            }
        }
        Ok(true)
    }
}

fn decode(decoder: &mut Decoder, raw: &[u8], text: &mut Vec<u8>, last: bool) {
    let start = text.len();
    let room = decoder
        .max_utf8_buffer_length(raw.len())
        .unwrap_or(raw.len() * 4 + 16);
    text.resize(start + room, 0);
    let (_, _, written, _) = decoder.decode_to_utf8(raw, &mut text[start..], last);
    text.truncate(start + written);
}

/// Keeps what is UTF-8 and takes each other byte for Windows-1252; answers how many bytes wait for their end.
fn mend(raw: &mut [u8], text: &mut Vec<u8>, last: bool, first: bool) -> usize {
    let mut at = if first && raw.starts_with(b"\xEF\xBB\xBF") {
        3
    } else {
        0
    };
    loop {
        let error = match std::str::from_utf8(&raw[at..]) {
            Ok(valid) => {
                text.extend_from_slice(valid.as_bytes());
                return 0;
            }
            Err(error) => error,
        };
        text.extend_from_slice(&raw[at..at + error.valid_up_to()]);
        at += error.valid_up_to();
        if error.error_len().is_none() && !last {
            raw.copy_within(at.., 0);
            return raw.len() - at;
        }
        let (letter, _) = WINDOWS_1252.decode_without_bom_handling(&raw[at..=at]);
        text.extend_from_slice(letter.as_bytes());
        at += 1;
    }
}
