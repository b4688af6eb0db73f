//! The pages of contacts, and their API.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono_tz::Tz;
use diesel::prelude::*;
use platform::db::Tx;
use platform::events::Event;
use platform::records::list::{List, ListParams};
use platform::schema::members;
use platform::web::can::{Archive, Create, Edit, View as See};
use platform::web::{Can, Crumb, Form, Page, Toast, View, filters};
use platform::{Error, Result};
use serde::Serialize;
use uuid::Uuid;

use super::contact::Contact;
use super::form::{Consent, ContactForm, LeadSource, LeadStatus, LifecycleStage};
use super::list::Row;

/// `/w/{workspace}/contacts/{id}`; the workspace is the guard's business.
type Id = web::Path<(String, Uuid)>;

#[derive(Template, Serialize)]
#[template(path = "crm/contacts/index.html", blocks = ["results", "total"])]
struct Index {
    #[serde(flatten)]
    list: List<Row>,
    #[serde(skip)]
    params: ListParams,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    zone: Tz,
    #[serde(skip)]
    may_create: bool,
}

impl Page for Index {
    fn title(&self) -> String {
        "Contacts".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![Crumb::here("Contacts")]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        match id {
            "results" => Some(self.as_results().render()),
            "total" => Some(self.as_total().render()),
            _ => None,
        }
    }
}

impl Index {
    /// The address of this list sorted by `key`, the other way round if it is already.
    fn sort_url(&self, key: &str) -> String {
        let sort = if self.params.sort == key {
            format!("-{key}")
        } else {
            key.to_owned()
        };
        format!("{}{}", self.base, self.params.url(&[("sort", &sort)]))
    }

    fn sorted(&self, key: &str) -> &'static str {
        match self.params.sort.strip_prefix('-') {
            Some(sort) if sort == key => "descending",
            None if self.params.sort == key => "ascending",
            None if self.params.sort.is_empty() && key == "created_at" => "descending",
            _ => "",
        }
    }

    fn page_url(&self, cursor: &Option<String>) -> String {
        let url =
            |cursor: &String| format!("{}{}", self.base, self.params.url(&[("cursor", cursor)]));
        cursor.as_ref().map(url).unwrap_or_default()
    }

    /// Where the total is to be had, when it was left for later.
    fn total_url(&self) -> String {
        format!("{}{}", self.base, self.params.url(&[("count", "1")]))
    }

    fn new_url(&self) -> String {
        format!("{}/new", self.base)
    }

    fn no_match(&self) -> String {
        format!("Nobody matches “{}”.", self.params.search)
    }

    fn shown(&self) -> String {
        format!("{} shown", self.list.items.len())
    }
}

pub async fn index(can: Can<See, Contact>, req: actix_web::HttpRequest) -> Result<HttpResponse> {
    let mut params = ListParams::read(req.query_string())?;
    params.counted |= can.asked.json();
    let asked = params.clone();
    let list = can.tx(move |tx| Contact::list(tx, &asked)).await?;
    can.page(Index {
        list,
        params,
        base: can.url("/contacts"),
        zone: can.zone,
        may_create: can.may("contacts", "create"),
    })
}

#[derive(Template, Serialize)]
#[template(path = "crm/contacts/show.html", blocks = ["timeline"])]
struct Show {
    #[serde(flatten)]
    contact: Contact,
    #[serde(skip)]
    timeline: Vec<Event>,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    zone: Tz,
    #[serde(skip)]
    may_edit: bool,
    #[serde(skip)]
    may_archive: bool,
}

impl Page for Show {
    fn title(&self) -> String {
        self.contact.name()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to("Contacts", &self.base),
            Crumb::here(self.contact.name()),
        ]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        (id == "timeline").then(|| self.as_timeline().render())
    }
}

impl Show {
    fn url(&self, path: &str) -> String {
        format!("{}/{}{path}", self.base, self.contact.id)
    }
}

const TIMELINE: i64 = 50;

pub async fn show(can: Can<See, Contact>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let json = can.asked.json();
    let (contact, timeline) = can
        .tx(move |tx| {
            let contact = Contact::find(tx, id)?;
            let timeline = if json {
                Vec::new()
            } else {
                Event::of_record(tx, id, None, TIMELINE)?
            };
            Ok((contact, timeline))
        })
        .await?;
    let etag = format!("\"{}\"", contact.version);
    let mut response = can.page(Show {
        contact,
        timeline,
        base: can.url("/contacts"),
        zone: can.zone,
        may_edit: can.may("contacts", "edit"),
        may_archive: can.may("contacts", "archive"),
    })?;
    if let Ok(etag) = etag.parse() {
        response
            .headers_mut()
            .insert(actix_web::http::header::ETAG, etag);
    }
    Ok(response)
}

/// The form, for a new contact or one that is there.
#[derive(Template, Serialize)]
#[template(path = "crm/contacts/form.html")]
struct Editor {
    form: Form<ContactForm>,
    #[serde(skip)]
    contact: Option<Contact>,
    #[serde(skip)]
    owners: Vec<(String, String)>,
    #[serde(skip)]
    base: String,
}

impl Page for Editor {
    fn title(&self) -> String {
        self.contact
            .as_ref()
            .map_or("New contact".into(), |c| format!("Edit {}", c.name()))
    }
    fn crumbs(&self) -> Vec<Crumb> {
        let mut crumbs = vec![Crumb::to("Contacts", &self.base)];
        crumbs.extend(
            self.contact
                .as_ref()
                .map(|c| Crumb::to(c.name(), format!("{}/{}", self.base, c.id))),
        );
        crumbs.push(Crumb::here(if self.contact.is_some() {
            "Edit"
        } else {
            "New"
        }));
        crumbs
    }
}

impl Editor {
    fn action(&self) -> String {
        match &self.contact {
            Some(c) => format!("{}/{}?_method=PATCH", self.base, c.id),
            None => self.base.clone(),
        }
    }
    fn cancel(&self) -> String {
        self.contact
            .as_ref()
            .map_or(self.base.clone(), |c| format!("{}/{}", self.base, c.id))
    }
    fn stages(&self) -> Vec<(&'static str, &'static str)> {
        LifecycleStage::CHOICES
            .iter()
            .map(|c| (c.key, c.label))
            .collect()
    }
    fn statuses(&self) -> Vec<(&'static str, &'static str)> {
        LeadStatus::CHOICES
            .iter()
            .map(|c| (c.key, c.label))
            .collect()
    }
    fn sources(&self) -> Vec<(&'static str, &'static str)> {
        LeadSource::CHOICES
            .iter()
            .map(|c| (c.key, c.label))
            .collect()
    }
    fn consents(&self) -> Vec<(&'static str, &'static str)> {
        Consent::CHOICES.iter().map(|c| (c.key, c.label)).collect()
    }
}

/// Everybody who can own a record, as choices.
fn owners(tx: &mut Tx) -> Result<Vec<(String, String)>> {
    let people: Vec<(Uuid, String)> = members::table
        .filter(members::active)
        .order(members::name)
        .limit(1_000)
        .select((members::person_id, members::name))
        .load(&mut **tx)?;
    Ok(people
        .into_iter()
        .map(|(id, name)| (id.to_string(), name))
        .collect())
}

pub async fn new(can: Can<Create, Contact>) -> Result<HttpResponse> {
    let form = Form::of(ContactForm {
        owner_id: Some(can.me()),
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
        Form::of(ContactForm::from(&contact)),
        Some(contact),
    )
    .await
}

async fn editor<A: platform::web::Action>(
    can: &Can<A, Contact>,
    status: StatusCode,
    form: Form<ContactForm>,
    contact: Option<Contact>,
) -> Result<HttpResponse> {
    if can.asked.json() && !form.is_valid() {
        return Err(form.valid().err().unwrap_or(Error::NotFound));
    }
    let owners = can.tx(owners).await?;
    can.page_with(
        status,
        Editor {
            form,
            contact,
            owners,
            base: can.url("/contacts"),
        },
    )
}

pub async fn create(can: Can<Create, Contact>, form: Form<ContactForm>) -> Result<HttpResponse> {
    if !form.is_valid() {
        return editor(&can, StatusCode::UNPROCESSABLE_ENTITY, form, None).await;
    }
    let contact = can.tx(move |tx| Contact::create(tx, form.data)).await?;
    let url = can.url(&format!("/contacts/{}", contact.id));
    can.created(
        &url,
        contact.version,
        &contact,
        Toast::done(format!("{} is added", contact.name())),
    )
}

pub async fn update(
    can: Can<Edit, Contact>,
    id: Id,
    form: Form<ContactForm>,
) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let contact = can.tx(move |tx| Contact::find(tx, id)).await?;
    let version = can
        .asked
        .version()
        .or_else(|| form.value("version").parse().ok());
    let form = form.over(&ContactForm::from(&contact));
    if !form.is_valid() {
        return editor(&can, StatusCode::UNPROCESSABLE_ENTITY, form, Some(contact)).await;
    }
    let version = version.unwrap_or(contact.version);
    let contact = can
        .tx(move |tx| contact.update(tx, version, form.data))
        .await?;
    let url = can.url(&format!("/contacts/{}", contact.id));
    can.updated(&url, contact.version, &contact, Toast::done("Saved"))
}

pub async fn archive(can: Can<Archive, Contact>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let contact = can.tx(move |tx| Contact::find(tx, id)?.archive(tx)).await?;
    let undo = can.url(&format!("/contacts/{}/restoration", contact.id));
    can.done(
        &can.url("/contacts"),
        Toast::done(format!("{} is archived", contact.name())).undo(undo),
    )
}

pub async fn restore(can: Can<Archive, Contact>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let contact = can.tx(move |tx| Contact::find(tx, id)?.restore(tx)).await?;
    let url = can.url(&format!("/contacts/{}", contact.id));
    can.updated(
        &url,
        contact.version,
        &contact,
        Toast::done(format!("{} is back", contact.name())),
    )
}
