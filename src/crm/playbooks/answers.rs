//! What was answered: the part for the record's fields, the part that is kept with the run, and both in words.

use platform::db::Tx;
use platform::error::FieldError;
use platform::records::shown::{Names, Shown};
use platform::records::titles::Titles;
use platform::records::{Editable, RecordForm};
use platform::web::Form;
use platform::web::can::Member;
use platform::{Error, Result};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::playbook::Step;
use super::run::{Answers, Run, key};

const LONGEST: usize = 4_000;
/// The group of a form in which answers are that no field of the record takes.
const FREE: &str = "answers";

/// The name of the control of a step.
pub fn name_of(number: usize, step: &Step) -> String {
    match step.field.as_str() {
        "" => format!("{FREE}.{}", key(number)),
        field => field.to_owned(),
    }
}

/// The part of what came in that the playbook asks of the record's fields.
pub fn bound<T: Editable>(run: &Run, sent: &Form<T::Form>) -> Form<T::Form> {
    let fields = run.steps.iter().map(|step| step.field.as_str());
    let mut typed = Map::new();
    for field in fields.filter(|field| !field.is_empty()) {
        let Some(value) = sent.raw(field) else {
            continue;
        };
        match field.strip_prefix("custom.") {
            None => _ = typed.insert(field.to_owned(), value.clone()),
            Some(key) => {
                let custom = typed
                    .entry("custom")
                    .or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(custom) = custom {
                    custom.insert(key.to_owned(), value.clone());
                }
            }
        }
    }
    Form::read(typed)
}

/// The answers that no field takes; those that did not come in stay.
pub fn free<F: RecordForm>(run: &Run, sent: &Form<F>) -> Result<Answers> {
    let mut answers = run.answers.0.clone();
    let mut problems = Vec::new();
    for (i, step) in run.steps.iter().enumerate() {
        let name = name_of(i, step);
        if !step.field.is_empty() || !sent.has(&name) {
            continue;
        }
        let answer = sent.value(&name).trim().to_owned();
        if answer.chars().count() > LONGEST {
            problems.push(FieldError {
                field: name,
                message: "Please use at most 4000 characters.".into(),
            });
        }
        answers.insert(key(i), answer);
    }
    match problems.is_empty() {
        true => Ok(answers),
        false => Err(Error::Invalid(problems)),
    }
}

/// With the values of the record's fields as people read them.
pub fn in_words<T: Editable>(
    tx: &mut Tx,
    member: &Member,
    run: &Run,
    form: &Form<T::Form>,
    mut answers: Answers,
) -> Result<Answers> {
    let kind = member.app.kinds.get(T::KIND).ok_or(Error::NotFound)?;
    let catalogue = member.setup.catalogue(kind);
    let values = run.steps.iter().filter_map(|step| form.raw(&step.field));
    let ids: Vec<Uuid> = values.filter_map(|v| v.as_str()?.parse().ok()).collect();
    let names = Names {
        setup: member.setup.clone(),
        records: Titles::of(tx, &member.app.kinds, &ids)?.0,
    };
    for (i, step) in run.steps.iter().enumerate() {
        let Some(field) = catalogue.get(&step.field) else {
            continue;
        };
        let value = form.raw(&step.field).cloned().unwrap_or(Value::Null);
        let words = Shown::of(field, &value, &names).plain(&member.zone);
        answers.insert(key(i), words);
    }
    Ok(answers)
}
