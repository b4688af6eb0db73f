//! Adds the demo data, each record by its own verb, all of it or nothing.

use std::collections::{HashMap, HashSet};

use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Tz;
use diesel::prelude::*;
use platform::db::Tx;
use platform::events::Changes;
use platform::records::activities::Logged;
use platform::records::{Card, Editable};
use platform::schema::{demo_records, demo_tags, tags};
use platform::{Error, Result};
use uuid::Uuid;

use super::set::{self, Place, Set};
use super::{Counts, is_here};
use crate::crm::companies::Company;
use crate::crm::contacts::Contact;
use crate::crm::deals::{Deal, DealForm};
use crate::crm::pipelines::{Pipeline, Reason, Stage, StageKind};
use crate::crm::tasks::{Task, TaskForm};

/// What was made so far, by its name; nothing in the set has the name of something else in it.
struct Adding {
    zone: Tz,
    today: NaiveDate,
    made: HashMap<String, (&'static str, Uuid)>,
}

/// `zone` is where its clock times and its days are meant.
pub fn add(tx: &mut Tx, zone: Tz) -> Result<Counts> {
    // Nobody waits for whoever adds it in the same moment.
    if !tx.is_alone_at("demo")? || is_here(tx)? {
        return Err(Error::Conflict(
            "The demo data is here already. Remove it first to have it as new.".into(),
        ));
    }
    let set = Set::read()?;
    let counts = set.counts();
    let tags = set.tags();
    let known = tags_named(tx, &tags)?;
    let before = tx.events();
    let mut adding = Adding {
        zone,
        today: tx.now.with_timezone(&zone).date_naive(),
        made: HashMap::new(),
    };
    for company in set.companies {
        adding.company(tx, company)?;
    }
    for contact in set.contacts {
        adding.contact(tx, contact)?;
    }
    let stages = Stages::of(tx)?;
    for deal in set.deals {
        adding.deal(tx, deal, &stages)?;
    }
    for task in set.tasks {
        adding.task(tx, task)?;
    }
    for activity in set.activities {
        adding.activity(tx, activity)?;
    }
    adding.remember(tx)?;
    let new = tags_named(tx, &tags)?;
    let new: Vec<_> = new
        .difference(&known)
        .map(|id| demo_tags::tag_id.eq(*id))
        .collect();
    diesel::insert_into(demo_tags::table)
        .values(new)
        .on_conflict_do_nothing()
        .execute(&mut **tx)?;
    mark(tx, before);
    tx.note_event("demo.added", "Demo data", Changes::none());
    Ok(counts)
}

/// It is one act and no work of mine on each of them: nobody need be told of every record.
pub fn mark(tx: &mut Tx, before: usize) {
    let act = Uuid::now_v7();
    for event in tx.events_since(before) {
        event.quietly().with("demo", true);
        event.act_id = Some(act);
    }
}

fn tags_named(tx: &mut Tx, names: &[String]) -> Result<HashSet<Uuid>> {
    let some = tags::table.filter(tags::name.eq_any(names));
    let some: Vec<Uuid> = some.select(tags::id).load(&mut **tx)?;
    Ok(some.into_iter().collect())
}

impl Adding {
    fn keep<T: Editable>(&mut self, record: &T) {
        let kept = (T::KIND, record.id());
        self.made.insert(record.title(), kept);
    }

    /// The record of that name, if it is of the set.
    fn id(&self, name: &str) -> Option<Uuid> {
        self.made.get(name).map(|(_, id)| *id)
    }

    fn company(&mut self, tx: &mut Tx, company: set::Company) -> Result<()> {
        let mut form = company.form;
        form.parent_id = company.parent.and_then(|name| self.id(&name));
        form.owner_id = tx.person;
        let company = Company::create(tx, form)?;
        self.keep(&company);
        Ok(())
    }

    fn contact(&mut self, tx: &mut Tx, contact: set::Contact) -> Result<()> {
        let mut form = contact.form;
        form.company_id = contact.company.and_then(|name| self.id(&name));
        form.owner_id = tx.person;
        let contact = Contact::create(tx, form)?;
        self.keep(&contact);
        Ok(())
    }

    fn deal(&mut self, tx: &mut Tx, deal: set::Deal, stages: &Stages) -> Result<()> {
        let (stage, reason) = stages.at(&deal.stage);
        let form = DealForm {
            stage_id: stage,
            reason_id: reason,
            company_id: self.id(&deal.company),
            contact_id: self.id(&deal.contact),
            closes_on: Some(self.today + TimeDelta::days(deal.closes_in)),
            owner_id: tx.person,
            ..deal.form
        };
        // What a stage of this workspace asks for the set can't know: then it begins where deals do, or not at all.
        let first = DealForm {
            stage_id: None,
            reason_id: None,
            ..form.clone()
        };
        for form in [form, first] {
            match tx.attempt(|tx| Deal::create(tx, form)) {
                Err(error) if error.status().is_client_error() => {}
                created => {
                    self.keep(&created?);
                    break;
                }
            }
        }
        Ok(())
    }

    fn task(&mut self, tx: &mut Tx, task: set::Task) -> Result<()> {
        let form = TaskForm {
            record_id: task.about.and_then(|name| self.id(&name)),
            due_on: Some(self.today + TimeDelta::days(task.due_in)),
            owner_id: tx.person,
            ..task.form
        };
        let made = Task::create(tx, form)?;
        self.keep(&made);
        if task.done {
            made.complete(tx)?;
        }
        Ok(())
    }

    fn activity(&mut self, tx: &mut Tx, activity: set::Activity) -> Result<()> {
        let Some(&(kind, id)) = self.made.get(&activity.about) else {
            return Ok(());
        };
        let card = Card::find(tx, kind, id)?;
        let mut form = activity.form;
        form.at = (tx.now - TimeDelta::hours(activity.hours_ago)).to_rfc3339();
        Logged::create(tx, &card, &form, self.zone)?;
        Ok(())
    }

    /// Writes down what came with it.
    fn remember(&self, tx: &mut Tx) -> Result<()> {
        let records: Vec<_> = self
            .made
            .values()
            .map(|(kind, id)| {
                (
                    demo_records::record_id.eq(*id),
                    demo_records::kind.eq(*kind),
                )
            })
            .collect();
        diesel::insert_into(demo_records::table)
            .values(records)
            .execute(&mut **tx)?;
        Ok(())
    }
}

/// The stages of the first pipeline.
struct Stages {
    open: Vec<Uuid>,
    won: Option<Uuid>,
    lost: Option<Uuid>,
    /// A deal is not lost without one.
    reason: Option<Uuid>,
}

impl Stages {
    fn of(tx: &mut Tx) -> Result<Stages> {
        let first = Pipeline::open(tx)?.into_iter().next();
        let all = match first {
            Some(pipeline) => pipeline.stages(tx)?,
            None => Vec::new(),
        };
        let ending = |kind| {
            let found = all.iter().find(|stage: &&Stage| stage.kind == kind);
            found.map(|stage| stage.id)
        };
        let reasons = Reason::choices(tx, StageKind::Lost)?;
        Ok(Stages {
            open: all.iter().filter(|s| s.is_open()).map(|s| s.id).collect(),
            won: ending(StageKind::Won),
            lost: ending(StageKind::Lost),
            reason: reasons.first().and_then(|(id, _)| id.parse().ok()),
        })
    }

    /// The stage, and why it is lost; a pipeline with fewer stages has it in its last open one.
    fn at(&self, place: &Place) -> (Option<Uuid>, Option<Uuid>) {
        match place {
            Place::Open(nth) => {
                let nth = nth.saturating_sub(1).min(self.open.len().saturating_sub(1));
                (self.open.get(nth).copied(), None)
            }
            Place::Ended(how) if how == "won" => (self.won, None),
            Place::Ended(_) => (self.lost, self.reason),
        }
    }
}
