//! Follow-up rules: of whom nobody has heard for some days, the owner gets a task.

mod handlers;
mod rule;
mod run;
#[cfg(test)]
mod tests;

use platform::web::Routes;
use platform::web::help::Topic;

use crate::workspaces::settings::SettingsPage;

pub use run::schedule;

pub const SETTINGS: SettingsPage = SettingsPage {
    label: "Follow-ups",
    text: "After how many days of silence the owner of a contact gets a task",
    path: "/settings/follow-ups",
    icon: "repeat",
    resource: "follow_up_rules",
};

pub const HELP: &[Topic] = &[crate::routes::topic(
    "follow-ups",
    "Settings",
    "repeat",
    &["/settings/follow-ups"],
    "follow_up_rules",
    include_str!("help.md"),
)];

pub fn routes(r: &mut Routes) {
    r.get("/settings/follow-ups", handlers::index)
        .post("/settings/follow-ups", handlers::create)
        .get("/settings/follow-ups/new", handlers::new)
        .get("/settings/follow-ups/{id}", handlers::edit)
        .patch("/settings/follow-ups/{id}", handlers::update)
        .delete("/settings/follow-ups/{id}", handlers::remove)
        .does();
}
