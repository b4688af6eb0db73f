//! Recognises files that are no text table, so that the refusal can say what they are.

use super::TableError;

const SAVE_AS: &str = "Open it in a spreadsheet program and save it as “CSV UTF-8”.";
const EXPORT: &str = "Export the list as CSV from the program it comes from.";
const UNPACK: &str = "Unpack it first, then choose the CSV file inside.";

type Signature = (&'static [u8], &'static str, &'static str);

const SIGNATURES: &[Signature] = &[
    (
        b"\xD0\xCF\x11\xE0",
        "an old Excel or Office file, or one locked with a password",
        SAVE_AS,
    ),
    (b"%PDF", "a PDF document", EXPORT),
    (b"\x1F\x8B", "a gzip archive", UNPACK),
    (b"7z\xBC\xAF", "a 7-Zip archive", UNPACK),
    (b"Rar!", "a RAR archive", UNPACK),
    (b"BZh", "a bzip2 archive", UNPACK),
    (b"\x28\xB5\x2F\xFD", "a Zstandard archive", UNPACK),
    (b"\xFD7zXZ", "an XZ archive", UNPACK),
    (b"\x89PNG", "a PNG image", EXPORT),
    (b"\xFF\xD8\xFF", "a JPEG image", EXPORT),
    (b"GIF8", "a GIF image", EXPORT),
    (b"RIFF", "a media file", EXPORT),
    (b"II*\0", "a TIFF image", EXPORT),
    (b"MM\0*", "a TIFF image", EXPORT),
    (b"SQLite format 3", "a SQLite database", EXPORT),
    (b"PAR1", "a Parquet file", EXPORT),
    (b"\x7FELF", "a program", EXPORT),
    (b"bplist", "a macOS property list", EXPORT),
    (b"\xFF\xFE\0\0", "text in UTF-32", SAVE_AS),
    (b"\0\0\xFE\xFF", "text in UTF-32", SAVE_AS),
    (b"{\\rtf", "a rich-text document", SAVE_AS),
];

/// Texts that are no tables, compared without regard to case.
const DOCUMENTS: &[(&str, &str, &str)] = &[
    ("<!doctype", "a web page", SAVE_AS),
    ("<html", "a web page", SAVE_AS),
    ("<table", "a web page", SAVE_AS),
    ("<?xml", "an XML document", SAVE_AS),
    ("begin:vcard", "a vCard address book", EXPORT),
    ("begin:vcalendar", "a calendar", EXPORT),
];

/// What the first bytes of a file give away, if they are not a text table.
pub fn recognise(head: &[u8]) -> Option<TableError> {
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Some(archive(head));
    }
    SIGNATURES
        .iter()
        .find(|(magic, ..)| head.starts_with(magic))
        .map(|&(_, what, remedy)| TableError::NotText { what, remedy })
}

/// Text in a shape that has no rows and columns.
pub fn recognise_text(text: &str) -> Option<TableError> {
    let start: String = text.trim_start().chars().take(200).collect();
    let start = start.to_lowercase();
    if is_json(&start) {
        let (what, remedy) = ("a JSON file", EXPORT);
        return Some(TableError::NotText { what, remedy });
    }
    DOCUMENTS
        .iter()
        .find(|(opening, ..)| start.starts_with(opening))
        .map(|&(_, what, remedy)| TableError::NotText { what, remedy })
}

/// For bytes that no text holds, whatever they are.
pub fn unknown() -> TableError {
    TableError::NotText {
        what: "a binary file (it holds bytes that text never has)",
        remedy: EXPORT,
    }
}

/// Office files are zip archives; the names inside tell which.
fn archive(head: &[u8]) -> TableError {
    let holds = |name: &[u8]| head.windows(name.len()).any(|part| part == name);
    let (what, remedy) = if holds(b"xl/") {
        ("an Excel workbook", SAVE_AS)
    } else if holds(b"word/") {
        ("a Word document", SAVE_AS)
    } else if holds(b"opendocument.spreadsheet") {
        ("an OpenDocument spreadsheet", SAVE_AS)
    } else if holds(b"Index/") && holds(b".iwa") {
        ("an Apple Numbers spreadsheet", SAVE_AS)
    } else if holds(b"[Content_Types].xml") {
        ("an Office document, most likely an Excel workbook", SAVE_AS)
    } else {
        ("a ZIP archive", UNPACK)
    };
    TableError::NotText { what, remedy }
}

fn is_json(start: &str) -> bool {
    let mut marks = start.chars().filter(|c| !c.is_whitespace());
    let first = (marks.next(), marks.next(), marks.next());
    matches!(
        first,
        (Some('{'), Some('"'), _) | (Some('['), Some('{'), Some('"'))
    )
}
