//! Guards: the first argument of every handler, which says who may call it.
//!
//! `Can<Edit, Contact>` is proof of the right `contacts.edit` and the only door to the workspace's rows. A stranger
//! gets 404 and a member without the right 403 before the handler's body runs.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use actix_session::SessionExt;
use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use super::access::{Identity, Membership, Permissions, Person, Reach};
use super::app::App;
use super::failure::Known;
use super::limits::{self, Counted};
use super::request::{self, Asked, Who};
use super::session;
use crate::clock;
use crate::db::tx::Subject;
use crate::db::{Origin, Scope, Tx};
use crate::error::{Error, Result};
use crate::records::setup::{Setup, Setups};
use crate::records::views::Views;

/// What is done: `View`, `Edit`, … The name is the second half of the permission.
pub trait Action: 'static {
    const NAME: &'static str;
}

/// On what: the name is the first half of the permission, and the table where it has one of its own.
pub trait Resource: 'static {
    const NAME: &'static str;
    /// What it is called in URLs.
    const COLLECTION: &'static str = Self::NAME;
}

macro_rules! actions {
    ($($(#[$meta:meta])* $name:ident = $text:literal;)+) => {$(
        $(#[$meta])*
        pub struct $name;
        impl Action for $name { const NAME: &'static str = $text; }
    )+};
}

actions! {
    View = "view";
    Create = "create";
    Edit = "edit";
    /// Archive and restore.
    Archive = "archive";
    Export = "export";
    Import = "import";
    /// Send mail in the workspace's name.
    SendMail = "send";
    /// Change how the resource works for everybody.
    Manage = "manage";
}

/// Says who may call a handler; `nexus routes` prints it.
pub trait Guard: FromRequest {
    fn audience() -> &'static str;
    fn permission() -> Option<(&'static str, &'static str)> {
        None
    }
}

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
        let team = |id| self.setup.person(id).map(|p| p.team.as_str());
        match (self.reach(resource, action), owner) {
            (None, _) => false,
            (Some(Reach::All), _) => true,
            (Some(_), Some(owner)) if owner == me => true,
            (Some(Reach::Team), Some(owner)) => team(owner)
                .is_some_and(|team_name| !team_name.is_empty() && team(me) == Some(team_name)),
            (Some(_), _) => false,
        }
    }

    /// The first page of the workspace that this member may see.
    pub fn home(&self) -> String {
        let navigation = &self.app.navigation;
        let first = navigation.first(|resource, action| self.may(resource, action));
        first.map_or_else(|| "/profile".to_owned(), |path| self.url(path))
    }

    /// `/w/acme` + `path`.
    pub fn url(&self, path: &str) -> String {
        format!("/w/{}{path}", self.membership.slug)
    }
}

pub struct Can<A, R> {
    pub member: Arc<Member>,
    pub scope: Scope,
    _proof: PhantomData<fn() -> (A, R)>,
}

impl<A: Action, R: Resource> Can<A, R> {
    /// Runs `work` in one transaction of this workspace, on a blocking thread.
    pub async fn tx<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.member.app.tx(self.subject(), work).await
    }

    pub fn subject(&self) -> Subject {
        Subject {
            workspace: self.member.membership.workspace_id,
            person: Some(self.member.person().id),
            scope: self.scope.clone(),
            origin: self.member.origin.clone(),
        }
    }

    pub fn me(&self) -> Uuid {
        self.member.person().id
    }
}

impl<A, R> std::ops::Deref for Can<A, R> {
    type Target = Member;
    fn deref(&self) -> &Member {
        &self.member
    }
}

impl<A: Action, R: Resource> Guard for Can<A, R> {
    fn audience() -> &'static str {
        "member"
    }
    fn permission() -> Option<(&'static str, &'static str)> {
        Some((R::NAME, A::NAME))
    }
}

type Extracting<T> = Pin<Box<dyn Future<Output = Result<T>>>>;

impl<A: Action, R: Resource> FromRequest for Can<A, R> {
    type Error = Error;
    type Future = Extracting<Self>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move { Can::admit(member_of(&req).await?, R::NAME).await })
    }
}

impl<A: Action, R> Can<A, R> {
    /// The proof, if the member has the right to do `A` with `resource`; the refusal is logged.
    pub(crate) async fn admit(member: Member, resource: &'static str) -> Result<Self> {
        let Some(reach) = member.reach(resource, A::NAME) else {
            member.denied(resource, A::NAME).await;
            return Err(Error::Forbidden(format!(
                "Your role ({}) does not include the right to {} {}. An admin of {} can grant it.",
                member.membership.role_name,
                A::NAME,
                resource.replace('_', " "),
                member.membership.workspace_name
            )));
        };
        let scope = member.scope_of(reach).await?;
        Ok(Can {
            member: Arc::new(member),
            scope,
            _proof: PhantomData,
        })
    }
}

impl Member {
    /// Which records that right reaches, or `None` where there is no such right.
    pub async fn scope(&self, resource: &str, action: &str) -> Result<Option<Scope>> {
        match self.reach(resource, action) {
            Some(reach) => Ok(Some(self.scope_of(reach).await?)),
            None => Ok(None),
        }
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

/// The people whose records a team-wide right reaches: everybody in my team, and me.
pub async fn team_of(app: &Arc<App>, workspace: Uuid, me: Uuid) -> Result<Vec<Uuid>> {
    use crate::schema::members;
    use diesel::prelude::*;
    let subject = Subject::machine(workspace, "");
    let people: Vec<Uuid> = app
        .tx(subject, move |tx| {
            let team: String = members::table
                .filter(members::person_id.eq(me))
                .select(members::team)
                .first(&mut **tx)?;
            if team.is_empty() {
                return Ok(vec![me]);
            }
            let people = members::table
                .filter(members::team.eq(team))
                .select(members::person_id);
            Ok(people.limit(1_000).load(&mut **tx)?)
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
    pub(super) async fn known(
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

pub fn app(req: &HttpRequest) -> Result<Arc<App>> {
    req.app_data::<web::Data<App>>()
        .map(|data| data.clone().into_inner())
        .ok_or_else(|| Error::internal("the application is not set up"))
}

/// Who holds the cookie, token or key that came with the request.
pub struct Holder {
    pub person: Uuid,
    /// An API key is good for one workspace.
    pub workspace: Option<Uuid>,
    pub scopes: Option<Vec<String>>,
    /// Since when an access token speaks for the person; a new password ends those from before.
    pub since: Option<DateTime<Utc>>,
    /// What a program's requests are counted by; a browser's are not.
    pub counted: Option<String>,
}

impl Holder {
    async fn identity(&self, req: &HttpRequest, app: &Arc<App>) -> Result<Arc<Identity>> {
        let identity = identity(app, self.person).await?.ok_or(Error::SignIn)?;
        let changed = identity.person.password_changed_at;
        if self.since.zip(changed).is_some_and(|(s, c)| s < c) {
            return Err(Error::SignIn);
        }
        req.extensions_mut().insert(Known(identity.clone()));
        Ok(identity)
    }
}

async fn holder(req: &HttpRequest, app: &Arc<App>) -> Result<Option<Holder>> {
    if let Some(bearer) = req
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.strip_prefix("Bearer "))
    {
        let holder = session::bearer(app, bearer.trim()).await?;
        if let Some(key) = holder.as_ref().and_then(|h| h.counted.as_deref()) {
            Counted::of(req).once(&app.limits, limits::API, key).await?;
        }
        return Ok(holder);
    }
    let person = req
        .get_session()
        .get::<Uuid>(session::PERSON)
        .ok()
        .flatten();
    Ok(person.map(|person| Holder {
        person,
        workspace: None,
        scopes: None,
        since: None,
        counted: None,
    }))
}

pub async fn identity(app: &Arc<App>, person: Uuid) -> Result<Option<Arc<Identity>>> {
    if let Some(known) = app.access.known(person) {
        return Ok(Some(known));
    }
    let app = app.clone();
    web::block(move || app.access.load(&app.pool, person)).await?
}

/// Anybody at all: sign-in, public forms, the health of the machine.
pub struct Public {
    pub app: Arc<App>,
    pub origin: Arc<Origin>,
    pub asked: Asked,
}

impl Guard for Public {
    fn audience() -> &'static str {
        "public"
    }
}

impl FromRequest for Public {
    type Error = Error;
    type Future = std::future::Ready<Result<Self>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(app(req).map(|app| Public {
            app,
            origin: request::origin(req, ""),
            asked: Asked::of(req),
        }))
    }
}

/// Somebody signed in, in no particular workspace: their profile, their devices, the choice of a workspace.
pub struct SignedIn {
    pub app: Arc<App>,
    pub identity: Arc<Identity>,
    pub origin: Arc<Origin>,
    pub asked: Asked,
}

impl SignedIn {
    /// The zone in which this person reads times: their own, else that of the first workspace.
    pub fn zone(&self) -> Tz {
        let first = self.identity.memberships.first();
        let theirs = self.identity.person.zone.as_deref();
        let zone = theirs.or(first.map(|(m, _)| m.zone.as_str()));
        clock::zone(zone.unwrap_or("UTC"))
    }
}

impl Guard for SignedIn {
    fn audience() -> &'static str {
        "signed-in"
    }
}

impl FromRequest for SignedIn {
    type Error = Error;
    type Future = Extracting<Self>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            let app = app(&req)?;
            let holder = holder(&req, &app).await?.ok_or(Error::SignIn)?;
            if holder.scopes.is_some() {
                return Err(Error::Forbidden(
                    "An API key belongs to a workspace, not to a profile.".into(),
                ));
            }
            let identity = holder.identity(&req, &app).await?;
            Who::tell(&req, holder.person, None);
            Ok(SignedIn {
                origin: request::origin(&req, &identity.person.name),
                asked: Asked::of(&req),
                app,
                identity,
            })
        })
    }
}

/// Whoever develops with this installation: sits at its machine, or is signed in. In production nobody does.
pub struct Developer(pub Public);

impl Guard for Developer {
    fn audience() -> &'static str {
        "development"
    }
}

impl FromRequest for Developer {
    type Error = Error;
    type Future = Extracting<Self>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            let public = Public::extract(&req).await?;
            if public.app.config.production {
                return Err(Error::NotFound);
            }
            let ip = request::client_ip(&req).parse::<std::net::IpAddr>();
            if !ip.is_ok_and(|ip| ip.is_loopback()) {
                SignedIn::extract(&req).await?;
            }
            Ok(Developer(public))
        })
    }
}

/// A machine of ours with the token for metrics; 503 where none is configured, 401 where it is wrong (IDN-12).
pub struct Machine {
    pub app: Arc<App>,
}

impl Guard for Machine {
    fn audience() -> &'static str {
        "machine"
    }
}

impl FromRequest for Machine {
    type Error = Error;
    type Future = std::future::Ready<Result<Self>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(machine(req))
    }
}

fn machine(req: &HttpRequest) -> Result<Machine> {
    use subtle::ConstantTimeEq;
    let app = app(req)?;
    let Some(expected) = &app.config.metrics_token else {
        return Err(Error::Unavailable(
            "METRICS_TOKEN is not configured.".into(),
        ));
    };
    let given = req
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.strip_prefix("Bearer "))
        .unwrap_or_default();
    if !bool::from(given.as_bytes().ct_eq(expected.as_bytes())) {
        // No way to sign in would help a machine, so it is not sent there.
        return Err(Error::Refused(
            StatusCode::UNAUTHORIZED,
            "The token is not the one that is configured.".into(),
        ));
    }
    Ok(Machine { app })
}
