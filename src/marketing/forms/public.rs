//! The public side of a form: the page, and what it sends.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use diesel::prelude::*;
use hmac::{Hmac, Mac};
use platform::db::tx::Subject;
use platform::error::FieldError;
use platform::records::Editable;
use platform::schema::{public_links, workspaces};
use platform::web::limits::PUBLIC_FORM;
use platform::web::shell::WorkspaceRef;
use platform::web::{App, Page, Public, form, request};
use platform::{Error, Result, clock};
use serde::Serialize;
use sha2::Sha256;
use std::sync::Arc;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::definition::Question;
use super::form::WebForm;
use super::submission::{Answers, Source};

/// Nobody reads and fills in a form faster than this; programs do.
const FASTEST_SECONDS: i64 = 2;
const LONGEST_SECONDS: i64 = 24 * 60 * 60;
/// A field that people don't see and programs fill in.
const HONEYPOT: &str = "homepage";

#[derive(Template, Serialize)]
#[template(path = "marketing/forms/public.html")]
struct Show {
    #[serde(skip)]
    form: WebForm,
    #[serde(skip)]
    questions: Vec<Question>,
    #[serde(skip)]
    answers: Answers,
    errors: Vec<FieldError>,
    #[serde(skip)]
    token: String,
    /// What there is to say instead of asking.
    said: Option<String>,
}

impl Page for Show {
    fn title(&self) -> String {
        self.form.name.clone()
    }
}

impl Show {
    fn picked(&self, i: &usize, option: &str) -> bool {
        self.answers.get(i) == option
    }

    /// Of the question that a problem is about.
    fn label(&self, field: &str) -> Option<&str> {
        let i: usize = field.strip_prefix('f')?.parse().ok()?;
        self.questions.get(i).map(|q| q.label.as_str())
    }
    fn error(&self, i: &usize) -> Option<&str> {
        let name = format!("f{i}");
        self.errors
            .iter()
            .find(|e| e.field == name)
            .map(|e| e.message.as_str())
    }
}

/// A published form with its workspace, found by its public address alone.
struct Opened {
    form: WebForm,
    workspace: Uuid,
    brand: WorkspaceRef,
}

async fn opened(app: &Arc<App>, id: Uuid) -> Result<Opened> {
    let (workspace, brand) = app
        .directory(move |conn| {
            let workspace: Uuid = public_links::table
                .find(format!("forms/{id}"))
                .select(public_links::workspace_id)
                .first(conn)?;
            let (name, slug, accent): (String, String, Option<String>) = workspaces::table
                .find(workspace)
                .filter(workspaces::blocked_at.is_null())
                .select((workspaces::name, workspaces::slug, workspaces::accent))
                .first(conn)?;
            let logo = None;
            Ok((
                workspace,
                WorkspaceRef {
                    name,
                    slug,
                    accent,
                    logo,
                },
            ))
        })
        .await?;
    let form = app
        .tx(Subject::machine(workspace, "Form"), move |tx| {
            WebForm::find(tx, id)
        })
        .await?;
    if form.archived_at.is_some() {
        return Err(Error::NotFound);
    }
    Ok(Opened {
        form,
        workspace,
        brand,
    })
}

fn answer(
    public: &Public,
    status: StatusCode,
    brand: WorkspaceRef,
    page: Show,
) -> Result<HttpResponse> {
    let mut response = public.branded(status, brand, page)?;
    // Other sites may show it in a frame; the middleware turns this into the policy that lets them.
    response.headers_mut().insert(
        actix_web::http::header::HeaderName::from_static("x-nexus-embeddable"),
        actix_web::http::header::HeaderValue::from_static("1"),
    );
    Ok(response)
}

pub async fn show(public: Public, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let Opened { form, brand, .. } = opened(&public.app, id.into_inner()).await?;
    let said =
        (!form.takes_answers(clock::now())).then(|| "This form takes no more answers.".to_owned());
    let page = Show {
        questions: form.questions(),
        token: token(&public.app, form.id, clock::now().timestamp()),
        answers: Answers::default(),
        errors: Vec::new(),
        said,
        form,
    };
    answer(&public, StatusCode::OK, brand, page)
}

pub async fn submit(
    public: Public,
    id: web::Path<Uuid>,
    req: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse> {
    let ip = request::client_ip(&req);
    public.app.limits.check(PUBLIC_FORM, &ip).await?;
    let typed = form::body(&req, payload.into_inner()).await?;
    let Opened {
        form,
        workspace,
        brand,
    } = opened(&public.app, id.into_inner()).await?;
    let text = |name: &str| typed.get(name).and_then(|v| v.as_str()).unwrap_or_default();
    let questions = form.questions();
    let answers = Answers::read(&questions, &typed);
    let mut errors = answers.problems(&questions);
    match age(&public.app, form.id, text("token")) {
        Some(age) if (FASTEST_SECONDS..LONGEST_SECONDS).contains(&age) => {}
        Some(age) if age < FASTEST_SECONDS => {
            errors.push(again("That was very quick. Please send it once more."))
        }
        _ => errors.push(again(
            "This page was open for too long. Please send it once more.",
        )),
    }
    let mut page = Show {
        token: token(&public.app, form.id, clock::now().timestamp()),
        said: None,
        questions,
        answers,
        errors,
        form,
    };
    if !page.errors.is_empty() {
        if public.asked.json() {
            return Err(Error::Invalid(page.errors));
        }
        // The new token must not make the person wait again.
        page.token = token(
            &public.app,
            page.form.id,
            clock::now().timestamp() - FASTEST_SECONDS,
        );
        return answer(&public, StatusCode::UNPROCESSABLE_ENTITY, brand, page);
    }
    // A program that fell for the honeypot is thanked like everybody else, so that it learns nothing.
    if text(HONEYPOT).is_empty() {
        let source = Source {
            ip,
            referrer: req
                .headers()
                .get("referer")
                .and_then(|v| v.to_str().ok())
                .map(|v| v.chars().take(500).collect())
                .unwrap_or_default(),
        };
        let (form, questions, answers) = (
            page.form.clone(),
            page.questions.clone(),
            page.answers.clone(),
        );
        let subject = Subject::machine(workspace, &format!("Form {}", form.name));
        public
            .app
            .tx(subject, move |tx| {
                form.submit(tx, &questions, &answers, &source)
            })
            .await?;
    }
    if let Some(url) = &page.form.redirect_url {
        return Ok(HttpResponse::SeeOther()
            .insert_header(("location", url.as_str()))
            .finish());
    }
    if public.asked.json() {
        page.said = Some(page.form.thanks.clone());
        return answer(&public, StatusCode::OK, brand, page);
    }
    // On to a page of its own: who reloads that sends nothing again.
    Ok(HttpResponse::SeeOther()
        .insert_header(("location", format!("/forms/{}/thanks", page.form.id)))
        .finish())
}

/// What somebody sees who has sent the form.
pub async fn thanks(public: Public, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let Opened { form, brand, .. } = opened(&public.app, id.into_inner()).await?;
    let page = Show {
        questions: Vec::new(),
        token: String::new(),
        answers: Answers::default(),
        errors: Vec::new(),
        said: Some(form.thanks.clone()),
        form,
    };
    answer(&public, StatusCode::OK, brand, page)
}

fn again(message: &str) -> FieldError {
    FieldError {
        field: "token".into(),
        message: message.into(),
    }
}

fn mac(app: &App, form: Uuid, at: i64) -> Vec<u8> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&app.config.key("public-form")) else {
        unreachable!("HMAC takes keys of any length");
    };
    mac.update(form.as_bytes());
    mac.update(&at.to_be_bytes());
    mac.finalize().into_bytes()[..16].to_vec()
}

/// When the page was made, signed.
fn token(app: &App, form: Uuid, at: i64) -> String {
    format!("{at}.{}", hex::encode(mac(app, form, at)))
}

/// Seconds since the page was made; `None` where the token is not ours.
fn age(app: &App, form: Uuid, token: &str) -> Option<i64> {
    let (at, tag) = token.split_once('.')?;
    let at: i64 = at.parse().ok()?;
    let tag = hex::decode(tag).ok()?;
    bool::from(mac(app, form, at).ct_eq(&tag)).then(|| clock::now().timestamp() - at)
}
