//! What a visitor sent: checked, kept, and turned into a contact.

use std::collections::BTreeMap;

use diesel::prelude::*;
use platform::db::Tx;
use platform::error::FieldError;
use platform::events::Changes;
use platform::records::{Editable, RecordForm};
use platform::schema::{contacts, form_submissions, forms};
use platform::{Error, Result};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;
use validator::ValidateEmail;

use super::definition::{FieldKind, Question, Target};
use super::form::WebForm;
use crate::crm::contacts::{Consent, Contact, ContactForm, LeadSource};

const LONGEST_ANSWER: usize = 5_000;

/// The answers by the number of their question, as typed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Answers(pub BTreeMap<usize, String>);

impl Answers {
    /// Reads `f0`, `f1`, …; hidden questions answer themselves.
    pub fn read(questions: &[Question], typed: &Map<String, Value>) -> Answers {
        let mut answers = BTreeMap::new();
        for (i, question) in questions.iter().enumerate() {
            let text = match question.kind {
                FieldKind::Hidden => question.choices.trim().to_owned(),
                _ => match typed.get(&format!("f{i}")) {
                    Some(Value::String(text)) => {
                        text.trim().chars().take(LONGEST_ANSWER + 1).collect()
                    }
                    _ => String::new(),
                },
            };
            answers.insert(i, text);
        }
        Answers(answers)
    }

    pub fn get(&self, i: &usize) -> &str {
        self.0.get(i).map(String::as_str).unwrap_or_default()
    }

    pub fn problems(&self, questions: &[Question]) -> Vec<FieldError> {
        let mut problems = Vec::new();
        for (i, question) in questions.iter().enumerate() {
            if let Some(message) = problem(question, self.get(&i)) {
                problems.push(FieldError {
                    field: format!("f{i}"),
                    message: message.into(),
                });
            }
        }
        problems
    }
}

fn problem(question: &Question, answer: &str) -> Option<&'static str> {
    if answer.is_empty() {
        return question.required.then_some("Please fill this in.");
    }
    if answer.chars().count() > LONGEST_ANSWER {
        return Some("That is too long.");
    }
    match question.kind {
        FieldKind::Email if !answer.validate_email() || answer.len() > 254 => {
            Some("Please enter an e-mail address such as ann@example.com.")
        }
        FieldKind::Date if answer.parse::<chrono::NaiveDate>().is_err() => {
            Some("Please enter a date such as 2026-05-31.")
        }
        FieldKind::Choice if !question.options().contains(&answer) => {
            Some("Please choose one from the list.")
        }
        FieldKind::Phone if answer.chars().filter(char::is_ascii_digit).count() < 5 => {
            Some("Please enter a phone number with its country code.")
        }
        _ => None,
    }
}

/// Where a submission came from.
#[derive(Clone, Debug, Default)]
pub struct Source {
    pub ip: String,
    pub referrer: String,
}

impl WebForm {
    /// Keeps the answers, finds or makes the contact, and leaves one event. Gives the contact's id.
    ///
    /// A stranger may type anybody's address, so what is known of a contact is never overwritten, only added to.
    pub fn submit(
        &self,
        tx: &mut Tx,
        questions: &[Question],
        answers: &Answers,
        source: &Source,
    ) -> Result<Uuid> {
        if !self.takes_answers(tx.now) {
            return Err(Error::Refused(
                actix_web::http::StatusCode::GONE,
                "This form takes no more answers.".into(),
            ));
        }
        let contact = self.contact(tx, questions, answers)?;
        let named: Map<String, Value> = questions
            .iter()
            .enumerate()
            .map(|(i, q)| (q.label.clone(), Value::String(answers.get(&i).to_owned())))
            .collect();
        diesel::insert_into(form_submissions::table)
            .values((
                form_submissions::id.eq(Uuid::now_v7()),
                form_submissions::form_id.eq(self.id),
                form_submissions::contact_id.eq(contact.id),
                form_submissions::answers.eq(Value::Object(named)),
                form_submissions::ip.eq(&source.ip),
                form_submissions::referrer.eq(&source.referrer),
                form_submissions::created_at.eq(tx.now),
            ))
            .execute(&mut **tx)?;
        diesel::update(forms::table.filter(forms::id.eq(self.id)))
            .set(forms::submissions.eq(forms::submissions + 1))
            .execute(&mut **tx)?;
        if let Some(sequence) = self.sequence_id {
            crate::marketing::sequences::enrol(tx, sequence, contact.id, &self.name)?;
        }
        tx.track(&contact, "form.submitted", Changes::none())
            .with("form", &self.name)
            .with("form_id", self.id)
            .shown_by("form", self.id);
        Ok(contact.id)
    }

    fn contact(&self, tx: &mut Tx, questions: &[Question], answers: &Answers) -> Result<Contact> {
        let mut wanted = ContactForm {
            lead_source: LeadSource::Form,
            tags: self.add_tags.clone(),
            ..ContactForm::default()
        };
        for (i, question) in questions.iter().enumerate() {
            fill(&mut wanted, question, answers.get(&i));
        }
        wanted.settle(tx)?;
        let known: Option<Contact> = match (&wanted.email, &wanted.phone) {
            (Some(email), _) => contacts::table
                .filter(
                    contacts::email
                        .eq(email)
                        .and(contacts::archived_at.is_null()),
                )
                .order(contacts::created_at)
                .select(Contact::as_select())
                .first(&mut **tx)
                .optional()?,
            (None, Some(phone)) => contacts::table
                .filter(
                    contacts::phone
                        .eq(phone)
                        .and(contacts::archived_at.is_null()),
                )
                .order(contacts::created_at)
                .select(Contact::as_select())
                .first(&mut **tx)
                .optional()?,
            (None, None) => None,
        };
        let Some(known) = known else {
            let mut new = wanted;
            new.owner_id = self.owner_id;
            return Contact::create(tx, new);
        };
        let added = added_to(ContactForm::from(&known), wanted);
        known.save(tx, added)
    }
}

fn fill(contact: &mut ContactForm, question: &Question, answer: &str) {
    let short = |most: usize| answer.chars().take(most).collect::<String>();
    let some = |text: String| Some(text).filter(|t| !t.is_empty());
    match question.target {
        Target::FirstName => contact.first_name = short(100),
        Target::LastName => contact.last_name = short(100),
        Target::Email => contact.email = some(short(254)),
        Target::Phone => contact.phone = some(short(40)),
        Target::JobTitle => contact.job_title = short(150),
        Target::City => contact.city = short(100),
        Target::Country => contact.country = short(100),
        Target::Description => contact.description = short(LONGEST_ANSWER),
        Target::ConsentEmail if !answer.is_empty() => contact.consent_email = Consent::Given,
        Target::ConsentEmail | Target::Nowhere => {}
    }
}

fn added_to(mut known: ContactForm, new: ContactForm) -> ContactForm {
    let fill = |old: &mut String, new: String| {
        if old.is_empty() {
            *old = new;
        }
    };
    fill(&mut known.first_name, new.first_name);
    fill(&mut known.last_name, new.last_name);
    fill(&mut known.job_title, new.job_title);
    fill(&mut known.city, new.city);
    fill(&mut known.country, new.country);
    fill(&mut known.description, new.description);
    known.email = known.email.or(new.email);
    known.phone = known.phone.or(new.phone);
    // Whoever withdrew it must give it back themselves, from the link in a mail.
    if new.consent_email == Consent::Given && known.consent_email == Consent::Unknown {
        known.consent_email = Consent::Given;
    }
    for tag in new.tags {
        if !known.tags.contains(&tag) {
            known.tags.push(tag);
        }
    }
    known
}
