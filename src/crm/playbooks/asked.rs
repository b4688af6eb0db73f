//! A playbook as it is asked about a record, or as it was answered.

use askama::Template;
use chrono_tz::Tz;
use platform::db::Tx;
use platform::error::FieldError;
use platform::records::Editable;
use platform::records::facts::{Control, capital};
use platform::records::notes::rich;
use platform::web::can::Member;
use platform::web::{Crumb, Form, Page, filters};
use platform::{Error, Result};
use serde::Serialize;
use uuid::Uuid;

use super::answers::name_of;
use super::run::{Answers, Run, key};

/// A step as it is asked, or as it was answered.
#[derive(Serialize)]
struct Asked {
    number: usize,
    question: String,
    field: String,
    required: bool,
    answer: String,
    #[serde(skip)]
    html: String,
    #[serde(skip)]
    name: String,
    #[serde(skip)]
    control: Option<Control>,
    #[serde(skip)]
    error: Option<String>,
}

#[derive(Template, Serialize)]
#[template(path = "crm/playbooks/run.html")]
pub struct Show {
    #[serde(flatten)]
    run: Run,
    steps: Vec<Asked>,
    #[serde(skip)]
    pub errors: Vec<FieldError>,
    #[serde(skip)]
    version: String,
    /// Whether whoever looks can answer.
    #[serde(skip)]
    may_answer: bool,
    #[serde(skip)]
    list: Crumb,
    #[serde(skip)]
    record: Crumb,
    #[serde(skip)]
    url: String,
    #[serde(skip)]
    who: String,
    #[serde(skip)]
    zone: Tz,
    #[serde(skip)]
    presence: Option<platform::live::Present>,
}

impl Page for Show {
    fn title(&self) -> String {
        format!("{}: {}", self.run.name, self.record.label)
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            self.list.clone(),
            self.record.clone(),
            Crumb::here(self.run.name.clone()),
        ]
    }
}

impl Show {
    fn back(&self) -> &str {
        self.record.href.as_deref().unwrap_or_default()
    }
}

pub fn run_url<T: Editable>(member: &Member, record: Uuid, run: Uuid) -> String {
    member.url(&format!("/{}/{record}/runs/{run}", T::COLLECTION))
}

/// The page around what was typed, or what is there.
pub fn page<T: Editable>(
    tx: &mut Tx,
    member: &Member,
    record: &T,
    run: Run,
    form: &Form<T::Form>,
    free: Answers,
    errors: Vec<FieldError>,
) -> Result<Show> {
    let kind = *member.app.kinds.get(T::KIND).ok_or(Error::NotFound)?;
    let catalogue = member.setup.catalogue(&kind);
    let may = member.may_with(T::NAME, "edit", record.owner());
    let may_answer = may && run.is_open() && record.archived_at().is_none();
    let mut steps = Vec::new();
    for (number, step) in run.steps.iter().enumerate() {
        let name = name_of(number, step);
        let error = errors.iter().find(|error| error.field == name);
        let field = catalogue.get(&step.field).filter(|_| may_answer);
        let control = match field {
            Some(field) => {
                let mut control = Control::within(tx, member, T::KIND, field, form)?;
                control.label.clone_from(&step.question);
                if error.is_some() {
                    control.described = " aria-invalid=\"true\"".into();
                }
                Some(control)
            }
            None => None,
        };
        steps.push(Asked {
            number: number + 1,
            question: step.question.clone(),
            field: step.field.clone(),
            required: step.required,
            answer: free.get(&key(number)).cloned().unwrap_or_default(),
            html: rich::rendered(&step.text, &[]),
            error: error.map(|error| error.message.clone()),
            control,
            name,
        });
    }
    let url = record.url(member);
    let who = run.saved_by.or(run.started_by);
    let who = who.and_then(|id| member.setup.person(id));
    let began = Some(form.value("version")).filter(|version| !version.is_empty());
    let room = format!("{}:{}", T::KIND, record.id());
    Ok(Show {
        url: run_url::<T>(member, record.id(), run.id),
        version: began.unwrap_or_else(|| record.version().to_string()),
        list: Crumb::to(
            capital(kind.plural),
            member.url(&format!("/{}", kind.collection)),
        ),
        record: Crumb::to(record.title(), url),
        who: who.map_or("Somebody who left".into(), |p| p.name.clone()),
        presence: may_answer.then(|| member.present(&room)),
        zone: member.zone,
        steps,
        errors,
        may_answer,
        run,
    })
}
