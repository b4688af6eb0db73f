//! What people write down about a contact: notes with names in them, calls and meetings, and how they are found again.

use actix_web::http::{Method, StatusCode};
use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Uuid as SqlUuid};
use platform::clock;
use platform::testing::Browser;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::testing::world;

async fn ann(browser: &Browser) -> String {
    let body = json!({"first_name": "Ann"});
    let made = browser
        .api(Method::POST, "/api/v1/w/acme/contacts", body)
        .await;
    made.json()["id"].as_str().unwrap().to_owned()
}

fn on(id: &str, what: &str) -> String {
    format!("/api/v1/w/acme/records/contact/{id}/{what}")
}

#[actix_web::test]
async fn a_note_is_formatted_and_clean() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let id = ann(&alice).await;
    let body = "**Wants** a berth\nin Split <script>alert(1)</script> [here](javascript:x)";
    let note = alice
        .api(Method::POST, &on(&id, "notes"), json!({"body": body}))
        .await
        .json();
    assert_eq!(note["body"], body, "what was typed is kept");
    let page = alice.get(&format!("/w/acme/contacts/{id}")).await;
    assert!(
        page.says("<strong>Wants</strong> a berth<br>"),
        "{}",
        page.text
    );
    assert!(page.says("&lt;script&gt;alert(1)"), "{}", page.text);
    assert!(!page.says("javascript:x"), "{}", page.text);
    // Whatever is in the table is cleaned on its way out; what has no format yet stands as it was typed.
    let note: Uuid = note["id"].as_str().unwrap().parse().unwrap();
    let write = |html: &'static str| {
        world.within("acme", |tx| {
            sql_query("update notes set html = $1, body = 'Plain' || E'\\n' || '1. as *typed*' where id = $2")
                .bind::<diesel::sql_types::Text, _>(html)
                .bind::<SqlUuid, _>(note)
                .execute(&mut **tx)?;
            Ok(())
        });
    };
    write("<p onclick=\"x()\">Hi<img src=x></p>");
    let page = alice.get(&format!("/w/acme/contacts/{id}")).await;
    assert!(
        page.says("<p>Hi</p>") && !page.says("onclick=\"x"),
        "{}",
        page.text
    );
    write("");
    let page = alice.get(&format!("/w/acme/contacts/{id}")).await;
    assert!(page.says("Plain 1. as *typed*</div>"), "{}", page.text);
}

#[actix_web::test]
async fn whoever_is_named_is_told_and_follows() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let bob = world.browser("agent@acme.test").await;
    let id = ann(&alice).await;
    let notes = on(&id, "notes");
    let made = alice
        .api(
            Method::POST,
            &notes,
            json!({"body": "@Bob Brandt, and @alice archer herself"}),
        )
        .await
        .json();
    let told = bob.get_json("/w/acme/notifications").await.json();
    assert_eq!(told["items"].as_array().unwrap().len(), 1, "once: {told}");
    assert_eq!(told["items"][0]["kind"], "note.mentioned");
    let page = bob.get("/w/acme/notifications").await;
    assert!(page.says("Alice Archer mentioned you"), "{}", page.text);
    let own = alice.get_json("/w/acme/notifications").await.json();
    assert_eq!(own["items"], json!([]), "nobody tells herself");
    let page = bob.get(&format!("/w/acme/contacts/{id}")).await;
    assert!(page.says("Following"), "{}", page.text);
    assert!(
        page.says("<span class=\"mention\">@Bob Brandt</span>"),
        "{}",
        page.text
    );
    // Changed, it tells only those who are new in it; a follower hears of the change as of any other.
    let url = format!("{notes}/{}", made["id"].as_str().unwrap());
    let body = json!({"body": "@Bob Brandt and @manager: see above"});
    alice.api(Method::PATCH, &url, body).await;
    let kinds = |told: Value| -> Vec<String> {
        let items = told["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|n| n["kind"].as_str().unwrap().to_owned())
            .collect()
    };
    let told = bob.get_json("/w/acme/notifications").await.json();
    assert_eq!(kinds(told), ["note.updated", "note.mentioned"]);
    let mona = world.browser("manager@acme.test").await;
    let told = mona.get_json("/w/acme/notifications").await.json();
    assert_eq!(kinds(told), ["note.mentioned"]);
}

#[actix_web::test]
async fn whoever_may_not_see_the_record_is_not_told_of_it() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    world.within("acme", |tx| {
        let narrow = "update members set role_id = (select id from roles where key = 'sales_agent') \
                      where email = 'agent@acme.test'";
        Ok(diesel::RunQueryDsl::execute(diesel::sql_query(narrow), &mut **tx)?)
    });
    let id = ann(&alice).await;
    let body = json!({"body": "@Bob Brandt and @manager: look"});
    alice.api(Method::POST, &on(&id, "notes"), body).await;
    let bob = world.browser("agent@acme.test").await;
    let told = bob.get_json("/w/acme/notifications").await.json();
    assert_eq!(told["items"], json!([]));
    let mona = world.browser("manager@acme.test").await;
    let told = mona.get_json("/w/acme/notifications").await.json();
    assert_eq!(told["items"].as_array().unwrap().len(), 1, "{told}");
    // His own he sees, and is told of.
    let body = json!({"first_name": "Ben", "owner_id": world.person("agent@acme.test")});
    let ben = alice
        .api(Method::POST, "/w/acme/contacts", body)
        .await
        .json();
    let notes = on(ben["id"].as_str().unwrap(), "notes");
    alice
        .api(Method::POST, &notes, json!({"body": "@Bob Brandt look"}))
        .await;
    let told = bob.get_json("/w/acme/notifications").await.json();
    let mut told = told["items"].as_array().unwrap().iter();
    assert!(told.any(|one| one["kind"] == "note.mentioned"));
}

#[actix_web::test]
async fn calls_are_logged_changed_and_removed() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let id = ann(&alice).await;
    let at = clock::now() - TimeDelta::days(2);
    let call = json!({"kind": "call", "outcome": "reached", "subject": "Berth 12", "body": "She <b>agrees</b>", "minutes": 12, "at": at.to_rfc3339()});
    let made = alice.api(Method::POST, &on(&id, "activities"), call).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let call = made.json();
    let page = alice.get(&format!("/w/acme/contacts/{id}")).await;
    for words in [
        "made a call",
        "Berth 12",
        "Reached · 12 min",
        "She &#60;b&#62;agrees",
    ] {
        assert!(page.says(words), "{words}: {}", page.text);
    }
    let contact = alice
        .get_json(&format!("/api/v1/w/acme/contacts/{id}"))
        .await
        .json();
    let last: chrono::DateTime<chrono::Utc> = contact["last_activity_at"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(last, at);
    assert_eq!(
        contact["version"], 1,
        "hearing of somebody is no change of them"
    );
    let url = format!("{}/{}", on(&id, "activities"), call["id"].as_str().unwrap());
    let changed = alice
        .api(Method::PATCH, &url, json!({"subject": "Berth 14"}))
        .await;
    assert_eq!(
        (&changed.json()["subject"], &changed.json()["minutes"]),
        (&json!("Berth 14"), &json!(12)),
        "{}",
        changed.text
    );
    let editor = alice
        .get(&format!("{}/edit", url.replace("/api/v1", "")))
        .await;
    assert!(editor.says("Berth 14"), "{}", editor.text);
    for (body, field) in [
        (
            json!({"kind": "call", "at": (clock::now() + TimeDelta::days(2)).to_rfc3339()}),
            "at",
        ),
        (json!({"kind": "call", "at": "yesterday"}), "at"),
        (json!({"kind": "fax"}), "kind"),
        (json!({"kind": "call", "minutes": 5000}), "minutes"),
    ] {
        let refused = alice.api(Method::POST, &on(&id, "activities"), body).await;
        assert_eq!(
            refused.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{}",
            refused.text
        );
        assert_eq!(refused.json()["errors"][0]["field"], field);
    }
    let form = [
        ("kind", "meeting"),
        ("minutes", "many"),
        ("body", "Kept as typed"),
    ];
    let again = alice
        .post(&on(&id, "activities").replace("/api/v1", ""), &form)
        .await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.says("Kept as typed"), "{}", again.text);
    // Somebody who may only look, and another workspace.
    let carol = world.browser("viewer@acme.test").await;
    let refused = carol
        .api(
            Method::POST,
            &on(&id, "activities"),
            json!({"kind": "call"}),
        )
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let mallory = world.browser("owner@globex.test").await;
    let refused = mallory
        .api(
            Method::DELETE,
            &url.replace("/acme/", "/globex/"),
            json!({}),
        )
        .await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    let gone = alice.api(Method::DELETE, &url, json!({})).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    let all = alice.get_json(&on(&id, "activities")).await.json();
    assert_eq!(all["items"], json!([]));
    let page = alice.get(&format!("/w/acme/contacts/{id}")).await;
    assert!(!page.says("made a call"), "{}", page.text);
}

#[actix_web::test]
async fn a_timeline_is_narrowed_and_searched() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let id = ann(&alice).await;
    alice
        .api(
            Method::POST,
            &on(&id, "notes"),
            json!({"body": "Prefers the Café at noon"}),
        )
        .await;
    alice
        .api(
            Method::POST,
            &on(&id, "activities"),
            json!({"kind": "call", "subject": "Berth"}),
        )
        .await;
    alice
        .api(
            Method::POST,
            &on(&id, "activities"),
            json!({"kind": "email", "subject": "Offer"}),
        )
        .await;
    alice
        .api(
            Method::POST,
            &on(&id, "tasks"),
            json!({"name": "Write to her"}),
        )
        .await;
    let contact = format!("/api/v1/w/acme/contacts/{id}");
    alice
        .api(Method::PATCH, &contact, json!({"city": "Split"}))
        .await;
    let kinds = async |query: &str| -> Vec<String> {
        let url = format!("{}?{query}", on(&id, "timeline"));
        let told = alice.get_json(&url).await.json();
        let items = told["entries"]["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|item| item["kind"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(kinds("").await.len(), 6);
    for (query, expected) in [
        ("part=notes", vec!["note.created"]),
        ("part=calls", vec!["activity.logged"]),
        ("part=mails", vec!["activity.logged"]),
        ("part=tasks", vec!["task.created"]),
        ("part=changes", vec!["contact.updated", "contact.created"]),
        ("q=cafe", vec!["note.created"]),
        ("q=BERTH", vec!["activity.logged"]),
        ("q=write+to", vec!["task.created"]),
        ("q=split", vec!["contact.updated"]),
        ("q=offer&part=calls", vec![]),
        ("q=nowhere", vec![]),
    ] {
        assert_eq!(kinds(query).await, expected, "{query}");
    }
    let page = alice
        .get(&format!(
            "/w/acme/records/contact/{id}/timeline?part=notes&q=cafe"
        ))
        .await;
    for words in [
        "Prefers the Café",
        "aria-current=\"true\">Notes",
        "value=\"cafe\"",
    ] {
        assert!(page.says(words), "{words}: {}", page.text);
    }
    let none = alice
        .get(&format!("/w/acme/records/contact/{id}/timeline?q=nowhere"))
        .await;
    assert!(none.says("Nothing here holds “nowhere”"), "{}", none.text);
}

/// A search looks through some thousand events at a time and goes on from there.
#[actix_web::test]
async fn a_search_goes_on_where_it_stopped() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let id = ann(&alice).await;
    alice
        .api(
            Method::POST,
            &on(&id, "notes"),
            json!({"body": "The needle"}),
        )
        .await;
    let contact: Uuid = id.parse().unwrap();
    world.within("acme", |tx| {
        sql_query(
            "insert into events (id, kind, record_kind, record_id, actor_name, changes, at)
             select new_id(), case n % 2 when 0 then 'note.pinned' else 'contact.updated' end, 'contact', $1, 'Nexus', '{\"city\": [\"a\", \"b\"]}', now()
             from generate_series(1, $2) n",
        )
        .bind::<SqlUuid, _>(contact)
        .bind::<BigInt, _>(7_000)
        .execute(&mut **tx)?;
        Ok(())
    });
    let mut url = format!("{}?q=needle", on(&id, "timeline"));
    let mut found = Vec::new();
    let mut pages = 0;
    loop {
        let told = alice.get_json(&url).await.json();
        found.extend(told["entries"]["items"].as_array().unwrap().clone());
        pages += 1;
        assert!(pages < 10, "it ends");
        match told["entries"]["earlier"].as_str() {
            Some(earlier) => url = format!("/api/v1{earlier}"),
            None => break,
        }
    }
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(pages > 1, "it took more than one look");
}
