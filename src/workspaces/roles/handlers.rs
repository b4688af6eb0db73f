//! The pages of roles.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use platform::web::access::Reach;
use platform::web::can::{Manage, View as See};
use platform::web::{Action, Can, Crumb, Form, Page, Toast, View, filters};
use platform::{Error, Result};
use serde::Serialize;
use uuid::Uuid;

use super::form::RoleForm;
use super::matrix;
use super::role::{Granter, Role};
use crate::routes::rights;
use crate::workspaces::settings;

type Id = web::Path<(String, Uuid)>;

const PATH: &str = "/settings/roles";
/// The order in which people think of what can be done; others follow.
pub const ACTIONS: [&str; 8] = [
    "view", "create", "edit", "archive", "export", "import", "send", "manage",
];

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

/// One choice of one right.
struct Cell {
    action: &'static str,
    /// The name of the field.
    name: String,
    value: String,
    options: Vec<(&'static str, &'static str)>,
}

struct Line {
    resource: &'static str,
    /// In the order of the columns; `None` where no route asks for such a right.
    cells: Vec<Option<Cell>>,
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

pub async fn new(can: Can<Manage, Role>, req: HttpRequest) -> Result<HttpResponse> {
    let query = url::form_urlencoded::parse(req.query_string().as_bytes());
    let from = query
        .filter(|(key, _)| key == "from")
        .find_map(|(_, id)| id.parse::<Uuid>().ok());
    let mut form = RoleForm::default();
    if let Some(id) = from {
        let copied = can.tx(move |tx| Role::find(tx, id)).await?;
        form = RoleForm::from(&copied);
        form.name = format!("{} (copy)", copied.name);
        form.rank = copied.rank.min(can.membership.rank - 1);
    }
    editor(&can, StatusCode::OK, Form::of(form), None)
}

pub async fn edit(can: Can<See, Role>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let role = can.tx(move |tx| Role::find(tx, id)).await?;
    if can.asked.json() {
        return Ok(HttpResponse::Ok().json(role));
    }
    editor(
        &can,
        StatusCode::OK,
        Form::of(RoleForm::from(&role)),
        Some(role),
    )
}

fn editor<A: Action>(
    can: &Can<A, Role>,
    status: StatusCode,
    form: Form<RoleForm>,
    role: Option<Role>,
) -> Result<HttpResponse> {
    if can.asked.json() && !form.is_valid() {
        return Err(form.valid().err().unwrap_or(Error::NotFound));
    }
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
    can.page_with(status, page)
}

fn columns() -> Vec<&'static str> {
    let mut columns: Vec<&str> = ACTIONS.to_vec();
    for (_, action) in matrix::every_right() {
        if !columns.contains(&action) {
            columns.push(action);
        }
    }
    columns.retain(|column| matrix::every_right().any(|(_, action)| action == *column));
    columns
}

fn line<A>(
    can: &Can<A, Role>,
    resource: &'static str,
    columns: &[&'static str],
    form: &Form<RoleForm>,
) -> Line {
    let known = &rights()[resource];
    let owned = matrix::is_owned(&can.app.kinds, resource);
    let cell = |action: &'static str| {
        known.contains(action).then(|| {
            let name = format!("rights.{resource}.{action}");
            let mut value = form.value(&name);
            if value.is_empty() {
                value = "none".into();
            }
            let mut options = vec![("none", "No")];
            for (reach, label) in [(Reach::Own, "Own"), (Reach::Team, "Team")] {
                if owned || value == reach.key() {
                    options.push((reach.key(), label));
                }
            }
            options.push(("all", if owned { "All" } else { "Yes" }));
            Cell {
                action,
                name,
                value,
                options,
            }
        })
    };
    Line {
        resource,
        cells: columns.iter().map(|action| cell(action)).collect(),
    }
}

pub async fn create(can: Can<Manage, Role>, mut form: Form<RoleForm>) -> Result<HttpResponse> {
    if form.is_valid() {
        let (granter, data) = (granter(&can), form.data.clone());
        match can.tx(move |tx| Role::create(tx, &granter, data)).await {
            Ok(role) => {
                let url = can.url(&format!("{PATH}/{}", role.id));
                let toast = Toast::done(format!("The role {} is there", role.name));
                return can.created(&url, 1, &role, toast);
            }
            Err(Error::Invalid(errors)) => form.refuse_all(errors),
            Err(error) => return Err(error),
        }
    }
    editor(&can, StatusCode::UNPROCESSABLE_ENTITY, form, None)
}

pub async fn update(can: Can<Manage, Role>, id: Id, form: Form<RoleForm>) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let role = can.tx(move |tx| Role::find(tx, id)).await?;
    let mut form = form.over(&RoleForm::from(&role));
    if form.is_valid() {
        let (granter, data, current) = (granter(&can), form.data.clone(), role.clone());
        match can.tx(move |tx| current.update(tx, &granter, data)).await {
            Ok(role) => return saved(&can, role, "Saved: it counts from now on"),
            Err(Error::Invalid(errors)) => form.refuse_all(errors),
            Err(error) => return Err(error),
        }
    }
    editor(&can, StatusCode::UNPROCESSABLE_ENTITY, form, Some(role))
}

pub async fn reset(can: Can<Manage, Role>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
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

pub async fn destroy(can: Can<Manage, Role>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
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
