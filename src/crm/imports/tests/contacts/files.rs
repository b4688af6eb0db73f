//! Files as people have them, and what their rows become.

use actix_web::http::{Method, StatusCode};
use diesel::prelude::*;
use platform::schema::{contacts, custom_fields, import_problems};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{URL, live_contacts};
use crate::crm::imports::source;
use crate::crm::imports::tests::{fixture, id, import, number, upload};
use crate::testing::world;

#[actix_web::test]
async fn every_row_of_every_kind_of_file_is_accounted_for() {
    for (file, rows, created) in [
        ("hubspot-contacts.csv", 40, 40),
        ("google-contacts.csv", 40, 40),
        ("google-contacts-old.csv", 40, 40),
        ("semicolons.csv", 30, 30),
        ("utf-16le.csv", 30, 30),
        ("utf-16le-tabs.txt", 30, 30),
        ("windows-1252.csv", 25, 25),
        ("quoted-newlines.csv", 20, 20),
        ("old-mac.csv", 20, 20),
        // One cell holds two sound addresses, which is not one, yet nothing to refuse.
        ("broken-addresses.csv", 30, 16),
        ("header-only.csv", 0, 0),
    ] {
        let world = world();
        let alice = world.browser("owner@acme.test").await;
        let done = import(
            &world,
            &alice,
            file,
            &fixture(file),
            &[("duplicates", "create")],
        )
        .await;
        assert_eq!(done["state"], "done", "{file}: {done}");
        let counts = ["created", "updated", "skipped", "refused"].map(|field| number(&done, field));
        assert_eq!(
            counts.iter().sum::<i64>(),
            number(&done, "rows"),
            "{file}: {done}"
        );
        assert_eq!(
            (number(&done, "rows"), counts[0]),
            (rows, created),
            "{file}: {done}"
        );
        assert_eq!(live_contacts(&world), created, "{file}");
    }
}

#[actix_web::test]
async fn the_footer_of_a_report_does_not_become_people() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let file = "salesforce-contacts.csv";
    let done = import(
        &world,
        &alice,
        file,
        &fixture(file),
        &[("unreadable", "refuse")],
    )
    .await;
    assert_eq!(number(&done, "created"), 40, "{done}");
    let last: Option<String> = world.within("acme", |tx| {
        let odd = contacts::table.filter(contacts::email.is_null());
        Ok(odd
            .select(contacts::first_name)
            .first(&mut **tx)
            .optional()?)
    });
    assert_eq!(last, None);
}

#[actix_web::test]
async fn names_arrive_as_they_are_written() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let csv = "First name,Last name,Email,Company\nSean,O'Brien,sean@x.example,Café “Au Soleil”\nHương,Nguyễn,h@x.example,CAFÉ “AU SOLEIL”\n雷,李,lei@x.example,\nمريم,حداد,m@x.example,\n=1+1,Formula,f@x.example,\n";
    let done = import(&world, &alice, "names.csv", csv.as_bytes(), &[]).await;
    assert_eq!(number(&done, "created"), 5, "{done}");
    let names: Vec<(String, String, Option<Uuid>)> = world.within("acme", |tx| {
        let all = contacts::table.order(contacts::id);
        Ok(all
            .select((
                contacts::first_name,
                contacts::last_name,
                contacts::company_id,
            ))
            .load(&mut **tx)?)
    });
    let told: Vec<_> = names
        .iter()
        .map(|(first, last, _)| format!("{first} {last}"))
        .collect();
    assert_eq!(
        told,
        [
            "Sean O'Brien",
            "Hương Nguyễn",
            "雷 李",
            "مريم حداد",
            "=1+1 Formula"
        ]
    );
    assert!(
        names[0].2.is_some() && names[0].2 == names[1].2,
        "one company, whatever the case"
    );
    let page = alice
        .get(&format!("/w/acme/contacts/imports/{}", id(&done)))
        .await;
    assert!(
        page.says("What was done") && page.says("Undo the import"),
        "{}",
        page.text
    );
}

#[actix_web::test]
async fn unknown_columns_become_fields_of_their_type() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let csv = "Email,Shoe size,Member since\nann@x.example,39,2024-05-01\nbea@x.example,41,2023-01-09\ncy@x.example,many,2023-02-09\n";
    let mapping = json!({"Email": "email", "Shoe size": "new.number", "Member since": "new.date"})
        .to_string();
    let done = import(
        &world,
        &alice,
        "sizes.csv",
        csv.as_bytes(),
        &[("mapping", &mapping)],
    )
    .await;
    assert_eq!(
        (number(&done, "created"), number(&done, "noted")),
        (3, 1),
        "{done}"
    );
    let made: Vec<(String, String)> = world.within("acme", |tx| {
        let all = custom_fields::table.order(custom_fields::position);
        Ok(all
            .select((custom_fields::key, custom_fields::type_))
            .load(&mut **tx)?)
    });
    assert_eq!(
        made,
        [
            ("shoe_size".into(), "number".into()),
            ("member_since".into(), "date".into())
        ] as [(String, String); 2]
    );
    let custom: Value = world.within("acme", |tx| {
        let ann = contacts::table.filter(contacts::email.eq("ann@x.example"));
        Ok(ann.select(contacts::custom).first(&mut **tx)?)
    });
    assert_eq!(
        custom,
        json!({"shoe_size": 39, "member_since": "2024-05-01"})
    );
    let reason: String = world.within("acme", |tx| {
        Ok(import_problems::table
            .select(import_problems::reason)
            .first(&mut **tx)?)
    });
    assert!(reason.contains("many"), "{reason}");
}

#[actix_web::test]
async fn what_is_no_table_is_refused_with_a_sentence() {
    let alice = world().browser("owner@acme.test").await;
    let page = upload(
        &alice,
        "/w/acme/contacts/imports",
        "garbage.csv",
        &fixture("garbage.csv"),
        &[],
    )
    .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.says("not a CSV file"), "{}", page.text);
    let problem = upload(&alice, URL, "empty.csv", b"", &[]).await;
    assert_eq!(problem.json()["errors"][0]["message"], "The file is empty.");
    let nothing = alice.api(Method::POST, URL, json!({})).await;
    assert!(nothing.status.is_client_error(), "{}", nothing.status);
    let wrong = upload(
        &alice,
        URL,
        "x.csv",
        b"Email\nann@x.example\n",
        &[("run", "1"), ("mapping", "{\"Mail\":\"email\"}")],
    )
    .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let folder = source::folder(&world().app.config, Uuid::nil());
    assert!(!folder.exists());
}
