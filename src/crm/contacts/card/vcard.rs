//! A contact as a vCard of version 3 (RFC 2426), which every address book reads.

use calcard::vcard::{
    VCard, VCardEntry, VCardParameter, VCardProperty, VCardType, VCardValue, VCardVersion,
};
use platform::{Error, Result};

use super::super::Contact;

/// All that an address book has a place for.
pub fn whole(contact: &Contact, company: Option<&str>) -> Result<String> {
    let mut entries = essential(contact, company);
    for email in &contact.more_emails.0 {
        entries.push(line(VCardProperty::Email, &email.value));
    }
    for phone in &contact.more_phones.0 {
        entries.push(line(VCardProperty::Tel, &phone.value));
    }
    for address in &contact.addresses.0 {
        let parts = [
            "",
            "",
            &address.street,
            &address.city,
            &address.region,
            &address.postcode,
            &address.country,
        ];
        entries.push(parted(VCardProperty::Adr, parts));
    }
    if contact.addresses.is_empty() && !(contact.city.is_empty() && contact.country.is_empty()) {
        let parts = ["", "", "", &contact.city, "", "", &contact.country];
        entries.push(parted(VCardProperty::Adr, parts));
    }
    if let Some(day) = contact.birthday {
        entries.push(line(VCardProperty::Bday, &day.to_string()));
    }
    if !contact.tags.is_empty() {
        entries.push(parted(
            VCardProperty::Categories,
            contact.tags.iter().map(String::as_str),
        ));
    }
    if !contact.description.is_empty() {
        entries.push(line(VCardProperty::Note, &contact.description));
    }
    entries.push(line(VCardProperty::Uid, &contact.id.urn().to_string()));
    let changed = contact.updated_at.format("%Y-%m-%dT%H:%M:%SZ");
    entries.push(line(VCardProperty::Rev, &changed.to_string()));
    written(entries)
}

/// What fits in a code that is read from a screen: who it is and how to reach them.
pub fn short(contact: &Contact, company: Option<&str>) -> Result<String> {
    written(essential(contact, company))
}

fn essential(contact: &Contact, company: Option<&str>) -> Vec<VCardEntry> {
    let name = [contact.last_name.as_str(), &contact.first_name, "", "", ""];
    let mut entries = vec![
        parted(VCardProperty::N, name),
        line(VCardProperty::Fn, &contact.name()),
    ];
    if let Some(company) = company {
        entries.push(line(VCardProperty::Org, company));
    }
    if !contact.job_title.is_empty() {
        entries.push(line(VCardProperty::Title, &contact.job_title));
    }
    if let Some(email) = &contact.email {
        entries.push(
            line(VCardProperty::Email, email).with_param(VCardParameter::typ(VCardType::Work)),
        );
    }
    if let Some(phone) = &contact.phone {
        entries.push(
            line(VCardProperty::Tel, phone).with_param(VCardParameter::typ(VCardType::Voice)),
        );
    }
    entries
}

fn line(property: VCardProperty, text: &str) -> VCardEntry {
    VCardEntry::new(property).with_value(text.to_owned())
}

fn parted<'a>(property: VCardProperty, parts: impl IntoIterator<Item = &'a str>) -> VCardEntry {
    let values = parts
        .into_iter()
        .map(|part| VCardValue::Text(part.to_owned()));
    VCardEntry::new(property).with_values(values.collect())
}

fn written(entries: Vec<VCardEntry>) -> Result<String> {
    let mut text = String::new();
    let card = VCard { entries };
    card.write_to(&mut text, VCardVersion::V3_0)
        .map_err(Error::internal)?;
    Ok(text)
}
