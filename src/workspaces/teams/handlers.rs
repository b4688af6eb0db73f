//! The pages of teams, and their API.

use actix_web::HttpResponse;
use askama::Template;
use platform::Result;
use platform::web::can::{Manage, View as See};
use platform::web::{Action, Can, Crumb, Form, Id, Page, Toast, View};
use serde::Serialize;
use uuid::Uuid;

use super::form::TeamForm;
use super::team::{Mate, Team};
use crate::workspaces::settings;

const PATH: &str = "/settings/teams";

#[derive(Template, Serialize)]
#[template(path = "workspaces/teams/index.html")]
struct Index {
    items: Vec<Team>,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    may_manage: bool,
}

impl Page for Index {
    fn title(&self) -> String {
        "Teams".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![settings::crumb(&self.base, PATH), Crumb::here("Teams")]
    }
}

impl Index {
    fn url(&self, team: &Team) -> String {
        format!("{}/{}", self.base, team.id)
    }
    fn new_url(&self) -> String {
        format!("{}/new", self.base)
    }
    fn manager<'a>(&self, team: &'a Team) -> &'a str {
        let lead = |mate: &&Mate| Some(mate.id) == team.manager_id;
        let found = team.people.iter().find(lead);
        found.map_or("", |mate| mate.name.as_str())
    }
    /// Those who are away now.
    fn away(&self, team: &Team) -> usize {
        team.people.iter().filter(|mate| mate.away).count()
    }
}

pub async fn index(can: Can<See, Team>) -> Result<HttpResponse> {
    let items = can.tx(Team::all).await?;
    can.page(Index {
        items,
        base: can.url(PATH),
        may_manage: can.may("teams", "manage"),
    })
}

#[derive(Template, Serialize)]
#[template(path = "workspaces/teams/form.html")]
struct Editor {
    form: Form<TeamForm>,
    #[serde(flatten)]
    team: Option<Team>,
    /// Everybody who could be in it.
    #[serde(skip)]
    people: Vec<(String, String)>,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    may_manage: bool,
}

impl Page for Editor {
    fn title(&self) -> String {
        match &self.team {
            Some(team) => team.name.clone(),
            None => "New team".into(),
        }
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            settings::crumb(&self.base, PATH),
            Crumb::to("Teams", &self.base),
            Crumb::here(self.title()),
        ]
    }
}

impl Editor {
    fn action(&self) -> String {
        match &self.team {
            Some(team) => format!("{}/{}?_method=PATCH", self.base, team.id),
            None => self.base.clone(),
        }
    }
    fn removal(&self, id: &Uuid) -> String {
        format!("{}/{id}", self.base)
    }
}

pub async fn new(can: Can<Manage, Team>) -> Result<HttpResponse> {
    editor(&can, Form::of(TeamForm::default()), None)
}

pub async fn edit(can: Can<See, Team>, Id(id): Id) -> Result<HttpResponse> {
    let team = can.tx(move |tx| Team::find(tx, id)).await?;
    editor(&can, Form::of(TeamForm::from(&team)), Some(team))
}

fn editor<A: Action>(
    can: &Can<A, Team>,
    form: Form<TeamForm>,
    team: Option<Team>,
) -> Result<HttpResponse> {
    form.for_people(&can.asked)?;
    let page = Editor {
        form,
        team,
        people: can.setup.owners(),
        base: can.url(PATH),
        may_manage: can.may("teams", "manage"),
    };
    can.page_with(page.form.status(), page)
}

pub async fn create(can: Can<Manage, Team>, form: Form<TeamForm>) -> Result<HttpResponse> {
    let team = match form.write(&can, Team::create).await? {
        Ok(team) => team,
        Err(form) => return editor(&can, form, None),
    };
    rights_changed(&can);
    let toast = Toast::done(format!("{} is added", team.name));
    if can.asked.json() {
        let url = can.url(&format!("{PATH}/{}", team.id));
        return can.created(&url, 1, &team, toast);
    }
    can.redirect(&can.url(PATH), Some(toast))
}

pub async fn update(
    can: Can<Manage, Team>,
    Id(id): Id,
    form: Form<TeamForm>,
) -> Result<HttpResponse> {
    let team = can.tx(move |tx| Team::find(tx, id)).await?;
    let form = form.over(&TeamForm::from(&team));
    let before = team.clone();
    let saved = form.write(&can, move |tx, data| before.save(tx, data));
    let team = match saved.await? {
        Ok(saved) => saved,
        Err(form) => return editor(&can, form, Some(team)),
    };
    rights_changed(&can);
    if can.asked.json() {
        return Ok(HttpResponse::Ok().json(team));
    }
    can.redirect(&can.url(PATH), Some(Toast::done("Saved")))
}

pub async fn remove(can: Can<Manage, Team>, Id(id): Id) -> Result<HttpResponse> {
    let name = can
        .tx(move |tx| {
            let team = Team::find(tx, id)?;
            team.remove(tx)?;
            Ok(team.name)
        })
        .await?;
    rights_changed(&can);
    can.done(&can.url(PATH), Toast::done(format!("{name} is gone")))
}

/// What a team's people may see counts from the next click on.
fn rights_changed<A: Action>(can: &Can<A, Team>) {
    can.app.access.forget();
    can.app.forget_setup(can.membership.workspace_id);
}
