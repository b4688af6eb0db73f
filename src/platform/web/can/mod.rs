//! Guards: the first argument of every handler, which says who may call it.
//!
//! `Can<Edit, Contact>` is proof of the right `contacts.edit` and the only door to the workspace's rows. A stranger
//! gets 404 and a member without the right 403 before the handler's body runs.

mod holder;
mod member;
mod others;

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use uuid::Uuid;

use crate::db::tx::Subject;
use crate::db::{Scope, Tx};
use crate::error::{Error, Result};

pub use holder::{Holder, app, identity};
pub(crate) use member::member_of;
pub use member::{Member, team_of};
pub use others::{Developer, Machine, Public, SignedIn};

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

pub struct Can<A, R> {
    pub member: Arc<Member>,
    pub scope: Scope,
    _proof: PhantomData<fn() -> (A, R)>,
}

impl<A: Action, R: Resource> Can<A, R> {
    /// Runs `work` in one transaction of this workspace, on a blocking thread. A safe request only looks.
    pub async fn tx<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.member.app.tx(self.subject(), work).await
    }

    /// The same for a safe request that leaves a mark all the same: what was read, or taken out.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let subject = Subject {
            reads: false,
            ..self.subject()
        };
        self.member.app.tx(subject, work).await
    }

    pub fn subject(&self) -> Subject {
        Subject {
            workspace: self.member.membership.workspace_id,
            person: Some(self.member.person().id),
            scope: self.scope.clone(),
            origin: self.member.origin.clone(),
            reads: self.member.asked.reads,
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
        let scope = member.admitted(resource, A::NAME).await?;
        Ok(Can {
            member: Arc::new(member),
            scope,
            _proof: PhantomData,
        })
    }
}
