//! Other people's pages that may call the API from a browser: those whose origin is configured, and without cookies.

use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpResponse, HttpResponseBuilder};

use super::app::App;

const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";
const TAKEN: &str = "authorization, content-type, accept, if-match, idempotency-key";
const SHOWN: &str = "location, etag, retry-after, x-request-id, \
    x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset";
/// How long a browser need not ask again.
const AN_HOUR: &str = "3600";

/// What is known of a request to the API that a page of another site may have made.
#[derive(Clone)]
pub struct Cors {
    /// The page's origin, if it is one of those that may.
    origin: Option<HeaderValue>,
    preflight: bool,
}

impl Cors {
    /// `None` outside the API, and where nobody's pages may call it.
    pub fn of(req: &ServiceRequest, app: &App) -> Option<Cors> {
        let allowed = &app.config.api_origins;
        if allowed.is_empty() || !req.path().starts_with("/api/") {
            return None;
        }
        let origin = req.headers().get(header::ORIGIN);
        let is_allowed = |origin: &&HeaderValue| {
            let text = origin.to_str().unwrap_or_default();
            allowed.iter().any(|one| one == text)
        };
        Some(Cors {
            origin: origin.filter(is_allowed).cloned(),
            preflight: req.method() == Method::OPTIONS
                && req
                    .headers()
                    .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD),
        })
    }

    /// Whether a page that may call the API asks.
    pub fn is_allowed(&self) -> bool {
        self.origin.is_some()
    }

    /// The answer to a browser that asks beforehand.
    pub fn preflight(&self) -> Option<HttpResponse> {
        if !(self.preflight && self.is_allowed()) {
            return None;
        }
        let mut answer: HttpResponseBuilder = HttpResponse::NoContent();
        answer
            .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, METHODS))
            .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, TAKEN))
            .insert_header((header::ACCESS_CONTROL_MAX_AGE, AN_HOUR));
        Some(answer.finish())
    }

    pub fn tell(&self, headers: &mut HeaderMap) {
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
        let Some(origin) = &self.origin else {
            return;
        };
        let mut put = |name: HeaderName, value| headers.insert(name, value);
        put(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        put(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static(SHOWN),
        );
    }
}
