//! Changing one's own password.

use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use platform::web::limits::CONFIRM;
use platform::web::session::DEVICE;
use platform::web::{Crumb, Form, Page, SignedIn, Toast, View, page};
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use crate::identity::passwords::{password, rules};
use crate::identity::sessions::{self, Outcome};

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct PasswordChange {
    #[serde(skip_serializing)]
    #[validate(length(min = 1, max = 1000))]
    current: String,
    #[serde(skip_serializing)]
    #[validate(length(min = 1, max = 1000))]
    password: String,
    #[serde(skip_serializing)]
    #[validate(must_match(other = "password", message = "The two passwords differ."))]
    again: String,
}

#[derive(Template, Serialize)]
#[template(path = "identity/profile/password.html")]
struct Edit {
    form: Form<PasswordChange>,
    #[serde(skip)]
    email: String,
}

impl Page for Edit {
    fn title(&self) -> String {
        "Password".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        super::crumbs("Password")
    }
}

impl Edit {
    fn help(&self) -> &'static str {
        rules::HELP
    }
}

pub async fn edit(who: SignedIn) -> Result<HttpResponse> {
    who.page(Edit {
        form: Form::of(PasswordChange::default()),
        email: who.identity.person.email.clone(),
    })
}

pub async fn update(
    who: SignedIn,
    session: Session,
    mut form: Form<PasswordChange>,
) -> Result<HttpResponse> {
    let person = who.identity.person.clone();
    if form.is_valid()
        && let Some(problem) =
            password::problem(&who.app, &form.data.password, &person.email, &person.name).await
    {
        form.refuse("password", problem);
    }
    if form.is_valid() {
        let key = person.id.to_string();
        who.app.limits.check(CONFIRM, &key).await?;
        let current = form.data.current.clone();
        if sessions::verify(&who.app, person.id, current).await? {
            who.app.limits.clear(CONFIRM, &key).await;
        } else {
            form.refuse("current", "This is not your password.");
        }
    }
    if !form.is_valid() {
        if who.asked.json() {
            form.valid()?;
            return Err(Error::NotFound);
        }
        let email = person.email;
        return who.page_with(StatusCode::UNPROCESSABLE_ENTITY, Edit { form, email });
    }
    let hash = password::hash(form.data.password).await?;
    let kept = session.get::<Uuid>(DEVICE).ok().flatten();
    let origin = who.origin.clone();
    let done = Outcome::PasswordChanged;
    who.app
        .directory(move |conn| password::set(conn, person.id, &hash, kept, done, &origin))
        .await?;
    who.app.sessions.forget();
    who.app.access.forget();
    if who.asked.json() {
        return Ok(HttpResponse::NoContent().finish());
    }
    let toast = Toast::done("Your password is changed; every other device is signed out.");
    page::redirect(&who.app, "/profile/password", Some(toast))
}
