//! The conversation about a record.

use std::collections::HashSet;

use actix_web::HttpResponse;
use askama::Template;
use platform::Result;
use platform::records::on::OnRecord;
use platform::web::can::{self, Create, View as See};
use platform::web::{Can, Crumb, Form, Page, Toast, View};
use serde::Serialize;

use super::beside::{Part, part};
use super::conversation::{Chat, Conversation};
use super::handlers::looking;
use super::message::{Message, MessageForm};

/// What is said beside a record, alone.
#[derive(Template, Serialize)]
#[template(path = "workspaces/chat/discussion.html")]
struct Discussion {
    #[serde(flatten)]
    part: Part,
    #[serde(skip)]
    record: String,
}

impl Page for Discussion {
    fn title(&self) -> String {
        "Discussion".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to("Back to the record", self.record.clone()),
            Crumb::here("Discussion"),
        ]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        (id == "discussion").then(|| self.part.render())
    }
}

/// The newest of it as it stands beside the record; the whole is in the chat, once somebody has begun it.
pub async fn show(can: Can<can::View, Chat>, on: OnRecord<See>) -> Result<HttpResponse> {
    let (member, kind) = (can.member.clone(), on.kind);
    let part = on.record(move |tx, card| part(tx, &member, &kind, card.id));
    discussion(&can, &on, part.await?)
}

fn discussion(can: &impl View, on: &OnRecord<See>, part: Part) -> Result<HttpResponse> {
    let status = part.form.status();
    can.page_with(
        status,
        Discussion {
            part,
            record: on.page_url(),
        },
    )
}

pub async fn create(
    can: Can<Create, Chat>,
    on: OnRecord<See>,
    form: Form<MessageForm>,
) -> Result<HttpResponse> {
    let (member, kind) = (can.member.clone(), on.kind);
    if !form.is_valid() {
        form.for_people(&can.asked)?;
        let part = on.record(move |tx, card| part(tx, &member, &kind, card.id));
        let part = part.await?.again(form);
        return discussion(&can, &on, part);
    }
    let form = form.valid()?;
    let begun = on.record(|tx, card| Ok(Conversation::about(tx, card.id)?.map(|c| c.id)));
    let seen = match begun.await? {
        Some(id) => looking(&can, id),
        None => HashSet::new(),
    };
    let posted = on.record(move |tx, card| {
        let conversation = Conversation::begin(tx, &card)?;
        let message = Message::post(tx, &conversation, form, &seen)?;
        Ok((message, part(tx, &member, &kind, card.id)?))
    });
    let (message, part) = posted.await?;
    if can.asked.json() {
        let (to, id) = (message.conversation_id, message.id);
        let url = can.url(&format!("/chat/{to}/messages/{id}"));
        return can.created(&url, 1, &message, Toast::done("Said"));
    }
    match can.asked.htmx {
        true => discussion(&can, &on, part),
        false => can.redirect(&on.page_url(), None),
    }
}
