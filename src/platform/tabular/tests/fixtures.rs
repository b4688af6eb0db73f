use std::path::{Path, PathBuf};

use super::super::mapping::guess;
use super::super::values::{DateOrder, DateVotes, Decimals, NumberVotes, email, phone};
use super::super::{Problem, Row, Table, TableError};
use super::mapping::{fields, targets};

fn path(name: &str) -> PathBuf {
    // Cargo runs tests in the package's folder; what `env!` gives is where it was last compiled.
    Path::new("tests/fixtures/csv").join(name)
}

fn open(name: &str) -> (Table, Vec<Row>) {
    let table = Table::open(path(name)).expect(name);
    let rows = table.rows().expect(name).collect::<Result<_, TableError>>();
    (table, rows.expect(name))
}

#[test]
fn every_row_of_every_file_is_found() {
    let files = [
        ("hubspot-contacts.csv", 40, 0),
        ("salesforce-contacts.csv", 44, 4),
        ("google-contacts.csv", 40, 0),
        ("google-contacts-old.csv", 40, 0),
        ("semicolons.csv", 30, 0),
        ("utf-16le.csv", 30, 0),
        ("utf-16le-tabs.txt", 30, 0),
        ("windows-1252.csv", 25, 0),
        ("quoted-newlines.csv", 20, 0),
        ("duplicates.csv", 30, 0),
        ("broken-addresses.csv", 30, 0),
        ("names.csv", 24, 0),
        ("ragged.csv", 25, 10),
        ("repeated-headers.csv", 20, 0),
        ("old-mac.csv", 20, 0),
        ("unclosed-quote.csv", 21, 1),
        ("header-only.csv", 0, 0),
    ];
    for (name, count, odd) in files {
        let (_, rows) = open(name);
        let problems = rows.iter().filter(|row| row.problem.is_some()).count();
        assert_eq!((rows.len(), problems), (count, odd), "{name}");
    }
}

#[test]
fn names_arrive_in_every_encoding() {
    for name in [
        "utf-16le.csv",
        "utf-16le-tabs.txt",
        "old-mac.csv",
        "semicolons.csv",
    ] {
        let (_, rows) = open(name);
        let names: Vec<&str> = rows.iter().map(|row| row.get(1)).collect();
        for known in ["O'Brien", "Nguyễn", "李", "الحسن"] {
            assert!(names.contains(&known), "{known} in {name}");
        }
    }
    let (_, rows) = open("windows-1252.csv");
    let text: String = rows.iter().flat_map(Row::iter).collect();
    assert!(
        text.contains("Œuvre d’art…") && text.contains("€"),
        "{text}"
    );
}

#[test]
fn the_unclosed_quote_is_told_at_its_row() {
    let (_, rows) = open("unclosed-quote.csv");
    let row = rows
        .iter()
        .find(|row| row.problem.is_some())
        .expect("a problem");
    assert_eq!((row.number, row.problem), (12, Some(Problem::StrayQuote)));
    assert_eq!(row.get(2), "una@unclosed.example");
}

#[test]
fn what_is_no_table_is_told() {
    let refusal = |name| Table::open(path(name)).expect_err(name).to_string();
    assert_eq!(refusal("empty.csv"), "The file is empty.");
    assert!(refusal("garbage.csv").contains("archive") || refusal("garbage.csv").contains("Excel"));
}

#[test]
fn exports_of_other_programs_are_mapped() {
    let mapped = |name| {
        let (table, rows) = open(name);
        let mapping = guess(&table.header, &rows, &targets());
        let pairs = table
            .header
            .iter()
            .cloned()
            .zip(fields(&mapping).into_iter().map(str::to_owned));
        (mapping.source, pairs.collect::<Vec<_>>())
    };
    let files = [
        ("hubspot-contacts.csv", Some("HubSpot"), "Email"),
        ("salesforce-contacts.csv", Some("Salesforce"), "Email"),
        (
            "google-contacts.csv",
            Some("Google Contacts"),
            "E-mail 1 - Value",
        ),
        (
            "google-contacts-old.csv",
            Some("Google Contacts"),
            "E-mail 1 - Value",
        ),
        ("semicolons.csv", None, "E-Mail"),
    ];
    for (name, source, address) in files {
        let (found, columns) = mapped(name);
        assert_eq!(found, source, "{name}");
        let has = |column: &str, field: &str| {
            columns
                .iter()
                .any(|(header, key)| header == column && key == field)
        };
        assert!(has(address, "email"), "{name}: {columns:?}");
        for field in ["first_name", "last_name", "phone", "company", "city"] {
            assert!(
                columns.iter().any(|(_, key)| key == field),
                "{name} has no {field}: {columns:?}"
            );
        }
    }
}

#[test]
fn half_of_the_broken_addresses_are_sound() {
    let (_, rows) = open("broken-addresses.csv");
    let (good, bad): (Vec<_>, Vec<_>) = rows.iter().partition(|row| email(row.get(2)).is_ok());
    let list = |rows: Vec<&Row>| {
        rows.iter()
            .map(|row| row.get(2).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        (good.len(), bad.len()),
        (15, 15),
        "{:?} {:?}",
        list(good),
        list(bad)
    );
}

#[test]
fn a_german_spreadsheet_is_read_the_german_way() {
    let (_, rows) = open("semicolons.csv");
    let (mut numbers, mut dates) = (NumberVotes::default(), DateVotes::default());
    for row in &rows {
        numbers.see(row.get(6));
        dates.see(row.get(7));
        assert!(phone(row.get(3), None).is_ok(), "{}", row.get(3));
    }
    assert_eq!(numbers.decimals(), Some(Decimals::Comma));
    assert_eq!(dates.order(), Some(DateOrder::DayFirst));
}
