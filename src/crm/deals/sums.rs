//! What the open deals add up to. The database keeps that with every write (`deal_sums`), so that a board or a forecast
//! of many deals opens at once; what somebody narrows down is added up when it is asked for.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Date, Integer, Nullable, Text, Uuid as SqlUuid};
use platform::Result;
use platform::db::{Scope, Statement, Tx};
use platform::jobs::{Schedule, Sweep};
use platform::records::list::ListParams;
use uuid::Uuid;

/// Sums beyond what a bigint holds are shown as the most that one holds.
const AMOUNT: &str = "least(sum(amount), 9223372036854775807)::bigint as amount";

/// Whether all open deals are asked for that one may see.
fn are_kept(params: &ListParams) -> bool {
    params.search.is_empty()
        && params.predicate.is_none()
        && params.ids.is_empty()
        && !params.archived
}

/// The kept sums of the deals that one may see.
fn kept(tx: &Tx, s: &mut Statement) {
    s.sql(" from deal_sums where true");
    if let Some(people) = tx.scope.owners() {
        s.sql(" and owner_id = any(")
            .ids(Some(people.to_vec()))
            .sql(")");
    }
}

/// What is asked for often is kept prepared; what somebody narrows down has a text of its own.
fn statement(are_kept: bool) -> Statement {
    match are_kept {
        true => Statement::kept(),
        false => Statement::default(),
    }
}

/// Of the deals of a stage `s` that have ended only those that did since then.
pub fn ended(since: Option<DateTime<Utc>>, s: &mut Statement) {
    if let Some(since) = since {
        // Compares the column that the index of a board's column is sorted by, so that the index serves.
        s.sql(" and deals.stage_since > case s.kind when 'open' then '-infinity' else ")
            .at(since)
            .sql("::timestamptz end");
    }
}

/// What the deals of a stage add up to in one currency.
#[derive(Clone, Debug, QueryableByName)]
pub struct OfStage {
    #[diesel(sql_type = SqlUuid)]
    pub stage_id: Uuid,
    #[diesel(sql_type = Text)]
    pub currency: String,
    #[diesel(sql_type = BigInt)]
    pub count: i64,
    /// In the minor unit of the currency.
    #[diesel(sql_type = BigInt)]
    pub amount: i64,
}

impl OfStage {
    /// For all stages of a pipeline, the commonest currency first. Of the deals that have ended, those count that did
    /// since `ended_since`.
    pub fn load(
        tx: &mut Tx,
        pipeline: Uuid,
        params: &ListParams,
        ended_since: Option<DateTime<Utc>>,
    ) -> Result<Vec<OfStage>> {
        let are_kept = are_kept(params);
        let mut s = statement(are_kept);
        s.sql("select s.id as stage_id, d.* from stages s cross join lateral (");
        if are_kept {
            s.sql(format!(
                "select currency, sum(count)::bigint as count, {AMOUNT}"
            ));
            kept(tx, &mut s);
            s.sql(" and s.kind = 'open' and stage_id = s.id group by currency having sum(count) > 0 union all ");
        }
        s.sql(format!(
            "select currency, count(*) as count, {AMOUNT} from deals \
             where deals.workspace_id = s.workspace_id and deals.stage_id = s.id and "
        ))
        .matching(params.matching(&tx.scope, "deals"));
        if are_kept {
            s.sql(" and s.kind <> 'open'");
        }
        ended(ended_since, &mut s);
        s.sql(" group by currency) d where s.pipeline_id = ")
            .id(Some(pipeline))
            .sql(" order by s.position, d.count desc, d.currency");
        Ok(s.load(&mut **tx)?)
    }
}

impl OfStage {
    /// What is open in all stages, of these people or of everybody, as far as `scope` reaches.
    pub fn open(tx: &mut Tx, scope: &Scope, people: Option<Vec<Uuid>>) -> Result<Vec<OfStage>> {
        let mut s = Statement::kept();
        s.sql(format!(
            "select stage_id, currency, sum(count)::bigint as count, {AMOUNT} from deal_sums where true"
        ));
        for owners in scope
            .owners()
            .map(<[Uuid]>::to_vec)
            .into_iter()
            .chain(people)
        {
            s.sql(" and owner_id = any(").ids(Some(owners)).sql(")");
        }
        s.sql(" group by stage_id, currency having sum(count) > 0");
        Ok(s.load(&mut **tx)?)
    }
}

/// What the open deals of a month, an owner, a currency and a probability add up to.
#[derive(QueryableByName)]
pub struct OfMonth {
    /// The first day of it.
    #[diesel(sql_type = Date)]
    pub month: NaiveDate,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub owner_id: Option<Uuid>,
    #[diesel(sql_type = Text)]
    pub currency: String,
    #[diesel(sql_type = Integer)]
    pub probability: i32,
    #[diesel(sql_type = BigInt)]
    pub count: i64,
    #[diesel(sql_type = BigInt)]
    pub amount: i64,
}

impl OfMonth {
    /// All months before `until`, the first day of one.
    pub fn load(tx: &mut Tx, params: &ListParams, until: NaiveDate) -> Result<Vec<OfMonth>> {
        let are_kept = are_kept(params);
        let mut s = statement(are_kept);
        s.sql("select d.month, d.owner_id, d.currency, s.probability, sum(d.count)::bigint as count, ")
            .sql(AMOUNT)
            .sql(" from (select stage_id, owner_id, currency, ");
        if are_kept {
            s.sql("month, count, amount");
            kept(tx, &mut s);
            s.sql(" and month < ").day(until);
        } else {
            s.sql("deal_month(closes_on) as month, 1 as count, amount from deals where deals.status = 'open' and closes_on < ")
                .day(until)
                .sql(" and ")
                .matching(params.matching(&tx.scope, "deals"));
        }
        s.sql(") d join stages s on s.id = d.stage_id group by 1, 2, 3, 4 having sum(d.count) > 0");
        Ok(s.load(&mut **tx)?)
    }
}

pub fn schedule() -> Schedule {
    let label = "Join what changed in the sums of deals";
    Schedule::every("deals.join_sums", label, 300, |sweep: Sweep| async move {
        let swept = sweep.each(join).await?;
        Ok(format!("{} rows joined", swept.total))
    })
}

/// Makes one row of all rows of a sum, where there are so many that reading them costs.
pub(super) fn join(tx: &mut Tx) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Joined {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let joined = sql_query(
        "with many as (select from deal_sums having count(*) > 200 + 2 * count(distinct (stage_id, owner_id, currency, month))),
          gone as (delete from deal_sums where exists (select from many) returning stage_id, owner_id, currency, month, count, amount),
          made as (insert into deal_sums (stage_id, owner_id, currency, month, count, amount)
            select stage_id, owner_id, currency, month, sum(count), sum(amount) from gone group by 1, 2, 3, 4
            having sum(count) <> 0 or sum(amount) <> 0)
        select count(*) from gone",
    );
    Ok(joined.get_result::<Joined>(&mut **tx)?.count)
}
