//! A list as a file: what is in it, who may have it, and that it comes back in.

use actix_web::http::{Method, StatusCode};
use diesel::prelude::*;
use platform::schema::{contacts, custom_fields};
use platform::testing::{Answer, Browser, World};
use platform::web::link;
use serde_json::json;
use uuid::Uuid;

use super::record::contact;
use crate::testing::world;

pub const URL: &str = "/w/acme/contacts/exports";

pub async fn exported(browser: &Browser, form: &[(&str, &str)]) -> Answer {
    let asked = browser.post(URL, form).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text);
    let file = asked.header("location").to_owned();
    assert!(file.ends_with("/file"), "{file}");
    browser.get(&file).await
}

pub fn many(world: &World, count: i32) {
    world.within("acme", |tx| {
        let rows: Vec<_> = (0..count)
            .map(|n| {
                (
                    contacts::id.eq(Uuid::now_v7()),
                    contacts::first_name.eq("Many"),
                    contacts::last_name.eq(format!("N{n:05}")),
                )
            })
            .collect();
        for some in rows.chunks(1_000) {
            diesel::insert_into(contacts::table)
                .values(some)
                .execute(&mut **tx)?;
        }
        Ok(())
    });
}

#[actix_web::test]
async fn the_file_holds_what_the_list_shows() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    for (name, city) in [("Ann", "Split"), ("Bea", "Rijeka"), ("Cleo", "Split")] {
        contact(&alice, json!({"first_name": name, "city": city})).await;
    }
    let filter = r#"{"field":"city","op":"is","value":"Split"}"#;
    let query = link::with(
        "",
        [("filter", filter), ("columns", "city,lifecycle_stage")],
    );
    let file = exported(&alice, &[("query", &query)]).await;
    assert_eq!(
        file.text,
        "First name,Last name,Stage,City\r\nCleo,,Lead,Split\r\nAnn,,Lead,Split\r\n"
    );
    let (kind, name) = (
        file.header("content-type"),
        file.header("content-disposition"),
    );
    assert!(
        kind.starts_with("text/csv") && name.contains("contacts 20"),
        "{kind} {name}"
    );
    let marked = exported(&alice, &[("query", &query), ("mark", "true")]).await;
    assert!(marked.text.starts_with("\u{feff}First name"));
    let all = exported(&alice, &[("query", "search=ann"), ("columns", "all")]).await;
    assert!(all.says("Consent to SMS") && all.says("Last activity") && !all.says("Cleo"));
}

#[actix_web::test]
async fn a_cell_is_no_formula_and_times_are_the_persons() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    for name in ["=1+1", "+cmd|x", "-2+3", "@SUM(A1)", "\tx"] {
        contact(
            &alice,
            json!({"first_name": "a", "city": name, "phone": "+385 91 123"}),
        )
        .await;
    }
    let file = exported(&alice, &[("query", "columns=city,phone,created_at")]).await;
    for kept in ["'=1+1", "'+cmd|x", "'-2+3", "'@SUM(A1)"] {
        assert!(file.text.contains(kept), "{kept} in {}", file.text);
    }
    assert!(file.text.contains(",+385 91 123,"), "{}", file.text);
    let at: chrono::DateTime<chrono::Utc> = world.within("acme", |tx| {
        Ok(contacts::table
            .select(contacts::created_at)
            .first(&mut **tx)?)
    });
    // Acme is in Berlin.
    let hour = at
        .with_timezone(&chrono_tz::Europe::Berlin)
        .format("%Y-%m-%d %H:");
    assert!(file.text.contains(&hour.to_string()), "{}", file.text);
}

#[actix_web::test]
async fn a_large_list_is_a_jobs_business() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    many(&world, 2_500);
    let asked = alice.post(URL, &[("query", "sort=name")]).await;
    let page = asked.header("location").to_owned();
    assert!(
        page.contains("/work/") && !page.ends_with("/file"),
        "{page}"
    );
    let before = alice.get(&page).await;
    assert!(
        before.says("Running") && before.says("Look again"),
        "{}",
        before.text
    );
    assert_eq!(
        alice.get(&format!("{page}/file")).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(world.run_jobs().await, 1);
    let file = alice.get(&format!("{page}/file")).await;
    let lines: Vec<&str> = file.text.lines().collect();
    assert_eq!(lines.len(), 2_501);
    assert!(lines[1].starts_with("Many,N00000") && lines[2_500].starts_with("Many,N02499"));
    let bell = alice.get("/w/acme/notifications").await;
    assert!(
        bell.says("Export of contacts</a><small>Finished</small>"),
        "{}",
        bell.text
    );
}

#[actix_web::test]
async fn a_file_is_there_for_who_asked_and_not_for_ever() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    contact(&alice, json!({"first_name": "Ann"})).await;
    let asked = alice.post(URL, &[]).await;
    let file = asked.header("location").to_owned();
    let mona = world.browser("manager@acme.test").await;
    assert_eq!(mona.get(&file).await.status, StatusCode::NOT_FOUND);
    let page = file.trim_end_matches("/file");
    assert_eq!(mona.get(page).await.status, StatusCode::NOT_FOUND);
    assert!(alice.get("/w/acme/work").await.says("Export of contacts"));
    let later = platform::clock::freeze(platform::clock::now() + chrono::TimeDelta::days(4));
    assert_eq!(alice.get(&file).await.status, StatusCode::NOT_FOUND);
    assert!(alice.get(page).await.says("no longer kept"));
    drop(later);
    let exports = world.app.config.data_dir.join("exports");
    let folder = std::fs::read_dir(exports).unwrap().next().unwrap().unwrap();
    let kept = std::fs::read_dir(folder.path())
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    world.run_schedule("files.clean_temporary").await;
    assert!(kept.path().exists());
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(4 * 86_400);
    let opened = std::fs::File::options().write(true).open(kept.path());
    opened.unwrap().set_modified(old).unwrap();
    world.run_schedule("files.clean_temporary").await;
    assert!(!kept.path().exists());
}

#[actix_web::test]
async fn those_who_may_not_export_get_no_file() {
    let world = world();
    let bob = world.browser("agent@acme.test").await;
    assert_eq!(bob.post(URL, &[]).await.status, StatusCode::FORBIDDEN);
    assert!(
        !bob.get("/w/acme/contacts")
            .await
            .says("CSV marked as UTF-8")
    );
    let mallory = world.browser("owner@globex.test").await;
    assert_eq!(mallory.post(URL, &[]).await.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn an_export_comes_back_in_by_itself() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    world.within("acme", |tx| {
        diesel::insert_into(custom_fields::table)
            .values((
                custom_fields::id.eq(Uuid::now_v7()),
                custom_fields::record_kind.eq("contact"),
                custom_fields::key.eq("boat_length"),
                custom_fields::label.eq("Boat length"),
                custom_fields::type_.eq("number"),
            ))
            .execute(&mut **tx)?;
        Ok(())
    });
    world.app.kinds.setups.forget_all();
    contact(
        &alice,
        json!({"first_name": "=Ann", "last_name": "O'Brien, jr.", "email": "ann@x.example", "company_name": "Café “Sol”",
            "lifecycle_stage": "sales_qualified", "lead_status": "bad_timing", "lead_source": "walk_in", "tags": ["vip", "hot"],
            "city": "Split", "birthday": "1990-05-31", "description": "Two\nlines", "custom": {"boat_length": 12.5}}),
    )
    .await;
    let file = exported(&alice, &[("columns", "all"), ("mark", "true")]).await;
    let before = alice.get_json("/w/acme/contacts").await.json();
    let id = before["items"][0]["id"].as_str().unwrap().to_owned();
    alice
        .api(Method::DELETE, &format!("/w/acme/contacts/{id}"), json!({}))
        .await;
    world.within("acme", |tx| {
        diesel::delete(contacts::table).execute(&mut **tx)?;
        Ok(())
    });
    let done = crate::crm::imports::tests::import(
        &world,
        &alice,
        "contacts.csv",
        file.text.as_bytes(),
        &[],
    )
    .await;
    assert_eq!(
        (&done["source"], &done["created"], &done["noted"]),
        (&json!("Nexus"), &json!(1), &json!(0)),
        "{done}"
    );
    let after = alice.get_json("/w/acme/contacts").await.json();
    for field in [
        "first_name",
        "last_name",
        "email",
        "company_id",
        "lifecycle_stage",
        "lead_status",
        "lead_source",
        "tags",
        "city",
        "birthday",
        "description",
        "custom",
        "owner_id",
    ] {
        assert_eq!(
            after["items"][0][field], before["items"][0][field],
            "{field}"
        );
    }
}

#[actix_web::test]
async fn a_program_is_told_where_its_file_will_be() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    contact(&alice, json!({"first_name": "Ann"})).await;
    let asked = alice
        .api(
            Method::POST,
            "/api/v1/w/acme/contacts/exports",
            json!({"columns": "all"}),
        )
        .await;
    assert_eq!(asked.status, StatusCode::ACCEPTED);
    assert_eq!(asked.json()["state"], "done");
    let file = format!("{}/file", asked.header("location"));
    assert!(alice.get(&file).await.text.starts_with("First name"));
    let wrong = json!({"query": "filter=%7B%22field%22%3A%22shoe%22%2C%22op%22%3A%22is%22%2C%22value%22%3A1%7D"});
    let refused = alice
        .api(Method::POST, "/api/v1/w/acme/contacts/exports", wrong)
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[actix_web::test]
async fn a_workbook_goes_out_and_comes_back_in() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    contact(
        &alice,
        json!({"first_name": "=Ann", "last_name": "Nguyễn", "email": "ann@x.example", "birthday": "1990-05-31", "city": "Split"}),
    )
    .await;
    let file = exported(&alice, &[("columns", "all"), ("format", "xlsx")]).await;
    assert!(file.header("content-type").ends_with("spreadsheetml.sheet"));
    assert!(file.header("content-disposition").contains(".xlsx"));
    assert!(file.bytes.starts_with(b"PK"));
    world.within("acme", |tx| {
        diesel::delete(contacts::table).execute(&mut **tx)?;
        Ok(())
    });
    let name = "contacts.xlsx";
    let done = crate::crm::imports::tests::import(&world, &alice, name, &file.bytes, &[]).await;
    let counts = (&done["source"], &done["created"], &done["noted"]);
    assert_eq!(counts, (&json!("Nexus"), &json!(1), &json!(0)), "{done}");
    let after = alice.get_json("/w/acme/contacts").await.json();
    let ann = &after["items"][0];
    for (field, value) in [
        ("first_name", "=Ann"),
        ("last_name", "Nguyễn"),
        ("birthday", "1990-05-31"),
        ("city", "Split"),
    ] {
        assert_eq!(ann[field], value, "{field}");
    }
}
