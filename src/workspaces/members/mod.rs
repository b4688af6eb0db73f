//! Who works in a workspace, and as what.

mod form;
mod handlers;
mod list;
mod member;
#[cfg(test)]
mod tests;

use platform::web::Routes;
use platform::web::help::Topic;

use super::settings::SettingsPage;

pub const SETTINGS: SettingsPage = SettingsPage {
    label: "Members",
    text: "Who works here, in which role and team",
    path: "/settings/members",
    icon: "users-round",
    resource: "members",
};

pub const HELP: &[Topic] = &[crate::routes::topic(
    "members",
    "Settings",
    "users-round",
    &["/settings/members"],
    "members",
    include_str!("help.md"),
)];

pub fn routes(r: &mut Routes) {
    r.get("/settings/members", handlers::index)
        .post("/settings/members", handlers::create)
        .get("/settings/members/new", handlers::new)
        .get("/settings/members/{id}", handlers::edit)
        .patch("/settings/members/{id}", handlers::update)
        .delete("/settings/members/{id}", handlers::deactivate)
        .post("/settings/members/{id}/restoration", handlers::restore)
        .post("/settings/members/{id}/invitation", handlers::invite_again);
}
