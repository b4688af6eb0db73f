//! What is written can be read again, whatever stands in it.

use super::*;
use crate::clock;
use crate::testing::pdf::pages;

fn column(label: &str, number: bool) -> Column {
    Column {
        label: label.into(),
        number,
    }
}

fn table(columns: &[Column], rows: &[Vec<String>]) -> Vec<String> {
    let mut document = Document::new("Contacts", Paper::A4.landscape(), clock::now());
    document.note("Acme");
    document.table(&Table {
        columns,
        rows,
        kept: 1,
    });
    pages(&document.finish())
}

#[test]
fn names_of_everywhere_come_out_as_they_are() {
    let names = [
        "O'Brien",
        "Nguyễn",
        "Straße",
        "Łódź",
        "Ελένη",
        "Дмитрий",
        "李雷",
        "שרה",
        "(a) \\ b",
        "😀",
    ];
    let rows: Vec<_> = names.iter().map(|name| vec![(*name).to_owned()]).collect();
    let pages = table(&[column("Name", false)], &rows);
    for name in names {
        let backwards: String = name.chars().rev().collect();
        let line = |line: &str| line == name || (name == "שרה" && line == backwards);
        assert!(pages[0].lines().any(line), "{name} in {}", pages[0]);
    }
}

#[test]
fn arabic_is_joined_and_runs_from_right_to_left() {
    let mut shaper = shaping::Shaper::default();
    let word = shaper.line("مريم", fonts::Weight::Regular);
    let starts: Vec<_> = word.clusters.iter().map(|c| c.text.start).collect();
    assert_eq!(starts, [6, 4, 2, 0], "the first letter stands on the right");
    let shapes = |text: &str| -> Vec<u16> {
        let line = shaping::Shaper::default().line(text, fonts::Weight::Regular);
        line.glyphs.iter().map(|glyph| glyph.id).collect()
    };
    // The same letter at the end of the word, at its beginning, and alone.
    assert_ne!(shapes("مريم")[0], shapes("مريم")[3]);
    assert_ne!(shapes("مريم")[0], shapes("م")[0]);
    let pages = table(&[column("Name", false)], &[vec!["مريم".into()]]);
    assert!(pages[0].lines().any(|line| line == "ميرم"), "{}", pages[0]);
}

#[test]
fn every_page_has_the_head_and_its_number() {
    let rows: Vec<_> = (0..400).map(|n| vec![format!("Row {n}")]).collect();
    let pages = table(&[column("Name", false)], &rows);
    assert!(pages.len() > 5);
    for (index, page) in pages.iter().enumerate() {
        let number = format!("Page {} of {}", index + 1, pages.len());
        assert!(page.contains("Name\n") && page.contains(&number), "{page}");
    }
    let all = pages.concat();
    let shown = |n: &usize| all.contains(&format!("Row {n}\n"));
    assert_eq!((0..400).filter(shown).count(), 400);
}

#[test]
fn what_does_not_fit_beside_each_other_comes_after_each_other() {
    let columns: Vec<_> = (0..40)
        .map(|n| column(&format!("Column {n}"), false))
        .collect();
    let row = (0..40).map(|n| format!("unbreakable-value-{n}")).collect();
    let pages = table(&columns, &[row]);
    assert!(pages.len() > 1 && pages[1].contains("Part 2 of"));
    let firsts = pages.iter().filter(|page| page.contains("value-0\n"));
    assert_eq!(firsts.count(), pages.len(), "{pages:?}");
    let lasts = pages.iter().filter(|page| page.contains("value-39\n"));
    assert_eq!(lasts.count(), 1);
}

#[test]
fn a_cell_takes_three_lines_at_most() {
    let long = "word ".repeat(300);
    let pages = table(
        &[column("Name", false), column("Text", false)],
        &[vec!["x".repeat(700), clean(&long, 700)]],
    );
    assert_eq!(pages.len(), 1);
    let cut = pages[0].lines().filter(|line| line.ends_with('…'));
    assert_eq!(cut.count(), 2, "{}", pages[0]);
    assert!(pages[0].lines().filter(|l| l.contains("xxx")).count() <= 3);
}

#[test]
fn what_steers_a_screen_is_not_printed() {
    let steered = "a\u{7}b\r\n\tc\u{202e}d\u{2066}e\u{feff} ";
    assert_eq!(clean(steered, 100), "ab cde");
    assert_eq!(clean("EUR\u{a0}1,250", 100), "EUR\u{a0}1,250");
    assert_eq!(clean(&"x".repeat(100_000), 10), "xxxxxxxxxx…");
    let marks = format!("e{}", "\u{301}".repeat(500));
    assert_eq!(clean(&marks, 1_000).chars().count(), 4);
    let hostile = [
        "\u{0}",
        "\u{fffe}",
        "\u{10ffff}",
        "\u{e000}",
        "\u{200d}\u{200d}",
        "\u{ad}",
    ];
    let rows: Vec<_> = hostile.iter().map(|text| vec![clean(text, 100)]).collect();
    assert_eq!(table(&[column("Name", false)], &rows).len(), 1);
}

#[test]
fn nothing_is_a_document_too() {
    assert_eq!(table(&[column("Name", false)], &[]).len(), 1);
    assert_eq!(table(&[], &[]).len(), 1);
    let empty = Document::new("", Paper::A4, clock::now());
    assert_eq!(pages(&empty.finish()).len(), 1);
}

#[test]
fn columns_share_the_width_by_what_they_want() {
    let wants = [widths::Want {
        natural: 50.0,
        least: 30.0,
    }; 3];
    for (width, each) in [(300.0, 100.0), (120.0, 40.0), (60.0, 20.0)] {
        for share in widths::shares(&wants, width) {
            assert!((share - each).abs() < 0.01, "{share} of {width}");
        }
    }
    assert_eq!(widths::sheets(&wants, 1, 90.0), [[0, 1, 2]]);
    assert_eq!(widths::sheets(&wants, 1, 60.0), [[0, 1], [0, 2]]);
}
