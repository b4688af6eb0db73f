//! The pages of __many__, and their API.

use actix_web::HttpResponse;
use askama::Template;
use platform::Result;
use platform::records::editing::{self, Editing};
use platform::records::open::{Opened, open};
use platform::web::can::{Create, Edit, View as See};
use platform::web::{Action, Can, Crumb, Form, Id, Page, View};
use serde::Serialize;

use super::form::WidgetForm;
use super::widget::Widget;

#[derive(Template, Serialize)]
#[template(path = "DOMAIN/widgets/show.html")]
struct Show {
    #[serde(flatten)]
    opened: Opened<Widget>,
}

impl Page for Show {
    fn title(&self) -> String {
        self.opened.title()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        self.opened.crumbs()
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        self.opened.block(id)
    }
}

pub async fn show(can: Can<See, Widget>, id: Id) -> Result<HttpResponse> {
    let (opened, ()) = open(&can, id.0, |_, _| Ok(())).await?;
    can.versioned(opened.row.widget.version, Show { opened })
}

/// The form, for a new one or one that is there.
#[derive(Template, Serialize)]
#[template(path = "DOMAIN/widgets/form.html")]
struct Editor {
    #[serde(flatten)]
    editing: Editing<Widget>,
}

impl Page for Editor {
    fn title(&self) -> String {
        self.editing.title()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        self.editing.crumbs()
    }
}

async fn editor<A: Action>(can: &Can<A, Widget>, editing: Editing<Widget>) -> Result<HttpResponse> {
    let page = |editing, ()| Editor { editing };
    editing.show(can, |_, _| Ok(()), page).await
}

pub async fn new(can: Can<Create, Widget>) -> Result<HttpResponse> {
    let form = WidgetForm {
        owner_id: Some(can.me()),
        ..WidgetForm::default()
    };
    editor(&can, Editing::new(&can, form)?).await
}

pub async fn edit(can: Can<Edit, Widget>, id: Id) -> Result<HttpResponse> {
    editor(&can, Editing::find(&can, id.0).await?).await
}

pub async fn create(can: Can<Create, Widget>, form: Form<WidgetForm>) -> Result<HttpResponse> {
    editing::create(&can, form, "is added", editor).await
}

pub async fn update(can: Can<Edit, Widget>, id: Id, form: Form<WidgetForm>) -> Result<HttpResponse> {
    editing::update(&can, id.0, form, editor).await
}
