//! The pages of sequences, and their API.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono_tz::Tz;
use diesel::prelude::*;
use platform::db::Tx;
use platform::records::list::List;
use platform::records::listing::Listing;
use platform::schema::{contacts, email_templates, sequence_mails};
use platform::web::can::{Archive, Create, Edit, View as See};
use platform::web::{Action, Can, Crumb, Form, Page, Toast, View, filters};
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use super::enrolment::{self, Enrolment};
use super::plan::{MOST_STEPS, Plan};
use super::sequence::{Sequence, Status};

type Id = web::Path<(String, Uuid)>;
const SHOWN: i64 = 100;

#[derive(Template, Serialize)]
#[template(path = "marketing/sequences/index.html", blocks = ["results"])]
struct Index {
    #[serde(flatten)]
    list: List<Sequence>,
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

pub async fn index(can: Can<See, Sequence>) -> Result<HttpResponse> {
    let (list, listing) = Listing::open(&can).await?;
    can.page(Index { list, listing })
}

/// What became of the mails of one step.
#[derive(Clone, Debug, Default, Serialize)]
struct StepResult {
    template: String,
    delay_hours: i32,
    sent: i64,
    opened: i64,
    clicked: i64,
    failed: i64,
}

fn results(tx: &mut Tx, sequence: &Sequence) -> Result<Vec<StepResult>> {
    use diesel::dsl::sql;
    use diesel::sql_types::BigInt;
    let steps = sequence.steps();
    let ids: Vec<Uuid> = steps.iter().filter_map(|s| s.template_id).collect();
    let names: Vec<(Uuid, String)> = email_templates::table
        .filter(email_templates::id.eq_any(ids))
        .select((email_templates::id, email_templates::name))
        .load(&mut **tx)?;
    let counts: Vec<(i32, i64, i64, i64, i64)> = sequence_mails::table
        .filter(sequence_mails::sequence_id.eq(sequence.id))
        .group_by(sequence_mails::step)
        .select((
            sequence_mails::step,
            sql::<BigInt>("count(*) filter (where status = 'sent')"),
            sql::<BigInt>("count(opened_at)"),
            sql::<BigInt>("count(clicked_at)"),
            sql::<BigInt>("count(*) filter (where status in ('failed', 'held'))"),
        ))
        .load(&mut **tx)?;
    let result = |(i, step): (usize, super::plan::Step)| {
        let (_, sent, opened, clicked, failed) = counts
            .iter()
            .find(|c| c.0 == i as i32)
            .copied()
            .unwrap_or_default();
        let name = names.iter().find(|(id, _)| Some(*id) == step.template_id);
        StepResult {
            template: name.map(|(_, n)| n.clone()).unwrap_or_default(),
            delay_hours: step.delay_hours,
            sent,
            opened,
            clicked,
            failed,
        }
    };
    Ok(steps.into_iter().enumerate().map(result).collect())
}

#[derive(Clone, Debug, Serialize)]
struct Enrolled {
    #[serde(flatten)]
    enrolment: Enrolment,
    name: String,
}

fn enrolled(tx: &mut Tx, sequence: Uuid) -> Result<Vec<Enrolled>> {
    let all = Enrolment::of_sequence(tx, sequence, SHOWN)?;
    let ids: Vec<Uuid> = all.iter().map(|e| e.contact_id).collect();
    let names: Vec<(Uuid, String)> = platform::schema::records::table
        .filter(platform::schema::records::id.eq_any(ids))
        .select((
            platform::schema::records::id,
            platform::schema::records::title,
        ))
        .load(&mut **tx)?;
    let named = |enrolment: Enrolment| Enrolled {
        name: names
            .iter()
            .find(|(id, _)| *id == enrolment.contact_id)
            .map(|(_, n)| n.clone())
            .unwrap_or_default(),
        enrolment,
    };
    Ok(all.into_iter().map(named).collect())
}

#[derive(Template, Serialize)]
#[template(path = "marketing/sequences/show.html")]
struct Show {
    #[serde(flatten)]
    sequence: Sequence,
    results: Vec<StepResult>,
    enrolments: Vec<Enrolled>,
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
        self.sequence.name.clone()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to("Sequences", &self.base),
            Crumb::here(&self.sequence.name),
        ]
    }
}

impl Show {
    fn url(&self, path: &str) -> String {
        format!("{}/{}{path}", self.base, self.sequence.id)
    }
    fn is_active(&self) -> bool {
        self.sequence.status == Status::Active
    }
}

pub async fn show(can: Can<See, Sequence>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let (sequence, results, enrolments) = can
        .tx(move |tx| {
            let sequence = Sequence::find(tx, id)?;
            Ok((results(tx, &sequence)?, enrolled(tx, id)?, sequence))
        })
        .await
        .map(|(results, enrolments, sequence)| (sequence, results, enrolments))?;
    can.page(Show {
        sequence,
        results,
        enrolments,
        base: can.url("/sequences"),
        contacts: can.url("/contacts"),
        zone: can.zone,
        may_edit: can.may("sequences", "edit"),
        may_archive: can.may("sequences", "archive"),
    })
}

#[derive(Template, Serialize)]
#[template(path = "marketing/sequences/form.html")]
struct Editor {
    form: Form<Plan>,
    #[serde(skip)]
    sequence: Option<Sequence>,
    #[serde(skip)]
    templates: Vec<(String, String)>,
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
    let templates = can.tx(templates).await?;
    let base = can.url("/sequences");
    can.page_with(
        status,
        Editor {
            form,
            sequence,
            templates,
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
        Form::of(sequence.plan()),
        Some(sequence),
    )
    .await
}

pub async fn create(can: Can<Create, Sequence>, form: Form<Plan>) -> Result<HttpResponse> {
    if !form.is_valid() {
        return editor(&can, StatusCode::UNPROCESSABLE_ENTITY, form, None).await;
    }
    let made = can.tx(move |tx| Sequence::create(tx, form.data)).await?;
    let url = can.url(&format!("/sequences/{}", made.id));
    can.created(
        &url,
        made.version,
        &made,
        Toast::done(format!("{} is made", made.name)),
    )
}

pub async fn update(can: Can<Edit, Sequence>, id: Id, form: Form<Plan>) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let known = can.tx(move |tx| Sequence::find(tx, id)).await?;
    let version = can
        .asked
        .version()
        .or_else(|| form.value("version").parse().ok())
        .unwrap_or(known.version);
    let form = form.over(&known.plan());
    if !form.is_valid() {
        return editor(&can, StatusCode::UNPROCESSABLE_ENTITY, form, Some(known)).await;
    }
    let saved = can
        .tx(move |tx| known.update(tx, version, form.data))
        .await?;
    let url = can.url(&format!("/sequences/{}", saved.id));
    can.updated(&url, saved.version, &saved, Toast::done("Saved"))
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
    let sequence = can
        .tx(move |tx| Sequence::find(tx, id)?.archive(tx))
        .await?;
    can.done(
        &can.url("/sequences"),
        Toast::done(format!("{} is archived", sequence.name)),
    )
}

/// Whom to enrol, by address or id.
#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct Enrol {
    #[validate(length(max = 254))]
    email: String,
    contact_id: Option<Uuid>,
}

pub async fn enrol(can: Can<Edit, Sequence>, id: Id, form: Form<Enrol>) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let wanted = form.valid()?;
    let added = can
        .tx(move |tx| {
            Sequence::find(tx, id)?;
            let mut query = contacts::table
                .filter(contacts::archived_at.is_null())
                .into_boxed();
            query = match wanted.contact_id {
                Some(contact) => query.filter(contacts::id.eq(contact)),
                None => query.filter(contacts::email.eq(wanted.email.trim().to_lowercase())),
            };
            let contact: Option<Uuid> = query.select(contacts::id).first(&mut **tx).optional()?;
            let contact =
                contact.ok_or_else(|| Error::invalid("email", "No contact has this address."))?;
            enrolment::enrol(tx, id, contact, "by hand")
        })
        .await?;
    let text = if added {
        "Enrolled"
    } else {
        "Already on this sequence"
    };
    can.done(&can.url(&format!("/sequences/{id}")), Toast::done(text))
}
