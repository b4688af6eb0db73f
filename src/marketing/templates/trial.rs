//! A test send: the template as a mail to the person who asks for it.

use actix_web::HttpResponse;
use platform::jobs::{Job, JobContext, Queue, queue};
use platform::mail::{Delivery, Links, Mailbox, Outgoing, message_id};
use platform::records::Editable;
use platform::web::can::Edit;
use platform::web::{Can, Id, Toast};
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::template::{EmailTemplate, mistake};
use crate::marketing::audience;
use crate::marketing::brand::Brand;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SendTrial {
    pub template: Uuid,
    pub person: Uuid,
}

pub async fn create(can: Can<Edit, EmailTemplate>, Id(id): Id) -> Result<HttpResponse> {
    let person = can.me();
    can.tx(move |tx| {
        let template = EmailTemplate::find(tx, id)?;
        let brand = Brand::of(tx)?;
        let compiled = template.content(&brand).compile();
        compiled.map_err(|problem| mistake(&problem))?;
        tx.enqueue(
            SendTrial {
                template: id,
                person,
            }
            .new_job(),
        );
        Ok(())
    })
    .await?;
    let text = format!("A test mail is on its way to {}", can.person().email);
    can.done(
        &can.url(&format!("/email-templates/{id}")),
        Toast::done(text),
    )
}

impl Job for SendTrial {
    const QUEUE: Queue = queue::EMAIL;
    const NAME: &'static str = "marketing.send_trial";

    async fn run(self, ctx: JobContext) -> Result<()> {
        let mail = self.mail(&ctx).await?;
        let bytes = mail
            .to_bytes(platform::clock::now())
            .map_err(Error::internal)?;
        let envelope = mail.envelope();
        match ctx.app.mail.transport()?.send(&envelope, &bytes).await {
            Delivery::Accepted { .. } | Delivery::Unanswered => Ok(()),
            Delivery::Rejected { code, text, .. } => Err(Error::Unavailable(format!(
                "The mail server refused it: {code} {text}"
            ))),
            Delivery::Unreachable { reason } => Err(Error::Unavailable(reason)),
        }
    }
}

impl SendTrial {
    async fn mail(&self, ctx: &JobContext) -> Result<Outgoing> {
        use diesel::prelude::*;
        use platform::schema::members;
        let (template, person) = (self.template, self.person);
        let (template, brand, fields, (name, email)) = ctx
            .tx(move |tx| {
                let member: (String, String) = members::table
                    .filter(members::person_id.eq(person))
                    .select((members::name, members::email))
                    .first(&mut **tx)?;
                Ok((
                    EmailTemplate::find(tx, template)?,
                    Brand::of(tx)?,
                    audience::sample(tx, None)?,
                    member,
                ))
            })
            .await?;
        let compiled = template
            .content(&brand)
            .compile()
            .map_err(|e| Error::bad_request(e.to_string()))?;
        let links = Links::Direct {
            unsubscribe: &ctx.app.config.public_url,
            preferences: &ctx.app.config.public_url,
        };
        let rendered = compiled
            .render(&fields, &links)
            .map_err(|e| Error::bad_request(e.to_string()))?;
        let from = brand
            .sender("", "", &ctx.app.config.mail_from)
            .map_err(Error::bad_request)?;
        let to = platform::mail::Address::parse(&email)
            .map_err(|e| Error::bad_request(e.to_string()))?;
        Ok(Outgoing {
            message_id: message_id(&ctx.id.to_string(), from.address().domain()),
            from,
            to: Mailbox::new(Some(&name), to),
            reply_to: None,
            subject: format!("[Test] {}", rendered.subject),
            html: rendered.html,
            text: rendered.text,
            unsubscribe: None,
            list: None,
            headers: vec![("Auto-Submitted".into(), "auto-generated".into())],
        })
    }
}
