//! Segments: contacts that a filter finds, or that were put together by hand.

mod audience;
mod count;
mod form;
mod handlers;
mod list;
mod members;
mod segment;
mod show;
#[cfg(test)]
mod tests;

use platform::records::archiving::{archive, restore};
use platform::records::kinds::Kind;
use platform::records::listing;
use platform::records::undo;
use platform::web::Routes;
use platform::web::help::Topic;
use platform::web::navigation::NavItem;

pub use audience::Audience;
pub use segment::{Segment, choices};

pub const KIND: Kind = Kind {
    custom: "",
    fields: list::fields,
    sorts: &list::SORTS,
    ..crate::routes::kind("segment", ["segment", "segments"], "segments", "target")
};

pub const NAV: NavItem = NavItem {
    create: Some(("Segment", "/segments/new")),
    ..crate::routes::nav("Marketing", "Segments", "/segments", "target", "segments")
};

pub const HELP: &[Topic] = &[crate::routes::topic(
    "segments",
    "Marketing",
    "target",
    &["/segments"],
    "segments",
    include_str!("help.md"),
)];

pub fn routes(r: &mut Routes) {
    r.get("/segments", listing::index::<Segment>)
        .post("/segments", handlers::create)
        .get("/segments/new", handlers::new)
        .post("/segments/count", count::create)
        .get("/segments/{id}", show::show)
        .get("/segments/{id}/edit", handlers::edit)
        .patch("/segments/{id}", handlers::update)
        .delete("/segments/{id}", archive::<Segment>)
        .post("/segments/{id}/restoration", restore::<Segment>)
        .get("/segments/{id}/members", members::index)
        .post("/segments/{id}/members", members::create)
        .delete("/segments/{id}/members/{contact}", members::destroy);
    undo::routes::<Segment>(r);
}
