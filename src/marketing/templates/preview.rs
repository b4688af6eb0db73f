//! How a mail will look to somebody.

use actix_web::{HttpResponse, web};
use platform::Result;
use platform::mail::{Links, Rendered, fence};
use platform::web::Can;
use platform::web::can::View as See;
use serde::Deserialize;
use uuid::Uuid;

use super::template::EmailTemplate;
use crate::marketing::audience;
use crate::marketing::brand::Brand;

#[derive(Deserialize)]
pub struct Query {
    contact: Option<Uuid>,
}

type Id = web::Path<(String, Uuid)>;

pub async fn html(
    can: Can<See, EmailTemplate>,
    id: Id,
    query: web::Query<Query>,
) -> Result<HttpResponse> {
    let page = match rendered(&can, id.into_inner().1, query.contact).await? {
        Ok(mail) => mail.html,
        Err(problem) => format!(
            "<!doctype html><title>Problem</title><p>{}",
            plain(&problem)
        ),
    };
    Ok(fence::html(&page))
}

pub async fn text(
    can: Can<See, EmailTemplate>,
    id: Id,
    query: web::Query<Query>,
) -> Result<HttpResponse> {
    let text = match rendered(&can, id.into_inner().1, query.contact).await? {
        Ok(mail) => mail.text,
        Err(problem) => problem,
    };
    Ok(fence::text(text))
}

async fn rendered(
    can: &Can<See, EmailTemplate>,
    id: Uuid,
    contact: Option<Uuid>,
) -> Result<Result<Rendered, String>> {
    let (template, brand, fields) = can
        .tx(move |tx| {
            Ok((
                EmailTemplate::find(tx, id)?,
                Brand::of(tx)?,
                audience::sample(tx, contact)?,
            ))
        })
        .await?;
    let rendering = web::block(move || {
        let links = Links::Direct {
            unsubscribe: "#",
            preferences: "#",
        };
        let compiled = template.content(&brand).compile();
        compiled
            .and_then(|compiled| compiled.render(&fields, &links))
            .map_err(|problem| problem.to_string())
    });
    Ok(rendering.await?)
}

fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
