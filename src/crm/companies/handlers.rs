//! The pages of companies, and their API.

use actix_web::HttpResponse;
use askama::Template;
use platform::db::Tx;
use platform::records::chooser;
use platform::records::duplicates::{self, Likened};
use platform::records::editing::{self, Editing};
use platform::records::joining;
use platform::records::open::{Opened, open};
use platform::web::can::{Create, Edit, View as See};
use platform::web::{Action, Can, Crumb, Form, Id, Page, View, filters, link};
use platform::{Error, Result};
use serde::Serialize;
use serde_json::json;

use super::KIND;
use super::choices::{CompanyKind, Engagement, Status, Tier};
use super::company::Company;
use super::family::Family;
use super::form::CompanyForm;
use super::list::Row;
use crate::crm::deals::Briefs;

#[derive(Template, Serialize)]
#[template(path = "crm/companies/show.html")]
struct Show {
    #[serde(flatten)]
    opened: Opened<Company>,
    #[serde(skip)]
    family: Family,
    #[serde(skip)]
    may_add_contacts: bool,
    /// `None` for whoever may not see deals.
    #[serde(skip)]
    deals: Option<Briefs>,
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
    /// The list of everybody who belongs to this company.
    fn people_url(&self) -> String {
        let id = self.opened.row.company.id;
        let filter = json!({"and": [{"field": "company_id", "op": "is", "value": id}]});
        link::filtered(&format!("{}/contacts", self.opened.sheet.root), &filter)
    }
    fn new_contact_url(&self) -> String {
        let (root, id) = (&self.opened.sheet.root, self.opened.row.company.id);
        format!("{root}/contacts/new?company={id}")
    }
}

pub async fn show(can: Can<See, Company>, Id(id): Id) -> Result<HttpResponse> {
    let asking = Briefs::asking(&can, "company_id").await?;
    let more = move |tx: &mut Tx, _: &Row| {
        let deals = asking.map(|asking| asking.of(tx, id)).transpose()?;
        Ok((Family::of(tx, id)?, deals))
    };
    let (opened, (family, deals)) = match open(&can, id, more).await {
        Err(Error::NotFound) => return joining::moved(&can, id).await,
        opened => opened?,
    };
    let page = Show {
        opened,
        family,
        may_add_contacts: can.may("contacts", "create"),
        deals,
    };
    can.versioned(page.opened.row.company.version, page)
}

/// The form, for a new company or one that is there.
#[derive(Template, Serialize)]
#[template(path = "crm/companies/form.html")]
struct Editor {
    #[serde(flatten)]
    editing: Editing<Company>,
    #[serde(skip)]
    parents: Vec<(String, String)>,
}

impl Page for Editor {
    fn title(&self) -> String {
        self.editing.title()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        self.editing.crumbs()
    }
}

impl Editor {
    /// Where a new one hears what it looks like.
    fn likeness_url(&self) -> Option<String> {
        let is_new = self.editing.record.is_none();
        is_new.then(|| self.editing.member.url("/companies/likeness"))
    }
}

async fn editor<A: Action>(
    can: &Can<A, Company>,
    editing: Editing<Company>,
) -> Result<HttpResponse> {
    let parents = |tx: &mut Tx, form: &CompanyForm| chooser::likely(tx, &KIND, form.parent_id);
    let page = |editing, parents| Editor { editing, parents };
    editing.show(can, parents, page).await
}

pub async fn new(can: Can<Create, Company>) -> Result<HttpResponse> {
    let parent = can.asked.param("parent");
    let form = CompanyForm {
        owner_id: Some(can.me()),
        parent_id: parent.and_then(|id| id.parse().ok()),
        ..CompanyForm::default()
    };
    editor(&can, Editing::new(&can, form)?).await
}

pub async fn edit(can: Can<Edit, Company>, id: Id) -> Result<HttpResponse> {
    editor(&can, Editing::find(&can, id.0).await?).await
}

pub async fn create(can: Can<Create, Company>, form: Form<CompanyForm>) -> Result<HttpResponse> {
    duplicates::create(&can, form, "is added", editor).await
}

pub async fn update(
    can: Can<Edit, Company>,
    id: Id,
    form: Form<CompanyForm>,
) -> Result<HttpResponse> {
    editing::update(&can, id.0, form, editor).await
}
