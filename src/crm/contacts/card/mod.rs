//! The card of a contact: as a vCard for an address book, and as a code that a telephone's camera reads.

mod vcard;

use actix_web::HttpResponse;
use actix_web::http::header;
use askama::Template;
use diesel::prelude::*;
use platform::db::Tx;
use platform::records::Editable;
use platform::schema::companies;
use platform::web::can::View as See;
use platform::web::{Can, Crumb, Id, Page, View, download};
use platform::{Error, Result};
use qrcode::render::svg::Color;
use qrcode::{EcLevel, QrCode};
use serde::Serialize;
use uuid::Uuid;

use super::Contact;

#[derive(Template, Serialize)]
#[template(path = "crm/contacts/card.html")]
struct Show {
    name: String,
    vcard: String,
    #[serde(skip)]
    url: String,
    #[serde(skip)]
    list: String,
}

impl Show {
    fn file_url(&self) -> String {
        format!("{}/vcard", self.url)
    }
}

impl Page for Show {
    fn title(&self) -> String {
        format!("Card of {}", self.name)
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to("Contacts", self.list.clone()),
            Crumb::to(self.name.clone(), self.url.clone()),
            Crumb::here("Card"),
        ]
    }
}

/// The contact, and what its company is called.
async fn found(can: &Can<See, Contact>, id: Uuid) -> Result<(Contact, Option<String>)> {
    let read = move |tx: &mut Tx| {
        let contact = Contact::find(tx, id)?;
        let Some(company) = contact.company_id else {
            return Ok((contact, None));
        };
        let named = companies::table.filter(companies::id.eq(company));
        let name = named.select(companies::name).first(&mut **tx).optional()?;
        Ok((contact, name))
    };
    can.tx(read).await
}

pub async fn show(can: Can<See, Contact>, Id(id): Id) -> Result<HttpResponse> {
    let (contact, company) = found(&can, id).await?;
    can.page(Show {
        name: contact.name(),
        vcard: vcard::whole(&contact, company.as_deref())?,
        url: can.url(&format!("/contacts/{id}")),
        list: can.url("/contacts"),
    })
}

pub async fn file(can: Can<See, Contact>, Id(id): Id) -> Result<HttpResponse> {
    let (contact, company) = found(&can, id).await?;
    let text = vcard::whole(&contact, company.as_deref())?;
    let name = format!("{}.vcf", contact.name());
    Ok(download::text(text, "text/vcard; charset=utf-8", &name))
}

pub async fn code(can: Can<See, Contact>, Id(id): Id) -> Result<HttpResponse> {
    let (contact, company) = found(&can, id).await?;
    let text = vcard::short(&contact, company.as_deref())?;
    let code = QrCode::with_error_correction_level(text, EcLevel::L)
        .map_err(|_| Error::Conflict("There is too much on this card for one code.".into()))?;
    // Dark on light in either theme, with the quiet zone of ISO/IEC 18004: cameras read it so.
    let svg = code
        .render::<Color<'_>>()
        .min_dimensions(280, 280)
        .dark_color(Color("#000"))
        .light_color(Color("#fff"))
        .build();
    let mut answer = HttpResponse::Ok();
    answer.insert_header((header::CACHE_CONTROL, "private, no-cache"));
    Ok(answer.content_type("image/svg+xml").body(svg))
}
