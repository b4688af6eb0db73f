//! E-mail templates: MJML or HTML with merge fields.

mod handlers;
mod list;
mod preview;
mod show;
mod template;
#[cfg(test)]
mod tests;
mod trial;

use platform::records::archiving::{archive, restore};
use platform::records::kinds::Kind;
use platform::records::listing;
use platform::records::undo;
use platform::web::Routes;
use platform::web::help::Topic;
use platform::web::navigation::NavItem;

pub use template::{Content, EmailTemplate, choices};
pub use trial::SendTrial;

pub const KIND: Kind = Kind {
    table: "email_templates",
    custom: "",
    fields: list::fields,
    sorts: &list::SORTS,
    ..crate::routes::kind(
        "email_template",
        ["e-mail template", "e-mail templates"],
        "email-templates",
        "mail",
    )
};

pub const NAV: NavItem = NavItem {
    create: Some(("E-mail template", "/email-templates/new")),
    ..crate::routes::nav(
        "Marketing",
        "E-mail templates",
        "/email-templates",
        "mail",
        "email_templates",
    )
};

pub const HELP: &[Topic] = &[crate::routes::topic(
    "email-templates",
    "Marketing",
    "mail",
    &["/email-templates"],
    "email_templates",
    include_str!("help.md"),
)];

pub fn routes(r: &mut Routes) {
    r.get("/email-templates", listing::index::<EmailTemplate>)
        .post("/email-templates", handlers::create)
        .get("/email-templates/new", handlers::new)
        .post("/email-templates/preview", preview::typed)
        .get("/email-templates/{id}", show::show)
        .get("/email-templates/{id}/edit", handlers::edit)
        .patch("/email-templates/{id}", handlers::update)
        .delete("/email-templates/{id}", archive::<EmailTemplate>)
        .post(
            "/email-templates/{id}/restoration",
            restore::<EmailTemplate>,
        )
        .get("/email-templates/{id}/preview", preview::html)
        .get("/email-templates/{id}/text", preview::text)
        .post("/email-templates/{id}/trials", trial::create);
    undo::routes::<EmailTemplate>(r);
}
