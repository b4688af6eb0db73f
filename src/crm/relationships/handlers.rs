//! The relationships of a contact: their pages, and their API.

use actix_web::{HttpResponse, web};
use askama::Template;
use platform::db::{Scope, Tx};
use platform::records::{Editable, chooser};
use platform::web::can::{Edit, View as See};
use platform::web::{Can, Crumb, Form, Id, Page, Toast, View};
use platform::{Error, Result};
use serde::Serialize;
use uuid::Uuid;

use super::form::TieForm;
use super::kind::RelationshipKind;
use super::tie::{Tie, Ties};
use crate::crm::contacts::{self, Contact};

/// `/w/{workspace}/contacts/{id}/relationships/{relationship}`.
type TiePath = web::Path<(String, Uuid, Uuid)>;

/// For programs; people have them on the contact's page.
pub async fn index(can: Can<See, Contact>, Id(id): Id) -> Result<HttpResponse> {
    let ties = can
        .tx(move |tx| {
            Contact::find(tx, id)?;
            Ties::of(tx, id)
        })
        .await?;
    if can.asked.json() {
        return Ok(HttpResponse::Ok().json(ties));
    }
    can.redirect(&can.url(&format!("/contacts/{id}#relationships")), None)
}

#[derive(Template, Serialize)]
#[template(path = "crm/relationships/form.html")]
struct Editor {
    form: Form<TieForm>,
    #[serde(flatten)]
    tie: Option<Tie>,
    #[serde(skip)]
    name: String,
    #[serde(skip)]
    likely: Vec<(String, String)>,
    #[serde(skip)]
    kinds: Vec<(String, String)>,
    #[serde(skip)]
    record: String,
    #[serde(skip)]
    list: String,
    #[serde(skip)]
    choices: String,
}

impl Page for Editor {
    fn title(&self) -> String {
        match &self.tie {
            Some(tie) => format!("{} and {}", self.name, tie.name),
            None => "New relationship".into(),
        }
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to("Contacts", &self.list),
            Crumb::to(&self.name, &self.record),
            Crumb::here(self.title()),
        ]
    }
}

impl Editor {
    fn action(&self) -> String {
        let all = format!("{}/relationships", self.record);
        match &self.tie {
            Some(tie) => format!("{all}/{}?_method=PATCH", tie.id),
            None => all,
        }
    }
}

/// What can be chosen: each kind in the words of either side.
fn sides(kinds: Vec<RelationshipKind>) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for kind in kinds {
        let reverse =
            (!kind.is_mutual()).then(|| (format!("{}:reverse", kind.id), kind.reverse.clone()));
        all.push((kind.id.to_string(), kind.name));
        all.extend(reverse);
    }
    all
}

async fn editor(
    can: &Can<Edit, Contact>,
    id: Uuid,
    form: Form<TieForm>,
    tie: Option<Tie>,
) -> Result<HttpResponse> {
    form.for_people(&can.asked)?;
    let (chosen, seen) = (form.data.other_id, seen(can).await?);
    let (contact, likely, kinds) = can
        .tx(move |tx| {
            let contact = Contact::find(tx, id)?;
            let kinds = RelationshipKind::all(tx)?;
            tx.scope = seen;
            // Who may see only some is not told who else there is; the search finds theirs.
            let likely = match (tx.scope.owners(), chosen) {
                (None, chosen) => chooser::likely(tx, &contacts::KIND, chosen)?,
                (Some(_), Some(chosen)) => {
                    let known = Contact::find(tx, chosen).ok();
                    known
                        .map(|c| (c.id.to_string(), c.name()))
                        .into_iter()
                        .collect()
                }
                (Some(_), None) => Vec::new(),
            };
            Ok((contact, likely, kinds))
        })
        .await?;
    let mine = id.to_string();
    let page = Editor {
        name: contact.name(),
        likely: likely
            .into_iter()
            .filter(|(other, _)| *other != mine)
            .collect(),
        kinds: sides(kinds),
        record: can.url(&format!("/contacts/{id}")),
        list: can.url("/contacts"),
        choices: can.url("/records/contact/choices"),
        form,
        tie,
    };
    can.page_with(page.form.status(), page)
}

/// The contacts that the member may see.
async fn seen(can: &Can<Edit, Contact>) -> Result<Scope> {
    let scope = can.scope("contacts", "view").await?;
    Ok(scope.unwrap_or(Scope::Owners(Vec::new())))
}

pub async fn new(can: Can<Edit, Contact>, Id(id): Id) -> Result<HttpResponse> {
    editor(&can, id, Form::of(TieForm::default()), None).await
}

pub async fn create(
    can: Can<Edit, Contact>,
    Id(id): Id,
    form: Form<TieForm>,
) -> Result<HttpResponse> {
    let seen = seen(&can).await?;
    let made = form.write(&can, move |tx: &mut Tx, data| {
        let contact = Contact::held(tx, id)?;
        Tie::create(tx, &contact, &data, &seen)
    });
    let tie = match made.await? {
        Ok(tie) => tie,
        Err(form) => return editor(&can, id, form, None).await,
    };
    let record = can.url(&format!("/contacts/{id}"));
    let toast = Toast::done(format!("{}: {}", tie.label, tie.name));
    if can.asked.json() {
        let url = format!("{record}/relationships/{}", tie.id);
        return can.created(&url, tie.version, &tie, toast);
    }
    can.redirect(&record, Some(toast))
}

pub async fn edit(can: Can<Edit, Contact>, path: TiePath) -> Result<HttpResponse> {
    let (_, id, relationship) = path.into_inner();
    let tie = found(&can, id, relationship).await?;
    editor(&can, id, Form::of(tie.form()), Some(tie)).await
}

async fn found(can: &Can<Edit, Contact>, id: Uuid, relationship: Uuid) -> Result<Tie> {
    let seen = seen(can).await?;
    can.tx(move |tx| {
        Contact::find(tx, id)?;
        Tie::find(tx, id, relationship, &seen)
    })
    .await
}

pub async fn update(
    can: Can<Edit, Contact>,
    path: TiePath,
    form: Form<TieForm>,
) -> Result<HttpResponse> {
    let (_, id, relationship) = path.into_inner();
    let tie = found(&can, id, relationship).await?;
    if let Some(version) = can.asked.version()
        && version != tie.version
    {
        return Err(Error::Stale {
            current: tie.version,
        });
    }
    let form = form.over(&tie.form());
    let (before, seen) = (tie.clone(), seen(&can).await?);
    let saved = form.write(&can, move |tx: &mut Tx, data| {
        let contact = Contact::held(tx, id)?;
        before.save(tx, &contact, &data, &seen)
    });
    let tie = match saved.await? {
        Ok(saved) => saved,
        Err(form) => return editor(&can, id, form, Some(tie)).await,
    };
    let record = can.url(&format!("/contacts/{id}"));
    can.updated(&record, tie.version, &tie, Toast::done("Saved"))
}

pub async fn remove(can: Can<Edit, Contact>, path: TiePath) -> Result<HttpResponse> {
    let (_, id, relationship) = path.into_inner();
    let seen = seen(&can).await?;
    let name = can
        .tx(move |tx| {
            let contact = Contact::held(tx, id)?;
            let tie = Tie::find(tx, id, relationship, &seen)?;
            tie.remove(tx, &contact, &seen)?;
            Ok(tie.name)
        })
        .await?;
    let words = format!("{name} is no longer related");
    can.done(&can.url(&format!("/contacts/{id}")), Toast::done(words))
}
