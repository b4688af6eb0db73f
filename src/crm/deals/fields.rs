//! What deals are filtered, sorted and listed by.

use platform::Result;
use platform::db::Tx;
use platform::filter::{Choice, Field, FieldType};
use platform::records::list::Sort;

use super::choices::DealKind;
use crate::crm::companies;
use crate::crm::contacts::LeadSource;
use crate::crm::pipelines::{Pipeline, Reason, Stage, StageKind};

const COMPANY: &str =
    "companies.workspace_id = deals.workspace_id and companies.id = deals.company_id";
const DAYS: &str = "(floor(extract(epoch from now() - deals.stage_since) / 86400))";
const ROTTING: &str = "(exists (select 1 from stages s where s.workspace_id = deals.workspace_id and s.id = deals.stage_id \
     and s.kind = 'open' and deals.stage_since < now() - make_interval(days => s.rots_after)))";

/// What stands in the place of a day that nobody has named, after all others.
pub const NEVER: &str = "infinity";

pub fn fields() -> Vec<Field> {
    use FieldType::*;
    let own = [
        Field::column("name", "Name", Text, "deals.name"),
        Field::column("stage_id", "Stage", Choice, "deals.stage_id").of_ids(),
        Field::column("pipeline_id", "Pipeline", Choice, "deals.pipeline_id").of_ids(),
        Field::column("status", "Status", Choice, "deals.status").choices(StageKind::options()),
        Field::column("amount", "Amount", Money, "deals.amount"),
        Field::column("currency", "Currency", Text, "deals.currency"),
        Field::column("closes_on", "Expected close", Date, "deals.closes_on"),
        Field::column("owner_id", "Owner", Person, "deals.owner_id"),
        Field::column(
            "company_id",
            "Company",
            Record("company"),
            "deals.company_id",
        ),
        Field::column(
            "contact_id",
            "Primary contact",
            Record("contact"),
            "deals.contact_id",
        ),
        Field::column("kind", "Type", Choice, "deals.kind").choices(DealKind::options()),
        Field::column("source", "Source", Choice, "deals.source").choices(LeadSource::options()),
        Field::column("tags", "Tags", Tags, "deals.tags"),
        Field::column("days_in_stage", "Days in stage", Number, DAYS),
        Field::column("stage_since", "Stage since", DateTime, "deals.stage_since"),
        Field::column("rotting", "Rotting", Checkbox, ROTTING).group("Related"),
        Field::column("reason_id", "Reason", Choice, "deals.reason_id").of_ids(),
        Field::column("closed_at", "Closed", DateTime, "deals.closed_at"),
        Field::column("description", "Description", LongText, "deals.description"),
        Field::column("created_at", "Created", DateTime, "deals.created_at"),
        Field::column("updated_at", "Changed", DateTime, "deals.updated_at"),
    ];
    own.into_iter().chain(companies::related(COMPANY)).collect()
}

/// The stages, pipelines and reasons that this workspace has.
pub fn lists(tx: &mut Tx) -> Result<Vec<(&'static str, Vec<Choice>)>> {
    let pipelines = Pipeline::all(tx)?;
    let many = pipelines.iter().filter(|p| p.archived_at.is_none()).count() > 1;
    let (mut stages, mut open) = (Vec::new(), Vec::new());
    for stage in Stage::all(tx)? {
        let in_use = pipelines
            .iter()
            .any(|p| p.id == stage.pipeline_id && p.archived_at.is_none());
        let of = pipelines.iter().find(|p| p.id == stage.pipeline_id);
        let label = match of {
            Some(p) if many || p.archived_at.is_some() => format!("{} · {}", p.name, stage.name),
            _ => stage.name,
        };
        let choice = Choice {
            value: stage.id.to_string(),
            label,
            tone: stage.tone.key(),
        };
        open.extend(in_use.then(|| choice.clone()));
        stages.push(choice);
    }
    let plain = |id: uuid::Uuid, label: String| Choice {
        value: id.to_string(),
        label,
        tone: "",
    };
    let pipelines = pipelines.into_iter().map(|p| plain(p.id, p.name));
    let reasons = Reason::all(tx)?;
    let mut given: Vec<&Reason> = reasons.iter().collect();
    given.retain(|r| r.archived_at.is_none());
    // Those of one end together, within their order.
    given.sort_by_key(|r| r.kind.key());
    let given = given.into_iter();
    let given = given.map(|r| plain(r.id, format!("{}: {}", r.kind.label(), r.name)));
    let given = given.collect();
    let reasons = reasons.into_iter().map(|r| plain(r.id, r.name));
    Ok(vec![
        ("move.stage_id", open),
        ("move.reason_id", given),
        ("stage_id", stages),
        ("pipeline_id", pipelines.collect()),
        ("reason_id", reasons.collect()),
    ])
}

pub const SORTS: [Sort; 6] = [
    Sort {
        key: "created_at",
        column: "deals.created_at",
        cast: "timestamptz",
    },
    Sort {
        key: "updated_at",
        column: "deals.updated_at",
        cast: "timestamptz",
    },
    Sort {
        key: "name",
        column: "deals.name",
        cast: "text",
    },
    Sort {
        key: "amount",
        column: "deals.amount",
        cast: "bigint",
    },
    Sort {
        key: "closes_on",
        column: "deals.closes_by",
        cast: "date",
    },
    Sort {
        key: "stage_since",
        column: "deals.stage_since",
        cast: "timestamptz",
    },
];

pub const COLUMNS: [&str; 6] = [
    "stage_id",
    "amount",
    "closes_on",
    "company_id",
    "owner_id",
    "days_in_stage",
];
