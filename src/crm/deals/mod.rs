//! Deals: what might be sold, to whom, and how far it has come.

mod board;
mod brief;
mod calendar;
mod choices;
mod dashboard;
mod deal;
mod entering;
mod fields;
mod forecast;
mod form;
mod handlers;
mod list;
mod many;
mod moves;
mod people;
mod steps;
mod sums;
#[cfg(test)]
mod tests;

use platform::records;
use platform::records::Listed;
use platform::records::archiving::{archive, restore};
use platform::records::kinds::{Kind, Layout, Settable};
use platform::records::listing;
use platform::web::Routes;
use platform::web::help::Topic;
use platform::web::navigation::NavItem;

pub use brief::Briefs;
pub use choices::{DealKind, Role};
pub use dashboard::{DEALS, REVENUE};
pub use deal::Deal;
pub use entering::requirable;
pub use form::DealForm;
pub use sums::schedule;

pub const KIND: Kind = Kind {
    custom: "deals.custom",
    fields: fields::fields,
    sorts: &fields::SORTS,
    rows: Some(records::export::rows::<Deal>),
    settable: &[Settable::plain("kind"), Settable::plain("source")],
    lists: fields::lists,
    workload: "deals.status = 'open'",
    each: &[many::MOVE],
    layouts: &[
        Layout {
            label: "Board",
            path: "/board",
            icon: "columns-3",
            keeps: &["pipeline"],
        },
        Layout {
            label: "Calendar",
            path: "/calendar",
            icon: "calendar",
            keeps: &[],
        },
        Layout {
            label: "Forecast",
            path: "/forecast",
            icon: "trending-up",
            keeps: &[],
        },
    ],
    tried: crate::crm::demo::PATH,
    ..crate::routes::kind("deal", ["deal", "deals"], "deals", "briefcase")
};

pub const NAV: NavItem = NavItem {
    keys: "g d",
    create: Some(("Deal", "/deals/new")),
    ..crate::routes::nav("CRM", "Deals", "/deals", "briefcase", "deals")
};

pub const HELP: &[Topic] = &[
    crate::routes::topic(
        "deals",
        "CRM",
        "briefcase",
        &["/deals"],
        "deals",
        include_str!("help/list.md"),
    ),
    crate::routes::topic(
        "board",
        "CRM",
        "columns-3",
        &["/deals/board"],
        "deals",
        include_str!("help/board.md"),
    ),
    crate::routes::topic(
        "forecast",
        "CRM",
        "trending-up",
        &["/deals/forecast"],
        "deals",
        include_str!("help/forecast.md"),
    ),
    crate::routes::topic(
        "deal",
        "CRM",
        "briefcase",
        &["/deals/*"],
        "deals",
        include_str!("help/record.md"),
    ),
];

pub fn routes(r: &mut Routes) {
    r.get("/deals", listing::index::<Deal>)
        .lists::<Deal>()
        .post("/deals", handlers::create)
        .takes::<DealForm>()
        .makes::<Deal>()
        .get("/deals/new", handlers::new)
        .get("/deals/board", board::handlers::show)
        .get("/deals/calendar", calendar::show)
        .get("/deals/forecast", forecast::show)
        .get("/deals/{id}", handlers::show)
        .versions::<<Deal as Listed>::Row>()
        .get("/deals/{id}/edit", handlers::edit)
        .patch("/deals/{id}", handlers::update)
        .takes::<DealForm>()
        .versions::<Deal>()
        .delete("/deals/{id}", archive::<Deal>)
        .does()
        .post("/deals/{id}/restoration", restore::<Deal>)
        .versions::<Deal>()
        .post("/deals/{id}/move", moves::move_to)
        .takes::<moves::Move>()
        .versions::<Deal>()
        .post("/deals/{id}/win", moves::win)
        .takes::<moves::Ending>()
        .versions::<Deal>()
        .post("/deals/{id}/lose", moves::lose)
        .takes::<moves::Ending>()
        .versions::<Deal>()
        .post("/deals/{id}/reopen", moves::reopen)
        .versions::<Deal>()
        .post("/deals/{id}/contacts", people::add)
        .takes::<people::PersonForm>()
        .delete("/deals/{id}/contacts/{contact}", people::remove)
        .does();
    r.post("/deals/bulk/move", many::move_all);
    records::routes_of::<Deal>(r);
    records::routes_of_list::<Deal>(r);
}
