//! Acts on more records than a request may wait for, a thousand at a time, each of them whole.

use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Ask;
use super::handlers::tell_owner;
use crate::db::{Statement, Tx};
use crate::error::Result;
use crate::jobs::{Job, JobContext, Queue, queue};
use crate::records::kinds::Kind;
use crate::records::list::ListParams;
use crate::records::work::{AT_ONCE, Asker, State, Work};

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

async fn go_through(asker: &Asker, mut work: Work, during: State, after: State) -> Result<()> {
    let ask: Ask = work.ask()?;
    let (kind, me) = (asker.kind, asker.me);
    let catalogue = asker.setup.catalogue(&kind);
    let params = ask.selection.params(&catalogue, me, AT_ONCE)?;
    if during == State::Running && work.total == 0 {
        let counted = params.clone();
        work.total = asker.tx(move |tx| count(tx, &kind, &counted)).await?;
    }
    let (app, workspace) = (asker.door.app(), asker.subject.workspace);
    let mut progress = work.progress(app, workspace, &asker.slug);
    loop {
        let (asked, listed, total) = (ask.clone(), params.clone(), work.total);
        let step = asker
            .tx(move |tx| {
                // Held until the portion is written, so that stopping it and doing it don't cross.
                let Some(mut work) = Work::held(tx, work.id, during)? else {
                    return Ok(None);
                };
                work.total = total;
                let seen = portion(tx, &kind, &asked, &listed, &mut work)?;
                let Some(work) = work.went_on(tx)? else {
                    return Ok(None);
                };
                if seen == AT_ONCE {
                    return Ok(Some((work, true)));
                }
                tell_owner(tx, &kind, &asked.act, work.done - work.skipped, me)?;
                Ok(Some((work.finish(tx, after, true)?, false)))
            })
            .await?;
        let Some((going, more)) = step else {
            return Ok(());
        };
        work = going;
        let done = match during {
            State::Undoing => work.undone + work.kept,
            _ => work.done,
        };
        progress.show(done, done);
        if !more {
            return Ok(());
        }
    }
}

/// The next thousand; gives how many there were.
fn portion(
    tx: &mut Tx,
    kind: &Kind,
    ask: &Ask,
    params: &ListParams,
    work: &mut Work,
) -> Result<i64> {
    let place = (work.id, work.place);
    let portion = match work.state {
        State::Undoing => {
            let back = ask.act.take_back(tx, kind, place, AT_ONCE)?;
            work.undone += back.changed;
            work.kept += back.seen - back.changed;
            back
        }
        _ => {
            let until = Some(ask.selection.at());
            let done = ask.act.run(tx, kind, params, place, until, AT_ONCE)?;
            work.done += done.seen;
            work.skipped += done.seen - done.changed;
            done
        }
    };
    work.place = portion.last.or(work.place);
    Ok(portion.seen)
}

fn count(tx: &mut Tx, kind: &Kind, params: &ListParams) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Counted {
        #[diesel(sql_type = BigInt)]
        rows: i64,
    }
    let mut s = Statement::default();
    s.sql(format!(
        "select count(*) as rows from {} where ",
        kind.table
    ))
    .matching(params.matching(&tx.scope, kind.table));
    let counted: Counted = s.get_result(&mut **tx)?;
    Ok(counted.rows)
}
