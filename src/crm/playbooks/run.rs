//! A run: a playbook gone through about one record, and what was answered.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use platform::db::{Json, Tx};
use platform::events::Changes;
use platform::records::Editable;
use platform::schema::playbook_runs as runs;
use platform::{Error, Result};
use serde::Serialize;
use uuid::Uuid;

use super::playbook::{Playbook, Steps};

/// What a record's page shows of them.
const LATEST: i64 = 8;

/// In words, by the name of the step: `s0`.
pub type Answers = BTreeMap<String, String>;

#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = runs, check_for_backend(diesel::pg::Pg))]
pub struct Run {
    pub id: Uuid,
    pub playbook_id: Option<Uuid>,
    pub record_id: Uuid,
    pub name: String,
    #[serde(skip)]
    pub steps: Steps,
    #[serde(skip)]
    pub answers: Json<Answers>,
    pub answered: i32,
    pub asked: i32,
    pub started_by: Option<Uuid>,
    pub saved_by: Option<Uuid>,
    pub started_at: DateTime<Utc>,
    pub saved_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
}

/// The name of a step in a form and among the answers.
pub fn key(step: usize) -> String {
    format!("s{step}")
}

impl Run {
    pub fn of_record(tx: &mut Tx, record: Uuid) -> Result<Vec<Run>> {
        Ok(runs::table
            .filter(runs::record_id.eq(record))
            .order((runs::started_at.desc(), runs::id))
            .limit(LATEST)
            .select(Run::as_select())
            .load(&mut **tx)?)
    }

    /// One about this record.
    pub fn find(tx: &mut Tx, record: Uuid, id: Uuid) -> Result<Run> {
        let row = runs::table.filter(runs::id.eq(id).and(runs::record_id.eq(record)));
        Ok(row.select(Run::as_select()).first(&mut **tx)?)
    }

    /// The one that somebody began and nobody finished, or a new one.
    pub fn begin<T: Editable>(tx: &mut Tx, record: &T, playbook: Uuid) -> Result<Run> {
        let playbook = Playbook::find(tx, playbook)?;
        if playbook.record_kind != T::KIND {
            return Err(Error::NotFound);
        }
        let open: Option<Run> = runs::table
            .filter(runs::record_id.eq(record.id()))
            .filter(runs::playbook_id.eq(playbook.id))
            .filter(runs::finished_at.is_null())
            .order((runs::started_at.desc(), runs::id))
            .select(Run::as_select())
            .first(&mut **tx)
            .optional()?;
        if let Some(open) = open {
            return Ok(open);
        }
        if !playbook.active {
            let words = "This playbook is not in use. Whoever keeps playbooks can switch it on.";
            return Err(Error::Conflict(words.into()));
        }
        let asked = playbook.steps.0.iter().filter(|step| step.asks()).count();
        let run: Run = diesel::insert_into(runs::table)
            .values((
                runs::id.eq(Uuid::now_v7()),
                runs::playbook_id.eq(playbook.id),
                runs::record_id.eq(record.id()),
                runs::name.eq(&playbook.name),
                runs::steps.eq(&playbook.steps),
                runs::asked.eq(asked as i32),
                runs::started_by.eq(tx.person),
                runs::started_at.eq(tx.now),
            ))
            .returning(Run::as_returning())
            .get_result(&mut **tx)?;
        run.tell(
            tx,
            record,
            "playbook.begun",
            format!("began the playbook “{}”", run.name),
        );
        Ok(run)
    }

    /// Keeps what was answered, and says so on the record's timeline.
    pub fn save<T: Editable>(
        &self,
        tx: &mut Tx,
        record: &T,
        answers: Answers,
        finished: bool,
    ) -> Result<Run> {
        let answered = answers.values().filter(|answer| !answer.is_empty()).count();
        let run = self.keep(tx, answers, answered, finished)?;
        let told = format!("{}: {answered} of {} answered", run.name, run.asked);
        match finished {
            true => run.tell(
                tx,
                record,
                "playbook.finished",
                format!("went through {told}"),
            ),
            false if run.answered != self.answered => {
                run.tell(tx, record, "playbook.saved", format!("went on with {told}"));
            }
            false => {}
        }
        Ok(run)
    }

    /// The answers alone, of which nobody need hear yet.
    pub fn keep(
        &self,
        tx: &mut Tx,
        answers: Answers,
        answered: usize,
        finished: bool,
    ) -> Result<Run> {
        let now = tx.now;
        Ok(diesel::update(runs::table.filter(runs::id.eq(self.id)))
            .set((
                runs::answers.eq(Json(answers)),
                runs::answered.eq(answered as i32),
                runs::saved_by.eq(tx.person),
                runs::saved_at.eq(now),
                runs::finished_at.eq(finished.then_some(now)),
            ))
            .returning(Run::as_returning())
            .get_result(&mut **tx)?)
    }

    /// Whether it can still be gone on with.
    pub fn is_open(&self) -> bool {
        self.finished_at.is_none()
    }

    fn tell<T: Editable>(&self, tx: &mut Tx, record: &T, kind: &'static str, text: String) {
        let event = tx.note_event(kind, &record.title(), Changes::none());
        event.record_kind = Some(T::KIND.to_owned());
        event.record_id = Some(record.id());
        event.with("run", self.id).with("text", text).quietly();
    }
}
