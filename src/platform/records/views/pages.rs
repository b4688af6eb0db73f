//! What people and programs are shown of views: all of them, one to be named, and what can be done with one.

use std::sync::Arc;

use askama::Template;
use serde::Serialize;

use super::form::ViewForm;
use super::seen::Views;
use super::view::SavedView;
use crate::records::facts::capital;
use crate::records::kinds::Kind;
use crate::records::list::{Arrangement, List};
use crate::web::can::Member;
use crate::web::{Crumb, Form, Page};

/// A view, and whether it opens its list for whoever asks.
#[derive(Clone, Debug, Serialize)]
pub struct Told {
    #[serde(flatten)]
    pub view: SavedView,
    pub is_default: bool,
}

impl Told {
    pub fn of(views: &Views, view: &SavedView) -> Told {
        let default = views.default_of(&view.record_kind);
        Told {
            is_default: default.is_some_and(|default| default.id == view.id),
            view: view.clone(),
        }
    }
}

#[derive(Template, Serialize)]
#[template(path = "records/views.html")]
pub struct Index {
    #[serde(flatten)]
    pub list: List<Told>,
    #[serde(skip)]
    pub member: Arc<Member>,
}

impl Page for Index {
    fn title(&self) -> String {
        "Views".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![Crumb::here("Views")]
    }
}

impl Index {
    fn kind(&self, told: &Told) -> String {
        let kind = self.member.app.kinds.get(&told.view.record_kind);
        kind.map_or_else(String::new, |kind| capital(kind.plural))
    }
    fn url(&self, told: &Told) -> String {
        let kind = self.member.app.kinds.get(&told.view.record_kind);
        let collection = kind.map_or("", |kind| kind.collection);
        self.member.url(&told.view.path(collection))
    }
    fn author(&self, told: &Told) -> String {
        let author = self.member.setup.person(told.view.person_id);
        author.map_or_else(|| "Somebody who left".into(), |p| p.name.clone())
    }
    fn menu(&self, told: &Told) -> Menu {
        let id = format!("view-{}", told.view.id);
        Menu::new(&self.member, &told.view, id, told.is_default, String::new())
    }
}

/// What can be done with a view; without JavaScript too, since each of it is a form.
#[derive(Template)]
#[template(path = "records/view_menu.html")]
pub struct Menu {
    /// The popover's.
    id: String,
    name: String,
    url: String,
    /// `?…`: how the list stands, to come back to it.
    query: String,
    shared: bool,
    pinned: bool,
    is_default: bool,
    is_mine: bool,
    may_change: bool,
    may_pin: bool,
    may_archive: bool,
    may_create: bool,
    /// Whether there are tabs beside it to change places with.
    left: bool,
    right: bool,
}

impl Menu {
    pub fn new(
        member: &Member,
        view: &SavedView,
        id: String,
        is_default: bool,
        query: String,
    ) -> Menu {
        Menu {
            id,
            name: view.name.clone(),
            url: member.url(&format!("/views/{}", view.id)),
            query,
            shared: view.shared,
            pinned: view.pinned,
            is_default,
            is_mine: view.person_id == member.person().id,
            may_change: view.may_change(member),
            may_pin: view.may_pin(member),
            may_archive: member.may_with("views", "archive", Some(view.person_id)),
            may_create: member.may("views", "create"),
            left: member.views.moved(view, false).is_some(),
            right: member.views.moved(view, true).is_some(),
        }
    }

    fn to(&self, path: &str) -> String {
        format!("{}{path}{}", self.url, self.query)
    }
}

/// The form that names a view.
#[derive(Template, Serialize)]
#[template(path = "records/view_form.html")]
pub struct Editor {
    form: Form<ViewForm>,
    #[serde(skip)]
    view: Option<SavedView>,
    #[serde(skip)]
    action: String,
    #[serde(skip)]
    list: Crumb,
    #[serde(skip)]
    cancel: String,
    #[serde(skip)]
    for_all: bool,
}

impl Editor {
    pub fn new(
        member: &Member,
        kind: Kind,
        form: Form<ViewForm>,
        view: Option<SavedView>,
    ) -> Editor {
        let list = member.url(&format!("/{}", kind.collection));
        Editor {
            action: match &view {
                Some(view) => member.url(&format!("/views/{}?_method=PATCH", view.id)),
                None => member.url("/views"),
            },
            cancel: match &view {
                Some(view) => member.url(&view.path(kind.collection)),
                None => list.clone(),
            },
            list: Crumb::to(capital(kind.plural), list),
            for_all: SavedView::may_for_all(member),
            form,
            view,
        }
    }

    fn layout(&self) -> &str {
        &self.form.data.layout
    }

    fn shown(&self) -> Arrangement {
        let data = &self.form.data;
        Arrangement {
            filter: match &data.filter {
                serde_json::Value::String(text) => text.clone(),
                tree => tree.to_string(),
            },
            search: data.search.clone(),
            sort: data.sort.clone(),
            columns: data.columns.clone(),
        }
    }
}

impl Page for Editor {
    fn title(&self) -> String {
        match &self.view {
            Some(view) => format!("Rename {}", view.name),
            None => "Save this view".into(),
        }
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![self.list.clone(), Crumb::here(self.title())]
    }
}
