use proptest::prelude::*;

use super::super::guard::{guard, unguard};
use super::super::writer::{Style, TableWriter};
use super::read;

fn written(header: &[String], rows: &[Vec<String>], style: Style) -> Vec<u8> {
    let mut table = TableWriter::new(Vec::new(), header, style).expect("a writer");
    for row in rows {
        table.row(row).expect("a row");
    }
    table.finish().expect("the bytes")
}

fn strings(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

#[test]
fn formulas_are_disarmed_and_numbers_are_not() {
    for formula in [
        "=1+1",
        "@SUM(A1)",
        "+cmd|' /C calc'!A0",
        "-2+3+cmd",
        "\t=1",
        "\r=1",
        "-",
        "＝1",
        "'=1",
        "''+x",
    ] {
        assert!(guard(formula).starts_with('\''), "{formula}");
        assert_eq!(unguard(&guard(formula)), formula);
    }
    for plain in [
        "-5",
        "-1,234.50",
        "+1 (212) 555-0123",
        "+49 30 1234567",
        "O'Brien",
        "'quoted'",
        "",
        "a=b",
        "-12 %",
    ] {
        assert_eq!(guard(plain), plain);
        assert_eq!(unguard(plain), plain);
    }
    assert_eq!(unguard("'+1 212 555 0123"), "+1 212 555 0123");
}

#[test]
fn an_export_opens_in_a_spreadsheet_and_comes_back() {
    let header = strings(&["First name", "Note"]);
    let rows = vec![
        strings(&["李雷", "a \"b\"\r\nc, d; e"]),
        strings(&["=HYPERLINK(\"x\")", "-5"]),
    ];
    let bytes = written(&header, &rows, Style::default());
    assert!(bytes.starts_with(b"\xEF\xBB\xBFFirst name,Note\r\n"));
    let found = read(bytes);
    assert_eq!(found.header, header);
    assert_eq!(found.cells(), rows);
}

#[test]
fn a_single_column_of_tags_comes_back() {
    let rows = vec![strings(&["a;b;c"]), strings(&["d;e;f"]), strings(&["g|h"])];
    let bytes = written(&strings(&["tags"]), &rows, Style::default());
    assert_eq!(read(bytes).cells(), rows);
}

/// Cells as wild as they come; only NULs cannot be in a text file.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,12}",
        "[=+@'\"\\\\;,|\t\r\n-]{0,6}[a-z0-9 ]{0,4}",
        "\\PC{0,8}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn whatever_is_exported_is_imported_unchanged(
        cells in proptest::collection::vec(proptest::collection::vec(cell(), 3), 1..12),
        delimiter in proptest::sample::select(vec![b',', b';', b'\t', b'|']),
        mark in any::<bool>(),
    ) {
        // A row that is wholly empty is passed over, and a mark at the start of a line is taken for the file's.
        let rows: Vec<Vec<String>> = cells
            .into_iter()
            .map(|mut row| {
                row[0] = format!("x{}", row[0]);
                row
            })
            .collect();
        let header = strings(&["First name", "Note", "Tags"]);
        let found = read(written(&header, &rows, Style { delimiter, mark }));
        prop_assert_eq!(&found.header, &header);
        prop_assert_eq!(found.cells(), rows);
        prop_assert!(found.rows.iter().all(|row| row.problem.is_none()));
    }

    #[test]
    fn no_bytes_make_it_fail_badly(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let file = super::TempFile::new(bytes);
        if let Ok(table) = super::Table::open(&file) {
            for row in table.rows().expect("rows") {
                prop_assert!(row.is_ok());
            }
        }
    }

    #[test]
    fn no_text_of_quotes_and_breaks_loses_a_letter(text in "[ab,\"\n\r]{0,60}") {
        let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).count();
        let whole = format!("h,i\n{text}");
        let found = read(&whole);
        let kept: usize = found.rows.iter().flat_map(super::Row::iter).map(letters).sum();
        let named: usize = found.header.iter().map(|name| letters(name)).sum();
        prop_assert!(kept >= letters(&text) || named != 2);
    }
}
