//! The pages of members.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use chrono_tz::Tz;
use platform::Result;
use platform::records::list::{List, ListParams};
use platform::web::can::{Archive, Create, Edit, View as See};
use platform::web::{Action, Can, Crumb, Form, Id, Page, Toast, View, filters};
use serde::Serialize;
use uuid::Uuid;

use super::form::{Invitation, MemberForm};
use super::member::Member;
use crate::workspaces::roles::Role;
use crate::workspaces::settings;
use crate::workspaces::teams::Team;

const PATH: &str = "/settings/members";

#[derive(Template, Serialize)]
#[template(path = "workspaces/members/index.html", blocks = ["results"])]
struct Index {
    #[serde(flatten)]
    list: List<Member>,
    #[serde(skip)]
    params: ListParams,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    me: Uuid,
    /// Who has a page open now.
    #[serde(skip)]
    online: Vec<Uuid>,
    #[serde(skip)]
    zone: Tz,
    #[serde(skip)]
    may_create: bool,
}

impl Page for Index {
    fn title(&self) -> String {
        "Members".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![settings::crumb(&self.base, PATH), Crumb::here("Members")]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        (id == "results").then(|| self.as_results().render())
    }
}

impl Index {
    fn new_url(&self) -> String {
        format!("{}/new", self.base)
    }
    fn tab_url(&self, archived: &str) -> String {
        format!(
            "{}{}",
            self.base,
            self.params.url(&[("archived", archived)])
        )
    }
    fn page_url(&self, cursor: &Option<String>) -> String {
        let url = |c: &String| format!("{}{}", self.base, self.params.url(&[("cursor", c)]));
        cursor.as_ref().map(url).unwrap_or_default()
    }
    fn no_match(&self) -> String {
        match (self.params.search.as_str(), self.params.archived) {
            ("", true) => "Nobody was deactivated.".into(),
            ("", false) => "Nobody is a member.".into(),
            (search, _) => format!("Nobody matches “{search}”."),
        }
    }
    fn shown(&self) -> String {
        format!("{} shown of {}", self.list.items.len(), self.list.total)
    }
}

pub async fn index(can: Can<See, Member>, req: HttpRequest) -> Result<HttpResponse> {
    let mut params = ListParams::read(req.query_string())?;
    if params.sort.is_empty() {
        params.sort = "name".into();
    }
    let asked = params.clone();
    let list = can.tx(move |tx| Member::list(tx, &asked)).await?;
    can.page(Index {
        list,
        params,
        base: can.url(PATH),
        me: can.me(),
        online: can.online(),
        zone: can.zone,
        may_create: can.may("members", "create"),
    })
}

#[derive(Template, Serialize)]
#[template(path = "workspaces/members/new.html")]
struct New {
    form: Form<Invitation>,
    #[serde(skip)]
    roles: Vec<(String, String)>,
    #[serde(skip)]
    teams: Vec<(String, String)>,
    #[serde(skip)]
    base: String,
}

impl Page for New {
    fn title(&self) -> String {
        "Invite somebody".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            settings::crumb(&self.base, PATH),
            Crumb::to("Members", &self.base),
            Crumb::here("Invite"),
        ]
    }
}

pub async fn new(can: Can<Create, Member>) -> Result<HttpResponse> {
    let form = Form::of(Invitation::default());
    invitation(&can, form).await
}

async fn invitation(can: &Can<Create, Member>, form: Form<Invitation>) -> Result<HttpResponse> {
    form.for_people(&can.asked)?;
    let rank = can.membership.rank;
    let (roles, teams) = can
        .tx(move |tx| Ok((Role::choices(tx, rank)?, Team::choices(tx)?)))
        .await?;
    let base = can.url(PATH);
    let page = New {
        form,
        roles,
        teams,
        base,
    };
    can.page_with(page.form.status(), page)
}

pub async fn create(can: Can<Create, Member>, form: Form<Invitation>) -> Result<HttpResponse> {
    let rank = can.membership.rank;
    let invited = form.write(&can, move |tx, data| Member::invite(tx, rank, data));
    let member = match invited.await? {
        Ok(member) => member,
        Err(form) => return invitation(&can, form).await,
    };
    can.app.access.forget();
    can.app.forget_setup(can.membership.workspace_id);
    let toast = Toast::done(format!("{} is invited", member.name));
    if can.asked.json() {
        let url = can.url(&format!("{PATH}/{}", member.id));
        return can.created(&url, 1, &member, toast);
    }
    can.redirect(&can.url(PATH), Some(toast))
}

#[derive(Template, Serialize)]
#[template(path = "workspaces/members/edit.html")]
struct Editor {
    #[serde(flatten)]
    member: Member,
    #[serde(skip)]
    form: Form<MemberForm>,
    #[serde(skip)]
    roles: Vec<(String, String)>,
    #[serde(skip)]
    teams: Vec<(String, String)>,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    zone: Tz,
    #[serde(skip)]
    is_me: bool,
    #[serde(skip)]
    may_edit: bool,
    #[serde(skip)]
    may_archive: bool,
    #[serde(skip)]
    may_invite: bool,
}

impl Page for Editor {
    fn title(&self) -> String {
        self.member.name.clone()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            settings::crumb(&self.base, PATH),
            Crumb::to("Members", &self.base),
            Crumb::here(&self.member.name),
        ]
    }
}

impl Editor {
    fn url(&self, path: &str) -> String {
        format!("{}/{}{path}", self.base, self.member.id)
    }
}

pub async fn edit(can: Can<See, Member>, Id(id): Id) -> Result<HttpResponse> {
    let member = can.tx(move |tx| Member::find(tx, id)).await?;
    let form = Form::of(MemberForm::from(&member));
    editor(&can, form, member).await
}

async fn editor<A: Action>(
    can: &Can<A, Member>,
    form: Form<MemberForm>,
    member: Member,
) -> Result<HttpResponse> {
    form.for_people(&can.asked)?;
    let (rank, current) = (can.membership.rank, member.role_id);
    let (mut roles, teams) = can
        .tx(move |tx| Ok((Role::choices(tx, rank)?, Team::choices(tx)?)))
        .await?;
    let within = member.rank <= rank;
    if !within {
        roles = vec![(current.to_string(), member.role.clone())];
    }
    let page = Editor {
        form,
        roles,
        teams,
        base: can.url(PATH),
        zone: can.zone,
        is_me: can.me() == member.id,
        may_edit: within && can.may("members", "edit"),
        may_archive: within && can.may("members", "archive"),
        may_invite: can.may("members", "create"),
        member,
    };
    can.page_with(page.form.status(), page)
}

pub async fn update(
    can: Can<Edit, Member>,
    Id(id): Id,
    form: Form<MemberForm>,
) -> Result<HttpResponse> {
    let member = can.tx(move |tx| Member::find(tx, id)).await?;
    let form = form.over(&MemberForm::from(&member));
    let (rank, current) = (can.membership.rank, member.clone());
    let changed = form.write(&can, move |tx, data| current.change(tx, rank, data));
    match changed.await? {
        Ok(member) => saved(&can, member, "Saved"),
        Err(form) => editor(&can, form, member).await,
    }
}

/// After rights have changed: they count at once.
fn saved<A: Action>(can: &Can<A, Member>, member: Member, word: &str) -> Result<HttpResponse> {
    can.app.access.forget();
    can.app.forget_setup(can.membership.workspace_id);
    if can.asked.json() {
        return Ok(HttpResponse::Ok().json(member));
    }
    can.redirect(&can.url(PATH), Some(Toast::done(word)))
}

pub async fn deactivate(can: Can<Archive, Member>, Id(id): Id) -> Result<HttpResponse> {
    let rank = can.membership.rank;
    let member = can
        .tx(move |tx| Member::find(tx, id)?.deactivate(tx, rank))
        .await?;
    can.app.access.forget();
    let undo = can.url(&format!("{PATH}/{id}/restoration"));
    let toast = Toast::done(format!("{} is deactivated", member.name)).undo(undo);
    can.done(&can.url(PATH), toast)
}

pub async fn restore(can: Can<Archive, Member>, Id(id): Id) -> Result<HttpResponse> {
    let rank = can.membership.rank;
    let member = can
        .tx(move |tx| Member::find(tx, id)?.restore(tx, rank))
        .await?;
    let word = format!("{} is back", member.name);
    saved(&can, member, &word)
}

pub async fn invite_again(can: Can<Create, Member>, Id(id): Id) -> Result<HttpResponse> {
    let name = can
        .tx(move |tx| {
            let member = Member::find(tx, id)?;
            member.invite_again(tx)?;
            Ok(member.name)
        })
        .await?;
    let toast = Toast::done(format!("The invitation is on its way to {name}"));
    can.done(&can.url(PATH), toast)
}
