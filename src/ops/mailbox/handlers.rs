//! The pages of the local mailbox.

use actix_web::http::header::{self, ContentDisposition, DispositionParam, DispositionType};
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono_tz::Tz;
use platform::mail::mailbox::{ListedMail, StoredMail};
use platform::mail::{LocalMailbox, fence};
use platform::web::page::redirect;
use platform::web::{Developer, Page, filters};
use platform::{Error, Result};
use serde::Serialize;
use uuid::Uuid;

const PATH: &str = "/dev/mailbox";
const SHOWN: usize = 100;

/// The mailbox, where mail stays here.
fn mailbox(who: &Developer) -> Result<&LocalMailbox> {
    let transport = who.0.app.mail.transport()?;
    transport.mailbox().ok_or(Error::NotFound)
}

#[derive(Template, Serialize)]
#[template(path = "ops/mailbox/index.html", blocks = ["results"])]
struct Index {
    items: Vec<ListedMail>,
    #[serde(skip)]
    search: String,
    #[serde(skip)]
    zone: Tz,
}

impl Page for Index {
    fn title(&self) -> String {
        "Mailbox".into()
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        (id == "results").then(|| self.as_results().render())
    }
}

impl Index {
    fn base(&self) -> &'static str {
        PATH
    }
    fn url(&self, mail: &ListedMail) -> String {
        format!("{PATH}/{}", mail.id)
    }
    fn is_full(&self) -> bool {
        self.items.len() == SHOWN
    }
}

pub async fn index(who: Developer) -> Result<HttpResponse> {
    let mut query = url::form_urlencoded::parse(who.0.asked.query.as_bytes());
    let search = query.find(|(key, _)| key == "search");
    let search: String = search.map(|(_, v)| v.into_owned()).unwrap_or_default();
    let items = mailbox(&who)?.list(SHOWN, &search).await;
    let items = items.map_err(Error::internal)?;
    let zone = Tz::UTC;
    who.0.bare(Index {
        items,
        search,
        zone,
    })
}

#[derive(Template, Serialize)]
#[template(path = "ops/mailbox/show.html")]
struct Show {
    #[serde(flatten)]
    mail: StoredMail,
}

impl Page for Show {
    fn title(&self) -> String {
        self.mail.subject.clone()
    }
}

impl Show {
    fn base(&self) -> &'static str {
        PATH
    }
    fn url(&self, path: &str) -> String {
        format!("{PATH}/{}{path}", self.mail.id)
    }
    fn attachment_url(&self, place: &usize) -> String {
        self.url(&format!("/attachments/{place}"))
    }
    fn size(&self, bytes: &usize) -> String {
        format!("{:.1} kB", *bytes as f64 / 1_000.0)
    }
    /// The headers that one looks at first.
    fn facts(&self) -> Vec<&(String, String)> {
        let usual = ["From", "To", "Reply-To", "Date"];
        let headers = self.mail.headers.iter();
        headers
            .filter(|(name, _)| usual.contains(&name.as_str()))
            .collect()
    }
}

async fn stored(who: &Developer, id: Uuid) -> Result<StoredMail> {
    let mail = mailbox(who)?.read(id).await.map_err(Error::internal)?;
    mail.ok_or(Error::NotFound)
}

pub async fn show(who: Developer, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let mail = stored(&who, id.into_inner()).await?;
    who.0.bare(Show { mail })
}

/// The mail itself, for the frame on its page.
pub async fn html(who: Developer, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let mail = stored(&who, id.into_inner()).await?;
    Ok(fence::html(&mail.html.ok_or(Error::NotFound)?))
}

/// As it would have gone over the wire.
pub async fn raw(who: Developer, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let id = id.into_inner();
    let mail = mailbox(&who)?.raw(id).await.map_err(Error::internal)?;
    let mail = mail.ok_or(Error::NotFound)?;
    Ok(download("message/rfc822", format!("{id}.eml"), mail))
}

pub async fn attachment(who: Developer, path: web::Path<(Uuid, usize)>) -> Result<HttpResponse> {
    let (id, place) = path.into_inner();
    let found = mailbox(&who)?.attachment(id, place).await;
    let (about, content) = found.map_err(Error::internal)?.ok_or(Error::NotFound)?;
    Ok(download("application/octet-stream", about.name, content))
}

/// To be kept, whatever it is: nothing of a mail is opened as ours.
fn download(kind: &'static str, name: String, content: Vec<u8>) -> HttpResponse {
    let disposition = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(name)],
    };
    HttpResponse::Ok()
        .insert_header(disposition)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .content_type(kind)
        .body(content)
}

pub async fn clear(who: Developer) -> Result<HttpResponse> {
    mailbox(&who)?.clear().await.map_err(Error::internal)?;
    redirect(&who.0.app, PATH, None)
}
