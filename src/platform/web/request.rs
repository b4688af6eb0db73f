//! What a request wants to see, and where it comes from.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::http::header;
use actix_web::{HttpMessage, HttpRequest};
use uuid::Uuid;

use crate::db::Origin;

/// Whose request it is, for the log; made with the request, filled in by its guard.
#[derive(Clone, Default)]
pub struct Who(Rc<Cell<(Option<Uuid>, Option<Uuid>)>>);

impl Who {
    pub fn tell(req: &HttpRequest, person: Uuid, workspace: Option<Uuid>) {
        if let Some(who) = req.extensions().get::<Who>() {
            who.0.set((Some(person), workspace));
        }
    }

    /// The person and the workspace, as text.
    pub fn ids(&self) -> (Option<String>, Option<String>) {
        let (person, workspace) = self.0.get();
        (
            person.map(|id| id.to_string()),
            workspace.map(|id| id.to_string()),
        )
    }
}

/// Whether nobody looks at this address in a browser.
fn is_for_programs(path: &str) -> bool {
    match path {
        // The reference of the API is for people.
        "/api/docs" => false,
        "/metrics" | "/healthz" | "/readyz" => true,
        path => path.starts_with("/api/"),
    }
}

/// A version that no record ever has.
const NEVER: i32 = 0;

/// In which of its four forms a page is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Wanted {
    /// The whole document.
    Whole,
    /// `<main>` alone, for htmx navigation.
    Main,
    /// The block that fills the element of this id.
    Block(String),
    Json,
}

/// What a handler needs to know of its request once the request itself is gone.
#[derive(Clone, Debug)]
pub struct Asked {
    pub wanted: Wanted,
    pub htmx: bool,
    /// Whether it is of a safe method (RFC 9110, section 9.2.1), which writes nothing.
    pub reads: bool,
    /// Whether the answer may be packed.
    pub brotli: bool,
    pub path: String,
    pub query: String,
    pub api: bool,
    /// `If-Match`, as sent.
    pub if_match: Option<String>,
    pub idempotency_key: Option<String>,
    /// What the page before wants said.
    pub toast: Option<super::shell::Toast>,
}

impl Asked {
    pub fn of(req: &HttpRequest) -> Asked {
        let text = |name: &str| {
            req.headers()
                .get(name)
                .and_then(|v| v.to_str().ok())
                .map(str::to_owned)
        };
        let api = is_for_programs(req.path());
        let accept = text(header::ACCEPT.as_str()).unwrap_or_default();
        let htmx = req.headers().contains_key("hx-request");
        let restoring = text("hx-history-restore-request").as_deref() == Some("true");
        let wanted =
            if api || (accept.contains("application/json") && !accept.contains("text/html")) {
                Wanted::Json
            } else if !htmx || restoring {
                Wanted::Whole
            } else {
                match text("hx-target").as_deref() {
                    None | Some("main" | "") => Wanted::Main,
                    Some(id) => Wanted::Block(id.to_owned()),
                }
            };
        Asked {
            wanted,
            htmx,
            reads: req.method().is_safe(),
            brotli: super::assets::takes_brotli(req),
            path: req.path().to_owned(),
            query: req.query_string().to_owned(),
            api,
            if_match: text(header::IF_MATCH.as_str()),
            idempotency_key: text("idempotency-key"),
            toast: req.extensions().get::<super::shell::Toast>().cloned(),
        }
    }

    /// The version named by `If-Match: "7"`; `*` names whichever there is, and a tag that is not ours none of them.
    pub fn version(&self) -> Option<i32> {
        let tag = self.if_match.as_deref()?.trim();
        let number = tag.trim_start_matches("W/").trim_matches('"');
        (tag != "*").then(|| number.parse().unwrap_or(NEVER))
    }

    /// What the address says of `name`: `?company=…`.
    pub fn param(&self, name: &str) -> Option<String> {
        let mut query = url::form_urlencoded::parse(self.query.as_bytes());
        let found = query.find(|(key, _)| key == name);
        found.map(|(_, value)| value.into_owned())
    }

    pub fn json(&self) -> bool {
        self.wanted == Wanted::Json
    }
}

/// The address of the client as the nearest proxy tells it; `X-Forwarded-For` counts only behind one of ours.
pub fn client_ip(req: &HttpRequest) -> String {
    let peer = req.peer_addr().map(|a| a.ip());
    let behind_proxy = peer.is_some_and(|ip| match ip {
        std::net::IpAddr::V4(ip) => ip.is_loopback() || ip.is_private(),
        std::net::IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local(),
    });
    let forwarded = req
        .headers()
        .get("x-forwarded-for")
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.rsplit(',').next())
        .and_then(|v| v.trim().parse::<std::net::IpAddr>().ok());
    match (behind_proxy, forwarded, peer) {
        (true, Some(ip), _) => ip.to_string(),
        (_, _, Some(ip)) => ip.to_string(),
        _ => String::new(),
    }
}

pub fn origin(req: &HttpRequest, name: &str) -> Arc<Origin> {
    Arc::new(Origin {
        name: name.to_owned(),
        ip: Some(client_ip(req)).filter(|ip| !ip.is_empty()),
        user_agent: req
            .headers()
            .get(header::USER_AGENT)
            .and_then(|v| v.to_str().ok())
            .map(|v| v.chars().take(300).collect()),
        request_id: Some(super::middleware::request_id(req)),
    })
}
