//! The way back in for those who lost their password, and the way in for those who never had one.

use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use diesel::prelude::*;
use platform::schema::people;
use platform::web::limits::{RESET, RESET_ADDRESS};
use platform::web::{Form, Page, Public, Toast, View, page};
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use super::mail::{self, SendReset};
use super::token::{self, Holder, Purpose};
use super::{password, rules};
use crate::identity::sessions::Outcome;

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct Forgotten {
    #[validate(email, length(max = 254))]
    email: String,
}

#[derive(Template, Serialize)]
#[template(path = "identity/passwords/new.html")]
struct New {
    form: Form<Forgotten>,
}

impl Page for New {
    fn title(&self) -> String {
        "Reset your password".into()
    }
}

/// The same whether there is such an account or not.
#[derive(Template, Serialize)]
#[template(path = "identity/passwords/sent.html")]
struct Sent {
    email: String,
}

impl Page for Sent {
    fn title(&self) -> String {
        "Look into your mail".into()
    }
}

pub async fn new(public: Public) -> Result<HttpResponse> {
    let form = Form::of(Forgotten::default());
    public.page(New { form })
}

pub async fn create(public: Public, form: Form<Forgotten>) -> Result<HttpResponse> {
    if !form.is_valid() {
        if public.asked.json() {
            form.valid()?;
            return Err(Error::NotFound);
        }
        return public.page_with(StatusCode::UNPROCESSABLE_ENTITY, New { form });
    }
    let email = form.data.email.trim().to_lowercase();
    let ip = public.origin.ip.as_deref().unwrap_or_default();
    public.app.limits.check(RESET_ADDRESS, ip).await?;
    public.app.limits.check(RESET, &email).await?;
    let wanted = email.clone();
    let person: Option<Uuid> = public
        .app
        .directory(move |conn| {
            let enabled = people::table.filter(people::disabled_at.is_null());
            Ok(enabled
                .filter(people::email.eq(wanted))
                .select(people::id)
                .first(conn)
                .optional()?)
        })
        .await?;
    // A job for nobody takes as long to promise as one for somebody.
    let person = person.unwrap_or_else(Uuid::now_v7);
    mail::promise(&public.app, SendReset { person }).await?;
    public.page(Sent { email })
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct NewPassword {
    #[serde(skip_serializing)]
    #[validate(length(min = 1, max = 1000))]
    password: String,
    #[serde(skip_serializing)]
    #[validate(must_match(other = "password", message = "The two passwords differ."))]
    again: String,
}

#[derive(Template, Serialize)]
#[template(path = "identity/passwords/edit.html")]
struct Edit {
    form: Form<NewPassword>,
    #[serde(skip)]
    holder: Holder,
    #[serde(skip)]
    action: String,
}

impl Page for Edit {
    fn title(&self) -> String {
        match self.holder.purpose {
            Purpose::Reset => "Choose a new password".into(),
            Purpose::Invite => format!("Welcome, {}", self.holder.name),
        }
    }
}

impl Edit {
    fn help(&self) -> &'static str {
        rules::HELP
    }
}

/// A link that was used, is too old, or never was.
#[derive(Template, Serialize)]
#[template(path = "identity/passwords/gone.html")]
struct Gone {}

impl Page for Gone {
    fn title(&self) -> String {
        "This link no longer works".into()
    }
}

fn gone(public: &Public) -> Result<HttpResponse> {
    if public.asked.json() {
        return Err(Error::NotFound);
    }
    public.page_with(StatusCode::NOT_FOUND, Gone {})
}

async fn held(public: &Public, token: &str) -> Result<Option<Holder>> {
    let token = token.to_owned();
    public
        .app
        .directory(move |conn| token::holder(conn, &token))
        .await
}

pub async fn edit(public: Public, token: web::Path<String>) -> Result<HttpResponse> {
    match held(&public, &token).await? {
        None => gone(&public),
        Some(holder) => public.page(Edit {
            form: Form::of(NewPassword::default()),
            holder,
            action: public.asked.path.clone(),
        }),
    }
}

pub async fn update(
    public: Public,
    session: Session,
    token: web::Path<String>,
    mut form: Form<NewPassword>,
) -> Result<HttpResponse> {
    let Some(holder) = held(&public, &token).await? else {
        return gone(&public);
    };
    if form.is_valid()
        && let Some(problem) = password::problem(
            &public.app,
            &form.data.password,
            &holder.email,
            &holder.name,
        )
        .await
    {
        form.refuse("password", problem);
    }
    if !form.is_valid() {
        if public.asked.json() {
            form.valid()?;
            return gone(&public);
        }
        let action = public.asked.path.clone();
        let page = Edit {
            form,
            holder,
            action,
        };
        return public.page_with(StatusCode::UNPROCESSABLE_ENTITY, page);
    }
    let hash = password::hash(form.data.password).await?;
    let (token, origin) = (token.into_inner(), public.origin.clone());
    let outcome = match holder.purpose {
        Purpose::Reset => Outcome::PasswordReset,
        Purpose::Invite => Outcome::Joined,
    };
    let spent = public
        .app
        .directory(move |conn| {
            if !token::spend(conn, &token)? {
                return Ok(false);
            }
            password::set(conn, holder.person, &hash, None, outcome, &origin)?;
            Ok(true)
        })
        .await?;
    if !spent {
        return gone(&public);
    }
    public.app.sessions.forget();
    public.app.access.forget();
    session.purge();
    let toast = Toast::done("Your password is set. Sign in with it.");
    page::redirect(&public.app, "/login", Some(toast))
}
