//! Addresses that get no mail at all.

mod form;
mod handlers;
mod suppression;
#[cfg(test)]
mod tests;

use platform::web::Routes;
use platform::web::help::Topic;
use platform::web::navigation::NavItem;

pub use suppression::{Reason, is_suppressed, suppress, welcome_back};

pub const NAV: NavItem = crate::routes::nav(
    "Marketing",
    "Suppressions",
    "/suppressions",
    "mail-x",
    "suppressions",
);

pub const HELP: &[Topic] = &[crate::routes::topic(
    "suppressions",
    "Marketing",
    "mail-x",
    &["/suppressions"],
    "suppressions",
    include_str!("help.md"),
)];

pub fn routes(r: &mut Routes) {
    r.get("/suppressions", handlers::index)
        .post("/suppressions", handlers::create)
        .get("/suppressions/new", handlers::new)
        .get("/suppressions/{id}", handlers::show)
        .delete("/suppressions/{id}", handlers::lift);
}
