//! The page of an e-mail template.

use actix_web::HttpResponse;
use askama::Template;
use platform::Result;
use platform::db::Tx;
use platform::records::chooser;
use platform::records::open::{Opened, open};
use platform::web::can::View as See;
use platform::web::{Can, Crumb, Id, Page, View};
use serde::Serialize;
use uuid::Uuid;

use super::template::EmailTemplate;
use crate::crm;
use crate::marketing::brand::Brand;

#[derive(Template, Serialize)]
#[template(path = "marketing/templates/show.html")]
struct Show {
    #[serde(flatten)]
    opened: Opened<EmailTemplate>,
    #[serde(skip)]
    problem: Option<String>,
    /// As whom it is looked at, and who else can be chosen.
    #[serde(skip)]
    contact: Option<Uuid>,
    #[serde(skip)]
    contacts: Vec<(String, String)>,
}

impl Page for Show {
    fn title(&self) -> String {
        self.opened.title()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        self.opened.crumbs()
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        self.opened.block(id)
    }
}

impl Show {
    /// Of the HTML or the text, for the contact who was chosen.
    fn seen(&self, part: &str) -> String {
        match self.contact {
            Some(contact) => self.opened.url(&format!("/{part}?contact={contact}")),
            None => self.opened.url(&format!("/{part}")),
        }
    }
    fn chosen(&self) -> String {
        self.contact.map(|id| id.to_string()).unwrap_or_default()
    }
    fn contacts_url(&self) -> String {
        format!("{}/records/contact/choices", self.opened.sheet.root)
    }
}

pub async fn show(can: Can<See, EmailTemplate>, Id(id): Id) -> Result<HttpResponse> {
    let contact = can.asked.param("contact");
    let contact: Option<Uuid> = contact.and_then(|id| id.parse().ok());
    let more = move |tx: &mut Tx, template: &EmailTemplate| {
        let compiled = template.content(&Brand::of(tx)?).compile();
        let problem = compiled.err().map(|problem| problem.to_string());
        Ok((problem, chooser::likely(tx, &crm::contacts::KIND, contact)?))
    };
    let (opened, (problem, contacts)) = open(&can, id, more).await?;
    let version = opened.row.version;
    let page = Show {
        opened,
        problem,
        contact,
        contacts,
    };
    can.versioned(version, page)
}
