//! What a request wants to see, and where it comes from.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::{HttpMessage, HttpRequest};

use crate::db::Origin;

/// In which of its four forms a page is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    pub path: String,
    pub query: String,
    pub api: bool,
    /// `If-Match` or `If-None-Match`, as sent.
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
        let api = req.path().starts_with("/api/");
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
            path: req.path().to_owned(),
            query: req.query_string().to_owned(),
            api,
            if_match: text(header::IF_MATCH.as_str()),
            idempotency_key: text("idempotency-key"),
            toast: req.extensions().get::<super::shell::Toast>().cloned(),
        }
    }

    /// The version named by `If-Match: "7"`.
    pub fn version(&self) -> Option<i32> {
        self.if_match
            .as_deref()?
            .trim()
            .trim_start_matches("W/")
            .trim_matches('"')
            .parse()
            .ok()
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
