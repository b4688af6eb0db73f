//! What mail is about, as readers see it: they may refuse one topic and keep the others.

mod handlers;
#[cfg(test)]
mod tests;
mod topic;
mod wish;

use platform::web::Routes;
use platform::web::help::Topic;
use platform::web::navigation::NavItem;

pub use topic::choices;
pub use wish::Wish;

pub const NAV: NavItem =
    crate::routes::nav("Marketing", "Topics", "/topics", "megaphone", "topics");

pub const HELP: &[Topic] = &[crate::routes::topic(
    "topics",
    "Marketing",
    "megaphone",
    &["/topics"],
    "topics",
    include_str!("help.md"),
)];

pub fn routes(r: &mut Routes) {
    r.get("/topics", handlers::index)
        .post("/topics", handlers::create)
        .get("/topics/new", handlers::new)
        .get("/topics/{id}", handlers::show)
        .get("/topics/{id}/edit", handlers::edit)
        .patch("/topics/{id}", handlers::update)
        .delete("/topics/{id}", handlers::archive)
        .post("/topics/{id}/restoration", handlers::restore);
}
