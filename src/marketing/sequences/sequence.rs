//! A sequence: its row and its verbs.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use platform::db::Tx;
use platform::events::Changes;
use platform::records::Record;
use platform::schema::{sequences, workspaces};
use platform::text_enum;
use platform::web::Resource;
use platform::{Error, Result, clock};
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
#[diesel(table_name = sequences, check_for_backend(diesel::pg::Pg))]
pub struct Sequence {
    pub id: Uuid,
    pub name: String,
    pub status: Status,
    pub steps: serde_json::Value,
    pub weekdays_only: bool,
    pub from_hour: i32,
    pub to_hour: i32,
    pub owner_id: Option<Uuid>,
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

impl Sequence {
    pub fn find(tx: &mut Tx, id: Uuid) -> Result<Sequence> {
        let mut query = sequences::table.filter(sequences::id.eq(id)).into_boxed();
        if let Some(owners) = tx.scope.owners() {
            query = query.filter(sequences::owner_id.eq_any(owners.to_vec()));
        }
        Ok(query.select(Sequence::as_select()).first(&mut **tx)?)
    }

    pub fn plan(&self) -> Plan {
        Plan {
            name: self.name.clone(),
            steps: self.steps(),
            weekdays_only: self.weekdays_only,
            from_hour: self.from_hour,
            to_hour: self.to_hour,
        }
    }

    pub fn steps(&self) -> Vec<Step> {
        Vec::<Step>::deserialize(&self.steps).unwrap_or_default()
    }

    /// The sending hours in the workspace's zone.
    pub fn window(&self, tx: &mut Tx) -> Result<Window> {
        let zone: String = workspaces::table
            .find(tx.workspace)
            .select(workspaces::zone)
            .first(&mut **tx)?;
        let zone: Tz = clock::zone(&zone);
        Ok(Window {
            from_hour: self.from_hour,
            to_hour: self.to_hour,
            weekdays_only: self.weekdays_only,
            zone,
        })
    }

    pub fn create(tx: &mut Tx, plan: Plan) -> Result<Sequence> {
        let plan = plan.tidy();
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

    pub fn update(&self, tx: &mut Tx, version: i32, plan: Plan) -> Result<Sequence> {
        let plan = plan.tidy();
        let changes = Changes::between(&self.plan(), &plan);
        if changes.is_empty() {
            return Ok(self.clone());
        }
        let row = sequences::table
            .filter(sequences::id.eq(self.id))
            .filter(sequences::version.eq(version));
        let updated: Option<Sequence> = diesel::update(row)
            .set(Columns::try_from(&plan)?)
            .returning(Sequence::as_returning())
            .get_result(&mut **tx)
            .optional()?;
        let sequence = updated.ok_or(Error::Stale {
            current: self.version,
        })?;
        tx.track(&sequence, "sequence.updated", changes);
        Ok(sequence)
    }

    pub fn activate(&self, tx: &mut Tx) -> Result<Sequence> {
        if self.steps().is_empty() {
            return Err(Error::Conflict(
                "A sequence without a step can't be started. Add one first.".into(),
            ));
        }
        self.set_status(tx, Status::Active, "sequence.activated")
    }

    /// Nothing goes out until it is activated again; enrolments keep their place.
    pub fn pause(&self, tx: &mut Tx) -> Result<Sequence> {
        self.set_status(tx, Status::Paused, "sequence.paused")
    }

    fn set_status(&self, tx: &mut Tx, status: Status, kind: &'static str) -> Result<Sequence> {
        let sequence: Sequence = diesel::update(sequences::table.filter(sequences::id.eq(self.id)))
            .set(sequences::status.eq(status))
            .returning(Sequence::as_returning())
            .get_result(&mut **tx)?;
        tx.track(
            &sequence,
            kind,
            Changes::none().set("status", self.status, status),
        );
        if status == Status::Active {
            super::enrolment::wake(tx, &sequence)?;
        }
        Ok(sequence)
    }

    pub fn archive(&self, tx: &mut Tx) -> Result<Sequence> {
        let sequence: Sequence = diesel::update(sequences::table.filter(sequences::id.eq(self.id)))
            .set((
                sequences::archived_at.eq(Some(tx.now)),
                sequences::status.eq(Status::Paused),
            ))
            .returning(Sequence::as_returning())
            .get_result(&mut **tx)?;
        tx.track(
            &sequence,
            "sequence.archived",
            Changes::none().set("archived_at", self.archived_at, sequence.archived_at),
        );
        Ok(sequence)
    }
}
