//! Lists: what is asked for, keyset paging, and counts that stay cheap.
//!
//! Paging is by key, so page 2,000 costs what page 1 costs. The columns sorted by are never null.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::dsl::sql;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Bool, Text, Untyped, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{Error, Result};

const DEFAULT_LIMIT: i64 = 50;
const MOST: i64 = 200;
/// Counting stops here: "10,000+".
pub const COUNTED: i64 = 10_000;
/// How many rows are looked at to tell a common word from a rare one, and how many must match for 'common'.
const PROBED: i64 = 300;
const COMMON: i64 = 3;
const MOST_SEARCH_WORDS: usize = 8;

/// What the URL of a list asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListParams {
    pub search: String,
    /// The filter as JSON, or empty.
    pub filter: String,
    pub sort: String,
    pub limit: i64,
    pub cursor: Option<Cursor>,
    /// The last page, without walking there.
    pub last: bool,
    pub archived: bool,
    /// Whether the total is wanted even where it has to be counted. A page asks for it once the rows are there.
    pub counted: bool,
    pub view: Option<Uuid>,
    pub columns: Vec<String>,
}

/// A place in a sorted list, with the count found at the first page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cursor {
    #[serde(rename = "v")]
    value: String,
    #[serde(rename = "i")]
    id: Uuid,
    /// Whether the page wanted lies before this place.
    #[serde(rename = "b", default)]
    back: bool,
    #[serde(rename = "n")]
    total: Option<Total>,
}

impl Cursor {
    fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    fn decode(text: &str) -> Result<Cursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok();
        bytes
            .and_then(|b| serde_json::from_slice(&b).ok())
            .ok_or_else(|| {
                Error::bad_request(
                    "The cursor is not one of ours. Start again from the first page.",
                )
            })
    }
}

impl ListParams {
    pub fn read(query: &str) -> Result<ListParams> {
        let mut params = ListParams {
            limit: DEFAULT_LIMIT,
            ..ListParams::default()
        };
        for (key, value) in url::form_urlencoded::parse(query.as_bytes()).take(200) {
            let value = value.trim();
            match &*key {
                "search" | "q" => {
                    params.search = value
                        .chars()
                        .take(200)
                        .filter(|c| !c.is_control())
                        .collect()
                }
                "filter" => params.filter = value.to_owned(),
                "sort" => params.sort = value.to_owned(),
                "limit" => {
                    let limit: i64 = value.parse().map_err(|_| {
                        Error::invalid("limit", format!("The limit is a number from 1 to {MOST}."))
                    })?;
                    params.limit = limit.clamp(1, MOST);
                }
                "cursor" if !value.is_empty() => params.cursor = Some(Cursor::decode(value)?),
                "page" if value == "last" => params.last = true,
                "count" => params.counted = value == "1",
                "archived" => params.archived = matches!(value, "1" | "true" | "on"),
                "view" => params.view = value.parse().ok(),
                "columns" => params.columns.extend(value.split(',').map(str::to_owned)),
                _ => {}
            }
        }
        Ok(params)
    }

    /// The search as a `tsquery`: every word is the beginning of a word in the record. `None` where nothing is left.
    pub fn tsquery(&self) -> Option<String> {
        tsquery(&self.search)
    }

    /// These params as a query string, with some of them replaced; an empty value leaves its key out.
    pub fn url(&self, replaced: &[(&str, &str)]) -> String {
        let mut out = url::form_urlencoded::Serializer::new(String::new());
        let view = self.view.map(|v| v.to_string()).unwrap_or_default();
        let columns = self.columns.join(",");
        let own = [
            ("search", self.search.as_str()),
            ("filter", self.filter.as_str()),
            ("sort", self.sort.as_str()),
            ("archived", if self.archived { "1" } else { "" }),
            ("view", view.as_str()),
            ("columns", columns.as_str()),
        ];
        for (key, value) in own {
            let value = replaced
                .iter()
                .find(|(k, _)| *k == key)
                .map_or(value, |(_, v)| v);
            if !value.is_empty() {
                out.append_pair(key, value);
            }
        }
        for (key, value) in replaced {
            if !value.is_empty() && !own.iter().any(|(k, _)| k == key) {
                out.append_pair(key, value);
            }
        }
        format!("?{}", out.finish())
    }
}

/// `Ann O'Brien` → `'ann':* & 'o':* & 'brien':*`; an address stays whole.
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
    words.truncate(MOST_SEARCH_WORDS);
    let terms: Vec<_> = words.iter().map(|w| format!("'{w}':*")).collect();
    (!terms.is_empty()).then(|| terms.join(" & "))
}

/// A way to sort: the key in URLs, the column, and the type that a cursor's text is cast to.
#[derive(Clone, Copy, Debug)]
pub struct Sort {
    pub key: &'static str,
    pub column: &'static str,
    pub cast: &'static str,
}

/// The order of a list and the place in it.
#[derive(Clone, Debug)]
pub struct Keyset {
    sort: Sort,
    id: &'static str,
    descending: bool,
    /// The rows come from the far end and are turned round.
    backwards: bool,
    /// Keeps the planner from walking the index of this order, for searches that match few rows.
    unindexed: bool,
    cursor: Option<Cursor>,
    limit: i64,
    counted: bool,
}

#[derive(QueryableByName)]
struct Probe {
    #[diesel(sql_type = BigInt)]
    found: i64,
}

type SqlBool = diesel::expression::SqlLiteral<Bool>;
type Order = diesel::expression::SqlLiteral<Untyped>;
type Value = diesel::internal::derives::as_expression::Bound<Text, String>;
type Id = diesel::internal::derives::as_expression::Bound<SqlUuid, Uuid>;
type With<Before, Bound> =
    diesel::expression::SqlLiteral<Bool, diesel::expression::UncheckedBind<Before, Bound>>;
type After = With<With<SqlBool, Value>, Id>;

impl Keyset {
    /// `sorts[0]` is what an unknown or empty sort falls back to, newest first.
    pub fn new(params: &ListParams, sorts: &[Sort], id: &'static str) -> Result<Keyset> {
        let (descending, key) = match params.sort.strip_prefix('-') {
            Some(key) => (true, key),
            None => (false, params.sort.as_str()),
        };
        let (sort, descending) = match sorts.iter().find(|s| s.key == key) {
            Some(sort) => (*sort, descending),
            None if key.is_empty() => (sorts[0], true),
            None => {
                let keys: Vec<_> = sorts.iter().map(|s| s.key).collect();
                return Err(Error::invalid(
                    "sort",
                    format!("Sort by one of {}.", keys.join(", ")),
                ));
            }
        };
        let back = params.cursor.as_ref().is_some_and(|c| c.back);
        Ok(Keyset {
            sort,
            id,
            descending,
            backwards: back || (params.last && params.cursor.is_none()),
            unindexed: false,
            cursor: params.cursor.clone(),
            limit: params.limit,
            counted: params.counted,
        })
    }

    /// Chooses how to search, from the first rows of `table` in this order.
    ///
    /// A word that every tenth row holds is found fastest by walking the order and filtering; a rare one by its GIN
    /// index. The planner's guess for a prefix knows neither this workspace nor this word, so we look.
    pub fn searching(
        mut self,
        conn: &mut PgConnection,
        table: &'static str,
        tsquery: Option<&str>,
    ) -> Result<Keyset> {
        let Some(tsquery) = tsquery else {
            return Ok(self);
        };
        let order = self.order_text();
        let probe = format!(
            "select count(*) as found from (select search from {table} where archived_at is null order by {order} \
             limit {PROBED}) first_rows where search @@ unaccent($1)::tsquery"
        );
        let probe: Probe = diesel::sql_query(probe)
            .bind::<Text, _>(tsquery)
            .get_result(conn)?;
        self.unindexed = probe.found < COMMON;
        Ok(self)
    }

    pub fn order(&self) -> Order {
        sql(&self.order_text())
    }

    fn order_text(&self) -> String {
        let direction = if self.descending != self.backwards {
            "desc"
        } else {
            "asc"
        };
        let (column, id) = (self.sort.column, self.id);
        if self.unindexed {
            return format!("coalesce({column}, {column}) {direction}, {id} {direction}");
        }
        format!("{column} {direction}, {id} {direction}")
    }

    /// The condition that the rows lie beyond the cursor.
    pub fn after(&self) -> Option<After> {
        let cursor = self.cursor.as_ref()?;
        let sign = if self.descending != self.backwards {
            "<"
        } else {
            ">"
        };
        Some(
            sql::<Bool>(&format!("({}, {}) {sign} (", self.sort.column, self.id))
                .bind::<Text, _>(cursor.value.clone())
                .sql(&format!("::{}, ", self.sort.cast))
                .bind::<SqlUuid, _>(cursor.id)
                .sql(")"),
        )
    }

    /// How many rows to load: one more than shown, to know whether there are more.
    pub fn rows(&self) -> i64 {
        self.limit + 1
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    pub count: i64,
    /// Whether there are so many and no more.
    pub exact: bool,
}

impl std::fmt::Display for Total {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = crate::web::filters::thousands(&self.count.to_string());
        write!(f, "{digits}{}", if self.exact { "" } else { "+" })
    }
}

/// One page of a list.
#[derive(Clone, Debug, Serialize)]
pub struct List<T> {
    pub items: Vec<T>,
    pub next_cursor: Option<String>,
    pub previous_cursor: Option<String>,
    pub total: Total,
}

impl<T> List<T> {
    /// Makes a page of the rows that `Keyset::rows` asked for. `place` gives a row's sort value as PostgreSQL
    /// reads it, and its id; `count` is asked only where the rows don't tell.
    pub fn of(
        mut rows: Vec<T>,
        keyset: &Keyset,
        place: impl Fn(&T, &str) -> (String, Uuid),
        count: impl FnOnce() -> Result<i64>,
    ) -> Result<List<T>> {
        let more = rows.len() as i64 > keyset.limit;
        rows.truncate(keyset.limit as usize);
        let carried = keyset.cursor.as_ref().and_then(|c| c.total);
        let total = match carried {
            Some(total) => total,
            None if !more && keyset.cursor.is_none() => Total {
                count: rows.len() as i64,
                exact: true,
            },
            // Counting is left for later: the rows are what somebody waits for.
            None if !keyset.counted => Total {
                count: rows.len() as i64,
                exact: false,
            },
            None => match count()? {
                n if n > COUNTED => Total {
                    count: COUNTED,
                    exact: false,
                },
                count => Total { count, exact: true },
            },
        };
        if keyset.backwards {
            rows.reverse();
        }
        let cursor = |row: Option<&T>, back: bool| {
            row.map(|row| {
                let (value, id) = place(row, keyset.sort.key);
                let total =
                    Some(total).filter(|t| t.exact || keyset.counted || keyset.cursor.is_some());
                Cursor {
                    value,
                    id,
                    back,
                    total,
                }
                .encode()
            })
        };
        // Going forward there is something before us as soon as we came by a cursor; going back, something behind.
        let (has_next, has_previous) = if keyset.backwards {
            (keyset.cursor.is_some(), more)
        } else {
            (more, keyset.cursor.is_some())
        };
        Ok(List {
            next_cursor: cursor(rows.last().filter(|_| has_next), false),
            previous_cursor: cursor(rows.first().filter(|_| has_previous), true),
            items: rows,
            total,
        })
    }
}

/// `select count(*) from (… limit n)`: a count that stops.
#[derive(Clone, Copy, Debug)]
pub struct Counted<Q>(pub Q);

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Counted<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("select count(*) from (");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(") counted");
        Ok(())
    }
}

impl<Q> QueryId for Counted<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q> Query for Counted<Q> {
    type SqlType = BigInt;
}

impl<Q> RunQueryDsl<PgConnection> for Counted<Q> {}

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
    fn a_cursor_that_is_not_ours_is_refused() {
        assert!(ListParams::read("cursor=abc").is_err());
        assert!(ListParams::read("limit=many").is_err());
        assert_eq!(ListParams::read("limit=100000").unwrap().limit, MOST);
    }
}
