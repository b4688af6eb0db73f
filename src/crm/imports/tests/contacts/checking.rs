//! What is wrong with a file is told before and after it is written.

use actix_web::http::StatusCode;
use diesel::prelude::*;
use platform::schema::contacts;

use super::live_contacts;
use crate::crm::imports::tests::{fixture, id, import, number, upload};
use crate::testing::world;

#[actix_web::test]
async fn a_check_tells_everything_and_writes_nothing() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let answer = upload(
        &alice,
        "/w/acme/contacts/imports",
        "broken.csv",
        &fixture("broken-addresses.csv"),
        &[],
    )
    .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let columns = answer.header("location").to_owned();
    let page = alice.get(&columns).await;
    assert!(
        page.says("Where does each column go?") && page.says("plus+tag@fine.example"),
        "{}",
        page.text
    );
    let url = columns.trim_end_matches("/columns");
    let form = [
        ("columns.0", "first_name"),
        ("columns.1", "last_name"),
        ("columns.2", "email"),
        ("tags", "new, hot"),
    ];
    let answer = alice.post(&format!("{url}/check"), &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let page = alice.get(url).await;
    assert!(
        page.says("Checking every row") && page.says("Look again"),
        "{}",
        page.text
    );
    world.run_jobs().await;
    let page = alice.get(url).await;
    assert!(
        page.says("What would be done") && page.says("is not an e-mail address: it has no @"),
        "{}",
        page.text
    );
    assert_eq!(live_contacts(&world), 0);
    let checked = alice.get_json(url).await.json();
    assert_eq!(checked["preview"]["created"], 16, "{checked}");
    assert_eq!(checked["preview"]["totals"]["refused.email"], 14);
    alice.post(&format!("{url}/run"), &[]).await;
    world.run_jobs().await;
    assert_eq!(live_contacts(&world), 16);
    let tags: Vec<String> = world.within("acme", |tx| {
        Ok(contacts::table.select(contacts::tags).first(&mut **tx)?)
    });
    assert_eq!(tags, ["new", "hot"]);
}

#[actix_web::test]
async fn refused_rows_come_back_as_a_file_that_can_be_mended() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let done = import(
        &world,
        &alice,
        "broken.csv",
        &fixture("broken-addresses.csv"),
        &[],
    )
    .await;
    let url = format!("/w/acme/contacts/imports/{}", id(&done));
    let file = alice.get(&format!("{url}/refused.csv")).await;
    assert!(file.header("content-type").starts_with("text/csv"));
    assert_eq!(file.text.lines().count(), 15, "{}", file.text);
    assert!(
        file.text
            .contains("Row in the file,Why it was refused,First name,Last name,Email"),
        "{}",
        file.text
    );
    let mended: String = file
        .text
        .lines()
        .enumerate()
        .map(|(n, line)| match line.rsplit_once(',') {
            Some((rest, _)) if n > 0 => format!("{rest},mended.{n}@x.example\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    let again = import(&world, &alice, "mended.csv", mended.as_bytes(), &[]).await;
    assert_eq!(
        (number(&again, "created"), number(&again, "refused")),
        (14, 0),
        "{again}"
    );
    let report = alice.get(&format!("{url}/problems.csv")).await;
    assert!(report.says("it has no @"), "{}", report.text);
    let list = alice
        .get_json(&format!("/api/v1{url}/problems"))
        .await
        .json();
    assert_eq!(list["items"].as_array().map(Vec::len), Some(14));
    assert_eq!(list["items"][0]["row"], 2);
}
