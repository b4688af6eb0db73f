use encoding_rs::{GBK, ISO_2022_JP, SHIFT_JIS, WINDOWS_1251, WINDOWS_1252};

use super::super::{Charset, Dialect};
use super::{read, refusal};

fn utf16(text: &str, mark: bool, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let mark = mark.then_some('\u{FEFF}');
    let text: String = mark.into_iter().chain(text.chars()).collect();
    text.encode_utf16().flat_map(order).collect()
}

const PEOPLE: &str = "name,email\nO'Brien,ob@example.com\nNguyễn,ng@example.com\n李雷,li@example.com\nمريم,ma@example.com\n";

#[test]
fn utf_8_and_utf_16_read_the_same_with_and_without_a_mark() {
    let expected = read(PEOPLE);
    assert_eq!(expected.cells()[2], ["李雷", "li@example.com"]);
    let marked = format!("\u{FEFF}{PEOPLE}");
    let files = [
        marked.into_bytes(),
        utf16(PEOPLE, true, u16::to_le_bytes),
        utf16(PEOPLE, true, u16::to_be_bytes),
        utf16(PEOPLE, false, u16::to_le_bytes),
        utf16(PEOPLE, false, u16::to_be_bytes),
    ];
    for file in files {
        let found = read(file);
        assert_eq!(found.header, ["name", "email"]);
        assert_eq!(found.rows, expected.rows);
    }
}

#[test]
fn older_encodings_are_recognised() {
    let german = "Vorname;Straße\nJürgen;Königstraße\nZoë;Größenweg\nRené;Außenring\n";
    let russian = "имя,город\nИван,Москва\nОльга,Екатеринбург\nСергей,Новосибирск\n";
    let japanese = "名前,都市\n山田太郎,東京都\n鈴木花子,大阪市\n";
    let chinese = "姓名,城市\n李雷,北京\n韩梅梅,上海\n王小明,广州\n";
    let files = [
        (german, WINDOWS_1252),
        (russian, WINDOWS_1251),
        (japanese, SHIFT_JIS),
        (japanese, ISO_2022_JP),
        (chinese, GBK),
    ];
    for (text, encoding) in files {
        let (bytes, _, lost) = encoding.encode(text);
        assert!(!lost);
        let found = read(bytes);
        assert_eq!(found.rows, read(text).rows, "{}", encoding.name());
    }
}

#[test]
fn one_odd_letter_at_the_end_of_a_large_file_counts() {
    let mut file = b"name,city\n".to_vec();
    for _ in 0..20_000 {
        file.extend_from_slice(b"Jane,Boston\n");
    }
    file.extend_from_slice(b"Ren\xE9,Qu\xE9bec\n");
    let found = read(file);
    assert_eq!(found.rows[20_000].get(1), "Québec");
}

#[test]
fn utf_8_with_some_windows_1252_loses_nothing() {
    let mut file = "name,city\nJosé,Málaga\nZoë,Düsseldorf\nÅsa,Malmö\n"
        .as_bytes()
        .to_vec();
    file.extend_from_slice(b"Ren\xE9,Lyon\n");
    let found = read(file);
    assert_eq!(found.table.format.charset, Charset::Mixed);
    assert_eq!(found.cells()[0], ["José", "Málaga"]);
    assert_eq!(found.cells()[3], ["René", "Lyon"]);
}

#[test]
fn letters_across_the_reading_buffer_stay_whole() {
    for padding in 0..4 {
        let row = "é漢😀,x\n".repeat(12_000);
        let text = format!("{},b\n{row}", "a".repeat(padding + 1));
        let found = read(&text);
        assert_eq!(found.rows.len(), 12_000);
        assert!(found.rows.iter().all(|row| row.get(0) == "é漢😀"));
        let mut mixed = text.into_bytes();
        mixed.extend_from_slice(b"\xE9,x\n");
        let found = read(mixed);
        assert!(found.rows[..12_000].iter().all(|row| row.get(0) == "é漢😀"));
        assert_eq!(found.rows[12_000].get(0), "é");
    }
}

#[test]
fn what_is_no_table_is_refused_by_name() {
    let workbook = b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0....xl/workbook.xml";
    assert!(refusal(workbook).contains("an Excel workbook"));
    assert!(refusal(b"PK\x03\x04\x14\0 clients.csv").contains("a ZIP archive"));
    assert!(refusal(b"%PDF-1.7\n%\xE2\xE3").contains("a PDF document"));
    assert!(refusal(b"\x89PNG\r\n\x1a\n\0\0").contains("a PNG image"));
    assert!(refusal(b"name,email\nJane\0,x\n").contains("a binary file"));
    assert!(refusal("{\"contacts\": []}").contains("a JSON file"));
    assert!(refusal("<!DOCTYPE html><table>").contains("a web page"));
    assert!(refusal("BEGIN:VCARD\nVERSION:3.0\n").contains("a vCard"));
    assert_eq!(refusal(""), "The file is empty.");
    assert_eq!(refusal("\u{FEFF}\r\n \r\n"), "The file is empty.");
    let wide = vec!["x"; 501].join(",");
    assert!(refusal(wide).contains("501 columns"));
}

#[test]
fn a_nul_far_down_is_found() {
    let mut file = "name,email\n".to_owned() + &"Jane,jane@example.com\n".repeat(10_000);
    file.push('\0');
    assert!(refusal(file).contains("a binary file"));
}

#[test]
fn delimiters_are_told_apart() {
    let files: [(&str, u8); 7] = [
        ("a,b,c\n1,2,3\n", b','),
        ("name;city;price\nX;Bonn;1,50\nY;Köln;2,75\n", b';'),
        ("name\tnote\nX\thello, you; there\nY\ta, b\n", b'\t'),
        ("name|city\nX|Bonn\n", b'|'),
        ("name,tags\nX,a;b;c\nY,d;e;f\nZ,g;h;i\n", b','),
        ("email\njane@example.com\njoe@example.com\n", b','),
        (
            "name;note\nX;\"one, two, three\"\nY;\"four, five, six\"\n",
            b';',
        ),
    ];
    for (text, delimiter) in files {
        assert_eq!(
            Dialect::sniff(text, true).delimiter as char,
            delimiter as char,
            "{text}"
        );
    }
}

#[test]
fn the_line_that_names_the_delimiter_is_obeyed_and_hidden() {
    let found = read("sep=;\r\nname;city\r\nX;Bonn\r\n");
    assert_eq!(found.header, ["name", "city"]);
    assert_eq!(found.cells(), [["X", "Bonn"]]);
    assert_eq!((found.rows[0].number, found.rows[0].line), (2, 3));
}

#[test]
fn titles_above_the_header_are_passed_over() {
    let found = read("Contacts of Acme\n\nExported,,\nname,email,city\nX,x@example.com,Bonn\n");
    assert_eq!(found.header, ["name", "email", "city"]);
    assert_eq!(found.rows.len(), 1);
    assert_eq!(found.rows[0].number, 5);
}

#[test]
fn a_file_without_a_header_keeps_its_first_row() {
    let found = read("Jane,jane@example.com,2024-03-01\nJoe,joe@example.com,2024-04-01\n");
    assert_eq!(found.header, ["Column 1", "Column 2", "Column 3"]);
    assert_eq!(found.rows.len(), 2);
    assert_eq!(read("name,2023,2024\nX,5,6\n").rows.len(), 1);
}

#[test]
fn header_names_are_distinct_and_never_empty() {
    let found = read("Email, Email ,,Phone\n a,b,c,d\n");
    assert_eq!(found.header, ["Email", "Email (2)", "Column 3", "Phone"]);
    assert_eq!(read("a,b,,,\n1,2,,,\n").header, ["a", "b"]);
}

#[test]
fn single_quotes_and_backslashes_are_understood() {
    let found = read("'name','note'\n'X','a, b'\n'Y','c'\n");
    assert_eq!(found.cells()[0], ["X", "a, b"]);
    let found = read("name,note\nX,\"say \\\"hi\\\", please\"\nY,b\n");
    assert_eq!(found.cells()[0], ["X", "say \"hi\", please"]);
    let found = read("name,path\nX,\"C:\\\"\nY,\"D:\\\"\n");
    assert_eq!(found.cells()[0], ["X", "C:\\"]);
}

#[test]
fn a_format_survives_being_stored() {
    let format = read("name;city\nJosé;Málaga\n").table.format;
    let stored = serde_json::to_string(&format).expect("JSON");
    assert_eq!(
        serde_json::from_str::<super::super::Format>(&stored).expect("a format"),
        format
    );
    assert!(serde_json::from_str::<Charset>("\"klingon\"").is_err());
}
