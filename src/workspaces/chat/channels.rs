//! The pages of channels, and their API.

use actix_web::HttpResponse;
use askama::Template;
use platform::Result;
use platform::web::can::{self, Create};
use platform::web::{Action, Can, Crumb, Form, Id, Page, Toast, View};
use serde::Serialize;
use uuid::Uuid;

use super::channel::ChannelForm;
use super::conversation::{Chat, Conversation};

#[derive(Template, Serialize)]
#[template(path = "workspaces/chat/channels.html")]
struct Index {
    items: Vec<Conversation>,
    #[serde(skip)]
    archived: bool,
    #[serde(skip)]
    root: String,
    #[serde(skip)]
    may_create: bool,
}

impl Page for Index {
    fn title(&self) -> String {
        "Channels".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to("Chat", format!("{}/chat", self.root)),
            Crumb::here("Channels"),
        ]
    }
}

impl Index {
    fn url(&self, channel: &Conversation) -> String {
        format!("{}/chat/{}", self.root, channel.id)
    }
    fn tab_url(&self, query: &str) -> String {
        format!("{}/channels{query}", self.root)
    }
    fn icon(&self, channel: &Conversation) -> &'static str {
        if channel.private { "lock" } else { "hash" }
    }
}

pub async fn index(can: Can<can::View, Chat>) -> Result<HttpResponse> {
    let archived = can.asked.param("archived").is_some_and(|a| a == "1");
    let me = can.me();
    let items = can.tx(move |tx| Conversation::channels(tx, me, archived));
    can.page(Index {
        items: items.await?,
        archived,
        root: can.url(""),
        may_create: can.may("chat", "create"),
    })
}

#[derive(Template, Serialize)]
#[template(path = "workspaces/chat/channel.html")]
struct Editor {
    form: Form<ChannelForm>,
    #[serde(skip)]
    channel: Option<Conversation>,
    /// Everybody who could be in it.
    #[serde(skip)]
    people: Vec<(String, String)>,
    #[serde(skip)]
    root: String,
}

impl Page for Editor {
    fn title(&self) -> String {
        match &self.channel {
            Some(channel) => format!("#{}", channel.name),
            None => "New channel".into(),
        }
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to("Chat", format!("{}/chat", self.root)),
            Crumb::to("Channels", format!("{}/channels", self.root)),
            Crumb::here(self.title()),
        ]
    }
}

impl Editor {
    fn action(&self) -> String {
        match &self.channel {
            Some(channel) => format!("{}/channels/{}?_method=PATCH", self.root, channel.id),
            None => format!("{}/channels", self.root),
        }
    }
    fn cancel(&self) -> String {
        match &self.channel {
            Some(channel) => format!("{}/chat/{}", self.root, channel.id),
            None => format!("{}/chat", self.root),
        }
    }
    /// Only what is new can still be made private.
    fn is_new(&self) -> bool {
        self.channel.is_none()
    }
    fn has_people(&self) -> bool {
        self.channel.as_ref().is_none_or(|channel| channel.private)
    }
}

fn editor<A: Action>(
    can: &Can<A, Chat>,
    form: Form<ChannelForm>,
    channel: Option<Conversation>,
) -> Result<HttpResponse> {
    form.for_people(&can.asked)?;
    let me = can.me().to_string();
    let mut people = can.setup.owners();
    people.retain(|(id, _)| *id != me);
    let page = Editor {
        form,
        channel,
        people,
        root: can.url(""),
    };
    can.page_with(page.form.status(), page)
}

pub async fn new(can: Can<Create, Chat>) -> Result<HttpResponse> {
    editor(&can, Form::of(ChannelForm::default()), None)
}

pub async fn create(can: Can<Create, Chat>, form: Form<ChannelForm>) -> Result<HttpResponse> {
    let member = can.member.clone();
    let made = form.write(&can, move |tx, data| Conversation::open(tx, &member, data));
    match made.await? {
        Ok(channel) => {
            let toast = Toast::done(format!("#{} is open", channel.name));
            match can.asked.json() {
                true => can.created(&url(&can, "channels", channel.id), 1, &channel, toast),
                false => can.redirect(&url(&can, "chat", channel.id), Some(toast)),
            }
        }
        Err(form) => editor(&can, form, None),
    }
}

fn url<A: Action>(can: &Can<A, Chat>, collection: &str, id: Uuid) -> String {
    can.url(&format!("/{collection}/{id}"))
}

/// A program gets the channel; a person what is said there.
pub async fn show(can: Can<can::View, Chat>, Id(id): Id) -> Result<HttpResponse> {
    let member = can.member.clone();
    let channel = can
        .tx(move |tx| Conversation::channel(tx, &member, id))
        .await?;
    match can.asked.json() {
        true => Ok(HttpResponse::Ok().json(channel)),
        false => can.redirect(&url(&can, "chat", id), None),
    }
}

/// The channel, for whoever may change it.
async fn changing(can: &Can<Create, Chat>, id: Uuid) -> Result<(Conversation, ChannelForm)> {
    let member = can.member.clone();
    can.tx(move |tx| {
        let channel = Conversation::channel(tx, &member, id)?;
        if !channel.may_change(&member) {
            return Err(platform::Error::Forbidden(
                "Only who made this channel, or a manager, can change it.".into(),
            ));
        }
        let form = channel.form(tx)?;
        Ok((channel, form))
    })
    .await
}

pub async fn edit(can: Can<Create, Chat>, Id(id): Id) -> Result<HttpResponse> {
    let (channel, form) = changing(&can, id).await?;
    editor(&can, Form::of(form), Some(channel))
}

pub async fn update(
    can: Can<Create, Chat>,
    Id(id): Id,
    form: Form<ChannelForm>,
) -> Result<HttpResponse> {
    let (channel, before) = changing(&can, id).await?;
    let form = form.over(&before);
    let (member, current) = (can.member.clone(), channel.clone());
    let saved = form.write(&can, move |tx, data| current.change(tx, &member, data));
    match saved.await? {
        Ok(saved) => can.updated(&url(&can, "chat", id), 1, &saved, Toast::done("Saved")),
        Err(form) => editor(&can, form, Some(channel)),
    }
}

pub async fn archive(can: Can<Create, Chat>, Id(id): Id) -> Result<HttpResponse> {
    let (channel, _) = changing(&can, id).await?;
    let away = can.tx(move |tx| channel.put_away(tx, true)).await?;
    let undo = format!("{}/restoration", url(&can, "channels", id));
    let toast = Toast::done(format!("#{} is put away", away.name)).undo(undo);
    can.done(&can.url("/chat"), toast)
}

pub async fn restore(can: Can<Create, Chat>, Id(id): Id) -> Result<HttpResponse> {
    let (channel, _) = changing(&can, id).await?;
    let back = can.tx(move |tx| channel.put_away(tx, false)).await?;
    let toast = Toast::done(format!("#{} is back", back.name));
    can.updated(&url(&can, "chat", id), 1, &back, toast)
}

pub async fn leave(can: Can<Create, Chat>, Id(id): Id) -> Result<HttpResponse> {
    let member = can.member.clone();
    let left = can.tx(move |tx| {
        let channel = Conversation::channel(tx, &member, id)?;
        channel.leave(tx)?;
        Ok(channel.name)
    });
    let name = left.await?;
    can.done(&can.url("/chat"), Toast::done(format!("You left #{name}")))
}
