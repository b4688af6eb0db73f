//! Looking through all records of a kind: PostgreSQL finds who has something in common, the judge says who is the same.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Uuid as SqlUuid};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::judge::{Face, judge};
use super::likeness::LEAST;
use super::{Likened, Pair};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::jobs::{Job, JobContext, Queue, Schedule, Sweep, queue};
use crate::records::work::{Asker, State, Work};
use crate::schema::{duplicate_pairs, duplicate_scans};

/// So many pairs are judged at a time.
const A_PORTION: usize = 5_000;
const LONGEST: Duration = Duration::from_secs(1_800);

/// When a kind was last looked through, and what came of it.
#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = duplicate_scans, check_for_backend(diesel::pg::Pg))]
pub struct Scan {
    pub scan_id: Uuid,
    pub started_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    pub compared: i64,
    pub found: i64,
    pub passed_over: i64,
}

impl Scan {
    pub fn last(tx: &mut Tx, kind: &str) -> Result<Option<Scan>> {
        Ok(duplicate_scans::table
            .filter(duplicate_scans::record_kind.eq(kind))
            .select(Scan::as_select())
            .first(&mut **tx)
            .optional()?)
    }

    /// Looks through all that there are, whoever owns them, and leaves the pairs that look like the same. `tell` hears how
    /// many steps of how many are done.
    pub fn run<T: Likened>(tx: &mut Tx, mut tell: impl FnMut(i64, i64, i64)) -> Result<Scan> {
        if !tx.is_alone_at(&format!("duplicates {}", T::KIND))? {
            return Err(Error::Conflict(
                "They are being looked through just now.".into(),
            ));
        }
        tx.batch_execute(
            "set local statement_timeout = '10min'; set local work_mem = '64MB';
             create temp table candidates (a uuid not null, b uuid not null) on commit drop",
        )?;
        tx.batch_execute(&format!(
            "create temp table compared on commit drop as {}; analyze compared",
            T::COMPARED
        ))?;
        let (id, started_at) = (Uuid::now_v7(), tx.now);
        let steps = T::BLOCKS.len() as i64 + 2;
        let compared = count(tx, "compared")?;
        let mut passed_over = 0;
        for (n, block) in T::BLOCKS.iter().enumerate() {
            tell(n as i64 + 1, steps, compared);
            passed_over += gather(tx, block)?;
        }
        tell(steps - 1, steps, compared);
        let found = judge_all::<T>(tx, id)?;
        let gone = duplicate_pairs::table
            .filter(duplicate_pairs::record_kind.eq(T::KIND))
            .filter(duplicate_pairs::state.eq("open"))
            .filter(duplicate_pairs::scan_id.is_distinct_from(id));
        diesel::delete(gone).execute(&mut **tx)?;
        tx.batch_execute("drop table candidates; drop table compared")?;
        let scan = Scan {
            scan_id: id,
            started_at,
            finished_at: Some(crate::clock::now()),
            compared,
            found,
            passed_over,
        };
        scan.keep(tx, T::KIND)?;
        Ok(scan)
    }

    fn keep(&self, tx: &mut Tx, kind: &str) -> Result<()> {
        let columns = (
            duplicate_scans::scan_id.eq(self.scan_id),
            duplicate_scans::started_at.eq(self.started_at),
            duplicate_scans::finished_at.eq(self.finished_at),
            duplicate_scans::compared.eq(self.compared),
            duplicate_scans::found.eq(self.found),
            duplicate_scans::passed_over.eq(self.passed_over),
        );
        let workspace = tx.workspace;
        diesel::insert_into(duplicate_scans::table)
            .values((
                duplicate_scans::workspace_id.eq(workspace),
                duplicate_scans::record_kind.eq(kind),
                columns,
            ))
            .on_conflict((duplicate_scans::workspace_id, duplicate_scans::record_kind))
            .do_update()
            .set(columns)
            .execute(&mut **tx)?;
        Ok(())
    }
}

fn count(tx: &mut Tx, table: &str) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Counted {
        #[diesel(sql_type = BigInt)]
        rows: i64,
    }
    let counted: Counted =
        sql_query(format!("select count(*) as rows from {table}")).get_result(&mut **tx)?;
    Ok(counted.rows)
}

/// The pairs of each group of a block; gives how many groups were passed over.
fn gather(tx: &mut Tx, block: &super::Block) -> Result<i64> {
    let super::Block { by, most, .. } = block;
    let alike = match block.alike {
        true => " where a.name = b.name or similarity(a.name, b.name) >= 0.6",
        false => "",
    };
    tx.batch_execute(&format!(
        "create temp table groups on commit drop as
           select k, count(*) n from (select ({by})::text as k from compared) c where k is not null group by k having count(*) > 1;
         analyze groups;
         with keyed as (select c.id, c.name, c.k from (select id, name, ({by})::text as k from compared) c join groups g on g.k = c.k and g.n <= {most})
         insert into candidates select a.id, b.id from keyed a join keyed b on b.k = a.k and a.id < b.id{alike};"
    ))?;
    let passed_over = count(tx, &format!("groups where n > {most}"))?;
    tx.batch_execute("drop table groups")?;
    tracing::debug!(
        block = block.name,
        passed_over,
        "duplicates were looked for"
    );
    Ok(passed_over)
}

#[derive(Clone, Copy, QueryableByName)]
struct Two {
    #[diesel(sql_type = SqlUuid)]
    a: Uuid,
    #[diesel(sql_type = SqlUuid)]
    b: Uuid,
}

/// Judges the candidates, a portion at a time; gives how many look like the same.
fn judge_all<T: Likened>(tx: &mut Tx, scan: Uuid) -> Result<i64> {
    tx.batch_execute(
        "declare judged no scroll cursor for select distinct a, b from candidates order by a, b",
    )?;
    let mut found = 0;
    loop {
        let portion: Vec<Two> =
            sql_query(format!("fetch {A_PORTION} from judged")).load(&mut **tx)?;
        if portion.is_empty() {
            break;
        }
        let mut ids: Vec<Uuid> = portion.iter().flat_map(|two| [two.a, two.b]).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut faces = T::faces(tx, &ids)?;
        faces.sort_unstable_by_key(|face| face.id);
        let face = |id: &Uuid| -> Option<&Face> {
            let at = faces.binary_search_by_key(id, |face| face.id).ok()?;
            faces.get(at)
        };
        let verdicts = portion.iter().filter_map(|two| {
            let verdict = judge(face(&two.a)?, face(&two.b)?)?;
            (verdict.score >= LEAST).then_some((two.a, two.b, verdict))
        });
        let verdicts: Vec<_> = verdicts.collect();
        found += verdicts.len() as i64;
        Pair::keep(tx, T::KIND, &verdicts, Some(scan))?;
    }
    tx.batch_execute("close judged")?;
    Ok(found)
}

/// Each night, in every workspace.
pub fn schedule<T: Likened>() -> Schedule {
    let (name, label) = T::SCAN;
    Schedule::daily_at(name, label, 3, nightly::<T>).within(LONGEST)
}

async fn nightly<T: Likened>(sweep: Sweep) -> Result<String> {
    let swept = sweep
        .each(|tx| Ok(Scan::run::<T>(tx, |_, _, _| {})?.found))
        .await?;
    Ok(format!("{} pairs look alike", swept.total))
}

/// What somebody asked for and watches.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub struct ScanNow<T> {
    work: Uuid,
    #[serde(skip)]
    of: PhantomData<fn() -> T>,
}

impl<T> ScanNow<T> {
    pub fn of(work: Uuid) -> ScanNow<T> {
        ScanNow {
            work,
            of: PhantomData,
        }
    }
}

impl<T: Likened> Job for ScanNow<T> {
    const QUEUE: Queue = queue::BULK;
    const NAME: &'static str = T::SCAN.0;
    const TIMEOUT: Duration = LONGEST;

    async fn run(self, ctx: JobContext) -> Result<()> {
        let right = |_: &Work| Ok("edit");
        let Some((asker, work)) = Asker::of(&ctx, self.work, State::Running, right).await? else {
            return Ok(());
        };
        let (app, workspace) = (ctx.app.clone(), asker.subject.workspace);
        let progress = work.progress(&app, workspace, &asker.slug);
        let progress = Arc::new(Mutex::new(progress));
        let (told, id) = (progress.clone(), self.work);
        let done = ctx.tx(move |tx| {
            let scan = Scan::run::<T>(tx, |step, steps, records| {
                let mut bar = told.lock();
                bar.of(records.max(1));
                let far = records * step / steps;
                bar.show(far, far);
            })?;
            // Stopped meanwhile: then nothing of it is kept.
            let held = Work::held(tx, id, State::Running)?;
            let mut work = held.ok_or_else(|| Error::Conflict("It was stopped.".into()))?;
            (work.total, work.done) = (scan.compared, scan.compared);
            work.skipped = scan.compared - scan.found.min(scan.compared);
            if let Some(work) = work.went_on(tx)? {
                work.finish(tx, State::Done, true)?;
            }
            Ok(())
        });
        let done = done.await;
        if let Err(error) = &done
            && (ctx.is_last_attempt() || error.status().is_client_error())
        {
            let sentence = error.to_string();
            let failed = ctx
                .tx(move |tx| match Work::at_work(tx, id, State::Running)? {
                    Some(work) => work.fail(tx, &sentence).map(drop),
                    None => Ok(()),
                })
                .await;
            if let Err(error) = failed {
                tracing::warn!(?error, "a failure could not be told");
            }
        }
        asker.ring().await;
        work.progress(&app, workspace, &asker.slug).ended();
        match done {
            Err(error) if error.status().is_client_error() => Ok(()),
            done => done,
        }
    }
}
