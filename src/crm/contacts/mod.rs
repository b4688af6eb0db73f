//! People that the workspace knows. The exemplar: a new resource is a copy of this folder.

mod card;
mod choices;
mod contact;
mod dashboard;
mod fields;
mod form;
mod handlers;
mod joining;
mod leads;
mod list;
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

pub use choices::{Consent, LeadSource, LeadStatus, LifecycleStage, Temperature};
pub use contact::Contact;
pub use dashboard::{LEADS, NEW};
pub use form::ContactForm;
pub use joining::keys as phone_keys;

pub const KIND: Kind = Kind {
    custom: "contacts.custom",
    fields: fields::fields,
    sorts: &fields::SORTS,
    named: &["first_name", "last_name"],
    rows: Some(records::export::rows::<Contact>),
    joined: true,
    lists: crate::crm::relationships::lists,
    layouts: &[Layout {
        label: "Leads",
        path: "/leads",
        icon: "gauge",
        keeps: &[],
    }],
    settable: &[
        Settable {
            key: "lifecycle_stage",
            verb: "lifecycle_changed",
            since: Some("lifecycle_changed_at"),
        },
        Settable::plain("lead_status"),
        Settable::plain("lead_source"),
    ],
    workload: "contacts.lifecycle_stage not in ('customer', 'evangelist', 'other')",
    tried: crate::crm::demo::PATH,
    ..crate::routes::kind("contact", ["contact", "contacts"], "contacts", "users")
};

pub const NAV: NavItem = NavItem {
    keys: "g c",
    create: Some(("Contact", "/contacts/new")),
    ..crate::routes::nav("CRM", "Contacts", "/contacts", "users", "contacts")
};

pub const HELP: &[Topic] = &[
    crate::routes::topic(
        "contacts",
        "CRM",
        "users",
        &["/contacts"],
        "contacts",
        include_str!("help/list.md"),
    ),
    crate::routes::topic(
        "contact",
        "CRM",
        "user",
        &["/contacts/*"],
        "contacts",
        include_str!("help/record.md"),
    ),
    crate::routes::topic(
        "leads",
        "CRM",
        "gauge",
        &["/contacts/leads"],
        "contacts",
        include_str!("help/leads.md"),
    ),
    crate::routes::topic(
        "duplicates",
        "CRM",
        "copy",
        &[
            "/contacts/duplicates",
            "/contacts/merge",
            "/contacts/merges",
            "/contacts/*/merges",
            "/companies/duplicates",
            "/companies/merge",
            "/companies/merges",
            "/companies/*/merges",
        ],
        "contacts",
        include_str!("help/duplicates.md"),
    ),
];

pub fn routes(r: &mut Routes) {
    r.get("/contacts", listing::index::<Contact>)
        .lists::<Contact>()
        .post("/contacts", handlers::create)
        .takes::<ContactForm>()
        .makes::<Contact>()
        .get("/contacts/new", handlers::new)
        .get("/contacts/leads", leads::show)
        .get("/contacts/{id}", handlers::show)
        .versions::<<Contact as Listed>::Row>()
        .get("/contacts/{id}/edit", handlers::edit)
        .get("/contacts/{id}/card", card::show)
        .get("/contacts/{id}/vcard", card::file)
        .get("/contacts/{id}/qr", card::code)
        .patch("/contacts/{id}", handlers::update)
        .takes::<ContactForm>()
        .versions::<Contact>()
        .post("/contacts/{id}/stage", leads::move_to)
        .takes::<leads::Move>()
        .versions::<Contact>()
        .delete("/contacts/{id}", archive::<Contact>)
        .does()
        .post("/contacts/{id}/restoration", restore::<Contact>)
        .versions::<Contact>();
    records::routes_of::<Contact>(r);
    records::routes_of_list::<Contact>(r);
    records::joining::routes::<Contact>(r);
    records::duplicates::routes::<Contact>(r);
}
