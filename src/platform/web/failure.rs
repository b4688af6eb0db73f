//! Errors as this request wants them: a problem document, a toast, or a page in the shell that the reader was in.

use std::sync::Arc;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{self, HeaderName};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError};
use askama::Template;
use serde::Serialize;

use super::access::Identity;
use super::can::{Member, SignedIn};
use super::link;
use super::middleware::secure;
use super::request::{Asked, Wanted};
use super::shell::{self, Auth, Crumb, Frame, PublicPage, Writing, framed};
use crate::error::{Error, FieldError};

/// What is known of a request before it is handled, for when its handling fails.
#[derive(Clone)]
pub(super) struct About {
    pub asked: Asked,
    pub id: String,
    pub method: Method,
}

/// An error with the answer that fits its request.
#[derive(Debug)]
pub(super) struct Failure {
    status: StatusCode,
    body: String,
    content_type: &'static str,
    retry_after: Option<u64>,
    location: Option<String>,
    refresh: bool,
    id: String,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.status)
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        response.content_type(self.content_type);
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        if let Some(location) = &self.location {
            let name = if self.refresh {
                HeaderName::from_static("hx-redirect")
            } else {
                header::LOCATION
            };
            response.insert_header((name, location.as_str()));
        }
        let mut response = response.body(self.body.clone());
        secure(response.headers_mut(), &self.id, None);
        response
    }
}

/// Lets our errors out of handlers and extractors; `around` dresses them for the request.
impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        self.status()
    }
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status())
    }
}

pub(super) async fn dress<B: MessageBody + 'static>(
    response: ServiceResponse<B>,
    about: &About,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let status = response.status();
    let bare = response.response().error().is_some()
        || (status.is_client_error() && response.headers().get(header::CONTENT_TYPE).is_none());
    if !bare {
        return Ok(response.map_into_left_body());
    }
    let shell = Shell::of(response.request(), about).await;
    let failure = match response.response().error() {
        Some(error) => failure_of(error, about, shell),
        None => failure(&by_status(status), about, shell),
    };
    let allow = response.headers().get(header::ALLOW).cloned();
    let (req, _) = response.into_parts();
    let mut dressed = failure.error_response();
    if let Some(allow) = allow {
        dressed.headers_mut().insert(header::ALLOW, allow);
    }
    Ok(ServiceResponse::new(req, dressed).map_into_right_body())
}

fn by_status(status: StatusCode) -> Error {
    match status {
        StatusCode::NOT_FOUND => Error::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => {
            Error::Refused(status, "This address doesn't take that method.".into())
        }
        other => Error::Refused(other, "The request could not be read.".into()),
    }
}

pub(super) fn failure_of(error: &actix_web::Error, about: &About, shell: Shell) -> Failure {
    if let Some(ours) = error.as_error::<Error>() {
        return failure(ours, about, shell);
    }
    if error.as_error::<actix_web::error::PathError>().is_some() {
        // An id that is no id names nothing.
        return failure(&Error::NotFound, about, shell);
    }
    let status = error.as_response_error().status_code();
    if status.is_server_error() {
        return failure(&Error::internal(error.to_string()), about, shell);
    }
    failure(&by_status(status), about, shell)
}

#[derive(Serialize)]
struct Problem<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    detail: String,
    request_id: &'a str,
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    errors: &'a [FieldError],
    #[serde(skip_serializing_if = "Option::is_none")]
    current_version: Option<i32>,
}

#[derive(Template)]
#[template(path = "platform/error.html")]
struct ErrorPage<'a> {
    status: u16,
    title: &'static str,
    detail: String,
    request_id: &'a str,
    home: String,
    /// The record that was to be changed, where it was changed by somebody else.
    record: Option<&'a str>,
}

/// An error as this request wants it: a problem document (RFC 9457), a page, or the way to sign in.
fn failure(error: &Error, about: &About, shell: Shell) -> Failure {
    if let Error::Internal(cause) = error {
        tracing::error!(request_id = %about.id, path = %about.asked.path, error = %cause, "internal error");
    }
    let status = error.status();
    let mut failure = Failure {
        status,
        body: String::new(),
        content_type: "text/html; charset=utf-8",
        retry_after: match error {
            Error::TooMany { retry_after } => Some(*retry_after),
            Error::Unavailable(_) => Some(5),
            _ => None,
        },
        location: None,
        refresh: false,
        id: about.id.clone(),
    };
    if about.asked.json() {
        let problem = Problem {
            kind: "about:blank",
            title: error.title(),
            status: status.as_u16(),
            detail: error.to_string(),
            request_id: &about.id,
            errors: match error {
                Error::Invalid(fields) => fields,
                _ => &[],
            },
            current_version: match error {
                Error::Stale { current } => Some(*current),
                _ => None,
            },
        };
        failure.content_type = "application/problem+json";
        failure.body = serde_json::to_string(&problem).unwrap_or_default();
        return failure;
    }
    if matches!(error, Error::SignIn) {
        failure.location = Some(sign_in_url(about));
        if about.asked.htmx {
            // htmx would put the sign-in page into the element; this makes it navigate.
            failure.refresh = true;
            failure.status = StatusCode::OK;
        } else {
            failure.status = StatusCode::SEE_OTHER;
        }
        return failure;
    }
    failure.body = error_html(error, about, shell);
    failure
}

fn error_html(error: &Error, about: &About, shell: Shell) -> String {
    let page = ErrorPage {
        status: error.status().as_u16(),
        title: error.title(),
        detail: error.to_string(),
        request_id: &about.id,
        home: shell.home(about),
        record: (matches!(error, Error::Stale { .. }) && about.method == Method::PATCH)
            .then_some(about.asked.path.as_str()),
    };
    let plain = || format!("{}: {} ({})", error.title(), error, about.id);
    let html = match about.asked.wanted {
        Wanted::Whole => shell.around(error.title(), &mut |text| page.render_into(text), about),
        _ => page.render(),
    };
    html.unwrap_or_else(|_| plain())
}

/// Who asked, left by the guards for when the handling fails.
#[derive(Clone)]
pub(super) struct Known(pub Arc<Identity>);

/// What the page of an error stands in: the shell of whoever is signed in, or what the public sees.
#[derive(Default)]
pub(super) enum Shell {
    Member(Box<Member>),
    SignedIn(Arc<Identity>),
    #[default]
    Public,
}

impl Shell {
    async fn of(req: &HttpRequest, about: &About) -> Shell {
        let known = req.extensions().get::<Known>().cloned();
        let Some(Known(identity)) = known.filter(|_| about.asked.wanted == Wanted::Whole) else {
            return Shell::Public;
        };
        let slug = slug(&about.asked.path).unwrap_or_default();
        match Member::known(req, identity.clone(), slug, None).await {
            Ok(member) => Shell::Member(Box::new(member)),
            Err(_) => Shell::SignedIn(identity),
        }
    }

    /// Where 'home' is; a visitor of a form or of a mail's link has none here.
    fn home(&self, about: &About) -> String {
        match self {
            Shell::Member(member) => member.home(),
            Shell::Public if for_visitors(&about.asked.path) => String::new(),
            _ => "/".into(),
        }
    }

    fn around(self, title: &str, page: Writing<'_>, about: &About) -> askama::Result<String> {
        let crumbs = vec![Crumb::here(title)];
        match self {
            Shell::Member(member) => {
                let frame = Frame::of_member(&member, title, crumbs);
                framed(&shell::Shell::from(frame), page)
            }
            Shell::SignedIn(identity) => {
                let frame = SignedIn::frame(&identity, title, crumbs);
                framed(&shell::Shell::from(frame), page)
            }
            Shell::Public if for_visitors(&about.asked.path) => {
                framed(&PublicPage::from(Frame::public(title)), page)
            }
            Shell::Public => framed(&Auth::from(Frame::ours(title)), page),
        }
    }
}

/// Pages that people outside are led to, by a site or a mail.
fn for_visitors(path: &str) -> bool {
    ["/forms/", "/unsubscribe/", "/preferences/", "/t/"]
        .iter()
        .any(|p| path.starts_with(p))
}

/// The workspace that an address names.
fn slug(path: &str) -> Option<&str> {
    path.strip_prefix("/w/")
        .and_then(|rest| rest.split('/').next())
}

/// No route has this address. Whoever is signed in stays in their shell.
pub(super) async fn lost(_: Option<SignedIn>) -> Result<HttpResponse, Error> {
    Err(Error::NotFound)
}

fn sign_in_url(about: &About) -> String {
    if about.method != Method::GET || about.asked.path == "/" {
        return "/login".into();
    }
    let mut back = about.asked.path.clone();
    if !about.asked.query.is_empty() {
        back = format!("{back}?{}", about.asked.query);
    }
    link::with("/login", [("next", back)])
}
