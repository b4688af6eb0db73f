//! Whom a segment is made of, as a condition on contacts, and queries that hold it.

use diesel::RunQueryDsl;
use diesel::pg::{Pg, PgConnection};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Uuid as SqlUuid};
use platform::Result;
use platform::db::Tx;
use platform::filter::Predicate;
use uuid::Uuid;

/// A condition on rows of `contacts`.
#[derive(Clone, Debug)]
pub enum Audience {
    Matching(Predicate),
    Members(Uuid),
}

impl QueryFragment<Pg> for Audience {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        match self {
            Audience::Matching(predicate) => predicate.walk_ast(out),
            Audience::Members(segment) => {
                out.push_sql(
                    "exists (select from segment_members sm where sm.workspace_id = contacts.workspace_id \
                     and sm.contact_id = contacts.id and sm.segment_id = ",
                );
                out.push_bind_param::<SqlUuid, _>(segment)?;
                out.push_sql(")");
                Ok(())
            }
        }
    }
}

impl Audience {
    /// How many contacts there are, exactly; a count that takes too long is given up with a sentence.
    pub fn count(&self, tx: &mut Tx) -> Result<i64> {
        capped(tx, |tx| Ok(Counting(self).get_result(&mut **tx)?))
    }
}

/// Runs `work` with a limit on the time of each statement.
fn capped<T>(tx: &mut Tx, work: impl FnOnce(&mut Tx) -> Result<T>) -> Result<T> {
    use diesel::connection::SimpleConnection;
    tx.batch_execute("set local statement_timeout = '8s'")?;
    let value = work(tx)?;
    tx.batch_execute("set local statement_timeout = '30s'")?;
    Ok(value)
}

struct Counting<'a>(&'a Audience);

impl QueryFragment<Pg> for Counting<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("select count(*) from contacts where contacts.archived_at is null and ");
        self.0.walk_ast(out.reborrow())
    }
}

impl QueryId for Counting<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Counting<'_> {
    type SqlType = BigInt;
}

impl RunQueryDsl<PgConnection> for Counting<'_> {}
