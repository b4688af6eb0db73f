//! What happens around every request: its id, the log, the origin check, the headers, and errors as pages.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError, web};
use askama::Template;
use futures_util::FutureExt;
use serde::Serialize;
use uuid::Uuid;

use super::app::App;
use super::cors::Cors;
use super::limits::Counted;
use super::page;
use super::request::{Asked, Wanted, Who};
use super::shell::{Bare, Frame};
use crate::error::{Error, FieldError};

#[derive(Clone)]
struct RequestId(String);

pub fn request_id(req: &HttpRequest) -> String {
    req.extensions()
        .get::<RequestId>()
        .map(|id| id.0.clone())
        .unwrap_or_default()
}

/// What is known of a request before it is handled, for when its handling fails.
#[derive(Clone)]
struct About {
    asked: Asked,
    id: String,
    method: Method,
}

/// An error with the answer that fits its request.
#[derive(Debug)]
struct Failure {
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

/// The outermost layer.
pub async fn around<B: MessageBody + 'static>(
    mut req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let started = Instant::now();
    let id = Uuid::now_v7().simple().to_string();
    req.extensions_mut().insert(RequestId(id.clone()));
    let counted = Counted::default();
    req.extensions_mut().insert(counted.clone());
    let who = Who::default();
    req.extensions_mut().insert(who.clone());
    override_method(&mut req);
    let about = About {
        asked: Asked::of(req.request()),
        id: id.clone(),
        method: req.method().clone(),
    };
    let app = req
        .app_data::<web::Data<App>>()
        .map(|data| data.clone().into_inner());
    let toast = waiting_toast(&req, app.as_ref());
    let cors = app.as_ref().and_then(|app| Cors::of(&req, app));
    if let Some(answer) = cors.as_ref().and_then(Cors::preflight) {
        let mut response = req.into_response(answer).map_into_right_body();
        cors.iter()
            .for_each(|cors| cors.tell(response.headers_mut()));
        secure(response.headers_mut(), &id, app.as_deref());
        return Ok(response);
    }
    let refused = origin_refused(&req, cors.as_ref());
    let outcome = match refused {
        Some(error) => Err(error.into()),
        None => match AssertUnwindSafe(next.call(req)).catch_unwind().await {
            Ok(outcome) => outcome,
            Err(_) => Err(Error::internal("a handler panicked").into()),
        },
    };
    let outcome = match outcome {
        Ok(response) => match dress(response, &about) {
            Ok(response) => Ok(with_toast(response, toast)),
            Err(failure) => Err(failure),
        },
        Err(error) => Err(failure_of(&error, &about).into()),
    };
    let status = match &outcome {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    log(&about, &who, status, started);
    outcome.map(|mut response| {
        counted.tell(response.headers_mut());
        cors.iter()
            .for_each(|cors| cors.tell(response.headers_mut()));
        secure(response.headers_mut(), &id, app.as_deref());
        response
    })
}

fn log(about: &About, who: &Who, status: StatusCode, started: Instant) {
    let millis = started.elapsed().as_secs_f64() * 1_000.0;
    let (id, path, method) = (&about.id, &about.asked.path, &about.method);
    let (user, workspace) = who.ids();
    // Tokens stand in the path of public links.
    let path = [
        "/unsubscribe/",
        "/preferences/",
        "/password/",
        "/t/",
        "/o/",
        "/q/",
        "/s/",
    ]
    .iter()
    .find(|p| path.starts_with(**p))
    .map_or(path.as_str(), |p| *p);
    // That a part is away is told once, by whoever missed it.
    if status.is_server_error() && status != StatusCode::SERVICE_UNAVAILABLE {
        tracing::error!(request_id = %id, user, workspace, %method, path, status = status.as_u16(), millis, "request failed");
    } else {
        tracing::debug!(request_id = %id, user, workspace, %method, path, status = status.as_u16(), millis, "request");
    }
}

/// Forms can only GET and POST: `?_method=PATCH` on a POST says what is meant.
fn override_method(req: &mut ServiceRequest) {
    if req.method() != Method::POST || !req.query_string().contains("_method=") {
        return;
    }
    let meant = url::form_urlencoded::parse(req.query_string().as_bytes())
        .find(|(k, _)| k == "_method")
        .map(|(_, v)| v.to_ascii_uppercase());
    let method = match meant.as_deref() {
        Some("PATCH") => Method::PATCH,
        Some("PUT") => Method::PUT,
        Some("DELETE") => Method::DELETE,
        _ => return,
    };
    req.head_mut().method = method;
}

/// The defence against forged requests: browsers say where an unsafe request comes from.
///
/// `Sec-Fetch-Site` where it is sent (all current browsers), else `Origin`; a request with a bearer token, or from
/// a client that sends neither and so carries no ambient cookie of a browser, is no forgery.
fn origin_refused(req: &ServiceRequest, cors: Option<&Cors>) -> Option<Error> {
    if matches!(*req.method(), Method::GET | Method::HEAD | Method::OPTIONS)
        || open_to_other_sites(req.path())
    {
        return None;
    }
    let header = |name: &str| req.headers().get(name).and_then(|v| v.to_str().ok());
    if header("authorization").is_some_and(|v| v.starts_with("Bearer ")) {
        return None;
    }
    // Tokens are asked for with a password in the body, which no cookie could stand in for.
    if req.path().starts_with("/api/v1/auth/") && cors.is_some_and(Cors::is_allowed) {
        return None;
    }
    let same = match header("sec-fetch-site") {
        Some(site) => matches!(site, "same-origin" | "none"),
        None => match header("origin") {
            Some(origin) => {
                let host = header("host").unwrap_or_default();
                origin
                    .split_once("://")
                    .is_some_and(|(_, o)| o.eq_ignore_ascii_case(host))
            }
            None => true,
        },
    };
    (!same).then(|| Error::Forbidden("This request came from another site.".into()))
}

/// Forms that live on other people's sites, and one-click unsubscribing by mail programs.
fn open_to_other_sites(path: &str) -> bool {
    ["/forms/", "/unsubscribe/"]
        .iter()
        .any(|p| path.starts_with(p))
}

fn dress<B: MessageBody + 'static>(
    response: ServiceResponse<B>,
    about: &About,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let status = response.status();
    let bare = response.response().error().is_some()
        || (status.is_client_error() && response.headers().get(header::CONTENT_TYPE).is_none());
    if !bare {
        return Ok(response.map_into_left_body());
    }
    let failure = match response.response().error() {
        Some(error) => failure_of(error, about),
        None => failure(&by_status(status), about),
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

fn failure_of(error: &actix_web::Error, about: &About) -> Failure {
    if let Some(ours) = error.as_error::<Error>() {
        return failure(ours, about);
    }
    if error.as_error::<actix_web::error::PathError>().is_some() {
        // An id that is no id names nothing.
        return failure(&Error::NotFound, about);
    }
    let status = error.as_response_error().status_code();
    if status.is_server_error() {
        return failure(&Error::internal(error.to_string()), about);
    }
    failure(&by_status(status), about)
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
}

/// An error as this request wants it: a problem document (RFC 9457), a page, or the way to sign in.
fn failure(error: &Error, about: &About) -> Failure {
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
    failure.body = error_html(error, about);
    failure
}

fn error_html(error: &Error, about: &About) -> String {
    let page = ErrorPage {
        status: error.status().as_u16(),
        title: error.title(),
        detail: error.to_string(),
        request_id: &about.id,
        home: home(&about.asked.path),
    };
    let plain = || format!("{}: {} ({})", error.title(), error, about.id);
    let Ok(content) = page.render() else {
        return plain();
    };
    if about.asked.wanted != Wanted::Whole {
        return content;
    }
    Bare::from(Frame::public(error.title(), content))
        .render()
        .unwrap_or_else(|_| plain())
}

/// Where 'home' is for somebody who is lost at `path`.
fn home(path: &str) -> String {
    let slug = path
        .strip_prefix("/w/")
        .and_then(|rest| rest.split('/').next());
    slug.map_or_else(|| "/".to_owned(), |slug| format!("/w/{slug}"))
}

fn sign_in_url(about: &About) -> String {
    if about.method != Method::GET || about.asked.path == "/" {
        return "/login".into();
    }
    let mut back = about.asked.path.clone();
    if !about.asked.query.is_empty() {
        back = format!("{back}?{}", about.asked.query);
    }
    let query: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("next", &back)
        .finish();
    format!("/login?{query}")
}

/// The toast that the page before left in a cookie; the page that shows it takes it away.
fn waiting_toast(req: &ServiceRequest, app: Option<&Arc<App>>) -> Option<super::shell::Toast> {
    if req.method() != Method::GET
        || !matches!(
            Asked::of(req.request()).wanted,
            Wanted::Whole | Wanted::Main
        )
    {
        return None;
    }
    let cookie = req.cookie(page::TOAST)?;
    let toast = page::unsealed(app?, cookie.value())?;
    req.extensions_mut().insert(toast.clone());
    Some(toast)
}

fn with_toast<B>(
    mut response: ServiceResponse<B>,
    toast: Option<super::shell::Toast>,
) -> ServiceResponse<B> {
    if toast.is_some() && response.status() == StatusCode::OK {
        let mut gone = actix_web::cookie::Cookie::build(page::TOAST, "")
            .path("/")
            .finish();
        gone.make_removal();
        if let Err(error) = response.response_mut().add_cookie(&gone) {
            tracing::warn!(%error, "the toast's cookie could not be removed");
        }
    }
    response
}

const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
    object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/// A public form may stand in a frame of another site.
const EMBEDDABLE: &str = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    object-src 'none'; base-uri 'none'; form-action 'self'";

fn secure(headers: &mut HeaderMap, id: &str, app: Option<&App>) {
    let embeddable = headers.remove("x-nexus-embeddable").next().is_some();
    let fenced = headers
        .get("content-security-policy")
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.contains("sandbox"));
    let mut put = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    put("x-request-id", id);
    put("x-content-type-options", "nosniff");
    put("referrer-policy", "same-origin");
    put(
        "permissions-policy",
        "camera=(), microphone=(), geolocation=(), payment=()",
    );
    put("cross-origin-opener-policy", "same-origin");
    // A page of somebody's own making (a mail's preview) is fenced in more tightly by its handler.
    if !fenced {
        put(
            "content-security-policy",
            if embeddable { EMBEDDABLE } else { POLICY },
        );
    }
    if !embeddable && !fenced {
        put("x-frame-options", "DENY");
    }
    if app.is_some_and(|a| a.config.public_url.starts_with("https://")) {
        put(
            "strict-transport-security",
            "max-age=31536000; includeSubDomains",
        );
    }
}
