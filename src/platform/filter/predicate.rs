//! A compiled filter: SQL written in the program, and values bound between its pieces.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::result::QueryResult;
use diesel::sql_types::{Array, BigInt, Date, Jsonb, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::db::condition;

/// Beyond this many values the statement is not kept prepared: what people put together would fill the server's memory.
const PREPARED: usize = 12;

/// A condition on the rows of any query whose tables are those of the catalogue. Its text depends on the shape of the
/// filter alone, never on values.
#[derive(Clone, Debug, Default)]
pub struct Predicate {
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    Sql(&'static str),
    Bind(Bind),
}

/// A value with the SQL type that it is bound as.
#[derive(Clone, Debug)]
pub(super) enum Bind {
    Text(String),
    Texts(Vec<String>),
    Whole(i64),
    Id(Uuid),
    Ids(Vec<Uuid>),
    Day(NaiveDate),
    Instant(DateTime<Utc>),
    Json(Json),
    Jsons(Vec<Json>),
}

impl Predicate {
    pub(super) fn sql(&mut self, sql: &'static str) -> &mut Self {
        self.parts.push(Part::Sql(sql));
        self
    }

    pub(super) fn bind(&mut self, value: Bind) -> &mut Self {
        self.parts.push(Part::Bind(value));
        self
    }

    /// How many values are bound.
    pub fn binds(&self) -> usize {
        self.parts
            .iter()
            .filter(|part| matches!(part, Part::Bind(_)))
            .count()
    }
}

impl QueryFragment<Pg> for Predicate {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if self.binds() > PREPARED {
            out.unsafe_to_cache_prepared();
        }
        for part in &self.parts {
            match part {
                Part::Sql(sql) => out.push_sql(sql),
                Part::Bind(bind) => bind.push(&mut out)?,
            }
        }
        Ok(())
    }
}

impl Bind {
    fn push<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        match self {
            Self::Text(text) => out.push_bind_param::<Text, _>(text),
            Self::Texts(texts) => out.push_bind_param::<Array<Text>, _>(texts),
            Self::Whole(number) => out.push_bind_param::<BigInt, _>(number),
            Self::Id(id) => out.push_bind_param::<SqlUuid, _>(id),
            Self::Ids(ids) => out.push_bind_param::<Array<SqlUuid>, _>(ids),
            Self::Day(day) => out.push_bind_param::<Date, _>(day),
            Self::Instant(instant) => out.push_bind_param::<Timestamptz, _>(instant),
            Self::Json(json) => out.push_bind_param::<Jsonb, _>(json),
            Self::Jsons(jsons) => out.push_bind_param::<Array<Jsonb>, _>(jsons),
        }
    }
}

condition!(Predicate);
