//! Files as people have them, through the whole import.

use actix_web::http::{Method, StatusCode, header};
use actix_web::test::TestRequest;
use diesel::prelude::*;
use platform::schema::{companies, contacts, custom_fields, import_problems};
use platform::testing::{Answer, Browser, World};
use serde_json::{Value, json};
use uuid::Uuid;

use super::batch::Work;
use super::fields::Custom;
use super::import::Import;
use super::reading::{self, Reader};
use super::source;
use crate::testing::world;

const URL: &str = "/api/v1/w/acme/contacts/imports";

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("tests/fixtures/csv/{name}")).expect("a fixture")
}

fn multipart(file: &str, content: &[u8], fields: &[(&str, &str)]) -> (&'static str, Vec<u8>) {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(
            format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                .bytes(),
        );
    }
    body.extend(format!("--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{file}\"\r\ncontent-type: text/csv\r\n\r\n").bytes());
    body.extend(content);
    body.extend(b"\r\n--edge--\r\n");
    ("multipart/form-data; boundary=edge", body)
}

async fn upload(
    browser: &Browser,
    url: &str,
    file: &str,
    content: &[u8],
    fields: &[(&str, &str)],
) -> Answer {
    let (kind, body) = multipart(file, content, fields);
    let request = TestRequest::post().uri(url);
    browser
        .send(
            request
                .insert_header((header::CONTENT_TYPE, kind))
                .set_payload(body),
        )
        .await
}

/// Imports a file in one go; what came of it.
pub async fn import(
    world: &World,
    browser: &Browser,
    file: &str,
    content: &[u8],
    fields: &[(&str, &str)],
) -> Value {
    let fields: Vec<_> = fields.iter().copied().chain([("run", "1")]).collect();
    let answer = upload(browser, URL, file, content, &fields).await;
    assert_eq!(
        answer.status,
        StatusCode::ACCEPTED,
        "{file}: {}",
        answer.text
    );
    world.run_jobs().await;
    browser.get_json(answer.header("location")).await.json()
}

fn number(import: &Value, field: &str) -> i64 {
    import[field]
        .as_i64()
        .unwrap_or_else(|| panic!("{field} of {import}"))
}

fn id(import: &Value) -> Uuid {
    import["id"]
        .as_str()
        .and_then(|id| id.parse().ok())
        .expect("an id")
}

fn live_contacts(world: &World) -> i64 {
    world.within("acme", |tx| {
        let here = contacts::table.filter(contacts::archived_at.is_null());
        Ok(here.count().get_result(&mut **tx)?)
    })
}

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

#[actix_web::test]
async fn known_people_are_left_filled_in_or_added_again() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let first = "Email,First name,City,Tags\nann@x.example,Ann,Split,a\n";
    import(&world, &alice, "first.csv", first.as_bytes(), &[]).await;
    let second = "Email,First name,City,Tags\n ANN@x.example ,Anna,,b\nbea@x.example,Bea,Oslo,\nbea@x.example,Bea,Bergen,\n";
    let skipped = import(
        &world,
        &alice,
        "second.csv",
        second.as_bytes(),
        &[("duplicates", "skip")],
    )
    .await;
    assert_eq!(
        (number(&skipped, "created"), number(&skipped, "skipped")),
        (1, 2),
        "{skipped}"
    );
    let updated = import(
        &world,
        &alice,
        "second.csv",
        second.as_bytes(),
        &[("duplicates", "update")],
    )
    .await;
    assert_eq!(
        (number(&updated, "created"), number(&updated, "updated")),
        (0, 3),
        "{updated}"
    );
    let ann: (String, String, Vec<String>) = world.within("acme", |tx| {
        let ann = contacts::table.filter(contacts::email.eq("ann@x.example"));
        Ok(ann
            .select((contacts::first_name, contacts::city, contacts::tags))
            .first(&mut **tx)?)
    });
    assert_eq!(
        ann,
        ("Anna".into(), "Split".into(), vec!["a".into(), "b".into()])
    );
    let again = import(
        &world,
        &alice,
        "second.csv",
        second.as_bytes(),
        &[("duplicates", "create")],
    )
    .await;
    assert_eq!(number(&again, "created"), 3, "{again}");
}

#[actix_web::test]
async fn an_import_can_be_undone_without_undoing_what_people_did_since() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let before = "Email,First name,City\nann@x.example,Ann,Split\nbob@x.example,Bob,Rijeka\n";
    import(&world, &alice, "before.csv", before.as_bytes(), &[]).await;
    let csv = "Email,First name,City,Company\nann@x.example,Anna,Zadar,Acme\nbob@x.example,Rob,Pula,Acme\ncy@x.example,Cy,Hvar,Acme\ndi@x.example,Di,Hvar,Acme\n";
    let done = import(
        &world,
        &alice,
        "second.csv",
        csv.as_bytes(),
        &[("duplicates", "update")],
    )
    .await;
    assert_eq!(
        (number(&done, "created"), number(&done, "updated")),
        (2, 2),
        "{done}"
    );
    let find = |email: &'static str| {
        world.within("acme", move |tx| {
            let one = contacts::table.filter(contacts::email.eq(email));
            Ok(one
                .select((contacts::id, contacts::first_name, contacts::city))
                .first::<(Uuid, String, String)>(&mut **tx)?)
        })
    };
    for (email, city) in [("bob@x.example", "Vis"), ("di@x.example", "Vis")] {
        let url = format!("/api/v1/w/acme/contacts/{}", find(email).0);
        let answer = alice
            .api(Method::PATCH, &url, json!({ "city": city }))
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }
    alice
        .api(
            Method::POST,
            &format!("{URL}/{}/undo", id(&done)),
            json!({}),
        )
        .await;
    world.run_jobs().await;
    let undone = alice.get_json(&format!("{URL}/{}", id(&done))).await.json();
    assert_eq!(undone["state"], "undone", "{undone}");
    assert_eq!(
        (number(&undone, "undone"), number(&undone, "kept")),
        (2, 2),
        "{undone}"
    );
    let (_, name, city) = find("ann@x.example");
    assert_eq!((name.as_str(), city.as_str()), ("Ann", "Split"));
    let (_, name, city) = find("bob@x.example");
    assert_eq!(
        (name.as_str(), city.as_str()),
        ("Bob", "Vis"),
        "field by field"
    );
    assert_eq!(live_contacts(&world), 3, "Cy is gone, Di was changed since");
    let live: i64 = world.within("acme", |tx| {
        let live = companies::table.filter(companies::archived_at.is_null());
        Ok(live.count().get_result(&mut **tx)?)
    });
    assert_eq!(live, 1, "Di works there");
}

#[actix_web::test]
async fn a_killed_import_goes_on_behind_its_last_batch() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let rows: String = (1..=4_500)
        .map(|n| format!("person{n}@x.example,Person {n}\n"))
        .collect();
    let csv = format!("Email,First name\n{rows}");
    let answer = upload(
        &alice,
        URL,
        "many.csv",
        csv.as_bytes(),
        &[("run", "1"), ("duplicates", "create")],
    )
    .await;
    let id = id(&answer.json());
    // The first batch is written, and then the worker is gone.
    let (work, custom, owners, workspace) = world.within("acme", |tx| {
        let work = Work::new(Import::find(tx, id)?);
        Ok((work, Custom::all(tx)?, reading::owners(tx)?, tx.workspace))
    });
    let reader = Reader::new(work.plan.clone(), &work.import.header, &custom, owners);
    let path = source::path(&world.app.config, workspace, id);
    let format = work.import.format().expect("a format");
    let mut batches = source::read(path, format, reader.into(), 0);
    let batch = batches
        .recv()
        .await
        .expect("a batch")
        .expect("that can be read");
    let mut work = work;
    assert!(world.within("acme", |tx| work.write(tx, batch)));
    assert_eq!(live_contacts(&world), source::ROWS_A_BATCH as i64);
    world.run_jobs().await;
    let done = alice.get_json(&format!("{URL}/{id}")).await.json();
    assert_eq!(
        (done["state"].as_str(), number(&done, "created")),
        (Some("done"), 4_500),
        "{done}"
    );
    let addresses: i64 = world.within("acme", |tx| {
        let distinct = diesel::dsl::count(contacts::email).aggregate_distinct();
        Ok(contacts::table.select(distinct).first(&mut **tx)?)
    });
    assert_eq!((addresses, live_contacts(&world)), (4_500, 4_500));
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
    let folder = source::folder(&alice_config(), Uuid::nil());
    assert!(!folder.exists());
}

fn alice_config() -> platform::config::Config {
    world().app.config.clone()
}

#[actix_web::test]
async fn those_without_the_right_and_other_workspaces_see_nothing() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let done = import(&world, &alice, "one.csv", b"Email\nann@x.example\n", &[]).await;
    let carol = world.browser("viewer@acme.test").await;
    let mallory = world.browser("owner@globex.test").await;
    let page = format!("/w/acme/contacts/imports/{}", id(&done));
    for path in ["", "/columns", "/problems", "/refused.csv", "/problems.csv"] {
        let url = format!("{page}{path}");
        assert_eq!(carol.get(&url).await.status, StatusCode::FORBIDDEN, "{url}");
        assert_eq!(
            mallory.get(&url).await.status,
            StatusCode::NOT_FOUND,
            "{url}"
        );
        let theirs = url.replace("/acme/", "/globex/");
        assert_eq!(
            mallory.get(&theirs).await.status,
            StatusCode::NOT_FOUND,
            "{theirs}"
        );
    }
    let answer = upload(&carol, URL, "x.csv", b"Email\n", &[]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}
