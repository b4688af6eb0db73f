//! __Many__.

mod fields;
mod form;
mod handlers;
mod list;
#[cfg(test)]
mod tests;
mod widget;

use platform::records;
use platform::records::Listed;
use platform::records::archiving::{archive, restore};
use platform::records::kinds::Kind;
use platform::records::listing;
use platform::web::Routes;
use platform::web::help::Topic;
use platform::web::shell::NavItem;

use form::WidgetForm;
use widget::Widget;

pub const KIND: Kind = Kind {
    custom: "widgets.custom",
    fields: fields::fields,
    sorts: &fields::SORTS,
    ..crate::routes::kind("widget", ["__one__", "__many__"], "widgets", "folder")
};

pub const NAV: NavItem = NavItem {
    create: Some(("__One__", "/widgets/new")),
    ..crate::routes::nav("__Section__", "__Many__", "/widgets", "folder", "widgets")
};

pub const HELP: &[Topic] = &[crate::routes::topic(
    "widgets",
    "__Section__",
    "folder",
    &["/widgets"],
    "widgets",
    include_str!("help.md"),
)];

pub fn routes(r: &mut Routes) {
    r.get("/widgets", listing::index::<Widget>)
        .lists::<Widget>()
        .post("/widgets", handlers::create)
        .takes::<WidgetForm>()
        .makes::<Widget>()
        .get("/widgets/new", handlers::new)
        .get("/widgets/{id}", handlers::show)
        .versions::<<Widget as Listed>::Row>()
        .get("/widgets/{id}/edit", handlers::edit)
        .patch("/widgets/{id}", handlers::update)
        .takes::<WidgetForm>()
        .versions::<Widget>()
        .delete("/widgets/{id}", archive::<Widget>)
        .does()
        .post("/widgets/{id}/restoration", restore::<Widget>)
        .versions::<Widget>();
    records::routes_of::<Widget>(r);
}
