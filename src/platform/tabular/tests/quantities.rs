use chrono::NaiveDate;
use chrono_tz::{America::New_York, Europe::Berlin};
use proptest::prelude::*;

use super::super::values::*;

fn day(year: i32, month: u32, day: u32) -> Result<NaiveDate, String> {
    NaiveDate::from_ymd_opt(year, month, day).ok_or_else(|| "no such day".to_owned())
}

#[test]
fn dates_are_read_in_the_order_of_their_column() {
    use DateOrder::{DayFirst, MonthFirst};
    assert_eq!(date("05/03/2024", DayFirst), day(2024, 3, 5));
    assert_eq!(date("05/03/2024", MonthFirst), day(2024, 5, 3));
    for cell in [
        "2024-03-05",
        "2024/3/5",
        "20240305",
        "5 Mar 2024",
        "March 5th, 2024",
        "Tue, 5 March 2024 10:30",
        "5. März 2024",
        "5 de marzo de 2024",
        "5 mars 2024",
        "2024年3月5日",
        "45356",
        "45356.25",
        "2024-03-05T10:00:00Z",
        "2024-03-05 10:00:00.123",
        "1709636400",
        "1709636400000",
        "05-Mar-24",
    ] {
        assert_eq!(date(cell, MonthFirst), day(2024, 3, 5), "{cell}");
    }
    assert_eq!(date("5.3.24", DayFirst), day(2024, 3, 5));
    assert_eq!(date("1.12.75", DayFirst), day(1975, 12, 1));
    let refusals = [
        ("soon", "not a date"),
        ("--05-03", "no year"),
        ("2024-02-30", "calendar"),
        ("2024-03", "no day"),
        ("31/02/2024", "calendar"),
        ("", "not a date"),
        ("12", "not a date"),
    ];
    for (cell, reason) in refusals {
        let refusal = date(cell, DayFirst).expect_err(cell);
        assert!(refusal.contains(reason), "{cell}: {refusal}");
    }
}

#[test]
fn one_clear_date_decides_for_its_column() {
    let order = |cells: &[&str]| {
        let mut votes = DateVotes::default();
        cells.iter().for_each(|cell| votes.see(cell));
        votes.order()
    };
    assert_eq!(
        order(&["05/03/2024", "25/03/2024"]),
        Some(DateOrder::DayFirst)
    );
    assert_eq!(
        order(&["05/03/2024", "03/25/2024", "2024-01-01"]),
        Some(DateOrder::MonthFirst)
    );
    assert_eq!(order(&["05/03/2024", "2024-03-05", "nonsense"]), None);
}

#[test]
fn moments_are_meant_in_their_zone() {
    let utc =
        |cell, zone| date_time(cell, DateOrder::MonthFirst, zone).map(|time| time.to_rfc3339());
    assert_eq!(
        utc("2024-03-05 10:00", New_York).as_deref(),
        Ok("2024-03-05T15:00:00+00:00")
    );
    assert_eq!(
        utc("3/5/2024 2:30 PM", Berlin).as_deref(),
        Ok("2024-03-05T13:30:00+00:00")
    );
    assert_eq!(
        utc("2024-03-05T10:00:00+02:00", New_York).as_deref(),
        Ok("2024-03-05T08:00:00+00:00")
    );
    assert_eq!(
        utc("2024-03-05", Berlin).as_deref(),
        Ok("2024-03-04T23:00:00+00:00")
    );
    assert!(
        utc("2024-03-10 02:30", New_York)
            .expect_err("a gap")
            .contains("clocks")
    );
}

#[test]
fn numbers_are_read_with_either_decimal_mark() {
    let plain = |cell: &str, decimals| number(cell, decimals).map(|number| number.to_string());
    let cases = [
        ("1234", "1234"),
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1 234,5", "1234.5"),
        ("1'234.5", "1234.5"),
        ("12,34,567.8", "1234567.8"),
        ("1.234.567", "1234567"),
        ("-5", "-5"),
        ("(5.20)", "-5.20"),
        ("5-", "-5"),
        ("−3", "-3"),
        ("12 %", "12"),
        ("0,125", "0.125"),
        (".5", "0.5"),
        ("007", "7"),
        ("1.5E+3", "1500"),
        ("2e-3", "0.002"),
        ("-0", "0"),
        ("١٢٣", "123"),
        ("1\u{A0}000", "1000"),
    ];
    for (cell, expected) in cases {
        assert_eq!(plain(cell, None).as_deref(), Ok(expected), "{cell}");
    }
    assert_eq!(
        plain("1,234", Some(Decimals::Comma)).as_deref(),
        Ok("1.234")
    );
    assert_eq!(plain("1,234", Some(Decimals::Point)).as_deref(), Ok("1234"));
    for cell in [
        "", "abc", "1,2,3", "12a", "--5", "1e999", "1.2.3", "(5", "٫",
    ] {
        assert!(number(cell, None).is_err(), "{cell}");
    }
    assert_eq!(
        number("1234.5", None).map(|number| number.minor_units(2)),
        Ok(Some(123_450))
    );
    assert_eq!(
        number("-0.05", None).map(|number| number.minor_units(2)),
        Ok(Some(-5))
    );
    assert_eq!(
        number("1.234", Some(Decimals::Point)).map(|number| number.minor_units(2)),
        Ok(None)
    );
}

#[test]
fn a_columns_decimal_mark_is_told_by_all_its_cells() {
    let mut votes = NumberVotes::default();
    ["1.234", "12,5 €", "2.000"]
        .iter()
        .for_each(|cell| votes.see(cell));
    assert_eq!(votes.decimals(), Some(Decimals::Comma));
    assert_eq!(
        number("1.234", votes.decimals())
            .map(|number| number.to_string())
            .as_deref(),
        Ok("1234")
    );
}

#[test]
fn amounts_carry_their_currency() {
    let read =
        |cell: &str| money(cell, None).map(|(number, currency)| (number.to_string(), currency));
    let cases = [
        ("$1,234.50", "1234.50", None),
        ("1.234,50 €", "1234.50", Some("EUR")),
        ("EUR 12", "12", Some("EUR")),
        ("12 usd", "12", Some("USD")),
        ("US$ 1.2m", "1200000", Some("USD")),
        ("-$5", "-5", None),
        ("($5.00)", "-5.00", None),
        ("CHF 1'200.-", "1200", Some("CHF")),
        ("250k", "250000", None),
        ("1500", "1500", None),
        ("Rs. 500", "500", Some("INR")),
    ];
    for (cell, amount, currency) in cases {
        assert_eq!(
            read(cell),
            Ok((amount.to_owned(), currency.map(str::to_owned))),
            "{cell}"
        );
    }
    for cell in ["free", "", "12 apples", "$", "1a2"] {
        assert!(read(cell).is_err(), "{cell}");
    }
}

proptest! {
    #[test]
    fn no_cell_makes_a_parser_panic(cell in "\\PC{0,30}|[0-9+().,:/ eETZ-]{0,24}|[0-9+ ()x#;=ext.-]{0,30}") {
        let us: Option<Region> = "US".parse().ok();
        let _ = (email(&cell), emails(&cell), phone(&cell, us), phone(&cell, None), boolean(&cell), tags(&cell));
        let _ = (number(&cell, None), number(&cell, Some(Decimals::Comma)), money(&cell, None), web_address(&cell));
        let _ = (date_time(&cell, DateOrder::DayFirst, Berlin), text(&cell, 10), names::split(&cell), shape(&cell));
    }

    #[test]
    fn a_number_reads_its_own_writing(value in -1_000_000_000_000_i64..1_000_000_000_000, places in 0_usize..6) {
        let written = number(&value.to_string(), None).map(|number| number.shifted(-(places as i32)));
        let read = written.clone().and_then(|number| super::super::values::number(number.as_str(), Some(Decimals::Point)));
        prop_assert_eq!(&read, &written);
        prop_assert_eq!(read.map(|number| number.minor_units(places)), Ok(Some(value)));
    }
}
