//! What a workspace wants to know about a kind of record beyond what everybody does.

mod definition;
mod form;
mod handlers;
mod order;
#[cfg(test)]
mod tests;

use platform::web::Routes;
use platform::web::help::Topic;

use super::settings::SettingsPage;

pub const SETTINGS: SettingsPage = SettingsPage {
    label: "Custom fields",
    text: "Fields of your own on contacts and companies",
    path: "/settings/custom-fields",
    icon: "columns-3",
    resource: "custom_fields",
};

pub const HELP: &[Topic] = &[crate::routes::topic(
    "custom-fields",
    "Settings",
    "columns-3",
    &["/settings/custom-fields"],
    "custom_fields",
    include_str!("help.md"),
)];

pub fn routes(r: &mut Routes) {
    r.get("/settings/custom-fields", handlers::index)
        .post("/settings/custom-fields", handlers::create)
        .get("/settings/custom-fields/new", handlers::new)
        .get("/settings/custom-fields/{id}", handlers::edit)
        .patch("/settings/custom-fields/{id}", handlers::update)
        .delete("/settings/custom-fields/{id}", handlers::archive)
        .post(
            "/settings/custom-fields/{id}/restoration",
            handlers::restore,
        )
        .post("/settings/custom-fields/{id}/position", order::update);
}
