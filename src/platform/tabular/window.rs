//! The stretch of decoded text from the row in hand onwards.

use std::fs::File;
use std::io;

use super::decode::Decoded;

pub struct Window {
    source: Decoded<File>,
    text: Vec<u8>,
    start: usize,
    ended: bool,
}

impl Window {
    pub fn new(source: Decoded<File>) -> Self {
        Self {
            source,
            text: Vec::new(),
            start: 0,
            ended: false,
        }
    }

    /// Bytes of the file read so far.
    pub fn position(&self) -> u64 {
        self.source.read()
    }

    pub fn text(&self) -> &[u8] {
        &self.text[self.start..]
    }

    /// Lets go of the beginning and answers its last byte.
    pub fn pass(&mut self, bytes: usize) -> Option<u8> {
        self.start += bytes;
        self.text[..self.start].last().copied()
    }

    /// Reads on. The last line gets its missing end, so that what is still open then was never closed.
    pub fn more(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        self.text.drain(..self.start);
        self.start = 0;
        if self.source.fill(&mut self.text)? {
            return Ok(true);
        }
        self.ended = true;
        let open = matches!(self.text.last(), Some(last) if !matches!(last, b'\n' | b'\r'));
        if open {
            self.text.push(b'\n');
        }
        Ok(open)
    }
}
