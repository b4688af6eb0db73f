//! The pages of sequences, and their API.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use diesel::prelude::*;
use platform::db::Tx;
use platform::records::Editable;
use platform::records::write::{self, Written};
use platform::schema::email_templates;
use platform::web::can::{Archive, Create, Edit};
use platform::web::{Action, Can, Crumb, Form, Page, Toast, View};
use platform::{Error, Result};
use serde::Serialize;
use uuid::Uuid;

use super::Id;
use super::plan::{MOST_STEPS, Plan};
use super::sequence::Sequence;
use crate::marketing::topics;

#[derive(Template, Serialize)]
#[template(path = "marketing/sequences/form.html")]
struct Editor {
    form: Form<Plan>,
    #[serde(skip)]
    sequence: Option<Sequence>,
    #[serde(skip)]
    templates: Vec<(String, String)>,
    #[serde(skip)]
    topics: Vec<(String, String)>,
    #[serde(skip)]
    base: String,
}

impl Page for Editor {
    fn title(&self) -> String {
        self.sequence
            .as_ref()
            .map_or("New sequence".into(), |s| format!("Edit {}", s.name))
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to("Sequences", &self.base),
            Crumb::here(self.title()),
        ]
    }
}

impl Editor {
    fn action(&self) -> String {
        match &self.sequence {
            Some(s) => format!("{}/{}?_method=PATCH", self.base, s.id),
            None => self.base.clone(),
        }
    }
    fn cancel(&self) -> String {
        self.sequence
            .as_ref()
            .map_or(self.base.clone(), |s| format!("{}/{}", self.base, s.id))
    }
    fn rows(&self) -> Vec<usize> {
        (0..(self.form.len_of("steps") + 2).min(MOST_STEPS as usize)).collect()
    }
    fn delay(&self, i: &usize) -> String {
        let typed = self.form.value(&format!("steps.{i}.delay_hours"));
        if typed.is_empty() { "24".into() } else { typed }
    }
    fn chosen(&self, i: &usize, template: &str) -> bool {
        self.form
            .checked(&format!("steps.{i}.template_id"), template)
    }
    fn error(&self, i: &usize) -> Option<&str> {
        self.form.error(&format!("steps.{i}.delay_hours"))
    }
}

fn templates(tx: &mut Tx) -> Result<Vec<(String, String)>> {
    let all: Vec<(Uuid, String)> = email_templates::table
        .filter(email_templates::archived_at.is_null())
        .order(email_templates::name)
        .limit(500)
        .select((email_templates::id, email_templates::name))
        .load(&mut **tx)?;
    Ok(all
        .into_iter()
        .map(|(id, name)| (id.to_string(), name))
        .collect())
}

async fn editor<A: Action>(
    can: &Can<A, Sequence>,
    status: StatusCode,
    form: Form<Plan>,
    sequence: Option<Sequence>,
) -> Result<HttpResponse> {
    if can.asked.json() && !form.is_valid() {
        return Err(form.valid().err().unwrap_or(Error::NotFound));
    }
    let topic = form.data.topic_id;
    let choices = can.tx(move |tx| Ok((templates(tx)?, topics::choices(tx, topic)?)));
    let (templates, topics) = choices.await?;
    let base = can.url("/sequences");
    can.page_with(
        status,
        Editor {
            form,
            sequence,
            templates,
            topics,
            base,
        },
    )
}

pub async fn new(can: Can<Create, Sequence>) -> Result<HttpResponse> {
    editor(&can, StatusCode::OK, Form::of(Plan::default()), None).await
}

pub async fn edit(can: Can<Edit, Sequence>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let sequence = can.tx(move |tx| Sequence::find(tx, id)).await?;
    editor(
        &can,
        StatusCode::OK,
        Form::of(sequence.form()),
        Some(sequence),
    )
    .await
}

pub async fn create(can: Can<Create, Sequence>, form: Form<Plan>) -> Result<HttpResponse> {
    match write::create(&can, form).await? {
        Ok(sequence) => {
            let url = can.url(&format!("/sequences/{}", sequence.id));
            let toast = Toast::done(format!("{} is made", sequence.name));
            can.created(&url, sequence.version, &sequence, toast)
        }
        Err(form) => editor(&can, StatusCode::UNPROCESSABLE_ENTITY, form, None).await,
    }
}

pub async fn update(can: Can<Edit, Sequence>, id: Id, form: Form<Plan>) -> Result<HttpResponse> {
    match write::update(&can, id.into_inner().1, form).await? {
        Written::Saved(saved) => saved.answer(&can),
        Written::Refused { form, record } => {
            editor(&can, StatusCode::UNPROCESSABLE_ENTITY, form, Some(record)).await
        }
        Written::Stale(clash) => clash.answer(&can).await,
    }
}

pub async fn activate(can: Can<Edit, Sequence>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let sequence = can
        .tx(move |tx| Sequence::find(tx, id)?.activate(tx))
        .await?;
    let url = can.url(&format!("/sequences/{id}"));
    can.updated(
        &url,
        sequence.version,
        &sequence,
        Toast::done("The sequence is active"),
    )
}

pub async fn pause(can: Can<Edit, Sequence>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let sequence = can.tx(move |tx| Sequence::find(tx, id)?.pause(tx)).await?;
    let url = can.url(&format!("/sequences/{id}"));
    can.updated(
        &url,
        sequence.version,
        &sequence,
        Toast::done("The sequence is paused"),
    )
}

pub async fn archive(can: Can<Archive, Sequence>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let sequence = can.tx(move |tx| Sequence::find(tx, id)?.archive(tx));
    let sequence = sequence.await?;
    let undo = can.url(&format!("/sequences/{id}/restoration"));
    let toast = Toast::done(format!("{} is archived", sequence.name)).undo(undo);
    can.done(&can.url("/sequences"), toast)
}

pub async fn restore(can: Can<Archive, Sequence>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let sequence = can.tx(move |tx| Sequence::find(tx, id)?.restore(tx));
    let sequence = sequence.await?;
    let url = can.url(&format!("/sequences/{id}"));
    let toast = Toast::done(format!("{} is back, and paused", sequence.name));
    can.updated(&url, sequence.version, &sequence, toast)
}
