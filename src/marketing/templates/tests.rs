//! The six that every resource has, and what is particular to e-mail templates.

use actix_web::http::{Method, StatusCode};
use serde_json::json;

use crate::testing::world;

const URL: &str = "/w/acme/email-templates";

#[actix_web::test]
async fn lists_sorts_and_searches() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    for name in ["Winter", "Autumn"] {
        alice
            .api(
                Method::POST,
                URL,
                json!({"name": name, "body": "<p>Hi</p>"}),
            )
            .await;
    }
    let list = alice.get_json(&format!("{URL}?sort=name")).await.json();
    assert_eq!(list["items"][0]["name"], "Autumn");
    assert_eq!(list["total"], json!({"count": 2, "exact": true}));
    let found = alice.get_json(&format!("{URL}?search=wint")).await.json();
    assert_eq!(found["total"]["count"], 1);
    assert!(alice.get(URL).await.says("Winter"));
}

#[actix_web::test]
async fn a_template_is_made_changed_and_archived() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    assert_eq!(
        alice.get(&format!("{URL}/new")).await.status,
        StatusCode::OK
    );
    let made = alice
        .api(
            Method::POST,
            URL,
            json!({"name": "Spring", "subject": "S", "body": "<p>Hi</p>"}),
        )
        .await;
    assert_eq!(made.status, StatusCode::CREATED);
    let url = format!("{URL}/{}", made.json()["id"].as_str().unwrap());
    let changed = alice
        .api(Method::PATCH, &url, json!({"subject": "T", "version": 1}))
        .await
        .json();
    assert_eq!(
        (&changed["subject"], &changed["version"]),
        (&json!("T"), &json!(2))
    );
    let stale = alice
        .api(Method::PATCH, &url, json!({"subject": "U", "version": 1}))
        .await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert_eq!(
        alice.api(Method::DELETE, &url, json!({})).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(alice.get_json(URL).await.json()["total"]["count"], 0);
}

#[actix_web::test]
async fn a_mistake_is_told_with_its_line() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let body = "<mjml>\n<mj-body>\n<mj-section>\n</mj-body>\n</mjml>";
    let refused = alice
        .api(Method::POST, URL, json!({"name": "Broken", "body": body}))
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let errors = refused.json()["errors"].to_string();
    assert!(
        errors.contains("\"body\"") && errors.contains("line"),
        "{errors}"
    );
}

#[actix_web::test]
async fn the_preview_is_a_fenced_document_for_a_contact() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    alice
        .api(
            Method::POST,
            "/w/acme/contacts",
            json!({"first_name": "Ann", "email": "ann@mail.example"}),
        )
        .await;
    let made = alice
        .api(
            Method::POST,
            URL,
            json!({"name": "Spring", "subject": "S", "body": "<p>Hello {{ contact.first_name }}</p>"}),
        )
        .await
        .json();
    let url = format!("{URL}/{}", made["id"].as_str().unwrap());
    assert!(alice.get(&url).await.says("As a reader sees it"));
    let preview = alice.get(&format!("{url}/preview")).await;
    assert!(preview.says("Hello Ann") && preview.says("1 Harbour Street"));
    assert!(
        preview
            .header("content-security-policy")
            .contains("sandbox")
    );
    assert!(alice.get(&format!("{url}/text")).await.says("Hello Ann"));
}

#[actix_web::test]
async fn what_is_typed_is_previewed_for_a_contact_before_it_is_saved() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let ann = json!({"first_name": "Ann <b>", "email": "ann@mail.example"});
    let ann = alice
        .api(Method::POST, "/w/acme/contacts", ann)
        .await
        .json();
    let body = "<p>Hello {{ contact.first_name }} in {{ contact.city | default(\"your <town>\") }}{{ contact.phone }}</p>";
    let typed = [
        ("subject", "S"),
        ("body", body),
        ("contact", ann["id"].as_str().unwrap()),
    ];
    let preview = alice.post(&format!("{URL}/preview"), &typed).await;
    assert_eq!(preview.status, StatusCode::OK, "{}", preview.text);
    assert!(
        preview
            .header("content-security-policy")
            .contains("sandbox")
    );
    assert!(
        preview.says("Hello Ann &lt;b&gt; in your &lt;town&gt;"),
        "{}",
        preview.text
    );
    assert!(preview.says("(the fallback)") && preview.says("empty, and without a fallback"));
    assert!(!preview.text.contains("Ann <b>"));
    let broken = [("body", "<p>{{ contact.</p>")];
    let told = alice.post(&format!("{URL}/preview"), &broken).await;
    assert!(
        told.status == StatusCode::OK && told.text.contains("line"),
        "{}",
        told.text
    );
    assert_eq!(alice.get_json(URL).await.json()["total"]["count"], 0);
    let mallory = world.browser("owner@globex.test").await;
    let theirs = mallory
        .post("/w/globex/email-templates/preview", &typed)
        .await;
    assert_eq!(theirs.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn a_test_send_reaches_the_one_who_asks() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let subject = format!("Trial {}", uuid::Uuid::new_v4());
    let made = alice
        .api(
            Method::POST,
            URL,
            json!({"name": "Spring", "subject": subject, "body": "<p>Hi</p>"}),
        )
        .await
        .json();
    let url = format!("{URL}/{}/trials", made["id"].as_str().unwrap());
    assert_eq!(alice.post(&url, &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(world.run_jobs().await, 1);
    let mailbox = world.app.mail.transport().unwrap().mailbox().unwrap();
    let listed = mailbox.list(10, &subject).await.unwrap();
    assert!(listed[0].to.contains("owner@acme.test"));
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
    let made = alice
        .api(Method::POST, URL, json!({"name": "X"}))
        .await
        .json();
    let mallory = world.browser("owner@globex.test").await;
    let url = format!("/w/globex/email-templates/{}", made["id"].as_str().unwrap());
    assert_eq!(mallory.get(&url).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        mallory.get_json("/w/globex/email-templates").await.json()["total"]["count"],
        0
    );
}

#[actix_web::test]
async fn an_amount_is_written_with_its_currency() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let field = json!({"record_kind": "contact", "label": "Berth fee", "type": "money"});
    let made = alice
        .api(Method::POST, "/w/acme/settings/custom-fields", field)
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let ann =
        json!({"first_name": "Ann", "email": "ann@mail.example", "custom": {"berth_fee": 125_050}});
    let ann = alice.api(Method::POST, "/w/acme/contacts", ann).await;
    assert_eq!(ann.status, StatusCode::CREATED, "{}", ann.text);
    let body = "<p>It is {{ contact.custom.berth_fee }}.</p>";
    let template = json!({"name": "Fee", "subject": "Fee", "body": body});
    let template = alice.api(Method::POST, URL, template).await.json();
    let preview = format!("{URL}/{}/preview", template["id"].as_str().unwrap());
    let preview = alice.get(&preview).await;
    assert!(preview.says("It is 1,250.50 EUR."), "{}", preview.text);
}

#[actix_web::test]
async fn a_change_is_merged_with_a_colleagues_and_undone() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let mona = world.browser("manager@acme.test").await;
    let body = json!({"name": "Spring", "subject": "S", "body": "<p>Hi</p>"});
    let made = alice.api(Method::POST, URL, body).await.json();
    let url = format!("{URL}/{}", made["id"].as_str().unwrap());
    mona.api(Method::PATCH, &url, json!({"subject": "T"})).await;
    let form = [
        ("version", "1"),
        ("name", "Summer"),
        ("subject", "S"),
        ("body", "<p>Hi</p>"),
    ];
    let saved = alice.post(&format!("{url}?_method=PATCH"), &form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let undo = saved.undo();
    assert!(undo.starts_with("/w/acme/email-templates/undo/"), "{undo}");
    let merged = alice.get_json(&url).await.json();
    assert_eq!(
        (&merged["name"], &merged["subject"]),
        (&json!("Summer"), &json!("T"))
    );
    alice.post(&undo, &[]).await;
    assert_eq!(alice.get_json(&url).await.json()["name"], "Spring");
}

#[actix_web::test]
async fn what_hangs_on_a_template_is_for_whoever_may_see_it() {
    let world = world();
    let mona = world.browser("manager@acme.test").await;
    let made = mona.api(Method::POST, URL, json!({"name": "Spring"})).await;
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let record = format!("/w/acme/records/email_template/{id}");
    for part in ["timeline", "notes"] {
        let seen = mona.get_json(&format!("{record}/{part}")).await;
        assert_eq!(seen.status, StatusCode::OK, "{part}: {}", seen.text);
    }
    let mallory = world.browser("owner@globex.test").await;
    let theirs = mallory.get_json(&format!("{record}/timeline")).await;
    assert_eq!(theirs.status, StatusCode::NOT_FOUND);
}
