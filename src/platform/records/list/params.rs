//! What the URL of a list asks for.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::keyset::{Cursor, Sort};
use super::search::tsquery;
use crate::error::{Error, Result};
use crate::filter::Predicate;

/// Rows on a page, unless somebody asks for another number.
pub const USUAL_LIMIT: i64 = 50;
pub const MOST: i64 = 200;
const LONGEST_SEARCH: usize = 200;

/// What a saved view keeps, and what a URL may ask for instead.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arrangement {
    pub search: String,
    /// The filter as JSON, or empty.
    pub filter: String,
    pub sort: String,
    pub columns: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum View {
    /// The URL doesn't say: the default view, where there is one.
    #[default]
    Unsaid,
    All,
    Saved(Uuid),
}

#[derive(Clone, Debug, Default)]
pub struct ListParams {
    pub search: String,
    /// The filter as JSON, or empty.
    pub filter: String,
    pub sort: String,
    pub columns: Vec<String>,
    /// The columns that a page shows, once whoever makes it knows; `None`: everything is wanted.
    pub shown: Option<Vec<String>>,
    pub limit: i64,
    pub cursor: Option<Cursor>,
    /// The last page, without walking there.
    pub last: bool,
    pub archived: bool,
    /// Whether the total is wanted even where it has to be counted. A page asks for it once the rows are there.
    pub counted: bool,
    pub view: View,
    /// These records and no others, for what was ticked.
    pub ids: Vec<Uuid>,
    /// What else the address says that a page beside the list keeps: the pipeline of a board.
    pub kept: Vec<(&'static str, String)>,
    /// What the view keeps of such a page.
    pub beside: BTreeMap<String, String>,
    /// The filter compiled; whoever holds the catalogue sets it.
    pub predicate: Option<Predicate>,
    /// What holds where the URL says nothing: the view's arrangement.
    pub base: Arrangement,
    /// The keys that the URL names.
    pub said: Vec<&'static str>,
}

impl ListParams {
    pub fn read(query: &str) -> Result<ListParams> {
        let mut params = ListParams {
            limit: USUAL_LIMIT,
            ..ListParams::default()
        };
        for (key, value) in url::form_urlencoded::parse(query.as_bytes()).take(1_000) {
            params.take(&key, value.trim())?;
        }
        Ok(params)
    }

    fn take(&mut self, key: &str, value: &str) -> Result<()> {
        match key {
            "search" | "q" => {
                self.said.push("search");
                let kept = value.chars().filter(|c| !c.is_control());
                self.search = kept.take(LONGEST_SEARCH).collect();
            }
            "filter" => {
                self.said.push("filter");
                self.filter = value.to_owned();
            }
            _ if key.starts_with("filter.") => self.said.push("filter"),
            "sort" => {
                self.said.push("sort");
                self.sort = value.to_owned();
            }
            "columns" => {
                self.said.push("columns");
                let keys = value.split(',').filter(|key| !key.is_empty());
                self.columns.extend(keys.map(str::to_owned));
            }
            "limit" => {
                let limit: i64 = value.parse().map_err(|_| {
                    Error::invalid("limit", format!("The limit is a number from 1 to {MOST}."))
                })?;
                self.limit = limit.clamp(1, MOST);
            }
            "cursor" if !value.is_empty() => self.cursor = Some(Cursor::decode(value)?),
            "count" => self.counted = value == "1",
            "page" => self.last = value == "last",
            "archived" => self.archived = matches!(value, "1" | "true" | "on"),
            "view" if value == "all" => self.view = View::All,
            "view" => self.view = value.parse().map_or(View::Unsaid, View::Saved),
            "ids" => {
                let ids = value.split(',').filter_map(|id| id.parse::<Uuid>().ok());
                self.ids.extend(ids.take(MOST as usize));
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether the URL says nothing about what to show, so that the default view may.
    pub fn is_bare(&self) -> bool {
        self.said.is_empty() && self.view == View::Unsaid && !self.archived && self.ids.is_empty()
    }

    pub fn says(&self, key: &str) -> bool {
        self.said.contains(&key)
    }

    /// Lays what the URL says over what the view keeps.
    pub fn within(&mut self, view: Uuid, kept: Arrangement) {
        self.view = View::Saved(view);
        if !self.says("search") {
            self.search.clone_from(&kept.search);
        }
        if !self.says("filter") {
            self.filter.clone_from(&kept.filter);
        }
        if !self.says("sort") {
            self.sort.clone_from(&kept.sort);
        }
        if !self.says("columns") {
            self.columns.clone_from(&kept.columns);
        }
        self.base = kept;
    }

    /// Whether more or less is asked for than the view keeps.
    pub fn strays(&self) -> bool {
        self.arrangement() != self.base
    }

    pub fn arrangement(&self) -> Arrangement {
        Arrangement {
            search: self.search.clone(),
            filter: self.filter.clone(),
            sort: self.sort.clone(),
            columns: self.columns.clone(),
        }
    }

    /// The key that the list is sorted by.
    pub fn sort_key(&self, sorts: &[Sort]) -> &'static str {
        let key = self.sort.strip_prefix('-').unwrap_or(&self.sort);
        let known = sorts.iter().find(|sort| sort.key == key);
        known.or(sorts.first()).map_or("", |sort| sort.key)
    }

    /// The page that begins at the cursor of a page before it.
    pub fn go_to(&mut self, cursor: &str) -> Result<()> {
        self.cursor = Some(Cursor::decode(cursor)?);
        Ok(())
    }

    /// The cursor as it stands in URLs, or nothing.
    pub fn cursor_text(&self) -> String {
        self.cursor.as_ref().map(Cursor::encode).unwrap_or_default()
    }

    /// The search as a `tsquery`: every word is the beginning of a word in the record. `None` where nothing is left.
    pub fn tsquery(&self) -> Option<String> {
        tsquery(&self.search)
    }

    /// These params as pairs, without the place in the list, leaving out what holds anyway.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let view = match self.view {
            View::Unsaid => String::new(),
            View::All => "all".into(),
            View::Saved(id) => id.to_string(),
        };
        let archived = if self.archived { "1" } else { "" }.to_owned();
        let all = [
            ("view", view, String::new()),
            ("search", self.search.clone(), self.base.search.clone()),
            ("filter", self.filter.clone(), self.base.filter.clone()),
            ("sort", self.sort.clone(), self.base.sort.clone()),
            (
                "columns",
                self.columns.join(","),
                self.base.columns.join(","),
            ),
            ("archived", archived, String::new()),
        ];
        let kept = self.kept.iter().cloned();
        all.into_iter()
            .filter(|(_, value, anyway)| value != anyway)
            .map(|(key, value, _)| (key, value))
            .chain(kept)
            .map(|(key, value)| (key.to_owned(), value))
            .collect()
    }

    /// These params as a query string, with some of them replaced; an empty value leaves its key out, unless the view
    /// says otherwise.
    pub fn url(&self, replaced: &[(&str, &str)]) -> String {
        let mut told = self.clone();
        let mut rest = Vec::new();
        for (key, value) in replaced {
            match *key {
                "search" => told.search = (*value).to_owned(),
                "filter" => told.filter = (*value).to_owned(),
                "sort" => told.sort = (*value).to_owned(),
                "archived" => told.archived = !value.is_empty(),
                key => {
                    told.kept.retain(|(kept, _)| *kept != key);
                    rest.extend((!value.is_empty()).then_some((key, *value)));
                }
            }
        }
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(told.pairs())
            .extend_pairs(rest)
            .finish();
        format!("?{query}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_replaces_what_it_is_told_to() {
        let params = ListParams::read("search=ann&sort=-name&cursor=").unwrap();
        assert_eq!(
            params.url(&[("sort", "name"), ("cursor", "x y")]),
            "?search=ann&sort=name&cursor=x+y"
        );
        assert_eq!(params.url(&[("search", "")]), "?sort=-name");
    }

    #[test]
    fn what_a_layout_keeps_is_replaced_and_not_said_twice() {
        let mut params = ListParams::read("sort=-name").unwrap();
        params.kept = vec![("month", "2026-10".into())];
        assert_eq!(
            params.url(&[("month", "2026-09")]),
            "?sort=-name&month=2026-09"
        );
        assert_eq!(params.url(&[]), "?sort=-name&month=2026-10");
    }

    #[test]
    fn a_url_says_only_what_the_view_does_not() {
        let view = Uuid::from_u128(7);
        let mut params = ListParams::read("search=&sort=name").unwrap();
        params.within(
            view,
            Arrangement {
                search: "ann".into(),
                sort: "name".into(),
                ..Arrangement::default()
            },
        );
        assert_eq!(params.url(&[]), format!("?view={view}&search="));
        assert!(params.strays());
        assert_eq!(params.url(&[("search", "ann")]), format!("?view={view}"));
    }

    #[test]
    fn a_cursor_that_is_not_ours_is_refused() {
        assert!(ListParams::read("cursor=abc").is_err());
        assert!(ListParams::read("limit=many").is_err());
        assert_eq!(ListParams::read("limit=100000").unwrap().limit, MOST);
    }
}
