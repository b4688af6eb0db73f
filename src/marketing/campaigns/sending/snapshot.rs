//! Whom a campaign goes to, fixed by one statement when its sending begins.

use diesel::connection::SimpleConnection;
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::Uuid as SqlUuid;
use platform::db::Tx;
use platform::records::Editable;
use platform::schema::campaigns;
use platform::{Error, Result};
use uuid::Uuid;

use crate::marketing::campaigns::campaign::Campaign;
use crate::marketing::campaigns::review::Addressees;
use crate::marketing::segments::Segment;

struct Snapshot<'a> {
    campaign: Uuid,
    addressees: Addressees<'a>,
}

impl QueryFragment<Pg> for Snapshot<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "insert into campaign_recipients (id, campaign_id, contact_id, email, status, error) select new_id(), ",
        );
        out.push_bind_param::<SqlUuid, _>(&self.campaign)?;
        out.push_sql(", a.contact_id, a.email, case when a.reason is null then 'pending' else 'skipped' end, coalesce(a.reason, '') from (");
        self.addressees.walk_ast(out.reborrow())?;
        out.push_sql(") a");
        Ok(())
    }
}

impl QueryId for Snapshot<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl RunQueryDsl<PgConnection> for Snapshot<'_> {}

impl Campaign {
    /// Fixes the recipients, once; after that the segment may change as it likes.
    pub fn fix_recipients(&self, tx: &mut Tx) -> Result<()> {
        // Two runs may meet here; the second finds it done.
        let fixed: Option<chrono::DateTime<chrono::Utc>> = campaigns::table
            .filter(campaigns::id.eq(self.id))
            .select(campaigns::snapshot_at)
            .for_update()
            .first(&mut **tx)?;
        if fixed.is_some() {
            return Ok(());
        }
        let segment = self
            .segment_id
            .ok_or_else(|| Error::Conflict("The campaign has no segment.".into()))?;
        let audience = Segment::find(tx, segment)?.audience(tx)?;
        tx.batch_execute("set local statement_timeout = '600s'")?;
        Snapshot {
            campaign: self.id,
            addressees: Addressees {
                audience: &audience,
                topic: self.topic_id,
            },
        }
        .execute(&mut **tx)?;
        diesel::update(campaigns::table.filter(campaigns::id.eq(self.id)))
            .set(campaigns::snapshot_at.eq(tx.now))
            .execute(&mut **tx)?;
        Ok(())
    }
}
