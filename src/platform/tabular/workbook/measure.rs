//! How large a part of a workbook really is, counted while it is unpacked: what the archive says of itself is not believed.

use std::io::{self, Write};

/// What a workbook may unfold to.
pub const LARGEST: u64 = 2 * 1024 * 1024 * 1024;
/// All texts of a workbook are in memory at once.
const LARGEST_TEXTS: u64 = 300 * 1024 * 1024;
/// And so are its styles and the list of its sheets.
const LARGEST_FRAME: u64 = 32 * 1024 * 1024;
/// What stands between one tag and the next is in memory at once, too.
const LONGEST_STRETCH: usize = 16 * 1024 * 1024;
/// What is packed tighter than any table that people fill in was made to burst; small parts may be.
const TIGHTEST: u64 = 100;
const SMALL: u64 = 64 * 1024 * 1024;

/// Takes in a part as it unfolds, and refuses to go on where it is too much.
pub struct Measure {
    most: u64,
    is_sheet: bool,
    seen: u64,
    stretch: usize,
    bursts: bool,
}

impl Measure {
    /// For the part of that name (in lower case), which is `packed` bytes in the archive, where `left` may still come.
    pub fn of(name: &str, packed: u64, left: u64) -> Measure {
        let is_sheet = name.starts_with("xl/worksheets/") || name.ends_with("sharedstrings.xml");
        let own = match name {
            name if name.ends_with("sharedstrings.xml") => LARGEST_TEXTS,
            "xl/workbook.xml" | "xl/styles.xml" | "xl/_rels/workbook.xml.rels" => LARGEST_FRAME,
            _ => LARGEST,
        };
        let loose = packed.saturating_mul(TIGHTEST).max(SMALL);
        Measure {
            most: own.min(loose).min(left),
            is_sheet,
            seen: 0,
            stretch: 0,
            bursts: false,
        }
    }

    /// Whether it was too much.
    pub fn bursts(&self) -> bool {
        self.bursts
    }
}

impl Write for Measure {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.seen += bytes.len() as u64;
        if self.is_sheet {
            self.stretch = match memchr::memrchr(b'<', bytes) {
                Some(last) => bytes.len() - last,
                None => self.stretch + bytes.len(),
            };
        }
        self.bursts = self.seen > self.most || self.stretch > LONGEST_STRETCH;
        match self.bursts {
            true => Err(io::Error::other("it holds too much")),
            false => Ok(bytes.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
