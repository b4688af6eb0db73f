//! A stage of a pipeline: its row and its verbs.

use chrono::{DateTime, TimeDelta, Utc};

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use platform::db::Tx;
use platform::events::Changes;
use platform::name_is_free;
use platform::order;
use platform::schema::{pipelines, stages};
use platform::{Error, Result, text_enum};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::forms::{StageColumns, StageForm};
use crate::workspaces::tags::Colour;

/// As many as a board can show.
pub const MOST: i64 = 30;

text_enum! {
    pub enum StageKind {
        Open => "open", "Open";
        Won => "won", "Won";
        Lost => "lost", "Lost";
    }
}

#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = stages, check_for_backend(diesel::pg::Pg))]
pub struct Stage {
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub name: String,
    pub tone: Colour,
    pub position: i32,
    pub probability: i32,
    pub kind: StageKind,
    pub rots_after: Option<i32>,
    pub wip_limit: Option<i32>,
    pub required: Vec<String>,
    pub gate: Value,
}

impl Stage {
    pub fn find(tx: &mut Tx, id: Uuid) -> Result<Stage> {
        let one = stages::table.filter(stages::id.eq(id));
        Ok(one.select(Stage::as_select()).first(&mut **tx)?)
    }

    /// Those of all pipelines, in their order.
    pub fn all(tx: &mut Tx) -> Result<Vec<Stage>> {
        let joined = stages::table.inner_join(
            pipelines::table.on(pipelines::workspace_id
                .eq(stages::workspace_id)
                .and(pipelines::id.eq(stages::pipeline_id))),
        );
        Ok(joined
            .order((pipelines::position, pipelines::id, stages::position))
            .limit(MOST * super::pipeline::MOST)
            .select(Stage::as_select())
            .load(&mut **tx)?)
    }

    pub fn of_pipeline(tx: &mut Tx, pipeline: Uuid) -> Result<Vec<Stage>> {
        Ok(stages::table
            .filter(stages::pipeline_id.eq(pipeline))
            .order((stages::position, stages::id))
            .limit(MOST)
            .select(Stage::as_select())
            .load(&mut **tx)?)
    }

    /// Where a deal begins: the first open stage of the pipeline, or of the first pipeline in use.
    pub fn first(tx: &mut Tx, pipeline: Option<Uuid>) -> Result<Stage> {
        let mut query = stages::table
            .inner_join(
                pipelines::table.on(pipelines::workspace_id
                    .eq(stages::workspace_id)
                    .and(pipelines::id.eq(stages::pipeline_id))),
            )
            .filter(pipelines::archived_at.is_null())
            .filter(stages::kind.eq(StageKind::Open))
            .order((pipelines::position, pipelines::id, stages::position))
            .select(Stage::as_select())
            .into_boxed();
        if let Some(pipeline) = pipeline {
            query = query.filter(stages::pipeline_id.eq(pipeline));
        }
        let found = query.first(&mut **tx).optional()?;
        found.ok_or_else(|| {
            Error::invalid(
                "stage_id",
                "There is no open stage that a deal could begin in.",
            )
        })
    }

    /// At the end of the pipeline, but before the stages in which deals end.
    pub fn create(tx: &mut Tx, pipeline: Uuid, form: &StageForm) -> Result<Stage> {
        let all = Stage::of_pipeline(tx, pipeline)?;
        if all.len() as i64 >= MOST {
            return Err(Error::invalid(
                "name",
                format!("A pipeline has at most {MOST} stages."),
            ));
        }
        free(tx, pipeline, &form.name, None)?;
        let stage: Stage = diesel::insert_into(stages::table)
            .values((
                stages::id.eq(Uuid::now_v7()),
                stages::pipeline_id.eq(pipeline),
                StageColumns::from(form),
            ))
            .returning(Stage::as_returning())
            .get_result(&mut **tx)?;
        let ends = |s: &&Stage| form.kind == StageKind::Open && s.kind != StageKind::Open;
        let mut order: Vec<Uuid> = all.iter().filter(|s| !ends(s)).map(|s| s.id).collect();
        order.push(stage.id);
        order.extend(all.iter().filter(ends).map(|s| s.id));
        order::arrange(tx, "stages", &order)?;
        tx.note_event("stage.created", &stage.name, Changes::of_new(form));
        Stage::find(tx, stage.id)
    }

    pub fn save(&self, tx: &mut Tx, form: &StageForm) -> Result<Stage> {
        free(tx, self.pipeline_id, &form.name, Some(self.id))?;
        let changes = Changes::between(&StageForm::from(self), form);
        if changes.is_empty() {
            return Ok(self.clone());
        }
        if form.kind != self.kind {
            if self.deals(tx)? > 0 {
                return Err(Error::invalid(
                    "kind",
                    "There are deals in this stage, and what it means for them can't change. Move them first.",
                ));
            }
            self.keep_one_open(tx)?;
        }
        let stage: Stage = diesel::update(stages::table.filter(stages::id.eq(self.id)))
            .set(StageColumns::from(form))
            .returning(Stage::as_returning())
            .get_result(&mut **tx)?;
        tx.note_event("stage.updated", &stage.name, changes);
        Ok(stage)
    }

    /// How many deals are in it, archived ones too.
    pub fn deals(&self, tx: &mut Tx) -> Result<i64> {
        use platform::schema::deals;
        let here = deals::table.filter(deals::stage_id.eq(self.id));
        Ok(here.count().get_result(&mut **tx)?)
    }

    /// Takes it out of its pipeline; its deals go `to` another stage of the same kind.
    pub fn remove(&self, tx: &mut Tx, to: Option<Uuid>) -> Result<i64> {
        self.keep_one_open(tx)?;
        let deals = self.deals(tx)?;
        if deals > 0 {
            let to = to.ok_or_else(|| {
                Error::invalid("to", "There are deals in this stage. Say where they go.")
            })?;
            let to = Stage::find(tx, to)?;
            if to.id == self.id || to.pipeline_id != self.pipeline_id || to.kind != self.kind {
                return Err(Error::invalid(
                    "to",
                    format!(
                        "Choose another stage of this pipeline that is {} too.",
                        self.kind.key()
                    ),
                ));
            }
            self.hand_over(tx, &to)?;
        }
        diesel::delete(stages::table.filter(stages::id.eq(self.id))).execute(&mut **tx)?;
        let changes = Changes::none().set("deals", deals, 0);
        tx.note_event("stage.removed", &self.name, changes);
        Ok(deals)
    }

    /// All of its deals at once, each with its own event and a line in its history.
    fn hand_over(&self, tx: &mut Tx, to: &Stage) -> Result<()> {
        let text = format!(
            "was moved from {} to {}, because that stage is gone",
            self.name, to.name
        );
        sql_query(
            "with moved as (update deals set stage_id = $2, stage_since = $3 where stage_id = $1 returning id, name, version)
             insert into events (id, kind, record_kind, record_id, title, actor_id, actor_name, at, changes, data)
             select new_id(), 'deal.stage_changed', 'deal', id, name, $4, $5, $3,
               jsonb_build_object('stage_id', jsonb_build_array($1, $2)), jsonb_build_object('version', version, 'text', $6::text)
             from moved",
        )
        .bind::<SqlUuid, _>(self.id)
        .bind::<SqlUuid, _>(to.id)
        .bind::<diesel::sql_types::Timestamptz, _>(tx.now)
        .bind::<diesel::sql_types::Nullable<SqlUuid>, _>(tx.person)
        .bind::<Text, _>(tx.origin.name.clone())
        .bind::<Text, _>(text)
        .execute(&mut **tx)?;
        Ok(())
    }

    /// A pipeline without an open stage could take no deal.
    fn keep_one_open(&self, tx: &mut Tx) -> Result<()> {
        let all = Stage::of_pipeline(tx, self.pipeline_id)?;
        let others = |s: &&Stage| s.id != self.id && s.kind == StageKind::Open;
        match self.kind == StageKind::Open && !all.iter().any(|s| others(&s)) {
            true => Err(Error::Conflict(
                "A pipeline needs at least one open stage, and this is the last one.".into(),
            )),
            false => Ok(()),
        }
    }

    /// Up or down in its pipeline.
    pub fn shift(&self, tx: &mut Tx, by: i32) -> Result<()> {
        let all = Stage::of_pipeline(tx, self.pipeline_id)?;
        let all = all.iter().map(|s| s.id).collect();
        if let Some((from, to)) = order::shift(tx, "stages", all, self.id, by)? {
            let changes = Changes::none().set("position", from, to);
            tx.note_event("stage.updated", &self.name, changes);
        }
        Ok(())
    }

    pub fn is_open(&self) -> bool {
        self.kind == StageKind::Open
    }

    /// Whether something must hold of a deal before it may enter.
    pub fn is_gated(&self) -> bool {
        self.gate.as_object().is_some_and(|gate| !gate.is_empty())
    }

    /// Since when a deal that comes up now as rotten would have had to stand here.
    pub fn rots_before(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let days = self.rots_after.filter(|_| self.is_open())?;
        Some(now - TimeDelta::days(days.into()))
    }
}

/// How many deals each stage of a pipeline has, archived ones too.
#[derive(QueryableByName)]
pub struct Filled {
    #[diesel(sql_type = SqlUuid)]
    pub stage_id: Uuid,
    #[diesel(sql_type = BigInt)]
    pub deals: i64,
}

impl Filled {
    pub fn of(tx: &mut Tx, pipeline: Uuid) -> Result<Vec<Filled>> {
        let counts = sql_query(
            "select stage_id, count(*) as deals from deals where pipeline_id = $1 group by stage_id",
        );
        Ok(counts.bind::<SqlUuid, _>(pipeline).load(&mut **tx)?)
    }
}

fn free(tx: &mut Tx, pipeline: Uuid, name: &str, but: Option<Uuid>) -> Result<()> {
    name_is_free!(
        tx,
        stages,
        name,
        but,
        "This pipeline has a stage of that name already.",
        stages::pipeline_id.eq(pipeline),
    )
}
