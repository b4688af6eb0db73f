//! Who asked for a piece of work, with the rights that they have when it is done.

use std::sync::Arc;

use uuid::Uuid;

use super::{Door, State, Work};
use crate::db::tx::Subject;
use crate::db::{Origin, Scope};
use crate::error::{Error, Result};
use crate::jobs::JobContext;
use crate::records::kinds::Kind;
use crate::records::setup::{Setup, Setups};
use crate::web::access::Reach;
use crate::web::can::{self, Member};

#[derive(Clone)]
pub struct Asker {
    pub door: Door,
    pub subject: Subject,
    pub setup: Arc<Setup>,
    pub kind: Kind,
    pub slug: String,
    pub me: Uuid,
}

impl Asker {
    /// Somebody whose request it is, and whose right was looked at already.
    pub fn here(member: &Member, subject: Subject, kind: Kind) -> Asker {
        Asker {
            door: Door::Request(member.app.clone()),
            subject,
            setup: member.setup.clone(),
            kind,
            slug: member.membership.slug.clone(),
            me: member.person().id,
        }
    }

    /// Takes up the work `id` for whoever asked for it; `None` where there is nothing to do any more. `action` is the
    /// right that it needs.
    pub async fn of(
        ctx: &JobContext,
        id: Uuid,
        state: State,
        action: impl FnOnce(&Work) -> Result<&'static str>,
    ) -> Result<Option<(Asker, Work)>> {
        let work = ctx.tx(move |tx| Work::at_work(tx, id, state)).await?;
        let Some(work) = work else {
            return Ok(None);
        };
        let (app, machine) = (&ctx.app, ctx.subject()?);
        let kind = *app.kinds.get(&work.record_kind).ok_or(Error::NotFound)?;
        let action = action(&work)?;
        let identity = can::identity(app, work.person_id).await?;
        let member = identity.as_ref().and_then(|identity| {
            let mut all = identity.memberships.iter();
            all.find(|(m, _)| m.workspace_id == machine.workspace)
        });
        let reach = member.and_then(|(_, matrix)| matrix.reach(kind.resource(), action));
        let (Some(identity), Some((membership, _)), Some(reach)) = (&identity, member, reach)
        else {
            let sentence = format!("The right to {action} {} was taken away.", kind.plural);
            let failed = work.clone();
            ctx.tx(move |tx| failed.fail(tx, &sentence)).await?;
            return Ok(None);
        };
        let scope = match reach {
            Reach::All => Scope::All,
            Reach::Own => Scope::Owners(vec![work.person_id]),
            Reach::Team => {
                Scope::Owners(can::team_of(app, machine.workspace, work.person_id).await?)
            }
        };
        let origin = Origin {
            name: identity.person.name.clone(),
            ..(*machine.origin).clone()
        };
        let asker = Asker {
            door: Door::Job(ctx.clone()),
            subject: Subject {
                workspace: machine.workspace,
                person: Some(work.person_id),
                scope,
                origin: Arc::new(origin),
                reads: false,
            },
            setup: Setups::of(app, machine.workspace).await?,
            kind,
            slug: membership.slug.clone(),
            me: work.person_id,
        };
        Ok(Some((asker, work)))
    }

    /// Runs `work` in the person's name.
    pub async fn tx<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut crate::db::Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.door.tx(self.subject.clone(), work).await
    }

    /// The bell as it is now, rung for the person.
    pub async fn ring(&self) {
        let (app, workspace, me) = (self.door.app(), self.subject.workspace, self.me);
        let unread = self.tx(move |tx| crate::live::unread(tx, me)).await;
        if let Ok(unread) = unread {
            let bell = crate::live::bell(unread);
            app.dispatcher
                .tell(app, workspace, &format!("me:{me}"), bell);
        }
    }
}
