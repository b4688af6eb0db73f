//! SQL of our own that is the same each time, and so may be prepared once a connection.
//!
//! Diesel's `sql()` is planned anew at every call, since it cannot know what stands in it. What is kept prepared stays
//! on each connection for good, so a text that comes in many forms must say that it is rare.

use std::borrow::Cow;
use std::marker::PhantomData;

use diesel::expression::{
    AppearsOnTable, Expression, SelectableExpression, TypedExpressionType, ValidGrouping,
    is_aggregate,
};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};

/// An expression of the SQL type `ST`. Its text is code, never input.
#[derive(Clone, Debug)]
pub struct Fixed<ST> {
    text: Cow<'static, str>,
    kept: bool,
    kind: PhantomData<ST>,
}

/// An expression that there are few of: statements with it are kept prepared.
pub fn fixed<ST>(text: impl Into<Cow<'static, str>>) -> Fixed<ST> {
    Fixed {
        text: text.into(),
        kept: true,
        kind: PhantomData,
    }
}

impl<ST> Fixed<ST> {
    /// Says whether statements with it are kept prepared.
    pub fn kept_if(self, kept: bool) -> Fixed<ST> {
        Fixed { kept, ..self }
    }
}

impl<ST> QueryFragment<Pg> for Fixed<ST> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if !self.kept {
            out.unsafe_to_cache_prepared();
        }
        out.push_sql(&self.text);
        Ok(())
    }
}

impl<ST> QueryId for Fixed<ST> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<ST: TypedExpressionType> Expression for Fixed<ST> {
    type SqlType = ST;
}

impl<Tables, ST: TypedExpressionType> AppearsOnTable<Tables> for Fixed<ST> {}

impl<Tables, ST: TypedExpressionType> SelectableExpression<Tables> for Fixed<ST> {}

impl<Grouped, ST> ValidGrouping<Grouped> for Fixed<ST> {
    type IsAggregate = is_aggregate::Never;
}
