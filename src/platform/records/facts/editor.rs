//! The editor of one fact, and what comes of it.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Serialize;
use uuid::Uuid;

use super::{capital, element};
use crate::error::{Error, Result};
use crate::filter::{Field, FieldType};
use crate::records::editing::on_page;
use crate::records::kinds::Kind;
use crate::records::listing::{Trail, also};
use crate::records::shown::decimal;
use crate::records::write::{self, Written};
use crate::records::{Editable, RecordForm, chooser};
use crate::web::can::{Can, Edit};
use crate::web::{Crumb, Form, Page, Routes, View};

/// The editor of one fact, alone on a page or in the fact's place.
#[derive(Template, Serialize)]
#[template(path = "records/fact_editor.html", blocks = ["editor"])]
pub struct FactEditor {
    id: String,
    label: String,
    name: String,
    #[serde(skip)]
    control: &'static str,
    value: String,
    #[serde(skip)]
    options: Vec<(String, String)>,
    #[serde(skip)]
    chosen: Vec<String>,
    #[serde(skip)]
    choices_url: String,
    error: String,
    version: i32,
    #[serde(skip)]
    action: String,
    #[serde(skip)]
    record: String,
    #[serde(skip)]
    title: String,
    #[serde(skip)]
    crumbs: Vec<Crumb>,
}

impl Page for FactEditor {
    fn title(&self) -> String {
        format!("{}: {}", self.title, self.label)
    }
    fn crumbs(&self) -> Vec<Crumb> {
        self.crumbs.clone()
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        (id == self.id).then(|| self.as_editor().render())
    }
}

impl FactEditor {
    /// Where a plain form sends it.
    fn posted(&self) -> String {
        also(&self.action, "_method=PATCH")
    }

    fn is_chosen(&self, value: &str) -> bool {
        self.chosen.iter().any(|v| v == value)
    }
}

/// `/w/{workspace}/{collection}/{id}/facts/{field}`.
type FactPath = web::Path<(String, Uuid, String)>;

/// The editor and the saving of the facts of `T`.
pub fn routes<T: Editable>(r: &mut Routes) {
    let path = format!("/{}/{{id}}/facts/{{field}}", T::COLLECTION);
    r.get(&path, edit::<T>).patch(&path, update::<T>);
}

async fn edit<T: Editable>(can: Can<Edit, T>, path: FactPath) -> Result<HttpResponse> {
    let (_, id, name) = path.into_inner();
    let record = can.tx(move |tx| T::find(tx, id)).await?;
    let form = Form::of(record.form());
    editor(&can, StatusCode::OK, &name, &form, &record, String::new()).await
}

/// Saves one field: the fact again for htmx, on to the record for a plain form, the record for a program.
async fn update<T: Editable>(
    can: Can<Edit, T>,
    path: FactPath,
    form: Form<T::Form>,
) -> Result<HttpResponse> {
    let (_, id, name) = path.into_inner();
    match write::update(&can, id, form).await? {
        Written::Saved(saved) if can.asked.htmx => {
            // The fact as the record's page shows it; the request's target says which.
            let url = on_page(&saved.record, &can);
            let to = match saved.event {
                Some(event) => also(&url, &format!("saved={event}")),
                None => url,
            };
            can.redirect(&to, None)
        }
        Written::Saved(saved) => saved.answer(&can),
        Written::Refused { form, record } => {
            let problem = form
                .errors()
                .first()
                .map(|(_, message)| (*message).to_owned());
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            editor(
                &can,
                status,
                &name,
                &form,
                &record,
                problem.unwrap_or_default(),
            )
            .await
        }
        Written::Stale(clash) => {
            if can.asked.json() {
                return clash.problem(&can);
            }
            let (record, said) = (&clash.record, clash.said(&can));
            let form = Form::of(clash.form()?);
            editor(&can, StatusCode::CONFLICT, &name, &form, record, said).await
        }
    }
}

async fn editor<T: Editable>(
    can: &Can<Edit, T>,
    status: StatusCode,
    name: &str,
    form: &Form<T::Form>,
    record: &T,
    error: String,
) -> Result<HttpResponse> {
    form.for_people(&can.asked)?;
    let kind = *can.app.kinds.get(T::KIND).ok_or(Error::NotFound)?;
    let catalogue = can.setup.catalogue(&kind);
    let field = catalogue.get(name).ok_or(Error::NotFound)?.clone();
    // Only what the form has can be changed.
    let known = Form::of(T::Form::default()).raw(name).is_some() || name.starts_with("custom.");
    if !known {
        return Err(Error::NotFound);
    }
    let target = target(&field, can);
    let options = options(can, &field, target, form).await?;
    let url = record.url(can);
    let page = FactEditor {
        id: element(name),
        label: field.label.clone(),
        name: name.to_owned(),
        control: control(&field),
        value: amount(&field, form, name),
        chosen: chosen(form, name),
        choices_url: target.map_or_else(String::new, |kind| {
            can.url(&format!("/records/{}/choices", kind.name))
        }),
        options,
        error,
        version: record.version(),
        action: format!("{url}/facts/{name}{}", Trail::carried(&can.asked.query)),
        crumbs: vec![
            Crumb::to(
                capital(kind.plural),
                can.url(&format!("/{}", kind.collection)),
            ),
            Crumb::to(record.title(), on_page(record, can)),
            Crumb::here(field.label.clone()),
        ],
        title: record.title(),
        record: on_page(record, can),
    };
    can.page_with(status, page)
}

fn amount<F: RecordForm>(field: &Field, form: &Form<F>, name: &str) -> String {
    match (
        field.kind,
        form.raw(name).and_then(serde_json::Value::as_i64),
    ) {
        (FieldType::Money, Some(minor)) => decimal(minor),
        _ => form.value(name),
    }
}

fn chosen<F: RecordForm>(form: &Form<F>, name: &str) -> Vec<String> {
    match form.raw(name) {
        Some(serde_json::Value::Array(items)) => items
            .iter()
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect(),
        _ => vec![form.value(name)],
    }
}

/// The control for a type of field, as `records/fact_editor.html` names it.
fn control(field: &Field) -> &'static str {
    match field.kind {
        FieldType::LongText => "textarea",
        FieldType::Date | FieldType::DateTime => "date",
        FieldType::Choice | FieldType::Person => "select",
        FieldType::MultiChoice => "checkboxes",
        FieldType::Checkbox => "checkbox",
        FieldType::Record(_) => "chooser",
        FieldType::Tags => "tags",
        FieldType::Number | FieldType::Money => "number",
        FieldType::Email => "email",
        FieldType::Phone => "tel",
        FieldType::Url => "url",
        FieldType::Text | FieldType::Behaviour => "text",
    }
}

/// The kind of record that a field points at.
fn target<T: Editable>(field: &Field, can: &Can<Edit, T>) -> Option<Kind> {
    let FieldType::Record(kind) = field.kind else {
        return None;
    };
    let custom = can.setup.fields_of(T::KIND).find(|f| f.name() == field.key);
    let name = custom.map_or(kind, |f| f.target.as_str());
    can.app.kinds.get(name).copied()
}

async fn options<T: Editable>(
    can: &Can<Edit, T>,
    field: &Field,
    target: Option<Kind>,
    form: &Form<T::Form>,
) -> Result<Vec<(String, String)>> {
    match (field.kind, target) {
        (FieldType::Person, _) => Ok(can.setup.owners()),
        (FieldType::Tags, _) => {
            let names = can.setup.tag_names().into_iter();
            Ok(names.map(|n| (n.to_owned(), n.to_owned())).collect())
        }
        (_, Some(kind)) => {
            let current = form.value(&field.key).parse().ok();
            can.tx(move |tx| chooser::likely(tx, &kind, current)).await
        }
        _ => {
            let choices = field.choices.iter();
            Ok(choices
                .map(|c| (c.value.clone(), c.label.clone()))
                .collect())
        }
    }
}
