//! Pipelines, stages and reasons by their names, and by what other programs call the end of a deal.

use std::sync::Arc;

use platform::Result;
use platform::db::Tx;
use platform::tabular::values::text::fold;
use serde_json::json;
use uuid::Uuid;

use super::Resolved;
use crate::crm::imports::plan::Plan;
use crate::crm::imports::problem::Kind;
use crate::crm::imports::reading::{Cost, Read, shortened};
use crate::crm::imports::records::field::Named;
use crate::crm::imports::records::staged::Staged;
use crate::crm::pipelines::{Pipeline, Reason, Stage, StageKind};

/// Those in use.
#[derive(Clone, Default)]
pub struct Stages {
    pipelines: Arc<Vec<Pipeline>>,
    stages: Arc<Vec<Stage>>,
    reasons: Arc<Vec<Reason>>,
}

impl Stages {
    pub fn load(tx: &mut Tx) -> Result<Stages> {
        let pipelines = Pipeline::open(tx)?;
        let mut stages = Stage::all(tx)?;
        stages.retain(|stage| pipelines.iter().any(|p| p.id == stage.pipeline_id));
        let mut reasons = Reason::all(tx)?;
        reasons.retain(|reason| reason.archived_at.is_none());
        Ok(Stages {
            pipelines: pipelines.into(),
            stages: stages.into(),
            reasons: reasons.into(),
        })
    }

    pub fn resolve(&self, plan: &Plan, row: &Staged, found: &mut Resolved) {
        let mut pipeline = None;
        if let Some((cell, text)) = row.names(Named::Pipeline) {
            match self.pipeline(text) {
                Ok(id) => {
                    pipeline = Some(id);
                    found.set("pipeline_id", json!(id));
                }
                Err(wrong) => found.wrong.push((cell, wrong)),
            }
        }
        let mut kind = None;
        if let Some((cell, text)) = row.names(Named::Stage) {
            match self.stage(text, pipeline, plan.pipeline_id) {
                Ok(stage) => {
                    kind = Some(stage.kind);
                    found.set("stage_id", json!(stage.id));
                }
                Err(wrong) => found.wrong.push((cell, wrong)),
            }
        }
        if let Some((cell, text)) = row.names(Named::Reason) {
            match self.reason(text, kind) {
                Ok(id) => found.set("reason_id", json!(id)),
                Err(wrong) => found.wrong.push((cell, wrong)),
            }
        }
    }

    fn pipeline(&self, text: &str) -> Read<Uuid> {
        let name = fold(text);
        let found = self.pipelines.iter().find(|p| fold(&p.name) == name);
        let names = || list(self.pipelines.iter().map(|p| p.name.as_str()));
        let id = found.map(|p| p.id);
        id.ok_or_else(|| not_there(text, "pipeline", &names()))
    }

    /// In the pipeline that the row names, else in the one that the plan does, else in whichever has one of that name.
    fn stage(&self, text: &str, named: Option<Uuid>, planned: Option<Uuid>) -> Read<&Stage> {
        let of = |pipeline: Option<Uuid>| {
            let all = self.stages.iter();
            all.filter(move |s| pipeline.is_none_or(|id| s.pipeline_id == id))
        };
        let mut found = self.called(text, of(named).collect());
        if found.len() > 1
            && let Some(planned) = planned.filter(|_| named.is_none())
        {
            found.retain(|stage| stage.pipeline_id == planned);
        }
        match found.as_slice() {
            [only] => Ok(only),
            [] => {
                let mut names: Vec<&str> = of(named).map(|s| s.name.as_str()).collect();
                names.dedup();
                Err(not_there(text, "stage", &list(names.into_iter())))
            }
            _ => Err((
                Kind::Link,
                Cost::Value,
                format!(
                    "Several pipelines have a stage called “{}”. Name the pipeline, too.",
                    shortened(text, 60)
                ),
            )),
        }
    }

    fn called<'a>(&'a self, text: &str, all: Vec<&'a Stage>) -> Vec<&'a Stage> {
        let name = fold(text);
        // An export of several pipelines names both: `Sales · Won`.
        let whole = |stage: &Stage| {
            let of = self.pipelines.iter().find(|p| p.id == stage.pipeline_id);
            of.map_or_else(String::new, |p| fold(&format!("{} {}", p.name, stage.name)))
        };
        let mut found = all.clone();
        found.retain(|stage| fold(&stage.name) == name || whole(stage) == name);
        if found.is_empty()
            && let Some(kind) = ending(&name)
        {
            found = all;
            found.retain(|stage| stage.kind == kind);
        }
        found
    }

    fn reason(&self, text: &str, kind: Option<StageKind>) -> Read<Uuid> {
        let name = fold(text);
        let fits = |reason: &&Reason| kind.is_none_or(|kind| reason.kind == kind);
        let fitting: Vec<&Reason> = self.reasons.iter().filter(fits).collect();
        let found = fitting.iter().find(|reason| fold(&reason.name) == name);
        let names = || list(fitting.iter().map(|reason| reason.name.as_str()));
        let id = found.map(|reason| reason.id);
        id.ok_or_else(|| not_there(text, "reason", &names()))
    }
}

/// How HubSpot, Salesforce and Pipedrive say that a deal is over.
fn ending(name: &str) -> Option<StageKind> {
    match name {
        "closed won" | "closedwon" | "won" => Some(StageKind::Won),
        "closed lost" | "closedlost" | "lost" => Some(StageKind::Lost),
        _ => None,
    }
}

fn not_there(text: &str, noun: &str, names: &str) -> crate::crm::imports::reading::Wrong {
    let shown = shortened(text, 60);
    let reason = match names {
        "" => format!("There is no {noun} “{shown}”."),
        names => format!("There is no {noun} “{shown}”; there are {names}."),
    };
    (Kind::Choice, Cost::Value, reason)
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    const MOST: usize = 12;
    let names: Vec<&str> = names.take(MOST).collect();
    names.join(", ")
}
