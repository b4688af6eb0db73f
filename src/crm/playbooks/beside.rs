//! The playbooks of a record, beside it: those that can be begun, those that go on, and what was answered.

use askama::Template;
use chrono_tz::Tz;
use diesel::prelude::*;
use platform::Result;
use platform::db::Tx;
use platform::records::kinds::Kind;
use platform::records::timeline::Aside;
use platform::schema::records;
use platform::web::can::Member;
use platform::web::filters;
use uuid::Uuid;

use super::playbook::Playbook;
use super::run::Run;
use crate::crm::{companies, contacts, deals};

#[derive(Template)]
#[template(path = "crm/playbooks/beside.html")]
struct Part {
    offered: Vec<(Uuid, String)>,
    runs: Vec<Run>,
    /// The record's own page.
    url: String,
    may_edit: bool,
    zone: Tz,
}

impl Part {
    fn begin_url(&self, id: &Uuid) -> String {
        format!("{}/playbooks/{id}", self.url)
    }
    fn run_url(&self, run: &Run) -> String {
        format!("{}/runs/{}", self.url, run.id)
    }
    fn so_far(&self, run: &Run) -> String {
        format!("{} of {} answered", run.answered, run.asked)
    }
    /// Whether somebody is at it already, and it is gone on with rather than begun.
    fn is_begun(&self, playbook: &Uuid) -> bool {
        let mut open = self.runs.iter().filter(|run| run.is_open());
        open.any(|run| run.playbook_id == Some(*playbook))
    }
}

pub fn beside(tx: &mut Tx, member: &Member, kind: &Kind, record: Uuid) -> Result<Aside> {
    let kinds = [contacts::KIND.name, companies::KIND.name, deals::KIND.name];
    if !kinds.contains(&kind.name) || !member.may("playbooks", "view") {
        return Ok(Aside::default());
    }
    let offered = Playbook::offered(tx, kind.name)?;
    let runs = Run::of_record(tx, record)?;
    if offered.is_empty() && runs.is_empty() {
        return Ok(Aside::default());
    }
    let owner: Option<Uuid> = records::table
        .filter(records::id.eq(record))
        .select(records::owner_id)
        .first(&mut **tx)?;
    let part = Part {
        offered,
        runs,
        url: member.url(&format!("/{}/{record}", kind.collection)),
        may_edit: member.may_with(kind.resource(), "edit", owner),
        zone: member.zone,
    };
    Ok(Aside {
        part: part.render()?,
        composer: None,
    })
}
