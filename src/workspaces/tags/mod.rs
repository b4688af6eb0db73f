//! The tags of a workspace: their colours, their names on all records at once, and which of them are one.

mod form;
mod handlers;
mod tag;
#[cfg(test)]
mod tests;

pub use form::Colour;
use platform::web::Routes;
use platform::web::help::Topic;
pub use tag::Tag;

use super::settings::SettingsPage;

pub const SETTINGS: SettingsPage = SettingsPage {
    label: "Tags",
    text: "Their names and colours, and which of them are one",
    path: "/settings/tags",
    icon: "tag",
    resource: "tags",
};

pub const HELP: &[Topic] = &[crate::routes::topic(
    "tags",
    "Settings",
    "tag",
    &["/settings/tags"],
    "tags",
    include_str!("help.md"),
)];

pub fn routes(r: &mut Routes) {
    r.get("/settings/tags", handlers::index)
        .post("/settings/tags", handlers::create)
        .get("/settings/tags/{id}", handlers::edit)
        .patch("/settings/tags/{id}", handlers::update)
        .delete("/settings/tags/{id}", handlers::destroy)
        .post("/settings/tags/{id}/merge", handlers::merge)
        .post("/settings/tags/deletions/{id}/undo", handlers::undo);
}
