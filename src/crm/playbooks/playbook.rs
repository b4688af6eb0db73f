//! A playbook: what is asked about one kind of record, step by step.

use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Text;
use platform::db::{Json, Tx};
use platform::events::Changes;
use platform::name_is_free;
use platform::schema::playbooks;
use platform::web::Resource;
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::{Validate, ValidationError};

/// More than this are nobody's.
const MOST: i64 = 100;
pub const MOST_STEPS: u64 = 40;

/// One step: something to read, something to ask, or both.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Validate)]
#[serde(default)]
pub struct Step {
    /// In Markdown.
    #[validate(length(max = 4000))]
    pub text: String,
    #[validate(length(max = 250))]
    pub question: String,
    /// The record's field that the answer is written to; empty where it is kept with the run alone.
    #[validate(length(max = 80))]
    pub field: String,
    pub required: bool,
}

impl Step {
    pub fn asks(&self) -> bool {
        !self.question.is_empty()
    }
}

pub type Steps = Json<Vec<Step>>;

#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = playbooks, check_for_backend(diesel::pg::Pg))]
pub struct Playbook {
    pub id: Uuid,
    pub record_kind: String,
    pub name: String,
    pub steps: Steps,
    pub active: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Resource for Playbook {
    const NAME: &'static str = "playbooks";
}

#[derive(Clone, Debug, Deserialize, Serialize, Validate)]
#[serde(default)]
#[validate(schema(function = "asks_something"))]
pub struct PlaybookForm {
    #[validate(length(min = 1, max = 80))]
    pub name: String,
    /// Of what it asks; a playbook keeps its kind.
    pub record_kind: String,
    pub active: bool,
    #[validate(
        nested,
        length(max = "MOST_STEPS", message = "A playbook has at most 40 steps.")
    )]
    pub steps: Vec<Step>,
}

impl Default for PlaybookForm {
    fn default() -> PlaybookForm {
        PlaybookForm {
            name: String::new(),
            record_kind: "contact".into(),
            active: true,
            steps: Vec::new(),
        }
    }
}

fn asks_something(form: &PlaybookForm) -> std::result::Result<(), ValidationError> {
    let asks = |step: &Step| !step.question.trim().is_empty() || !step.field.is_empty();
    match form.steps.iter().any(asks) {
        true => Ok(()),
        false => Err(ValidationError::new("asks")
            .with_message("A playbook asks at least one question.".into())),
    }
}

impl PlaybookForm {
    /// Leaves blank steps out and asks for a field by its name. `fields` are those that can be written.
    pub fn settle(&mut self, fields: &[(String, String)]) -> Result<()> {
        let mut problems = Vec::new();
        for (i, step) in self.steps.iter_mut().enumerate() {
            let known = fields.iter().find(|(key, _)| *key == step.field);
            match known {
                None if step.field.is_empty() => {}
                None => problems.push((i, "Please choose a field from the list.")),
                Some((_, label)) if step.question.is_empty() => step.question.clone_from(label),
                Some(_) => {}
            }
        }
        for (i, step) in self.steps.iter().enumerate() {
            let twice = self.steps[..i].iter().any(|b| b.field == step.field);
            if !step.field.is_empty() && twice {
                problems.push((i, "Another step asks for this field already."));
            }
        }
        if !problems.is_empty() {
            let problem = |(i, message): (usize, &str)| platform::error::FieldError {
                field: format!("steps.{i}.field"),
                message: message.to_owned(),
            };
            return Err(Error::Invalid(problems.into_iter().map(problem).collect()));
        }
        self.steps
            .retain(|step| !step.text.is_empty() || step.asks());
        Ok(())
    }
}

impl From<&Playbook> for PlaybookForm {
    fn from(p: &Playbook) -> PlaybookForm {
        PlaybookForm {
            name: p.name.clone(),
            record_kind: p.record_kind.clone(),
            active: p.active,
            steps: p.steps.0.clone(),
        }
    }
}

impl Playbook {
    pub fn all(tx: &mut Tx) -> Result<Vec<Playbook>> {
        Ok(playbooks::table
            .order((
                playbooks::record_kind,
                sql::<Text>("lower(name)"),
                playbooks::id,
            ))
            .limit(MOST)
            .select(Playbook::as_select())
            .load(&mut **tx)?)
    }

    /// Those that can be begun with a record of that kind, as (id, name).
    pub fn offered(tx: &mut Tx, kind: &str) -> Result<Vec<(Uuid, String)>> {
        Ok(playbooks::table
            .filter(playbooks::record_kind.eq(kind))
            .filter(playbooks::active)
            .order((sql::<Text>("lower(name)"), playbooks::id))
            .limit(MOST)
            .select((playbooks::id, playbooks::name))
            .load(&mut **tx)?)
    }

    pub fn find(tx: &mut Tx, id: Uuid) -> Result<Playbook> {
        let row = playbooks::table.filter(playbooks::id.eq(id));
        Ok(row.select(Playbook::as_select()).first(&mut **tx)?)
    }

    pub fn create(tx: &mut Tx, form: PlaybookForm) -> Result<Playbook> {
        free(tx, &form, None)?;
        let count: i64 = playbooks::table.count().get_result(&mut **tx)?;
        if count >= MOST {
            let words = format!("There can be at most {MOST} playbooks.");
            return Err(Error::invalid("name", words));
        }
        let playbook: Playbook = diesel::insert_into(playbooks::table)
            .values((
                playbooks::id.eq(Uuid::now_v7()),
                playbooks::record_kind.eq(&form.record_kind),
                playbooks::name.eq(&form.name),
                playbooks::active.eq(form.active),
                playbooks::steps.eq(Json(form.steps.clone())),
                playbooks::created_at.eq(tx.now),
                playbooks::updated_at.eq(tx.now),
            ))
            .returning(Playbook::as_returning())
            .get_result(&mut **tx)?;
        tx.note_event("playbook.created", &form.name, Changes::of_new(&form));
        Ok(playbook)
    }

    /// What was begun with it goes on as it was.
    pub fn save(&self, tx: &mut Tx, form: PlaybookForm) -> Result<Playbook> {
        let changes = Changes::between(&PlaybookForm::from(self), &form);
        if changes.is_empty() {
            return Ok(self.clone());
        }
        free(tx, &form, Some(self.id))?;
        let playbook: Playbook = diesel::update(playbooks::table.filter(playbooks::id.eq(self.id)))
            .set((
                playbooks::name.eq(&form.name),
                playbooks::active.eq(form.active),
                playbooks::steps.eq(Json(form.steps.clone())),
                playbooks::updated_at.eq(tx.now),
            ))
            .returning(Playbook::as_returning())
            .get_result(&mut **tx)?;
        tx.note_event("playbook.updated", &form.name, changes);
        Ok(playbook)
    }

    /// Gone for good; what was answered stays with its records.
    pub fn remove(&self, tx: &mut Tx) -> Result<()> {
        diesel::delete(playbooks::table.filter(playbooks::id.eq(self.id))).execute(&mut **tx)?;
        tx.note_event("playbook.removed", &self.name, Changes::none());
        Ok(())
    }
}

fn free(tx: &mut Tx, form: &PlaybookForm, but: Option<Uuid>) -> Result<()> {
    name_is_free!(
        tx,
        playbooks,
        &form.name,
        but,
        "There is a playbook of this name already.",
        playbooks::record_kind.eq(&form.record_kind),
    )
}
