//! E-mail addresses as they stand in address books.

use validator::ValidateEmail;

use super::{shown, text};

const MAX_ADDRESS: usize = 254;

/// One address, in lower case; `Jane <jane@example.com>` and `mailto:` are understood.
pub fn email(cell: &str) -> Result<String, String> {
    let address = bare(cell);
    check(&address)
        .map_err(|reason| format!("{} is not an e-mail address: {reason}.", shown(cell)))?;
    Ok(address)
}

/// All the addresses of a cell, each once, the first one first.
pub fn emails(cell: &str) -> Result<Vec<String>, String> {
    let mut addresses = Vec::new();
    for part in parts(cell) {
        let address = email(part)?;
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    match addresses.len() {
        0 => email(cell).map(|address| vec![address]),
        _ => Ok(addresses),
    }
}

/// A comma may belong to a name (`"Doe, Jane" <jane@…>`), so a cell with one @ is one entry.
fn parts(cell: &str) -> Vec<&str> {
    if cell.matches('@').count() < 2 {
        return vec![cell];
    }
    let several: Vec<&str> = text::split(cell).collect();
    match several.as_slice() {
        [one] => one.split_whitespace().collect(),
        _ => several,
    }
}

fn bare(cell: &str) -> String {
    let mut address: String = cell.chars().filter(|c| !is_invisible(*c)).collect();
    if let (Some(open), Some(close)) = (address.rfind('<'), address.rfind('>'))
        && open < close
    {
        address = address[open + 1..close].to_owned();
    }
    let address = address
        .trim_matches(|c: char| c.is_whitespace() || matches!(c, ';' | ',' | '"' | '<' | '>'));
    let address = match address.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => &address[7..],
        _ => address,
    };
    address.trim_end_matches('.').to_lowercase()
}

/// Copying from web pages and documents brings these along.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}')
}

fn check(address: &str) -> Result<(), &'static str> {
    let Some((local, domain)) = address.rsplit_once('@') else {
        return Err("it has no @");
    };
    if local.is_empty() {
        return Err("nothing stands before the @");
    }
    if domain.is_empty() {
        return Err("nothing stands after the @");
    }
    if local.contains('@') {
        return Err("it has more than one @");
    }
    if address.contains(char::is_whitespace) {
        return Err("it has a space in it");
    }
    if address.contains("..") || local.starts_with('.') || local.ends_with('.') {
        return Err("it has a dot too many");
    }
    if !domain.contains('.') {
        return Err("the part after the @ has no ending like .com");
    }
    if address.len() > MAX_ADDRESS || local.chars().count() > 64 {
        return Err("it is too long");
    }
    let top = domain.rsplit('.').next().unwrap_or_default();
    if top.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("the part after the @ does not end in letters");
    }
    if !address.validate_email() {
        return Err("it has characters that an address cannot have");
    }
    Ok(())
}
