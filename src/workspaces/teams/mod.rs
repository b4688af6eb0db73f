//! Teams: who works with whom. Rights that reach a team's records go by them, and so do the rules of assignment.

mod form;
mod handlers;
mod team;
#[cfg(test)]
mod tests;

use platform::web::Routes;
use platform::web::help::Topic;

use super::settings::SettingsPage;

pub use team::{Mate, Team};

pub const SETTINGS: SettingsPage = SettingsPage {
    label: "Teams",
    text: "Who works with whom, who leads them, and who is away",
    path: "/settings/teams",
    icon: "users",
    resource: "teams",
};

pub const HELP: &[Topic] = &[crate::routes::topic(
    "teams",
    "Settings",
    "users",
    &["/settings/teams"],
    "teams",
    include_str!("help.md"),
)];

pub fn routes(r: &mut Routes) {
    r.get("/settings/teams", handlers::index)
        .post("/settings/teams", handlers::create)
        .get("/settings/teams/new", handlers::new)
        .get("/settings/teams/{id}", handlers::edit)
        .patch("/settings/teams/{id}", handlers::update)
        .delete("/settings/teams/{id}", handlers::remove);
}
