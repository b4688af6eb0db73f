//! The page of a form: where visitors find it, and what they sent.

use std::collections::HashMap;

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use platform::Result;
use platform::db::Tx;
use platform::records::Editable;
use platform::records::listing::Trail;
use platform::schema::{form_submissions, records};
use platform::web::can::View as See;
use platform::web::{Can, Crumb, Page, View, filters};
use serde::Serialize;
use uuid::Uuid;

use super::KIND;
use super::definition::Question;
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

    /// What the contacts are called that came of these.
    fn names(tx: &mut Tx, recent: &[Submission]) -> Result<HashMap<Uuid, String>> {
        let ids: Vec<Uuid> = recent.iter().filter_map(|one| one.contact_id).collect();
        let named = records::table.filter(records::id.eq_any(ids));
        let named = named.select((records::id, records::title));
        Ok(named.load(&mut **tx)?.into_iter().collect())
    }

    /// Each question with its answer: those of the form in their order, then what was asked before.
    fn said(&self, questions: &[Question]) -> Vec<(&str, &str)> {
        let Some(answers) = self.answers.as_object() else {
            return Vec::new();
        };
        let place = |label: &str| questions.iter().position(|q| q.label == label);
        let mut said: Vec<_> = answers
            .iter()
            .filter_map(|(label, answer)| Some((label.as_str(), answer.as_str()?)))
            .filter(|(_, answer)| !answer.is_empty())
            .collect();
        said.sort_by_key(|(label, _)| place(label).unwrap_or(usize::MAX));
        said
    }
}

#[derive(Template, Serialize)]
#[template(path = "marketing/forms/show.html")]
struct Show {
    #[serde(flatten)]
    form: WebForm,
    recent: Vec<Submission>,
    #[serde(skip)]
    names: HashMap<Uuid, String>,
    public_url: String,
    #[serde(skip)]
    trail: Trail,
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
        vec![
            Crumb::to("Forms", self.trail.list()),
            Crumb::here(&self.form.name),
        ]
    }
}

impl Show {
    fn url(&self, path: &str) -> String {
        format!("{}/{}{path}", self.base, self.form.id)
    }
    fn is_open(&self) -> bool {
        self.form.status == Status::Published
    }
    fn name_of(&self, contact: &Uuid) -> &str {
        self.names.get(contact).map_or("Contact", String::as_str)
    }
    /// A question before its answer; one that asks has its own mark.
    fn asked(&self, label: &str) -> String {
        match label.ends_with(['?', ':', '.', '!']) {
            true => label.to_owned(),
            false => format!("{label}:"),
        }
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
    let trail = Trail::read(&can, &KIND)?;
    let found = can.tx(move |tx| {
        let form = WebForm::find(tx, id)?;
        let trail = trail.follow(tx, &form)?;
        let recent = Submission::of(tx, id)?;
        let names = Submission::names(tx, &recent)?;
        Ok((form, trail, recent, names))
    });
    let (form, trail, recent, names) = found.await?;
    can.page(Show {
        public_url: format!("{}/forms/{}", can.app.config.public_url, form.id),
        form,
        recent,
        names,
        trail,
        base: can.url("/forms"),
        contacts: can.url("/contacts"),
        zone: can.zone,
        may_edit: can.may("forms", "edit"),
        may_archive: can.may("forms", "archive"),
    })
}
