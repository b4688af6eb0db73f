//! Who sees which jobs, and what they can do with them.

use actix_web::http::{Method, StatusCode};
use actix_web::test::TestRequest;
use chrono::{TimeDelta, Utc};
use diesel::prelude::*;
use platform::schema::{job_outcomes, job_schedules, jobs, queue_pauses};
use platform::testing::World;
use serde_json::json;
use uuid::Uuid;

use crate::testing::world;

const PAGE: &str = "/w/acme/operations/jobs";

/// A job that was given up.
fn dead(world: &World, slug: &str, error: &str) -> Uuid {
    let id = Uuid::now_v7();
    world.within(slug, |tx| {
        diesel::insert_into(jobs::table)
            .values((
                jobs::id.eq(id),
                jobs::workspace_id.eq(tx.workspace),
                jobs::queue.eq("email"),
                jobs::name.eq("marketing.send_campaign"),
                jobs::payload.eq(json!({"campaign": slug})),
                jobs::status.eq("dead"),
                jobs::attempts.eq(5),
                jobs::max_attempts.eq(5),
                jobs::last_error.eq(error),
                jobs::died_at.eq(tx.now),
            ))
            .execute(&mut **tx)?;
        Ok(())
    });
    id
}

fn state(world: &World, id: Uuid) -> (String, i32) {
    world.within("acme", |tx| {
        Ok(jobs::table
            .find(id)
            .select((jobs::status, jobs::attempts))
            .get_result(&mut **tx)?)
    })
}

fn schedule(world: &World) {
    world.within("acme", |tx| {
        diesel::insert_into(job_schedules::table)
            .values((
                job_schedules::name.eq("test.page"),
                job_schedules::label.eq("Water the plants"),
                job_schedules::cadence.eq("every 1 h"),
                job_schedules::next_run.eq(tx.now + TimeDelta::hours(1)),
                job_schedules::last_result.eq("globex: out of water"),
                job_schedules::last_failed.eq(true),
            ))
            .execute(&mut **tx)?;
        Ok(())
    });
}

#[actix_web::test]
async fn shows_queues_dead_letters_and_schedules() {
    let world = world();
    dead(&world, "acme", "550 no such <mailbox>");
    schedule(&world);
    world.within("acme", |tx| {
        let counted = (
            job_outcomes::queue.eq("email"),
            job_outcomes::hour.eq(tx.now - TimeDelta::hours(2)),
            job_outcomes::workspace_id.eq(tx.workspace),
            job_outcomes::done.eq(1_234),
        );
        diesel::insert_into(job_outcomes::table)
            .values(counted)
            .execute(&mut **tx)?;
        Ok(())
    });
    let alice = world.browser("owner@acme.test").await;
    let page = alice.get(PAGE).await;
    assert_eq!(page.status, StatusCode::OK);
    for words in [
        "Notifications",
        "1,234",
        "550 no such &#60;mailbox&#62;",
        "marketing.send_campaign",
        "Water the plants",
        "Try all again",
    ] {
        assert!(page.says(words), "{words}");
    }
    assert!(!page.says("out of water"), "an error may be about others");
    let page = alice.get_json(PAGE).await.json();
    let names: Vec<_> = page["queues"]
        .as_array()
        .unwrap()
        .iter()
        .map(|q| q["name"].as_str().unwrap())
        .collect();
    assert_eq!((names.len(), names[0]), (10, "email"));
    assert_eq!(
        (&page["queues"][0]["dead"], &page["queues"][0]["done"]),
        (&json!(1), &json!(1_234))
    );
    assert_eq!(page["dead"]["total"], json!({"count": 1, "exact": true}));
    assert_eq!(
        page["dead"]["items"][0]["payload"],
        json!({"campaign": "acme"})
    );
}

#[actix_web::test]
async fn the_overview_is_refreshed_on_its_own() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let request = TestRequest::get()
        .uri(PAGE)
        .insert_header(("HX-Request", "true"))
        .insert_header(("HX-Target", "overview"));
    let part = alice.send(request).await;
    assert!(part.text.trim_start().starts_with("<div id=\"overview\""));
    assert!(part.says("Nothing was given up."));
}

#[actix_web::test]
async fn dead_letters_are_paged() {
    let world = world();
    for n in 0..3 {
        dead(&world, "acme", &format!("error {n}"));
    }
    let alice = world.browser("owner@acme.test").await;
    let first = alice.get_json(&format!("{PAGE}?limit=2")).await.json();
    let cursor = first["dead"]["next_cursor"].as_str().unwrap();
    let second = alice
        .get_json(&format!("{PAGE}?limit=2&cursor={cursor}"))
        .await
        .json();
    let errors: Vec<_> = [&first, &second]
        .iter()
        .flat_map(|page| page["dead"]["items"].as_array().unwrap())
        .map(|letter| letter["last_error"].as_str().unwrap())
        .collect();
    assert_eq!(errors, ["error 2", "error 1", "error 0"]);
}

#[actix_web::test]
async fn a_dead_letter_is_shown_whole() {
    let world = world();
    let id = dead(&world, "acme", "line one\nline <two>");
    let alice = world.browser("owner@acme.test").await;
    let page = alice.get(&format!("{PAGE}/dead/{id}")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.says("line one line &#60;two&#62;") && page.says("&#34;campaign&#34;: &#34;acme&#34;")
    );
    let mallory = world.browser("owner@globex.test").await;
    let stranger = mallory
        .get(&format!("/w/globex/operations/jobs/dead/{id}"))
        .await;
    assert_eq!(stranger.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn a_dead_job_is_tried_again() {
    let world = world();
    let (one, other) = (dead(&world, "acme", "x"), dead(&world, "acme", "y"));
    let theirs = dead(&world, "globex", "z");
    let alice = world.browser("owner@acme.test").await;
    let answer = alice.post(&format!("{PAGE}/dead/{one}/retry"), &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(
        (state(&world, one), state(&world, other)),
        (("new".into(), 0), ("dead".into(), 5))
    );
    let again = alice.post(&format!("{PAGE}/dead/{one}/retry"), &[]).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
    alice.post(&format!("{PAGE}/dead/retry"), &[]).await;
    assert_eq!(state(&world, other).0, "new");
    assert_eq!(state(&world, theirs).0, "dead");
    world.leave_jobs();
}

#[actix_web::test]
async fn a_dead_job_is_discarded_and_brought_back() {
    let world = world();
    let (one, other) = (dead(&world, "acme", "x"), dead(&world, "acme", "y"));
    let alice = world.browser("owner@acme.test").await;
    let url = format!("/api/v1{PAGE}/dead/{one}");
    let gone = alice.api(Method::DELETE, &url, json!({})).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(state(&world, one).0, "discarded");
    let all = alice
        .post(&format!("{PAGE}/dead?_method=DELETE"), &[])
        .await;
    assert_eq!(all.status, StatusCode::SEE_OTHER);
    assert_eq!(state(&world, other).0, "discarded");
    let at: Option<chrono::DateTime<Utc>> = world.within("acme", |tx| {
        Ok(jobs::table
            .find(other)
            .select(jobs::discarded_at)
            .get_result(&mut **tx)?)
    });
    let undo = format!(
        "{PAGE}/discarded/{}/restoration",
        at.unwrap().timestamp_micros()
    );
    let mallory = world.browser("owner@globex.test").await;
    let stranger = mallory.post(&undo.replace("acme", "globex"), &[]).await;
    assert_eq!(stranger.status, StatusCode::NOT_FOUND);
    assert_eq!(alice.post(&undo, &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        (
            state(&world, one).0.as_str(),
            state(&world, other).0.as_str()
        ),
        ("discarded", "dead")
    );
}

#[actix_web::test]
async fn a_queue_is_paused_for_its_workspace_and_goes_on() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let url = format!("{PAGE}/queues/email/pause");
    let paused = |world: &World| -> Vec<Uuid> {
        world.within("acme", |tx| {
            let these = queue_pauses::table.filter(queue_pauses::queue.eq("email"));
            Ok(these.select(queue_pauses::workspace_id).load(&mut **tx)?)
        })
    };
    alice.post(&url, &[]).await;
    alice.post(&url, &[]).await;
    let acme = world.within("acme", |tx| Ok(tx.workspace));
    assert_eq!(paused(&world), [acme]);
    assert!(alice.get(PAGE).await.says("Paused"));
    alice.post(&format!("{url}?_method=DELETE"), &[]).await;
    assert!(paused(&world).is_empty());
    let everybody = alice.post(&format!("{url}?everywhere=true"), &[]).await;
    assert_eq!(everybody.status, StatusCode::FORBIDDEN);
    let unknown = alice
        .post(&format!("{PAGE}/queues/coffee/pause"), &[])
        .await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn a_schedule_is_run_now() {
    let world = world();
    schedule(&world);
    let alice = world.browser("owner@acme.test").await;
    let answer = alice
        .post(&format!("{PAGE}/schedules/test.page/run"), &[])
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let due: i64 = world.within("acme", |tx| {
        let due = job_schedules::next_run.le(tx.now);
        let this = job_schedules::table.filter(job_schedules::name.eq("test.page"));
        Ok(this.filter(due).count().get_result(&mut **tx)?)
    });
    assert_eq!(due, 1);
    let unknown = alice
        .post(&format!("{PAGE}/schedules/test.none/run"), &[])
        .await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn only_who_may_manage_sees_it() {
    let world = world();
    let id = dead(&world, "acme", "x");
    for email in ["manager@acme.test", "agent@acme.test", "viewer@acme.test"] {
        let browser = world.browser(email).await;
        assert_eq!(
            browser.get(PAGE).await.status,
            StatusCode::FORBIDDEN,
            "{email}"
        );
        let retry = browser.post(&format!("{PAGE}/dead/{id}/retry"), &[]).await;
        assert_eq!(retry.status, StatusCode::FORBIDDEN, "{email}");
    }
}

#[actix_web::test]
async fn another_workspace_sees_nothing() {
    let world = world();
    let id = dead(
        &world,
        "acme",
        "the mailbox of Acme's best customer is full",
    );
    let mallory = world.browser("owner@globex.test").await;
    assert_eq!(mallory.get(PAGE).await.status, StatusCode::NOT_FOUND);
    let own = PAGE.replace("acme", "globex");
    let page = mallory.get_json(&own).await.json();
    assert_eq!(page["dead"]["items"], json!([]));
    assert_eq!(page["queues"][0]["dead"], 0);
    for (method, path) in [(Method::POST, "/retry"), (Method::DELETE, "")] {
        let url = format!("{own}/dead/{id}{path}");
        assert_eq!(
            mallory.api(method, &url, json!({})).await.status,
            StatusCode::NOT_FOUND
        );
    }
    mallory.post(&format!("{own}/dead/retry"), &[]).await;
    mallory
        .post(&format!("{own}/dead?_method=DELETE"), &[])
        .await;
    assert_eq!(state(&world, id).0, "dead");
}
