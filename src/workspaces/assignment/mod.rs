//! Assignment: the rules by which new records find their owner, in turn or by load.

mod form;
mod handlers;
mod job;
mod preview;
mod rule;
mod sharing;
#[cfg(test)]
mod tests;

use platform::jobs::Registry;
use platform::web::Routes;
use platform::web::help::Topic;

use super::settings::SettingsPage;

pub use sharing::{Sharing, share_out};

pub const SETTINGS: SettingsPage = SettingsPage {
    label: "Assignment",
    text: "Whom new contacts, companies and deals are given to",
    path: "/settings/assignment",
    icon: "user-check",
    resource: "teams",
};

pub const HELP: &[Topic] = &[crate::routes::topic(
    "assignment",
    "Settings",
    "user-check",
    &["/settings/assignment"],
    "teams",
    include_str!("help.md"),
)];

pub fn routes(r: &mut Routes) {
    r.get("/settings/assignment", handlers::index)
        .post("/settings/assignment", handlers::create)
        .get("/settings/assignment/new", handlers::new)
        .get("/settings/assignment/preview", preview::show)
        .post("/settings/assignment/runs", job::start)
        .get("/settings/assignment/{id}", handlers::edit)
        .patch("/settings/assignment/{id}", handlers::update)
        .delete("/settings/assignment/{id}", handlers::remove)
        .post("/settings/assignment/{id}/position", handlers::shift);
}

pub fn jobs(registry: Registry) -> Registry {
    registry.job::<job::ShareOut>()
}
