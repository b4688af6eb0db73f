//! Yes or no in many languages, and choices from a list by key or label.

use super::shown;
use super::text::{fold, split};

const YES: &[&str] = &[
    "yes",
    "y",
    "true",
    "t",
    "1",
    "on",
    "x",
    "✓",
    "✔",
    "checked",
    "enabled",
    "active",
    "subscribed",
    "ja",
    "j",
    "wahr",
    "oui",
    "vrai",
    "si",
    "s",
    "verdadero",
    "sim",
    "verdadeiro",
    "vero",
    "tak",
    "prawda",
    "da",
    "evet",
    "co",
    "ano",
    "igen",
    "kylla",
    "はい",
    "是",
    "예",
    "نعم",
    "да",
    "ναι",
    "כן",
    "हाँ",
];

const NO: &[&str] = &[
    "no",
    "n",
    "false",
    "f",
    "0",
    "off",
    "unchecked",
    "disabled",
    "inactive",
    "unsubscribed",
    "none",
    "nein",
    "falsch",
    "non",
    "faux",
    "falso",
    "nao",
    "nie",
    "falsz",
    "nu",
    "ne",
    "hayir",
    "khong",
    "nee",
    "nej",
    "nei",
    "nem",
    "ei",
    "いいえ",
    "否",
    "아니요",
    "لا",
    "нет",
    "οχι",
    "לא",
    "नहीं",
];

const MOST_SUGGESTED: usize = 8;
const ALIKE: f64 = 0.84;

pub fn boolean(cell: &str) -> Result<bool, String> {
    let word = cell.trim();
    let folded = fold(word);
    let is = |words: &[&str]| words.iter().any(|known| *known == folded || *known == word);
    match (is(YES), is(NO)) {
        (true, false) => Ok(true),
        (false, true) => Ok(false),
        _ => Err(format!("{} is neither yes nor no.", shown(cell))),
    }
}

/// One of a list's entries: what is stored and what people read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub key: String,
    pub label: String,
}

impl Choice {
    pub fn new(key: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            label: label.into(),
        }
    }
}

/// The key of the entry that the cell names, by its key or label, whatever the case.
pub fn choice<'a>(cell: &str, from: &'a [Choice]) -> Result<&'a str, String> {
    find(cell, from).ok_or_else(|| refusal(cell, from))
}

/// Several entries in one cell, each once, in the order of the cell.
pub fn choices<'a>(cell: &str, from: &'a [Choice]) -> Result<Vec<&'a str>, String> {
    if let Some(key) = find(cell, from) {
        return Ok(vec![key]);
    }
    let mut keys = Vec::new();
    for part in parts(cell) {
        let key = choice(part, from)?;
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    Ok(keys)
}

/// A label may have a comma in it, so commas separate only where nothing clearer does.
fn parts(cell: &str) -> Vec<&str> {
    if cell.contains([';', '|', '\n']) || cell.contains(":::") {
        cell.split([';', '|', '\n'])
            .flat_map(|part| part.split(":::"))
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .collect()
    } else {
        split(cell).collect()
    }
}

fn find<'a>(cell: &str, from: &'a [Choice]) -> Option<&'a str> {
    let exact = from
        .iter()
        .find(|choice| choice.key == cell.trim() || choice.label == cell.trim());
    let folded = fold(cell);
    let alike = || {
        from.iter().find(|choice| {
            !folded.is_empty() && (fold(&choice.label) == folded || fold(&choice.key) == folded)
        })
    };
    exact.or_else(alike).map(|choice| choice.key.as_str())
}

fn refusal(cell: &str, from: &[Choice]) -> String {
    let folded = fold(cell);
    let nearest = from
        .iter()
        .map(|choice| (strsim::jaro_winkler(&fold(&choice.label), &folded), choice))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    if let Some((likeness, choice)) = nearest
        && likeness >= ALIKE
    {
        return format!(
            "{} is not in the list. Did you mean “{}”?",
            shown(cell),
            choice.label
        );
    }
    let labels: Vec<&str> = from
        .iter()
        .take(MOST_SUGGESTED)
        .map(|choice| choice.label.as_str())
        .collect();
    let more = if from.len() > MOST_SUGGESTED {
        " and others"
    } else {
        ""
    };
    format!(
        "{} is not in the list: {}{more}.",
        shown(cell),
        labels.join(", ")
    )
}
