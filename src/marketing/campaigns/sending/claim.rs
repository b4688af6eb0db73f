//! Taking the next recipients of a campaign, and looking once more whether they still want mail.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use platform::Result;
use platform::db::Tx;
use serde_json::Value;
use uuid::Uuid;

use crate::marketing::audience::FIELDS;
use crate::marketing::wanted::{WHY_NOT, known_of};

pub const BATCH: i64 = 500;

/// A recipient with everything that a mail to him needs.
#[derive(Clone, Debug, QueryableByName)]
pub struct Claimed {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub email: String,
    /// The merge fields; null where the contact is gone since.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub contact: Option<Value>,
    /// Why he gets nothing after all.
    #[diesel(sql_type = Nullable<Text>)]
    pub reason: Option<String>,
}

impl Claimed {
    /// Takes the next batch behind `after`, for as long as the campaign is being sent and the run is the one that
    /// sends it; those who want no mail any more are settled at once. Gives what is to be sent and where to go on.
    pub fn next(
        tx: &mut Tx,
        campaign: Uuid,
        run: Uuid,
        node: Uuid,
        after: Uuid,
    ) -> Result<(Vec<Claimed>, Option<Uuid>)> {
        let claim = format!(
            "with running as (
               update campaign_runs set seen_at = $5 where campaign_id = $1 and run_id = $2
                 and exists (select from campaigns where id = $1 and status = 'sending') returning campaign_id),
             picked as (
               select id from campaign_recipients
               where campaign_id = $1 and status = 'pending' and id > $4 and (not_before is null or not_before <= $5)
                 and exists (select from running)
               order by workspace_id, campaign_id, id limit {BATCH} for update skip locked),
             claimed as (
               update campaign_recipients r set status = 'claimed', claimed_by = $3 from picked p
               where r.id = p.id returning r.id, r.contact_id, r.email, r.campaign_id)
             select r.id, r.email, case when contacts.id is null then null else {FIELDS} end as contact,
               {WHY_NOT} as reason
             from claimed r left join campaigns c on c.id = r.campaign_id
             left join contacts on contacts.id = r.contact_id {known} c.topic_id",
            known = known_of("r.email")
        );
        let claimed: Vec<Claimed> = sql_query(claim)
            .bind::<SqlUuid, _>(campaign)
            .bind::<SqlUuid, _>(run)
            .bind::<SqlUuid, _>(node)
            .bind::<SqlUuid, _>(after)
            .bind::<Timestamptz, _>(tx.now)
            .load(&mut **tx)?;
        let last = claimed.iter().map(|c| c.id).max();
        let (left_out, wanted): (Vec<_>, Vec<_>) =
            claimed.into_iter().partition(|c| c.reason.is_some());
        if !left_out.is_empty() {
            skip(tx, &left_out)?;
        }
        Ok((wanted, last))
    }
}

fn skip(tx: &mut Tx, left_out: &[Claimed]) -> Result<()> {
    let ids: Vec<Uuid> = left_out.iter().map(|c| c.id).collect();
    let reasons: Vec<&str> = left_out
        .iter()
        .filter_map(|c| c.reason.as_deref())
        .collect();
    sql_query(
        "update campaign_recipients r set status = 'skipped', error = v.reason, claimed_by = null \
         from unnest($1, $2) as v (id, reason) where r.id = v.id",
    )
    .bind::<diesel::sql_types::Array<SqlUuid>, _>(ids)
    .bind::<diesel::sql_types::Array<Text>, _>(reasons)
    .execute(&mut **tx)?;
    Ok(())
}

#[derive(QueryableByName)]
struct Left {
    #[diesel(sql_type = BigInt)]
    waiting: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    next: Option<chrono::DateTime<chrono::Utc>>,
}

/// Whether recipients are left, and from when on the first of them may be tried again.
pub fn left(tx: &mut Tx, campaign: Uuid) -> Result<(bool, Option<chrono::DateTime<chrono::Utc>>)> {
    let left: Left = sql_query(
        "select count(*) as waiting, min(coalesce(not_before, now())) as next from ( \
           select not_before from campaign_recipients \
           where campaign_id = $1 and status in ('pending', 'claimed') limit 1000) l",
    )
    .bind::<SqlUuid, _>(campaign)
    .get_result(&mut **tx)?;
    Ok((left.waiting > 0, left.next))
}
