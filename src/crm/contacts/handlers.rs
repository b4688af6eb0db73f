//! The pages of contacts, and their API.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use platform::records::custom::{CustomInputs, Links};
use platform::records::open::{Opened, open};
use platform::records::write::{self, Written};
use platform::records::{Editable, chooser, facts};
use platform::web::can::{Archive, Create, Edit, Member, View as See};
use platform::web::{Action, Can, Crumb, Form, Page, Toast, View, filters};
use platform::{Error, Result};
use serde::Serialize;
use std::sync::Arc;
use uuid::Uuid;

use super::choices::{Consent, LeadSource, LeadStatus, LifecycleStage};
use super::contact::Contact;
use super::form::ContactForm;
use crate::crm::companies;

/// `/w/{workspace}/contacts/{id}`; the workspace is the guard's business.
type Id = web::Path<(String, Uuid)>;

#[derive(Template, Serialize)]
#[template(path = "crm/contacts/show.html")]
struct Show {
    #[serde(flatten)]
    opened: Opened<Contact>,
}

impl Page for Show {
    fn title(&self) -> String {
        self.opened.row.contact.name()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to("Contacts", self.opened.trail.list()),
            Crumb::here(self.title()),
        ]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        self.opened.block(id)
    }
}

impl Show {
    fn fact(&self, key: &'static str) -> facts::Fact<'_> {
        self.opened.sheet.fact(key, &self.opened.row)
    }
    fn fixed(&self, key: &'static str) -> facts::Fact<'_> {
        self.opened.sheet.fixed(key, &self.opened.row)
    }
    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.opened.sheet.url)
    }
    fn edit_url(&self) -> String {
        self.url("/edit") + &self.opened.trail.query()
    }
}

pub async fn show(can: Can<See, Contact>, id: Id) -> Result<HttpResponse> {
    let (opened, ()) = open(&can, id.into_inner().1, |_, _| Ok(())).await?;
    can.versioned(opened.row.contact.version, Show { opened })
}

/// The form, for a new contact or one that is there.
#[derive(Template, Serialize)]
#[template(path = "crm/contacts/form.html")]
struct Editor {
    form: Form<ContactForm>,
    #[serde(skip)]
    contact: Option<Contact>,
    #[serde(skip)]
    member: Arc<Member>,
    #[serde(skip)]
    companies: Vec<(String, String)>,
    #[serde(skip)]
    links: Links,
}

impl Page for Editor {
    fn title(&self) -> String {
        let name = self.contact.as_ref().map(Contact::name);
        name.map_or("New contact".into(), |name| format!("Edit {name}"))
    }
    fn crumbs(&self) -> Vec<Crumb> {
        let mut crumbs = vec![Crumb::to("Contacts", self.member.url("/contacts"))];
        let contact = self.contact.as_ref();
        crumbs.extend(contact.map(|c| Crumb::to(c.name(), self.url())));
        crumbs.push(Crumb::here(match contact {
            Some(_) => "Edit",
            None => "New",
        }));
        crumbs
    }
}

impl Editor {
    /// The contact, or the list that the new one goes into.
    fn url(&self) -> String {
        match &self.contact {
            Some(contact) => self.member.url(&format!("/contacts/{}", contact.id)),
            None => self.member.url("/contacts"),
        }
    }
    fn action(&self) -> String {
        match &self.contact {
            Some(_) => format!("{}?_method=PATCH", self.url()),
            None => self.url(),
        }
    }
    fn companies_url(&self) -> String {
        self.member.url("/records/company/choices")
    }
    /// The lines of a list in the form, and an empty one.
    fn lines(&self, name: &str) -> std::ops::RangeInclusive<usize> {
        0..=self.form.len_of(name)
    }
    fn custom(&self) -> CustomInputs<'_, ContactForm> {
        CustomInputs::new(&self.form, &self.member, "contact", &self.links)
    }
}

pub async fn new(can: Can<Create, Contact>) -> Result<HttpResponse> {
    let query = url::form_urlencoded::parse(can.asked.query.as_bytes());
    let mut company = query.filter(|(key, _)| key == "company");
    let form = Form::of(ContactForm {
        owner_id: Some(can.me()),
        company_id: company.next().and_then(|(_, id)| id.parse().ok()),
        ..ContactForm::default()
    });
    editor(&can, StatusCode::OK, form, None).await
}

pub async fn edit(can: Can<Edit, Contact>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let contact = can.tx(move |tx| Contact::find(tx, id)).await?;
    editor(
        &can,
        StatusCode::OK,
        Form::of(contact.form()),
        Some(contact),
    )
    .await
}

async fn editor<A: Action>(
    can: &Can<A, Contact>,
    status: StatusCode,
    form: Form<ContactForm>,
    contact: Option<Contact>,
) -> Result<HttpResponse> {
    if can.asked.json() && !form.is_valid() {
        return Err(form.valid().err().unwrap_or(Error::NotFound));
    }
    let (member, data) = (can.member.clone(), form.data.clone());
    let (companies, links) = can
        .tx(move |tx| {
            let companies = chooser::likely(tx, &companies::KIND, data.company_id)?;
            Ok((
                companies,
                Links::load(tx, &member, "contact", &data.custom)?,
            ))
        })
        .await?;
    let page = Editor {
        form,
        contact,
        member: can.member.clone(),
        companies,
        links,
    };
    can.page_with(status, page)
}

pub async fn create(can: Can<Create, Contact>, form: Form<ContactForm>) -> Result<HttpResponse> {
    match write::create(&can, form).await? {
        Ok(contact) => {
            let url = can.url(&format!("/contacts/{}", contact.id));
            let toast = Toast::done(format!("{} is added", contact.name()));
            can.created(&url, contact.version, &contact, toast)
        }
        Err(form) => editor(&can, StatusCode::UNPROCESSABLE_ENTITY, form, None).await,
    }
}

pub async fn update(
    can: Can<Edit, Contact>,
    id: Id,
    form: Form<ContactForm>,
) -> Result<HttpResponse> {
    match write::update(&can, id.into_inner().1, form).await? {
        Written::Saved(saved) => saved.answer(&can),
        Written::Refused { form, record } => {
            editor(&can, StatusCode::UNPROCESSABLE_ENTITY, form, Some(record)).await
        }
        Written::Stale(clash) => clash.answer(&can).await,
    }
}

pub async fn archive(can: Can<Archive, Contact>, id: Id) -> Result<HttpResponse> {
    let ((_, id), version) = (id.into_inner(), can.asked.version());
    let contact = can
        .tx(move |tx| Contact::find(tx, id)?.expected_at(version)?.archive(tx))
        .await?;
    let undo = can.url(&format!("/contacts/{}/restoration", contact.id));
    let toast = Toast::done(format!("{} is archived", contact.name())).undo(undo);
    can.done(&can.url("/contacts"), toast)
}

pub async fn restore(can: Can<Archive, Contact>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let contact = can.tx(move |tx| Contact::find(tx, id)?.restore(tx)).await?;
    let url = can.url(&format!("/contacts/{}", contact.id));
    let toast = Toast::done(format!("{} is back", contact.name()));
    can.updated(&url, contact.version, &contact, toast)
}
