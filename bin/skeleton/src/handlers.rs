//! The pages of __many__, and their API.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use platform::records::custom::{CustomInputs, Links};
use platform::records::open::{Opened, open};
use platform::records::write::{self, Written};
use platform::records::{Editable, facts};
use platform::web::can::{Archive, Create, Edit, Member, View as See};
use platform::web::{Action, Can, Crumb, Form, Page, Toast, View};
use platform::{Error, Result};
use serde::Serialize;
use std::sync::Arc;
use uuid::Uuid;

use super::form::WidgetForm;
use super::widget::Widget;

/// `/w/{workspace}/widgets/{id}`; the workspace is the guard's business.
type Id = web::Path<(String, Uuid)>;

#[derive(Template, Serialize)]
#[template(path = "DOMAIN/widgets/show.html")]
struct Show {
    #[serde(flatten)]
    opened: Opened<Widget>,
}

impl Page for Show {
    fn title(&self) -> String {
        self.opened.row.widget.name.clone()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to("__Many__", self.opened.trail.list()),
            Crumb::here(self.title()),
        ]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        self.opened.block(id)
    }
}

impl Show {
    fn fact(&self, key: &'static str) -> facts::Fact<'_> {
        self.opened.sheet.fact(key, &self.opened.row)
    }
    fn fixed(&self, key: &'static str) -> facts::Fact<'_> {
        self.opened.sheet.fixed(key, &self.opened.row)
    }
    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.opened.sheet.url)
    }
    fn edit_url(&self) -> String {
        self.url("/edit") + &self.opened.trail.query()
    }
}

pub async fn show(can: Can<See, Widget>, id: Id) -> Result<HttpResponse> {
    let (opened, ()) = open(&can, id.into_inner().1, |_, _| Ok(())).await?;
    can.versioned(opened.row.widget.version, Show { opened })
}

/// The form, for a new one or one that is there.
#[derive(Template, Serialize)]
#[template(path = "DOMAIN/widgets/form.html")]
struct Editor {
    form: Form<WidgetForm>,
    #[serde(skip)]
    widget: Option<Widget>,
    #[serde(skip)]
    member: Arc<Member>,
    #[serde(skip)]
    links: Links,
}

impl Page for Editor {
    fn title(&self) -> String {
        let name = self.widget.as_ref().map(|widget| widget.name.clone());
        name.map_or("New __one__".into(), |name| format!("Edit {name}"))
    }
    fn crumbs(&self) -> Vec<Crumb> {
        let mut crumbs = vec![Crumb::to("__Many__", self.member.url("/widgets"))];
        let widget = self.widget.as_ref();
        crumbs.extend(widget.map(|c| Crumb::to(c.name.clone(), self.url())));
        crumbs.push(Crumb::here(match widget {
            Some(_) => "Edit",
            None => "New",
        }));
        crumbs
    }
}

impl Editor {
    /// The record, or the list that the new one goes into.
    fn url(&self) -> String {
        match &self.widget {
            Some(widget) => self.member.url(&format!("/widgets/{}", widget.id)),
            None => self.member.url("/widgets"),
        }
    }
    fn action(&self) -> String {
        match &self.widget {
            Some(_) => format!("{}?_method=PATCH", self.url()),
            None => self.url(),
        }
    }
    fn custom(&self) -> CustomInputs<'_, WidgetForm> {
        CustomInputs::new(&self.form, &self.member, "widget", &self.links)
    }
}

pub async fn new(can: Can<Create, Widget>) -> Result<HttpResponse> {
    let form = Form::of(WidgetForm {
        owner_id: Some(can.me()),
        ..WidgetForm::default()
    });
    editor(&can, StatusCode::OK, form, None).await
}

pub async fn edit(can: Can<Edit, Widget>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let widget = can.tx(move |tx| Widget::find(tx, id)).await?;
    editor(
        &can,
        StatusCode::OK,
        Form::of(widget.form()),
        Some(widget),
    )
    .await
}

async fn editor<A: Action>(
    can: &Can<A, Widget>,
    status: StatusCode,
    form: Form<WidgetForm>,
    widget: Option<Widget>,
) -> Result<HttpResponse> {
    if can.asked.json() && !form.is_valid() {
        return Err(form.valid().err().unwrap_or(Error::NotFound));
    }
    let (member, data) = (can.member.clone(), form.data.clone());
    let links = can
        .tx(move |tx| Links::load(tx, &member, "widget", &data.custom))
        .await?;
    let page = Editor {
        form,
        widget,
        member: can.member.clone(),
        links,
    };
    can.page_with(status, page)
}

pub async fn create(can: Can<Create, Widget>, form: Form<WidgetForm>) -> Result<HttpResponse> {
    match write::create(&can, form).await? {
        Ok(widget) => {
            let url = can.url(&format!("/widgets/{}", widget.id));
            let toast = Toast::done(format!("{} is added", widget.name));
            can.created(&url, widget.version, &widget, toast)
        }
        Err(form) => editor(&can, StatusCode::UNPROCESSABLE_ENTITY, form, None).await,
    }
}

pub async fn update(
    can: Can<Edit, Widget>,
    id: Id,
    form: Form<WidgetForm>,
) -> Result<HttpResponse> {
    match write::update(&can, id.into_inner().1, form).await? {
        Written::Saved(saved) => saved.answer(&can),
        Written::Refused { form, record } => {
            editor(&can, StatusCode::UNPROCESSABLE_ENTITY, form, Some(record)).await
        }
        Written::Stale(clash) => clash.answer(&can).await,
    }
}

pub async fn archive(can: Can<Archive, Widget>, id: Id) -> Result<HttpResponse> {
    let ((_, id), version) = (id.into_inner(), can.asked.version());
    let widget = can
        .tx(move |tx| Widget::find(tx, id)?.expected_at(version)?.archive(tx))
        .await?;
    let undo = can.url(&format!("/widgets/{}/restoration", widget.id));
    let toast = Toast::done(format!("{} is archived", widget.name)).undo(undo);
    can.done(&can.url("/widgets"), toast)
}

pub async fn restore(can: Can<Archive, Widget>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let widget = can.tx(move |tx| Widget::find(tx, id)?.restore(tx)).await?;
    let url = can.url(&format!("/widgets/{}", widget.id));
    let toast = Toast::done(format!("{} is back", widget.name));
    can.updated(&url, widget.version, &widget, toast)
}
