//! The kinds of relationship in the settings: their pages, and their API.

use actix_web::HttpResponse;
use askama::Template;
use platform::Result;
use platform::order::Shift;
use platform::web::can::{Manage, View as See};
use platform::web::{Action, Can, Crumb, Form, Id, Page, Toast, View};
use serde::Serialize;
use uuid::Uuid;

use super::kind::{KindForm, RelationshipKind};
use crate::workspaces::settings;

const PATH: &str = "/settings/relationships";

#[derive(Template, Serialize)]
#[template(path = "crm/relationships/index.html")]
struct Index {
    items: Vec<RelationshipKind>,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    may_manage: bool,
}

impl Page for Index {
    fn title(&self) -> String {
        "Relationships".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            settings::crumb(&self.base, PATH),
            Crumb::here("Relationships"),
        ]
    }
}

impl Index {
    fn url(&self, kind: &RelationshipKind) -> String {
        format!("{}/{}", self.base, kind.id)
    }
    fn new_url(&self) -> String {
        format!("{}/new", self.base)
    }
}

pub async fn index(can: Can<See, RelationshipKind>) -> Result<HttpResponse> {
    let items = can.tx(RelationshipKind::all).await?;
    can.page(Index {
        items,
        base: can.url(PATH),
        may_manage: can.may("relationships", "manage"),
    })
}

#[derive(Template, Serialize)]
#[template(path = "crm/relationships/kind.html")]
struct Editor {
    form: Form<KindForm>,
    #[serde(flatten)]
    kind: Option<RelationshipKind>,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    may_manage: bool,
}

impl Page for Editor {
    fn title(&self) -> String {
        match &self.kind {
            Some(kind) => kind.both(),
            None => "New kind of relationship".into(),
        }
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            settings::crumb(&self.base, PATH),
            Crumb::to("Relationships", &self.base),
            Crumb::here(self.title()),
        ]
    }
}

impl Editor {
    fn action(&self) -> String {
        match &self.kind {
            Some(kind) => format!("{}/{}?_method=PATCH", self.base, kind.id),
            None => self.base.clone(),
        }
    }
    fn removal(&self, id: &Uuid) -> String {
        format!("{}/{id}", self.base)
    }
}

fn editor<A: Action>(
    can: &Can<A, RelationshipKind>,
    form: Form<KindForm>,
    kind: Option<RelationshipKind>,
) -> Result<HttpResponse> {
    form.for_people(&can.asked)?;
    let page = Editor {
        form,
        kind,
        base: can.url(PATH),
        may_manage: can.may("relationships", "manage"),
    };
    can.page_with(page.form.status(), page)
}

pub async fn new(can: Can<Manage, RelationshipKind>) -> Result<HttpResponse> {
    editor(&can, Form::of(KindForm::default()), None)
}

pub async fn edit(can: Can<See, RelationshipKind>, Id(id): Id) -> Result<HttpResponse> {
    let kind = can.tx(move |tx| RelationshipKind::find(tx, id)).await?;
    editor(&can, Form::of(KindForm::from(&kind)), Some(kind))
}

pub async fn create(
    can: Can<Manage, RelationshipKind>,
    form: Form<KindForm>,
) -> Result<HttpResponse> {
    let kind = match form.write(&can, RelationshipKind::create).await? {
        Ok(kind) => kind,
        Err(form) => return editor(&can, form, None),
    };
    can.app.forget_setup(can.membership.workspace_id);
    let toast = Toast::done(format!("{} is added", kind.both()));
    if can.asked.json() {
        let url = can.url(&format!("{PATH}/{}", kind.id));
        return can.created(&url, 1, &kind, toast);
    }
    can.redirect(&can.url(PATH), Some(toast))
}

pub async fn update(
    can: Can<Manage, RelationshipKind>,
    Id(id): Id,
    form: Form<KindForm>,
) -> Result<HttpResponse> {
    let kind = can.tx(move |tx| RelationshipKind::find(tx, id)).await?;
    let form = form.over(&KindForm::from(&kind));
    let before = kind.clone();
    let saved = form.write(&can, move |tx, data| before.save(tx, data));
    let kind = match saved.await? {
        Ok(saved) => saved,
        Err(form) => return editor(&can, form, Some(kind)),
    };
    can.app.forget_setup(can.membership.workspace_id);
    if can.asked.json() {
        return Ok(HttpResponse::Ok().json(kind));
    }
    can.redirect(&can.url(PATH), Some(Toast::done("Saved")))
}

pub async fn remove(can: Can<Manage, RelationshipKind>, Id(id): Id) -> Result<HttpResponse> {
    let name = can
        .tx(move |tx| {
            let kind = RelationshipKind::find(tx, id)?;
            kind.remove(tx)?;
            Ok(kind.both())
        })
        .await?;
    can.app.forget_setup(can.membership.workspace_id);
    can.done(&can.url(PATH), Toast::done(format!("{name} is gone")))
}

pub async fn shift(
    can: Can<Manage, RelationshipKind>,
    Id(id): Id,
    form: Form<Shift>,
) -> Result<HttpResponse> {
    let by = form.valid()?.by;
    can.tx(move |tx| RelationshipKind::find(tx, id)?.shift(tx, by))
        .await?;
    can.app.forget_setup(can.membership.workspace_id);
    can.done(&can.url(PATH), Toast::done("Moved"))
}
