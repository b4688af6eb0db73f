//! The page of a sequence: its steps with what came of them, and the contacts on it.

use actix_web::HttpResponse;
use askama::Template;
use diesel::prelude::*;
use platform::Result;
use platform::db::Tx;
use platform::records::open::{Opened, open};
use platform::schema::{email_templates, sequence_mails, topics};
use platform::web::can::View as See;
use platform::web::{Can, Crumb, Id, Page, View, filters};
use serde::Serialize;
use uuid::Uuid;

use super::enrolments::{Enrolled, Numbers};
use super::sequence::{Sequence, Status};

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
    opened: Opened<Sequence>,
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
}

impl Page for Show {
    fn title(&self) -> String {
        self.opened.title()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        self.opened.crumbs()
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        self.opened.block(id)
    }
}

impl Show {
    fn is_active(&self) -> bool {
        self.opened.row.status == Status::Active
    }
    fn is_archived(&self) -> bool {
        self.opened.row.archived_at.is_some()
    }
    /// The tabs over the enrolments: name, address, whether it is the one shown, how many.
    fn tabs(&self) -> [(&'static str, String, bool, String); 4] {
        let tab = |label, status: &str, n: i64| {
            let query = match status {
                "" => String::new(),
                status => format!("?status={status}"),
            };
            let count = filters::thousands(&n.to_string());
            (label, self.opened.url(&query), self.status == status, count)
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
        self.opened
            .url(&format!("/enrolments/{}", enrolled.enrolment.id))
    }
    fn exit_label(&self, enrolled: &Enrolled) -> String {
        format!("Take {} off this sequence", enrolled.name)
    }
}

pub async fn show(can: Can<See, Sequence>, Id(id): Id) -> Result<HttpResponse> {
    let status = can.asked.param("status").unwrap_or_default();
    let shown = status.clone();
    let more = move |tx: &mut Tx, sequence: &Sequence| {
        let enrolments = Enrolled::newest(tx, sequence.id, &shown)?;
        let (numbers, topic) = (Numbers::of(tx, sequence.id)?, topic(tx, sequence)?);
        let window = sequence.window(tx)?.to_string();
        Ok((results(tx, sequence)?, enrolments, numbers, topic, window))
    };
    let (opened, (results, enrolments, numbers, topic, window)) = open(&can, id, more).await?;
    let version = opened.row.version;
    let page = Show {
        opened,
        results,
        enrolments,
        numbers,
        topic,
        window,
        status,
    };
    can.versioned(version, page)
}

fn topic(tx: &mut Tx, sequence: &Sequence) -> Result<Option<String>> {
    let Some(id) = sequence.topic_id else {
        return Ok(None);
    };
    let name = topics::table.filter(topics::id.eq(id)).select(topics::name);
    Ok(name.first(&mut **tx).optional()?)
}
