//! The pages of forms, and their API.

use actix_web::HttpResponse;
use askama::Template;
use platform::Result;
use platform::db::Tx;
use platform::db::text_enum::Choice;
use platform::records::Editable;
use platform::records::editing::{self, Editing};
use platform::web::can::{Create, Edit};
use platform::web::{Action, Can, Crumb, Form, Id, Page, Toast};
use serde::Serialize;

use super::definition::{Definition, FieldKind, MOST_FIELDS, Target};
use super::form::WebForm;
use crate::marketing::sequences;

#[derive(Template, Serialize)]
#[template(path = "marketing/forms/form.html")]
struct Editor {
    #[serde(flatten)]
    editing: Editing<WebForm>,
    #[serde(skip)]
    sequences: Vec<(String, String)>,
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
    /// The rows of questions: those there are, and a blank one to add.
    fn rows(&self) -> Vec<usize> {
        let rows = self.editing.form.len_of("fields") + 1;
        (0..rows.min(MOST_FIELDS as usize)).collect()
    }
    fn kinds(&self) -> &'static [Choice] {
        FieldKind::CHOICES
    }
    fn targets(&self) -> &'static [Choice] {
        Target::CHOICES
    }
    fn value(&self, i: &usize, name: &str) -> String {
        self.editing.form.value(&format!("fields.{i}.{name}"))
    }
    fn chosen(&self, i: &usize, name: &str, value: &str) -> bool {
        let form = &self.editing.form;
        form.checked(&format!("fields.{i}.{name}"), value)
    }
    fn error(&self, i: &usize, name: &str) -> Option<&str> {
        self.editing.form.error(&format!("fields.{i}.{name}"))
    }
}

async fn editor<A: Action>(
    can: &Can<A, WebForm>,
    editing: Editing<WebForm>,
) -> Result<HttpResponse> {
    let sequences = |tx: &mut Tx, _: &Definition| sequences::choices(tx);
    let page = |editing, sequences| Editor { editing, sequences };
    editing.show(can, sequences, page).await
}

pub async fn new(can: Can<Create, WebForm>) -> Result<HttpResponse> {
    editor(&can, Editing::new(&can, Definition::default())?).await
}

pub async fn edit(can: Can<Edit, WebForm>, id: Id) -> Result<HttpResponse> {
    editor(&can, Editing::find(&can, id.0).await?).await
}

pub async fn create(can: Can<Create, WebForm>, form: Form<Definition>) -> Result<HttpResponse> {
    editing::create(&can, form, "is made", editor).await
}

pub async fn update(
    can: Can<Edit, WebForm>,
    id: Id,
    form: Form<Definition>,
) -> Result<HttpResponse> {
    editing::update(&can, id.0, form, editor).await
}

pub async fn publish(can: Can<Edit, WebForm>, Id(id): Id) -> Result<HttpResponse> {
    let form = can.tx(move |tx| WebForm::find(tx, id)?.publish(tx)).await?;
    let toast = Toast::done("The form is open to the public");
    can.updated(&form.url(&can), form.version, &form, toast)
}

pub async fn close(can: Can<Edit, WebForm>, Id(id): Id) -> Result<HttpResponse> {
    let form = can.tx(move |tx| WebForm::find(tx, id)?.close(tx)).await?;
    let toast = Toast::done("The form takes no more answers");
    can.updated(&form.url(&can), form.version, &form, toast)
}
