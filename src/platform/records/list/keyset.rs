//! Paging by key: the order of a list, and the place in it where a page begins.

use std::sync::LazyLock;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Datelike, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::sql_types::{BigInt, Text, Untyped, Uuid as SqlUuid};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::params::USUAL_LIMIT;
use super::{ListParams, Total, words_at};
use crate::clock;
use crate::db::{Fixed, Tx, condition, fixed};
use crate::error::{Error, Result};

/// How many rows are looked at to tell a common word from a rare one, and how many must match for 'common'.
const PROBED: i64 = 300;
const COMMON: i64 = 3;

/// A place in a sorted list, with the count found at the first page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cursor {
    #[serde(rename = "v")]
    pub(super) value: String,
    #[serde(rename = "i")]
    pub(super) id: Uuid,
    /// Whether the page wanted lies before this place.
    #[serde(rename = "b", default)]
    pub(super) back: bool,
    #[serde(rename = "n")]
    pub(super) total: Option<Total>,
    /// How many rows stand before the page wanted, where that is known.
    #[serde(rename = "p", default)]
    pub(super) before: Option<i64>,
}

impl Cursor {
    /// The place just beyond the row that stands at `value` and `id`, or just before it.
    pub fn at(value: String, id: Uuid, back: bool) -> Cursor {
        Cursor {
            value,
            id,
            back,
            total: None,
            before: None,
        }
    }

    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// The moment and the id of the row it stands at.
    pub fn moment(&self) -> Result<(DateTime<Utc>, Uuid)> {
        let at = self.value.parse::<DateTime<Utc>>().ok();
        let known = at.filter(|at| clock::YEARS.contains(&at.year()));
        known.map(|at| (at, self.id)).ok_or_else(foreign)
    }

    pub fn decode(text: &str) -> Result<Cursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok();
        bytes
            .and_then(|b| serde_json::from_slice(&b).ok())
            .ok_or_else(foreign)
    }
}

fn foreign() -> Error {
    Error::bad_request("The cursor is not one of ours. Start again from the first page.")
}

/// A way to sort: the key in URLs, the column, and the type that a cursor's text is cast to. The column is never null.
#[derive(Clone, Copy, Debug)]
pub struct Sort {
    pub key: &'static str,
    pub column: &'static str,
    pub cast: &'static str,
}

/// How the rows that hold some words are found.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Search {
    /// As the planner likes.
    #[default]
    Any,
    /// In the order of the list, looking at each row.
    Walk,
    /// By the index of words, sorting what is found.
    Index,
}

/// Whether words are common enough to walk, by workspace and what was asked.
static COMMONNESS: LazyLock<Cache<(Uuid, String), bool>> = LazyLock::new(|| {
    let remembered = Duration::from_secs(60);
    let cache = Cache::builder().max_capacity(10_000);
    cache.time_to_live(remembered).build()
});

/// The order of a list and the place in it.
#[derive(Clone, Debug)]
pub struct Keyset {
    pub(super) sort: Sort,
    id: String,
    descending: bool,
    /// The rows come from the far end and are turned round.
    pub(super) backwards: bool,
    pub(super) search: Search,
    pub(super) cursor: Option<Cursor>,
    pub(super) limit: i64,
    pub(super) counted: bool,
}

#[derive(QueryableByName)]
struct Probe {
    #[diesel(sql_type = BigInt)]
    found: i64,
}

/// The condition that rows lie beyond a cursor.
#[derive(Clone, Debug)]
pub struct After {
    columns: String,
    sign: &'static str,
    cast: &'static str,
    value: String,
    row: Uuid,
}

impl QueryFragment<Pg> for After {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("(");
        out.push_sql(&self.columns);
        out.push_sql(") ");
        out.push_sql(self.sign);
        out.push_sql(" (");
        out.push_bind_param::<Text, _>(&self.value)?;
        out.push_sql("::");
        out.push_sql(self.cast);
        out.push_sql(", ");
        out.push_bind_param::<SqlUuid, _>(&self.row)?;
        out.push_sql(")");
        Ok(())
    }
}

condition!(After);

impl Keyset {
    /// The order that `params` asks for over the record table `table`, with the choice of how to search it.
    pub fn of(
        tx: &mut Tx,
        params: &ListParams,
        sorts: &[Sort],
        table: &'static str,
    ) -> Result<Keyset> {
        let keyset = Keyset::new(params, sorts, &format!("{table}.id"))?;
        // Few are archived, and no index of theirs could be chosen.
        let words = params.tsquery().filter(|_| !params.archived);
        keyset.searching(tx, table, words.as_deref())
    }

    /// `sorts[0]` is what an unknown or empty sort falls back to, newest first.
    pub fn new(params: &ListParams, sorts: &[Sort], id: &str) -> Result<Keyset> {
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
            id: id.to_owned(),
            descending,
            backwards: back || (params.last && params.cursor.is_none()),
            search: Search::default(),
            cursor: params.cursor.clone(),
            limit: params.limit,
            counted: params.counted,
        })
    }

    /// Chooses how to search, from the rows at both ends of `table` in this order.
    ///
    /// A word that every hundredth row holds is found fastest by walking the order and filtering; a rare one by its
    /// GIN index. The planner's guess for a prefix knows neither this workspace nor this word, so we look, and
    /// remember for a while what we saw: it decides how rows are found, never which. Both ends, since what was
    /// brought in yesterday is common among the newest and nowhere else, and the walk would never end.
    fn searching(
        mut self,
        tx: &mut Tx,
        table: &'static str,
        tsquery: Option<&str>,
    ) -> Result<Keyset> {
        let Some(tsquery) = tsquery else {
            return Ok(self);
        };
        let asked = format!("{table} {} {tsquery}", self.sort.column);
        let asked = (tx.workspace, asked);
        let common = match COMMONNESS.get(&asked) {
            Some(common) => common,
            None => {
                let (column, id, words) = (self.sort.column, &self.id, words_at("$1"));
                let end = |direction: &str| {
                    format!(
                        "(select count(*) from (select search from {table} where archived_at is null \
                         order by {column} {direction}, {id} {direction} limit {PROBED}) e where search @@ {words})"
                    )
                };
                let probe = format!("select least({}, {}) as found", end("asc"), end("desc"));
                let probe: Probe = diesel::sql_query(probe)
                    .bind::<Text, _>(tsquery)
                    .get_result(&mut **tx)?;
                let common = probe.found >= COMMON;
                COMMONNESS.insert(asked, common);
                common
            }
        };
        self.search = match common {
            true => Search::Walk,
            false => Search::Index,
        };
        Ok(self)
    }

    /// Whether the words are rare: then whoever asks in several parts gathers the rows once.
    pub fn gathers(&self) -> bool {
        self.search == Search::Index
    }

    /// Whether words are looked for in one of these ways.
    pub fn searches(&self) -> bool {
        self.search != Search::Any
    }

    /// Whether the words are common: then rows are near and counting them all is dear.
    pub fn walks(&self) -> bool {
        self.search == Search::Walk
    }

    pub fn order(&self) -> Fixed<Untyped> {
        fixed(self.order_text())
    }

    fn order_text(&self) -> String {
        let direction = if self.descending != self.backwards {
            "desc"
        } else {
            "asc"
        };
        let (column, id) = (self.sort.column, &self.id);
        if self.search == Search::Index {
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
        Some(After {
            columns: format!("{}, {}", self.sort.column, self.id),
            sign,
            cast: self.sort.cast,
            value: cursor.value.clone(),
            row: cursor.id,
        })
    }

    /// The order and the limit, for `.order(…)`.
    ///
    /// The limit stands in the text: of a bound one PostgreSQL expects a tenth of the table, finds every plan for a known
    /// limit cheaper, and so plans anew each time.
    pub fn page(&self) -> Fixed<Untyped> {
        let text = format!("{} limit {}", self.order_text(), self.rows());
        fixed(text).kept_if(self.limit == USUAL_LIMIT)
    }

    /// How many rows to load: one more than shown, to know whether there are more.
    pub fn rows(&self) -> i64 {
        self.limit + 1
    }

    /// How many rows of the list stand before a page of `rows`, where that is known.
    pub(super) fn rows_before(&self, rows: i64, total: Total) -> Option<i64> {
        match &self.cursor {
            None if self.backwards => total.exact.then_some(total.count - rows),
            None => Some(0),
            Some(cursor) if cursor.back => cursor.before.map(|n| (n - rows).max(0)),
            Some(cursor) => cursor.before,
        }
    }
}
