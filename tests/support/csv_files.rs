//! CSV files as people have them: the layouts of three address books, and what else goes wrong with tables.
//!
//! The header rows are those of the products' own exports; the people in them are made up.

use std::io::{self, Write};

use super::people::{Person, people, person};

/// A file of `tests/fixtures/csv`: its name and its bytes.
pub type File = (&'static str, Vec<u8>);

/// Every small file, as it is committed.
pub fn fixtures() -> Vec<File> {
    vec![
        ("hubspot-contacts.csv", hubspot(40).into_bytes()),
        ("salesforce-contacts.csv", salesforce(40).into_bytes()),
        ("google-contacts.csv", google(40).into_bytes()),
        ("google-contacts-old.csv", google_old(40).into_bytes()),
        (
            "semicolons.csv",
            [b"\xEF\xBB\xBF".as_slice(), semicolons(30).as_bytes()].concat(),
        ),
        ("utf-16le.csv", utf16le(&plain(30, ","))),
        ("utf-16le-tabs.txt", utf16le(&plain(30, "\t"))),
        ("windows-1252.csv", windows_1252(&western(25))),
        ("quoted-newlines.csv", quoted_newlines().into_bytes()),
        ("duplicates.csv", duplicates().into_bytes()),
        ("broken-addresses.csv", broken_addresses().into_bytes()),
        ("names.csv", names().into_bytes()),
        ("ragged.csv", ragged().into_bytes()),
        ("repeated-headers.csv", repeated_headers().into_bytes()),
        (
            "old-mac.csv",
            plain(20, ",").replace("\r\n", "\r").into_bytes(),
        ),
        ("unclosed-quote.csv", unclosed_quote().into_bytes()),
        (
            "header-only.csv",
            b"First name,Last name,Email\r\n".to_vec(),
        ),
        ("empty.csv", Vec::new()),
        ("garbage.csv", garbage()),
    ]
}

/// HubSpot, Contacts › Export view: all properties of the default view, comma, UTF-8, LF.
pub fn hubspot(rows: usize) -> String {
    let mut out = line(&HUBSPOT, ",", "\n");
    for person in people(rows) {
        out += &hubspot_row(&person);
    }
    out
}

pub const HUBSPOT: [&str; 21] = [
    "Record ID",
    "First Name",
    "Last Name",
    "Email",
    "Phone Number",
    "Mobile Phone Number",
    "Job Title",
    "Company Name",
    "Website URL",
    "Street Address",
    "City",
    "Postal Code",
    "Country/Region",
    "Lifecycle Stage",
    "Lead Status",
    "Contact owner",
    "Original Source",
    "Marketing contact status",
    "Create Date",
    "Last Activity Date",
    "Associated Company",
];

pub fn hubspot_row(p: &Person) -> String {
    let id = (151 + p.number * 50).to_string();
    let website = format!("https://www.{}", p.domain);
    let created = format!("{} 09:{:02}", p.since, p.number % 60);
    line(
        &[
            &id,
            p.first,
            p.last,
            &p.email,
            &p.phone,
            "",
            p.title,
            p.company,
            &website,
            p.street,
            p.city,
            p.postcode,
            p.country,
            p.stage,
            ["New", "Open", "In progress", ""][p.number % 4],
            "owner@acme.test",
            ["Organic search", "Direct traffic", "Offline sources"][p.number % 3],
            ["Marketing contact", "Non-marketing contact"][p.number % 2],
            &created,
            "",
            p.company,
        ],
        ",",
        "\n",
    )
}

/// What is in a file made by [`large`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    pub rows: usize,
    pub bytes: usize,
    /// Rows whose address can't be delivered to.
    pub broken: usize,
    /// Rows whose address is that of the row before.
    pub repeated: usize,
}

/// The HubSpot layout, until there are so many rows or bytes; every 100th address is broken, every 250th repeated.
pub fn large(out: &mut impl Write, rows: usize, bytes: usize) -> io::Result<Contents> {
    let header = line(&HUBSPOT, ",", "\n");
    out.write_all(header.as_bytes())?;
    let mut contents = Contents {
        bytes: header.len(),
        ..Contents::default()
    };
    let mut previous = String::new();
    while contents.rows < rows && contents.bytes < bytes {
        let mut somebody = person(contents.rows);
        let address = somebody.email.clone();
        if contents.rows % 250 == 249 {
            somebody.email = previous;
            contents.repeated += 1;
        } else if contents.rows % 100 == 99 {
            somebody.email = address.replace('@', " at ");
            contents.broken += 1;
        }
        let row = hubspot_row(&somebody);
        out.write_all(row.as_bytes())?;
        contents.rows += 1;
        contents.bytes += row.len();
        previous = address;
    }
    Ok(contents)
}

/// Salesforce, 'Contacts & Accounts' report, details only: every cell quoted, and a footer that is no row.
pub fn salesforce(rows: usize) -> String {
    let quoted = |cells: &[&str]| {
        cells
            .iter()
            .map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")))
            .collect::<Vec<_>>()
            .join(",")
            + "\r\n"
    };
    let mut out = quoted(&[
        "Salutation",
        "First Name",
        "Last Name",
        "Title",
        "Account Name",
        "Mailing Street",
        "Mailing City",
        "Mailing State/Province",
        "Mailing Zip/Postal Code",
        "Mailing Country",
        "Phone",
        "Mobile",
        "Fax",
        "Email",
        "Account Owner",
    ]);
    for p in people(rows) {
        let salutation = ["Mr.", "Ms.", "", "Dr."][p.number % 4];
        out += &quoted(&[
            salutation,
            p.first,
            p.last,
            p.title,
            p.company,
            p.street,
            p.city,
            "",
            p.postcode,
            p.country,
            &p.phone,
            "",
            "",
            &p.email,
            "Olivia Owner",
        ]);
    }
    out += "\r\n\r\n\"Contacts and Accounts\"\r\n\"Confidential Information - Do Not Distribute\"\r\n\"Generated By:  Olivia Owner 3/9/2024 9:00 AM\"\r\n\"Acme Ltd\"\r\n";
    out
}

/// Google Contacts, 'Google CSV', as exported today: labels, First Name/Last Name.
pub fn google(rows: usize) -> String {
    let mut out = line(
        &[
            "First Name",
            "Middle Name",
            "Last Name",
            "Phonetic First Name",
            "Phonetic Middle Name",
            "Phonetic Last Name",
            "Name Prefix",
            "Name Suffix",
            "Nickname",
            "File As",
            "Organization Name",
            "Organization Title",
            "Organization Department",
            "Birthday",
            "Notes",
            "Photo",
            "Labels",
            "E-mail 1 - Label",
            "E-mail 1 - Value",
            "E-mail 2 - Label",
            "E-mail 2 - Value",
            "Phone 1 - Label",
            "Phone 1 - Value",
            "Address 1 - Label",
            "Address 1 - Formatted",
            "Address 1 - Street",
            "Address 1 - City",
            "Address 1 - PO Box",
            "Address 1 - Region",
            "Address 1 - Postal Code",
            "Address 1 - Country",
            "Address 1 - Extended Address",
            "Website 1 - Label",
            "Website 1 - Value",
        ],
        ",",
        "\n",
    );
    for p in people(rows) {
        let (second_label, second) = second_address(&p);
        let labels = [
            "* myContacts",
            "Crew ::: * myContacts",
            "* myContacts ::: * starred",
        ][p.number % 3];
        let formatted = format!("{}\n{}\n{}\n{}", p.street, p.city, p.postcode, p.country);
        let website = format!("https://www.{}", p.domain);
        let (prefix, birthday) = (
            if p.number % 9 == 0 { "Dr." } else { "" },
            if p.number % 5 == 0 { &*p.since } else { "" },
        );
        out += &line(
            &[
                p.first,
                "",
                p.last,
                "",
                "",
                "",
                prefix,
                "",
                "",
                "",
                p.company,
                p.title,
                "",
                birthday,
                "",
                "",
                labels,
                "* Work",
                &p.email,
                second_label,
                &second,
                "Mobile",
                &p.phone,
                "Work",
                &formatted,
                p.street,
                p.city,
                "",
                "",
                p.postcode,
                p.country,
                "",
                "Work",
                &website,
            ],
            ",",
            "\n",
        );
    }
    out
}

/// Google Contacts as exported until 2024: Given Name/Family Name, types, two addresses in one cell.
pub fn google_old(rows: usize) -> String {
    let mut out = line(
        &[
            "Name",
            "Given Name",
            "Additional Name",
            "Family Name",
            "Yomi Name",
            "Given Name Yomi",
            "Additional Name Yomi",
            "Family Name Yomi",
            "Name Prefix",
            "Name Suffix",
            "Initials",
            "Nickname",
            "Short Name",
            "Maiden Name",
            "Birthday",
            "Gender",
            "Location",
            "Billing Information",
            "Directory Server",
            "Mileage",
            "Occupation",
            "Hobby",
            "Sensitivity",
            "Priority",
            "Subject",
            "Notes",
            "Language",
            "Photo",
            "Group Membership",
            "E-mail 1 - Type",
            "E-mail 1 - Value",
            "Phone 1 - Type",
            "Phone 1 - Value",
            "Address 1 - Type",
            "Address 1 - Formatted",
            "Address 1 - Street",
            "Address 1 - City",
            "Address 1 - PO Box",
            "Address 1 - Region",
            "Address 1 - Postal Code",
            "Address 1 - Country",
            "Address 1 - Extended Address",
            "Organization 1 - Type",
            "Organization 1 - Name",
            "Organization 1 - Yomi Name",
            "Organization 1 - Title",
            "Organization 1 - Department",
            "Organization 1 - Symbol",
            "Organization 1 - Location",
            "Organization 1 - Job Description",
            "Website 1 - Type",
            "Website 1 - Value",
        ],
        ",",
        "\n",
    );
    for p in people(rows) {
        let name = format!("{} {}", p.first, p.last);
        let (_, second) = second_address(&p);
        let addresses = if second.is_empty() {
            p.email.clone()
        } else {
            format!("{} ::: {second}", p.email)
        };
        let formatted = format!("{}\n{}\n{}\n{}", p.street, p.city, p.postcode, p.country);
        let website = format!("https://www.{}", p.domain);
        let mut cells = vec![name.as_str(), p.first, "", p.last];
        cells.resize(28, "");
        cells.extend([
            "* myContacts",
            "* Work",
            &addresses,
            "Mobile",
            &p.phone,
            "Work",
            &formatted,
            p.street,
            p.city,
        ]);
        cells.extend([
            "", "", p.postcode, p.country, "", "", p.company, "", p.title, "", "", "", "", "Work",
            &website,
        ]);
        out += &line(&cells, ",", "\n");
    }
    out
}

fn second_address(p: &Person) -> (&'static str, String) {
    if p.number.is_multiple_of(6) {
        ("Home", format!("home.{}@mail.example", p.number))
    } else {
        ("", String::new())
    }
}

/// Five plain columns, CR LF.
pub fn plain(rows: usize, separator: &str) -> String {
    let mut out = line(
        &["First name", "Last name", "Email", "Phone", "Company"],
        separator,
        "\r\n",
    );
    for p in people(rows) {
        out += &line(
            &[p.first, p.last, &p.email, &p.phone, p.company],
            separator,
            "\r\n",
        );
    }
    out
}

/// A German Excel: semicolons, decimal commas, dates with dots.
fn semicolons(rows: usize) -> String {
    let header = [
        "Vorname",
        "Nachname",
        "E-Mail",
        "Telefon",
        "Firma",
        "Ort",
        "Umsatz",
        "Kunde seit",
    ];
    let mut out = line(&header, ";", "\r\n");
    for p in people(rows) {
        let revenue = format!("{}.{:03},50", p.number + 1, p.number * 37 % 1000);
        let since = format!("{}.{}.2024", &p.since[8..], &p.since[5..7]);
        out += &line(
            &[
                p.first, p.last, &p.email, &p.phone, p.company, p.city, &revenue, &since,
            ],
            ";",
            "\r\n",
        );
    }
    out
}

/// Only what Windows-1252 can write, with its curly quotes, dashes and the euro sign.
fn western(rows: usize) -> String {
    let mut out = line(
        &["Prénom", "Nom", "Courriel", "Société", "Note"],
        ";",
        "\r\n",
    );
    for p in people(200)
        .filter(|p| encodable(p.first) && encodable(p.last) && encodable(p.company))
        .take(rows)
    {
        let note = ["Budget 1 500 €", "“urgent” – rappeler", "Œuvre d’art…", ""][p.number % 4];
        out += &line(&[p.first, p.last, &p.email, p.company, note], ";", "\r\n");
    }
    out
}

fn encodable(text: &str) -> bool {
    !encoding_rs::WINDOWS_1252.encode(text).2
}

fn windows_1252(text: &str) -> Vec<u8> {
    encoding_rs::WINDOWS_1252.encode(text).0.into_owned()
}

fn utf16le(text: &str) -> Vec<u8> {
    std::iter::once(0xFEFF)
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect()
}

fn quoted_newlines() -> String {
    let mut out = line(&["First name", "Last name", "Email", "Notes"], ",", "\r\n");
    for p in people(20) {
        let note = [
            "Two\nlines",
            "Windows\r\nlines\r\n\r\nand an empty one",
            "He said \"call me\", twice",
            "a,b;c\td",
            "\n",
            "ends with a quote\"",
        ][p.number % 6];
        out += &line(&[p.first, p.last, &p.email, note], ",", "\r\n");
    }
    out
}

/// 30 rows, 20 people: the same address again, in other letters, with spaces, and the same person without one.
fn duplicates() -> String {
    let mut out = line(&["First name", "Last name", "Email", "Company"], ",", "\n");
    for p in people(20) {
        out += &line(&[p.first, p.last, &p.email, p.company], ",", "\n");
        let again = match p.number % 8 {
            0 => p.email.clone(),
            2 => p.email.to_uppercase(),
            4 => format!("  {} ", p.email),
            6 => String::new(),
            _ => continue,
        };
        out += &line(&[p.first, p.last, &again, "Another Company"], ",", "\n");
    }
    out
}

/// Every second row has an address that can't be delivered to; the rest are unusual and fine.
fn broken_addresses() -> String {
    const BROKEN: [&str; 15] = [
        "no-at-sign",
        "@no-local.example",
        "no-domain@",
        "two@@signs.example",
        "two@at@signs.example",
        "space in@local.example",
        "dot.@local.example",
        ".dot@local.example",
        "double..dot@local.example",
        "no-dot@localhost",
        "dash@-start.example",
        "under@sco_re..example",
        "n/a",
        "a@b.example, c@d.example",
        "unclosed <name@brackets.example",
    ];
    const UNUSUAL: [&str; 15] = [
        "plus+tag@fine.example",
        "UPPER@FINE.EXAMPLE",
        "o'brien@fine.example",
        "a@b.co",
        "under_score@fine.example",
        "1234567890@fine.example",
        "very.long.local.part.that.is.still.under.sixty.four.characters@fine.example",
        "sub@many.sub.domains.fine.example",
        "dash@fine-dash.example",
        "x@xn--mller-kva.example",
        "percent%sign@fine.example",
        "slash/es@fine.example",
        "equals=sign@fine.example",
        "hash#tag@fine.example",
        "excl!@fine.example",
    ];
    let mut out = line(&["First name", "Last name", "Email"], ",", "\n");
    for (p, (broken, unusual)) in people(15).zip(BROKEN.into_iter().zip(UNUSUAL)) {
        out += &line(&[p.first, p.last, broken], ",", "\n");
        out += &line(&[p.first, p.last, unusual], ",", "\n");
    }
    out
}

/// Names that break what was built for John Smith.
fn names() -> String {
    const NAMES: [(&str, &str); 24] = [
        ("Sean", "O'Brien"),
        ("Thị Hương", "Nguyễn"),
        ("雷", "李"),
        ("مريم", "الحسن"),
        // The same name in decomposed letters.
        ("Nguye\u{302}\u{303}n", "Decomposed"),
        ("Zoe\u{308}", "Combining"),
        ("Jean‐Luc", "Hyphen‑Kinds"),
        ("", "Mononym"),
        ("Only given", ""),
        ("Null", "Null"),
        ("True", "False"),
        ("=HYPERLINK(\"http://x.example\")", "Formula"),
        ("+1", "-2"),
        ("@SUM(A1)", "Formula"),
        ("<script>alert(1)</script>", "Markup"),
        ("Robert'); DROP TABLE contacts;--", "Tables"),
        ("{{ 7*7 }}", "${7*7}"),
        ("👩‍🚀 Ada", "Emoji"),
        ("\u{202E}Reversed", "Override"),
        ("Zero\u{200B}Width", "Space"),
        ("  Padded  ", "\u{A0}No-break\u{A0}"),
        (
            "Wolfe\u{AD}schlegel\u{AD}steinhausen\u{AD}berger\u{AD}dorff-Hubert-Blaine-the-Very-Long-and-Still-Going-On-and-On",
            "Long",
        ),
        ("ﬁ-ligature", "ＦＵＬＬＷＩＤＴＨ"),
        ("İIıi", "ßẞ"),
    ];
    let mut out = line(&["First name", "Last name", "Email"], ",", "\n");
    for (number, (first, last)) in NAMES.into_iter().enumerate() {
        out += &line(
            &[first, last, &format!("name.{number}@names.example")],
            ",",
            "\n",
        );
    }
    out
}

/// Rows that are too short, too long, blank, or only separators.
fn ragged() -> String {
    let mut out = line(
        &["First name", "Last name", "Email", "Phone", "Company"],
        ",",
        "\n",
    );
    for p in people(25) {
        let full = [p.first, p.last, &p.email, &p.phone, p.company];
        out += &match p.number % 5 {
            0 => line(&full[..3], ",", "\n"),
            1 => line(&[&full[..], &["too", "many"]].concat(), ",", "\n"),
            2 => line(&full, ",", "\n") + "\n",
            3 => line(&full, ",", "\n") + ",,,,\n",
            _ => line(&full, ",", ",\n"),
        };
    }
    out
}

fn repeated_headers() -> String {
    let mut out = line(
        &["Name", "Email", "Email", "", "Phone", "Phone "],
        ",",
        "\n",
    );
    for p in people(20) {
        let name = format!("{} {}", p.first, p.last);
        let second = format!("second.{}@mail.example", p.number);
        out += &line(
            &[&name, &p.email, &second, "unnamed", &p.phone, ""],
            ",",
            "\n",
        );
    }
    out
}

/// A quote that never closes swallows the rest of the file; the rows above it are fine.
fn unclosed_quote() -> String {
    let mut out = plain(10, ",");
    out += "Una,\"Quoted,una@unclosed.example,,\r\n";
    for p in (10..20).map(person) {
        out += &line(
            &[p.first, p.last, &p.email, &p.phone, p.company],
            ",",
            "\r\n",
        );
    }
    out
}

/// 2 kB that are no text at all, beginning as a ZIP (and so an .xlsx) does.
fn garbage() -> Vec<u8> {
    let mut state = 0x9E37_79B9_u32;
    let noise = std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[1]
    });
    b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0"
        .iter()
        .copied()
        .chain(noise)
        .take(2048)
        .collect()
}

/// One record, quoted where it must be.
fn line(cells: &[&str], separator: &str, end: &str) -> String {
    let quoted = |cell: &&str| {
        let special = cell.contains(separator) || cell.contains(['"', '\n', '\r']);
        if special {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            (*cell).to_owned()
        }
    };
    cells.iter().map(quoted).collect::<Vec<_>>().join(separator) + end
}
