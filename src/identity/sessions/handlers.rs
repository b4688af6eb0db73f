//! The sign-in page, and tokens for programs.

use actix_session::Session;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, web};
use askama::Template;
use platform::web::session::{self, PERSON};
use platform::web::{Form, Page, Public, SignedIn, View, page};
use platform::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use validator::Validate;

use super::credentials::{self, Credentials};
use super::journal::{self, Outcome};

#[derive(Template, Serialize)]
#[template(path = "identity/sessions/new.html")]
struct New {
    form: Form<Credentials>,
    demo: bool,
}

impl Page for New {
    fn title(&self) -> String {
        "Sign in".into()
    }
}

/// The start: the one workspace there is, or the choice of one.
#[derive(Template, Serialize)]
#[template(path = "identity/sessions/start.html")]
struct Start {
    workspaces: Vec<(String, String, String)>,
}

impl Page for Start {
    fn title(&self) -> String {
        "Workspaces".into()
    }
}

pub async fn start(who: SignedIn) -> Result<HttpResponse> {
    if let [(only, permissions)] = who.identity.memberships.as_slice() {
        let may = |resource: &str, action: &str| permissions.reach(resource, action).is_some();
        if let Some(path) = who.app.navigation.first(may) {
            return page::redirect(&who.app, &format!("/w/{}{path}", only.slug), None);
        }
    }
    let all = who.identity.memberships.iter();
    let workspaces = all
        .map(|(m, _)| {
            (
                m.slug.clone(),
                m.workspace_name.clone(),
                m.role_name.clone(),
            )
        })
        .collect();
    who.page(Start { workspaces })
}

#[derive(Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
}

pub async fn new(public: Public, query: web::Query<Next>) -> Result<HttpResponse> {
    let form = Form::of(Credentials {
        next: query.into_inner().next,
        ..Credentials::default()
    });
    let demo = public.app.config.database == platform::db::Database::Embedded
        && !public.app.config.production;
    public.page(New { form, demo })
}

pub async fn create(
    public: Public,
    session: Session,
    form: Form<Credentials>,
) -> Result<HttpResponse> {
    if !form.is_valid() {
        return again(public, form, Error::SignIn);
    }
    match form.data.check(&public.app, &public.origin).await {
        Ok(Some(person)) => {
            session::sign_in(&session, person, &public.origin)?;
            welcome(&public, &form.data.next)
        }
        Ok(None) => again(public, form, unauthorised(MISMATCH)),
        Err(error @ Error::TooMany { .. }) => again(public, form, error),
        Err(error) => Err(error),
    }
}

fn welcome(public: &Public, next: &str) -> Result<HttpResponse> {
    if public.asked.json() {
        return Ok(HttpResponse::NoContent().finish());
    }
    let within =
        next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n']);
    page::redirect(&public.app, if within { next } else { "/" }, None)
}

/// The form once more, with why it was not enough.
fn again(public: Public, mut form: Form<Credentials>, refusal: Error) -> Result<HttpResponse> {
    if public.asked.json() {
        return Err(form.valid().err().unwrap_or(refusal));
    }
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    let mut wait = None;
    if let Error::TooMany { retry_after } = refusal {
        status = StatusCode::TOO_MANY_REQUESTS;
        wait = Some(retry_after);
        let wait = match retry_after.div_ceil(60) {
            1 => "a minute".to_owned(),
            minutes => format!("{minutes} minutes"),
        };
        form.refuse(
            "email",
            format!("Too many tries: the next one is possible in {wait}. A forgotten password can be reset at once."),
        );
    } else if form.is_valid() {
        form.refuse("email", MISMATCH);
    }
    let mut response = public.page_with(status, New { form, demo: false })?;
    if let Some(seconds) = wait {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.into());
    }
    Ok(response)
}

pub async fn destroy(public: Public, session: Session) -> Result<HttpResponse> {
    if let Ok(Some(person)) = session.get::<uuid::Uuid>(PERSON) {
        let origin = public.origin.clone();
        public
            .app
            .directory(move |conn| journal::log_of(conn, person, Outcome::SignedOut, &origin))
            .await?;
    }
    session.purge();
    page::redirect(&public.app, "/login", None)
}

const MISMATCH: &str = "This e-mail address and password don't belong together.";

fn unauthorised(words: &str) -> Error {
    Error::Refused(StatusCode::UNAUTHORIZED, words.into())
}

#[derive(Serialize, JsonSchema)]
pub struct Tokens {
    /// Good for fifteen minutes, as `Authorization: Bearer …`.
    access_token: String,
    /// Good once, for the next pair; one that comes twice ends all that came of it.
    refresh_token: String,
    token_type: &'static str,
    /// Seconds that the access token lives.
    expires_in: i64,
}

pub async fn token(public: Public, form: Form<Credentials>) -> Result<HttpResponse> {
    let credentials = form.valid()?;
    let person = credentials
        .check(&public.app, &public.origin)
        .await?
        .ok_or_else(|| unauthorised(MISMATCH))?;
    let refresh_token = public
        .app
        .directory(move |conn| credentials::issue_refresh(conn, person, None))
        .await?;
    answer(&public, person, refresh_token)
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate, JsonSchema)]
#[serde(default)]
pub struct Refresh {
    #[validate(length(min = 1, max = 200))]
    refresh_token: String,
}

pub async fn refresh(public: Public, form: Form<Refresh>) -> Result<HttpResponse> {
    let token = form.valid()?.refresh_token;
    let rotated = public
        .app
        .directory(move |conn| credentials::rotate_refresh(conn, &token))
        .await?;
    let (person, refresh_token) = rotated.ok_or_else(|| {
        unauthorised("This refresh token is not, or no longer, good for anything.")
    })?;
    answer(&public, person, refresh_token)
}

fn answer(public: &Public, person: uuid::Uuid, refresh_token: String) -> Result<HttpResponse> {
    let (access_token, expires_in) = session::access_token(&public.app.config, person)?;
    Ok(HttpResponse::Ok()
        .insert_header(("cache-control", "no-store"))
        .json(Tokens {
            access_token,
            refresh_token,
            token_type: "Bearer",
            expires_in,
        }))
}
