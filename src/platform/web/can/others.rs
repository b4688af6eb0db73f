//! The guards of what belongs to no workspace.

use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpRequest};
use chrono_tz::Tz;

use super::holder::{app, holder};
use super::{Extracting, Guard};
use crate::clock;
use crate::db::Origin;
use crate::error::{Error, Result};
use crate::web::access::Identity;
use crate::web::app::App;
use crate::web::request::{self, Asked, Who};

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
