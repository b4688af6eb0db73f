//! The pages of topics, and their API.

use actix_web::HttpResponse;
use askama::Template;
use platform::Result;
use platform::web::can::{Archive, Create, Edit, View as See};
use platform::web::{Action, Can, Crumb, Form, Id, Page, Toast, View, filters};
use serde::Serialize;

use super::topic::{Topic, TopicForm};

const PATH: &str = "/topics";

#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    topic: Topic,
    /// How many addresses want nothing on it.
    refused: i64,
}

#[derive(Template, Serialize)]
#[template(path = "marketing/topics/index.html")]
struct Index {
    items: Vec<Row>,
    #[serde(skip)]
    archived: bool,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    may_create: bool,
    #[serde(skip)]
    may_edit: bool,
    #[serde(skip)]
    may_archive: bool,
}

impl Page for Index {
    fn title(&self) -> String {
        "Topics".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![Crumb::here("Topics")]
    }
}

impl Index {
    fn new_url(&self) -> String {
        format!("{}/new", self.base)
    }
    fn archived_url(&self) -> String {
        format!("{}?archived=true", self.base)
    }
    fn url(&self, row: &Row, path: &str) -> String {
        format!("{}/{}{path}", self.base, row.topic.id)
    }
    fn label(&self, verb: &str, row: &Row) -> String {
        format!("{verb} {}", row.topic.name)
    }
}

pub async fn index(can: Can<See, Topic>) -> Result<HttpResponse> {
    let archived = can.asked.param("archived").as_deref() == Some("true");
    let all = can.tx(move |tx| Topic::all(tx, archived)).await?;
    let row = |(topic, refused)| Row { topic, refused };
    can.page(Index {
        items: all.into_iter().map(row).collect(),
        archived,
        base: can.url(PATH),
        may_create: can.may("topics", "create"),
        may_edit: can.may("topics", "edit"),
        may_archive: can.may("topics", "archive"),
    })
}

/// For programs; people have the list.
pub async fn show(can: Can<See, Topic>, Id(id): Id) -> Result<HttpResponse> {
    let topic = can.tx(move |tx| Topic::find(tx, id)).await?;
    match can.asked.json() {
        true => Ok(HttpResponse::Ok().json(topic)),
        false => can.redirect(&can.url(PATH), None),
    }
}

#[derive(Template, Serialize)]
#[template(path = "marketing/topics/form.html")]
struct Editor {
    form: Form<TopicForm>,
    #[serde(skip)]
    topic: Option<Topic>,
    #[serde(skip)]
    base: String,
}

impl Page for Editor {
    fn title(&self) -> String {
        let name = self.topic.as_ref().map(|t| &t.name);
        name.map_or("New topic".into(), |name| format!("Edit {name}"))
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![Crumb::to("Topics", &self.base), Crumb::here(self.title())]
    }
}

impl Editor {
    fn action(&self) -> String {
        match &self.topic {
            Some(topic) => format!("{}/{}?_method=PATCH", self.base, topic.id),
            None => self.base.clone(),
        }
    }
}

fn editor<A: Action>(
    can: &Can<A, Topic>,
    form: Form<TopicForm>,
    topic: Option<Topic>,
) -> Result<HttpResponse> {
    form.for_people(&can.asked)?;
    let base = can.url(PATH);
    can.page_with(form.status(), Editor { form, topic, base })
}

pub async fn new(can: Can<Create, Topic>) -> Result<HttpResponse> {
    editor(&can, Form::of(TopicForm::default()), None)
}

pub async fn edit(can: Can<Edit, Topic>, Id(id): Id) -> Result<HttpResponse> {
    let topic = can.tx(move |tx| Topic::find(tx, id)).await?;
    editor(&can, Form::of(TopicForm::from(&topic)), Some(topic))
}

pub async fn create(can: Can<Create, Topic>, form: Form<TopicForm>) -> Result<HttpResponse> {
    match form.write(&can, Topic::create).await? {
        Ok(topic) => {
            let url = can.url(&format!("{PATH}/{}", topic.id));
            let toast = Toast::done(format!("{} is added", topic.name));
            can.created(&url, 1, &topic, toast)
        }
        Err(form) => editor(&can, form, None),
    }
}

pub async fn update(
    can: Can<Edit, Topic>,
    Id(id): Id,
    form: Form<TopicForm>,
) -> Result<HttpResponse> {
    let topic = can.tx(move |tx| Topic::find(tx, id)).await?;
    let (form, known) = (form.over(&TopicForm::from(&topic)), topic.clone());
    match form
        .write(&can, move |tx, data| known.update(tx, data))
        .await?
    {
        Ok(topic) => can.updated(&can.url(PATH), 1, &topic, Toast::done("Saved")),
        Err(form) => editor(&can, form, Some(topic)),
    }
}

pub async fn archive(can: Can<Archive, Topic>, Id(id): Id) -> Result<HttpResponse> {
    let topic = can.tx(move |tx| Topic::find(tx, id)?.archive(tx)).await?;
    let undo = can.url(&format!("{PATH}/{}/restoration", topic.id));
    let toast = Toast::done(format!("{} is archived", topic.name)).undo(undo);
    can.done(&can.url(PATH), toast)
}

pub async fn restore(can: Can<Archive, Topic>, Id(id): Id) -> Result<HttpResponse> {
    let topic = can.tx(move |tx| Topic::find(tx, id)?.restore(tx)).await?;
    let toast = Toast::done(format!("{} is back", topic.name));
    can.updated(&can.url(PATH), 1, &topic, toast)
}
