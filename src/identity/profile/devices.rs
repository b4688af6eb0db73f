//! Where one is signed in, and how to end it.

use actix_session::Session;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono_tz::Tz;
use platform::web::session::DEVICE;
use platform::web::{Crumb, Page, SignedIn, Toast, View, filters, page};
use platform::{Error, Result};
use serde::Serialize;
use uuid::Uuid;

use crate::identity::sessions::{self, Device, Outcome};

#[derive(Template, Serialize)]
#[template(path = "identity/profile/devices.html")]
struct Index {
    items: Vec<Device>,
    current: Option<Uuid>,
    #[serde(skip)]
    zone: Tz,
}

impl Page for Index {
    fn title(&self) -> String {
        "Devices".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        super::crumbs("Devices")
    }
}

impl Index {
    fn is_current(&self, device: &Device) -> bool {
        self.current == Some(device.id)
    }
    fn has_others(&self) -> bool {
        self.items.iter().any(|device| !self.is_current(device))
    }
    fn url(&self, device: &Device) -> String {
        format!("/profile/devices/{}", device.id)
    }
}

fn current(session: &Session) -> Option<Uuid> {
    session.get::<Uuid>(DEVICE).ok().flatten()
}

pub async fn index(who: SignedIn, session: Session) -> Result<HttpResponse> {
    let me = who.identity.person.id;
    let items = who.app.directory(move |conn| Device::of(conn, me)).await?;
    who.page(Index {
        items,
        current: current(&session),
        zone: who.zone(),
    })
}

pub async fn destroy(who: SignedIn, session: Session, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let (me, id, origin) = (who.identity.person.id, *id, who.origin.clone());
    let ended = who
        .app
        .directory(move |conn| {
            let ended = Device::end(conn, me, id)?;
            if ended {
                sessions::log_of(conn, me, Outcome::DevicesRevoked, &origin)?;
            }
            Ok(ended)
        })
        .await?;
    who.app.sessions.forget();
    if !ended {
        return Err(Error::NotFound);
    }
    if current(&session) == Some(id) {
        session.purge();
    }
    done(&who, "That device is signed out.")
}

pub async fn destroy_others(who: SignedIn, session: Session) -> Result<HttpResponse> {
    let (me, origin) = (who.identity.person.id, who.origin.clone());
    let kept = current(&session);
    who.app
        .directory(move |conn| {
            sessions::end_all(conn, me, kept)?;
            sessions::log_of(conn, me, Outcome::DevicesRevoked, &origin)
        })
        .await?;
    who.app.sessions.forget();
    done(&who, "Every other device is signed out.")
}

fn done(who: &SignedIn, text: &str) -> Result<HttpResponse> {
    if who.asked.json() {
        return Ok(HttpResponse::NoContent().finish());
    }
    page::redirect(&who.app, "/profile/devices", Some(Toast::done(text)))
}
