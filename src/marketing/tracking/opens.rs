//! The open pixel and the links of a mail.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Jsonb, Nullable};
use platform::db::Tx;
use platform::schema::{campaign_links, campaigns, contacts};
use platform::web::can::Public;
use platform::{Error, Result};
use serde_json::{Value, json};

use super::reader::{self, Reader, Source};
use crate::marketing::audience::FIELDS;
use crate::marketing::templates::Content;

/// A transparent GIF of one pixel.
const PIXEL: &[u8] = &[
    0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 0x01, 0x00, 0x01, 0x00, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x21, 0xf9, 0x04, 0x01, 0x00, 0x00, 0x00, 0x00, 0x2c, 0x00, 0x00, 0x00, 0x00,
    0x01, 0x00, 0x01, 0x00, 0x00, 0x02, 0x02, 0x44, 0x01, 0x00, 0x3b,
];

/// Always a picture: a reader is not shown what we could not count.
pub async fn pixel(public: Public, token: web::Path<String>) -> Result<HttpResponse> {
    let counted = reader::of(&public, &token, |tx, reader| {
        reader.note(tx, "open", None)?;
        reader.opened(tx)
    })
    .await;
    if let Err(error) = counted
        && !matches!(error, Error::NotFound)
    {
        tracing::warn!(?error, "an open could not be counted");
    }
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store, private"))
        .insert_header(("cross-origin-resource-policy", "cross-origin"))
        .content_type("image/gif")
        .body(PIXEL))
}

/// On to where the link of that number leads. The address stands with the campaign, never in the request.
pub async fn link(public: Public, path: web::Path<(String, u16)>) -> Result<HttpResponse> {
    let (token, number) = path.into_inner();
    let number = i32::from(number);
    let target = reader::of(&public, &token, move |tx, reader| {
        let target = target(tx, &reader, number)?;
        let first = first_on_link(tx, &reader, number)?;
        reader.note(tx, "click", Some(number))?;
        reader.clicked(tx)?;
        if let Source::Campaign(campaign) = reader.source {
            let link = campaign_links::table
                .filter(campaign_links::campaign_id.eq(campaign))
                .filter(campaign_links::number.eq(number));
            diesel::update(link)
                .set((
                    campaign_links::clicks.eq(campaign_links::clicks + 1),
                    campaign_links::readers.eq(campaign_links::readers + i64::from(first)),
                ))
                .execute(&mut **tx)?;
        }
        Ok(target)
    })
    .await?;
    Ok(HttpResponse::Found()
        .insert_header((header::LOCATION, target))
        .insert_header((header::CACHE_CONTROL, "no-store, private"))
        .insert_header(("x-robots-tag", "noindex"))
        .finish())
}

fn first_on_link(tx: &mut Tx, reader: &Reader, number: i32) -> Result<bool> {
    use platform::schema::mail_events as e;
    let known = e::table
        .filter(e::recipient_id.eq(reader.recipient))
        .filter(e::kind.eq("click"))
        .filter(e::link.eq(number));
    let known: bool = diesel::select(diesel::dsl::exists(known)).get_result(&mut **tx)?;
    Ok(!known)
}

fn target(tx: &mut Tx, reader: &Reader, number: i32) -> Result<String> {
    let campaign = match &reader.source {
        Source::Campaign(campaign) => *campaign,
        Source::Sequence(_, links) => {
            let place = usize::try_from(number - 1).map_err(|_| Error::NotFound)?;
            let url = links.get(place).ok_or(Error::NotFound)?;
            return web_address(url).ok_or(Error::NotFound);
        }
    };
    let url: String = campaign_links::table
        .filter(campaign_links::campaign_id.eq(campaign))
        .filter(campaign_links::number.eq(number))
        .select(campaign_links::url)
        .first(&mut **tx)?;
    let content: Option<Value> = if url.contains('{') {
        campaigns::table
            .filter(campaigns::id.eq(campaign))
            .select(campaigns::content)
            .first(&mut **tx)?
    } else {
        None
    };
    let Some(content) = content else {
        return web_address(&url).ok_or(Error::NotFound);
    };
    // With merge fields in it: as this reader's mail would have it.
    let content: Content = serde_json::from_value(content)?;
    let compiled = content.compile().map_err(|_| Error::NotFound)?;
    let contact: Option<Option<Value>> = match reader.contact {
        Some(contact) => contacts::table
            .filter(contacts::id.eq(contact))
            .select(sql::<Nullable<Jsonb>>(FIELDS))
            .first(&mut **tx)
            .optional()?,
        None => None,
    };
    let fields = json!({ "contact": contact.flatten() });
    compiled
        .link_target(number.max(0) as usize, &fields)
        .ok_or(Error::NotFound)
}

fn web_address(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.to_string())
}
