//! What it takes to enter a stage, and how a move is told.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Uuid as SqlUuid;
use platform::db::Tx;
use platform::error::FieldError;
use platform::filter::{Context, Filter};
use platform::records::setup::Setup;
use platform::records::shown::money;
use platform::schema::{deal_moves, deals};
use platform::{Error, Result};
use serde_json::Value;
use uuid::Uuid;

use super::deal::Deal;
use super::fields;
use super::form::DealForm;
use super::steps::spell;
use super::{KIND, list};
use crate::crm::pipelines::{Pipeline, Reason, Stage, StageKind};

/// The fields of its own that a stage can ask for.
const REQUIRABLE: [(&str, &str); 6] = [
    ("amount", "Amount"),
    ("closes_on", "Expected close"),
    ("company_id", "Company"),
    ("contact_id", "Primary contact"),
    ("owner_id", "Owner"),
    ("description", "Description"),
];

/// The fields that a stage can ask for, those of the workspace's own too.
pub fn requirable(setup: &Setup) -> Vec<(String, String)> {
    let own = REQUIRABLE
        .iter()
        .map(|(k, l)| (k.to_string(), l.to_string()));
    let custom = setup
        .fields_of(KIND.name)
        .map(|f| (f.name(), f.label.clone()));
    own.chain(custom).collect()
}

/// A stage that a deal may be put into.
pub fn stage(tx: &mut Tx, id: Uuid) -> Result<Stage> {
    let gone = || Error::invalid("stage_id", "That stage is gone. Choose another one.");
    match Stage::find(tx, id) {
        Ok(stage) if Pipeline::find(tx, stage.pipeline_id)?.archived_at.is_some() => Err(
            Error::invalid("stage_id", "The pipeline of that stage is put away."),
        ),
        Err(Error::NotFound) => Err(gone()),
        found => found,
    }
}

/// A deal that goes on has no reason; one that is lost needs one; and it is one for that kind of ending.
pub fn settle_reason(tx: &mut Tx, stage: &Stage, form: &mut DealForm) -> Result<()> {
    if stage.is_open() {
        form.reason_id = None;
        return Ok(());
    }
    match form.reason_id {
        None if stage.kind == StageKind::Lost => Err(Error::invalid(
            "reason_id",
            "Please say why the deal is lost.",
        )),
        None => Ok(()),
        Some(id) => match Reason::find(tx, id) {
            Ok(reason) if reason.kind == stage.kind => Ok(()),
            Ok(_) | Err(Error::NotFound) => Err(Error::invalid(
                "reason_id",
                format!("That is no reason why a deal is {}.", stage.kind.key()),
            )),
            Err(error) => Err(error),
        },
    }
}

/// Refuses a deal that lacks what its new stage asks for, naming all of it at once.
pub fn check(tx: &mut Tx, stage: &Stage, deal: &Deal) -> Result<()> {
    if stage.required.is_empty() && !stage.is_gated() {
        return Ok(());
    }
    let setup = Setup::load(tx, &[(KIND.name, fields::lists)])?;
    let known = requirable(&setup);
    let missing = known
        .iter()
        .filter(|(key, _)| stage.required.contains(key) && list::is_blank(deal, key));
    let mut problems: Vec<FieldError> = missing
        .map(|(key, label)| FieldError {
            field: key.clone(),
            message: format!("{label} is needed to enter {}.", stage.name),
        })
        .collect();
    if let Some(words) = shut(tx, stage, deal, &setup)? {
        problems.push(FieldError {
            field: "stage_id".into(),
            message: words,
        });
    }
    match problems.is_empty() {
        true => Ok(()),
        false => Err(Error::Invalid(problems)),
    }
}

/// What of the stage's condition keeps the deal out.
fn shut(tx: &mut Tx, stage: &Stage, deal: &Deal, setup: &Setup) -> Result<Option<String>> {
    if !stage.is_gated() {
        return Ok(None);
    }
    let filter = match Filter::from_json(&stage.gate, &setup.catalogue(&KIND)) {
        Ok(filter) => filter,
        // A field may be gone since: then it is for whoever keeps the pipeline to say what is meant.
        Err(_) => {
            let words = format!(
                "The condition of {} names something that is gone.",
                stage.name
            );
            return Ok(Some(words));
        }
    };
    let context = Context {
        now: tx.now,
        zone: tx.zone()?,
        me: tx.person,
    };
    let held: Option<Uuid> = deals::table
        .filter(deals::id.eq(deal.id))
        .filter(filter.predicate(&context))
        .select(deals::id)
        .first(&mut **tx)
        .optional()?;
    Ok(match held {
        Some(_) => None,
        None => Some(format!(
            "{} takes deals only where this holds: {}.",
            stage.name,
            filter.describe()
        )),
    })
}

/// A move in an event.
pub struct Told {
    pub kind: &'static str,
    pub text: String,
}

pub fn told(tx: &mut Tx, before: &Deal, after: &Deal, stage: &Stage) -> Result<Told> {
    let seconds = (after.stage_since - before.stage_since).num_seconds();
    let stood = match spell(seconds) {
        time if time.is_empty() => String::new(),
        time => format!(", after {time}"),
    };
    let reason = match after.reason_id {
        Some(id) => format!(": {}", Reason::find(tx, id)?.name),
        None => String::new(),
    };
    Ok(match stage.kind {
        StageKind::Won => Told {
            kind: "deal.won",
            text: format!(
                "won this deal of {}{reason}",
                money(after.amount, &after.currency)
            ),
        },
        StageKind::Lost => Told {
            kind: "deal.lost",
            text: format!("lost this deal{reason}"),
        },
        StageKind::Open if before.status != StageKind::Open => Told {
            kind: "deal.reopened",
            text: format!("reopened this deal in {}", stage.name),
        },
        StageKind::Open => {
            let from = Stage::find(tx, before.stage_id)?.name;
            Told {
                kind: "deal.stage_changed",
                text: format!("moved this deal from {from} to {}{stood}", stage.name),
            }
        }
    })
}

/// Whether nothing else was changed with it, so that the sentence says it all.
pub fn is_only_a_move(changes: &Value) -> bool {
    let mut keys = changes.as_object().into_iter().flat_map(|c| c.keys());
    keys.all(|key| matches!(key.as_str(), "stage_id" | "reason_id"))
}

/// Since when a deal stood in the stage that its last move took it from.
pub fn stood_since(tx: &mut Tx, deal: &Deal, stage: Uuid) -> Result<Option<DateTime<Utc>>> {
    let last: Option<(Option<Uuid>, DateTime<Utc>, i64)> = deal_moves::table
        .filter(deal_moves::deal_id.eq(deal.id))
        .filter(deal_moves::to_stage_id.eq(deal.stage_id))
        .order((deal_moves::moved_at.desc(), deal_moves::id.desc()))
        .select((
            deal_moves::from_stage_id,
            deal_moves::moved_at,
            deal_moves::seconds,
        ))
        .first(&mut **tx)
        .optional()?;
    let last = last.filter(|(from, ..)| *from == Some(stage));
    Ok(last.map(|(_, at, stood)| at - TimeDelta::seconds(stood)))
}

#[derive(QueryableByName)]
struct Last {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// The open stage of its pipeline that a deal was in last.
pub fn last_open(tx: &mut Tx, deal: &Deal) -> Result<Option<Uuid>> {
    let last: Option<Last> = sql_query(
        "select s.id from deal_moves m join stages s on s.workspace_id = m.workspace_id and s.id = m.from_stage_id
         where m.deal_id = $1 and s.kind = 'open' and s.pipeline_id = $2 order by m.moved_at desc, m.id desc limit 1",
    )
    .bind::<SqlUuid, _>(deal.id)
    .bind::<SqlUuid, _>(deal.pipeline_id)
    .get_result(&mut **tx)
    .optional()?;
    Ok(last.map(|last| last.id))
}
