//! Organisations that contacts belong to, in a hierarchy of their own.

mod choices;
mod company;
mod family;
mod fields;
mod form;
mod handlers;
mod joining;
mod list;
mod related;
#[cfg(test)]
mod tests;

use platform::records;
use platform::records::Listed;
use platform::records::archiving::{archive, restore};
use platform::records::kinds::{Kind, Settable};
use platform::records::listing;
use platform::web::Routes;
use platform::web::help::Topic;
use platform::web::navigation::NavItem;

pub use choices::{CompanyKind, Engagement, Status, Tier};
pub use company::Company;
pub use form::CompanyForm;
pub use related::related;

pub const KIND: Kind = Kind {
    custom: "companies.custom",
    fields: fields::fields,
    sorts: &fields::SORTS,
    rows: Some(records::export::rows::<Company>),
    joined: true,
    settable: &[
        Settable::plain("kind"),
        Settable::plain("status"),
        Settable::plain("tier"),
        Settable::plain("engagement"),
    ],
    workload: "companies.kind = 'prospect'",
    tried: crate::crm::demo::PATH,
    ..crate::routes::kind(
        "company",
        ["company", "companies"],
        "companies",
        "building-2",
    )
};

pub const NAV: NavItem = NavItem {
    keys: "g o",
    create: Some(("Company", "/companies/new")),
    ..crate::routes::nav("CRM", "Companies", "/companies", "building-2", "companies")
};

pub const HELP: &[Topic] = &[
    crate::routes::topic(
        "companies",
        "CRM",
        "building-2",
        &["/companies"],
        "companies",
        include_str!("help/list.md"),
    ),
    crate::routes::topic(
        "company",
        "CRM",
        "building-2",
        &["/companies/*"],
        "companies",
        include_str!("help/record.md"),
    ),
];

pub fn routes(r: &mut Routes) {
    r.get("/companies", listing::index::<Company>)
        .lists::<Company>()
        .post("/companies", handlers::create)
        .takes::<CompanyForm>()
        .makes::<Company>()
        .get("/companies/new", handlers::new)
        .get("/companies/{id}", handlers::show)
        .versions::<<Company as Listed>::Row>()
        .get("/companies/{id}/edit", handlers::edit)
        .patch("/companies/{id}", handlers::update)
        .takes::<CompanyForm>()
        .versions::<Company>()
        .delete("/companies/{id}", archive::<Company>)
        .does()
        .post("/companies/{id}/restoration", restore::<Company>)
        .versions::<Company>();
    records::routes_of::<Company>(r);
    records::routes_of_list::<Company>(r);
    records::joining::routes::<Company>(r);
    records::duplicates::routes::<Company>(r);
}
