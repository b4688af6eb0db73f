use super::*;

#[test]
fn spellings_of_one_address_share_their_key() {
    let typed = Address::parse("  Anna.O'Brien+news@BÜCHER.example ").unwrap();
    assert_eq!(typed.as_str(), "Anna.O'Brien+news@xn--bcher-kva.example");
    assert_eq!(typed.key(), "anna.o'brien+news@xn--bcher-kva.example");
    let other = Address::parse("anna.o'brien+NEWS@xn--bcher-kva.EXAMPLE").unwrap();
    assert_eq!(typed.key(), other.key());
}

#[test]
fn what_is_no_address_is_refused_with_a_reason() {
    use AddressError::*;
    for (text, reason) in [
        ("", Malformed),
        ("anna", Malformed),
        ("@example.com", Malformed),
        ("anna@", Malformed),
        ("anna@exa mple.com", Domain),
        ("anna@127.0.0.1", Domain),
        ("anna@[::1]", Domain),
        ("anna@ex%41mple.com", Domain),
        ("an na@example.com", Local),
        ("anna@home@example.com", Local),
        ("anna\r\nRCPT TO:<eve@example.com>@example.com", Local),
        ("a..b@example.com", Local),
    ] {
        assert_eq!(Address::parse(text), Err(reason), "{text:?}");
    }
    let long = format!("{}@example.com", "a".repeat(3_000));
    assert_eq!(Address::parse(&long), Err(TooLong));
}

#[test]
fn an_international_local_part_is_kept_and_marked() {
    let address = Address::parse("李雷@例え.jp").unwrap();
    assert_eq!(address.as_str(), "李雷@xn--r8jz45g.jp");
    assert!(address.is_international());
}

#[test]
fn names_stay_on_one_line() {
    let address = Address::parse("anna@example.com").unwrap();
    let mailbox = Mailbox::new(Some("Anna\r\nBcc: eve@example.com\t"), address);
    assert_eq!(mailbox.name(), Some("Anna Bcc: eve@example.com"));
    assert_eq!(
        Mailbox::parse("\"Acme, Inc.\" <hello@acme.test>")
            .unwrap()
            .name(),
        Some("Acme, Inc.")
    );
    assert_eq!(Mailbox::parse("<hello@acme.test>").unwrap().name(), None);
}

#[test]
fn debug_output_holds_no_address() {
    let mailbox = Mailbox::parse("Anna <anna@example.com>").unwrap();
    assert!(!format!("{mailbox:?}").contains("nna"));
}
