//! One row is written: a record is made of it, or one that is here takes on what it says.

use platform::db::Tx;
use platform::records::Editable;
use platform::records::write::{self, Written};
use platform::web::Form;
use platform::{Error, Result};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::Imported;
use super::keeping::{self, Kept};
use super::links::Resolved;
use super::links::companies::{Companies, Make};
use super::staged::Staged;
use super::writing::Work;
use crate::crm::imports::plan::Duplicates;
use crate::crm::imports::problem::Kind;
use crate::crm::imports::what::What;

/// What became of a row.
pub enum Fate {
    Created,
    Updated,
    Skipped(String),
    /// As it may not be changed, or can't be told from another.
    Refused(Kind, String),
}

/// And the company that was made for it.
pub type Done = (Fate, Option<(Make, Uuid)>);

impl<T: Imported + 'static> Work<T> {
    /// What the form refuses is an error; then nothing of the row stays.
    pub fn write_row(&self, tx: &mut Tx, row: &Staged, found: &Resolved) -> Result<Done> {
        let mut typed = row.typed.clone();
        typed.extend(found.typed.clone());
        let known = match (&found.make, self.known(tx, row, &typed)?) {
            // What belongs to a company that is not here yet can't be here either.
            (Some(("company_id", _)), Known::One(..) | Known::Several(_)) if row.id.is_none() => {
                Known::None
            }
            (_, known) => known,
        };
        let target = match known {
            Known::None => None,
            Known::Several(by) => {
                let words = several::<T>(by);
                return Ok((
                    match self.plan.duplicates {
                        Duplicates::Update => Fate::Refused(Kind::Link, words),
                        _ => Fate::Skipped(words),
                    },
                    None,
                ));
            }
            Known::One(id, by) => match self.may_write(tx, id, by)? {
                Ok(target) => Some(target),
                Err(fate) => return Ok((fate, None)),
            },
        };
        let made = match &found.make {
            Some((field, make)) => {
                let id = Companies::make(tx, &self.import, make)?;
                typed.insert((*field).to_owned(), json!(id));
                Some((make.clone(), id))
            }
            None => None,
        };
        let fate = match target {
            None => self.create(tx, row, found, typed)?,
            Some(target) => self.update(tx, target, row, found, typed)?,
        };
        Ok((fate, made))
    }

    fn known(&self, tx: &mut Tx, row: &Staged, typed: &Map<String, Value>) -> Result<Known> {
        if self.plan.duplicates == Duplicates::Create {
            return self.bare(tx, typed);
        }
        if let Some(id) = row.id {
            match T::find(tx, id) {
                Ok(record) if record.archived_at().is_none() => {
                    return Ok(Known::One(id, "Nexus ID"));
                }
                Ok(_) | Err(Error::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        let (ids, by) = T::known(tx, typed)?;
        Ok(match ids.as_slice() {
            [] => Known::None,
            [only] => Known::One(*only, by),
            _ => Known::Several(by),
        })
    }

    /// A company that an earlier row named is the one that this row is about, whatever becomes of others.
    fn bare(&self, tx: &mut Tx, typed: &Map<String, Value>) -> Result<Known> {
        if T::WHAT != What::Company {
            return Ok(Known::None);
        }
        let (ids, by) = T::known(tx, typed)?;
        for id in ids {
            let kept = Kept::of(tx, &self.import, id)?;
            if kept.is_some_and(|kept| kept.is_bare()) {
                return Ok(Known::One(id, by));
            }
        }
        Ok(Known::None)
    }

    /// The record with what the import did to it before, unless it stays as it is.
    fn may_write(
        &self,
        tx: &mut Tx,
        id: Uuid,
        by: &'static str,
    ) -> Result<std::result::Result<Target<T>, Fate>> {
        let kept = Kept::of(tx, &self.import, id)?;
        let bare = kept.as_ref().is_some_and(Kept::is_bare);
        let singular = T::WHAT.kind().singular;
        if self.plan.duplicates == Duplicates::Skip && !bare {
            return Ok(Err(Fate::Skipped(match kept.and_then(|kept| kept.at) {
                Some(row) => format!("Row {row} of this file has the same {by}."),
                None => format!("There is a {singular} with this {by} already."),
            })));
        }
        let record = T::find(tx, id)?;
        let reached = match &self.plan.reach {
            None => true,
            Some(owners) => record.owner().is_some_and(|owner| owners.contains(&owner)),
        };
        if !reached && !bare {
            let words = format!("The {singular} with this {by} belongs to somebody else.");
            return Ok(Err(Fate::Refused(Kind::OutOfReach, words)));
        }
        Ok(Ok(Target { record, bare }))
    }

    fn create(
        &self,
        tx: &mut Tx,
        row: &Staged,
        found: &Resolved,
        mut typed: Map<String, Value>,
    ) -> Result<Fate> {
        let before = tx.events();
        if let Some(owner) = self.plan.owner_id {
            typed.entry("owner_id").or_insert(json!(owner));
        }
        if let Some(pipeline) = self.plan.pipeline_id {
            typed.entry("pipeline_id").or_insert(json!(pipeline));
        }
        let made = write::make_within::<T>(tx, &self.setup, Form::read(typed))?;
        let record = made.map_err(|form| Error::Invalid(form.problems().to_vec()))?;
        record.finish(tx, row, &found.people)?;
        let place = row.place.row;
        keeping::keep::<T>(tx, &self.import, record.id(), place, Map::new())?;
        keeping::mark::<T>(tx, before, &self.import, Some(place));
        Ok(Fate::Created)
    }

    /// Fills in what the file says; a blank cell takes nothing away, and lists only grow.
    fn update(
        &self,
        tx: &mut Tx,
        target: Target<T>,
        row: &Staged,
        found: &Resolved,
        mut typed: Map<String, Value>,
    ) -> Result<Fate> {
        let Target { record, bare } = target;
        let (events, was) = (tx.events(), keeping::state(tx, &record)?);
        if let (Some(Value::Array(more)), Some(Value::Array(tags))) =
            (typed.get("tags").cloned(), was.get("tags").cloned())
        {
            let new = more.into_iter().filter(|tag| !tags.contains(tag));
            let all = tags.iter().cloned().chain(new);
            typed.insert("tags".into(), all.collect());
        }
        let form = Form::read(typed.clone());
        let written = write::within::<T>(tx, &self.setup, record.id(), form, None, false)?;
        let record = match written {
            Written::Saved(saved) => saved.record,
            Written::Refused { form, .. } => return Err(Error::Invalid(form.problems().to_vec())),
            Written::Stale(_) => {
                return Err(Error::Conflict("Somebody is changing it just now.".into()));
            }
        };
        record.finish(tx, row, &found.people)?;
        let record = T::find(tx, record.id())?;
        let is = keeping::state(tx, &record)?;
        let (place, changes) = (row.place.row, keeping::changes(&was, &is));
        if bare {
            keeping::keep::<T>(tx, &self.import, record.id(), place, Map::new())?;
        } else if !changes.is_empty() {
            keeping::keep::<T>(tx, &self.import, record.id(), place, changes)?;
        }
        keeping::mark::<T>(tx, events, &self.import, Some(place));
        Ok(match bare {
            true => Fate::Created,
            false => Fate::Updated,
        })
    }
}

/// What is here already under the key of a row.
enum Known {
    None,
    One(Uuid, &'static str),
    Several(&'static str),
}

struct Target<T> {
    record: T,
    /// Made by this import for no more than its name.
    bare: bool,
}

fn several<T: Editable + Imported>(by: &str) -> String {
    let plural = T::WHAT.kind().plural;
    format!("There are several {plural} with this {by}. Their Nexus IDs tell them apart.")
}
