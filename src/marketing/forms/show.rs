//! The page of a form: where visitors find it, and what they sent.

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use platform::Result;
use platform::db::Tx;
use platform::records::Editable;
use platform::schema::form_submissions;
use platform::web::can::View as See;
use platform::web::{Can, Crumb, Page, View, filters};
use serde::Serialize;
use uuid::Uuid;

use super::form::{Status, WebForm};

type Id = web::Path<(String, Uuid)>;
const SHOWN: i64 = 100;

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
