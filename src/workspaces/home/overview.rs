//! What the start page knows beside its cards: bounded everywhere, so that a million contacts cost what ten do.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use platform::Result;
use platform::db::Tx;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// A record that I changed lately.
#[derive(Clone, Debug, QueryableByName, Serialize)]
pub struct Recent {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Text)]
    pub title: String,
    #[diesel(sql_type = Text)]
    pub subtitle: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub owner_id: Option<Uuid>,
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
}

impl Recent {
    /// Of the last things that I did. What an import or an act on many rows did in my name is not what I am working on.
    pub fn of(tx: &mut Tx, me: Uuid) -> Result<Vec<Recent>> {
        const SQL: &str = "
select r.id, r.kind, r.title, r.subtitle, r.owner_id, max(e.at) at
from (select workspace_id, record_id, kind, act_id, at from events where actor_id = $1 order by seq desc limit 200) e
join records r on r.workspace_id = e.workspace_id and r.id = e.record_id and r.archived_at is null
where e.kind not like '%.imported' and e.act_id is null
group by r.id, r.kind, r.title, r.subtitle, r.owner_id
order by at desc
limit 20";
        Ok(sql_query(SQL).bind::<SqlUuid, _>(me).load(&mut **tx)?)
    }
}

/// Long work that goes on without anybody waiting for it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Work {
    pub kind: String,
    pub id: Uuid,
    pub name: String,
    pub state: String,
    pub done: i64,
    pub total: i64,
}

/// What the page wants to know, as far as this member may.
pub struct Asked {
    pub imports: bool,
    pub campaigns: bool,
    /// Exports and bulk changes are shown to whoever asked for them.
    pub me: Uuid,
}

#[derive(Debug, QueryableByName)]
struct Row {
    #[diesel(sql_type = Jsonb)]
    work: Value,
    #[diesel(sql_type = Bool)]
    hidden: bool,
    #[diesel(sql_type = Bool)]
    demo: bool,
    #[diesel(sql_type = Bool)]
    brand: bool,
    #[diesel(sql_type = Bool)]
    deals: bool,
    #[diesel(sql_type = Bool)]
    campaigns: bool,
    #[diesel(sql_type = Bool)]
    contacts: bool,
    #[diesel(sql_type = Bool)]
    forms: bool,
    #[diesel(sql_type = Bool)]
    address: bool,
    #[diesel(sql_type = Bool)]
    colleagues: bool,
}

pub struct Overview {
    pub work: Vec<Work>,
    /// Whether I see no first steps any more.
    pub hidden: bool,
    /// Whether there is demo data; it counts for none of the steps.
    pub demo: bool,
    pub brand: bool,
    pub deals: bool,
    pub campaigns: bool,
    pub contacts: bool,
    pub forms: bool,
    pub address: bool,
    pub colleagues: bool,
}

const SQL: &str = "
select
  (select coalesce(jsonb_agg(w), '[]') from (
    (select 'import' kind, id, file_name as name, state, case when state = 'undoing' then undone + kept else position end as done,
        case when state = 'undoing' then created + updated else size end as total
      from imports where $1 and state in ('checking', 'running', 'undoing') order by updated_at desc limit 5)
    union all
    (select 'campaign', c.id, c.name, c.status, coalesce(n.sent + n.failed + n.skipped + n.held, 0), coalesce(n.recipients, 0)
      from campaigns c left join campaign_counts n on n.workspace_id = c.workspace_id and n.campaign_id = c.id
      where $2 and c.status in ('sending', 'paused') and c.archived_at is null order by c.updated_at desc limit 5)
    union all
    (select 'work', id, title, state, case when state = 'undoing' then undone + kept else done end, total
      from works where person_id = $3 and state in ('running', 'undoing') order by created_at desc limit 5)) w) as work,
  exists (select 1 from hidden_steps where person_id = $3) hidden,
  exists (select 1 from demo_records) demo,
  exists (select 1 from contacts c where c.archived_at is null and not exists (
    select 1 from demo_records d where d.workspace_id = c.workspace_id and d.record_id = c.id)) contacts,
  exists (select 1 from deals c where c.archived_at is null and not exists (
    select 1 from demo_records d where d.workspace_id = c.workspace_id and d.record_id = c.id)) deals,
  exists (select 1 from forms) forms,
  exists (select 1 from campaigns where status in ('sending', 'paused', 'sent')) campaigns,
  (select postal_address <> '' from workspaces where id = current_workspace()) address,
  (select accent is not null from workspaces where id = current_workspace()) brand,
  (select count(*) > 1 from (select 1 from members limit 2) m) colleagues";

impl Overview {
    pub fn load(tx: &mut Tx, asked: &Asked) -> Result<Overview> {
        let row: Row = sql_query(SQL)
            .bind::<Bool, _>(asked.imports)
            .bind::<Bool, _>(asked.campaigns)
            .bind::<SqlUuid, _>(asked.me)
            .get_result(&mut **tx)?;
        Ok(Overview {
            work: serde_json::from_value(row.work)?,
            hidden: row.hidden,
            demo: row.demo,
            brand: row.brand,
            deals: row.deals,
            campaigns: row.campaigns,
            contacts: row.contacts,
            forms: row.forms,
            address: row.address,
            colleagues: row.colleagues,
        })
    }
}
