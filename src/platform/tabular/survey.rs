//! Weighs a file's bytes: are they UTF-8, nearly UTF-8, or an older encoding.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};

use super::encoding::Charset;

/// The detector is slow beside the rest and learns little more after this much.
const DETECTOR_BYTES: usize = 4 * 1024 * 1024;
const ESCAPE: u8 = 0x1B;

pub struct Survey {
    detector: EncodingDetector,
    fed: usize,
    characters: u64,
    strays: u64,
}

impl Default for Survey {
    fn default() -> Self {
        Self {
            detector: EncodingDetector::new(Iso2022JpDetection::Allow),
            fed: 0,
            characters: 0,
            strays: 0,
        }
    }
}

impl Survey {
    /// Takes in one piece and answers how much of it was complete; the rest must come again, with what follows it.
    pub fn see(&mut self, bytes: &[u8], last: bool) -> usize {
        if bytes.is_ascii() && !bytes.contains(&ESCAPE) {
            return bytes.len();
        }
        let seen = self.count(bytes, last);
        if self.fed < DETECTOR_BYTES {
            self.detector.feed(&bytes[..seen], false);
            self.fed += seen;
        }
        seen
    }

    /// Many proper UTF-8 letters and a few bytes that are none cannot be chance: it is UTF-8 with damage.
    pub fn verdict(self) -> Charset {
        if self.strays == 0 && !self.escaped() {
            Charset::Utf8
        } else if self.characters >= 4 && self.characters >= self.strays * 4 {
            Charset::Mixed
        } else {
            Charset::Other(self.detector.guess(None, Utf8Detection::Deny))
        }
    }

    fn count(&mut self, bytes: &[u8], last: bool) -> usize {
        let mut at = 0;
        loop {
            let rest = &bytes[at..];
            let (valid, stray) = match std::str::from_utf8(rest) {
                Ok(_) => (rest.len(), None),
                Err(error) => (error.valid_up_to(), Some(error.error_len())),
            };
            self.characters += rest[..valid].iter().filter(|byte| **byte >= 0xC0).count() as u64;
            at += valid;
            match stray {
                None => return at,
                Some(None) if !last => return at,
                Some(length) => {
                    self.strays += 1;
                    at += length.unwrap_or(bytes.len() - at);
                }
            }
        }
    }

    /// ISO-2022-JP is pure ASCII bytes with escape sequences.
    fn escaped(&self) -> bool {
        self.characters == 0
            && self.fed > 0
            && self.detector.guess(None, Utf8Detection::Deny) == encoding_rs::ISO_2022_JP
    }
}
