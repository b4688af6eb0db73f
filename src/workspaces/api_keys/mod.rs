//! Keys for programs: each acts as the person who made it, within its scopes, in this workspace alone.

mod api_key;
mod handlers;
#[cfg(test)]
mod tests;

use platform::web::Routes;
use platform::web::help::Topic;

use super::settings::SettingsPage;

pub const SETTINGS: SettingsPage = SettingsPage {
    label: "API keys",
    text: "Keys by which programs work here in your name",
    path: "/settings/api-keys",
    icon: "key",
    resource: "api_keys",
};

pub const HELP: &[Topic] = &[crate::routes::topic(
    "api-keys",
    "Settings",
    "key",
    &["/settings/api-keys"],
    "api_keys",
    include_str!("help.md"),
)];

pub fn routes(r: &mut Routes) {
    r.get("/settings/api-keys", handlers::index)
        .post("/settings/api-keys", handlers::create)
        .get("/settings/api-keys/new", handlers::new)
        .delete("/settings/api-keys/{id}", handlers::revoke);
}
