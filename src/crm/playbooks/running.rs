//! Going through a playbook with a record.

use actix_web::{HttpResponse, web};
use platform::db::Tx;
use platform::error::FieldError;
use platform::records::write::{self, Written};
use platform::records::{Editable, Listed};
use platform::web::can::{Edit, Member, View as See};
use platform::web::{Can, Form, Toast, View};
use platform::{Error, Result};
use uuid::Uuid;

use super::answers::{bound, free, in_words, name_of};
use super::asked::{Show, page, run_url};
use super::run::{Run, key};

/// `/w/{workspace}/{collection}/{id}/playbooks/{playbook}`, or `runs/{run}`.
type RunPath = web::Path<(String, Uuid, Uuid)>;

pub async fn begin<T: Editable>(can: Can<Edit, T>, path: RunPath) -> Result<HttpResponse> {
    let (_, id, playbook) = path.into_inner();
    let begun = can.tx(move |tx| {
        let record = T::find(tx, id)?;
        Run::begin(tx, &record, playbook)
    });
    let run = begun.await?;
    let url = run_url::<T>(&can, id, run.id);
    match can.asked.json() {
        true => can.created(&url, 1, &run, Toast::done("Begun")),
        false => can.redirect(&url, None),
    }
}

pub async fn show<T: Editable + Listed>(can: Can<See, T>, path: RunPath) -> Result<HttpResponse> {
    let (_, id, run) = path.into_inner();
    let member = can.member.clone();
    let page = can.tx(move |tx| {
        let record = T::find(tx, id)?;
        let run = Run::find(tx, id, run)?;
        let form = Form::of(record.form());
        let free = run.answers.0.clone();
        page(tx, &member, &record, run, &form, free, Vec::new())
    });
    can.page(page.await?)
}

/// What came of answering.
enum Answered<T: Editable> {
    Saved(Box<Run>, Option<Uuid>),
    Shown(Box<Show>),
    Stale(Box<platform::records::merge::Clash<T>>),
}

pub async fn answer<T: Editable + Listed>(
    can: Can<Edit, T>,
    path: RunPath,
    form: Form<T::Form>,
) -> Result<HttpResponse> {
    let (_, id, run) = path.into_inner();
    let version = write::expected(&can, &form)?;
    let finish = form.has("finish");
    let (member, sent) = (can.member.clone(), form.clone());
    let program = can.asked.json();
    let saved = can.tx(move |tx| {
        let run = Run::find(tx, id, run)?;
        if !run.is_open() {
            let words = "This was finished already. Begin the playbook again for new answers.";
            return Err(Error::Conflict(words.into()));
        }
        one(tx, &member, id, run, sent, version, finish, program)
    });
    let answered = match saved.await {
        // What only the database could tell goes back into the form; nothing was written.
        Err(Error::Invalid(problems)) if !program => {
            let member = can.member.clone();
            let again = can.tx(move |tx| {
                let (record, run) = (T::find(tx, id)?, Run::find(tx, id, run)?);
                let free = free(&run, &form)?;
                let form = form.over(&record.form());
                page(tx, &member, &record, run, &form, free, problems)
            });
            Answered::Shown(Box::new(again.await?))
        }
        saved => saved?,
    };
    match answered {
        Answered::Saved(run, event) => {
            let words = match run.is_open() {
                true => format!(
                    "{} of {} answered, to be gone on with",
                    run.answered, run.asked
                ),
                false => format!("{}: {} of {} answered", run.name, run.answered, run.asked),
            };
            let toast = match event {
                Some(event) => write::undoable(&can, T::COLLECTION, event, &words),
                None => Toast::done(words),
            };
            if program {
                return Ok(HttpResponse::Ok().json(run));
            }
            can.redirect(&can.url(&format!("/{}/{id}", T::COLLECTION)), Some(toast))
        }
        Answered::Shown(page) if program => Err(Error::Invalid(page.errors)),
        Answered::Shown(page) => {
            can.page_with(actix_web::http::StatusCode::UNPROCESSABLE_ENTITY, *page)
        }
        Answered::Stale(clash) => clash.answer(&can).await,
    }
}

/// Writes the answers: those of the record's fields to the record, as one change of it, and all of them to the run.
#[allow(
    clippy::too_many_arguments,
    reason = "what a request says, and where to"
)]
fn one<T: Editable>(
    tx: &mut Tx,
    member: &Member,
    id: Uuid,
    run: Run,
    sent: Form<T::Form>,
    version: Option<i32>,
    finish: bool,
    program: bool,
) -> Result<Answered<T>> {
    let free = free(&run, &sent)?;
    let asked = bound::<T>(&run, &sent);
    let written = write::within::<T>(tx, &member.setup, id, asked, version, program)?;
    let (record, event) = match written {
        Written::Saved(saved) => (saved.record, saved.event),
        Written::Refused { form, record } => {
            let problems = form.problems().to_vec();
            let shown = page(tx, member, &record, run, &form, free, problems)?;
            return Ok(Answered::Shown(Box::new(shown)));
        }
        Written::Stale(clash) => {
            // What is no field of the record is nobody else's, and is kept.
            if !program {
                let answered = run.answered.max(0) as usize;
                run.keep(tx, free, answered, false)?;
            }
            return Ok(Answered::Stale(clash));
        }
    };
    let form = Form::of(record.form());
    let answers = in_words::<T>(tx, member, &run, &form, free)?;
    if finish {
        let missing: Vec<FieldError> = run
            .steps
            .iter()
            .enumerate()
            .filter(|(_, step)| step.required && step.asks())
            .filter(|(i, _)| answers.get(&key(*i)).is_none_or(String::is_empty))
            .map(|(i, step)| FieldError {
                field: name_of(i, step),
                message: format!("Please answer “{}”.", step.question),
            })
            .collect();
        if !missing.is_empty() {
            return Err(Error::Invalid(missing));
        }
    }
    let run = run.save(tx, &record, answers, finish)?;
    Ok(Answered::Saved(Box::new(run), event))
}
