//! A filter in a form and in its column: as text it is one value that changes as a whole; it is kept as a tree.

use serde_json::{Value, json};

use super::Filter;

impl Filter {
    /// For a form; one that lets everything through is nothing.
    pub fn as_text(&self) -> String {
        match self.is_empty() {
            true => String::new(),
            false => self.to_json().to_string(),
        }
    }
}

/// The tree of a column, for a form.
pub fn text_of(tree: &Value) -> String {
    let filled = tree.as_object().is_some_and(|tree| !tree.is_empty());
    if filled {
        tree.to_string()
    } else {
        String::new()
    }
}

/// The text of a form, for the column; one that lets everything through is `{}`.
pub fn tree_of(text: &Value) -> Value {
    let text = text.as_str().unwrap_or_default();
    serde_json::from_str(text).unwrap_or_else(|_| json!({}))
}
