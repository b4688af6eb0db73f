//! What a list shows, as the fields of a form that keeps it.

use crate::records::kinds::TABLE;
use serde_json::Value;

use super::form::nothing;
use super::view::SavedView;
use crate::records::list::Arrangement;

impl Arrangement {
    /// The hidden fields of a form that keeps this.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = vec![
            ("filter", self.filter.clone()),
            ("search", self.search.clone()),
            ("sort", self.sort.clone()),
        ];
        match self.columns.is_empty() {
            // Said, so that columns chosen before are given up.
            true => fields.push(("columns", String::new())),
            false => fields.extend(self.columns.iter().map(|key| ("columns", key.clone()))),
        }
        fields
    }

    /// The filter as it is kept.
    pub fn tree(&self) -> Value {
        serde_json::from_str(&self.filter).unwrap_or_else(|_| nothing())
    }
}

impl SavedView {
    /// The view's list, below the workspace's address.
    pub fn path(&self, collection: &str) -> String {
        format!("{}?view={}", self.place(collection), self.id)
    }

    /// The page that shows its layout.
    pub fn place(&self, collection: &str) -> String {
        match self.layout.as_str() {
            TABLE => format!("/{collection}"),
            layout => format!("/{collection}/{layout}"),
        }
    }
}
