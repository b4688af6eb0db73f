//! One step of a sequence as a mail to one contact.

use platform::db::Tx;
use platform::mail::template::Links;
use platform::mail::{Address, ListId, Mailbox, Outgoing, Purpose, Token, message_id};
use platform::records::Editable;
use platform::web::App;
use platform::{Error, Result};
use serde_json::json;
use uuid::Uuid;

use crate::marketing::brand::Brand;
use crate::marketing::templates::EmailTemplate;
use crate::marketing::wanted::Addressee;

/// The mail, and where its numbered links lead. `row` is what its token speaks for.
pub fn of(
    tx: &mut Tx,
    app: &App,
    template: Option<Uuid>,
    reader: &Addressee,
    row: Uuid,
) -> Result<(Outgoing, Vec<String>)> {
    let template = EmailTemplate::find(tx, template.ok_or(Error::NotFound)?)?;
    let brand = Brand::of(tx)?;
    let compiled = template
        .content(&brand)
        .compile()
        .map_err(|e| Error::Conflict(format!("The template can't be used: {e}")))?;
    let base = &app.config.public_url;
    let token = app.mail.tokens.sign(&Token {
        workspace: tx.workspace,
        recipient: row,
        purpose: Purpose::Sequence,
    });
    let token = token.as_str();
    let fields = json!({ "contact": reader.contact });
    let rendered = compiled
        .render(&fields, &Links::Tracked { base, token })
        .map_err(|e| Error::Conflict(format!("The template can't be filled in: {e}")))?;
    let links = compiled.links().iter();
    let links = links.map(|l| compiled.link_target(l.number, &fields).unwrap_or_default());
    let from = brand
        .sender("", "", &app.config.mail_from)
        .map_err(|e| Error::Conflict(format!("The sender's address: {e}")))?;
    let to = Address::parse(reader.email.as_deref().unwrap_or_default())
        .map_err(|e| Error::Conflict(format!("The contact's address: {e}")))?;
    let host = from.address().domain().to_owned();
    let mail = Outgoing {
        message_id: message_id(&format!("sequence-{row}"), &host),
        to: Mailbox::new(
            Some(&reader.name)
                .filter(|n| !n.is_empty())
                .map(String::as_str),
            to,
        ),
        reply_to: None,
        subject: rendered.subject,
        html: rendered.html,
        text: rendered.text,
        unsubscribe: Some(format!("{base}/unsubscribe/{token}")),
        list: Some(ListId {
            label: brand.name.clone(),
            id: format!("{}.{host}", brand.slug),
        }),
        headers: Vec::new(),
        from,
    };
    Ok((mail, links.collect()))
}
