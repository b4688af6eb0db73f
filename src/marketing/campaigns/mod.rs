//! Campaigns: one mail to a segment, from draft to results.

mod campaign;
mod dashboard;
mod form;
mod handlers;
mod list;
mod recipients;
mod results;
mod review;
pub mod sending;
mod show;
mod states;
#[cfg(test)]
pub(in crate::marketing) mod tests;
mod transitions;

use platform::records::archiving::{archive, restore};
use platform::records::kinds::Kind;
use platform::records::listing;
use platform::records::undo;
use platform::web::Routes;
use platform::web::help::Topic;
use platform::web::navigation::NavItem;

use campaign::Campaign;
pub use dashboard::CARD;
pub use recipients::mails_to;

const PATH: &str = "/campaigns";

pub const KIND: Kind = Kind {
    custom: "",
    fields: list::fields,
    sorts: &list::SORTS,
    ..crate::routes::kind("campaign", ["campaign", "campaigns"], "campaigns", "send")
};

pub const NAV: NavItem = NavItem {
    create: Some(("Campaign", "/campaigns/new")),
    ..crate::routes::nav("Marketing", "Campaigns", "/campaigns", "send", "campaigns")
};

pub const HELP: &[Topic] = &[crate::routes::topic(
    "campaigns",
    "Marketing",
    "send",
    &["/campaigns"],
    "campaigns",
    include_str!("help.md"),
)];

pub fn routes(r: &mut Routes) {
    r.get("/campaigns", listing::index::<campaign::Campaign>)
        .post("/campaigns", handlers::create)
        .get("/campaigns/new", handlers::new)
        .get("/campaigns/{id}", show::show)
        .get("/campaigns/{id}/edit", handlers::edit)
        .patch("/campaigns/{id}", handlers::update)
        .delete("/campaigns/{id}", archive::<Campaign>)
        .post("/campaigns/{id}/restoration", restore::<Campaign>)
        .get("/campaigns/{id}/recipients", recipients::index)
        .post("/campaigns/{id}/sending", transitions::send)
        .post("/campaigns/{id}/schedule", transitions::schedule)
        .delete("/campaigns/{id}/schedule", transitions::unschedule)
        .post("/campaigns/{id}/pause", transitions::pause)
        .delete("/campaigns/{id}/pause", transitions::resume)
        .post("/campaigns/{id}/cancellation", transitions::cancel)
        .post("/campaigns/{id}/held", transitions::settle);
    undo::routes::<Campaign>(r);
}
