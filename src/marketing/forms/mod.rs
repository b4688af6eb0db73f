//! Forms that the public fills in: on a page of ours or in a frame on a page of theirs (MKT-06).

mod definition;
mod form;
mod handlers;
mod list;
mod public;
mod show;
mod submission;
#[cfg(test)]
mod tests;

use platform::records::archiving::{archive, restore};
use platform::records::kinds::Kind;
use platform::records::listing;
use platform::records::undo;
use platform::web::Routes;
use platform::web::help::Topic;
use platform::web::navigation::NavItem;

use form::WebForm;

pub const KIND: Kind = Kind {
    custom: "",
    fields: list::fields,
    sorts: &list::SORTS,
    ..crate::routes::kind("form", ["form", "forms"], "forms", "clipboard-list")
};

pub const NAV: NavItem = NavItem {
    create: Some(("Form", "/forms/new")),
    ..crate::routes::nav("Marketing", "Forms", "/forms", "clipboard-list", "forms")
};

pub const HELP: &[Topic] = &[crate::routes::topic(
    "forms",
    "Marketing",
    "clipboard-list",
    &["/forms"],
    "forms",
    include_str!("help.md"),
)];

pub fn routes(r: &mut Routes) {
    r.get("/forms", listing::index::<WebForm>)
        .post("/forms", handlers::create)
        .get("/forms/new", handlers::new)
        .get("/forms/{id}", show::show)
        .get("/forms/{id}/edit", handlers::edit)
        .patch("/forms/{id}", handlers::update)
        .delete("/forms/{id}", archive::<WebForm>)
        .post("/forms/{id}/restoration", restore::<WebForm>)
        .post("/forms/{id}/publication", handlers::publish)
        .delete("/forms/{id}/publication", handlers::close);
    undo::routes::<WebForm>(r);
}

/// For visitors.
pub fn public_routes(r: &mut Routes) {
    r.get("/forms/{id}", public::show)
        .post("/forms/{id}", public::submit)
        .get("/forms/{id}/thanks", public::thanks);
}
