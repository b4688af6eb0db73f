//! The page of a form: where visitors find it, and what they sent.

use std::collections::HashMap;

use actix_web::HttpResponse;
use askama::Template;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use platform::Result;
use platform::db::Tx;
use platform::records::open::{Opened, open};
use platform::schema::{form_submissions, records};
use platform::web::can::View as See;
use platform::web::{Can, Crumb, Id, Page, View, filters};
use serde::Serialize;
use uuid::Uuid;

use super::definition::Question;
use super::form::{Status, WebForm};

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
    opened: Opened<WebForm>,
    recent: Vec<Submission>,
    #[serde(skip)]
    names: HashMap<Uuid, String>,
    public_url: String,
}

impl Page for Show {
    fn title(&self) -> String {
        self.opened.title()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        self.opened.crumbs()
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        self.opened.block(id)
    }
}

impl Show {
    fn is_open(&self) -> bool {
        self.opened.row.status == Status::Published
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
            self.opened.row.name.replace('"', "&quot;")
        )
    }
}

pub async fn show(can: Can<See, WebForm>, Id(id): Id) -> Result<HttpResponse> {
    let more = |tx: &mut Tx, form: &WebForm| {
        let recent = Submission::of(tx, form.id)?;
        let names = Submission::names(tx, &recent)?;
        Ok((recent, names))
    };
    let (opened, (recent, names)) = open(&can, id, more).await?;
    can.page(Show {
        public_url: format!("{}/forms/{}", can.app.config.public_url, opened.row.id),
        opened,
        recent,
        names,
    })
}
