//! Files that people bring in: uploaded, matched column by column, checked, run, and taken back.
//!
//! What holds for every file stands here; how contacts are written, by the hundred thousand, in `contacts`; how the rows
//! of other kinds are written, through the forms of their records, in `records`.

mod contacts;
mod fields;
mod files;
mod handlers;
mod import;
mod jobs;
mod pages;
mod plan;
mod preparing;
mod problem;
mod progress;
mod reading;
mod receiving;
mod records;
mod report;
mod resuming;
mod source;
mod steps;
#[cfg(test)]
pub mod tests;
mod undo;
mod upload;
mod verbs;
mod way;
mod what;
mod working;

use platform::jobs::{Registry, Schedule};
use platform::live::Room;
use platform::web::Routes;
use platform::web::help::Topic;
use platform::web::navigation::NavItem;

pub use import::Import;
use what::What;

/// Who has the page of an import open sees how far it is.
pub const ROOM: Room = Room {
    kind: "import",
    resource: "imports",
    admits: None,
};

pub const NAV: NavItem =
    crate::routes::nav("CRM", "Imports", "/imports", "file-spreadsheet", "imports");

pub const HELP: &[Topic] = &[crate::routes::topic(
    "imports",
    "CRM",
    "file-spreadsheet",
    &[
        "/imports",
        "/contacts/imports",
        "/companies/imports",
        "/deals/imports",
        "/tasks/imports",
    ],
    "imports",
    include_str!("help.md"),
)];

/// These stand before `/contacts/{id}`, which would take `imports` for an id.
pub fn routes(r: &mut Routes) {
    r.get("/imports", handlers::all)
        .get("/imports/{id}", handlers::anywhere);
    for what in What::ALL {
        of_kind(r, &format!("/{}/imports", what.collection()));
    }
}

fn of_kind(r: &mut Routes, base: &str) {
    let at = |path: &str| format!("{base}{path}");
    r.get(base, handlers::index)
        .post(base, receiving::create)
        .get(&at("/new"), handlers::new)
        .get(&at("/{id}"), handlers::show)
        .delete(&at("/{id}"), handlers::destroy)
        .get(&at("/{id}/columns"), handlers::columns)
        .post(&at("/{id}/check"), handlers::check)
        .post(&at("/{id}/run"), handlers::run)
        .post(&at("/{id}/stop"), handlers::stop)
        .post(&at("/{id}/undo"), handlers::undo)
        .get(&at("/{id}/problems"), report::problems)
        .get(&at("/{id}/refused.csv"), report::refused)
        .get(&at("/{id}/problems.csv"), report::report);
}

/// The rights that it takes to bring in records of each kind, beside that to import at all.
pub fn rights() -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = What::ALL.into_iter();
    all.map(|what| (what.kind().resource(), handlers::RIGHT))
}

pub fn jobs(registry: Registry) -> Registry {
    registry
        .job::<jobs::CheckImport>()
        .job::<jobs::RunImport>()
        .job::<jobs::UndoImport>()
        .schedule(Schedule::every(
            "imports.resume",
            "Go on with imports that were cut off",
            30,
            resuming::resume,
        ))
}
