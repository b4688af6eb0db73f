//! Filters as people read them.

use super::{ALICE, BOB, filter, rule};

#[test]
fn a_rule_reads_like_a_sentence() {
    let both = format!(r#"["{ALICE}","{BOB}","01937000-0000-7000-8000-000000000000"]"#);
    for (field, op, value, words) in [
        ("stage", "is", r#""lead""#, "Life-cycle stage is Lead"),
        (
            "stage",
            "is_none_of",
            r#"["lead","other"]"#,
            "Life-cycle stage is none of Lead or Other",
        ),
        (
            "first_name",
            "contains",
            r#""李雷""#,
            "First name contains “李雷”",
        ),
        ("score", "gte", "50", "Score ≥ 50"),
        (
            "budget",
            "between",
            "[10, 20.5]",
            "Budget between 10 and 20.5",
        ),
        (
            "created_at",
            "in_last",
            r#"[30,"days"]"#,
            "Created in the last 30 days",
        ),
        (
            "created_at",
            "in_next",
            r#"[1,"weeks"]"#,
            "Created in the next week",
        ),
        (
            "created_at",
            "more_than_ago",
            r#"[1,"months"]"#,
            "Created more than 1 month ago",
        ),
        (
            "birthday",
            "between",
            r#"["2026-01-01","2026-12-31"]"#,
            "Birthday between 1 Jan 2026 and 31 Dec 2026",
        ),
        ("birthday", "this_month", "null", "Birthday this month"),
        (
            "tags",
            "has_all",
            r#"["a","b","c","d","e"]"#,
            "Tags has all of a, b, c and 2 more",
        ),
        (
            "tags",
            "has_any",
            r#"["a","b","c","d"]"#,
            "Tags has any of a, b, c or d",
        ),
        ("vip", "is_false", "null", "VIP is not checked"),
        ("owner", "is_me", "null", "Owner is me"),
        (
            "owner",
            "is_any_of",
            &both,
            "Owner is any of Alice Adams, Bob Brown or somebody who left",
        ),
        (
            "opened",
            "happened",
            "null",
            "Opened an e-mail: at least once",
        ),
        ("opened", "not_happened", "null", "Opened an e-mail: never"),
        (
            "opened",
            "not_happened",
            r#"[2,"weeks"]"#,
            "Opened an e-mail: not in the last 2 weeks",
        ),
        (
            "opened",
            "at_least",
            r#"[3,30,"days"]"#,
            "Opened an e-mail: at least 3 times in the last 30 days",
        ),
        (
            "opened",
            "fewer_than",
            r#"[3,"",""]"#,
            "Opened an e-mail: fewer than 3 times",
        ),
    ] {
        assert_eq!(rule(field, op, value).describe(), words);
    }
}

#[test]
fn each_part_is_a_chip_that_can_be_taken_off() {
    let filter = filter(
        r#"{"and":[{"field":"vip","op":"is_true"},
            {"or":[{"field":"stage","op":"is","value":"lead"},{"not":{"field":"owner","op":"is_me"}}]}]}"#,
    );
    let chips = filter.chips();
    let words: Vec<_> = chips.iter().map(|chip| chip.text.as_str()).collect();
    assert_eq!(
        words,
        [
            "VIP is checked",
            "Life-cycle stage is Lead or Not: Owner is me"
        ]
    );
    assert_eq!(chips[0].rest.chips().len(), 1);
    assert!(chips[0].rest.without(0).is_empty());
}

#[test]
fn alternatives_are_one_chip() {
    let filter =
        filter(r#"{"or":[{"field":"vip","op":"is_true"},{"field":"owner","op":"is_me"}]}"#);
    let chips = filter.chips();
    assert_eq!(chips.len(), 1);
    assert_eq!(chips[0].text, "VIP is checked or Owner is me");
    assert!(chips[0].rest.is_empty());
    assert!(super::Filter::default().chips().is_empty());
}
