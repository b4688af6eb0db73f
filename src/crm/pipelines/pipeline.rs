//! A pipeline: its row and its verbs.

use chrono::{DateTime, Utc};
use diesel::dsl::max;
use diesel::prelude::*;
use platform::db::Tx;
use platform::events::Changes;
use platform::name_is_free;
use platform::order;
use platform::schema::{pipelines, stages};
use platform::web::Resource;
use platform::{Error, Result};
use serde::Serialize;
use uuid::Uuid;

use super::forms::PipelineForm;
use super::stage::{Stage, StageKind};
use crate::workspaces::tags::Colour;

/// More than anybody keeps apart.
pub const MOST: i64 = 50;

#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = pipelines, check_for_backend(diesel::pg::Pg))]
pub struct Pipeline {
    pub id: Uuid,
    pub name: String,
    pub currency: String,
    pub position: i32,
    pub archived_at: Option<DateTime<Utc>>,
}

impl Resource for Pipeline {
    const NAME: &'static str = "pipelines";
}

impl Pipeline {
    /// All of them in their order, those that are put away last.
    pub fn all(tx: &mut Tx) -> Result<Vec<Pipeline>> {
        Ok(pipelines::table
            .order((
                pipelines::archived_at.is_not_null(),
                pipelines::position,
                pipelines::id,
            ))
            .limit(MOST)
            .select(Pipeline::as_select())
            .load(&mut **tx)?)
    }

    /// Those in use.
    pub fn open(tx: &mut Tx) -> Result<Vec<Pipeline>> {
        let mut all = Pipeline::all(tx)?;
        all.retain(|pipeline| pipeline.archived_at.is_none());
        Ok(all)
    }

    pub fn find(tx: &mut Tx, id: Uuid) -> Result<Pipeline> {
        let one = pipelines::table.filter(pipelines::id.eq(id));
        Ok(one.select(Pipeline::as_select()).first(&mut **tx)?)
    }

    /// The id, if that pipeline is still in use.
    pub fn in_use(tx: &mut Tx, id: Uuid) -> Result<Option<Uuid>> {
        let open = Pipeline::open(tx)?;
        Ok(open.iter().any(|pipeline| pipeline.id == id).then_some(id))
    }

    /// Begins with a first stage and the two in which a deal ends.
    pub fn create(tx: &mut Tx, form: &PipelineForm) -> Result<Pipeline> {
        free(tx, &form.name, None)?;
        let (count, last): (i64, Option<i32>) = (
            pipelines::table.count().get_result(&mut **tx)?,
            pipelines::table
                .select(max(pipelines::position))
                .first(&mut **tx)?,
        );
        if count >= MOST {
            let words = format!("There are {MOST} pipelines already, which is all there can be.");
            return Err(Error::invalid("name", words));
        }
        let pipeline: Pipeline = diesel::insert_into(pipelines::table)
            .values((
                pipelines::id.eq(Uuid::now_v7()),
                pipelines::position.eq(last.unwrap_or(0) + 1),
                form,
            ))
            .returning(Pipeline::as_returning())
            .get_result(&mut **tx)?;
        for (position, name, tone, probability, kind) in [
            (1, "New", Colour::Slate, 10, StageKind::Open),
            (2, "Won", Colour::Green, 100, StageKind::Won),
            (3, "Lost", Colour::Red, 0, StageKind::Lost),
        ] {
            diesel::insert_into(stages::table)
                .values((
                    stages::id.eq(Uuid::now_v7()),
                    stages::pipeline_id.eq(pipeline.id),
                    stages::name.eq(name),
                    stages::tone.eq(tone),
                    stages::position.eq(position),
                    stages::probability.eq(probability),
                    stages::kind.eq(kind),
                ))
                .execute(&mut **tx)?;
        }
        tx.note_event("pipeline.created", &pipeline.name, Changes::of_new(form));
        Ok(pipeline)
    }

    pub fn save(&self, tx: &mut Tx, form: &PipelineForm) -> Result<Pipeline> {
        free(tx, &form.name, Some(self.id))?;
        let changes = Changes::between(&PipelineForm::from(self), form);
        if changes.is_empty() {
            return Ok(self.clone());
        }
        let saved: Pipeline = diesel::update(pipelines::table.filter(pipelines::id.eq(self.id)))
            .set(form)
            .returning(Pipeline::as_returning())
            .get_result(&mut **tx)?;
        tx.note_event("pipeline.updated", &saved.name, changes);
        Ok(saved)
    }

    /// Out of every choice; its deals stay where they are.
    pub fn archive(&self, tx: &mut Tx) -> Result<()> {
        if Pipeline::open(tx)?.iter().all(|open| open.id == self.id) {
            return Err(Error::Conflict(
                "This is the only pipeline in use. Add another one first.".into(),
            ));
        }
        self.put_away(tx, Some(tx.now))
    }

    pub fn restore(&self, tx: &mut Tx) -> Result<()> {
        free(tx, &self.name, Some(self.id))?;
        self.put_away(tx, None)
    }

    fn put_away(&self, tx: &mut Tx, at: Option<DateTime<Utc>>) -> Result<()> {
        diesel::update(pipelines::table.filter(pipelines::id.eq(self.id)))
            .set(pipelines::archived_at.eq(at))
            .execute(&mut **tx)?;
        let verb = match at {
            Some(_) => "pipeline.archived",
            None => "pipeline.restored",
        };
        let changes = Changes::none().set("archived_at", self.archived_at, at);
        tx.note_event(verb, &self.name, changes);
        Ok(())
    }

    /// Up or down among those in use.
    pub fn shift(&self, tx: &mut Tx, by: i32) -> Result<()> {
        let all = Pipeline::open(tx)?.iter().map(|one| one.id).collect();
        if let Some((from, to)) = order::shift(tx, "pipelines", all, self.id, by)? {
            let changes = Changes::none().set("position", from, to);
            tx.note_event("pipeline.updated", &self.name, changes);
        }
        Ok(())
    }

    /// Its stages in their order.
    pub fn stages(&self, tx: &mut Tx) -> Result<Vec<Stage>> {
        Stage::of_pipeline(tx, self.id)
    }
}

fn free(tx: &mut Tx, name: &str, but: Option<Uuid>) -> Result<()> {
    name_is_free!(
        tx,
        pipelines,
        name,
        but,
        "There is a pipeline of this name already.",
        pipelines::archived_at.is_null(),
    )
}
