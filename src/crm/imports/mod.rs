//! Files of contacts that people bring in: uploaded, matched column by column, checked, run, and taken back.

mod batch;
mod employers;
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
mod repeated;
mod report;
mod resuming;
mod rows;
mod source;
mod steps;
#[cfg(test)]
pub mod tests;
mod undo;
mod upload;

use platform::jobs::{Registry, Schedule};
use platform::live::Room;
use platform::web::Routes;
use platform::web::shell::NavItem;

/// Who has the page of an import open sees how far it is.
pub const ROOM: Room = Room {
    kind: "import",
    resource: "imports",
    admits: None,
};

pub const NAV: NavItem = crate::routes::nav(
    "CRM",
    "Imports",
    "/contacts/imports",
    "file-spreadsheet",
    "imports",
);

/// These stand before `/contacts/{id}`, which would take `imports` for an id.
pub fn routes(r: &mut Routes) {
    r.get("/contacts/imports", handlers::index)
        .post("/contacts/imports", receiving::create)
        .get("/contacts/imports/new", handlers::new)
        .get("/contacts/imports/{id}", handlers::show)
        .delete("/contacts/imports/{id}", handlers::destroy)
        .get("/contacts/imports/{id}/columns", handlers::columns)
        .post("/contacts/imports/{id}/check", handlers::check)
        .post("/contacts/imports/{id}/run", handlers::run)
        .post("/contacts/imports/{id}/stop", handlers::stop)
        .post("/contacts/imports/{id}/undo", handlers::undo)
        .get("/contacts/imports/{id}/problems", report::problems)
        .get("/contacts/imports/{id}/refused.csv", report::refused)
        .get("/contacts/imports/{id}/problems.csv", report::report);
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
