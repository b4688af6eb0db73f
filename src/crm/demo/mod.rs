//! Demo data: people, companies, deals and tasks to try everything with, which go again without a trace in the lists.

mod adding;
mod handlers;
mod removing;
mod set;
#[cfg(test)]
mod tests;

use diesel::prelude::*;
use platform::Result;
use platform::db::Tx;
use platform::records::kinds::Kind;
use platform::schema::demo_records;
use platform::web::Routes;
use platform::web::can::Member;
use platform::web::help::Topic;
use serde::Serialize;

use crate::crm::{companies, contacts, deals, tasks};

/// Where it is added and removed, below `/w/{workspace}`.
pub const PATH: &str = "/demo";

/// The kinds of record in it.
const KINDS: [&Kind; 4] = [
    &contacts::KIND,
    &companies::KIND,
    &deals::KIND,
    &tasks::KIND,
];

pub const HELP: &[Topic] = &[crate::routes::topic(
    "demo",
    "CRM",
    "sparkles",
    &[PATH],
    "imports",
    include_str!("help.md"),
)];

pub fn routes(r: &mut Routes) {
    r.get(PATH, handlers::show)
        .put(PATH, handlers::add)
        .does()
        .delete(PATH, handlers::remove)
        .does();
}

/// Whether this member may add it, which takes the rights to import all of it, and remove it, which takes the right to
/// archive whatever became of it.
pub fn may_try(member: &Member) -> bool {
    let brings = |kind: &&Kind| {
        let may = |action| member.may(kind.resource(), action);
        may("import") && may("create") && member.may_with(kind.resource(), "archive", None)
    };
    member.may("imports", "create") && KINDS.iter().all(brings)
}

/// How much of each kind there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Counts {
    pub contacts: usize,
    pub companies: usize,
    pub deals: usize,
    pub tasks: usize,
    pub activities: usize,
}

fn is_here(tx: &mut Tx) -> Result<bool> {
    let any = demo_records::table.select(demo_records::record_id);
    Ok(diesel::select(diesel::dsl::exists(any)).get_result(&mut **tx)?)
}
