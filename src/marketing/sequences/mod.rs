//! Sequences: mails with pauses between them, to one contact at a time (MKT-04).

mod enrolment;
mod enrolments;
mod handlers;
mod letter;
mod list;
mod plan;
mod sending;
mod sequence;
mod show;
#[cfg(test)]
mod tests;

pub use enrolment::{enrol, leave, resume};
pub use sending::SendStep;
pub use sequence::choices;

use platform::records::archiving::archive;
use platform::records::kinds::Kind;
use platform::records::listing;
use platform::records::undo;
use platform::web::Routes;
use platform::web::help::Topic;
use platform::web::navigation::NavItem;

use sequence::Sequence;

pub const KIND: Kind = Kind {
    custom: "",
    fields: list::fields,
    sorts: &list::SORTS,
    ..crate::routes::kind(
        "sequence",
        ["sequence", "sequences"],
        "sequences",
        "list-checks",
    )
};

pub const NAV: NavItem = NavItem {
    create: Some(("Sequence", "/sequences/new")),
    ..crate::routes::nav(
        "Marketing",
        "Sequences",
        "/sequences",
        "list-checks",
        "sequences",
    )
};

pub const HELP: &[Topic] = &[crate::routes::topic(
    "sequences",
    "Marketing",
    "list-checks",
    &["/sequences"],
    "sequences",
    include_str!("help.md"),
)];

pub fn routes(r: &mut Routes) {
    r.get("/sequences", listing::index::<Sequence>)
        .post("/sequences", handlers::create)
        .get("/sequences/new", handlers::new)
        .get("/sequences/{id}", show::show)
        .get("/sequences/{id}/edit", handlers::edit)
        .patch("/sequences/{id}", handlers::update)
        .delete("/sequences/{id}", archive::<Sequence>)
        .post("/sequences/{id}/activation", handlers::activate)
        .delete("/sequences/{id}/activation", handlers::pause)
        .post("/sequences/{id}/restoration", handlers::restore)
        .post("/sequences/{id}/enrolments", enrolments::create)
        .delete("/sequences/{id}/enrolments/{enrolment}", enrolments::exit);
    undo::routes::<Sequence>(r);
}
