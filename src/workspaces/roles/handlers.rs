//! The pages of roles.

use actix_web::HttpResponse;
use askama::Template;
use platform::Result;
use platform::web::can::{Manage, View as See};
use platform::web::{Action, Can, Crumb, Form, Id, Page, Toast, View, filters};
use serde::Serialize;
use uuid::Uuid;

use super::form::RoleForm;
use super::grid::{Line, columns, line};
use super::role::{Granter, Role};
use crate::routes::rights;
use crate::workspaces::settings;

const PATH: &str = "/settings/roles";

fn granter<A>(can: &Can<A, Role>) -> Granter {
    Granter {
        rank: can.membership.rank,
        permissions: can.permissions.clone(),
        kinds: can.app.kinds.clone(),
    }
}

#[derive(Template, Serialize)]
#[template(path = "workspaces/roles/index.html")]
struct Index {
    items: Vec<Role>,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    may_manage: bool,
}

impl Page for Index {
    fn title(&self) -> String {
        "Roles".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![settings::crumb(&self.base, PATH), Crumb::here("Roles")]
    }
}

impl Index {
    fn new_url(&self) -> String {
        format!("{}/new", self.base)
    }
}

pub async fn index(can: Can<See, Role>) -> Result<HttpResponse> {
    let items = can.tx(Role::all).await?;
    can.page(Index {
        items,
        base: can.url(PATH),
        may_manage: can.may("roles", "manage"),
    })
}

#[derive(Template, Serialize)]
#[template(path = "workspaces/roles/form.html")]
struct Editor {
    form: Form<RoleForm>,
    role: Option<Role>,
    #[serde(skip)]
    columns: Vec<&'static str>,
    #[serde(skip)]
    lines: Vec<Line>,
    #[serde(skip)]
    ranks: Vec<(String, String)>,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    may_change: bool,
    #[serde(skip)]
    may_grant_everything: bool,
}

impl Page for Editor {
    fn title(&self) -> String {
        self.role
            .as_ref()
            .map_or("New role".into(), |role| role.name.clone())
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            settings::crumb(&self.base, PATH),
            Crumb::to("Roles", &self.base),
            Crumb::here(self.title()),
        ]
    }
}

impl Editor {
    fn action(&self) -> String {
        match &self.role {
            Some(role) => format!("{}/{}?_method=PATCH", self.base, role.id),
            None => self.base.clone(),
        }
    }
    /// A system role keeps its name and rank.
    fn is_fixed(&self) -> bool {
        self.role.as_ref().is_some_and(|role| role.system)
    }
    fn url(&self, role: &Role, path: &str) -> String {
        format!("{}/{}{path}", self.base, role.id)
    }
    fn copy_url(&self, role: &Role) -> String {
        format!("{}/new?from={}", self.base, role.id)
    }
    fn sub(&self) -> String {
        match &self.role {
            Some(role) if role.system => {
                format!("Comes with Nexus. Rank {}. {}", role.rank, holders(role))
            }
            Some(role) => holders(role),
            None => "What is not granted is denied.".into(),
        }
    }
}

fn holders(role: &Role) -> String {
    match role.members {
        0 => "No active member has it.".into(),
        1 => "One active member has it.".into(),
        n => format!("{n} active members have it."),
    }
}

pub async fn new(can: Can<Manage, Role>) -> Result<HttpResponse> {
    let from = can.asked.param("from");
    let from = from.and_then(|id| id.parse::<Uuid>().ok());
    let mut form = RoleForm::usual();
    if let Some(id) = from {
        let copied = can.tx(move |tx| Role::find(tx, id)).await?;
        form = RoleForm::from(&copied);
        form.name = format!("{} (copy)", copied.name);
        form.rank = copied.rank.min(can.membership.rank - 1);
    }
    editor(&can, Form::of(form), None)
}

pub async fn edit(can: Can<See, Role>, Id(id): Id) -> Result<HttpResponse> {
    let role = can.tx(move |tx| Role::find(tx, id)).await?;
    if can.asked.json() {
        return Ok(HttpResponse::Ok().json(role));
    }
    editor(&can, Form::of(RoleForm::from(&role)), Some(role))
}

fn editor<A: Action>(
    can: &Can<A, Role>,
    form: Form<RoleForm>,
    role: Option<Role>,
) -> Result<HttpResponse> {
    form.for_people(&can.asked)?;
    let rank = can.membership.rank;
    let columns = columns();
    let lines = rights()
        .keys()
        .map(|resource| line(can, resource, &columns, &form))
        .collect();
    let page = Editor {
        lines,
        columns,
        ranks: (0..rank)
            .rev()
            .map(|rank| (rank.to_string(), rank.to_string()))
            .collect(),
        base: can.url(PATH),
        may_change: can.may("roles", "manage")
            && role
                .as_ref()
                .is_none_or(|role| role.may_be_changed_by(rank)),
        may_grant_everything: can.permissions.is_everything() || form.data.everything,
        form,
        role,
    };
    can.page_with(page.form.status(), page)
}

pub async fn create(can: Can<Manage, Role>, form: Form<RoleForm>) -> Result<HttpResponse> {
    let granter = granter(&can);
    let made = form.write(&can, move |tx, data| Role::create(tx, &granter, data));
    match made.await? {
        Ok(role) => {
            let url = can.url(&format!("{PATH}/{}", role.id));
            let toast = Toast::done(format!("The role {} is there", role.name));
            can.created(&url, 1, &role, toast)
        }
        Err(form) => editor(&can, form, None),
    }
}

pub async fn update(
    can: Can<Manage, Role>,
    Id(id): Id,
    form: Form<RoleForm>,
) -> Result<HttpResponse> {
    let role = can.tx(move |tx| Role::find(tx, id)).await?;
    let form = form.over(&RoleForm::from(&role));
    let (granter, current) = (granter(&can), role.clone());
    let changed = form.write(&can, move |tx, data| current.update(tx, &granter, data));
    match changed.await? {
        Ok(role) => saved(&can, role, "Saved: it counts from now on"),
        Err(form) => editor(&can, form, Some(role)),
    }
}

pub async fn reset(can: Can<Manage, Role>, Id(id): Id) -> Result<HttpResponse> {
    let granter = granter(&can);
    let role = can
        .tx(move |tx| Role::find(tx, id)?.reset(tx, &granter))
        .await?;
    saved(&can, role, "The role is as it comes with Nexus")
}

fn saved(can: &Can<Manage, Role>, role: Role, word: &str) -> Result<HttpResponse> {
    can.app.access.forget();
    if can.asked.json() {
        return Ok(HttpResponse::Ok().json(role));
    }
    let url = can.url(&format!("{PATH}/{}", role.id));
    can.redirect(&url, Some(Toast::done(word)))
}

pub async fn destroy(can: Can<Manage, Role>, Id(id): Id) -> Result<HttpResponse> {
    let rank = can.membership.rank;
    let name = can
        .tx(move |tx| {
            let role = Role::find(tx, id)?;
            role.delete(tx, rank)?;
            Ok(role.name)
        })
        .await?;
    can.app.access.forget();
    can.done(
        &can.url(PATH),
        Toast::done(format!("The role {name} is gone")),
    )
}
