//! The stages of a deal's pipeline as steps, and the way that it has gone through them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use platform::Result;
use platform::db::Tx;
use platform::schema::deal_moves;
use serde::Serialize;
use uuid::Uuid;

use super::deal::Deal;
use crate::crm::pipelines::{Pipeline, Reason, Stage, StageKind};

/// More moves than this of one deal are nobody's to read.
const MOVES: i64 = 50;

/// One stage as a step of the deal.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    #[serde(flatten)]
    pub stage: Stage,
    pub here: bool,
    /// It lies behind the deal.
    pub passed: bool,
    /// How long the deal has stood in it, all visits together, in words.
    pub stood: String,
}

/// A move of the deal.
#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = deal_moves, check_for_backend(diesel::pg::Pg))]
pub struct Passage {
    pub from_stage_id: Option<Uuid>,
    pub to_stage_id: Option<Uuid>,
    pub from_name: String,
    pub to_name: String,
    /// How long it had stood in the stage that it left.
    pub seconds: i64,
    pub moved_by: Option<Uuid>,
    pub moved_at: DateTime<Utc>,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct Way {
    #[serde(skip)]
    pub pipeline: String,
    #[serde(skip)]
    pub steps: Vec<Step>,
    /// The newest first.
    pub history: Vec<Passage>,
    #[serde(skip)]
    pub lost_reasons: Vec<(String, String)>,
    #[serde(skip)]
    pub rotting: bool,
}

impl Way {
    pub fn of(tx: &mut Tx, deal: &Deal) -> Result<Way> {
        let pipeline = Pipeline::find(tx, deal.pipeline_id)?;
        let stages = pipeline.stages(tx)?;
        let history: Vec<Passage> = deal_moves::table
            .filter(deal_moves::deal_id.eq(deal.id))
            .order((deal_moves::moved_at.desc(), deal_moves::id.desc()))
            .limit(MOVES)
            .select(Passage::as_select())
            .load(&mut **tx)?;
        let here = stages.iter().position(|s| s.id == deal.stage_id);
        let now = (tx.now - deal.stage_since).num_seconds().max(0);
        let rotting = here
            .and_then(|at| stages[at].rots_before(tx.now))
            .is_some_and(|before| deal.stage_since < before);
        let steps = stages.into_iter().enumerate().map(|(at, stage)| {
            let here_since = (here == Some(at)).then_some(deal.stage_since);
            let left = history.iter().filter(|m| m.from_stage_id == Some(stage.id));
            // A stay that an undo goes on with counts once.
            let left = left.filter(|m| here_since.is_none_or(|since| m.moved_at <= since));
            let mut seconds: i64 = left.map(|m| m.seconds).sum();
            if here == Some(at) && stage.is_open() {
                seconds += now;
            }
            Step {
                here: here == Some(at),
                passed: deal.status != StageKind::Lost && here.is_some_and(|here| at < here),
                stood: if stage.is_open() {
                    spell(seconds)
                } else {
                    String::new()
                },
                stage,
            }
        });
        Ok(Way {
            pipeline: pipeline.name,
            steps: steps.collect(),
            history,
            lost_reasons: Reason::choices(tx, StageKind::Lost)?,
            rotting,
        })
    }
}

/// A time in its largest unit, `3 days`; nothing for less than a minute.
pub fn spell(seconds: i64) -> String {
    let told = |n: i64, one: &str| match n {
        1 => format!("1 {one}"),
        n => format!("{n} {one}s"),
    };
    match seconds {
        ..60 => String::new(),
        60..3_600 => told(seconds / 60, "minute"),
        3_600..86_400 => told(seconds / 3_600, "hour"),
        _ => told(seconds / 86_400, "day"),
    }
}

#[cfg(test)]
mod tests {
    use super::spell;

    #[test]
    fn a_time_is_told_in_its_largest_unit() {
        let told: Vec<_> = [0, 59, 60, 7_200, 86_400, 200_000].map(spell).into();
        assert_eq!(told, ["", "", "1 minute", "2 hours", "1 day", "2 days"]);
    }
}
