//! Whole names, parted into first and last.

/// Words that belong to the family name behind them.
const PARTICLES: &[&str] = &[
    "van", "von", "vom", "zu", "zur", "der", "den", "de", "del", "della", "di", "da", "dos", "das",
    "du", "la", "le", "bin", "ibn", "al", "el", "ter", "ten", "st", "st.",
];

/// `Doe, Jane` and `Jane van Doe` give (first, last); one word, or a script without spaces, is a first name.
pub fn split(whole: &str) -> (String, String) {
    let whole = whole.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((last, first)) = whole.split_once(',') {
        return (first.trim().to_owned(), last.trim().to_owned());
    }
    let words: Vec<&str> = whole.split(' ').collect();
    let mut last = words.len().saturating_sub(1).max(1);
    while last > 1 && PARTICLES.contains(&words[last - 1].to_lowercase().as_str()) {
        last -= 1;
    }
    let last = last.min(words.len());
    (words[..last].join(" "), words[last..].join(" "))
}
