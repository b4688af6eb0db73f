//! A file of vCards (RFC 6350, RFC 2426 and vCard 2.1) as CSV, a person a row, under the names that an import knows.

use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::Path;

use calcard::vcard::{VCard, VCardEntry, VCardParameterName, VCardProperty, VCardValue};
use calcard::{Entry, Parser};

use super::writer::Style;
use super::{MAX_ROWS, TableError, TableWriter, replace};

/// All of it is in memory at once; photos, which nobody imports, make such files large.
const LARGEST: u64 = 100 * 1024 * 1024;
const BEGINS: &str = "BEGIN:VCARD";
const COLUMNS: [&str; 20] = [
    "Whole name",
    "First name",
    "Last name",
    "E-mail",
    "Further e-mail",
    "Third e-mail",
    "Phone",
    "Mobile phone",
    "Further phone",
    "Job title",
    "Company",
    "Company's website",
    "Birthday",
    "Street",
    "Street, second line",
    "City",
    "Region",
    "Postcode",
    "Country",
    "Tags",
];
const NOTES: &str = "Notes about them";

/// Makes the file at `path` CSV, if it holds vCards; gives whether it did. Blocking.
pub fn unfold(path: &Path) -> Result<bool, TableError> {
    let mut file = File::open(path)?;
    let mut head = [0; 256];
    let read = file.read(&mut head)?;
    if !is_vcard(&head[..read]) {
        return Ok(false);
    }
    if file.metadata()?.len() > LARGEST {
        return Err(TableError::TooLarge("file of vCards"));
    }
    let bytes = fs::read(path)?;
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        // Old telephones wrote in the encoding of their country.
        Err(other) => encoding_rs::WINDOWS_1252
            .decode(other.as_bytes())
            .0
            .into_owned(),
    };
    replace(path, |part| write(&text, part))?;
    Ok(true)
}

fn is_vcard(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    text.get(..BEGINS.len())
        .is_some_and(|begin| begin.eq_ignore_ascii_case(BEGINS))
}

fn write(text: &str, part: &Path) -> Result<(), TableError> {
    let header: Vec<&str> = COLUMNS.into_iter().chain([NOTES]).collect();
    let out = BufWriter::new(File::create(part)?);
    let mut table = TableWriter::new(out, &header, Style::default())?;
    let mut parser = Parser::new(text);
    let mut cards = 0;
    loop {
        match parser.entry() {
            Entry::VCard(card) => {
                cards += 1;
                if cards > MAX_ROWS {
                    return Err(TableError::TooManyRows);
                }
                table.row(row(&card))?;
            }
            Entry::Eof => break,
            // What stands between two cards belongs to nobody.
            _ => {}
        }
    }
    table.finish()?.flush()?;
    match cards {
        0 => Err(TableError::Empty),
        _ => Ok(()),
    }
}

/// The cells of a person; what has no column of its own goes to the notes, so that nothing is lost.
fn row(card: &VCard) -> Vec<String> {
    let first = |property: &VCardProperty| {
        let mut all = card.properties(property).flat_map(|entry| &entry.values);
        all.next().map(text).unwrap_or_default()
    };
    let mut notes: Vec<String> = texts(card, &VCardProperty::Note);
    let mut keep = |label: &str, values: Vec<String>| {
        notes.extend(values.into_iter().map(|value| format!("{label}: {value}")));
    };
    let name = parts(card.property(&VCardProperty::N));
    let given = [&name[1], &name[2]].map(|part| part.trim()).join(" ");
    let given = given.trim().to_owned();
    let named = !given.is_empty() || !name[0].is_empty();

    let mut emails: Vec<&VCardEntry> = card.properties(&VCardProperty::Email).collect();
    emails.sort_by_key(|entry| !is_preferred(entry));
    let emails = emails.into_iter().flat_map(|entry| &entry.values).map(text);
    let mut emails = emails.filter(|email| !email.is_empty());
    let email = [(); 3].map(|()| emails.next().unwrap_or_default());
    keep("E-mail", emails.collect());

    let (mobile, other): (Vec<&VCardEntry>, Vec<&VCardEntry>) = card
        .properties(&VCardProperty::Tel)
        .partition(|entry| is_of(entry, "cell"));
    let number = |entry: &VCardEntry| {
        let number = entry.values.first().map(text).unwrap_or_default();
        number
            .strip_prefix("tel:")
            .map_or(number.clone(), str::to_owned)
    };
    let mut mobile = mobile.into_iter().map(number);
    let mut other = other.into_iter().map(number);
    let phone = [other.next(), mobile.next(), other.next()].map(Option::unwrap_or_default);
    keep("Phone", other.chain(mobile).collect());

    let org = card.property(&VCardProperty::Org);
    let mut org = org.iter().flat_map(|entry| &entry.values).map(text);
    let company = org.next().unwrap_or_default();
    keep("Department", org.filter(|part| !part.is_empty()).collect());

    let title = first(&VCardProperty::Title);
    let title = if title.is_empty() {
        first(&VCardProperty::Role)
    } else {
        title
    };
    let mut sites = texts(card, &VCardProperty::Url).into_iter();
    let site = sites.next().unwrap_or_default();
    keep("Web", sites.collect());

    let (birthday, unsure) = birthday(card);
    keep("Birthday", unsure.into_iter().collect());

    let mut addresses = card.properties(&VCardProperty::Adr);
    let address = parts(addresses.next());
    let further = addresses.map(|entry| {
        let parts = entry.values.iter().map(text);
        let filled: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
        filled.join(", ")
    });
    keep("Address", further.collect());
    keep(
        "Post box",
        Some(address[0].clone())
            .filter(|b| !b.is_empty())
            .into_iter()
            .collect(),
    );

    let whole = if named {
        String::new()
    } else {
        first(&VCardProperty::Fn)
    };
    let [email, email_2, email_3] = email;
    let [phone, mobile, phone_2] = phone;
    let [_, street_2, street, city, region, postcode, country] = address;
    let tags = texts(card, &VCardProperty::Categories).join(", ");
    let last = name.into_iter().next().unwrap_or_default();
    vec![
        whole,
        given,
        last,
        email,
        email_2,
        email_3,
        phone,
        mobile,
        phone_2,
        title,
        company,
        site,
        birthday,
        street,
        street_2,
        city,
        region,
        postcode,
        country,
        tags,
        notes.join("\n"),
    ]
}

fn text(value: &VCardValue) -> String {
    match value {
        VCardValue::Component(parts) => parts.join(" "),
        value => value.as_text().unwrap_or_default().trim().to_owned(),
    }
}

/// The texts of all lines of a property.
fn texts(card: &VCard, property: &VCardProperty) -> Vec<String> {
    let all = card.properties(property).flat_map(|entry| &entry.values);
    all.map(text).filter(|text| !text.is_empty()).collect()
}

/// The parts of a name or an address (RFC 6350, sections 6.2.2 and 6.3.1); what is missing is empty.
fn parts(entry: Option<&VCardEntry>) -> [String; 7] {
    let mut parts = entry.iter().flat_map(|entry| &entry.values).map(text);
    [(); 7].map(|()| parts.next().unwrap_or_default())
}

fn is_of(entry: &VCardEntry, kind: &str) -> bool {
    let mut types = entry.parameters(&VCardParameterName::Type);
    types.any(|value| {
        value
            .as_text()
            .is_some_and(|t| t.eq_ignore_ascii_case(kind))
    })
}

/// As version 4 says it, or as the versions before did.
fn is_preferred(entry: &VCardEntry) -> bool {
    let mut said = entry.parameters(&VCardParameterName::Pref);
    said.next().is_some() || is_of(entry, "pref")
}

/// The whole day, or what there is of it.
fn birthday(card: &VCard) -> (String, Option<String>) {
    let value = card.property(&VCardProperty::Bday);
    let value = value.and_then(|entry| entry.values.first());
    match value {
        Some(VCardValue::PartialDateTime(day)) => match (day.year, day.month, day.day) {
            (Some(year), Some(month), Some(day)) => {
                (format!("{year:04}-{month:02}-{day:02}"), None)
            }
            (year, month, day) => {
                let part = |part: Option<u8>| part.map_or("?".into(), |n| format!("{n:02}"));
                let year = year.map_or("?".into(), |year| year.to_string());
                (
                    String::new(),
                    Some(format!("{year}-{}-{}", part(month), part(day))),
                )
            }
        },
        Some(other) => (String::new(), Some(text(other)).filter(|t| !t.is_empty())),
        None => Default::default(),
    }
}
