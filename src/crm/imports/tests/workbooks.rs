//! Workbooks as nobody should send them: each is refused with a sentence, and none is more than the server bears.

use std::io::{Cursor, Write};

use actix_web::http::StatusCode;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{import_of, number, upload};
use crate::crm::imports::source;
use crate::testing::world;

const TYPES: &str = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#;
const RELS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
const ROOT: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const SHEET: &str = r#"<sheet name="People" sheetId="1" r:id="rId1"/>"#;

/// A workbook with these sheets in its list and this text as its only sheet.
fn book(sheets: &str, sheet: &str) -> Vec<u8> {
    let workbook = format!(
        r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>{sheets}</sheets></workbook>"#
    );
    archive(&[
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", ROOT),
        ("xl/workbook.xml", &workbook),
        ("xl/_rels/workbook.xml.rels", RELS),
        ("xl/worksheets/sheet1.xml", sheet),
    ])
}

fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, text) in parts {
        zip.start_file(*name, packed).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn sheet(rows: &str) -> String {
    sheet_of("A1:XFD1048576", rows)
}

fn sheet_of(dimension: &str, rows: &str) -> String {
    format!(
        r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="{dimension}"/><sheetData>{rows}</sheetData></worksheet>"#
    )
}

/// What an encrypted workbook is: a compound file around an encrypted package.
fn locked() -> Vec<u8> {
    let mut bytes = vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    bytes.resize(4_096, 0);
    bytes.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    bytes
}

fn noise() -> Vec<u8> {
    (0..4_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect()
}

#[actix_web::test]
async fn a_hostile_workbook_is_refused_with_a_sentence() {
    let whole = book(
        SHEET,
        &sheet(r#"<row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c></row>"#),
    );
    let bomb = sheet(&" ".repeat(80 * 1024 * 1024));
    let stretch = sheet(&format!(
        r#"<row r="1"><c r="A1" t="inlineStr"><is><t>{}</t></is></c></row>"#,
        "x".repeat(17 * 1024 * 1024)
    ));
    let blank: String = (1..=200_000)
        .map(|n| format!(r#"<row r="{n}" spans="1:16384"/>"#))
        .collect();
    let wide = sheet(r#"<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#);
    for (what, bytes, words) in [
        ("a bomb", book(SHEET, &bomb), "The workbook holds too much"),
        (
            "one endless cell",
            book(SHEET, &stretch),
            "The workbook holds too much",
        ),
        (
            "too many sheets",
            book(&SHEET.repeat(800_000), &sheet("")),
            "The workbook holds too much",
        ),
        (
            "no sheet",
            book("", &sheet("")),
            "no sheet with anything in it",
        ),
        (
            "an empty sheet",
            book(SHEET, &sheet("")),
            "no sheet with anything in it",
        ),
        (
            "empty rows",
            book(SHEET, &sheet(&blank)),
            "no sheet with anything in it",
        ),
        ("a cell far away", book(SHEET, &wide), "16384 columns"),
        (
            "half a file",
            whole[..whole.len() / 2].to_vec(),
            "not a CSV file",
        ),
        ("no zip", noise(), "not a CSV file"),
        (
            "a page of a site",
            b"<!doctype html><p>Sign in".to_vec(),
            "a web page",
        ),
        (
            "another archive",
            archive(&[("clients.csv", "Name\nAnn\n")]),
            "a ZIP archive",
        ),
        ("locked", locked(), "locked with a password"),
    ] {
        let world = world();
        let alice = world.browser("owner@acme.test").await;
        let url = "/api/v1/w/acme/companies/imports";
        let sent = upload(&alice, url, "book.xlsx", &bytes, &[]).await;
        assert_eq!(
            sent.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{what}: {}",
            sent.text
        );
        let message = sent.json()["errors"][0]["message"].clone();
        let message = message.as_str().unwrap_or_default();
        assert!(message.contains(words), "{what}: {message}");
        let page = upload(
            &alice,
            "/w/acme/companies/imports",
            "book.xlsx",
            &bytes,
            &[],
        )
        .await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{what}");
        assert!(page.says("Import companies"), "{what}: {}", page.text);
        // Nothing of it is kept.
        let workspace = world.within("acme", |tx| Ok(tx.workspace));
        let folder = source::folder(&world.app.config, workspace);
        let left = std::fs::read_dir(&folder).map_or(0, Iterator::count);
        assert_eq!(left, 0, "{what}");
    }
}

#[actix_web::test]
async fn broken_parts_of_a_workbook_bring_nothing_down() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let row = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c></row>"#;
    for (what, sheet) in [
        (
            "a dimension that is none",
            sheet_of("ZZZZZZZ99999999999:?", row),
        ),
        (
            "a row number that is none",
            sheet(
                r#"<row r="99999999999999999999"><c r="A99999999999999999999"><v>1</v></c></row>"#,
            ),
        ),
        (
            "a text that is not there",
            sheet(r#"<row r="1"><c r="A1" t="s"><v>77</v></c></row>"#),
        ),
        ("a sheet that ends too early", sheet(row)[..200].to_owned()),
        (
            "entities within entities",
            format!(
                "<!DOCTYPE x [<!ENTITY a \"aaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>{}",
                sheet(r#"<row r="1"><c r="A1" t="inlineStr"><is><t>&b;&b;&b;</t></is></c></row>"#)
            ),
        ),
        ("no sheet at all", String::new()),
    ] {
        let url = "/api/v1/w/acme/companies/imports";
        let sent = upload(&alice, url, "book.xlsx", &book(SHEET, &sheet), &[]).await;
        let told = sent.status.is_success() || sent.status == StatusCode::UNPROCESSABLE_ENTITY;
        assert!(told, "{what}: {} {}", sent.status, sent.text);
    }
}

#[actix_web::test]
async fn formulas_give_their_values_and_errors_nothing() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let text = |cell: &str, text: &str| {
        format!(r#"<c r="{cell}" t="inlineStr"><is><t>{text}</t></is></c>"#)
    };
    let rows = format!(
        r#"<row r="1">{}{}{}</row><row r="2">{}<c r="B2"><f>5*8</f><v>40</v></c><c r="C2" t="e"><v>#DIV/0!</v></c></row><row r="5">{}<c r="B5"><f>NOW()</f></c><c r="C5" t="str"><f>"Ro"&amp;"pes"</f><v>Ropes</v></c></row>"#,
        text("A1", "Name"),
        text("B1", "Employees"),
        text("C1", "Industry"),
        text("A2", "O'Brien"),
        text("A5", "李雷")
    );
    let bytes = book(SHEET, &sheet(&rows));
    let done = import_of("companies", &world, &alice, "b.xlsx", &bytes, &[]).await;
    assert_eq!(
        (number(&done, "created"), number(&done, "noted")),
        (2, 0),
        "{done}"
    );
    let list = alice
        .get_json("/api/v1/w/acme/companies?sort=name")
        .await
        .json();
    let told: Vec<_> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| {
            (
                c["name"].clone(),
                c["employees"].clone(),
                c["industry"].clone(),
            )
        })
        .collect();
    assert!(
        told.contains(&("O'Brien".into(), 40.into(), "".into())),
        "{told:?}"
    );
    assert!(
        told.contains(&("李雷".into(), serde_json::Value::Null, "Ropes".into())),
        "{told:?}"
    );
}
