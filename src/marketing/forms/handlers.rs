//! The pages of forms, and their API.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use platform::db::Tx;
use platform::records::list::List;
use platform::records::listing::Listing;
use platform::schema::form_submissions;
use platform::web::can::{Archive, Create, Edit, View as See};
use platform::web::{Action, Can, Crumb, Form, Page, Toast, View, filters};
use platform::{Error, Result};
use serde::Serialize;
use uuid::Uuid;

use super::definition::{Definition, FieldKind, Target};
use super::form::{Status, WebForm};

type Id = web::Path<(String, Uuid)>;
const SHOWN: i64 = 100;

#[derive(Template, Serialize)]
#[template(path = "marketing/forms/index.html", blocks = ["results"])]
struct Index {
    #[serde(flatten)]
    list: List<WebForm>,
    #[serde(skip)]
    listing: Listing,
}

impl Page for Index {
    fn title(&self) -> String {
        self.listing.title()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![Crumb::here(self.title())]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        match id {
            "results" => Some(self.as_results().render()),
            _ => self.listing.block(id, &self.list),
        }
    }
}

pub async fn index(can: Can<See, WebForm>) -> Result<HttpResponse> {
    Listing::page(&can, |list, listing| Index { list, listing }).await
}

#[derive(Clone, Debug, Queryable, Serialize)]
struct Submission {
    id: Uuid,
    contact_id: Option<Uuid>,
    answers: serde_json::Value,
    created_at: DateTime<Utc>,
}

impl Submission {
    fn of(tx: &mut Tx, form: Uuid) -> Result<Vec<Submission>> {
        Ok(form_submissions::table
            .filter(form_submissions::form_id.eq(form))
            .order((
                form_submissions::created_at.desc(),
                form_submissions::id.desc(),
            ))
            .limit(SHOWN)
            .select((
                form_submissions::id,
                form_submissions::contact_id,
                form_submissions::answers,
                form_submissions::created_at,
            ))
            .load(&mut **tx)?)
    }

    /// The answers in one line.
    fn said(&self) -> String {
        let Some(answers) = self.answers.as_object() else {
            return String::new();
        };
        let texts: Vec<_> = answers
            .values()
            .filter_map(|v| v.as_str())
            .filter(|t| !t.is_empty())
            .collect();
        texts.join(" · ")
    }
}

#[derive(Template, Serialize)]
#[template(path = "marketing/forms/show.html")]
struct Show {
    #[serde(flatten)]
    form: WebForm,
    recent: Vec<Submission>,
    public_url: String,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    contacts: String,
    #[serde(skip)]
    zone: Tz,
    #[serde(skip)]
    may_edit: bool,
    #[serde(skip)]
    may_archive: bool,
}

impl Page for Show {
    fn title(&self) -> String {
        self.form.name.clone()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![Crumb::to("Forms", &self.base), Crumb::here(&self.form.name)]
    }
}

impl Show {
    fn url(&self, path: &str) -> String {
        format!("{}/{}{path}", self.base, self.form.id)
    }
    fn is_open(&self) -> bool {
        self.form.status == Status::Published
    }
    fn snippet(&self) -> String {
        format!(
            "<iframe src=\"{}\" title=\"{}\" width=\"100%\" height=\"560\" loading=\"lazy\"></iframe>",
            self.public_url,
            self.form.name.replace('"', "&quot;")
        )
    }
}

pub async fn show(can: Can<See, WebForm>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let (form, recent) = can
        .tx(move |tx| Ok((WebForm::find(tx, id)?, Submission::of(tx, id)?)))
        .await?;
    can.page(Show {
        public_url: format!("{}/forms/{}", can.app.config.public_url, form.id),
        form,
        recent,
        base: can.url("/forms"),
        contacts: can.url("/contacts"),
        zone: can.zone,
        may_edit: can.may("forms", "edit"),
        may_archive: can.may("forms", "archive"),
    })
}

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
    editor(
        &can,
        StatusCode::OK,
        Form::of(form.definition()),
        Some(form),
    )
    .await
}

pub async fn create(can: Can<Create, WebForm>, form: Form<Definition>) -> Result<HttpResponse> {
    if !form.is_valid() {
        return editor(&can, StatusCode::UNPROCESSABLE_ENTITY, form, None).await;
    }
    let made = can.tx(move |tx| WebForm::create(tx, form.data)).await?;
    let url = can.url(&format!("/forms/{}", made.id));
    can.created(
        &url,
        made.version,
        &made,
        Toast::done(format!("{} is made", made.name)),
    )
}

pub async fn update(
    can: Can<Edit, WebForm>,
    id: Id,
    form: Form<Definition>,
) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let known = can.tx(move |tx| WebForm::find(tx, id)).await?;
    let version = can
        .asked
        .version()
        .or_else(|| form.value("version").parse().ok())
        .unwrap_or(known.version);
    let form = form.over(&known.definition());
    if !form.is_valid() {
        return editor(&can, StatusCode::UNPROCESSABLE_ENTITY, form, Some(known)).await;
    }
    let saved = can
        .tx(move |tx| known.update(tx, version, form.data))
        .await?;
    let url = can.url(&format!("/forms/{}", saved.id));
    can.updated(&url, saved.version, &saved, Toast::done("Saved"))
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
    can.done(
        &can.url("/forms"),
        Toast::done(format!("{} is archived", form.name)),
    )
}
