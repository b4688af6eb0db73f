//! Sends one step of a sequence to one contact, once.

use diesel::prelude::*;
use platform::db::Tx;
use platform::events::Changes;
use platform::jobs::{Job, JobContext, Queue, queue};
use platform::mail::{Delivery, Outgoing};
use platform::records::Editable;
use platform::schema::sequence_mails;
use platform::web::App;
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::enrolment::Enrolment;
use super::letter;
use super::sequence::{Sequence, Status};
use crate::crm::contacts::Contact;
use crate::marketing::wanted::Addressee;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SendStep {
    pub enrolment: Uuid,
    pub step: i32,
}

impl Job for SendStep {
    const QUEUE: Queue = queue::EMAIL;
    const NAME: &'static str = "marketing.send_sequence_step";

    async fn run(self, ctx: JobContext) -> Result<()> {
        let app = ctx.app.clone();
        let step = self.clone();
        let prepared = ctx.tx(move |tx| prepare(tx, &app, &step)).await?;
        let Some(letter) = prepared else {
            return Ok(());
        };
        let bytes = letter
            .mail
            .to_bytes(platform::clock::now())
            .map_err(Error::internal)?;
        let delivery = ctx
            .app
            .mail
            .transport()?
            .send(&letter.mail.envelope(), &bytes)
            .await;
        let again = delivery.may_retry() && !ctx.is_last_attempt();
        ctx.tx(move |tx| record(tx, &self, letter.row, &delivery, again))
            .await?;
        if again {
            return Err(Error::Unavailable(
                "The mail server took no mail; it is tried again.".into(),
            ));
        }
        Ok(())
    }
}

struct Letter {
    row: Uuid,
    mail: Outgoing,
}

/// Checks that the mail is still wanted, writes its row, and puts it together. `None`: there is nothing to send.
fn prepare(tx: &mut Tx, app: &App, job: &SendStep) -> Result<Option<Letter>> {
    let Some(enrolment) = Enrolment::find(tx, job.enrolment)? else {
        return Ok(None);
    };
    if enrolment.status != "active" || enrolment.step != job.step {
        return Ok(None);
    }
    let sequence = Sequence::find(tx, enrolment.sequence_id)?;
    if sequence.status != Status::Active {
        return Ok(None);
    }
    let Some(reader) = Addressee::find(tx, enrolment.contact_id, sequence.topic_id)? else {
        return Ok(None);
    };
    if let Some(reason) = &reader.why_not {
        enrolment.exit(tx, &sequence, reason)?;
        return Ok(None);
    }
    let email = reader.email.clone().unwrap_or_default();
    let row = match claim(tx, &enrolment, job.step, &email)? {
        Claim::Ours(row) => row,
        Claim::Held => {
            enrolment.advance(tx, &sequence, job.step)?;
            return Ok(None);
        }
    };
    let Some(step) = sequence.steps().into_iter().nth(job.step as usize) else {
        return Ok(None);
    };
    let (mail, links) = letter::of(tx, app, step.template_id, &reader, row)?;
    diesel::update(sequence_mails::table.filter(sequence_mails::id.eq(row)))
        .set(sequence_mails::links.eq(links))
        .execute(&mut **tx)?;
    Ok(Some(Letter { row, mail }))
}

enum Claim {
    Ours(Uuid),
    /// An earlier attempt was killed after the mail may have left.
    Held,
}

fn claim(tx: &mut Tx, enrolment: &Enrolment, step: i32, email: &str) -> Result<Claim> {
    let known: Option<(Uuid, String)> = sequence_mails::table
        .filter(
            sequence_mails::enrolment_id
                .eq(enrolment.id)
                .and(sequence_mails::step.eq(step)),
        )
        .select((sequence_mails::id, sequence_mails::status))
        .first(&mut **tx)
        .optional()?;
    match known {
        // The last attempt ended with an answer that allows another one.
        Some((row, status)) if status == "failed" => {
            diesel::update(sequence_mails::table.filter(sequence_mails::id.eq(row)))
                .set(sequence_mails::status.eq("sending"))
                .execute(&mut **tx)?;
            Ok(Claim::Ours(row))
        }
        Some((row, status)) => {
            if status == "sending" {
                diesel::update(sequence_mails::table.filter(sequence_mails::id.eq(row)))
                    .set(sequence_mails::status.eq("held"))
                    .execute(&mut **tx)?;
            }
            Ok(Claim::Held)
        }
        None => {
            let row = Uuid::now_v7();
            diesel::insert_into(sequence_mails::table)
                .values((
                    sequence_mails::id.eq(row),
                    sequence_mails::enrolment_id.eq(enrolment.id),
                    sequence_mails::sequence_id.eq(enrolment.sequence_id),
                    sequence_mails::contact_id.eq(Some(enrolment.contact_id)),
                    sequence_mails::step.eq(step),
                    sequence_mails::email.eq(email),
                    sequence_mails::created_at.eq(tx.now),
                ))
                .execute(&mut **tx)?;
            Ok(Claim::Ours(row))
        }
    }
}

fn record(tx: &mut Tx, job: &SendStep, row: Uuid, delivery: &Delivery, again: bool) -> Result<()> {
    let (status, error) = match delivery {
        Delivery::Accepted { .. } => ("sent", String::new()),
        Delivery::Unanswered => ("held", "No answer came: it may have arrived.".to_owned()),
        Delivery::Rejected { text, .. } => ("failed", text.chars().take(500).collect()),
        Delivery::Unreachable { reason } => ("failed", reason.chars().take(500).collect()),
    };
    diesel::update(sequence_mails::table.filter(sequence_mails::id.eq(row)))
        .set((
            sequence_mails::status.eq(status),
            sequence_mails::error.eq(error),
            sequence_mails::sent_at.eq((status == "sent").then_some(tx.now)),
        ))
        .execute(&mut **tx)?;
    if again {
        return Ok(());
    }
    let Some(enrolment) = Enrolment::find(tx, job.enrolment)? else {
        return Ok(());
    };
    let sequence = Sequence::find(tx, enrolment.sequence_id)?;
    if status == "sent" {
        let contact = Contact::find(tx, enrolment.contact_id)?;
        tx.track(&contact, "sequence.mail_sent", Changes::none())
            .with("sequence", &sequence.name)
            .with("step", job.step + 1)
            .shown_by("sequence", sequence.id)
            .quietly();
    }
    enrolment.advance(tx, &sequence, job.step)
}
