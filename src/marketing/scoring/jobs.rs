//! Counting in the background: whoever changed, every minute; everybody, every night and when a rule changes.

use std::time::Duration;

use actix_web::HttpResponse;
use chrono::TimeDelta;
use diesel::prelude::*;
use platform::Result;
use platform::db::Tx;
use platform::jobs::{Job, JobContext, Queue, Schedule, Sweep, queue};
use platform::schema::contacts;
use platform::web::can::Edit;
use platform::web::{Can, Toast};
use serde::{Deserialize, Serialize};

use super::counting::{AT_ONCE, Rules, Which};
use super::rule::Rule;
use super::settings::{self, Counted, Levels};
use super::telling;
use crate::workspaces::live;

/// What was written just before is looked at once more: its transaction may not have been committed then.
const OVERLAP: TimeDelta = TimeDelta::seconds(30);

#[derive(Serialize, Deserialize)]
pub struct CountScores {
    pub all: bool,
}

impl Job for CountScores {
    const QUEUE: Queue = queue::MAINTENANCE;
    const NAME: &'static str = "marketing.count_scores";
    const TIMEOUT: Duration = Duration::from_secs(3_600);

    async fn run(self, ctx: JobContext) -> Result<()> {
        let begun = platform::clock::now();
        let all = self.all;
        let (rules, levels, until) = ctx
            .tx(move |tx| {
                let until = Counted::load(tx)?.until;
                Ok((Rules::load(tx)?, Levels::load(tx)?, until))
            })
            .await?;
        let which = match until.filter(|_| !all) {
            Some(until) => Which::ChangedSince(until - OVERLAP),
            None => Which::All,
        };
        let (mut after, mut changed, mut told) = (None, 0, Vec::new());
        loop {
            let (rules, levels) = (rules.clone(), levels.clone());
            let step = ctx.tx(move |tx| {
                let step = rules.count(tx, &levels, which, after)?;
                // Of the first count nobody need be told: it finds those who were hot all along.
                if until.is_some() {
                    telling::owners(tx, &step.hot)?;
                }
                Ok(step)
            });
            let step = step.await?;
            changed += step.changed;
            told.extend(step.told);
            after = step.last;
            if step.seen < AT_ONCE || ctx.is_over() {
                break;
            }
        }
        ctx.tx(move |tx| settings::count_until(tx, begun, matches!(which, Which::All)))
            .await?;
        if changed > 0 {
            let workspace = ctx.subject()?.workspace;
            live::rows(&ctx.app, workspace, &crate::crm::contacts::KIND, &told)?;
        }
        Ok(())
    }
}

/// Every minute, where there are rules and somebody changed.
pub fn of_changes() -> Schedule {
    Schedule::every(
        "marketing.score_changes",
        "Count the scores of contacts that changed",
        60,
        |sweep: Sweep| async move {
            let swept = sweep.each(due).await?;
            Ok(format!(
                "{} of {} workspaces",
                swept.total, swept.workspaces
            ))
        },
    )
}

/// Every night, since silence counts too.
pub fn of_all() -> Schedule {
    Schedule::daily_at(
        "marketing.score_decay",
        "Count all scores anew, silence too",
        3,
        |sweep: Sweep| async move {
            let swept = sweep
                .each(|tx| {
                    if Rule::active(tx)?.is_empty() {
                        return Ok(0);
                    }
                    tx.enqueue(CountScores { all: true }.new_job());
                    Ok(1)
                })
                .await?;
            Ok(format!(
                "{} of {} workspaces",
                swept.total, swept.workspaces
            ))
        },
    )
}

fn due(tx: &mut Tx) -> Result<i64> {
    if Rule::active(tx)?.is_empty() {
        return Ok(0);
    }
    let until = Counted::load(tx)?.until;
    let changed = match until {
        None => true,
        Some(until) => {
            let alive = contacts::table.filter(contacts::archived_at.is_null());
            let newest: Option<chrono::DateTime<chrono::Utc>> = alive
                .order((contacts::updated_at.desc(), contacts::id.desc()))
                .select(contacts::updated_at)
                .first(&mut **tx)
                .optional()?;
            let heard: Option<Option<chrono::DateTime<chrono::Utc>>> = alive
                .filter(contacts::last_activity_at.gt(until))
                .select(contacts::last_activity_at)
                .first(&mut **tx)
                .optional()?;
            newest.is_some_and(|at| at > until) || heard.is_some()
        }
    };
    if changed {
        tx.enqueue(CountScores { all: false }.new_job());
    }
    Ok(i64::from(changed))
}

pub async fn start(can: Can<Edit, Rule>) -> Result<HttpResponse> {
    can.tx(|tx| {
        tx.enqueue(CountScores { all: true }.new_job());
        Ok(())
    })
    .await?;
    can.done(
        &can.url("/scoring"),
        Toast::done("Everybody is counted anew"),
    )
}
