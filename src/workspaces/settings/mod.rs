//! A workspace's own settings: its name and sender, its brand, and the way to all other settings.

mod currencies;
mod form;
mod handlers;
#[cfg(test)]
mod tests;
mod workspace;

pub use currencies::CURRENCIES;
use platform::web::help::Topic;
use platform::web::navigation::NavItem;
use platform::web::{Crumb, Routes};

/// An entry of the settings page, for those who may view what is behind it.
#[derive(Clone, Copy, Debug)]
pub struct SettingsPage {
    pub label: &'static str,
    pub text: &'static str,
    /// Below `/w/{workspace}`.
    pub path: &'static str,
    pub icon: &'static str,
    pub resource: &'static str,
}

pub const SETTINGS: SettingsPage = SettingsPage {
    label: "Workspace",
    text: "Name, address, sender, currency, time zone and brand",
    path: "/settings/workspace",
    icon: "building-2",
    resource: "settings",
};

pub const NAV: NavItem =
    crate::routes::nav("Settings", "Settings", "/settings", "settings", "dashboard");

pub const HELP: &[Topic] = &[
    crate::routes::topic(
        "settings",
        "Settings",
        "settings",
        &["/settings"],
        "dashboard",
        include_str!("help/index.md"),
    ),
    crate::routes::topic(
        "workspace",
        "Settings",
        "building-2",
        &["/settings/workspace"],
        "settings",
        include_str!("help/workspace.md"),
    ),
];

pub fn routes(r: &mut Routes) {
    r.get("/settings", handlers::index)
        .get("/settings/workspace", handlers::edit)
        .patch("/settings/workspace", handlers::update);
}

/// The way back to all settings, from the page at `base`, which is `path` below the workspace.
pub fn crumb(base: &str, path: &str) -> Crumb {
    let workspace = base.strip_suffix(path).unwrap_or_default();
    Crumb::to("Settings", format!("{workspace}/settings"))
}
