//! The ways that deals go: pipelines, their stages, and why deals are won and lost.

mod forms;
mod handlers;
mod pipeline;
mod reason;
mod stage;
mod stages;
#[cfg(test)]
mod tests;

use platform::web::Routes;
use platform::web::help::Topic;

use crate::workspaces::settings::SettingsPage;

pub use pipeline::Pipeline;
pub use reason::Reason;
pub use stage::{Stage, StageKind};

pub const SETTINGS: SettingsPage = SettingsPage {
    label: "Pipelines",
    text: "The stages that deals go through, what each of them asks for, and why deals are won and lost",
    path: "/settings/pipelines",
    icon: "workflow",
    resource: "pipelines",
};

pub const HELP: &[Topic] = &[crate::routes::topic(
    "pipelines",
    "Settings",
    "workflow",
    &["/settings/pipelines", "/settings/stages"],
    "pipelines",
    include_str!("help.md"),
)];

pub fn routes(r: &mut Routes) {
    r.get("/settings/pipelines", handlers::index)
        .post("/settings/pipelines", handlers::create)
        .get("/settings/pipelines/{id}", handlers::edit)
        .patch("/settings/pipelines/{id}", handlers::update)
        .delete("/settings/pipelines/{id}", handlers::archive)
        .post("/settings/pipelines/{id}/restoration", handlers::restore)
        .post("/settings/pipelines/{id}/position", handlers::shift)
        .post("/settings/pipelines/{id}/stages", stages::create)
        .get("/settings/stages/{id}", stages::edit)
        .patch("/settings/stages/{id}", stages::update)
        .delete("/settings/stages/{id}", stages::remove)
        .post("/settings/stages/{id}/position", stages::shift)
        .post("/settings/close-reasons", handlers::add_reason)
        .delete("/settings/close-reasons/{id}", handlers::archive_reason)
        .post(
            "/settings/close-reasons/{id}/restoration",
            handlers::restore_reason,
        );
}
