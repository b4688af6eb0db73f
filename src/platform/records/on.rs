//! Guards for what hangs on any record: the kind of record in the URL says which right is needed.

use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use uuid::Uuid;

use super::Card;
use super::kinds::Kind;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::web::can::{self, Action, Can, Guard, Resource};

/// Any kind of record.
pub struct AnyRecord;

impl Resource for AnyRecord {
    const NAME: &'static str = "{kind}";
}

/// The right to do `A` with records of the kind that the URL names (`/records/{kind}/…`).
pub struct OfKind<A> {
    can: Can<A, AnyRecord>,
    pub kind: Kind,
}

impl<A> Deref for OfKind<A> {
    type Target = Can<A, AnyRecord>;
    fn deref(&self) -> &Can<A, AnyRecord> {
        &self.can
    }
}

impl<A: Action> Guard for OfKind<A> {
    fn audience() -> &'static str {
        "member"
    }
    fn permission() -> Option<(&'static str, &'static str)> {
        Some((AnyRecord::NAME, A::NAME))
    }
}

type Extracting<T> = Pin<Box<dyn Future<Output = Result<T>>>>;

impl<A: Action> FromRequest for OfKind<A> {
    type Error = Error;
    type Future = Extracting<Self>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            let member = can::member_of(&req).await?;
            let name = req.match_info().get("kind").unwrap_or_default();
            let kind = *member.app.kinds.get(name).ok_or(Error::NotFound)?;
            let can = Can::admit(member, kind.resource()).await?;
            Ok(OfKind { can, kind })
        })
    }
}

/// The right to do `A` with the record that the URL names (`/records/{kind}/{id}/…`).
pub struct OnRecord<A> {
    of: OfKind<A>,
    pub id: Uuid,
}

impl<A> Deref for OnRecord<A> {
    type Target = OfKind<A>;
    fn deref(&self) -> &OfKind<A> {
        &self.of
    }
}

impl<A: Action> Guard for OnRecord<A> {
    fn audience() -> &'static str {
        "member"
    }
    fn permission() -> Option<(&'static str, &'static str)> {
        Some((AnyRecord::NAME, A::NAME))
    }
}

impl<A: Action> FromRequest for OnRecord<A> {
    type Error = Error;
    type Future = Extracting<Self>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let id = req.match_info().get("id").and_then(|id| id.parse().ok());
        let of = OfKind::from_request(req, payload);
        Box::pin(async move {
            let of = of.await?;
            Ok(OnRecord {
                of,
                id: id.ok_or(Error::NotFound)?,
            })
        })
    }
}

impl<A: Action> OnRecord<A> {
    /// Runs `work` on the record, if it is one that this member may see.
    pub async fn record<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx, Card) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (kind, id) = (self.kind.name, self.id);
        self.tx(move |tx| {
            let card = Card::find(tx, kind, id)?;
            work(tx, card)
        })
        .await
    }

    /// The record's own page.
    pub fn page_url(&self) -> String {
        self.member
            .url(&format!("/{}/{}", self.kind.collection, self.id))
    }
}
