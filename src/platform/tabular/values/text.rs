//! Text, tags, links, and the folding that comparisons without regard to case and accents need.

use std::collections::HashSet;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use url::Url;

use super::shown;

const MAX_TAG: usize = 100;
const MAX_TAGS: usize = 100;
const MAX_URL: usize = 2000;

/// Trimmed, composed, without control characters; line breaks stay.
pub fn text(cell: &str, longest: usize) -> Result<String, String> {
    let clean: String = cell
        .trim()
        .nfc()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .collect();
    let length = clean.chars().count();
    if length > longest {
        return Err(format!(
            "The text has {length} characters; at most {longest} fit."
        ));
    }
    Ok(clean)
}

/// Labels between commas, semicolons, bars or line breaks; each once, whatever its case.
pub fn tags(cell: &str) -> Result<Vec<String>, String> {
    let mut seen = HashSet::new();
    let mut tags = Vec::new();
    for part in split(cell) {
        let tag = text(part, MAX_TAG).map_err(|_| {
            format!(
                "The tag {} is longer than {MAX_TAG} characters.",
                shown(part)
            )
        })?;
        if !tag.is_empty() && seen.insert(tag.to_lowercase()) {
            tags.push(tag);
        }
    }
    if tags.len() > MAX_TAGS {
        return Err(format!(
            "The cell has {} tags; at most {MAX_TAGS} fit.",
            tags.len()
        ));
    }
    Ok(tags)
}

/// The entries of a cell that holds several; Google writes ` ::: ` between them and `* ` before its own.
pub fn split(cell: &str) -> impl Iterator<Item = &str> {
    cell.split([',', ';', '|', '\n'])
        .flat_map(|part| part.split(":::"))
        .map(|part| part.trim().trim_start_matches("* "))
        .filter(|part| !part.is_empty())
}

/// A link to a web page; `https://` is supplied where it is missing.
pub fn web_address(cell: &str) -> Result<String, String> {
    let cell = cell.trim();
    let wrong = || format!("{} is not a web address.", shown(cell));
    if cell.is_empty() || cell.len() > MAX_URL || cell.contains(char::is_whitespace) {
        return Err(wrong());
    }
    let whole = if cell.contains("://") {
        cell.to_owned()
    } else {
        format!("https://{}", cell.trim_start_matches('/'))
    };
    let url = Url::parse(&whole).map_err(|_| wrong())?;
    let named = url.domain().is_some_and(|domain| domain.contains('.'));
    let numbered = url.host().is_some() && url.domain().is_none();
    if !matches!(url.scheme(), "http" | "https") || !(named || numbered) {
        return Err(wrong());
    }
    Ok(url.to_string().trim_end_matches('/').to_owned())
}

pub(super) fn looks_like_url(cell: &str) -> bool {
    let start = cell.get(..8).unwrap_or(cell).to_ascii_lowercase();
    ["http://", "https://", "www."]
        .iter()
        .any(|opening| start.starts_with(opening))
        && web_address(cell).is_ok()
}

/// Lower case, no accents, every run of spaces and punctuation one space: `E-Mail_Adresse` and `e mail adresse` agree.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
    {
        match letter {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'ø' => folded.push('o'),
            'đ' => folded.push('d'),
            'ł' => folded.push('l'),
            'ı' => folded.push('i'),
            _ if letter.is_alphanumeric() => folded.push(letter),
            '\'' | '’' => {}
            _ if folded.is_empty() || folded.ends_with(' ') => {}
            _ => folded.push(' '),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}
