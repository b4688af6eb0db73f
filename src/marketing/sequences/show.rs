//! The page of a sequence: its steps with what came of them, and the contacts on it.

use actix_web::HttpResponse;
use askama::Template;
use chrono_tz::Tz;
use diesel::prelude::*;
use platform::Result;
use platform::db::Tx;
use platform::records::Editable;
use platform::records::listing::Trail;
use platform::schema::{email_templates, sequence_mails, topics};
use platform::web::can::View as See;
use platform::web::{Can, Crumb, Page, View, filters};
use serde::Serialize;
use uuid::Uuid;

use super::enrolments::{Enrolled, Numbers};
use super::sequence::{Sequence, Status};
use super::{Id, KIND};

/// What became of the mails of one step.
#[derive(Clone, Debug, Default, Serialize)]
struct StepResult {
    template: String,
    delay_hours: i32,
    sent: i64,
    opened: i64,
    clicked: i64,
    failed: i64,
}

fn results(tx: &mut Tx, sequence: &Sequence) -> Result<Vec<StepResult>> {
    use diesel::dsl::sql;
    use diesel::sql_types::BigInt;
    let steps = sequence.steps();
    let ids: Vec<Uuid> = steps.iter().filter_map(|s| s.template_id).collect();
    let names: Vec<(Uuid, String)> = email_templates::table
        .filter(email_templates::id.eq_any(ids))
        .select((email_templates::id, email_templates::name))
        .load(&mut **tx)?;
    let counts: Vec<(i32, i64, i64, i64, i64)> = sequence_mails::table
        .filter(sequence_mails::sequence_id.eq(sequence.id))
        .group_by(sequence_mails::step)
        .select((
            sequence_mails::step,
            sql::<BigInt>("count(*) filter (where status = 'sent')"),
            sql::<BigInt>("count(opened_at)"),
            sql::<BigInt>("count(clicked_at)"),
            sql::<BigInt>("count(*) filter (where status in ('failed', 'held'))"),
        ))
        .load(&mut **tx)?;
    let result = |(i, step): (usize, super::plan::Step)| {
        let (_, sent, opened, clicked, failed) = counts
            .iter()
            .find(|c| c.0 == i as i32)
            .copied()
            .unwrap_or_default();
        let name = names.iter().find(|(id, _)| Some(*id) == step.template_id);
        StepResult {
            template: name.map(|(_, n)| n.clone()).unwrap_or_default(),
            delay_hours: step.delay_hours,
            sent,
            opened,
            clicked,
            failed,
        }
    };
    Ok(steps.into_iter().enumerate().map(result).collect())
}

#[derive(Template, Serialize)]
#[template(path = "marketing/sequences/show.html")]
struct Show {
    #[serde(flatten)]
    sequence: Sequence,
    results: Vec<StepResult>,
    enrolments: Vec<Enrolled>,
    numbers: Numbers,
    #[serde(skip)]
    topic: Option<String>,
    /// When it sends, in words.
    window: String,
    /// Which of the enrolments are shown.
    #[serde(skip)]
    status: String,
    #[serde(skip)]
    trail: Trail,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    contacts: String,
    #[serde(skip)]
    zone: Tz,
    #[serde(skip)]
    may_edit: bool,
    #[serde(skip)]
    may_archive: bool,
}

impl Page for Show {
    fn title(&self) -> String {
        self.sequence.name.clone()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to("Sequences", self.trail.list()),
            Crumb::here(&self.sequence.name),
        ]
    }
}

impl Show {
    fn url(&self, path: &str) -> String {
        format!("{}/{}{path}", self.base, self.sequence.id)
    }
    fn is_active(&self) -> bool {
        self.sequence.status == Status::Active
    }
    fn is_archived(&self) -> bool {
        self.sequence.archived_at.is_some()
    }
    /// The tabs over the enrolments: name, address, whether it is the one shown, how many.
    fn tabs(&self) -> [(&'static str, String, bool, String); 4] {
        let tab = |label, status: &str, n: i64| {
            let query = match status {
                "" => String::new(),
                status => format!("?status={status}"),
            };
            let count = filters::thousands(&n.to_string());
            (label, self.url(&query), self.status == status, count)
        };
        let n = &self.numbers;
        [
            tab("All", "", n.active + n.finished + n.exited),
            tab("Under way", "active", n.active),
            tab("Finished", "finished", n.finished),
            tab("Left", "exited", n.exited),
        ]
    }
    fn exit_url(&self, enrolled: &Enrolled) -> String {
        self.url(&format!("/enrolments/{}", enrolled.enrolment.id))
    }
    fn exit_label(&self, enrolled: &Enrolled) -> String {
        format!("Take {} off this sequence", enrolled.name)
    }
}

pub async fn show(can: Can<See, Sequence>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let mut query = url::form_urlencoded::parse(can.asked.query.as_bytes());
    let status = query.find(|(key, _)| key == "status");
    let status = status
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default();
    let (base, contacts, zone) = (can.url("/sequences"), can.url("/contacts"), can.zone);
    let trail = Trail::read(&can, &KIND)?;
    let may_edit = can.may("sequences", "edit");
    let may_archive = can.may("sequences", "archive");
    let page = can.tx(move |tx| {
        let sequence = Sequence::find(tx, id)?;
        Ok(Show {
            results: results(tx, &sequence)?,
            enrolments: Enrolled::newest(tx, id, &status)?,
            numbers: Numbers::of(tx, id)?,
            topic: topic(tx, &sequence)?,
            window: sequence.window(tx)?.to_string(),
            trail: trail.follow(tx, &sequence)?,
            sequence,
            status,
            base,
            contacts,
            zone,
            may_edit,
            may_archive,
        })
    });
    let page = page.await?;
    can.versioned(page.sequence.version, page)
}

fn topic(tx: &mut Tx, sequence: &Sequence) -> Result<Option<String>> {
    let Some(id) = sequence.topic_id else {
        return Ok(None);
    };
    let name = topics::table.filter(topics::id.eq(id)).select(topics::name);
    Ok(name.first(&mut **tx).optional()?)
}
