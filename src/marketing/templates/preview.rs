//! How a mail will look to somebody, also before it is saved.

use actix_web::{HttpResponse, web};
use askama::Template;
use platform::Result;
use platform::mail::{CompiledTemplate, Links, Rendered, fence};
use platform::records::Editable;
use platform::web::can::View as See;
use platform::web::{Can, Form, Id};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;
use validator::Validate;

use super::template::{Content, EmailTemplate};
use crate::marketing::audience;
use crate::marketing::brand::Brand;

#[derive(Deserialize)]
pub struct Query {
    contact: Option<Uuid>,
}

pub async fn html(
    can: Can<See, EmailTemplate>,
    id: Id,
    query: web::Query<Query>,
) -> Result<HttpResponse> {
    let mail = kept(&can, id.0, query.contact).await?;
    page(&mail, query.contact.is_some())
}

pub async fn text(
    can: Can<See, EmailTemplate>,
    id: Id,
    query: web::Query<Query>,
) -> Result<HttpResponse> {
    let mail = kept(&can, id.0, query.contact).await?;
    Ok(fence::text(
        mail.map_or_else(|problem| problem, |mail| mail.mail.text),
    ))
}

/// What somebody has typed so far, and for whom they want to see it.
#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct Typed {
    #[validate(length(max = 500))]
    subject: String,
    #[validate(length(max = 524288))]
    body: String,
    #[validate(length(max = 524288))]
    body_text: String,
    contact: Option<Uuid>,
}

pub async fn typed(can: Can<See, EmailTemplate>, form: Form<Typed>) -> Result<HttpResponse> {
    let typed = form.valid()?;
    let contact = typed.contact;
    let (brand, fields) = can
        .tx(move |tx| Ok((Brand::of(tx)?, audience::sample(tx, contact)?)))
        .await?;
    let mail = web::block(move || {
        let content = Content::new(&typed.subject, &typed.body, &typed.body_text, &brand);
        Seen::by(&content, &fields)
    });
    page(&mail.await?, true)
}

async fn kept(
    can: &Can<See, EmailTemplate>,
    id: Uuid,
    contact: Option<Uuid>,
) -> Result<Result<Seen, String>> {
    let (template, brand, fields) = can
        .tx(move |tx| {
            Ok((
                EmailTemplate::find(tx, id)?,
                Brand::of(tx)?,
                audience::sample(tx, contact)?,
            ))
        })
        .await?;
    let seen = web::block(move || Seen::by(&template.content(&brand), &fields));
    Ok(seen.await?)
}

/// A mail as one reader would see it, with what its merge fields became.
struct Seen {
    mail: Rendered,
    reader: String,
    fields: Vec<Filled>,
}

struct Filled {
    path: String,
    value: String,
    /// Whether the value is missing and what stands in its place was written into the template.
    fell_back: bool,
}

impl Seen {
    fn by(content: &Content, fields: &Value) -> Result<Seen, String> {
        let compiled = content.compile().map_err(|problem| problem.to_string())?;
        let links = Links::Direct {
            unsubscribe: "#",
            preferences: "#",
        };
        let mail = compiled.render(fields, &links).map_err(|p| p.to_string())?;
        Ok(Seen {
            reader: text_at(fields, "contact.name"),
            fields: filled(&compiled, fields),
            mail,
        })
    }
}

fn filled(compiled: &CompiledTemplate, fields: &Value) -> Vec<Filled> {
    let fallbacks = compiled.fallbacks().into_iter();
    fallbacks
        .map(|(path, fallback)| {
            let value = text_at(fields, path);
            let fell_back = value.trim().is_empty() && fallback.is_some();
            Filled {
                path: path.to_owned(),
                value: match fallback.filter(|_| fell_back) {
                    Some(fallback) => fallback.to_owned(),
                    None => value,
                },
                fell_back,
            }
        })
        .collect()
}

fn text_at(fields: &Value, path: &str) -> String {
    let found = path
        .split('.')
        .try_fold(fields, |value, key| value.get(key));
    match found {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// What stands over a mail that is looked at for somebody; it lives in the mail's document, so it brings its looks.
#[derive(Template)]
#[template(path = "marketing/templates/seen.html")]
struct Above<'a> {
    subject: &'a str,
    reader: &'a str,
    fields: &'a [Filled],
}

#[derive(Template)]
#[template(path = "marketing/templates/problem.html")]
struct Broken<'a> {
    problem: &'a str,
}

fn page(seen: &Result<Seen, String>, explained: bool) -> Result<HttpResponse> {
    let seen = match seen {
        Ok(seen) => seen,
        Err(problem) => return Ok(fence::html(&Broken { problem }.render()?)),
    };
    let html = &seen.mail.html;
    if !explained {
        return Ok(fence::html(html));
    }
    let above = Above {
        subject: &seen.mail.subject,
        reader: &seen.reader,
        fields: &seen.fields,
    };
    Ok(fence::html_below(&above.render()?, html))
}
