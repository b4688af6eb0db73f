use super::{Table, TempFile};
use crate::tabular::{TableError, vcards};

/// What an import would see of a person: the filled cells by their names.
fn people(bytes: impl AsRef<[u8]>) -> Vec<Vec<(String, String)>> {
    let file = TempFile::new(bytes);
    assert!(vcards::unfold(file.as_ref()).expect("readable cards"));
    let table = Table::open(&file).expect("a table");
    let rows = table.rows().expect("rows");
    let named = |row: super::Row| -> Vec<(String, String)> {
        let cells = table.header.iter().zip(row.iter());
        let filled = cells.filter(|(_, cell)| !cell.is_empty());
        filled
            .map(|(name, cell)| (name.clone(), cell.to_owned()))
            .collect()
    };
    rows.map(|row| named(row.expect("a row"))).collect()
}

fn pairs<'a>(all: &[(&'a str, &'a str)]) -> Vec<(String, String)> {
    let own = |text: &str| text.to_owned();
    all.iter()
        .map(|(name, cell)| (own(name), own(cell)))
        .collect()
}

#[test]
fn a_card_becomes_a_row_and_nothing_of_it_is_lost() {
    let card = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:O'Brien;Zoë;Ann;Dr.;\r\nFN:Dr. Zoë O'Brien\r\nORG:Blue Harbour Ltd;Sales\r\n\
        TITLE:Captain\r\nitem1.EMAIL;TYPE=HOME:zoe@home.example\r\nEMAIL;TYPE=work;TYPE=pref:zoe@work.example\r\n\
        EMAIL:a@x.example\r\nEMAIL:b@x.example\r\nTEL;TYPE=CELL:+49 170 1\r\nTEL;TYPE=WORK:030 1\r\nTEL:030 2\r\nTEL:030 3\r\n\
        ADR;TYPE=HOME:;Flat 2;Main St 1\\, rear;Berlin;BE;10115;Germany\r\nADR:;;Quay 2;Split;;21000;Croatia\r\n\
        BDAY:1980-05-03\r\nNOTE:One\\nTwo\\, three\r\nCATEGORIES:vip,sail\r\nURL:https://x.example\r\n\
        PHOTO;ENCODING=b;TYPE=JPEG:AAAA\r\nEND:VCARD\r\n";
    let expected = pairs(&[
        ("First name", "Zoë Ann"),
        ("Last name", "O'Brien"),
        ("E-mail", "zoe@work.example"),
        ("Further e-mail", "zoe@home.example"),
        ("Third e-mail", "a@x.example"),
        ("Phone", "030 1"),
        ("Mobile phone", "+49 170 1"),
        ("Further phone", "030 2"),
        ("Job title", "Captain"),
        ("Company", "Blue Harbour Ltd"),
        ("Company's website", "https://x.example"),
        ("Birthday", "1980-05-03"),
        ("Street", "Main St 1, rear"),
        ("Street, second line", "Flat 2"),
        ("City", "Berlin"),
        ("Region", "BE"),
        ("Postcode", "10115"),
        ("Country", "Germany"),
        ("Tags", "vip, sail"),
        (
            "Notes about them",
            "One\nTwo, three\nE-mail: b@x.example\nPhone: 030 3\nDepartment: Sales\nAddress: Quay 2, Split, 21000, Croatia",
        ),
    ]);
    assert_eq!(people(card), [expected]);
}

#[test]
fn old_and_new_versions_are_read() {
    let old = "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6rg\nTEL;HOME;VOICE:030 5\nEND:VCARD\n";
    let new =
        "BEGIN:VCARD\nVERSION:4.0\nFN:李雷\nTEL;VALUE=uri:tel:+1-555\nBDAY:--0503\nEND:VCARD\n";
    let all = people(format!("\u{feff}{old}garbage\n{new}"));
    let first = [
        ("First name", "Jörg"),
        ("Last name", "Müller"),
        ("Phone", "030 5"),
    ];
    let second = [
        ("Whole name", "李雷"),
        ("Phone", "+1-555"),
        ("Notes about them", "Birthday: ?-05-03"),
    ];
    assert_eq!(all, [pairs(&first), pairs(&second)]);
    let latin = people(b"BEGIN:VCARD\nN:M\xfcller;J\xf6rg\nEND:VCARD\n");
    assert_eq!(
        latin,
        [pairs(&[("First name", "Jörg"), ("Last name", "Müller")])]
    );
}

#[test]
fn what_is_broken_or_something_else_is_left_or_refused() {
    let unfold = |bytes: &[u8]| vcards::unfold(TempFile::new(bytes).as_ref());
    for other in [
        &b""[..],
        b"BEGIN",
        b"name,email\nBEGIN:VCARD,x\n",
        b"\xff\xfe\0\0",
    ] {
        assert!(!unfold(other).unwrap(), "{other:?}");
    }
    assert!(matches!(unfold(b"BEGIN:VCARDS\n"), Err(TableError::Empty)));
    // A file that was cut off has what came before the cut.
    assert_eq!(people("BEGIN:VCARD\nFN:Cut").len(), 1);
    assert!(
        people("BEGIN:VCARD\nEND:VCARD\n").is_empty(),
        "a card of nobody"
    );
}
