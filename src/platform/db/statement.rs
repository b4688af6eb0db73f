//! A statement put together from SQL of ours, a list's condition, and bound values.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{
    Array, BigInt, Date, Nullable, Text, Timestamptz, Untyped, Uuid as SqlUuid,
};
use uuid::Uuid;

use crate::filter::Predicate;
use crate::records::list::Matching;

/// Read and run like any query of Diesel's. Unless it is [`kept`](Statement::kept), each is planned anew.
#[derive(Default)]
pub struct Statement {
    parts: Vec<Part>,
    kept: bool,
}

enum Part {
    Sql(Cow<'static, str>),
    Matching(Box<Matching>),
    Holds(Predicate),
    Id(Option<Uuid>),
    Ids(Option<Vec<Uuid>>),
    Text(Option<String>),
    Whole(i64),
    At(DateTime<Utc>),
    Day(NaiveDate),
    Ats(Vec<DateTime<Utc>>),
}

impl Statement {
    /// One of few texts, which connections keep prepared: planning often costs more than running.
    pub fn kept() -> Statement {
        Statement {
            kept: true,
            ..Statement::default()
        }
    }

    pub fn sql(&mut self, sql: impl Into<Cow<'static, str>>) -> &mut Statement {
        self.parts.push(Part::Sql(sql.into()));
        self
    }
    pub fn all(&mut self, other: Statement) -> &mut Statement {
        self.parts.extend(other.parts);
        self
    }
    pub fn matching(&mut self, matching: Matching) -> &mut Statement {
        self.parts.push(Part::Matching(Box::new(matching)));
        self
    }
    /// What a filter asks for, over the tables of its catalogue.
    pub fn holds(&mut self, predicate: Predicate) -> &mut Statement {
        self.parts.push(Part::Holds(predicate));
        self
    }
    pub fn id(&mut self, id: Option<Uuid>) -> &mut Statement {
        self.parts.push(Part::Id(id));
        self
    }
    pub fn ids(&mut self, ids: Option<Vec<Uuid>>) -> &mut Statement {
        self.parts.push(Part::Ids(ids));
        self
    }
    pub fn text(&mut self, text: impl Into<String>) -> &mut Statement {
        self.maybe(Some(text.into()))
    }
    pub fn maybe(&mut self, text: Option<String>) -> &mut Statement {
        self.parts.push(Part::Text(text));
        self
    }
    pub fn whole(&mut self, number: i64) -> &mut Statement {
        self.parts.push(Part::Whole(number));
        self
    }
    pub fn at(&mut self, at: DateTime<Utc>) -> &mut Statement {
        self.parts.push(Part::At(at));
        self
    }
    pub fn day(&mut self, day: NaiveDate) -> &mut Statement {
        self.parts.push(Part::Day(day));
        self
    }
    pub fn ats(&mut self, all: Vec<DateTime<Utc>>) -> &mut Statement {
        self.parts.push(Part::Ats(all));
        self
    }
}

impl QueryFragment<Pg> for Statement {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if !self.kept {
            out.unsafe_to_cache_prepared();
        }
        for part in &self.parts {
            match part {
                Part::Sql(sql) => out.push_sql(sql),
                Part::Matching(matching) => matching.walk_ast(out.reborrow())?,
                Part::Holds(predicate) => predicate.walk_ast(out.reborrow())?,
                Part::Id(id) => out.push_bind_param::<Nullable<SqlUuid>, _>(id)?,
                Part::Ids(ids) => out.push_bind_param::<Nullable<Array<SqlUuid>>, _>(ids)?,
                Part::Text(text) => out.push_bind_param::<Nullable<Text>, _>(text)?,
                Part::Whole(number) => out.push_bind_param::<BigInt, _>(number)?,
                Part::At(at) => out.push_bind_param::<Timestamptz, _>(at)?,
                Part::Day(day) => out.push_bind_param::<Date, _>(day)?,
                Part::Ats(all) => out.push_bind_param::<Array<Timestamptz>, _>(all)?,
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
