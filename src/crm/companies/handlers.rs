//! The pages of companies, and their API.

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
use serde_json::json;
use std::sync::Arc;
use uuid::Uuid;

use super::KIND;
use super::choices::{CompanyKind, Engagement, Status, Tier};
use super::company::Company;
use super::family::Family;
use super::form::CompanyForm;

/// `/w/{workspace}/companies/{id}`; the workspace is the guard's business.
type Id = web::Path<(String, Uuid)>;

#[derive(Template, Serialize)]
#[template(path = "crm/companies/show.html")]
struct Show {
    #[serde(flatten)]
    opened: Opened<Company>,
    #[serde(skip)]
    family: Family,
    #[serde(skip)]
    may_add_contacts: bool,
}

impl Page for Show {
    fn title(&self) -> String {
        self.opened.row.company.name.clone()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to("Companies", self.opened.trail.list()),
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
    /// The list of everybody who belongs to this company.
    fn people_url(&self) -> String {
        let id = self.opened.row.company.id;
        let filter = json!({"and": [{"field": "company_id", "op": "is", "value": id}]});
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("filter", &filter.to_string())
            .finish();
        format!("{}/contacts?{query}", self.opened.sheet.root)
    }
    fn new_contact_url(&self) -> String {
        let (root, id) = (&self.opened.sheet.root, self.opened.row.company.id);
        format!("{root}/contacts/new?company={id}")
    }
    fn edit_url(&self) -> String {
        self.url("/edit") + &self.opened.trail.query()
    }
}

pub async fn show(can: Can<See, Company>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let (opened, family) = open(&can, id, move |tx, _| Family::of(tx, id)).await?;
    let page = Show {
        opened,
        family,
        may_add_contacts: can.may("contacts", "create"),
    };
    can.versioned(page.opened.row.company.version, page)
}

/// The form, for a new company or one that is there.
#[derive(Template, Serialize)]
#[template(path = "crm/companies/form.html")]
struct Editor {
    form: Form<CompanyForm>,
    #[serde(skip)]
    company: Option<Company>,
    #[serde(skip)]
    member: Arc<Member>,
    #[serde(skip)]
    parents: Vec<(String, String)>,
    #[serde(skip)]
    links: Links,
}

impl Page for Editor {
    fn title(&self) -> String {
        let name = self.company.as_ref().map(|c| c.name.clone());
        name.map_or("New company".into(), |name| format!("Edit {name}"))
    }
    fn crumbs(&self) -> Vec<Crumb> {
        let mut crumbs = vec![Crumb::to("Companies", self.member.url("/companies"))];
        let company = self.company.as_ref();
        crumbs.extend(company.map(|c| Crumb::to(c.name.clone(), self.url())));
        crumbs.push(Crumb::here(match company {
            Some(_) => "Edit",
            None => "New",
        }));
        crumbs
    }
}

impl Editor {
    /// The company, or the list that the new one goes into.
    fn url(&self) -> String {
        match &self.company {
            Some(company) => self.member.url(&format!("/companies/{}", company.id)),
            None => self.member.url("/companies"),
        }
    }
    fn action(&self) -> String {
        match &self.company {
            Some(_) => format!("{}?_method=PATCH", self.url()),
            None => self.url(),
        }
    }
    fn companies_url(&self) -> String {
        self.member.url("/records/company/choices")
    }
    fn custom(&self) -> CustomInputs<'_, CompanyForm> {
        CustomInputs::new(&self.form, &self.member, "company", &self.links)
    }
}

pub async fn new(can: Can<Create, Company>) -> Result<HttpResponse> {
    let query = url::form_urlencoded::parse(can.asked.query.as_bytes());
    let mut parent = query.filter(|(key, _)| key == "parent");
    let form = Form::of(CompanyForm {
        owner_id: Some(can.me()),
        parent_id: parent.next().and_then(|(_, id)| id.parse().ok()),
        ..CompanyForm::default()
    });
    editor(&can, StatusCode::OK, form, None).await
}

pub async fn edit(can: Can<Edit, Company>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let company = can.tx(move |tx| Company::find(tx, id)).await?;
    editor(
        &can,
        StatusCode::OK,
        Form::of(company.form()),
        Some(company),
    )
    .await
}

async fn editor<A: Action>(
    can: &Can<A, Company>,
    status: StatusCode,
    form: Form<CompanyForm>,
    company: Option<Company>,
) -> Result<HttpResponse> {
    if can.asked.json() && !form.is_valid() {
        return Err(form.valid().err().unwrap_or(Error::NotFound));
    }
    let (member, data) = (can.member.clone(), form.data.clone());
    let (parents, links) = can
        .tx(move |tx| {
            let parents = chooser::likely(tx, &KIND, data.parent_id)?;
            Ok((parents, Links::load(tx, &member, "company", &data.custom)?))
        })
        .await?;
    let page = Editor {
        form,
        company,
        member: can.member.clone(),
        parents,
        links,
    };
    can.page_with(status, page)
}

pub async fn create(can: Can<Create, Company>, form: Form<CompanyForm>) -> Result<HttpResponse> {
    match write::create(&can, form).await? {
        Ok(company) => {
            let url = can.url(&format!("/companies/{}", company.id));
            let toast = Toast::done(format!("{} is added", company.name));
            can.created(&url, company.version, &company, toast)
        }
        Err(form) => editor(&can, StatusCode::UNPROCESSABLE_ENTITY, form, None).await,
    }
}

pub async fn update(
    can: Can<Edit, Company>,
    id: Id,
    form: Form<CompanyForm>,
) -> Result<HttpResponse> {
    match write::update(&can, id.into_inner().1, form).await? {
        Written::Saved(saved) => saved.answer(&can),
        Written::Refused { form, record } => {
            editor(&can, StatusCode::UNPROCESSABLE_ENTITY, form, Some(record)).await
        }
        Written::Stale(clash) => clash.answer(&can).await,
    }
}

pub async fn archive(can: Can<Archive, Company>, id: Id) -> Result<HttpResponse> {
    let ((_, id), version) = (id.into_inner(), can.asked.version());
    let company = can
        .tx(move |tx| Company::find(tx, id)?.expected_at(version)?.archive(tx))
        .await?;
    let undo = can.url(&format!("/companies/{}/restoration", company.id));
    let toast = Toast::done(format!("{} is archived", company.name)).undo(undo);
    can.done(&can.url("/companies"), toast)
}

pub async fn restore(can: Can<Archive, Company>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let company = can.tx(move |tx| Company::find(tx, id)?.restore(tx)).await?;
    let url = can.url(&format!("/companies/{}", company.id));
    let toast = Toast::done(format!("{} is back", company.name));
    can.updated(&url, company.version, &company, toast)
}
