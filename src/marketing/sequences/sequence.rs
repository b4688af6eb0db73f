//! A sequence: its row and its verbs.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AsChangeset, QueryFragment};
use platform::db::Tx;
use platform::events::Changes;
use platform::records::{Custom, Editable, Record, RecordForm};
use platform::schema::sequences;
use platform::text_enum;
use platform::web::Resource;
use platform::{Error, Result, record_queries};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::plan::{Columns, Plan, Step, Window};

text_enum! {
    pub enum Status {
        Draft => "draft", "Draft";
        Active => "active", "Active";
        Paused => "paused", "Paused";
    }
}

impl Status {
    pub fn tone(self) -> &'static str {
        match self {
            Status::Active => "success",
            Status::Paused => "warning",
            Status::Draft => "",
        }
    }
}

#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = sequences, check_for_backend(Pg))]
pub struct Sequence {
    pub id: Uuid,
    pub name: String,
    pub status: Status,
    pub steps: serde_json::Value,
    pub weekdays_only: bool,
    pub from_hour: i32,
    pub to_hour: i32,
    pub topic_id: Option<Uuid>,
    pub owner_id: Option<Uuid>,
    pub tags: Vec<String>,
    pub custom: Custom,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub archived_at: Option<DateTime<Utc>>,
}

impl Resource for Sequence {
    const NAME: &'static str = "sequences";
}

impl Record for Sequence {
    const KIND: &'static str = "sequence";
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

/// The most sequences that a workspace's list shows; people name dozens, not thousands.
const SHOWN: i64 = 500;

/// Sequences that can be chosen, as (id, name).
pub fn choices(tx: &mut Tx) -> Result<Vec<(String, String)>> {
    let all: Vec<(Uuid, String)> = sequences::table
        .filter(sequences::archived_at.is_null())
        .order(sequences::name)
        .limit(SHOWN)
        .select((sequences::id, sequences::name))
        .load(&mut **tx)?;
    Ok(all
        .into_iter()
        .map(|(id, name)| (id.to_string(), name))
        .collect())
}

impl Editable for Sequence {
    type Form = Plan;

    record_queries!(sequences);

    fn create(tx: &mut Tx, mut plan: Plan) -> Result<Sequence> {
        plan.settle(tx)?;
        let sequence: Sequence = diesel::insert_into(sequences::table)
            .values((
                sequences::id.eq(Uuid::now_v7()),
                sequences::owner_id.eq(tx.person),
                Columns::try_from(&plan)?,
            ))
            .returning(Sequence::as_returning())
            .get_result(&mut **tx)?;
        tx.track(&sequence, "sequence.created", Changes::of_new(&plan));
        Ok(sequence)
    }

    fn save(&self, tx: &mut Tx, mut plan: Plan) -> Result<Sequence> {
        plan.settle(tx)?;
        let changes = Changes::between(&self.form(), &plan);
        if changes.is_empty() {
            return Ok(self.clone());
        }
        self.written(tx, Columns::try_from(&plan)?, "sequence.updated", changes)
    }

    fn form(&self) -> Plan {
        Plan {
            name: self.name.clone(),
            steps: self.steps(),
            weekdays_only: self.weekdays_only,
            from_hour: self.from_hour,
            to_hour: self.to_hour,
            topic_id: self.topic_id,
            tags: self.tags.clone(),
            custom: self.custom.clone(),
        }
    }

    /// Nothing goes out of an archived sequence, nor of one that is back, until somebody starts it.
    fn archive(&self, tx: &mut Tx) -> Result<Sequence> {
        let changes = Changes::none().set("archived_at", self.archived_at, Some(tx.now));
        let away = (
            sequences::archived_at.eq(Some(tx.now)),
            sequences::status.eq(Status::Paused),
        );
        self.written(tx, away, "sequence.archived", changes)
    }
}

impl Sequence {
    pub fn steps(&self) -> Vec<Step> {
        Vec::<Step>::deserialize(&self.steps).unwrap_or_default()
    }

    /// The sending hours in the workspace's zone.
    pub fn window(&self, tx: &mut Tx) -> Result<Window> {
        Ok(Window {
            from_hour: self.from_hour,
            to_hour: self.to_hour,
            weekdays_only: self.weekdays_only,
            zone: tx.zone()?,
        })
    }

    pub fn activate(&self, tx: &mut Tx) -> Result<Sequence> {
        if self.archived_at.is_some() {
            return Err(Error::Conflict("Restore the sequence first.".into()));
        }
        if self.steps().is_empty() {
            return Err(Error::Conflict(
                "A sequence without a step can't be started. Add one first.".into(),
            ));
        }
        let sequence = self.set_status(tx, Status::Active, "sequence.activated")?;
        super::enrolment::wake(tx, &sequence)?;
        Ok(sequence)
    }

    /// Nothing goes out until it is activated again; enrolments keep their place.
    pub fn pause(&self, tx: &mut Tx) -> Result<Sequence> {
        self.set_status(tx, Status::Paused, "sequence.paused")
    }

    fn set_status(&self, tx: &mut Tx, status: Status, kind: &'static str) -> Result<Sequence> {
        let changes = Changes::none().set("status", self.status, status);
        self.written(tx, sequences::status.eq(status), kind, changes)
    }

    /// Writes some columns and leaves the event of it.
    fn written<C>(
        &self,
        tx: &mut Tx,
        columns: C,
        kind: &'static str,
        changes: Changes,
    ) -> Result<Sequence>
    where
        C: AsChangeset<Target = sequences::table>,
        C::Changeset: QueryFragment<Pg>,
    {
        let row = sequences::table.filter(sequences::id.eq(self.id));
        let sequence: Sequence = diesel::update(row)
            .set(columns)
            .returning(Sequence::as_returning())
            .get_result(&mut **tx)?;
        tx.track(&sequence, kind, changes);
        Ok(sequence)
    }
}
