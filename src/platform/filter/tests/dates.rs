//! Dates in SQL: what relative ones mean, and where.

use super::super::Context;
use super::sql::{assert_sql, sql};
use super::{at, context, rule};

#[test]
fn days_begin_where_the_person_is() {
    // It is 23:30 on the 21st in Berlin, still the 21st.
    let day = "contacts.created_at >= $1 and contacts.created_at < $2";
    assert_sql(
        "created_at",
        "today",
        "null",
        &format!("({day})"),
        "2026-11-20T23:00:00Z, 2026-11-21T23:00:00Z",
    );
    assert_sql(
        "birthday",
        "today",
        "null",
        "(contacts.birthday = $1)",
        "2026-11-21",
    );
    let tokyo = Context {
        zone: chrono_tz::Asia::Tokyo,
        ..context()
    };
    assert_eq!(
        sql(&rule("birthday", "today", "null"), &tokyo).1,
        "[2026-11-22]"
    );
}

#[test]
fn stretches_of_time_are_half_open() {
    for (op, value, bound) in [
        ("this_week", "null", "2026-11-16, 2026-11-23"),
        ("this_month", "null", "2026-11-01, 2026-12-01"),
        ("this_quarter", "null", "2026-10-01, 2027-01-01"),
        ("this_year", "null", "2026-01-01, 2027-01-01"),
        ("in_last", r#"[30,"days"]"#, "2026-10-22, 2026-11-22"),
        ("in_next", r#"[1,"months"]"#, "2026-11-21, 2026-12-22"),
        (
            "between",
            r#"["2026-01-31","2026-01-01"]"#,
            "2026-01-01, 2026-02-01",
        ),
    ] {
        assert_sql(
            "birthday",
            op,
            value,
            "(contacts.birthday >= $1 and contacts.birthday < $2)",
            bound,
        );
    }
    assert_sql(
        "birthday",
        "before",
        r#""2026-01-31""#,
        "(contacts.birthday < $1)",
        "2026-01-31",
    );
    assert_sql(
        "birthday",
        "after",
        r#""2026-01-31""#,
        "(contacts.birthday >= $1)",
        "2026-02-01",
    );
    assert_sql(
        "birthday",
        "more_than_ago",
        r#"[2,"weeks"]"#,
        "(contacts.birthday < $1)",
        "2026-11-07",
    );
}

#[test]
fn the_last_days_end_now_and_the_next_begin_now() {
    let stretch = "(contacts.created_at >= $1 and contacts.created_at < $2)";
    assert_sql(
        "created_at",
        "in_last",
        r#"[1,"weeks"]"#,
        stretch,
        "2026-11-13T23:00:00Z, 2026-11-21T22:30:00.000001Z",
    );
    assert_sql(
        "created_at",
        "in_next",
        r#"[1,"days"]"#,
        stretch,
        "2026-11-21T22:30:00Z, 2026-11-22T23:00:00Z",
    );
}

#[test]
fn a_day_without_midnight_begins_later() {
    let beirut = Context {
        now: at("2024-03-31T10:00:00Z"),
        zone: chrono_tz::Asia::Beirut,
        me: None,
    };
    let (_, binds) = sql(&rule("created_at", "today", "null"), &beirut);
    assert_eq!(binds, "[2024-03-30T22:00:00Z, 2024-03-31T21:00:00Z]");
    // The island skipped a whole day.
    let apia = Context {
        zone: chrono_tz::Pacific::Apia,
        ..beirut
    };
    let (_, binds) = sql(&rule("created_at", "on", r#""2011-12-30""#), &apia);
    assert_eq!(binds, "[2011-12-30T10:00:00Z, 2011-12-30T10:00:00Z]");
}
