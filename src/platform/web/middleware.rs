//! What happens around every request: its id, the log, the origin check, the headers.

use std::cell::Cell;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, web};
use futures_util::FutureExt;
use tracing::Instrument;
use uuid::Uuid;

use super::app::App;
use super::cors::Cors;
use super::failure::{About, Shell, dress, failure_of};
use super::limits::Counted;
use super::page;
use super::request::{Asked, Who};
use super::session::AWAY;
use crate::db::pool;
use crate::error::Error;
use crate::telemetry::{Answer, Span};

#[derive(Clone)]
struct RequestId(String);

pub fn request_id(req: &HttpRequest) -> String {
    req.extensions()
        .get::<RequestId>()
        .map(|id| id.0.clone())
        .unwrap_or_default()
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
    if req.path().starts_with("/static/") || req.path() == "/healthz" {
        // The same for everybody, so nobody's session need be looked up for it.
        req.headers_mut().remove(header::COOKIE);
    }
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
    let path = told(&about.asked.path);
    let span = Span::begin(&id, &about.method, path, req.headers());
    let outcome = match refused {
        Some(error) => Err(error.into()),
        None => called(req, next).instrument(span.0.clone()).await,
    };
    let outcome = match outcome {
        Ok(response) => match dress(response, &about).await {
            Ok(response) => Ok(with_toast(response, toast)),
            Err(failure) => Err(failure),
        },
        Err(error) => Err(failure_of(&error, &about, Shell::default()).into()),
    };
    let status = match &outcome {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    let (user, workspace) = who.ids();
    let route = outcome.as_ref().ok();
    let route = route.and_then(|response| response.request().match_pattern());
    let answer = Answer {
        route: route.as_deref(),
        status,
        user,
        workspace,
    };
    log(&about, path, &answer, started);
    span.end(&about.method, answer);
    if let Some(app) = &app {
        app.meters
            .answered(&about.method, route, status, started.elapsed());
    }
    outcome.map(|mut response| {
        counted.tell(response.headers_mut());
        cors.iter()
            .for_each(|cors| cors.tell(response.headers_mut()));
        secure(response.headers_mut(), &id, app.as_deref());
        response
    })
}

/// What the layers within answer; a panic and a session store that is away are errors like others.
async fn called<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let answer = async {
        let outcome = AssertUnwindSafe(next.call(req)).catch_unwind().await;
        (outcome, AWAY.with(Cell::get))
    };
    match AWAY.scope(Cell::new(false), answer).await {
        (Err(_), _) => Err(Error::internal("a handler panicked").into()),
        (Ok(Err(_)), true) => Err(pool::away().into()),
        (Ok(outcome), _) => outcome,
    }
}

/// What may be known of a path: tokens stand in those of public links.
fn told(path: &str) -> &str {
    [
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
    .map_or(path, |p| *p)
}

fn log(about: &About, path: &str, answer: &Answer, started: Instant) {
    let millis = started.elapsed().as_secs_f64() * 1_000.0;
    let (id, method, status) = (&about.id, &about.method, answer.status);
    let (user, workspace) = (&answer.user, &answer.workspace);
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

/// The toast that the page before left in a cookie; the page that shows it takes it away.
fn waiting_toast(req: &ServiceRequest, app: Option<&Arc<App>>) -> Option<super::shell::Toast> {
    if req.method() != Method::GET || Asked::of(req.request()).json() {
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

pub(super) fn secure(headers: &mut HeaderMap, id: &str, app: Option<&App>) {
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
