//! Sends one step of a sequence to one contact, once.

use diesel::prelude::*;
use platform::db::Tx;
use platform::events::Changes;
use platform::jobs::{Job, JobContext, Queue, queue};
use platform::mail::template::{CompiledTemplate, Footer, Links, Source, Tracking};
use platform::mail::{Address, Delivery, Mailbox, Outgoing, Purpose, Token, message_id};
use platform::schema::{contacts, email_templates, sequence_mails, suppressions, workspaces};
use platform::web::App;
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::enrolment::{Enrolment, exit_all};
use super::sequence::{Sequence, Status};
use crate::crm::contacts::{Consent, Contact};

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
    let Some(contact) = reachable(tx, enrolment.contact_id)? else {
        exit_all(tx, enrolment.contact_id, "may not be written to")?;
        return Ok(None);
    };
    let email = contact.email.clone().unwrap_or_default();
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
    let written = letter(tx, app, step.template_id, &contact, row)?;
    diesel::update(sequence_mails::table.filter(sequence_mails::id.eq(row)))
        .set(sequence_mails::links.eq(written.1))
        .execute(&mut **tx)?;
    Ok(Some(Letter {
        row,
        mail: written.0,
    }))
}

/// The contact, if there is an address and nothing against writing to it.
fn reachable(tx: &mut Tx, id: Uuid) -> Result<Option<Contact>> {
    let contact: Option<Contact> = contacts::table
        .filter(contacts::id.eq(id).and(contacts::archived_at.is_null()))
        .filter(contacts::email_status.eq("ok"))
        .select(Contact::as_select())
        .first(&mut **tx)
        .optional()?;
    let Some(contact) = contact.filter(|c| c.consent_email != Consent::Withdrawn) else {
        return Ok(None);
    };
    let Some(email) = contact.email.clone() else {
        return Ok(None);
    };
    let suppressed: i64 = suppressions::table
        .filter(suppressions::email.eq(email))
        .count()
        .get_result(&mut **tx)?;
    Ok((suppressed == 0).then_some(contact))
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

/// The mail of a step, and where its numbered links lead.
fn letter(
    tx: &mut Tx,
    app: &App,
    template: Option<Uuid>,
    contact: &Contact,
    row: Uuid,
) -> Result<(Outgoing, Vec<String>)> {
    let template = template.ok_or(Error::NotFound)?;
    let (subject, body, text): (String, String, String) = email_templates::table
        .filter(email_templates::id.eq(template))
        .select((
            email_templates::subject,
            email_templates::body,
            email_templates::body_text,
        ))
        .first(&mut **tx)?;
    let (sender, address, name, postal): (String, String, String, String) = workspaces::table
        .find(tx.workspace)
        .select((
            workspaces::sender_name,
            workspaces::sender_email,
            workspaces::name,
            workspaces::postal_address,
        ))
        .first(&mut **tx)?;
    let (html_footer, text_footer) = crate::marketing::footer(&name, &postal);
    let compiled = CompiledTemplate::compile(&Source {
        subject: &subject,
        body: &body,
        text: Some(text.as_str()).filter(|t| !t.is_empty()),
        footer: Some(Footer {
            html: &html_footer,
            text: &text_footer,
        }),
        tracking: Tracking {
            opens: true,
            clicks: true,
        },
    })
    .map_err(|e| Error::Conflict(format!("The template can't be used: {e}")))?;
    let token = app.mail.tokens.sign(&Token {
        workspace: tx.workspace,
        recipient: row,
        purpose: Purpose::Sequence,
    });
    let base = &app.config.public_url;
    let fields = json!({"contact": contact, "workspace": {"name": name}});
    let rendered = compiled
        .render(
            &fields,
            &Links::Tracked {
                base,
                token: &token,
            },
        )
        .map_err(|e| Error::Conflict(format!("The template can't be filled in: {e}")))?;
    let links = compiled
        .links()
        .iter()
        .map(|l| compiled.link_target(l.number, &fields).unwrap_or_default())
        .collect();
    let from = Address::parse(&address)
        .map_err(|e| Error::Conflict(format!("The sender's address: {e}")))?;
    let to = Address::parse(contact.email.as_deref().unwrap_or_default())
        .map_err(|e| Error::Conflict(format!("The contact's address: {e}")))?;
    let mail = Outgoing {
        message_id: message_id(&format!("sequence-{row}"), from.domain()),
        from: Mailbox::new(Some(&sender), from),
        to: Mailbox::new(Some(&contact.name()), to),
        reply_to: None,
        subject: rendered.subject,
        html: rendered.html,
        text: rendered.text,
        unsubscribe: Some(format!("{base}/unsubscribe/{token}")),
        list: None,
        headers: Vec::new(),
    };
    Ok((mail, links))
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
        let contact: Contact = contacts::table
            .filter(contacts::id.eq(enrolment.contact_id))
            .select(Contact::as_select())
            .first(&mut **tx)?;
        tx.track(&contact, "sequence.mail_sent", Changes::none())
            .with("sequence", &sequence.name)
            .with("step", job.step + 1);
    }
    enrolment.advance(tx, &sequence, job.step)
}
