//! A member of a workspace, with everything that a page around them needs.

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::HttpRequest;
use chrono_tz::Tz;
use uuid::Uuid;

use super::holder::{app, holder};
use crate::clock;
use crate::db::tx::Subject;
use crate::db::{Origin, Scope};
use crate::error::{Error, Result};
use crate::live::Present;
use crate::records::setup::{Setup, Setups};
use crate::records::views::Views;
use crate::web::access::{Identity, Membership, Permissions, Person, Reach};
use crate::web::app::App;
use crate::web::help::Topic;
use crate::web::request::{self, Asked, Who};

/// A member of the workspace in the URL, with everything a page around them needs.
pub struct Member {
    pub identity: Arc<Identity>,
    pub membership: Membership,
    pub permissions: Permissions,
    pub app: Arc<App>,
    pub origin: Arc<Origin>,
    pub asked: Asked,
    pub zone: Tz,
    /// The people, tags and custom fields of the workspace.
    pub setup: Arc<Setup>,
    /// The workspace's epoch from before anything in it was read.
    pub epoch: u64,
    /// The saved views that this member sees.
    pub views: Arc<Views>,
    /// `None`: signed in by cookie; otherwise what the API key may do.
    scopes: Option<Vec<String>>,
}

impl Member {
    pub fn person(&self) -> &Person {
        &self.identity.person
    }

    /// Whether this member could do that, for showing or hiding its button.
    pub fn may(&self, resource: &str, action: &str) -> bool {
        self.reach(resource, action).is_some()
    }

    /// Whether a program asks, by a key that may hold fewer rights than the person who made it.
    pub fn by_key(&self) -> bool {
        self.scopes.is_some()
    }

    fn reach(&self, resource: &str, action: &str) -> Option<Reach> {
        if let Some(scopes) = &self.scopes {
            let granted = scopes.iter().any(|s| {
                s == "*"
                    || s.split_once(':')
                        .or_else(|| s.split_once('.'))
                        .is_some_and(|(r, a)| {
                            (r == resource || r == "*") && (a == action || a == "*")
                        })
            });
            if !granted {
                return None;
            }
        }
        self.permissions.reach(resource, action)
    }

    /// Whether this member could do that with a record of that owner.
    pub fn may_with(&self, resource: &str, action: &str, owner: Option<Uuid>) -> bool {
        let me = self.person().id;
        let teams = |id| self.setup.person(id).map_or(&[][..], |p| &p.teams);
        match (self.reach(resource, action), owner) {
            (None, _) => false,
            (Some(Reach::All), _) => true,
            (Some(_), Some(owner)) if owner == me => true,
            (Some(Reach::Team), Some(owner)) => {
                teams(owner).iter().any(|team| teams(me).contains(team))
            }
            (Some(_), _) => false,
        }
    }

    /// The first page of the workspace that this member may see.
    pub fn home(&self) -> String {
        let navigation = &self.app.navigation;
        let first = navigation.first(|resource, action| self.may(resource, action));
        first.map_or_else(|| "/profile".to_owned(), |path| self.url(path))
    }

    /// Whether the help to a screen is for this member too.
    pub fn reads(&self, topic: &Topic) -> bool {
        self.may(topic.resource, "view")
    }

    /// Where the screen that was asked for is explained, or all of them.
    pub fn help_url(&self) -> String {
        let path = self.asked.path.strip_prefix(&self.url(""));
        let topics = self.app.navigation.topics();
        let help = path.and_then(|path| topics.of_screen(path, |topic| self.reads(topic)));
        help.map_or_else(
            || self.url("/help"),
            |help| self.url(&format!("/help/{}", help.topic.key)),
        )
    }

    /// Who has a page of the workspace open.
    pub fn online(&self) -> Vec<Uuid> {
        let all = &self.app.live.whereabouts;
        all.online(self.membership.workspace_id)
    }

    /// Who else is in a room, for the page that shows it.
    pub fn present(&self, room: &str) -> Present {
        let all = &self.app.live.whereabouts;
        let people = all.of(self.membership.workspace_id, room);
        Present::without(self.person().id, room, people, false)
    }

    /// `/w/acme` + `path`.
    pub fn url(&self, path: &str) -> String {
        format!("/w/{}{path}", self.membership.slug)
    }
}

impl Member {
    /// Which records that right reaches; without it, the refusal, which is logged.
    pub(super) async fn admitted(
        &self,
        resource: &'static str,
        action: &'static str,
    ) -> Result<Scope> {
        let Some(reach) = self.reach(resource, action) else {
            self.denied(resource, action).await;
            return Err(Error::Forbidden(format!(
                "Your role ({}) does not include the right to {} {}. An admin of {} can grant it.",
                self.membership.role_name,
                action,
                resource.replace('_', " "),
                self.membership.workspace_name
            )));
        };
        self.scope_of(reach).await
    }

    /// Which records that right reaches, or `None` where there is no such right.
    pub async fn scope(&self, resource: &str, action: &str) -> Result<Option<Scope>> {
        match self.reach(resource, action) {
            Some(reach) => Ok(Some(self.scope_of(reach).await?)),
            None => Ok(None),
        }
    }

    /// The same of several resources, of which the team is asked for once; where there is no right there is no scope.
    pub async fn scopes(
        &self,
        resources: impl IntoIterator<Item = &'static str>,
        action: &str,
    ) -> Result<HashMap<&'static str, Scope>> {
        let mut known: HashMap<Reach, Scope> = HashMap::new();
        let mut scopes = HashMap::new();
        for resource in resources {
            let Some(reach) = self.reach(resource, action) else {
                continue;
            };
            let scope = match known.get(&reach) {
                Some(scope) => scope.clone(),
                None => self.scope_of(reach).await?,
            };
            known.insert(reach, scope.clone());
            scopes.insert(resource, scope);
        }
        Ok(scopes)
    }

    async fn scope_of(&self, reach: Reach) -> Result<Scope> {
        Ok(match reach {
            Reach::All => Scope::All,
            Reach::Own => Scope::Owners(vec![self.person().id]),
            Reach::Team => {
                let (workspace, me) = (self.membership.workspace_id, self.person().id);
                Scope::Owners(team_of(&self.app, workspace, me).await?)
            }
        })
    }

    /// An attempt that was refused belongs in the audit log too.
    async fn denied(&self, resource: &'static str, action: &'static str) {
        let subject = Subject {
            workspace: self.membership.workspace_id,
            person: Some(self.person().id),
            scope: Scope::All,
            origin: self.origin.clone(),
            reads: false,
        };
        let title = format!("{resource}.{action}");
        let path = self.asked.path.clone();
        let logged = self
            .app
            .tx(subject, move |tx| {
                tx.note_event("access.denied", &title, crate::events::Changes::none())
                    .with("path", path);
                Ok(())
            })
            .await;
        if let Err(error) = logged {
            tracing::warn!(?error, "a refusal could not be logged");
        }
    }
}

/// The people whose records a team-wide right reaches: everybody in a team of mine, and me.
pub async fn team_of(app: &Arc<App>, workspace: Uuid, me: Uuid) -> Result<Vec<Uuid>> {
    use crate::schema::team_members;
    use diesel::prelude::*;
    let subject = Subject::reader(workspace);
    let people: Vec<Uuid> = app
        .tx(subject, move |tx| {
            let mine = team_members::table
                .filter(team_members::person_id.eq(me))
                .select(team_members::team_id);
            let teams: Vec<Uuid> = mine.load(&mut **tx)?;
            let others = team_members::table
                .filter(team_members::team_id.eq_any(teams))
                .filter(team_members::person_id.ne(me))
                .select(team_members::person_id)
                .distinct();
            let mut people: Vec<Uuid> = others.limit(1_000).load(&mut **tx)?;
            people.push(me);
            Ok(people)
        })
        .await?;
    Ok(people)
}

pub(crate) async fn member_of(req: &HttpRequest) -> Result<Member> {
    let app = app(req)?;
    let slug = req
        .match_info()
        .get("workspace")
        .unwrap_or_default()
        .to_owned();
    let holder = holder(req, &app).await?.ok_or(Error::SignIn)?;
    let identity = holder.identity(req, &app).await?;
    let member = Member::known(req, identity, &slug, holder.scopes).await?;
    let workspace = member.membership.workspace_id;
    if holder.workspace.is_some_and(|only| only != workspace) {
        return Err(Error::NotFound);
    }
    Who::tell(req, holder.person, Some(workspace));
    Ok(member)
}

impl Member {
    /// Somebody who is known already, as a member of that workspace; 404 where they are none.
    pub(in crate::web) async fn known(
        req: &HttpRequest,
        identity: Arc<Identity>,
        slug: &str,
        scopes: Option<Vec<String>>,
    ) -> Result<Member> {
        let app = app(req)?;
        let (membership, permissions) = identity
            .in_workspace(slug)
            .cloned()
            .ok_or(Error::NotFound)?;
        let epoch = app.pages.epoch(membership.workspace_id);
        let setup = Setups::of(&app, membership.workspace_id).await?;
        let asked = Asked::of(req);
        // A program that names no view needs none.
        let views = match asked.json() && !asked.query.contains("view=") {
            true => Arc::default(),
            false => Views::of(&app, &setup, membership.workspace_id, identity.person.id).await?,
        };
        let zone = clock::zone(identity.person.zone.as_deref().unwrap_or(&membership.zone));
        Ok(Member {
            origin: request::origin(req, &identity.person.name),
            asked,
            epoch,
            identity,
            membership,
            permissions,
            app,
            zone,
            setup,
            views,
            scopes,
        })
    }
}
