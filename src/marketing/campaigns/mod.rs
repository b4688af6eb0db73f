//! Campaigns: one mail to a segment, from draft to results.

mod campaign;
mod form;
mod handlers;
mod list;
mod recipients;
mod results;
mod review;
pub mod sending;
mod states;
#[cfg(test)]
pub(in crate::marketing) mod tests;

use platform::records::kinds::Kind;
use platform::web::Routes;
use platform::web::shell::NavItem;

pub const KIND: Kind = Kind {
    custom: "campaigns.custom",
    fields: list::fields,
    sorts: &list::SORTS,
    ..crate::routes::kind("campaign", ["campaign", "campaigns"], "campaigns", "send")
};

pub const NAV: NavItem = NavItem {
    create: Some(("Campaign", "/campaigns/new")),
    ..crate::routes::nav("Marketing", "Campaigns", "/campaigns", "send", "campaigns")
};

pub fn routes(r: &mut Routes) {
    r.get("/campaigns", handlers::index)
        .post("/campaigns", handlers::create)
        .get("/campaigns/new", handlers::new)
        .get("/campaigns/{id}", handlers::show)
        .get("/campaigns/{id}/edit", handlers::edit)
        .patch("/campaigns/{id}", handlers::update)
        .delete("/campaigns/{id}", handlers::archive)
        .post("/campaigns/{id}/restoration", handlers::restore)
        .get("/campaigns/{id}/recipients", recipients::index)
        .post("/campaigns/{id}/sending", states::send)
        .post("/campaigns/{id}/schedule", states::schedule)
        .delete("/campaigns/{id}/schedule", states::unschedule)
        .post("/campaigns/{id}/pause", states::pause)
        .delete("/campaigns/{id}/pause", states::resume)
        .post("/campaigns/{id}/cancellation", states::cancel)
        .post("/campaigns/{id}/held", states::settle);
}
