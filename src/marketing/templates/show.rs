//! The page of an e-mail template.

use actix_web::{HttpResponse, web};
use askama::Template;
use platform::Result;
use platform::records::listing::Trail;
use platform::records::{Editable, chooser};
use platform::web::can::View as See;
use platform::web::{Can, Crumb, Page, View};
use serde::Serialize;
use uuid::Uuid;

use super::KIND;
use super::template::EmailTemplate;
use crate::crm;
use crate::marketing::brand::Brand;

#[derive(Template, Serialize)]
#[template(path = "marketing/templates/show.html")]
struct Show {
    #[serde(flatten)]
    template: EmailTemplate,
    #[serde(skip)]
    problem: Option<String>,
    /// As whom it is looked at, and who else can be chosen.
    #[serde(skip)]
    contact: Option<Uuid>,
    #[serde(skip)]
    contacts: Vec<(String, String)>,
    #[serde(skip)]
    trail: Trail,
    #[serde(skip)]
    root: String,
    #[serde(skip)]
    may_edit: bool,
    #[serde(skip)]
    may_archive: bool,
}

impl Page for Show {
    fn title(&self) -> String {
        self.template.name.clone()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to("E-mail templates", self.trail.list()),
            Crumb::here(&self.template.name),
        ]
    }
}

impl Show {
    fn url(&self, path: &str) -> String {
        format!("{}/email-templates/{}{path}", self.root, self.template.id)
    }
    /// Of the HTML or the text, for the contact who was chosen.
    fn seen(&self, part: &str) -> String {
        match self.contact {
            Some(contact) => self.url(&format!("/{part}?contact={contact}")),
            None => self.url(&format!("/{part}")),
        }
    }
    fn chosen(&self) -> String {
        self.contact.map(|id| id.to_string()).unwrap_or_default()
    }
    fn contacts_url(&self) -> String {
        format!("{}/records/contact/choices", self.root)
    }
}

pub async fn show(
    can: Can<See, EmailTemplate>,
    id: web::Path<(String, Uuid)>,
) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let contact = can.asked.param("contact");
    let contact: Option<Uuid> = contact.and_then(|id| id.parse().ok());
    let trail = Trail::read(&can, &KIND)?;
    let found = can.tx(move |tx| {
        let contacts = chooser::likely(tx, &crm::contacts::KIND, contact)?;
        let template = EmailTemplate::find(tx, id)?;
        let trail = trail.follow(tx, &template)?;
        Ok((template, trail, Brand::of(tx)?, contacts))
    });
    let (template, trail, brand, contacts) = found.await?;
    let compiled = template.content(&brand).compile();
    let page = Show {
        problem: compiled.err().map(|problem| problem.to_string()),
        contact,
        contacts,
        trail,
        root: can.url(""),
        may_edit: can.may("email_templates", "edit"),
        may_archive: can.may("email_templates", "archive"),
        template,
    };
    can.versioned(page.template.version, page)
}
