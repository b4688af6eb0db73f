//! Lists: what is asked for, keyset paging, and counts that stay cheap.
//!
//! Paging is by key, so page 2,000 costs what page 1 costs. The columns sorted by are never null.

mod keyset;
mod matching;
mod params;
mod queries;
mod search;
mod spared;

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::BigInt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use keyset::{After, Cursor, Keyset, Sort};
pub use matching::Matching;
pub use params::{Arrangement, ListParams, MOST, View};
pub use search::{Holds, tsquery, words_at};
pub use spared::{Spared, lean};

use crate::error::Result;
use crate::web::filters::thousands;

/// Counting stops here: "10,000+".
pub const COUNTED: i64 = 10_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Total {
    /// How many match; never more than 10,000.
    pub count: i64,
    /// Whether there are so many and no more.
    pub exact: bool,
}

impl std::fmt::Display for Total {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = thousands(&self.count.to_string());
        write!(f, "{digits}{}", if self.exact { "" } else { "+" })
    }
}

/// One page of a list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "{T}s")]
pub struct List<T> {
    pub items: Vec<T>,
    pub next_cursor: Option<String>,
    pub previous_cursor: Option<String>,
    pub total: Total,
    /// How many rows stand before these, where that is known.
    #[serde(skip)]
    pub before: Option<i64>,
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
        let counted = total.exact || keyset.counted || carried.is_some();
        let before = keyset.rows_before(rows.len() as i64, total);
        let cursor = |row: Option<&T>, back: bool| {
            row.map(|row| {
                let (value, id) = place(row, keyset.sort.key);
                let total = Some(total).filter(|_| counted);
                let passed = if back { 0 } else { rows.len() as i64 };
                Cursor {
                    value,
                    id,
                    back,
                    total,
                    before: before.map(|n| n + passed),
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
            before,
        })
    }

    /// `51–100`, or how many rows there are where nobody counted those before.
    pub fn shown(&self) -> String {
        let rows = self.items.len() as i64;
        match self.before {
            Some(before) if rows > 0 => format!(
                "{}–{}",
                thousands(&(before + 1).to_string()),
                thousands(&(before + rows).to_string())
            ),
            _ => format!("{rows} shown"),
        }
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
