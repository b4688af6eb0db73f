//! Sorting and choosing rows on a screen that has no room for a table's head.

use askama::Template;

use super::Listing;
use crate::filter::FieldType;

#[derive(Template)]
#[template(path = "records/list_narrow.html")]
pub struct Narrow<'a> {
    pub(super) listing: &'a Listing,
}

impl Narrow<'_> {
    /// What the sort keeps of the list.
    fn kept(&self) -> Vec<(String, String)> {
        self.listing.but("sort")
    }

    /// Every way to sort, both ways round.
    fn sorts(&self) -> Vec<(String, String)> {
        let sorts = self.listing.sorts.iter();
        sorts.flat_map(|sort| self.ways(sort.key)).collect()
    }

    fn ways(&self, key: &str) -> [(String, String); 2] {
        let field = self.listing.catalogue.get(key);
        let label = field.map_or_else(
            || crate::records::facts::humanised(key),
            |f| f.label.clone(),
        );
        let [up, down] = match field.map(|f| f.kind) {
            Some(FieldType::Date | FieldType::DateTime) => ["oldest first", "newest first"],
            Some(FieldType::Number | FieldType::Money) => ["lowest first", "highest first"],
            _ => ["A to Z", "Z to A"],
        };
        [
            (key.to_owned(), format!("{label}, {up}")),
            (format!("-{key}"), format!("{label}, {down}")),
        ]
    }

    fn is_chosen(&self, sort: &str) -> bool {
        let asked = &self.listing.params.sort;
        match asked.is_empty() {
            // Unasked, a list comes by its first key, newest first.
            true => sort.strip_prefix('-') == self.listing.sorts.first().map(|s| s.key),
            false => asked == sort,
        }
    }
}
