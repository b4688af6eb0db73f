//! Talking to a few people.

use actix_web::HttpResponse;
use askama::Template;
use platform::Result;
use platform::web::can::Create;
use platform::web::{Can, Crumb, Form, Page, Toast, View};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use super::conversation::{Chat, Conversation};

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct DirectForm {
    #[validate(length(min = 1, max = 20, message = "Please choose one to seven people."))]
    pub people: Vec<Uuid>,
}

#[derive(Template, Serialize)]
#[template(path = "workspaces/chat/direct.html")]
struct Editor {
    form: Form<DirectForm>,
    #[serde(skip)]
    people: Vec<(String, String)>,
    #[serde(skip)]
    root: String,
}

impl Page for Editor {
    fn title(&self) -> String {
        "New message".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to("Chat", format!("{}/chat", self.root)),
            Crumb::here("New message"),
        ]
    }
}

fn editor(can: &Can<Create, Chat>, form: Form<DirectForm>) -> Result<HttpResponse> {
    form.for_people(&can.asked)?;
    let me = can.me().to_string();
    let mut people = can.setup.owners();
    people.retain(|(id, _)| *id != me);
    let page = Editor {
        form,
        people,
        root: can.url(""),
    };
    can.page_with(page.form.status(), page)
}

pub async fn new(can: Can<Create, Chat>) -> Result<HttpResponse> {
    editor(&can, Form::of(DirectForm::default()))
}

/// The conversation between these people, made where they have not talked yet.
pub async fn create(can: Can<Create, Chat>, form: Form<DirectForm>) -> Result<HttpResponse> {
    let member = can.member.clone();
    let found = form.write(&can, move |tx, data| {
        Conversation::between(tx, &member, &data.people)
    });
    match found.await? {
        Ok(conversation) => {
            let url = can.url(&format!("/chat/{}", conversation.id));
            match can.asked.json() {
                true => can.created(&url, 1, &conversation, Toast::done("Open")),
                false => can.redirect(&url, None),
            }
        }
        Err(form) => editor(&can, form),
    }
}
