//! Leaving, coming back, and choosing what to get.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use platform::db::Tx;
use platform::db::tx::Subject;
use platform::web::can::Public;
use platform::web::{Form, Page};
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use super::reader::{self, Reader};
use crate::marketing::brand::Brand;
use crate::marketing::suppressions::{self, Reason};
use crate::marketing::topics::Wish;

#[derive(Template, Serialize)]
#[template(path = "marketing/public/subscription.html")]
struct Subscription {
    email: String,
    subscribed: bool,
    topics: Vec<Wish>,
    /// What the mail was about that the reader came from.
    #[serde(skip)]
    topic: Option<Uuid>,
    #[serde(skip)]
    said: &'static str,
    #[serde(skip)]
    token: String,
    #[serde(skip)]
    workspace: String,
}

impl Page for Subscription {
    fn title(&self) -> String {
        match self.subscribed {
            true => format!("E-mail from {}", self.workspace),
            false => "You are unsubscribed".into(),
        }
    }
}

impl Subscription {
    /// The topic of that mail, while it is wanted.
    fn this_topic(&self) -> Option<&Wish> {
        let mut wanted = self.topics.iter().filter(|t| t.wanted);
        wanted.find(|t| Some(t.id) == self.topic)
    }
}

#[derive(Template, Serialize)]
#[template(path = "marketing/public/unknown.html")]
struct Unknown {}

impl Page for Unknown {
    fn title(&self) -> String {
        "This link does not work".into()
    }
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct Choices {
    #[validate(length(max = 500))]
    pub topics: Vec<Uuid>,
}

/// A look changes nothing: mail programs and scanners follow links too.
pub async fn show(public: Public, token: web::Path<String>) -> Result<HttpResponse> {
    answer(&public, token.into_inner(), |_, _| Ok("")).await
}

/// The button of the page, and the one click of mail programs (RFC 8058).
pub async fn unsubscribe(public: Public, token: web::Path<String>) -> Result<HttpResponse> {
    answer(&public, token.into_inner(), |tx, reader| {
        let source = format!("mail of {}", reader.name);
        let theirs = std::slice::from_ref(&reader.email);
        if suppressions::suppress(tx, theirs, Reason::Unsubscribed, &source)? > 0 {
            reader.note(tx, "unsubscribe", None)?;
            reader.unsubscribed(tx, Some(tx.now))?;
        }
        Ok("You are unsubscribed.")
    })
    .await
}

/// No more of what this mail was about; everything else goes on.
pub async fn refuse(public: Public, token: web::Path<String>) -> Result<HttpResponse> {
    answer(&public, token.into_inner(), |tx, reader| {
        let topic = reader.topic.ok_or(Error::NotFound)?;
        Wish::refuse(tx, &reader.email, &[topic])?;
        reader.tell(tx, "contact.preferences_changed")?;
        Ok("Your choice is kept.")
    })
    .await
}

pub async fn resubscribe(public: Public, token: web::Path<String>) -> Result<HttpResponse> {
    answer(&public, token.into_inner(), |tx, reader| {
        if suppressions::welcome_back(tx, &reader.email)? {
            reader.note(tx, "resubscribe", None)?;
            reader.unsubscribed(tx, None)?;
        }
        Ok("Welcome back.")
    })
    .await
}

pub async fn prefer(
    public: Public,
    token: web::Path<String>,
    form: Form<Choices>,
) -> Result<HttpResponse> {
    let wanted = form.valid()?.topics;
    answer(&public, token.into_inner(), move |tx, reader| {
        Wish::keep(tx, &reader.email, &wanted)?;
        reader.tell(tx, "contact.preferences_changed")?;
        Ok("Your choice is kept.")
    })
    .await
}

async fn answer(
    public: &Public,
    token: String,
    work: impl FnOnce(&mut Tx, &Reader) -> Result<&'static str> + Send + 'static,
) -> Result<HttpResponse> {
    let shown = token.clone();
    let found = reader::of(public, &token, move |tx, reader| {
        let said = work(tx, &reader)?;
        let brand = Brand::of(tx)?;
        let page = Subscription {
            subscribed: !suppressions::is_suppressed(tx, &reader.email)?,
            topics: Wish::all(tx, &reader.email)?,
            topic: reader.topic,
            email: reader.email,
            said,
            token: shown,
            workspace: brand.name.clone(),
        };
        Ok((brand.reference(), page))
    })
    .await;
    match found {
        Ok((brand, page)) => public.branded(StatusCode::OK, brand, page),
        Err(Error::NotFound) if !public.asked.json() => unknown(public, &token).await,
        Err(error) => Err(error),
    }
}

/// In the brand of whoever wrote, where the link is one of ours and only its mail is gone.
async fn unknown(public: &Public, token: &str) -> Result<HttpResponse> {
    let Ok(token) = reader::token(public, token) else {
        return public.unbranded(StatusCode::NOT_FOUND, Unknown {});
    };
    let reader = Subject::reader(token.workspace);
    match public.app.tx(reader, Brand::of).await {
        Ok(brand) => public.branded(StatusCode::NOT_FOUND, brand.reference(), Unknown {}),
        Err(Error::NotFound) => public.unbranded(StatusCode::NOT_FOUND, Unknown {}),
        Err(error) => Err(error),
    }
}
