//! The pages of the settings, and the brand's stylesheet.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use platform::web::can::{Edit, View as See};
use platform::web::{Can, Crumb, Form, Page, Toast, View};
use platform::{Result, clock};
use serde::Serialize;

use super::currencies::CURRENCIES;
use super::form::{Kind, WorkspaceForm};
use super::workspace::Settings;
use crate::workspaces::brand::{Colour, Shade};
use crate::workspaces::home::Dashboard;

const PATH: &str = "/settings/workspace";

#[derive(Serialize)]
struct Entry {
    label: &'static str,
    text: &'static str,
    icon: &'static str,
    href: String,
}

#[derive(Template, Serialize)]
#[template(path = "workspaces/settings/index.html")]
struct Index {
    items: Vec<Entry>,
}

impl Page for Index {
    fn title(&self) -> String {
        "Settings".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![Crumb::here("Settings")]
    }
}

/// What this member may open.
pub async fn index(can: Can<See, Dashboard>) -> Result<HttpResponse> {
    let mut items: Vec<Entry> = crate::routes::settings()
        .iter()
        .filter(|page| can.may(page.resource, "view"))
        .map(|page| Entry {
            label: page.label,
            text: page.text,
            icon: page.icon,
            href: can.url(page.path),
        })
        .collect();
    items.push(Entry {
        label: "Your profile",
        text: "Your name, looks, password and devices",
        icon: "circle-user",
        href: "/profile".into(),
    });
    can.page(Index { items })
}

#[derive(Template, Serialize)]
#[template(path = "workspaces/settings/edit.html")]
struct Editor {
    form: Form<WorkspaceForm>,
    slug: String,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    may_edit: bool,
}

impl Page for Editor {
    fn title(&self) -> String {
        "Workspace".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![super::crumb(&self.base, PATH), Crumb::here("Workspace")]
    }
}

impl Editor {
    fn kinds(&self) -> Vec<(&'static str, &'static str)> {
        Kind::CHOICES.iter().map(|c| (c.key, c.label)).collect()
    }
    fn currencies(&self) -> Vec<(&'static str, &'static str)> {
        CURRENCIES.iter().map(|code| (*code, *code)).collect()
    }
    fn zones(&self) -> impl Iterator<Item = &'static str> {
        clock::zones()
    }
    fn sub(&self) -> String {
        format!("Its address here is /w/{}", self.slug)
    }
    /// The colour as it shows in each theme.
    fn shades(&self) -> Vec<(&'static str, Shade)> {
        let accent = self.form.data.accent.as_deref().and_then(Colour::parse);
        let shades = accent.map(|a| vec![("Dark", Shade::dark(a)), ("Light", Shade::light(a))]);
        shades.unwrap_or_default()
    }
    /// Said where the colour could not be taken as it is.
    fn adjusted(&self) -> bool {
        let chosen = self.form.data.accent.as_deref().and_then(Colour::parse);
        self.shades()
            .iter()
            .any(|(_, shade)| Some(shade.fill) != chosen || Some(shade.text) != chosen)
    }
}

pub async fn edit(can: Can<See, Settings>) -> Result<HttpResponse> {
    let current = can.tx(WorkspaceForm::current).await?;
    if can.asked.json() {
        return Ok(HttpResponse::Ok().json(current));
    }
    can.page(Editor {
        form: Form::of(current),
        slug: can.membership.slug.clone(),
        base: can.url(PATH),
        may_edit: can.may("settings", "edit"),
    })
}

pub async fn update(can: Can<Edit, Settings>, form: Form<WorkspaceForm>) -> Result<HttpResponse> {
    let current = can.tx(WorkspaceForm::current).await?;
    let form = form.over(&current);
    form.for_people(&can.asked)?;
    if !form.is_valid() {
        let page = Editor {
            form,
            slug: can.membership.slug.clone(),
            base: can.url(PATH),
            may_edit: true,
        };
        return can.page_with(StatusCode::UNPROCESSABLE_ENTITY, page);
    }
    let saved = form.data;
    let data = saved.clone();
    can.tx(move |tx| data.save(tx)).await?;
    can.app.access.forget();
    if can.asked.json() {
        return Ok(HttpResponse::Ok().json(saved));
    }
    can.redirect(&can.url(PATH), Some(Toast::done("Saved")))
}
