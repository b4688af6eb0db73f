//! The dashboard, which is the start page of a workspace: the cards that each person arranged, what is under way, and what
//! is still to be set up.

mod arrangement;
mod arranging;
mod cards;
mod overview;
mod page;
mod remembered;
mod steps;
#[cfg(test)]
mod tests;

use platform::web::help::Topic;
use platform::web::navigation::NavItem;
use platform::web::{Resource, Routes};

pub use cards::{NEWS, RECENT};
pub use steps::{HIDING, are_hidden};

pub struct Dashboard;

impl Resource for Dashboard {
    const NAME: &'static str = "dashboard";
}

pub const NAV: NavItem = NavItem {
    keys: "g h",
    ..crate::routes::nav("", "Home", "", "house", "dashboard")
};

pub const HELP: &[Topic] = &[crate::routes::topic(
    "home",
    "Everyday",
    "house",
    &["", "/dashboard"],
    "dashboard",
    include_str!("help.md"),
)];

pub fn routes(r: &mut Routes) {
    r.get("", page::show)
        .get("/dashboard/cards", arranging::index)
        .post("/dashboard/cards", arranging::add)
        .delete("/dashboard/cards", arranging::reset)
        .does()
        .patch("/dashboard/cards/{card}", arranging::change)
        .delete("/dashboard/cards/{card}", arranging::remove)
        .does()
        .put(HIDING, steps::hide)
        .does()
        .delete(HIDING, steps::bring_back)
        .does();
}
