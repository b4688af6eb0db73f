//! The audit log: who did what, when, and from where. It is read here and changed nowhere.

mod entry;
mod export;
mod filter;
mod handlers;
mod sign_in;
#[cfg(test)]
mod tests;

use platform::web::help::Topic;
use platform::web::{Resource, Routes};

use super::settings::SettingsPage;

pub const SETTINGS: SettingsPage = SettingsPage {
    label: "Audit log",
    text: "Who changed what and when, who signed in, who was refused",
    path: "/settings/audit",
    icon: "history",
    resource: "audit",
};

pub struct Audit;

impl Resource for Audit {
    const NAME: &'static str = "audit";
}

pub const HELP: &[Topic] = &[crate::routes::topic(
    "audit",
    "Settings",
    "history",
    &["/settings/audit"],
    "audit",
    include_str!("help.md"),
)];

pub fn routes(r: &mut Routes) {
    r.get("/settings/audit", handlers::index)
        .get("/settings/audit/sign-ins", handlers::sign_ins)
        .get("/settings/audit/export", export::export);
}
