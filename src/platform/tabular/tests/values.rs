use super::super::values::*;

#[test]
fn addresses_are_read_out_of_what_stands_around_them() {
    let cells = [
        " Jane.Doe@Example.COM ",
        "<jane.doe@example.com>",
        "\"Doe, Jane\" <jane.doe@example.com>",
        "mailto:jane.doe@example.com",
        "\u{200B}jane.doe@example.com;",
    ];
    for cell in cells {
        assert_eq!(email(cell).as_deref(), Ok("jane.doe@example.com"), "{cell}");
    }
    assert_eq!(
        email("o'brien+news@example.co.uk").as_deref(),
        Ok("o'brien+news@example.co.uk")
    );
    assert_eq!(
        email("jürgen@müller.de").map_err(|e| e.contains("characters")),
        Err(true)
    );
    assert_eq!(email("info@müller.de").as_deref(), Ok("info@müller.de"));
}

#[test]
fn broken_addresses_are_refused_with_the_reason() {
    let reasons = [
        ("jane", "no @"),
        ("@example.com", "before"),
        ("jane@", "after"),
        ("a@b@example.com", "more than one"),
        ("jane doe@example.com", "a space"),
        ("jane..doe@example.com", "a dot too many"),
        ("jane@example", "no ending"),
        ("jane@example.123", "letters"),
        ("", "no @"),
        ("jane@exam_ple.com", "characters"),
    ];
    for (cell, reason) in reasons {
        let refusal = email(cell).expect_err(cell);
        assert!(refusal.contains(reason), "{cell}: {refusal}");
    }
    assert_eq!(
        email("jane@"),
        Err("“jane@” is not an e-mail address: nothing stands after the @.".to_owned())
    );
}

#[test]
fn several_addresses_in_one_cell_are_told_apart() {
    let two = Ok(vec!["a@example.com".to_owned(), "b@example.com".to_owned()]);
    for cell in [
        "a@example.com; b@example.com",
        "a@example.com,b@example.com,A@example.com",
        "a@example.com ::: b@example.com",
        "a@example.com b@example.com",
    ] {
        assert_eq!(emails(cell), two, "{cell}");
    }
    assert_eq!(
        emails("\"Doe, Jane\" <a@example.com>").map(|all| all.len()),
        Ok(1)
    );
}

#[test]
fn phone_numbers_become_e164() {
    let us: Option<Region> = "us".parse().ok();
    let de: Option<Region> = "DE".parse().ok();
    let e164 = |cell: &str, region| phone(cell, region).map(|phone| phone.to_string());
    for cell in [
        "(212) 555-0123",
        "212.555.0123",
        "+1 212 555 0123",
        "001 212 555 0123",
        "1-212-555-0123",
        "+1‑212‑555‑0123",
        "tel:+12125550123",
        "２１２ ５５５ ０１２３",
    ] {
        assert_eq!(e164(cell, us).as_deref(), Ok("+12125550123"), "{cell}");
    }
    assert_eq!(e164("030 1234567", de).as_deref(), Ok("+49301234567"));
    assert_eq!(
        e164("(212) 555-0123 ext. 45", us).as_deref(),
        Ok("+12125550123 x45")
    );
    assert_eq!(e164("(555) 010-0123", us).as_deref(), Ok("+15550100123"));
    let refusals = [
        ("2.12556E+09", "spreadsheet"),
        ("call me", "too few"),
        ("555", "too few"),
        ("12345678901234567890", "many"),
    ];
    for (cell, reason) in refusals {
        let refusal = phone(cell, us).expect_err(cell);
        assert!(refusal.contains(reason), "{cell}: {refusal}");
    }
    assert!(
        phone("212 555 0123", None)
            .expect_err("no region")
            .contains("country code")
    );
    assert!("XQ".parse::<Region>().is_err());
}

#[test]
fn yes_and_no_are_known_in_many_languages() {
    for cell in [
        "yes", "Y", "TRUE", "1", "x", "ja", "Oui", "sí", "да", "はい", "是", "✓", "Tak",
    ] {
        assert_eq!(boolean(cell), Ok(true), "{cell}");
    }
    for cell in [
        "no",
        "N",
        "false",
        "0",
        "nein",
        "NON",
        "não",
        "нет",
        "いいえ",
        "否",
    ] {
        assert_eq!(boolean(cell), Ok(false), "{cell}");
    }
    assert_eq!(
        boolean("maybe"),
        Err("“maybe” is neither yes nor no.".to_owned())
    );
    assert!(boolean("").is_err() && boolean("---").is_err());
}

#[test]
fn choices_are_found_by_key_or_label() {
    let stages = [
        Choice::new("lead", "Lead"),
        Choice::new("sql", "Sales-qualified lead"),
        Choice::new("client", "Client, active"),
    ];
    assert_eq!(choice("LEAD", &stages), Ok("lead"));
    assert_eq!(choice(" sales qualified lead", &stages), Ok("sql"));
    assert_eq!(choices("Lead; client", &stages), Ok(vec!["lead", "client"]));
    assert_eq!(choices("Client, active", &stages), Ok(vec!["client"]));
    assert_eq!(
        choice("Leed", &stages),
        Err("“Leed” is not in the list. Did you mean “Lead”?".to_owned())
    );
    assert!(
        choice("Vendor", &stages)
            .expect_err("unknown")
            .contains("Lead, Sales-qualified lead, Client, active")
    );
    assert!(choice("", &stages).is_err() && choice("x", &[]).is_err());
}

#[test]
fn tags_links_text_and_names_are_tidied() {
    assert_eq!(
        tags("VIP, vip;Boston | New York ::: * myContacts"),
        Ok(vec![
            "VIP".to_owned(),
            "Boston".to_owned(),
            "New York".to_owned(),
            "myContacts".to_owned()
        ])
    );
    assert!(tags(&"x".repeat(101)).is_err());
    assert_eq!(
        web_address("Example.com/About").as_deref(),
        Ok("https://example.com/About")
    );
    assert_eq!(
        web_address("http://example.com/").as_deref(),
        Ok("http://example.com")
    );
    for cell in [
        "javascript:alert(1)",
        "not a site",
        "localhost",
        "",
        "ftp://example.com",
    ] {
        assert!(web_address(cell).is_err(), "{cell}");
    }
    assert_eq!(
        text(" Nguye\u{302}\u{303}n\u{7} ", 10).as_deref(),
        Ok("Nguyễn")
    );
    assert!(text("abc", 2).is_err());
    for (whole, first, last) in [
        ("Jane Doe", "Jane", "Doe"),
        ("Doe, Jane", "Jane", "Doe"),
        ("Ludwig van Beethoven", "Ludwig", "van Beethoven"),
        ("李雷", "李雷", ""),
        ("Maria de la Cruz", "Maria", "de la Cruz"),
        ("", "", ""),
    ] {
        assert_eq!(names::split(whole), (first.to_owned(), last.to_owned()));
    }
}

#[test]
fn a_day_keeps_its_time_where_it_has_one() {
    use chrono::{NaiveDate, NaiveTime};
    let zone = chrono_tz::Europe::Berlin;
    let read = |cell| day_and_time(cell, DateOrder::DayFirst, zone).expect("a day");
    let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
    let time = |text: &str| text.parse::<NaiveTime>().ok();
    for (cell, on, at) in [
        ("2026-12-01", "2026-12-01", None),
        ("2026-12-01 00:00:00", "2026-12-01", None),
        ("1.12.2026 14:30", "2026-12-01", time("14:30:00")),
        // On the clock of whoever reads it.
        ("2026-12-01T23:30:00Z", "2026-12-02", time("00:30:00")),
    ] {
        assert_eq!(read(cell), (day(on), at), "{cell}");
    }
    assert!(day_and_time("soon", DateOrder::DayFirst, zone).is_err());
}
