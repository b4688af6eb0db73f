//! A deal: its row and its verbs.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use platform::db::Tx;
use platform::events::Changes;
use platform::records::{Custom, Editable, Record, RecordForm};
use platform::schema::deals;
use platform::web::Resource;
use platform::{Error, Result, record_queries};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::KIND;
use super::choices::DealKind;
use super::entering;
use super::form::DealForm;
use crate::crm::contacts::LeadSource;
use crate::crm::pipelines::{Pipeline, Stage, StageKind};
use crate::workspaces::assignment::Sharing;

#[derive(Clone, Debug, Queryable, Selectable, Serialize, JsonSchema)]
#[diesel(table_name = deals, check_for_backend(diesel::pg::Pg))]
pub struct Deal {
    pub id: Uuid,
    pub name: String,
    pub pipeline_id: Uuid,
    pub stage_id: Uuid,
    pub status: StageKind,
    /// In the minor unit of the currency.
    pub amount: i64,
    pub currency: String,
    pub closes_on: Option<NaiveDate>,
    pub kind: DealKind,
    pub source: LeadSource,
    pub company_id: Option<Uuid>,
    pub contact_id: Option<Uuid>,
    pub reason_id: Option<Uuid>,
    pub stage_since: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
    pub description: String,
    pub owner_id: Option<Uuid>,
    pub tags: Vec<String>,
    pub custom: Custom,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub archived_at: Option<DateTime<Utc>>,
}

impl Resource for Deal {
    const NAME: &'static str = "deals";
}

impl Record for Deal {
    const KIND: &'static str = "deal";
    fn id(&self) -> Uuid {
        self.id
    }
    fn title(&self) -> String {
        self.name.clone()
    }
    fn version(&self) -> i32 {
        self.version
    }
}

impl Editable for Deal {
    type Form = DealForm;

    record_queries!(deals);

    fn create(tx: &mut Tx, mut form: DealForm) -> Result<Deal> {
        form.settle(tx)?;
        let sharing = Sharing::of_new(tx, &KIND, &mut form.owner_id)?;
        let stage = match form.stage_id {
            Some(id) => entering::stage(tx, id)?,
            None => Stage::first(tx, form.pipeline_id)?,
        };
        form.stage_id = Some(stage.id);
        if form.currency.is_empty() {
            form.currency = Pipeline::find(tx, stage.pipeline_id)?.currency;
        }
        entering::settle_reason(tx, &stage, &mut form)?;
        let mut deal: Deal = diesel::insert_into(deals::table)
            .values((
                deals::id.eq(Uuid::now_v7()),
                deals::created_by.eq(tx.person),
                deals::pipeline_id.eq(stage.pipeline_id),
                deals::stage_id.eq(stage.id),
                deals::status.eq(stage.kind),
                deals::stage_since.eq(tx.now),
                deals::closed_at.eq((!stage.is_open()).then_some(tx.now)),
                &form,
            ))
            .returning(Deal::as_returning())
            .get_result(&mut **tx)?;
        let given = sharing.give(tx, deal.id)?;
        if let Some(owner) = given.owner {
            form.owner_id = Some(owner);
            deal = diesel::update(deals::table.filter(deals::id.eq(deal.id)))
                .set(deals::owner_id.eq(owner))
                .returning(Deal::as_returning())
                .get_result(&mut **tx)?;
        }
        entering::check(tx, &stage, &deal)?;
        let event = tx.track(&deal, "deal.created", Changes::of_new(&form));
        given.tell(event, &KIND);
        Ok(deal)
    }

    fn save(&self, tx: &mut Tx, form: DealForm) -> Result<Deal> {
        self.write(tx, form, true)
    }

    /// It stood in that stage already, whatever the stage asks for since, and goes on standing there.
    fn revert(&self, tx: &mut Tx, form: DealForm) -> Result<Deal> {
        self.write(tx, form, false)
    }

    fn form(&self) -> DealForm {
        DealForm::from(self)
    }
}

impl Deal {
    /// Another stage in the form is a move: held against what the stage asks for if it is `gated`, and told as one.
    fn write(&self, tx: &mut Tx, mut form: DealForm, gated: bool) -> Result<Deal> {
        form.settle(tx)?;
        form.stage_id = form.stage_id.or(Some(self.stage_id));
        if form.currency.is_empty() {
            form.currency.clone_from(&self.currency);
        }
        let target = form.stage_id.unwrap_or(self.stage_id);
        let stage = match target == self.stage_id {
            true => Stage::find(tx, target)?,
            false => entering::stage(tx, target)?,
        };
        entering::settle_reason(tx, &stage, &mut form)?;
        let changes = Changes::between(&self.form(), &form);
        if changes.is_empty() {
            return Ok(self.clone());
        }
        let moved = stage.id != self.stage_id;
        let since = match moved {
            true if gated => tx.now,
            true => entering::stood_since(tx, self, stage.id)?.unwrap_or(tx.now),
            false => self.stage_since,
        };
        let closed_at = match (stage.is_open(), self.closed_at) {
            (true, _) => None,
            (false, Some(at)) if stage.kind == self.status => Some(at),
            (false, _) => Some(since),
        };
        let deal: Deal = diesel::update(deals::table.filter(deals::id.eq(self.id)))
            .set((
                &form,
                deals::pipeline_id.eq(stage.pipeline_id),
                deals::stage_id.eq(stage.id),
                deals::status.eq(stage.kind),
                deals::stage_since.eq(since),
                deals::closed_at.eq(closed_at),
            ))
            .returning(Deal::as_returning())
            .get_result(&mut **tx)?;
        if !moved {
            tx.track(&deal, "deal.updated", changes);
            return Ok(deal);
        }
        if gated {
            entering::check(tx, &stage, &deal)?;
        }
        let told = entering::told(tx, self, &deal, &stage)?;
        let event = tx.track(&deal, told.kind, changes);
        event.with(
            "seconds",
            (deal.stage_since - self.stage_since).num_seconds().max(0),
        );
        if entering::is_only_a_move(&event.changes) {
            event.with("text", told.text);
        }
        Ok(deal)
    }

    /// The deal, held until the transaction ends, so that two moves don't cross.
    pub fn held(tx: &mut Tx, id: Uuid) -> Result<Deal> {
        deals::table
            .filter(deals::id.eq(id))
            .select(deals::id)
            .for_no_key_update()
            .first::<Uuid>(&mut **tx)
            .optional()?;
        Deal::find(tx, id)
    }

    /// Into another stage, if what the stage asks for is there.
    pub fn move_to(&self, tx: &mut Tx, stage: Uuid, reason: Option<Uuid>) -> Result<Deal> {
        let form = DealForm {
            stage_id: Some(stage),
            reason_id: reason,
            ..self.form()
        };
        self.save(tx, form)
    }

    pub fn win(&self, tx: &mut Tx, reason: Option<Uuid>) -> Result<Deal> {
        let stage = self.ending(tx, StageKind::Won)?;
        self.move_to(tx, stage, reason)
    }

    pub fn lose(&self, tx: &mut Tx, reason: Option<Uuid>) -> Result<Deal> {
        let stage = self.ending(tx, StageKind::Lost)?;
        self.move_to(tx, stage, reason)
    }

    /// Back into the open stage that it was in before it ended.
    pub fn reopen(&self, tx: &mut Tx) -> Result<Deal> {
        if self.status == StageKind::Open {
            return Ok(self.clone());
        }
        let stage = match entering::last_open(tx, self)? {
            Some(stage) => stage,
            None => Stage::first(tx, Some(self.pipeline_id))?.id,
        };
        self.move_to(tx, stage, None)
    }

    /// The stage of its pipeline in which deals end so.
    fn ending(&self, tx: &mut Tx, kind: StageKind) -> Result<Uuid> {
        let all = Stage::of_pipeline(tx, self.pipeline_id)?;
        let found = all.iter().find(|stage| stage.kind == kind);
        found.map(|stage| stage.id).ok_or_else(|| {
            Error::Conflict(format!(
                "This pipeline has no stage for deals that are {}.",
                kind.key()
            ))
        })
    }
}
