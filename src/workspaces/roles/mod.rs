//! What people may do: roles with a rank and a matrix of rights.

mod form;
mod grid;
mod handlers;
mod matrix;
mod role;
#[cfg(test)]
mod tests;

use platform::web::Routes;
use platform::web::help::Topic;

use super::settings::SettingsPage;

pub use grid::ACTIONS;
pub use role::Role;

pub const SETTINGS: SettingsPage = SettingsPage {
    label: "Roles",
    text: "What each role may see and do",
    path: "/settings/roles",
    icon: "shield-check",
    resource: "roles",
};

pub const HELP: &[Topic] = &[crate::routes::topic(
    "roles",
    "Settings",
    "shield-check",
    &["/settings/roles"],
    "roles",
    include_str!("help.md"),
)];

pub fn routes(r: &mut Routes) {
    r.get("/settings/roles", handlers::index)
        .post("/settings/roles", handlers::create)
        .get("/settings/roles/new", handlers::new)
        .get("/settings/roles/{id}", handlers::edit)
        .patch("/settings/roles/{id}", handlers::update)
        .delete("/settings/roles/{id}", handlers::destroy)
        .delete("/settings/roles/{id}/override", handlers::reset);
}
