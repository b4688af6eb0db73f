//! The language as a whole: what it reads, what it refuses, and the SQL it becomes.

mod dates;
mod editor;
mod parsing;
mod properties;
mod rows;
mod sql;
mod words;

use chrono::{DateTime, Utc};
use uuid::{Uuid, uuid};

use super::{Catalogue, Context, Field, FieldType, Filter};

const ALICE: Uuid = uuid!("01937000-0000-7000-8000-00000000a11c");
const BOB: Uuid = uuid!("01937000-0000-7000-8000-000000000b0b");
const ACME: Uuid = uuid!("01937000-0000-7000-8000-0000000ac3e0");

diesel::table! {
    contacts (id) {
        id -> Uuid,
        first_name -> Nullable<Text>,
    }
}

fn catalogue() -> Catalogue {
    let column = |key, label, kind, sql| Field::column(key, label, kind, sql);
    let custom =
        |key, label, kind| Field::custom("contacts.custom", key, label, kind).expect("a valid key");
    let stages = [
        ("lead", "Lead"),
        ("customer", "Customer"),
        ("other", "Other"),
    ];
    let people = [(ALICE, "Alice Adams"), (BOB, "Bob Brown")];
    let company = "companies.id = contacts.company_id";
    let mut catalogue = Catalogue::new([
        column(
            "first_name",
            "First name",
            FieldType::Text,
            "contacts.first_name",
        ),
        column("email", "E-mail", FieldType::Email, "contacts.email").folded(),
        column("score", "Score", FieldType::Number, "contacts.score").whole(),
        column("rating", "Rating", FieldType::Number, "contacts.rating"),
        column("budget", "Budget", FieldType::Money, "contacts.budget"),
        column("birthday", "Birthday", FieldType::Date, "contacts.birthday"),
        column(
            "created_at",
            "Created",
            FieldType::DateTime,
            "contacts.created_at",
        ),
        column(
            "stage",
            "Life-cycle stage",
            FieldType::Choice,
            "contacts.stage",
        )
        .choices(stages),
        column("tags", "Tags", FieldType::Tags, "contacts.tags"),
        column("vip", "VIP", FieldType::Checkbox, "contacts.vip"),
        column("owner", "Owner", FieldType::Person, "contacts.owner_id").choices(people),
        column(
            "company",
            "Company",
            FieldType::Record("company"),
            "contacts.company_id",
        )
        .choices([(ACME, "Acme")]),
        Field::related(
            "company.city",
            "Company city",
            FieldType::Text,
            "companies",
            company,
            "companies.city",
        ),
        Field::related(
            "company.size",
            "Company size",
            FieldType::Number,
            "companies",
            company,
            "companies.size",
        )
        .whole(),
        Field::behaviour(
            "opened",
            "Opened an e-mail",
            "opens",
            "opens.contact_id = contacts.id",
            "opens.at",
        ),
    ]);
    catalogue.extend([
        custom("note", "Note", FieldType::LongText),
        custom("size", "Size", FieldType::Number),
        custom("fee", "Fee", FieldType::Money),
        custom("renewal", "Renewal", FieldType::Date),
        custom("seen", "Seen", FieldType::DateTime),
        custom("colour", "Colour", FieldType::Choice).choices([("red", "Red"), ("blue", "Blue")]),
        custom("topics", "Topics", FieldType::MultiChoice)
            .choices([("sea", "Sea"), ("snow", "Snow")]),
        custom("agreed", "Agreed", FieldType::Checkbox),
        custom("guide", "Guide", FieldType::Person).choices(people),
    ]);
    catalogue
}

fn context() -> Context {
    Context {
        now: at("2026-11-21T22:30:00Z"),
        zone: chrono_tz::Europe::Berlin,
        me: Some(ALICE),
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

fn filter(json: &str) -> Filter {
    Filter::parse(json, &catalogue()).unwrap_or_else(|problems| panic!("{json}: {problems:?}"))
}

/// A filter of one rule.
fn rule(field: &str, op: &str, value: &str) -> Filter {
    filter(&format!(
        r#"{{"field":"{field}","op":"{op}","value":{value}}}"#
    ))
}

/// What is wrong with a rule, in words.
fn refusal(field: &str, op: &str, value: &str) -> String {
    let json = format!(r#"{{"field":"{field}","op":"{op}","value":{value}}}"#);
    let problems = Filter::parse(&json, &catalogue()).expect_err(&json);
    problems[0].message.clone()
}
