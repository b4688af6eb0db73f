//! Paging by key: the order of a list, and the place in it where a page begins.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text, Untyped, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ListParams, Total};
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

    pub(super) fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    pub(super) fn decode(text: &str) -> Result<Cursor> {
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

/// A way to sort: the key in URLs, the column, and the type that a cursor's text is cast to. The column is never null.
#[derive(Clone, Copy, Debug)]
pub struct Sort {
    pub key: &'static str,
    pub column: &'static str,
    pub cast: &'static str,
}

/// The order of a list and the place in it.
#[derive(Clone, Debug)]
pub struct Keyset {
    pub(super) sort: Sort,
    id: String,
    descending: bool,
    /// The rows come from the far end and are turned round.
    pub(super) backwards: bool,
    /// Keeps the planner from walking the index of this order, for searches that match few rows.
    unindexed: bool,
    pub(super) cursor: Option<Cursor>,
    pub(super) limit: i64,
    pub(super) counted: bool,
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
pub type After = With<With<SqlBool, Value>, Id>;

impl Keyset {
    /// The order that `params` asks for over the record table `table`, with the choice of how to search it.
    pub fn of(
        conn: &mut PgConnection,
        params: &ListParams,
        sorts: &[Sort],
        table: &'static str,
    ) -> Result<Keyset> {
        let keyset = Keyset::new(params, sorts, &format!("{table}.id"))?;
        // Few are archived, and no index of theirs could be chosen.
        let words = params.tsquery().filter(|_| !params.archived);
        keyset.searching(conn, table, words.as_deref())
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
        let (column, id) = (self.sort.column, &self.id);
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
