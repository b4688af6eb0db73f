//! The index of a custom field that people filter by: its values in `custom_values`, beside the records that hold them.
//!
//! Whoever filters by a field first asks for it. From then on triggers keep there what is written, and a job adds what was
//! written before; filters use it once all is there.

use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Nullable, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::CustomField;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::events::Changes;
use crate::filter::{Context, Filter};
use crate::jobs::{Job, JobContext, Queue, queue};
use crate::records::kinds::Kind;
use crate::records::setup::Setup;
use crate::schema::custom_fields;

const PORTION: i64 = 5_000;
/// How often a second is waited for those who write without knowing of the index yet, before the job is put off.
const WAITS: usize = 20;

/// The fields of `filter` that an index would serve and that nobody has asked to have one yet.
pub fn wanting(setup: &Setup, kind: &Kind, filter: &Filter, context: &Context) -> Vec<Uuid> {
    let keys = filter.indexable(context);
    let fields = setup.fields_of(kind.name).filter(|f| f.sought_at.is_none());
    let wanted = fields.filter(|field| keys.iter().any(|key| *key == field.name()));
    wanted.map(|field| field.id).collect()
}

impl CustomField {
    /// Asks for an index of each of these; what is written from now on is kept there.
    pub fn seek(tx: &mut Tx, ids: &[Uuid]) -> Result<()> {
        let unsought = custom_fields::table
            .filter(custom_fields::id.eq_any(ids))
            .filter(custom_fields::archived_at.is_null())
            .filter(custom_fields::sought_at.is_null());
        let now = tx.now;
        let fields: Vec<Uuid> = diesel::update(unsought)
            .set(custom_fields::sought_at.eq(now))
            .returning(custom_fields::id)
            .get_results(&mut **tx)?;
        if fields.is_empty() {
            return Ok(());
        }
        let since = current_transaction(tx)?;
        for field in fields {
            tx.enqueue(IndexField { field, since }.new_job());
        }
        Ok(())
    }

    fn indexed(&self, tx: &mut Tx) -> Result<()> {
        let here = custom_fields::table.filter(custom_fields::id.eq(self.id));
        // Not where it was put out of use meanwhile.
        let still = here.filter(custom_fields::sought_at.is_not_null());
        let now = tx.now;
        let done = diesel::update(still)
            .set(custom_fields::indexed_at.eq(now))
            .execute(&mut **tx)?;
        if done > 0 {
            let changes = Changes::none().set("indexed_at", self.indexed_at, Some(now));
            tx.note_event("custom_field.indexed", &self.label, changes)
                .with("custom_field", self.id)
                .with("record_kind", &self.record_kind);
        }
        Ok(())
    }
}

/// Adds the values that were there before the field was sought.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct IndexField {
    pub field: Uuid,
    /// The transaction that asked for it.
    pub since: i64,
}

impl Job for IndexField {
    const QUEUE: Queue = queue::MAINTENANCE;
    const NAME: &'static str = "records.index_field";
    const TIMEOUT: Duration = Duration::from_secs(3_600);

    async fn run(self, ctx: JobContext) -> Result<()> {
        let found = ctx.tx(move |tx| self.field(tx)).await?;
        let Some(field) = found.filter(|field| field.sought_at.is_some()) else {
            return Ok(());
        };
        let kind = ctx.app.kinds.get(&field.record_kind);
        let kind = *kind.ok_or(Error::NotFound)?;
        self.wait(&ctx).await?;
        let mut after = Uuid::nil();
        loop {
            let portion = ctx.tx(move |tx| self.fill(tx, &kind, after)).await?;
            match portion.last {
                Some(last) if portion.seen == PORTION => after = last,
                _ => break,
            }
        }
        ctx.tx(move |tx| field.indexed(tx)).await?;
        ctx.app.forget_setup(ctx.subject()?.workspace);
        Ok(())
    }
}

#[derive(QueryableByName)]
struct Portion {
    #[diesel(sql_type = BigInt)]
    seen: i64,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    last: Option<Uuid>,
}

impl IndexField {
    fn field(self, tx: &mut Tx) -> Result<Option<CustomField>> {
        let one = custom_fields::table.filter(custom_fields::id.eq(self.field));
        let one = one.select(CustomField::as_select());
        Ok(one.first(&mut **tx).optional()?)
    }

    /// A transaction that was under way when the field was sought writes records whose values no trigger keeps.
    async fn wait(self, ctx: &JobContext) -> Result<()> {
        for _ in 0..WAITS {
            if ctx.tx(move |tx| all_know(tx, self.since)).await? {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        Err(Error::internal(
            "a transaction from before the index was asked for is still under way",
        ))
    }

    fn fill(self, tx: &mut Tx, kind: &Kind, after: Uuid) -> Result<Portion> {
        let sql = format!(
            "with batch as (
               select workspace_id, id, custom from {} where workspace_id = current_workspace() and id > $2 order by id limit $3),
             added as (
               insert into custom_values (workspace_id, record_id, field_id, word, number)
               select b.workspace_id, b.id, f.id, w.word, w.number
               from batch b join custom_fields f on f.workspace_id = b.workspace_id and f.id = $1
                 cross join lateral custom_words(b.custom -> f.key) w
               on conflict do nothing)
             select (select count(*) from batch) as seen, (select id from batch order by id desc limit 1) as last",
            kind.table
        );
        Ok(sql_query(sql)
            .bind::<SqlUuid, _>(self.field)
            .bind::<SqlUuid, _>(after)
            .bind::<BigInt, _>(PORTION)
            .get_result(&mut **tx)?)
    }
}

fn current_transaction(tx: &mut Tx) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        id: i64,
    }
    let row: Row =
        sql_query("select pg_current_xact_id()::text::bigint as id").get_result(&mut **tx)?;
    Ok(row.id)
}

/// Whether every transaction that began before that one has ended.
fn all_know(tx: &mut Tx, since: i64) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        settled: bool,
    }
    let row: Row = sql_query(
        "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint > $1
           or pg_current_xact_id_if_assigned()::text::bigint = $1 as settled",
    )
    .bind::<BigInt, _>(since)
    .get_result(&mut **tx)?;
    Ok(row.settled)
}
