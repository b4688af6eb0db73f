//! Keeps spreadsheet programs from running a cell as a formula, in a way that reading takes back.

use std::borrow::Cow;

/// An apostrophe before what a spreadsheet would run; numbers and phone numbers stay as they are.
pub fn guard(cell: &str) -> Cow<'_, str> {
    let bare = cell.trim_start_matches('\'');
    let quoted = bare.len() < cell.len();
    if starts_formula(bare) && (quoted || !is_plain(cell)) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// The cell as it was before `guard`.
pub fn unguard(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if starts_formula(rest.trim_start_matches('\'')) => rest,
        _ => cell,
    }
}

fn starts_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

fn is_plain(cell: &str) -> bool {
    let (digits, allowed): (&str, &[u8]) = if let Some(rest) = cell.strip_prefix('+') {
        (rest, b"0123456789 .,()-/")
    } else if let Some(rest) = cell.strip_prefix('-') {
        (rest, b"0123456789 .,%")
    } else {
        return false;
    };
    digits.bytes().any(|byte| byte.is_ascii_digit())
        && digits.bytes().all(|byte| allowed.contains(&byte))
}
