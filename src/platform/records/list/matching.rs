//! Which rows of a record table a list is about: one condition over the columns that all of them share.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::sql_types::{Array, Uuid as SqlUuid};
use uuid::Uuid;

use super::keyset::{After, Keyset, Search};
use super::params::ListParams;
use super::search::Holds;
use crate::db::{Scope, condition};
use crate::filter::Predicate;

/// What goes into `.filter(…)` of a query on `table`, a record table.
#[derive(Clone, Debug)]
pub struct Matching {
    table: &'static str,
    /// `None`: archived or not.
    archived: Option<bool>,
    owners: Option<Vec<Uuid>>,
    words: Option<Holds>,
    search: Search,
    ids: Vec<Uuid>,
    predicate: Option<Predicate>,
    after: Option<After>,
}

impl ListParams {
    /// The rows of `table` that are asked for and may be seen, on any page.
    pub fn matching(&self, scope: &Scope, table: &'static str) -> Matching {
        Matching {
            table,
            archived: Some(self.archived),
            owners: scope.owners().map(<[Uuid]>::to_vec),
            words: self.tsquery().map(|words| Holds::new(table, words)),
            search: Search::Any,
            ids: self.ids.clone(),
            predicate: self.predicate.clone(),
            after: None,
        }
    }
}

impl Matching {
    /// The row `id`, if it may be seen.
    pub fn one(scope: &Scope, table: &'static str, id: Uuid) -> Matching {
        Matching {
            table,
            archived: None,
            owners: scope.owners().map(<[Uuid]>::to_vec),
            words: None,
            search: Search::Any,
            ids: vec![id],
            predicate: None,
            after: None,
        }
    }

    /// Those of them that lie beyond the cursor.
    pub fn beyond(mut self, keyset: &Keyset) -> Matching {
        self.after = keyset.after();
        self.search = keyset.search;
        self
    }
}

impl QueryFragment<Pg> for Matching {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("(true");
        if let Some(archived) = self.archived {
            out.push_sql(" and ");
            out.push_sql(self.table);
            out.push_sql(match archived {
                true => ".archived_at is not null",
                false => ".archived_at is null",
            });
        }
        if let Some(owners) = &self.owners {
            out.push_sql(" and ");
            out.push_sql(self.table);
            out.push_sql(".owner_id = any(");
            out.push_bind_param::<Array<SqlUuid>, _>(owners)?;
            out.push_sql(")");
        }
        if !self.ids.is_empty() {
            out.push_sql(" and ");
            out.push_sql(self.table);
            out.push_sql(".id = any(");
            out.push_bind_param::<Array<SqlUuid>, _>(&self.ids)?;
            out.push_sql(")");
        }
        if let Some(words) = &self.words {
            out.push_sql(" and ");
            words.walk_ast(out.reborrow())?;
            // No index serves this form of the condition.
            if self.search == Search::Walk {
                out.push_sql(" is true");
            }
        }
        if let Some(predicate) = &self.predicate {
            // Filters have too many shapes to keep each prepared, and want a plan of their own.
            out.unsafe_to_cache_prepared();
            out.push_sql(" and ");
            predicate.walk_ast(out.reborrow())?;
        }
        if let Some(after) = &self.after {
            out.push_sql(" and ");
            after.walk_ast(out.reborrow())?;
        }
        out.push_sql(")");
        Ok(())
    }
}

condition!(Matching);
