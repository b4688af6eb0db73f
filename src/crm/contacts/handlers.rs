//! The pages of contacts, and their API.

use actix_web::HttpResponse;
use askama::Template;
use platform::db::Tx;
use platform::records::chooser;
use platform::records::duplicates::{self, Likened};
use platform::records::editing::{self, Editing};
use platform::records::joining;
use platform::records::open::{Opened, open};
use platform::web::can::{Create, Edit, View as See};
use platform::web::{Action, Can, Crumb, Form, Id, Page, View, filters};
use platform::{Error, Result};
use serde::Serialize;

use super::choices::{Consent, LeadSource, LeadStatus, LifecycleStage};
use super::contact::Contact;
use super::form::ContactForm;
use super::list::Row;
use crate::crm::companies;
use crate::crm::deals::Briefs;
use crate::crm::relationships::{Tie, Ties};

#[derive(Template, Serialize)]
#[template(path = "crm/contacts/show.html")]
struct Show {
    #[serde(flatten)]
    opened: Opened<Contact>,
    /// `None` for whoever may not see deals.
    #[serde(skip)]
    deals: Option<Briefs>,
    #[serde(skip)]
    ties: Ties,
}

impl Show {
    fn tie_url(&self, tie: &Tie) -> String {
        self.opened.url(&format!("/relationships/{}", tie.id))
    }
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

pub async fn show(can: Can<See, Contact>, Id(id): Id) -> Result<HttpResponse> {
    let asking = Briefs::asking(&can, "contact_id").await?;
    let more = move |tx: &mut Tx, _: &Row| {
        let deals = asking.map(|asking| asking.of(tx, id)).transpose()?;
        Ok((deals, Ties::of(tx, id)?))
    };
    let (opened, (deals, ties)) = match open(&can, id, more).await {
        Err(Error::NotFound) => return joining::moved(&can, id).await,
        opened => opened?,
    };
    can.versioned(
        opened.row.contact.version,
        Show {
            opened,
            deals,
            ties,
        },
    )
}

/// The form, for a new contact or one that is there.
#[derive(Template, Serialize)]
#[template(path = "crm/contacts/form.html")]
struct Editor {
    #[serde(flatten)]
    editing: Editing<Contact>,
    #[serde(skip)]
    companies: Vec<(String, String)>,
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
        is_new.then(|| self.editing.member.url("/contacts/likeness"))
    }

    /// The lines of a list in the form, and an empty one.
    fn lines(&self, name: &str) -> std::ops::RangeInclusive<usize> {
        0..=self.editing.form.len_of(name)
    }
}

async fn editor<A: Action>(
    can: &Can<A, Contact>,
    editing: Editing<Contact>,
) -> Result<HttpResponse> {
    let companies =
        |tx: &mut Tx, form: &ContactForm| chooser::likely(tx, &companies::KIND, form.company_id);
    let page = |editing, companies| Editor { editing, companies };
    editing.show(can, companies, page).await
}

pub async fn new(can: Can<Create, Contact>) -> Result<HttpResponse> {
    let company = can.asked.param("company");
    let form = ContactForm {
        owner_id: Some(can.me()),
        company_id: company.and_then(|id| id.parse().ok()),
        ..ContactForm::default()
    };
    editor(&can, Editing::new(&can, form)?).await
}

pub async fn edit(can: Can<Edit, Contact>, id: Id) -> Result<HttpResponse> {
    editor(&can, Editing::find(&can, id.0).await?).await
}

pub async fn create(can: Can<Create, Contact>, form: Form<ContactForm>) -> Result<HttpResponse> {
    duplicates::create(&can, form, "is added", editor).await
}

pub async fn update(
    can: Can<Edit, Contact>,
    id: Id,
    form: Form<ContactForm>,
) -> Result<HttpResponse> {
    editing::update(&can, id.0, form, editor).await
}
