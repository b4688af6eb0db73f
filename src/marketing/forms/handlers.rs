//! The pages of forms, and their API.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use platform::records::Editable;
use platform::records::write::{self, Written};
use platform::web::can::{Archive, Create, Edit};
use platform::web::{Action, Can, Crumb, Form, Page, Toast, View};
use platform::{Error, Result};
use serde::Serialize;
use uuid::Uuid;

use super::definition::{Definition, FieldKind, Target};
use super::form::WebForm;

type Id = web::Path<(String, Uuid)>;

#[derive(Template, Serialize)]
#[template(path = "marketing/forms/form.html")]
struct Editor {
    form: Form<Definition>,
    #[serde(skip)]
    web_form: Option<WebForm>,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    sequences: Vec<(String, String)>,
}

impl Page for Editor {
    fn title(&self) -> String {
        self.web_form
            .as_ref()
            .map_or("New form".into(), |f| format!("Edit {}", f.name))
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![Crumb::to("Forms", &self.base), Crumb::here(self.title())]
    }
}

impl Editor {
    fn action(&self) -> String {
        match &self.web_form {
            Some(f) => format!("{}/{}?_method=PATCH", self.base, f.id),
            None => self.base.clone(),
        }
    }
    fn cancel(&self) -> String {
        self.web_form
            .as_ref()
            .map_or(self.base.clone(), |f| format!("{}/{}", self.base, f.id))
    }
    /// The rows of questions: those there are, and three blank ones to add.
    fn rows(&self) -> Vec<usize> {
        (0..(self.form.len_of("fields") + 3).min(super::definition::MOST_FIELDS as usize)).collect()
    }
    fn kinds(&self) -> &'static [platform::db::text_enum::Choice] {
        FieldKind::CHOICES
    }
    fn targets(&self) -> &'static [platform::db::text_enum::Choice] {
        Target::CHOICES
    }
    fn value(&self, i: &usize, name: &str) -> String {
        self.form.value(&format!("fields.{i}.{name}"))
    }
    fn chosen(&self, i: &usize, name: &str, value: &str) -> bool {
        self.form.checked(&format!("fields.{i}.{name}"), value)
    }
    fn error(&self, i: &usize, name: &str) -> Option<&str> {
        self.form.error(&format!("fields.{i}.{name}"))
    }
}

async fn editor<A: Action>(
    can: &Can<A, WebForm>,
    status: StatusCode,
    form: Form<Definition>,
    web_form: Option<WebForm>,
) -> Result<HttpResponse> {
    if can.asked.json() && !form.is_valid() {
        return Err(form.valid().err().unwrap_or(Error::NotFound));
    }
    let sequences = can.tx(crate::marketing::sequences::choices).await?;
    let base = can.url("/forms");
    can.page_with(
        status,
        Editor {
            form,
            web_form,
            base,
            sequences,
        },
    )
}

pub async fn new(can: Can<Create, WebForm>) -> Result<HttpResponse> {
    editor(&can, StatusCode::OK, Form::of(Definition::default()), None).await
}

pub async fn edit(can: Can<Edit, WebForm>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let form = can.tx(move |tx| WebForm::find(tx, id)).await?;
    editor(&can, StatusCode::OK, Form::of(form.form()), Some(form)).await
}

pub async fn create(can: Can<Create, WebForm>, form: Form<Definition>) -> Result<HttpResponse> {
    match write::create(&can, form).await? {
        Ok(made) => {
            let url = can.url(&format!("/forms/{}", made.id));
            let toast = Toast::done(format!("{} is made", made.name));
            can.created(&url, made.version, &made, toast)
        }
        Err(form) => editor(&can, StatusCode::UNPROCESSABLE_ENTITY, form, None).await,
    }
}

pub async fn update(
    can: Can<Edit, WebForm>,
    id: Id,
    form: Form<Definition>,
) -> Result<HttpResponse> {
    match write::update(&can, id.into_inner().1, form).await? {
        Written::Saved(saved) => saved.answer(&can),
        Written::Refused { form, record } => {
            editor(&can, StatusCode::UNPROCESSABLE_ENTITY, form, Some(record)).await
        }
        Written::Stale(clash) => clash.answer(&can).await,
    }
}

pub async fn publish(can: Can<Edit, WebForm>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let form = can.tx(move |tx| WebForm::find(tx, id)?.publish(tx)).await?;
    let url = can.url(&format!("/forms/{id}"));
    can.updated(
        &url,
        form.version,
        &form,
        Toast::done("The form is open to the public"),
    )
}

pub async fn close(can: Can<Edit, WebForm>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let form = can.tx(move |tx| WebForm::find(tx, id)?.close(tx)).await?;
    let url = can.url(&format!("/forms/{id}"));
    can.updated(
        &url,
        form.version,
        &form,
        Toast::done("The form takes no more answers"),
    )
}

pub async fn archive(can: Can<Archive, WebForm>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let form = can.tx(move |tx| WebForm::find(tx, id)?.archive(tx)).await?;
    let undo = can.url(&format!("/forms/{id}/restoration"));
    let toast = Toast::done(format!("{} is archived", form.name)).undo(undo);
    can.done(&can.url("/forms"), toast)
}

pub async fn restore(can: Can<Archive, WebForm>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let form = can.tx(move |tx| WebForm::find(tx, id)?.restore(tx)).await?;
    let url = can.url(&format!("/forms/{id}"));
    let toast = Toast::done(format!("{} is back", form.name));
    can.updated(&url, form.version, &form, toast)
}
