use std::fmt::Write;
use std::time::Instant;

use super::super::values::{self, DateOrder, Region};
use super::{Table, TempFile};

fn people(rows: usize) -> String {
    let mut text =
        "First name,Last name,Email,Phone,Company,Title,Street,City,Zip,Country,Created,Notes\n"
            .to_owned();
    for n in 0..rows {
        let _ = writeln!(
            text,
            "Jane{n},O'Brien,jane.{n}@example.com,+1 212 555 {:04},\"Acme, Inc. {n}\",Manager,{n} Main Street,Boston,02110,US,2024-03-{:02},\"said \"\"hi\"\" once\"",
            n % 10_000,
            n % 28 + 1
        );
    }
    text
}

/// Run by hand, in release, with `--ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn reading_100_000_rows_of_12_columns() {
    let text = people(100_000);
    let file = TempFile::new(&text);
    let start = Instant::now();
    let table = Table::open(&file).expect("a table");
    let opened = start.elapsed();
    let rows: u64 = table
        .rows()
        .expect("rows")
        .map(|row| row.map_or(0, |row| row.len() as u64))
        .sum();
    println!(
        "{} MB, {rows} fields: opened in {opened:?}, read in {:?}",
        text.len() / 1_000_000,
        start.elapsed() - opened
    );
    let region: Region = "US".parse().expect("a region");
    let timed = |name: &str, column: usize, parse: &dyn Fn(&str) -> bool| {
        let start = Instant::now();
        let good = table
            .rows()
            .expect("rows")
            .filter(|row| row.as_ref().is_ok_and(|row| parse(row.get(column))))
            .count();
        println!("{name}: {good} good in {:?} with reading", start.elapsed());
    };
    timed("e-mail", 2, &|cell| values::email(cell).is_ok());
    timed("phone", 3, &|cell| {
        values::phone(cell, Some(region)).is_ok()
    });
    timed("date", 10, &|cell| {
        values::date(cell, DateOrder::DayFirst).is_ok()
    });
    timed("text", 11, &|cell| values::text(cell, 100).is_ok());
}
