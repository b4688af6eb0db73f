//! The newest events of a record and of those that were merged into it.

use diesel::dsl::AsSelect;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Uuid as SqlUuid};
use uuid::Uuid;

use super::Event;

/// Each of the records is asked for its newest by the index, so that one that nothing was merged into costs what it always
/// did. Its own type, because the statement is then prepared once a connection.
pub struct OfRecord {
    pub record: Uuid,
    /// The `seq` of the last one already shown.
    pub before: i64,
    pub limit: i64,
}

impl QueryFragment<Pg> for OfRecord {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "select e.id, e.seq, e.kind, e.record_kind, e.record_id, e.title, e.actor_id, e.actor_name, e.changes, e.data, \
             e.ip, e.user_agent, e.request_id, e.at from (select ",
        );
        out.push_bind_param::<SqlUuid, _>(&self.record)?;
        out.push_sql(" union all select record_id from merged_records where into_id = ");
        out.push_bind_param::<SqlUuid, _>(&self.record)?;
        out.push_sql(
            ") r (id) cross join lateral (select * from events where record_id = r.id and seq < ",
        );
        out.push_bind_param::<BigInt, _>(&self.before)?;
        out.push_sql(" order by seq desc limit ");
        out.push_bind_param::<BigInt, _>(&self.limit)?;
        out.push_sql(") e order by e.seq desc limit ");
        out.push_bind_param::<BigInt, _>(&self.limit)?;
        Ok(())
    }
}

impl QueryId for OfRecord {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for OfRecord {
    type SqlType = <AsSelect<Event, Pg> as Expression>::SqlType;
}

impl RunQueryDsl<PgConnection> for OfRecord {}
