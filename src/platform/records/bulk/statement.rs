//! A statement put together from SQL of ours, a list's condition, and bound values.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Untyped, Uuid as SqlUuid};
use uuid::Uuid;

use crate::records::list::Matching;

#[derive(Default)]
pub struct Statement(Vec<Part>);

enum Part {
    Sql(String),
    Matching(Box<Matching>),
    Id(Option<Uuid>),
    Text(Option<String>),
    Whole(i64),
    At(DateTime<Utc>),
}

impl Statement {
    pub fn sql(&mut self, sql: impl Into<String>) -> &mut Statement {
        self.0.push(Part::Sql(sql.into()));
        self
    }
    pub fn all(&mut self, other: Statement) -> &mut Statement {
        self.0.extend(other.0);
        self
    }
    pub fn matching(&mut self, matching: Matching) -> &mut Statement {
        self.0.push(Part::Matching(Box::new(matching)));
        self
    }
    pub fn id(&mut self, id: Option<Uuid>) -> &mut Statement {
        self.0.push(Part::Id(id));
        self
    }
    pub fn text(&mut self, text: impl Into<String>) -> &mut Statement {
        self.maybe(Some(text.into()))
    }
    pub fn maybe(&mut self, text: Option<String>) -> &mut Statement {
        self.0.push(Part::Text(text));
        self
    }
    pub fn whole(&mut self, number: i64) -> &mut Statement {
        self.0.push(Part::Whole(number));
        self
    }
    pub fn at(&mut self, at: DateTime<Utc>) -> &mut Statement {
        self.0.push(Part::At(at));
        self
    }
}

impl QueryFragment<Pg> for Statement {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        for part in &self.0 {
            match part {
                Part::Sql(sql) => out.push_sql(sql),
                Part::Matching(matching) => matching.walk_ast(out.reborrow())?,
                Part::Id(id) => out.push_bind_param::<Nullable<SqlUuid>, _>(id)?,
                Part::Text(text) => out.push_bind_param::<Nullable<Text>, _>(text)?,
                Part::Whole(number) => out.push_bind_param::<BigInt, _>(number)?,
                Part::At(at) => out.push_bind_param::<Timestamptz, _>(at)?,
            }
        }
        Ok(())
    }
}

impl QueryId for Statement {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Statement {
    type SqlType = Untyped;
}

impl RunQueryDsl<PgConnection> for Statement {}
