//! The addresses of a list: sorted, turned, counted.

use platform::records::list::ListParams;

pub struct Listing {
    pub params: ListParams,
    pub base: String,
    /// What the rows are sorted by when nothing is said.
    pub usual: &'static str,
}

impl Listing {
    /// This list sorted by `key`, the other way round if it is already.
    pub fn sort_url(&self, key: &str) -> String {
        let sort = if self.params.sort == key {
            format!("-{key}")
        } else {
            key.to_owned()
        };
        self.url(&[("sort", &sort)])
    }

    pub fn sorted(&self, key: &str) -> &'static str {
        match self.params.sort.strip_prefix('-') {
            Some(sort) if sort == key => "descending",
            None if self.params.sort == key => "ascending",
            None if self.params.sort.is_empty() && key == self.usual => "descending",
            _ => "",
        }
    }

    pub fn page_url(&self, cursor: &Option<String>) -> String {
        let url = |cursor: &String| self.url(&[("cursor", cursor)]);
        cursor.as_ref().map(url).unwrap_or_default()
    }

    /// Where the total is to be had, when it was left for later.
    pub fn total_url(&self) -> String {
        self.url(&[("count", "1")])
    }

    pub fn new_url(&self) -> String {
        format!("{}/new", self.base)
    }

    pub fn no_match(&self) -> String {
        format!("Nothing matches “{}”.", self.params.search)
    }

    fn url(&self, replaced: &[(&str, &str)]) -> String {
        format!("{}{}", self.base, self.params.url(replaced))
    }
}
