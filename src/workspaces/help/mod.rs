//! Help: all topics and the search over them, and each of them as a page and beside the screen that it explains.

mod pages;
#[cfg(test)]
mod tests;

use platform::web::help::Topic;
use platform::web::{Resource, Routes};

/// Whoever may open a workspace may read its help, as far as they see what it is about.
pub struct Manual;

impl Resource for Manual {
    const NAME: &'static str = "dashboard";
}

/// What is the same on every screen.
pub const HELP: &[Topic] = &[
    crate::routes::topic(
        "basics",
        "Everyday",
        "circle-help",
        &["/search"],
        "dashboard",
        include_str!("basics.md"),
    ),
    crate::routes::topic(
        "lists",
        "Everyday",
        "table-2",
        &[],
        "dashboard",
        include_str!("lists.md"),
    ),
];

pub fn routes(r: &mut Routes) {
    r.get("/help", pages::index)
        .get("/help/{topic}", pages::show);
}
