//! Views of deals keep the layout that they were saved from.

use actix_web::http::{Method, StatusCode};
use serde_json::json;

use super::add;
use crate::testing::world;

#[actix_web::test]
async fn a_view_of_the_board_keeps_its_pipeline() {
    let alice = world().browser("owner@acme.test").await;
    let pipeline = json!({"name": "Charter", "currency": "EUR"});
    let made = alice
        .api(Method::POST, "/api/v1/w/acme/settings/pipelines", pipeline)
        .await;
    let charter = made.json()["id"].as_str().unwrap().to_owned();
    let board = "/w/acme/deals/board";
    let page = alice.get(&format!("{board}?pipeline={charter}")).await;
    let field = format!("name=\"beside.pipeline\" value=\"{charter}\"");
    assert!(page.says(&field), "{}", page.text);
    let form = [
        ("record_kind", "deal"),
        ("name", "Charters"),
        ("layout", "board"),
        ("beside.pipeline", &charter),
        ("beside.colour", "red"),
    ];
    let saved = alice.post("/w/acme/views", &form).await;
    let at = saved.header("location").to_owned();
    let shown = alice.get(&at).await;
    assert!(shown.says("Charter board") && !shown.says("Save changes"));
    let view = at.split('=').nth(1).unwrap();
    let kept = alice
        .get_json(&format!("/w/acme/views/{view}"))
        .await
        .json();
    assert_eq!(kept["beside"], json!({"pipeline": charter}));
    // Another pipeline is another arrangement, which the view may keep instead.
    let first = alice.get_json(board).await.json();
    let first = first["pipeline"]["id"].as_str().unwrap().to_owned();
    let other = alice.get(&format!("{at}&pipeline={first}")).await;
    assert!(!other.says("Charter board") && other.says("Save changes"));
    let url = format!("/w/acme/views/{view}");
    let same = json!({"beside": {"pipeline": first}, "layout": "board"});
    let changed = alice.api(Method::PATCH, &url, same).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    assert!(!alice.get(&at).await.says("Charter board"));
    // A list has no pipeline to keep.
    let listed = alice
        .api(Method::PATCH, &url, json!({"layout": "table"}))
        .await;
    assert_eq!(listed.json()["beside"], json!({}));
    let lost = json!({"layout": "board", "beside": {"pipeline": uuid::Uuid::nil()}});
    alice.api(Method::PATCH, &url, lost).await;
    assert_eq!(alice.get(&at).await.status, StatusCode::OK);
}

#[actix_web::test]
async fn a_view_opens_in_the_layout_that_it_was_saved_from() {
    let alice = world().browser("owner@acme.test").await;
    add(&alice, json!({"name": "Regatta"})).await;
    add(&alice, json!({"name": "Winter"})).await;
    for layout in ["board", "calendar", "forecast"] {
        let page = alice
            .get(&format!("/w/acme/deals/{layout}?search=reg"))
            .await;
        let field = format!("name=\"layout\" value=\"{layout}\"");
        assert!(page.says(&field), "{layout}: {}", page.text);
        let form = [
            ("record_kind", "deal"),
            ("name", layout),
            ("search", "reg"),
            ("layout", layout),
            ("pinned", "true"),
            ("is_default", "true"),
        ];
        let saved = alice.post("/w/acme/views", &form).await;
        let at = saved.header("location").to_owned();
        assert!(
            at.starts_with(&format!("/w/acme/deals/{layout}?view=")),
            "{at}"
        );
        assert_eq!(alice.get("/w/acme/deals").await.header("location"), at);
        let shown = alice.get(&at).await;
        assert_eq!(shown.status, StatusCode::OK);
        assert!(!shown.says("Save changes"), "it is as it was saved");
        assert!(
            shown.text.matches(&*at).count() > 1,
            "among the tabs and pinned"
        );
        if layout != "forecast" {
            assert!(!shown.says("Winter"), "{layout}");
        }
        // The same view as a list is another arrangement of it.
        let list = at.replace(&format!("/{layout}"), "");
        let list = alice.get(&list).await;
        assert!(list.says("Regatta") && list.says("Save changes"));
    }
    // What a kind has no page for is no layout.
    for (kind, layout) in [("deal", "map"), ("company", "board"), ("task", "board")] {
        let body = json!({"record_kind": kind, "name": "X", "layout": layout});
        let refused = alice.api(Method::POST, "/w/acme/views", body).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{kind}");
        assert_eq!(refused.json()["errors"][0]["field"], "layout");
    }
    let body =
        json!({"record_kind": "task", "name": "Month", "layout": "calendar", "shared": true});
    let made = alice.api(Method::POST, "/w/acme/views", body).await.json();
    assert_eq!(made["layout"], "calendar");
    let at = format!(
        "/w/acme/tasks/calendar?view={}",
        made["id"].as_str().unwrap()
    );
    assert!(alice.get("/w/acme/tasks").await.says(&at));
}
