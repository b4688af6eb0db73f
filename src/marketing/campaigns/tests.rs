//! From draft to results, with mail that really leaves (into the local mailbox).

use actix_web::http::{Method, StatusCode};
use platform::testing::{Browser, World};
use serde_json::{Value, json};

use crate::marketing::suppressions::Reason;
use crate::testing::world;

const URL: &str = "/w/acme/campaigns";

pub async fn id_of(browser: &Browser, path: &str, body: Value) -> String {
    let made = browser.api(Method::POST, path, body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.json()["id"].as_str().unwrap().to_owned()
}

/// A campaign to everybody, whose subject names it.
pub async fn draft(browser: &Browser, subject: &str) -> String {
    let template = id_of(
        browser,
        "/w/acme/email-templates",
        json!({"name": "T", "subject": subject,
            "body": "<p>Hello {{ contact.first_name | default(\"you\") }} <a href=\"https://example.com/x\">look</a></p>"}),
    )
    .await;
    let segment = id_of(browser, "/w/acme/segments", json!({"name": "All"})).await;
    let body = json!({"name": "C", "template_id": template, "segment_id": segment});
    format!("{URL}/{}", id_of(browser, URL, body).await)
}

pub async fn contact(browser: &Browser, email: &str) -> String {
    let body = json!({"first_name": "Ann", "email": email});
    id_of(browser, "/w/acme/contacts", body).await
}

pub async fn send(world: &World, browser: &Browser, campaign: &str) {
    let begun = browser
        .api(Method::POST, &format!("{campaign}/sending"), json!({}))
        .await;
    assert_eq!(begun.status, StatusCode::OK, "{}", begun.text);
    world.run_jobs().await;
}

#[actix_web::test]
async fn a_campaign_reaches_each_address_once_and_nobody_who_left() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let subject = format!("News {}", uuid::Uuid::new_v4());
    let campaign = draft(&alice, &subject).await;
    for email in [
        "a@mail.example",
        "a@mail.example",
        "b@mail.example",
        "gone@mail.example",
    ] {
        contact(&alice, email).await;
    }
    world.within("acme", |tx| {
        let gone = ["gone@mail.example".to_owned()];
        crate::marketing::suppressions::suppress(tx, &gone, Reason::Manual, "")
    });
    let review = alice.get_json(&campaign).await.json()["review"].clone();
    assert_eq!(review["reach"], json!({"addresses": 3, "suppressed": 1}));
    send(&world, &alice, &campaign).await;
    let done = alice.get_json(&campaign).await.json();
    assert_eq!(done["status"], "sent", "{done}");
    assert_eq!(
        (&done["counts"]["sent"], &done["counts"]["skipped"]),
        (&json!(2), &json!(1))
    );
    let mailbox = world.app.mail.transport().unwrap().mailbox().unwrap();
    let mails = mailbox.list(10, &subject).await.unwrap();
    assert_eq!(mails.len(), 2);
    let raw = mailbox.raw(mails[0].id).await.unwrap().unwrap();
    let raw = String::from_utf8_lossy(&raw);
    assert!(raw.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"));
    assert!(raw.contains("1 Harbour Street"), "{raw}");
    assert!(alice.get(&campaign).await.says("Results"));
    let again = alice
        .api(Method::POST, &format!("{campaign}/sending"), json!({}))
        .await;
    assert_eq!(again.status, StatusCode::CONFLICT);
}

#[actix_web::test]
async fn a_draft_says_what_it_lacks() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let id = id_of(&alice, URL, json!({"name": "Empty"})).await;
    let refused = alice
        .api(Method::POST, &format!("{URL}/{id}/sending"), json!({}))
        .await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(
        refused.text.contains("Choose a template."),
        "{}",
        refused.text
    );
    assert!(
        alice
            .get(&format!("{URL}/{id}"))
            .await
            .says("Choose a segment.")
    );
    assert_eq!(
        alice.get(&format!("{URL}/{id}/edit")).await.status,
        StatusCode::OK
    );
}

#[actix_web::test]
async fn a_paused_campaign_sends_nothing_until_it_is_resumed() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let campaign = draft(&alice, "S").await;
    contact(&alice, "a@mail.example").await;
    alice
        .api(Method::POST, &format!("{campaign}/sending"), json!({}))
        .await;
    alice
        .api(Method::POST, &format!("{campaign}/pause"), json!({}))
        .await;
    world.run_jobs().await;
    let paused = alice.get_json(&campaign).await.json();
    assert_eq!(
        (&paused["status"], &paused["counts"]["sent"]),
        (&json!("paused"), &json!(0))
    );
    alice
        .api(Method::DELETE, &format!("{campaign}/pause"), json!({}))
        .await;
    world.run_jobs().await;
    assert_eq!(alice.get_json(&campaign).await.json()["status"], "sent");
}

#[actix_web::test]
async fn a_scheduled_campaign_waits_for_its_time() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let campaign = draft(&alice, "S").await;
    contact(&alice, "a@mail.example").await;
    let past = alice
        .api(
            Method::POST,
            &format!("{campaign}/schedule"),
            json!({"scheduled_at": "2020-01-01T10:00:00Z"}),
        )
        .await;
    assert_eq!(past.status, StatusCode::UNPROCESSABLE_ENTITY);
    let typed = [("scheduled_at", "2020-01-01T10:00")];
    let past = alice.post(&format!("{campaign}/schedule"), &typed).await;
    assert_eq!(past.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(past.says("Choose a time that is still to come."));
    assert!(past.says("2020-01-01T10:00"), "nothing typed is lost");
    let later = alice
        .api(
            Method::POST,
            &format!("{campaign}/schedule"),
            json!({"scheduled_at": "2199-01-01T10:00:00Z"}),
        )
        .await;
    assert_eq!(later.json()["status"], "scheduled", "{}", later.text);
    assert!(alice.get(&campaign).await.says("1 Jan 2199, 11:00"));
    world.run_schedule("marketing.start_campaigns").await;
    assert_eq!(
        alice.get_json(&campaign).await.json()["status"],
        "scheduled"
    );
    world.within("acme", |tx| {
        use diesel::prelude::*;
        diesel::update(platform::schema::campaigns::table)
            .set(platform::schema::campaigns::scheduled_at.eq(tx.now))
            .execute(&mut **tx)?;
        Ok(())
    });
    world.run_schedule("marketing.start_campaigns").await;
    world.run_jobs().await;
    assert_eq!(alice.get_json(&campaign).await.json()["status"], "sent");
    let edit = alice.get(&format!("{campaign}/edit")).await;
    assert_eq!(edit.header("location"), campaign);
}

#[actix_web::test]
async fn lists_and_searches() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    for name in ["Winter", "Autumn"] {
        id_of(&alice, URL, json!({"name": name})).await;
    }
    let list = alice.get_json(&format!("{URL}?sort=name")).await.json();
    assert_eq!(list["items"][0]["name"], "Autumn");
    let found = alice.get_json(&format!("{URL}?search=wint")).await.json();
    assert_eq!(found["total"]["count"], 1);
    assert!(alice.get(URL).await.says("Winter"));
}

#[actix_web::test]
async fn refuses_without_the_permission() {
    let world = world();
    let bob = world.browser("agent@acme.test").await;
    let made = bob.api(Method::POST, URL, json!({"name": "X"})).await;
    assert_eq!(made.status, StatusCode::FORBIDDEN);
}

#[actix_web::test]
async fn another_workspace_sees_nothing() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let id = id_of(&alice, URL, json!({"name": "X"})).await;
    let mallory = world.browser("owner@globex.test").await;
    for url in [
        format!("/w/globex/campaigns/{id}"),
        format!("/w/globex/campaigns/{id}/recipients"),
    ] {
        assert_eq!(mallory.get(&url).await.status, StatusCode::NOT_FOUND);
    }
    let send = format!("/w/globex/campaigns/{id}/sending");
    let sent = mallory.api(Method::POST, &send, json!({})).await;
    assert_eq!(sent.status, StatusCode::NOT_FOUND);
}

/// Renames Acme to something that a template would run.
pub fn rename(world: &World, name: &str) {
    world.within("acme", |tx| {
        use diesel::prelude::*;
        use platform::schema::workspaces;
        diesel::update(workspaces::table.find(tx.workspace))
            .set((
                workspaces::name.eq(name),
                workspaces::postal_address.eq("{% for x %}\n1 Quay"),
            ))
            .execute(&mut **tx)?;
        Ok(())
    });
}

/// The newest mail with that subject says the name and the address just as they are.
pub async fn says_literally(world: &World, subject: &str, name: &str) {
    let mailbox = world.app.mail.transport().unwrap().mailbox().unwrap();
    let listed = mailbox.list(1, subject).await.unwrap();
    let mail = mailbox.read(listed[0].id).await.unwrap().unwrap();
    let (text, html) = (mail.text.unwrap(), mail.html.unwrap());
    assert!(
        text.contains(name) && text.contains("{% for x %}"),
        "{text}"
    );
    let shown = html.replace("&#123;", "{");
    assert!(
        shown.contains(name) && shown.contains("{% for x %}"),
        "{html}"
    );
}

/// A campaign that was sent to two, one of whom is held since a crash.
async fn with_one_held(world: &World, alice: &Browser) -> (String, String) {
    let subject = format!("Held {}", uuid::Uuid::new_v4());
    let campaign = draft(alice, &subject).await;
    contact(alice, "a@mail.example").await;
    contact(alice, "b@mail.example").await;
    send(world, alice, &campaign).await;
    world.within("acme", |tx| {
        use diesel::prelude::*;
        use platform::schema::campaign_recipients as r;
        diesel::update(r::table.filter(r::email.eq("b@mail.example")))
            .set((
                r::status.eq("held"),
                r::sent_at.eq(None::<chrono::DateTime<chrono::Utc>>),
            ))
            .execute(&mut **tx)?;
        Ok(())
    });
    assert!(alice.get(&campaign).await.says("Held for your decision"));
    (campaign, subject)
}

#[actix_web::test]
async fn held_mails_are_sent_again_if_somebody_says_so() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let (campaign, subject) = with_one_held(&world, &alice).await;
    let held = format!("{campaign}/held");
    let unclear = alice.post(&held, &[("decision", "perhaps")]).await;
    assert_eq!(unclear.status, StatusCode::UNPROCESSABLE_ENTITY);
    let again = alice.post(&held, &[("decision", "again")]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    world.run_jobs().await;
    let done = alice.get_json(&campaign).await.json();
    assert_eq!(
        (&done["status"], &done["counts"]["sent"]),
        (&json!("sent"), &json!(2))
    );
    assert_eq!(done["counts"]["held"], 0);
    let mailbox = world.app.mail.transport().unwrap().mailbox().unwrap();
    let mails = mailbox.list(10, &subject).await.unwrap();
    let to_b = mails.iter().filter(|m| m.to == "b@mail.example");
    assert_eq!((mails.len(), to_b.count()), (3, 2));
}

#[actix_web::test]
async fn held_mails_count_as_sent_if_somebody_says_so() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let (campaign, subject) = with_one_held(&world, &alice).await;
    let held = format!("{campaign}/held");
    let settled = alice
        .api(Method::POST, &held, json!({"decision": "sent"}))
        .await;
    assert_eq!(settled.json()["status"], "sent", "{}", settled.text);
    let done = alice.get_json(&campaign).await.json();
    assert_eq!(
        (&done["counts"]["sent"], &done["counts"]["held"]),
        (&json!(2), &json!(0))
    );
    let mailbox = world.app.mail.transport().unwrap().mailbox().unwrap();
    assert_eq!(mailbox.list(10, &subject).await.unwrap().len(), 2);
    let twice = alice
        .api(Method::POST, &held, json!({"decision": "sent"}))
        .await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
}

#[actix_web::test]
async fn its_recipients_are_listed_one_by_one() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let (campaign, _) = with_one_held(&world, &alice).await;
    let url = format!("{campaign}/recipients");
    let page = alice.get(&url).await;
    assert!(page.says("a@<wbr>mail") && page.says("b@<wbr>mail"));
    let held = alice.get(&format!("{url}?status=held")).await;
    assert!(!held.says("a@<wbr>mail") && held.says("b@<wbr>mail"));
    let found = alice.get_json(&format!("{url}?search=A@MAIL")).await.json();
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    let first = alice.get_json(&format!("{url}?limit=1")).await.json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = alice
        .get_json(&format!("{url}?limit=1&cursor={cursor}"))
        .await
        .json();
    assert_ne!(first["items"][0]["email"], rest["items"][0]["email"]);
    assert_eq!(rest["next_cursor"], json!(null));
}

#[actix_web::test]
async fn a_workspace_may_be_called_like_a_template() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let name = "{{ 7*7 }} {% x {# y";
    rename(&world, name);
    contact(&alice, "a@mail.example").await;
    let subject = format!("Literal {}", uuid::Uuid::new_v4());
    let campaign = draft(&alice, &subject).await;
    send(&world, &alice, &campaign).await;
    says_literally(&world, &subject, name).await;
}

#[actix_web::test]
async fn a_draft_is_changed_by_two_at_once() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let mona = world.browser("manager@acme.test").await;
    let url = format!(
        "{URL}/{}",
        id_of(&alice, URL, json!({"name": "Spring"})).await
    );
    mona.api(Method::PATCH, &url, json!({"subject": "Hello"}))
        .await;
    let stale = json!({"subject": "Hi", "version": 1});
    let told = alice.api(Method::PATCH, &url, stale).await;
    assert_eq!(told.status, StatusCode::CONFLICT);
    assert_eq!(told.json()["changed"][0]["field"], "subject");
    let update = format!("{url}?_method=PATCH");
    let form = [("version", "1"), ("name", "Summer"), ("subject", "")];
    let saved = alice.post(&update, &form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let now = alice.get_json(&url).await.json();
    assert_eq!(
        (&now["name"], &now["subject"]),
        (&json!("Summer"), &json!("Hello"))
    );
    alice.post(&saved.undo(), &[]).await;
    assert_eq!(alice.get_json(&url).await.json()["name"], "Spring");
}

#[actix_web::test]
async fn the_timeline_of_a_contact_tells_of_its_mails_in_their_place() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let id = contact(&alice, "a@mail.example").await;
    let campaign = draft(&alice, "S").await;
    send(&world, &alice, &campaign).await;
    // So many that the mail is on the second page of them.
    let notes = format!("/w/acme/records/contact/{id}/notes");
    for number in 0..31 {
        let note = json!({"body": format!("Note {number}")});
        alice.api(Method::POST, &notes, note).await;
    }
    let timeline = format!("/w/acme/records/contact/{id}/timeline");
    let newest = alice.get_json(&timeline).await.json();
    let kinds = |page: &Value| -> Vec<String> {
        let items = page["entries"]["items"].as_array().unwrap();
        items
            .iter()
            .map(|e| e["kind"].as_str().unwrap().to_owned())
            .collect()
    };
    assert!(kinds(&newest).iter().all(|kind| kind == "note.created"));
    let earlier = newest["entries"]["earlier"].as_str().unwrap();
    let rest = alice.get_json(earlier).await.json();
    let told = kinds(&rest);
    let of = |kind: &str| told.iter().position(|one| one == kind);
    assert_eq!(of("campaign.mail_sent"), Some(1), "{told:?}");
    assert_eq!(told.last().map(String::as_str), Some("contact.created"));
    assert_eq!(
        rest["entries"]["items"][1]["what"]["said"],
        "sent a mail of C"
    );
}
