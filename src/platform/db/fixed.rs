//! SQL of our own that is the same each time, and so may be prepared once a connection.
//!
//! Diesel's `sql()` is planned anew at every call, since it cannot know what stands in it.

use std::borrow::Cow;
use std::marker::PhantomData;

use diesel::expression::{
    AppearsOnTable, Expression, SelectableExpression, TypedExpressionType, ValidGrouping,
    is_aggregate,
};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};

/// An expression of the SQL type `ST`. Its text is code, never input: there are few of them, and each is kept prepared.
#[derive(Clone, Debug)]
pub struct Fixed<ST> {
    text: Cow<'static, str>,
    kind: PhantomData<ST>,
}

pub fn fixed<ST>(text: impl Into<Cow<'static, str>>) -> Fixed<ST> {
    Fixed {
        text: text.into(),
        kind: PhantomData,
    }
}

impl<ST> QueryFragment<Pg> for Fixed<ST> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
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
