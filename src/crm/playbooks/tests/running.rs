//! Going through a playbook.

use actix_web::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{begun, call, contact, made};
use crate::testing::world;

#[actix_web::test]
async fn answers_land_in_the_records_fields_as_one_change_that_can_be_undone() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let playbook = made(&alice, call()).await;
    let ann = contact(&alice, json!({"first_name": "Ann", "city": "Split"})).await;
    assert!(alice.get(&ann).await.says("First call"));
    let run = begun(&alice, &ann, &playbook).await;
    let page = alice.get(&run).await;
    assert!(page.says("<strong>who you are</strong>") && page.text.contains("value=\"Split\""));
    let form = [
        ("city", "Rijeka"),
        ("birthday", "1980-05-31"),
        ("answers.s1", "A larger boat"),
        ("finish", "1"),
    ];
    let saved = alice.post(&format!("{run}?_method=PATCH"), &form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let now = alice.get_json(&ann).await.json();
    assert_eq!(
        (&now["city"], &now["birthday"]),
        (&json!("Rijeka"), &json!("1980-05-31"))
    );
    let page = alice.get(&ann).await;
    assert!(page.says("went through First call: 3 of 3 answered"));
    let read = alice.get(&run).await;
    assert!(
        read.says("A larger boat")
            && read.says("31 May 1980")
            && read.says("Finished by Alice Archer")
    );
    let undone = alice.post(&saved.undo(), &[]).await;
    assert_eq!(undone.status, StatusCode::SEE_OTHER);
    let now = alice.get_json(&ann).await.json();
    assert_eq!(
        (&now["city"], &now["birthday"]),
        (&json!("Split"), &Value::Null)
    );
    // What was answered then stays answered.
    assert!(alice.get(&run).await.says("Rijeka"));
    let late = alice
        .api(Method::PATCH, &run, json!({"city": "Zadar"}))
        .await;
    assert_eq!(late.status, StatusCode::CONFLICT);
}

#[actix_web::test]
async fn one_that_is_not_finished_is_taken_up_again_by_whoever_goes_on() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let adam = world.browser("advisor@acme.test").await;
    let playbook = made(&alice, call()).await;
    let ann = contact(&alice, json!({"first_name": "Ann"})).await;
    let run = begun(&alice, &ann, &playbook).await;
    let form = json!({"answers": {"s1": "A berth"}, "city": "Pula"});
    let saved = alice.api(Method::PATCH, &run, form).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text);
    assert_eq!(
        (&saved.json()["answered"], &saved.json()["asked"]),
        (&json!(2), &json!(3))
    );
    // The playbook changes meanwhile; what was begun goes on as it was.
    let url = format!("{}/{}", super::URL, playbook["id"].as_str().unwrap());
    let form = json!({"steps": [{"question": "Something else?"}]});
    alice.api(Method::PATCH, &url, form).await;
    assert_eq!(
        begun(&adam, &ann, &playbook).await,
        run,
        "the same, not another"
    );
    let page = adam.get(&run).await;
    assert!(
        page.says("A berth")
            && page.text.contains("value=\"Pula\"")
            && !page.says("Something else?")
    );
    let refused = adam.api(Method::PATCH, &run, json!({"finish": true})).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.json()["errors"][0]["field"], "birthday");
    let form = json!({"birthday": "1990-01-02", "finish": true});
    let done = adam.api(Method::PATCH, &run, form).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    let next = begun(&adam, &ann, &playbook).await;
    assert_ne!(next, run);
    assert!(adam.get(&next).await.says("Something else?"));
}

#[actix_web::test]
async fn a_bad_answer_comes_back_with_everything_that_was_typed() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let playbook = made(&alice, call()).await;
    let ann = contact(&alice, json!({"first_name": "Ann"})).await;
    let run = begun(&alice, &ann, &playbook).await;
    let form = [
        ("birthday", "soon"),
        ("city", "Zadar"),
        ("answers.s1", "Peace"),
    ];
    let page = alice.post(&format!("{run}?_method=PATCH"), &form).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.says("Please enter a date such as 2026-05-31."));
    for typed in ["soon", "Zadar", "Peace"] {
        assert!(page.text.contains(typed), "{typed}");
    }
    assert_eq!(alice.get_json(&ann).await.json()["city"], "");
    let form = [("city", "Zadar"), ("answers.s1", ""), ("finish", "1")];
    let page = alice.post(&format!("{run}?_method=PATCH"), &form).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.says("Please answer “What do they want?”.") && page.text.contains("Zadar"));
    assert_eq!(
        alice.get_json(&ann).await.json()["city"],
        "",
        "nothing was written"
    );
    let long = json!({"answers": {"s1": "x".repeat(4001)}});
    let refused = alice.api(Method::PATCH, &run, long).await;
    assert_eq!(refused.json()["errors"][0]["field"], "answers.s1");
}

#[actix_web::test]
async fn what_somebody_else_changed_meanwhile_is_asked_about_and_no_answer_is_lost() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let adam = world.browser("advisor@acme.test").await;
    let playbook = made(&alice, call()).await;
    let ann = contact(&alice, json!({"first_name": "Ann", "city": "Split"})).await;
    let run = begun(&alice, &ann, &playbook).await;
    adam.api(Method::PATCH, &ann, json!({"city": "Pula"})).await;
    let form = [("version", "1"), ("city", "Rijeka"), ("answers.s1", "Rest")];
    let asked = alice.post(&format!("{run}?_method=PATCH"), &form).await;
    assert_eq!(asked.status, StatusCode::CONFLICT);
    assert!(asked.says("Pula") && asked.says("Rijeka") && asked.says("Adam Okoye"));
    assert!(alice.get(&run).await.says("Rest"));
    assert_eq!(alice.get_json(&ann).await.json()["city"], "Pula");
    let program = alice
        .api(Method::PATCH, &run, json!({"version": 1, "city": "Zadar"}))
        .await;
    assert_eq!(program.status, StatusCode::CONFLICT);
    // Another field is nobody's quarrel.
    let form = [("version", "1"), ("birthday", "1980-05-31")];
    let saved = alice.post(&format!("{run}?_method=PATCH"), &form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
}

#[actix_web::test]
async fn only_who_may_change_the_record_answers_and_who_sees_it_reads() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let playbook = made(&alice, call()).await;
    let id = playbook["id"].as_str().unwrap();
    let ann = contact(&alice, json!({"first_name": "Ann"})).await;
    let bob = contact(
        &alice,
        json!({"first_name": "Bo", "owner_id": world.person("agent@acme.test")}),
    )
    .await;
    let run = begun(&alice, &ann, &playbook).await;
    alice
        .api(Method::PATCH, &run, json!({"answers": {"s1": "Quiet"}}))
        .await;
    let agent = world.browser("agent@acme.test").await;
    let viewer = world.browser("viewer@acme.test").await;
    // An agent changes only their own records.
    let begin = format!("{ann}/playbooks/{id}");
    assert_eq!(
        agent.api(Method::POST, &begin, json!({})).await.status,
        StatusCode::NOT_FOUND
    );
    let answer = agent
        .api(Method::PATCH, &run, json!({"city": "Pula"}))
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    begun(&agent, &bob, &playbook).await;
    for browser in [&agent, &viewer] {
        let page = browser.get(&run).await;
        assert!(page.says("Quiet") && !page.text.contains("name=\"finish\""));
    }
    let answer = viewer
        .api(Method::PATCH, &run, json!({"city": "Pula"}))
        .await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    // A run is found with its own record alone.
    let moved = run.replace(&ann, &bob);
    assert_eq!(alice.get(&moved).await.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn a_custom_field_is_asked_for_by_its_type() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let field = json!({"record_kind": "contact", "key": "boat_size", "label": "Length of the boat", "type": "number"});
    let field = alice
        .api(Method::POST, "/w/acme/settings/custom-fields", field)
        .await;
    assert!(field.status.is_success(), "{}", field.text);
    let form = json!({"name": "Boat", "record_kind": "contact", "steps": [{"field": "custom.boat_size", "required": true}]});
    let playbook = made(&alice, form).await;
    let ann = contact(&alice, json!({"first_name": "Ann"})).await;
    let run = begun(&alice, &ann, &playbook).await;
    let page = alice
        .post(
            &format!("{run}?_method=PATCH"),
            &[("custom.boat_size", "long")],
        )
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("long") && page.says("Please look at these once more"));
    let form = [("custom.boat_size", "12.5"), ("finish", "1")];
    let saved = alice.post(&format!("{run}?_method=PATCH"), &form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let now = alice.get_json(&ann).await.json();
    assert_eq!(now["custom"]["boat_size"], json!(12.5));
    assert!(alice.get(&run).await.says("12.5"));
}
