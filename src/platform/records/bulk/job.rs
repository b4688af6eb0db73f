//! Acts on more records than a request may wait for, a thousand at a time, each of them whole, and
//! very many along two lanes at once: the database does the work, and one connection keeps one of its cores busy.

use std::iter;
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Uuid as SqlUuid};
use futures_util::future::try_join_all;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::handlers::tell_owner;
use super::{Ask, Portion};
use crate::db::{Statement, Tx};
use crate::error::{Error, Result};
use crate::jobs::{Job, JobContext, Queue, queue};
use crate::live::Progress;
use crate::records::kinds::Kind;
use crate::records::list::ListParams;
use crate::records::work::{AT_ONCE, Asker, Gone, Lane, State, Work};

#[derive(Serialize, Deserialize)]
pub struct RunBulk {
    pub work: Uuid,
}

#[derive(Serialize, Deserialize)]
pub struct UndoBulk {
    pub work: Uuid,
}

impl Job for RunBulk {
    const QUEUE: Queue = queue::BULK;
    const NAME: &'static str = "records.run_bulk";
    const TIMEOUT: Duration = Duration::from_secs(3_600);

    async fn run(self, ctx: JobContext) -> Result<()> {
        work(ctx, self.work, State::Running, State::Done).await
    }
}

impl Job for UndoBulk {
    const QUEUE: Queue = queue::BULK;
    const NAME: &'static str = "records.undo_bulk";
    const TIMEOUT: Duration = Duration::from_secs(3_600);

    async fn run(self, ctx: JobContext) -> Result<()> {
        work(ctx, self.work, State::Undoing, State::Undone).await
    }
}

async fn work(ctx: JobContext, id: Uuid, during: State, after: State) -> Result<()> {
    let right = |work: &Work| Ok(work.ask::<Ask>()?.act.right());
    let Some((asker, work)) = Asker::of(&ctx, id, during, right).await? else {
        return Ok(());
    };
    let result = go_through(&asker, work.clone(), during, after).await;
    if let Err(error) = &result
        && (ctx.is_last_attempt() || error.status().is_client_error())
    {
        let sentence = error.to_string();
        let failed = ctx
            .tx(move |tx| match Work::at_work(tx, id, during)? {
                Some(work) => work.fail(tx, &sentence).map(drop),
                None => Ok(()),
            })
            .await;
        if let Err(error) = failed {
            tracing::warn!(?error, "a failure could not be told");
        }
    }
    let (app, workspace) = (&ctx.app, asker.subject.workspace);
    app.dispatcher
        .tell_lists(app, workspace, asker.kind.collection);
    asker.ring().await;
    work.progress(app, workspace, &asker.slug).ended();
    result
}

/// Goes through all of it, along two lanes where it is very many.
async fn go_through(asker: &Asker, work: Work, during: State, after: State) -> Result<()> {
    let ask: Ask = work.ask()?;
    let catalogue = asker.setup.catalogue(&asker.kind);
    let params = ask.selection.params(&catalogue, asker.me, AT_ONCE)?;
    let (app, workspace) = (asker.door.app(), asker.subject.workspace);
    let progress = work.progress(app, workspace, &asker.slug);
    let going = Going {
        asker,
        ask,
        params,
        during,
        after,
        progress: Mutex::new(progress),
    };
    let Some(work) = going.set_out(work).await? else {
        return Ok(());
    };
    let lanes = work.lanes.0.iter().copied().enumerate();
    let open = lanes.filter(|(_, lane)| !lane.done);
    try_join_all(open.map(|(number, lane)| going.along(&work, number, lane))).await?;
    Ok(())
}

struct Going<'a> {
    asker: &'a Asker,
    ask: Ask,
    params: ListParams,
    during: State,
    after: State,
    progress: Mutex<Progress>,
}

impl Going<'_> {
    /// Counts what is to be done and divides it; what was begun before goes on where it was.
    async fn set_out(&self, work: Work) -> Result<Option<Work>> {
        if !work.lanes.0.is_empty() {
            return Ok(Some(work));
        }
        let (kind, params, during) = (self.asker.kind, self.params.clone(), self.during);
        let set_out = move |tx: &mut Tx| {
            let whole = match during {
                State::Undoing => changed_by(work.id),
                _ => rows_of(tx, &kind, &params),
            };
            let Outline { rows, middle } = Outline::of(tx, whole)?;
            let total = match during {
                State::Undoing => work.total,
                _ => rows,
            };
            let middle = middle.filter(|_| rows > 2 * AT_ONCE);
            let first = Lane {
                upto: middle,
                ..Lane::default()
            };
            let second = middle.map(|middle| Lane {
                after: Some(middle),
                ..Lane::default()
            });
            let lanes = iter::once(first).chain(second);
            work.set_out(tx, total, lanes.collect())
        };
        self.asker.tx(set_out).await
    }

    async fn along(&self, work: &Work, number: usize, mut lane: Lane) -> Result<()> {
        let (kind, me, during, after) = (self.asker.kind, self.asker.me, self.during, self.after);
        while !lane.done {
            let (ask, params, work) = (self.ask.clone(), self.params.clone(), work.clone());
            let id = work.id;
            let step = self.asker.tx(move |tx| {
                let (portion, gone) = portion(tx, &kind, (&ask, &params), during, (id, lane))?;
                let lane = Lane {
                    after: portion.last.or(lane.after),
                    done: portion.seen < ask.act.at_once(),
                    ..lane
                };
                // Stopped meanwhile: then nothing of this portion is kept.
                let stopped = || Error::Conflict("It was stopped.".into());
                let work = work.went_along(tx, (number, lane), gone)?;
                let work = work.ok_or_else(stopped)?;
                if work.lanes.0.iter().any(|lane| !lane.done) {
                    return Ok((work, lane));
                }
                tell_owner(tx, &kind, &ask.act, work.done - work.skipped, me)?;
                Ok((work.finish(tx, after, true)?, lane))
            });
            let going = match step.await {
                Ok((work, gone)) => {
                    lane = gone;
                    work
                }
                Err(error) => {
                    let at_work = move |tx: &mut Tx| Work::at_work(tx, id, during);
                    return match self.asker.tx(at_work).await? {
                        None => Ok(()),
                        Some(_) => Err(error),
                    };
                }
            };
            let done = match during {
                State::Undoing => going.undone + going.kept,
                _ => going.done,
            };
            self.progress.lock().show(done, done);
        }
        Ok(())
    }
}

/// The next thousand of a lane.
fn portion(
    tx: &mut Tx,
    kind: &Kind,
    (ask, params): (&Ask, &ListParams),
    during: State,
    place: (Uuid, Lane),
) -> Result<(Portion, Gone)> {
    let most = ask.act.at_once();
    if during == State::Undoing {
        let back = ask.act.take_back(tx, kind, place, most)?;
        let gone = Gone {
            undone: back.changed,
            kept: back.seen - back.changed,
            ..Gone::default()
        };
        return Ok((back, gone));
    }
    let until = Some(ask.selection.at());
    let (done, refused) = ask.act.run(tx, kind, params, place, until, most)?;
    let gone = Gone {
        done: done.seen,
        skipped: done.seen - done.changed,
        refused,
        ..Gone::default()
    };
    Ok((done, gone))
}

/// The ids of what is to be done.
fn rows_of(tx: &Tx, kind: &Kind, params: &ListParams) -> Statement {
    let mut s = Statement::default();
    s.sql(format!("select {0}.id from {0} where ", kind.table))
        .matching(params.matching(&tx.scope, kind.table));
    s
}

/// The same of what an act changed.
fn changed_by(act: Uuid) -> Statement {
    let mut s = Statement::default();
    s.sql("select e.record_id as id from events e where e.act_id = ")
        .id(Some(act));
    s
}

/// How many they are, and the id in their middle.
#[derive(QueryableByName)]
struct Outline {
    #[diesel(sql_type = BigInt)]
    rows: i64,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    middle: Option<Uuid>,
}

impl Outline {
    fn of(tx: &mut Tx, whole: Statement) -> Result<Outline> {
        let mut s = Statement::default();
        s.sql("select count(*) as rows, percentile_disc(0.5) within group (order by id) as middle from (")
            .all(whole)
            .sql(") whole");
        Ok(s.get_result(&mut **tx)?)
    }
}
