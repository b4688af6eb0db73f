//! Saying something, changing it, and taking it back.

use actix_web::http::StatusCode;
use actix_web::http::header::HeaderValue;
use actix_web::{HttpResponse, web};
use askama::Template;
use platform::Result;
use platform::db::Tx;
use platform::web::can::{self, Create, Member};
use platform::web::{Action, Can, Crumb, Form, Id, Page, Toast, View};
use serde::Serialize;
use uuid::Uuid;

use super::conversation::{Chat, Conversation};
use super::handlers::{looking, of};
use super::message::{Message, MessageForm, looked};
use super::shown::{Messages, Quote};

/// More colleagues to pick from are no help.
const MOST_NAMED: usize = 300;

/// Where something is written: alone, or below the messages.
#[derive(Clone, Debug, Template)]
#[template(path = "workspaces/chat/composer.html")]
pub struct Composer {
    pub form: Form<MessageForm>,
    action: String,
    /// What it answers, and where nothing is answered.
    pub reply: Option<Quote>,
    plain: String,
    after: Uuid,
    /// Who can be named.
    people: Vec<String>,
    may_write: bool,
    archived: bool,
}

impl Composer {
    pub fn new(
        member: &Member,
        conversation: &Conversation,
        after: Option<Uuid>,
        reply: Option<Quote>,
    ) -> Composer {
        let url = member.url(&format!("/chat/{}", conversation.id));
        let people = member.setup.people.iter().filter(|person| person.active);
        Composer {
            form: Form::default(),
            action: format!("{url}/messages"),
            reply,
            plain: url,
            after: after.unwrap_or_default(),
            people: people.take(MOST_NAMED).map(|p| p.name.clone()).collect(),
            may_write: member.may("chat", "create"),
            archived: conversation.archived_at.is_some(),
        }
    }

    /// With what somebody typed and what is wrong with it.
    pub fn again(self, form: Form<MessageForm>) -> Composer {
        Composer { form, ..self }
    }
}

/// `/w/{workspace}/chat/{id}/messages/{message}`.
type MessagePath = web::Path<(String, Uuid, Uuid)>;

/// What was said since the last one on the page; the same as JSON, in pages, for a program.
pub async fn index(can: Can<can::View, Chat>, Id(id): Id) -> Result<HttpResponse> {
    let param = |name: &str| can.asked.param(name).and_then(|id| id.parse::<Uuid>().ok());
    let (after, before, by_key) = (param("after"), param("cursor"), can.by_key());
    let member = can.member.clone();
    let messages = can.write(move |tx| {
        let conversation = Conversation::find(tx, &member, id)?;
        let messages = match after {
            Some(after) => Messages::since(tx, &member, &conversation, after)?,
            None => Messages::before(tx, &member, &conversation, before, None)?,
        };
        // A program that fetches has read nothing.
        if before.is_none() && !by_key {
            looked(tx, &conversation, messages.last())?;
        }
        Ok(messages)
    });
    can.page(Alone(messages.await?))
}

/// Messages without anything around them.
#[derive(Template, Serialize)]
#[template(path = "workspaces/chat/alone.html")]
struct Alone(Messages);

impl Page for Alone {
    fn title(&self) -> String {
        "Messages".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![Crumb::to("Back to the conversation", self.0.url.clone())]
    }
    fn block(&self, _: &str) -> Option<askama::Result<String>> {
        Some(self.0.render())
    }
}

pub async fn create(
    can: Can<Create, Chat>,
    Id(id): Id,
    form: Form<MessageForm>,
) -> Result<HttpResponse> {
    let (member, seen) = (can.member.clone(), looking(&can, id));
    let conversation = can
        .tx(move |tx| Conversation::find(tx, &member, id))
        .await?;
    let (member, to) = (can.member.clone(), conversation.clone());
    let posted = form.write(&can, move |tx, data| {
        let after = data.after;
        let message = Message::post(tx, &to, data, &seen)?;
        let since = match after {
            Some(after) => Messages::since(tx, &member, &to, after)?,
            None => Messages::one(tx, &member, &to, message.clone())?,
        };
        Ok((message, since))
    });
    let (message, since) = match posted.await? {
        Ok(posted) => posted,
        Err(form) => return refused(&can, conversation, form).await,
    };
    let url = can.url(&format!("/chat/{id}"));
    if can.asked.json() {
        let place = format!("{url}/messages/{}", message.id);
        return can.created(&place, 1, &message, Toast::done("Said"));
    }
    match can.asked.htmx {
        true => can.page(Alone(since)),
        false => can.redirect(&url, None),
    }
}

/// The composer again, in its own place.
async fn refused<A: Action>(
    can: &Can<A, Chat>,
    conversation: Conversation,
    form: Form<MessageForm>,
) -> Result<HttpResponse> {
    form.for_people(&can.asked)?;
    let (member, htmx) = (can.member.clone(), can.asked.htmx);
    let page = can.tx(move |tx: &mut Tx| {
        let messages = Messages::before(tx, &member, &conversation, None, None)?;
        let reply = match form.data.reply_to {
            Some(id) => Message::known(tx, &[id])?.pop(),
            None => None,
        };
        let ours = reply.filter(|message| message.conversation_id == conversation.id);
        let reply = ours.map(|message| Quote::of(&member, &message));
        let composer = Composer::new(&member, &conversation, messages.last(), reply);
        of(tx, &member, conversation, messages, composer.again(form))
    });
    let page = page.await?;
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    if !htmx {
        return can.page_with(status, page);
    }
    let html = page
        .block("composer")
        .unwrap_or_else(|| Ok(String::new()))?;
    let mut response = HttpResponse::build(status);
    for (name, value) in [("hx-retarget", "#composer"), ("hx-reswap", "outerHTML")] {
        response.insert_header((name, HeaderValue::from_static(value)));
    }
    Ok(response.content_type("text/html; charset=utf-8").body(html))
}

/// One message, as it is now.
pub async fn show(can: Can<can::View, Chat>, path: MessagePath) -> Result<HttpResponse> {
    let (_, id, message) = path.into_inner();
    let member = can.member.clone();
    let shown = can.tx(move |tx| {
        let conversation = Conversation::find(tx, &member, id)?;
        let message = Message::find(tx, &conversation, message)?;
        Messages::one(tx, &member, &conversation, message)
    });
    answer(&can, shown.await?)
}

fn answer<A: Action>(can: &Can<A, Chat>, shown: Messages) -> Result<HttpResponse> {
    match (can.asked.json(), shown.items.first()) {
        (true, Some(one)) => Ok(HttpResponse::Ok().json(one)),
        _ => can.page(Alone(shown)),
    }
}

/// One's own message, to be changed where it stands or on a page of its own.
#[derive(Template, Serialize)]
#[template(path = "workspaces/chat/edit.html", blocks = ["editor"])]
struct Editor {
    form: Form<MessageForm>,
    #[serde(skip)]
    id: Uuid,
    #[serde(skip)]
    url: String,
    #[serde(skip)]
    conversation: String,
}

impl Page for Editor {
    fn title(&self) -> String {
        "Change a message".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to("Back to the conversation", self.conversation.clone()),
            Crumb::here("Change a message"),
        ]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        id.starts_with("message-")
            .then(|| self.as_editor().render())
    }
}

fn editor(
    can: &Can<Create, Chat>,
    (conversation, id): (Uuid, Uuid),
    form: Form<MessageForm>,
) -> Result<HttpResponse> {
    form.for_people(&can.asked)?;
    let conversation = can.url(&format!("/chat/{conversation}"));
    let page = Editor {
        url: format!("{conversation}/messages/{id}"),
        id,
        conversation,
        form,
    };
    can.page_with(page.form.status(), page)
}

pub async fn edit(can: Can<Create, Chat>, path: MessagePath) -> Result<HttpResponse> {
    let (_, id, message) = path.into_inner();
    let member = can.member.clone();
    let found = can.tx(move |tx| {
        let conversation = Conversation::find(tx, &member, id)?;
        Message::mine(tx, &conversation, message)
    });
    let found = found.await?;
    let form = MessageForm {
        body: found.body,
        ..MessageForm::default()
    };
    editor(&can, (id, message), Form::of(form))
}

pub async fn update(
    can: Can<Create, Chat>,
    path: MessagePath,
    form: Form<MessageForm>,
) -> Result<HttpResponse> {
    let (_, id, message) = path.into_inner();
    let (member, seen) = (can.member.clone(), looking(&can, id));
    let own = can.tx(move |tx| {
        let conversation = Conversation::find(tx, &member, id)?;
        Ok((Message::mine(tx, &conversation, message)?, conversation))
    });
    let (own, conversation) = own.await?;
    let member = can.member.clone();
    let saved = form.write(&can, move |tx, data| {
        let saved = own.edit(tx, &conversation, data, &seen)?;
        Messages::one(tx, &member, &conversation, saved)
    });
    match saved.await? {
        Ok(shown) => back(&can, id, shown, Toast::done("Changed")),
        Err(form) => editor(&can, (id, message), form),
    }
}

pub async fn remove(can: Can<Create, Chat>, path: MessagePath) -> Result<HttpResponse> {
    let (_, id, message) = path.into_inner();
    let member = can.member.clone();
    let gone = can.tx(move |tx| {
        let conversation = Conversation::find(tx, &member, id)?;
        let own = Message::mine(tx, &conversation, message)?;
        let gone = own.remove(tx, &conversation)?;
        Messages::one(tx, &member, &conversation, gone)
    });
    let shown = gone.await?;
    if can.asked.json() {
        return Ok(HttpResponse::NoContent().finish());
    }
    back(&can, id, shown, Toast::done("The message is taken back"))
}

/// The message in its place; without htmx, the conversation.
fn back(can: &Can<Create, Chat>, id: Uuid, shown: Messages, toast: Toast) -> Result<HttpResponse> {
    match can.asked.htmx || can.asked.json() {
        true => answer(can, shown),
        false => can.redirect(&can.url(&format!("/chat/{id}")), Some(toast)),
    }
}
