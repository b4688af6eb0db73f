//! The sign-in page, and tokens for programs.

use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use platform::web::session::{self, AGENT, IP, PERSON};
use platform::web::{Form, Page, Public, SignedIn, View, page};
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use validator::Validate;

use super::credentials::{self, Credentials};

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
    if let [(only, _)] = who.identity.memberships.as_slice() {
        return page::redirect(&who.app, &format!("/w/{}", only.slug), None);
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
    mut form: Form<Credentials>,
) -> Result<HttpResponse> {
    if form.is_valid() {
        if let Some(person) = form.data.check(&public.app, &public.origin).await? {
            // A new key, so that a cookie planted before does not become this person's.
            session.renew();
            let remember = |key: &str, text: &Option<String>| {
                session.insert(key, text.as_deref().unwrap_or_default())
            };
            session.insert(PERSON, person).map_err(Error::internal)?;
            remember(IP, &public.origin.ip).map_err(Error::internal)?;
            remember(AGENT, &public.origin.user_agent).map_err(Error::internal)?;
            if public.asked.json() {
                return Ok(HttpResponse::NoContent().finish());
            }
            let next = &form.data.next;
            let within = next.starts_with('/')
                && !next.starts_with("//")
                && !next.contains(['\\', '\r', '\n']);
            return page::redirect(&public.app, if within { next } else { "/" }, None);
        }
        form.refuse(
            "email",
            "This e-mail address and password don't belong together.",
        );
    }
    if public.asked.json() {
        return Err(form.valid().err().unwrap_or(Error::SignIn));
    }
    public.page_with(StatusCode::UNPROCESSABLE_ENTITY, New { form, demo: false })
}

pub async fn destroy(public: Public, session: Session) -> Result<HttpResponse> {
    session.purge();
    page::redirect(&public.app, "/login", None)
}

#[derive(Serialize)]
struct Tokens {
    access_token: String,
    refresh_token: String,
    token_type: &'static str,
    expires_in: i64,
}

pub async fn token(public: Public, form: Form<Credentials>) -> Result<HttpResponse> {
    let credentials = form.valid()?;
    let person = credentials
        .check(&public.app, &public.origin)
        .await?
        .ok_or(Error::SignIn)?;
    let refresh_token = public
        .app
        .directory(move |conn| credentials::issue_refresh(conn, person, None))
        .await?;
    answer(&public, person, refresh_token)
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
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
    let (person, refresh_token) = rotated.ok_or(Error::SignIn)?;
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
