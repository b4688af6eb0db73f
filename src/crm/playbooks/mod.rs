//! Playbooks: step-by-step guides whose answers are written to the record (CRM-14).

mod answers;
mod asked;
mod beside;
mod demo;
mod handlers;
mod playbook;
mod run;
mod running;
#[cfg(test)]
mod tests;

use platform::records::{Editable, Listed};
use platform::web::Routes;
use platform::web::help::Topic;

use crate::crm::companies::Company;
use crate::crm::contacts::Contact;
use crate::crm::deals::Deal;
use crate::workspaces::settings::SettingsPage;

pub use beside::beside;
pub use demo::demo;

pub const SETTINGS: SettingsPage = SettingsPage {
    label: "Playbooks",
    text: "Step-by-step guides whose answers are written to the record",
    path: "/settings/playbooks",
    icon: "book-open",
    resource: "playbooks",
};

pub const HELP: &[Topic] = &[crate::routes::topic(
    "playbooks",
    "Settings",
    "book-open",
    &[
        "/settings/playbooks",
        "/contacts/*/runs",
        "/companies/*/runs",
        "/deals/*/runs",
    ],
    "playbooks",
    include_str!("help.md"),
)];

pub fn routes(r: &mut Routes) {
    r.get("/settings/playbooks", handlers::index)
        .post("/settings/playbooks", handlers::create)
        .get("/settings/playbooks/new", handlers::new)
        .get("/settings/playbooks/{id}", handlers::edit)
        .patch("/settings/playbooks/{id}", handlers::update)
        .delete("/settings/playbooks/{id}", handlers::remove)
        .does();
    about::<Contact>(r);
    about::<Company>(r);
    about::<Deal>(r);
}

/// Going through one with a record of that kind.
fn about<T: Editable + Listed>(r: &mut Routes) {
    let at = |path: &str| format!("/{}/{{id}}/{path}", T::COLLECTION);
    r.post(&at("playbooks/{playbook}"), running::begin::<T>)
        .get(&at("runs/{run}"), running::show::<T>)
        .patch(&at("runs/{run}"), running::answer::<T>);
}
