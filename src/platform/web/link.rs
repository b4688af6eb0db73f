//! Addresses with a query.

use serde_json::Value;
use url::form_urlencoded::Serializer;

/// `path` with these pairs as its query; without any, there is none.
pub fn with<K: AsRef<str>, V: AsRef<str>>(
    path: &str,
    pairs: impl IntoIterator<Item = (K, V)>,
) -> String {
    let mut query = Serializer::new(String::new());
    match query.extend_pairs(pairs).finish() {
        query if query.is_empty() => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

/// The same with those of the pairs that have a value.
pub fn filled<K: AsRef<str>, V: AsRef<str>>(
    path: &str,
    pairs: impl IntoIterator<Item = (K, V)>,
) -> String {
    let pairs = pairs.into_iter();
    with(path, pairs.filter(|(_, value)| !value.as_ref().is_empty()))
}

/// The list at `path`, narrowed by a filter.
pub fn filtered(path: &str, filter: &Value) -> String {
    with(path, [("filter", filter.to_string())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_query_holds_what_has_a_value() {
        assert_eq!(filled("/x", [("a", "1 & 2"), ("b", "")]), "/x?a=1+%26+2");
        assert_eq!(filled("/x", [("a", "")]), "/x");
        assert_eq!(with("/x", [("a", "")]), "/x?a=");
        let filter = json!({"field": "tags"});
        assert_eq!(
            filtered("/x", &filter),
            "/x?filter=%7B%22field%22%3A%22tags%22%7D"
        );
    }
}
