//! One struct, one template, four forms: whole page, `<main>`, one block, JSON.

use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, HttpResponseBuilder};
use askama::Template;
use serde::Serialize;

use super::access::Identity;
use super::app::App;
use super::can::{Can, Member, Public, SignedIn};
use super::navigation::{NavEntry, NavSection};
use super::request::{Asked, Wanted};
use super::shell::{
    Auth, Bare, Crumb, Fragment, Frame, PublicPage, Shell, Toast, Told, Writing, framed,
};
use crate::error::{Error, Result};

/// What a handler shows. The template holds the content of `<main>`, nothing around it.
pub trait Page: Template + Serialize {
    fn title(&self) -> String;

    fn crumbs(&self) -> Vec<Crumb> {
        Vec::new()
    }

    /// The block that fills the element `id`, for pages with `blocks = [...]`.
    fn block(&self, _id: &str) -> Option<askama::Result<String>> {
        None
    }

    /// What an API client gets.
    fn json(&self) -> Result<serde_json::Value> {
        Ok(serde_json::to_value(self)?)
    }
}

/// An answer made of a page.
pub trait View {
    fn page(&self, page: impl Page) -> Result<HttpResponse> {
        self.page_with(StatusCode::OK, page)
    }
    fn page_with(&self, status: StatusCode, page: impl Page) -> Result<HttpResponse>;

    /// The page of something that is at this version.
    fn versioned(&self, version: i32, page: impl Page) -> Result<HttpResponse> {
        let mut response = self.page(page)?;
        if let Ok(tag) = format!("\"{version}\"").parse() {
            response.headers_mut().insert(header::ETAG, tag);
        }
        Ok(response)
    }
}

impl<A, R> View for Can<A, R> {
    fn page_with(&self, status: StatusCode, page: impl Page) -> Result<HttpResponse> {
        self.member.page_with(status, page)
    }
}

impl View for Member {
    fn page_with(&self, status: StatusCode, page: impl Page) -> Result<HttpResponse> {
        answer(
            &self.asked,
            status,
            page,
            |title, crumbs| Frame::of_member(self, title, crumbs),
            Layout::App,
        )
    }
}

impl View for SignedIn {
    fn page_with(&self, status: StatusCode, page: impl Page) -> Result<HttpResponse> {
        answer(
            &self.asked,
            status,
            page,
            |title, crumbs| SignedIn::frame(&self.identity, title, crumbs),
            Layout::App,
        )
    }
}

impl SignedIn {
    pub(super) fn frame(identity: &Identity, title: &str, crumbs: Vec<Crumb>) -> Frame {
        Frame {
            crumbs,
            nav: ways_on(identity),
            ..Frame::signed_in(identity, title)
        }
    }
}

/// The sidebar of pages that belong to no workspace.
fn ways_on(identity: &Identity) -> Vec<NavSection> {
    let workspaces = identity.memberships.iter().map(|(m, _)| NavEntry {
        label: m.workspace_name.clone(),
        href: format!("/w/{}", m.slug),
        icon: "building-2".into(),
        active: false,
        keys: String::new(),
        under: false,
        count: None,
    });
    vec![NavSection {
        label: "Workspaces".into(),
        entries: workspaces.collect(),
    }]
}

/// Sign-in and its neighbours.
impl View for Public {
    fn page_with(&self, status: StatusCode, page: impl Page) -> Result<HttpResponse> {
        answer(
            &self.asked,
            status,
            page,
            |title, _| Frame::ours(title),
            Layout::Auth,
        )
    }
}

impl Public {
    /// A page that the public meets, in a workspace's own brand.
    pub fn branded(
        &self,
        status: StatusCode,
        brand: super::shell::WorkspaceRef,
        page: impl Page,
    ) -> Result<HttpResponse> {
        answer(
            &self.asked,
            status,
            page,
            |title, _| Frame {
                title: format!("{title} · {}", brand.name),
                workspace: Some(brand),
                ..Frame::public(title)
            },
            Layout::Public,
        )
    }

    /// The same where nothing says whose it is.
    pub fn unbranded(&self, status: StatusCode, page: impl Page) -> Result<HttpResponse> {
        answer(
            &self.asked,
            status,
            page,
            |title, _| Frame::public(title),
            Layout::Public,
        )
    }

    pub fn bare(&self, page: impl Page) -> Result<HttpResponse> {
        answer(
            &self.asked,
            StatusCode::OK,
            page,
            |title, _| Frame::ours(title),
            Layout::Bare,
        )
    }
}

#[derive(Clone, Copy)]
enum Layout {
    App,
    Auth,
    Public,
    Bare,
}

fn answer(
    asked: &Asked,
    status: StatusCode,
    page: impl Page,
    frame: impl FnOnce(&str, Vec<Crumb>) -> Frame,
    layout: Layout,
) -> Result<HttpResponse> {
    let mut response = started(status);
    if asked.json() {
        return Ok(response.json(page.json()?));
    }
    if let Wanted::Block(id) = &asked.wanted
        && let Some(block) = page.block(id)
    {
        let mut block = block?;
        if let Some(toast) = &asked.toast {
            Told { toast }.render_into(&mut block)?;
        }
        return Ok(html(&mut response, block));
    }
    let mut frame = frame(&page.title(), page.crumbs());
    frame.toast = asked.toast.clone();
    let text = laid_out(asked, layout, frame, &mut |text| page.render_into(text))?;
    Ok(html(&mut response, text))
}

/// The head of every page. Browsers keep none: after signing out, the way back must show nothing.
pub(super) fn started(status: StatusCode) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response.insert_header((
        header::VARY,
        "Accept, Accept-Encoding, HX-Request, HX-Target, HX-History-Restore-Request, Cookie",
    ));
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    response
}

fn laid_out(
    asked: &Asked,
    layout: Layout,
    frame: Frame,
    page: Writing<'_>,
) -> askama::Result<String> {
    match (&asked.wanted, layout) {
        (Wanted::Main | Wanted::Block(_), Layout::App) => framed(&Fragment::from(frame), page),
        (_, Layout::App) => framed(&Shell::from(frame), page),
        (_, Layout::Auth) => framed(&Auth::from(frame), page),
        (_, Layout::Public) => framed(&PublicPage::from(frame), page),
        (_, Layout::Bare) => framed(&Bare::from(frame), page),
    }
}

pub(super) const HTML: &str = "text/html; charset=utf-8";

fn html(response: &mut HttpResponseBuilder, text: String) -> HttpResponse {
    response.content_type(HTML).body(text)
}

/// The cookie in which a toast waits for the next page.
pub const TOAST: &str = "toast";

impl Member {
    /// On to another page (303), with a word about what was done.
    pub fn redirect(&self, to: &str, toast: Option<Toast>) -> Result<HttpResponse> {
        redirect(&self.app, to, toast)
    }

    /// 201 with the record for an API client; on to its page for a person.
    pub fn created(
        &self,
        url: &str,
        version: i32,
        record: &impl Serialize,
        toast: Toast,
    ) -> Result<HttpResponse> {
        if self.asked.json() {
            return Ok(HttpResponse::Created()
                .insert_header((header::LOCATION, api_url(url)))
                .insert_header((header::ETAG, format!("\"{version}\"")))
                .json(record));
        }
        self.redirect(url, Some(toast))
    }

    /// 200 with the record for an API client; on to its page for a person.
    pub fn updated(
        &self,
        url: &str,
        version: i32,
        record: &impl Serialize,
        toast: Toast,
    ) -> Result<HttpResponse> {
        if self.asked.json() {
            return Ok(HttpResponse::Ok()
                .insert_header((header::ETAG, format!("\"{version}\"")))
                .json(record));
        }
        self.redirect(url, Some(toast))
    }

    /// 204 for an API client; on to another page for a person.
    pub fn done(&self, url: &str, toast: Toast) -> Result<HttpResponse> {
        if self.asked.json() {
            return Ok(HttpResponse::NoContent().finish());
        }
        self.redirect(url, Some(toast))
    }
}

/// `/w/acme/contacts/1` → `/api/v1/w/acme/contacts/1`.
fn api_url(url: &str) -> String {
    format!("/api/v1{url}")
}

pub fn redirect(app: &App, to: &str, toast: Option<Toast>) -> Result<HttpResponse> {
    // Only ways within the house; `//host` would lead out of it.
    if !to.starts_with('/') || to.starts_with("//") || to.contains(['\\', '\r', '\n']) {
        return Err(Error::bad_request("That address leads out of Nexus."));
    }
    let mut response = HttpResponse::SeeOther();
    response.insert_header((header::LOCATION, to));
    if let Some(toast) = toast {
        response.cookie(
            Cookie::build(TOAST, sealed(app, &toast)?)
                .path("/")
                .http_only(true)
                .same_site(SameSite::Lax)
                .max_age(actix_web::cookie::time::Duration::seconds(30))
                .finish(),
        );
    }
    Ok(response.finish())
}

fn mac(app: &App, text: &[u8]) -> Vec<u8> {
    use hmac::Mac;
    let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(&app.config.key("toast"))
        .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    mac.update(text);
    mac.finalize().into_bytes()[..16].to_vec()
}

fn sealed(app: &App, toast: &Toast) -> Result<String> {
    let text = serde_json::to_vec(toast)?;
    Ok(format!(
        "{}.{}",
        hex::encode(mac(app, &text)),
        hex::encode(text)
    ))
}

/// The toast in the cookie, if it is one of ours.
pub fn unsealed(app: &App, cookie: &str) -> Option<Toast> {
    use subtle::ConstantTimeEq;
    let (tag, text) = cookie.split_once('.')?;
    let (tag, text) = (hex::decode(tag).ok()?, hex::decode(text).ok()?);
    bool::from(mac(app, &text).ct_eq(&tag)).then(|| serde_json::from_slice(&text).ok())?
}
