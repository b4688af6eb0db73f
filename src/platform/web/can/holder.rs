//! Who holds the cookie, the token or the key that came with a request.

use std::sync::Arc;

use actix_session::SessionExt;
use actix_web::http::header;
use actix_web::{HttpMessage, HttpRequest, web};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::web::access::Identity;
use crate::web::app::App;
use crate::web::failure::Known;
use crate::web::limits::{self, Counted};
use crate::web::session;

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
    pub(super) async fn identity(
        &self,
        req: &HttpRequest,
        app: &Arc<App>,
    ) -> Result<Arc<Identity>> {
        let identity = identity(app, self.person).await?.ok_or(Error::SignIn)?;
        let changed = identity.person.password_changed_at;
        if self.since.zip(changed).is_some_and(|(s, c)| s < c) {
            return Err(Error::SignIn);
        }
        req.extensions_mut().insert(Known(identity.clone()));
        Ok(identity)
    }
}

pub(super) async fn holder(req: &HttpRequest, app: &Arc<App>) -> Result<Option<Holder>> {
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
