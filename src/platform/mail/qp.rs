//! Quoted-printable that can be put together from parts encoded on their own.
//!
//! A part starts at the beginning of a line. Between two parts stands a soft line break, which the reader removes;
//! so literals are encoded once and only the merged values for each mail. No line starts with a dot, so that the
//! SMTP layer has nothing to escape.

/// Lines may have 76 characters, the `=` of a soft break included.
const MAX_LINE: usize = 76;
const HEX: &[u8; 16] = b"0123456789ABCDEF";
pub(super) const SOFT_BREAK: &[u8] = b"=\r\n";

/// Appends `text` in quoted-printable, taking it that `out` is at the beginning of a line. Line ends become CRLF.
pub(super) fn encode(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    out.reserve(bytes.len() + bytes.len() / 16);
    let mut column = 0;
    let mut at = 0;
    while at < bytes.len() {
        let plain = plain_run(
            &bytes[at..],
            MAX_LINE - 1 - column.min(MAX_LINE - 1),
            column == 0,
        );
        if plain > 0 {
            out.extend_from_slice(&bytes[at..at + plain]);
            at += plain;
            column += plain;
            continue;
        }
        let byte = bytes[at];
        let next = bytes.get(at + 1).copied();
        match byte {
            b'\r' if next == Some(b'\n') => {
                at += 1;
                continue;
            }
            b'\r' | b'\n' => {
                out.extend_from_slice(b"\r\n");
                column = 0;
            }
            b' ' | b'\t' if !matches!(next, None | Some(b'\r' | b'\n')) => {
                column = room_for(out, column, 1) + 1;
                out.push(byte);
            }
            b'!'..=b'~' if byte != b'=' && !(byte == b'.' && column == 0) => {
                column = room_for(out, column, 1);
                if byte == b'.' && column == 0 {
                    continue;
                }
                out.push(byte);
                column += 1;
            }
            _ => {
                column = room_for(out, column, 3) + 3;
                out.extend_from_slice(&[
                    b'=',
                    HEX[usize::from(byte >> 4)],
                    HEX[usize::from(byte & 15)],
                ]);
            }
        }
        at += 1;
    }
}

/// How many bytes from the start go out as they are, at most `room`.
fn plain_run(bytes: &[u8], room: usize, line_start: bool) -> usize {
    if line_start && bytes.first() == Some(&b'.') {
        return 0;
    }
    let run = bytes
        .iter()
        .take(room)
        .take_while(|b| matches!(b, b' '..=b'~') && **b != b'=')
        .count();
    // A space at the end of a line would be lost on the way, so the last byte of a run is never one.
    bytes[..run]
        .iter()
        .rposition(|b| *b != b' ')
        .map_or(0, |last| last + 1)
}

/// Breaks the line softly if `width` more characters don't fit; gives the column to go on at.
fn room_for(out: &mut Vec<u8>, column: usize, width: usize) -> usize {
    if column + width > MAX_LINE - 1 {
        out.extend_from_slice(SOFT_BREAK);
        0
    } else {
        column
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encoded(text: &str) -> Vec<u8> {
        let mut out = Vec::new();
        encode(&mut out, text);
        out
    }

    /// Decodes by the letter of RFC 2045, refusing what no encoder should write.
    fn decoded(bytes: &[u8]) -> String {
        let mut out = Vec::new();
        let mut lines = bytes.split(|b| *b == b'\n').peekable();
        while let Some(line) = lines.next() {
            let last = lines.peek().is_none();
            let line = if last {
                line
            } else {
                line.strip_suffix(b"\r").unwrap()
            };
            assert!(line.len() <= MAX_LINE, "a line is too long");
            assert!(!line.starts_with(b"."), "a line starts with a dot");
            assert!(
                !line.ends_with(b" ") && !line.ends_with(b"\t"),
                "white space at a line's end"
            );
            let (line, soft) = match line.strip_suffix(b"=") {
                Some(line) => (line, true),
                None => (line, last),
            };
            let mut rest = line;
            while let Some((&byte, tail)) = rest.split_first() {
                if byte == b'=' {
                    let hex = std::str::from_utf8(&tail[..2]).unwrap();
                    out.push(u8::from_str_radix(hex, 16).unwrap());
                    rest = &tail[2..];
                } else {
                    assert!(matches!(byte, b'\t' | b' '..=b'~'), "a byte went out raw");
                    out.push(byte);
                    rest = tail;
                }
            }
            if !soft {
                out.push(b'\n');
            }
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn plain_text_stays_as_it_is() {
        assert_eq!(
            encoded("Hello Anna\nHow are you?"),
            b"Hello Anna\r\nHow are you?"
        );
    }

    #[test]
    fn equals_signs_accents_trailing_spaces_and_leading_dots_are_encoded() {
        assert_eq!(encoded("a=ü \n.b\t"), b"a=3D=C3=BC=20\r\n=2Eb=09");
    }

    #[test]
    fn a_dot_after_a_soft_break_is_encoded_too() {
        let text = format!("{}.{}", "x".repeat(75), "y".repeat(10));
        assert_eq!(decoded(&encoded(&text)), text);
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in "([ -~\n\t=.]|\\PC){0,400}") {
            prop_assert_eq!(decoded(&encoded(&text)), text);
        }

        #[test]
        fn parts_join_by_a_soft_break(a in "[ -~\nü.]{0,120}", b in "[ -~\nü.]{0,120}") {
            let mut joined = encoded(&a);
            joined.extend_from_slice(SOFT_BREAK);
            joined.extend_from_slice(&encoded(&b));
            prop_assert_eq!(decoded(&joined), format!("{a}{b}"));
        }
    }
}
