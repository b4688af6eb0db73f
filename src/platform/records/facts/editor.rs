//! The editor of one fact, and what comes of it.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Serialize;
use uuid::Uuid;

use super::control::{Control, is_asked_for, likely, target};
use super::{capital, element};
use crate::error::{Error, Result};
use crate::records::Editable;
use crate::records::editing::on_page;
use crate::records::listing::{Trail, also};
use crate::records::write::{self, Written};
use crate::web::can::{Can, Edit};
use crate::web::{Crumb, Form, Page, Routes, View};

/// The editor of one fact, alone on a page or in the fact's place.
#[derive(Template, Serialize)]
#[template(path = "records/fact_editor.html", blocks = ["editor"])]
pub struct FactEditor {
    id: String,
    label: String,
    name: String,
    value: String,
    #[serde(skip)]
    control: Control,
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
    if !is_asked_for::<T>(name) {
        return Err(Error::NotFound);
    }
    let likely = match target(can, T::KIND, &field) {
        Some(kind) => {
            let current = form.value(&field.key).parse().ok();
            Some(can.tx(move |tx| likely(tx, &kind, current)).await?)
        }
        None => None,
    };
    let control = Control::new(can, T::KIND, &field, form, likely);
    let url = record.url(can);
    let page = FactEditor {
        id: element(name),
        label: field.label.clone(),
        name: name.to_owned(),
        value: control.value.clone(),
        control,
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
