//! Tells quotes that enclose a field from quotes that only seem to.

use super::Dialect;

/// Whether a quoted field is followed by something else than a delimiter or the end of its row.
pub fn close_badly(row: &[u8], dialect: &Dialect) -> bool {
    let is_end = |byte: u8| byte == dialect.delimiter || matches!(byte, b'\n' | b'\r');
    let mut at = 0;
    while at < row.len() {
        if row[at] == dialect.quote {
            at = closing_quote(row, at + 1, dialect) + 1;
            if row.get(at).is_some_and(|next| !is_end(*next)) {
                return true;
            }
        }
        let rest = row.get(at..).unwrap_or_default();
        let end = rest.iter().position(|byte| is_end(*byte));
        at += end.unwrap_or(rest.len()) + 1;
    }
    false
}

fn closing_quote(row: &[u8], start: usize, dialect: &Dialect) -> usize {
    let mut at = start;
    while at < row.len() {
        if dialect.backslash && row[at] == b'\\' {
            at += 1;
        } else if row[at] == dialect.quote {
            if row.get(at + 1) != Some(&dialect.quote) {
                return at;
            }
            at += 1;
        }
        at += 1;
    }
    row.len()
}
