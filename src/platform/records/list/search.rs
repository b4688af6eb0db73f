//! What people type into a search field, as PostgreSQL reads it.

const MOST_WORDS: usize = 8;

/// `Ann O'Brien` → `'ann':* & 'o':* & 'brien':*`; an address stays whole. `None` where nothing is left.
pub fn tsquery(search: &str) -> Option<String> {
    let mut words: Vec<String> = Vec::new();
    for word in search.to_lowercase().split_whitespace() {
        let address = word.contains('@') || (word.contains('.') && !word.ends_with('.'));
        if address {
            words.push(
                word.chars()
                    .filter(|c| c.is_alphanumeric() || "@._+-".contains(*c))
                    .collect(),
            );
        } else {
            words.extend(
                word.split(|c: char| !c.is_alphanumeric())
                    .map(str::to_owned),
            );
        }
    }
    words.retain(|w| !w.is_empty());
    words.truncate(MOST_WORDS);
    let terms: Vec<_> = words.iter().map(|w| format!("'{w}':*")).collect();
    (!terms.is_empty()).then(|| terms.join(" & "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_made_of_beginnings_of_words() {
        assert_eq!(
            tsquery("Ann O'Brien").unwrap(),
            "'ann':* & 'o':* & 'brien':*"
        );
        assert_eq!(tsquery("ann@example.com").unwrap(), "'ann@example.com':*");
        assert_eq!(tsquery("李雷").unwrap(), "'李雷':*");
        assert_eq!(tsquery(" '&|! "), None);
    }
}
