//! The pages of custom fields.

use actix_web::HttpResponse;
use actix_web::http::header;
use askama::Template;
use platform::Result;
use platform::records::custom::TYPES;
use platform::records::facts::capital;
use platform::records::kinds::Kinds;
use platform::web::can::{Archive, Create, Edit, View as See};
use platform::web::{Action, Can, Crumb, Form, Id, Page, Toast, View};
use serde::Serialize;

use super::definition::Definition;
use super::form::{FieldForm, check, refuse_moves};
use crate::workspaces::settings;

pub const PATH: &str = "/settings/custom-fields";

/// A kind of record: its name, and what a heading calls it.
type KindTab = (&'static str, String);

fn tabs(kinds: &Kinds) -> Vec<KindTab> {
    let kinds = kinds.all().iter().filter(|kind| kind.takes_custom());
    kinds.map(|k| (k.name, capital(k.plural))).collect()
}

#[derive(Template, Serialize)]
#[template(path = "workspaces/custom_fields/index.html")]
struct Index {
    items: Vec<Definition>,
    #[serde(skip)]
    archived: Vec<Definition>,
    #[serde(skip)]
    tabs: Vec<KindTab>,
    #[serde(skip)]
    kind: String,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    may_create: bool,
    #[serde(skip)]
    may_edit: bool,
    #[serde(skip)]
    may_archive: bool,
}

impl Page for Index {
    fn title(&self) -> String {
        "Custom fields".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            settings::crumb(&self.base, PATH),
            Crumb::here("Custom fields"),
        ]
    }
}

impl Index {
    fn new_url(&self) -> String {
        format!("{}/new?kind={}", self.base, self.kind)
    }
    fn tab_url(&self, kind: &str) -> String {
        format!("{}?kind={kind}", self.base)
    }
    fn url(&self, field: &Definition, path: &str) -> String {
        format!("{}/{}{path}", self.base, field.id)
    }
}

pub async fn index(can: Can<See, Definition>) -> Result<HttpResponse> {
    let all = can.tx(Definition::all).await?;
    let tabs = tabs(&can.app.kinds);
    let asked = can.asked.param("kind");
    let known = tabs
        .iter()
        .find(|(name, _)| Some(*name) == asked.as_deref());
    let first = known
        .or(tabs.first())
        .map_or("", |(name, _)| name)
        .to_owned();
    let (archived, mut items): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|f| f.archived_at.is_some());
    let of_kind = |field: &Definition| field.record_kind == first;
    if asked.is_some() || !can.asked.json() {
        items.retain(of_kind);
    }
    can.page(Index {
        items,
        archived: archived.into_iter().filter(of_kind).collect(),
        tabs,
        base: can.url(PATH),
        may_create: can.may("custom_fields", "create"),
        may_edit: can.may("custom_fields", "edit"),
        may_archive: can.may("custom_fields", "archive"),
        kind: first,
    })
}

#[derive(Template, Serialize)]
#[template(path = "workspaces/custom_fields/form.html")]
struct Editor {
    form: Form<FieldForm>,
    field: Option<Definition>,
    #[serde(skip)]
    kinds: Vec<KindTab>,
    #[serde(skip)]
    targets: Vec<KindTab>,
    #[serde(skip)]
    base: String,
}

impl Page for Editor {
    fn title(&self) -> String {
        let label = self.field.as_ref().map(|f| f.label.clone());
        label.unwrap_or_else(|| "New field".into())
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            settings::crumb(&self.base, PATH),
            Crumb::to("Custom fields", self.back()),
            Crumb::here(self.title()),
        ]
    }
}

impl Editor {
    fn action(&self) -> String {
        match &self.field {
            Some(field) => format!("{}/{}?_method=PATCH", self.base, field.id),
            None => self.base.clone(),
        }
    }
    fn back(&self) -> String {
        format!("{}?kind={}", self.base, self.form.data.record_kind)
    }
    fn types(&self) -> [(&'static str, &'static str); 13] {
        TYPES
    }
    fn takes_choices(&self) -> bool {
        let kind = self.form.data.kind.as_str();
        self.field.is_none() || matches!(kind, "choice" | "multi_choice")
    }
    fn sub(&self) -> String {
        match &self.field {
            Some(field) => format!("{} · {}", field.type_label(), field.key),
            None => "It is shown in forms, lists, filters, imports and exports at once.".into(),
        }
    }
}

pub async fn new(can: Can<Create, Definition>) -> Result<HttpResponse> {
    let first = tabs(&can.app.kinds).first().map(|(name, _)| *name);
    let form = Form::of(FieldForm {
        record_kind: can
            .asked
            .param("kind")
            .unwrap_or_else(|| first.unwrap_or_default().to_owned()),
        kind: "text".into(),
        ..FieldForm::default()
    });
    editor(&can, form, None)
}

pub async fn edit(can: Can<See, Definition>, Id(id): Id) -> Result<HttpResponse> {
    let field = can.tx(move |tx| Definition::find(tx, id)).await?;
    if can.asked.json() {
        return Ok(HttpResponse::Ok().json(field));
    }
    editor(&can, Form::of(FieldForm::from(&field)), Some(field))
}

fn editor<A: Action>(
    can: &Can<A, Definition>,
    form: Form<FieldForm>,
    field: Option<Definition>,
) -> Result<HttpResponse> {
    form.for_people(&can.asked)?;
    let all = can.app.kinds.all().iter();
    can.page_with(
        form.status(),
        Editor {
            form,
            field,
            kinds: tabs(&can.app.kinds),
            targets: all.map(|k| (k.name, capital(k.plural))).collect(),
            base: can.url(PATH),
        },
    )
}

pub async fn create(
    can: Can<Create, Definition>,
    mut form: Form<FieldForm>,
) -> Result<HttpResponse> {
    check(&mut form, &can.app.kinds);
    let made = form.write(&can, |tx, data| Definition::create(tx, &data));
    let field = match made.await? {
        Ok(field) => field,
        Err(form) => return editor(&can, form, None),
    };
    can.app.forget_setup(can.membership.workspace_id);
    if can.asked.json() {
        let url = can.url(&format!("{PATH}/{}", field.id));
        return Ok(HttpResponse::Created()
            .insert_header((header::LOCATION, format!("/api/v1{url}")))
            .json(field));
    }
    on(
        &can,
        &field,
        Toast::done(format!("{} is added", field.label)),
    )
}

pub async fn update(
    can: Can<Edit, Definition>,
    Id(id): Id,
    form: Form<FieldForm>,
) -> Result<HttpResponse> {
    let field = can.tx(move |tx| Definition::find(tx, id)).await?;
    let current = FieldForm::from(&field);
    let mut form = form.over(&current);
    refuse_moves(&mut form, &current);
    check(&mut form, &can.app.kinds);
    if !form.is_valid() {
        return editor(&can, form, Some(field));
    }
    let field = can.tx(move |tx| field.save(tx, &form.data)).await?;
    can.app.forget_setup(can.membership.workspace_id);
    on(&can, &field, Toast::done("Saved"))
}

pub async fn archive(can: Can<Archive, Definition>, Id(id): Id) -> Result<HttpResponse> {
    let field = can
        .tx(move |tx| {
            let field = Definition::find(tx, id)?;
            field.archive(tx)?;
            Ok(field)
        })
        .await?;
    can.app.forget_setup(can.membership.workspace_id);
    let undo = can.url(&format!("{PATH}/{}/restoration", field.id));
    let toast = Toast::done(format!("{} is archived; its values stay", field.label));
    let url = can.url(&format!("{PATH}?kind={}", field.record_kind));
    can.done(&url, toast.undo(undo))
}

pub async fn restore(can: Can<Archive, Definition>, Id(id): Id) -> Result<HttpResponse> {
    let field = can
        .tx(move |tx| {
            Definition::find(tx, id)?.restore(tx)?;
            Definition::find(tx, id)
        })
        .await?;
    can.app.forget_setup(can.membership.workspace_id);
    on(
        &can,
        &field,
        Toast::done(format!("{} is back", field.label)),
    )
}

fn on<A: Action>(
    can: &Can<A, Definition>,
    field: &Definition,
    toast: Toast,
) -> Result<HttpResponse> {
    if can.asked.json() {
        return Ok(HttpResponse::Ok().json(field));
    }
    let url = can.url(&format!("{PATH}?kind={}", field.record_kind));
    can.redirect(&url, Some(toast))
}
